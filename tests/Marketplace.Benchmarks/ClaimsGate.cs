using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Marketplace.Api.Claims;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Microsoft.Data.Sqlite;

namespace Marketplace.Benchmarks;

/// <summary>
/// Approving claims against one fund, against a bare minimal API that commits a demand a request on the same disk. Then more claims than the
/// fund has money for: exactly as many are approved as it covers, and its books must be right.
/// </summary>
static class ClaimsGate
{
    const int Round = 5_000, Rounds = 5, Covered = 2_000;

    /// <summary>After so many an approval no longer becomes cheaper: the just-in-time compiler has seen all that it will.</summary>
    const int WarmUp = 40_000;

    /// <summary>What each claim comes to, in yuan.</summary>
    const int Sum = 30_000;

    public static async Task<Measured?> HotFund(int clients, double need)
    {
        using var folder = new Folder();
        var (ourFile, bareFile) = (folder.File("ours.db"), folder.File("bare.db"));
        string approver, fund, member;
        await using (var seeding = await Server.Market("sqlite", $"Data Source={ourFile}"))
        {
            using var market = await Market.Of(seeding);
            member = market.Key;
            (approver, fund) = await OneReviewedClaim(seeding);
        }

        Copy(ourFile, bareFile);
        var claims = new Queue<string>(Multiply(ourFile, WarmUp + (Rounds * Round) + Round));
        await using var ours = await Server.Market("sqlite", $"Data Source={ourFile}");
        await using var bare = await Server.Bare("bare-writes", $"Data Source={bareFile}");
        byte[][] demand = [Load.Post("/api/v1/demands", member, WriteDurableGate.Demand)];
        Approve(WarmUp, WarmUp);
        Load.Warm(() => Load.Run("baseline", bare, clients, demand, status: 201));
        var measured = await Gates.InTurns(Rounds, need, () => Task.FromResult(Approve(Round, Round)),
            () => Task.FromResult(Load.Run("baseline", bare, clients, demand, status: 201).PerSecond));
        Approve(Round, Covered);
        await Verify(ours, approver, fund);
        return measured;

        double Approve(int sent, int covered)
        {
            var used = ours.Used;
            var requests = Enumerable.Range(0, sent).Select(_ => claims.Dequeue())
                .Select(claim => Load.Post($"/api/v1/claims/{claim}/approve", approver, "{}", idempotencyKey: claim)).ToList();
            var (statuses, perSecond) = Load.Each(ours, clients, requests);
            Gates.Say(string.Create(CultureInfo.InvariantCulture,
                $"  ours: {perSecond:0} a second, {(ours.Used - used).TotalMicroseconds / sent:0} µs of processor each; {string.Join(", ", statuses.Select(s => $"{s.Value} × {s.Key}"))}"));
            return statuses.GetValueOrDefault(200) == covered && statuses.GetValueOrDefault(409) == sent - covered
                ? perSecond : throw new InvalidOperationException($"{covered} of {sent} should have been approved.");
        }
    }

    /// <summary>A claim on its whole way to the approver, and a fund that will fall short of the last round.</summary>
    /// <returns>The approver's key, and the fund.</returns>
    static async Task<(string Approver, string Fund)> OneReviewedClaim(Server server)
    {
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{server.Port}/api/v1/") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Market.AdminKey);
        var (office, buyer, seller) = (await Party("government", '1'), await Party("enterprise", '2'), await Party("university", '3'));
        var (buying, selling) = (await Key(buyer, "member", "buyer"), await Key(seller, "member", "seller"));
        var (registrar, reviewer, manager, approver) = (await Key(office, "registrar"), await Key(office, "reviewer"), await Key(office, "fundManager"), await Key(office, "approver"));
        var planner = await Key(office, "fundManager", "planner");
        var today = TimeProvider.System.Today().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var contract = $"contracts/{await Make("contracts", buying, new()
        {
            ["kind"] = "development", ["title"] = "光伏组件在线检测技术开发", ["buyer"] = buyer, ["seller"] = seller, ["amount"] = 1_000_000, ["signedOn"] = today,
        })}";
        await Market.Post(http, $"{contract}/sign", null, buying);
        await Market.Post(http, $"{contract}/sign", null, selling);
        await Market.Post(http, $"{contract}/submit", null, selling);
        await Market.Post(http, $"{contract}/recognise", new JsonObject { ["number"] = "2026-6301-000001", ["recognisedOn"] = today }, registrar);
        var claim = await Make("claims", buying, new() { ["contract"] = contract["contracts/".Length..], ["award"] = "buyer" });
        await Market.Post(http, $"claims/{claim}/recommend", null, reviewer);
        var fund = await Make("funds", planner, new()
        {
            ["name"] = "产学研合作和成果转化专项资金", ["region"] = "630100", ["year"] = TimeProvider.System.Today().Year, ["policies"] = new JsonArray("xining-2020"),
            ["appropriation"] = (long)(WarmUp + (Rounds * Round) + Covered) * Sum,
        });
        await Market.Post(http, $"funds/{fund}/open", null, manager);
        return (approver, fund);

        Task<string> Party(string kind, char number) => Make("parties", Market.AdminKey, new()
        {
            ["kind"] = kind, ["name"] = $"{kind} {number}", ["region"] = "630102",
            ["creditCode"] = $"12630102000000000{number}", ["creditCodeReason"] = "Made up for measuring.",
        });

        async Task<string> Key(string party, string role, string? person = null) => (string)(await Market.Post(
            http, $"parties/{party}/keys", new JsonObject { ["roles"] = new JsonArray(role), ["person"] = person ?? role }))["key"]!;

        async Task<string> Make(string path, string key, JsonObject body) => (string)(await Market.Post(http, path, body, key))["id"]!;
    }

    static void Copy(string from, string to)
    {
        using var connection = new SqliteConnection($"Data Source={from}");
        connection.Execute("VACUUM INTO @to", new { to });
    }

    /// <summary>The one claim and its contract many times over, row by row as they are.</summary>
    /// <returns>The ids of the claims.</returns>
    static List<string> Multiply(string file, int count)
    {
        DapperTypes.Register();
        using var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        var claims = new List<string>();
        var (copyContract, copyClaim) = (Copying("contracts", "id", "registration_number"), Copying("claims", "id", "contract_id"));
        var (contract, claim) = (connection.QuerySingle<string>("SELECT id FROM contracts"), connection.QuerySingle<string>("SELECT id FROM claims"));
        var events = connection.Query<EventRow>(
            """
            SELECT id AS Id, event_type AS Type, subject AS Subject, actor AS Actor, occurred_at AS At, event_data AS Data, readers AS Readers
            FROM events WHERE subject = @claim ORDER BY sequence
            """,
            new { claim }).ToList();
        var recognised = connection.Query<EventRow>(
            """
            SELECT id AS Id, event_type AS Type, subject AS Subject, actor AS Actor, occurred_at AS At, event_data AS Data, readers AS Readers
            FROM events WHERE subject = @contract ORDER BY sequence
            """,
            new { contract }).Last();
        var row = connection.QuerySingle<ClaimRow>(ClaimSql.One, new { id = claim });
        var limits = connection.Query<ClaimLimit>(
            """
            SELECT limit_key AS LimitKey, scope AS Scope, ceiling_fen AS Ceiling, on_day AS OnDay, from_day AS FromDay, until_day AS UntilDay
            FROM claim_limits WHERE claim_id = @claim
            """,
            new { claim }).ToList();
        var (sequence, hash) = connection.QuerySingle<(long, string)>("SELECT last_sequence, last_hash FROM event_head");
        for (var i = 0; i < count; i++)
        {
            var (newContract, newClaim) = (Ids.New("con", TimeProvider.System), Ids.New("clm", TimeProvider.System));
            // Keys of limits are compared as a whole: any text that no other copy has is as good as the digest that it stands for.
            var ownLimits = limits.ConvertAll(limit => limit with { LimitKey = limit.LimitKey[..34] + newContract });
            connection.Execute(copyContract, new { row = contract, a = newContract, b = $"2026-6301-1{i:d6}" }, transaction);
            connection.Execute(copyClaim, new { row = claim, a = newClaim, b = newContract }, transaction);
            connection.Execute("INSERT INTO claim_bases SELECT @newClaim, content FROM claim_bases WHERE claim_id = @claim", new { claim, newClaim }, transaction);
            foreach (var happened in events)
            {
                // As the step would have recorded it of this claim; the digest is looked at only in the last.
                Append(happened, newClaim, data => (data["contract"], data["limits"], data["digest"]) =
                    (newContract, ClaimLimits.HashOf(ownLimits), ClaimDigest.Of(row with { Id = newClaim, Contract = newContract })));
            }

            Append(recognised, newContract, data => data["number"] = $"2026-6301-1{i:d6}");

            connection.Execute(
                """
                INSERT INTO claim_limits (claim_id, limit_key, scope, ceiling_fen, on_day, from_day, until_day)
                VALUES (@newClaim, @LimitKey, @Scope, @Ceiling, @OnDay, @FromDay, @UntilDay)
                """,
                ownLimits.Select(limit => new { newClaim, limit.LimitKey, limit.Scope, limit.Ceiling, limit.OnDay, limit.FromDay, limit.UntilDay }), transaction);
            claims.Add(newClaim);
        }

        connection.Execute("UPDATE event_head SET last_sequence = @sequence, last_hash = @hash", new { sequence, hash }, transaction);
        transaction.Commit();
        return claims;

        void Append(EventRow happened, string subject, Action<JsonObject> change)
        {
            var data = JsonNode.Parse(happened.Data)!.AsObject();
            change(data);
            var copy = happened with { Id = Ids.New("evt", TimeProvider.System), Subject = subject, Data = data.ToJsonString(Json.Options), Sequence = ++sequence };
            hash = copy.HashAfter(hash, sequence);
            connection.Execute(
                """
                INSERT INTO events (id, sequence, event_type, subject, actor, occurred_at, event_data, readers, hash)
                VALUES (@Id, @Sequence, @Type, @Subject, @Actor, @At, @Data, @Readers, @Hash)
                """,
                copy with { Hash = hash }, transaction);
        }

        string Copying(string table, string a, string b)
        {
            // A contract's number and terms are its own on the register.
            var columns = connection.Query<string>("SELECT name FROM pragma_table_info(@table)", new { table }).Where(column => column is not ("number_key" or "likeness")).ToList();
            return $"INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select(c => c == a ? "@a" : c == b ? "@b" : c))} FROM {table} WHERE id = @row";
        }
    }

    static async Task Verify(Server server, string key, string fund)
    {
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{server.Port}/api/v1/") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var report = (await http.GetFromJsonAsync<JsonObject>($"funds/{fund}/invariants"))!["invariants"]!.AsArray();
        var seen = (await http.GetFromJsonAsync<JsonObject>($"funds/{fund}"))!;
        if (report.Count != 10 || report.Any(k => !(bool)k!["holds"]!) || ((decimal)seen["available"]!, (decimal)seen["reserved"]!) != (0, (decimal)seen["appropriation"]!))
        {
            throw new InvalidOperationException($"{report.ToJsonString()} {seen.ToJsonString()}");
        }

        Gates.Say($"  K1 to K10 hold; {seen["reserved"]} of {seen["appropriation"]} yuan reserved");
    }
}
