using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Marketplace.Api.Access;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Demo;

/// <summary>
/// Tells the market the story of the data files, each step by the party that would take it: parties, the fund, listings, introductions,
/// contracts, claims. Told a second time it changes nothing, so a load that was cut off goes on at the next start.
/// </summary>
sealed class DemoLoader(DemoClient api, Db db, TimeProvider clock)
{
    /// <summary>The office that moderates and recognises.</summary>
    const string Office = "p-agy-02";

    /// <summary>Who plans the funds that the fund manager opens, and of which party.</summary>
    const string Planner = "planner";
    static readonly DemoMarket.Holder FundPlanner = new(Planner, Roles.FundManager, "p-gov-01", "贺兰溪");

    // The ways to each end: who takes which step.
    static readonly Dictionary<string, string[]> ListingWays = new()
    {
        ["draft"] = [],
        ["submitted"] = ["owner submit"],
        ["returned"] = ["owner submit", "office return"],
        ["rejected"] = ["owner submit", "office reject"],
        ["published"] = [],
        ["paused"] = ["owner pause"],
        ["fulfilled"] = ["owner fulfil"],
        ["withdrawn"] = ["owner withdraw"],
        ["removed"] = ["office remove"],
    };

    static readonly string[] NeverPublished = ["draft", "submitted", "returned", "rejected"];

    static readonly Dictionary<string, string[]> IntroductionWays = new()
    {
        ["sent"] = [],
        ["accepted"] = ["asked accept"],
        ["mutual"] = ["asked accept", "alsoAsked accept"],
        ["declined"] = ["asked decline"],
        ["withdrawn"] = ["introducer withdraw"],
    };

    static readonly string[] Signed = ["buyer sign", "seller sign"];
    static readonly string[] Submitted = [.. Signed, "seller submit"];
    static readonly string[] Recognised = [.. Submitted, "office recognise"];

    static readonly Dictionary<string, string[]> ContractWays = new()
    {
        ["draft"] = [],
        ["signedByOne"] = ["seller sign"],
        ["signed"] = Signed,
        ["submitted"] = Submitted,
        ["supplement"] = [.. Submitted, "office request-supplement"],
        ["refused"] = [.. Submitted, "office refuse"],
        ["appealed"] = [.. Submitted, "office refuse", "seller appeal"],
        ["recognised"] = Recognised,
        ["recognisedElsewhere"] = [.. Signed, "office record-recognition"],
        ["amendmentOpened"] = [.. Recognised, "buyer amend"],
        ["completed"] = [.. Recognised, "buyer complete"],
        ["terminated"] = [.. Recognised, "buyer terminate"],
        ["deregistered"] = [.. Recognised, "office deregister"],
    };

    static readonly string[] Reviewed = [$"{Roles.Reviewer} recommend"];
    static readonly string[] Approved = [.. Reviewed, $"{Roles.Approver} approve"];
    static readonly string[] Ordered = [.. Approved, $"{Roles.Payer} order"];
    static readonly string[] Paid = [.. Ordered, $"{Roles.Payer} confirm-paid"];

    static readonly Dictionary<string, string[]> ClaimWays = new()
    {
        ["submitted"] = [],
        ["returned"] = [$"{Roles.Reviewer} return"],
        ["rejected"] = [$"{Roles.Reviewer} reject"],
        ["reviewed"] = Reviewed,
        ["approved"] = Approved,
        ["ordered"] = Ordered,
        ["paid"] = Paid,
        ["clawbackOpened"] = [.. Paid, $"{Roles.FundManager} open-clawback"],
    };

    /// <summary>Ids by the names that the files use.</summary>
    readonly Dictionary<string, string> _ids = [];

    /// <summary>The keys of the parties, by the names that the files use, and of the officials who handle money, by their roles.</summary>
    readonly Dictionary<string, string> _keys = [];

    sealed record Listing(DemoLine At, string Path, string Name, string Owner, string End, string? Reason, JsonObject Record);

    public async Task Load(string market)
    {
        var holders = new List<(string Party, string Person, string[] Roles)> { (market, "演示数据 Demo data", [Roles.Admin]) };
        try
        {
            var parties = Read("parties").ToList();
            var ids = await api.Import("parties", "", (await Issue(holders))[0], parties);
            foreach (var ((_, party), id) in parties.Zip(ids))
            {
                var name = Text(party, "externalId");
                _ids[name] = id;
                holders.Add((id, Text(party["contact"]!.AsObject(), "name"), name == Office ? [Roles.Moderator, Roles.Registrar] : [Roles.Member]));
            }

            foreach (var ((_, party), key) in parties.Zip(await Issue(holders[1..])))
            {
                _keys[Text(party, "externalId")] = key;
            }

            DemoMarket.Holder[] officials = [.. DemoMarket.Holders.Where(holder =>
                holder.Role is Roles.Reviewer or Roles.Approver or Roles.Payer or Roles.FundManager)];
            holders.AddRange(officials.Select(official => (_ids[official.Party], official.Person, new[] { official.Role })));
            foreach (var (official, key) in officials.Zip(await Issue(holders[^officials.Length..])))
            {
                _keys[official.Role] = key;
            }

            holders.Add((_ids[FundPlanner.Party], FundPlanner.Person, [FundPlanner.Role]));
            _keys[Planner] = (await Issue(holders[^1..]))[0];

            await LoadFunds();
            List<Listing> listings = [.. await LoadListings("demands"), .. await LoadListings("achievements")];
            await LoadDeals(listings.ToDictionary(listing => listing.Name, listing => listing.Owner));
            foreach (var listing in listings)
            {
                var actors = new Dictionary<string, string> { ["owner"] = listing.Owner, ["office"] = Office };
                await Walk(listing.At, listing.Path, ListingWays[listing.End], actors, last: Because(listing.Reason));
            }
        }
        finally
        {
            await db.Write(async session =>
            {
                foreach (var (party, person, _) in holders)
                {
                    await KeySql.RevokeOthers(session, party, person, "", clock.Now());
                }
            });
        }
    }

    Task<List<string>> Issue(IEnumerable<(string Party, string Person, string[] Roles)> holders) => db.Write(async session =>
    {
        var keys = new List<string>();
        foreach (var (party, person, roles) in holders)
        {
            keys.Add(await KeySql.Renew(session, clock, party, person, roles));
        }

        return keys;
    });

    async Task LoadFunds()
    {
        foreach (var (at, fund) in Read("funds"))
        {
            fund["year"] = clock.Today().Year;
            var id = await Create(at, Planner, "funds", fund);
            await Walk(at, $"funds/{id}", [$"{Roles.FundManager} open"], []);
        }
    }

    async Task<List<Listing>> LoadListings(string kind)
    {
        var today = clock.Today();
        var listings = Read(kind).Select(line =>
        {
            // A need stays open: its last day comes round again.
            if (Take(line.Record, "deadline") is { } deadline)
            {
                var day = Day(deadline);
                line.Record["deadline"] = Day(day.AddYears(Math.Max(0, today.Year - day.Year + 1)));
            }

            return new Listing(line.At, kind, Text(line.Record, "externalId"), (string)Take(line.Record, "owner")!,
                (string?)Take(line.Record, "end") ?? "published", (string?)Take(line.Record, "reason"), line.Record);
        }).ToList();
        foreach (var group in listings.GroupBy(listing => (listing.Owner, Publish: !NeverPublished.Contains(listing.End))))
        {
            var query = $"?owner={_ids[group.Key.Owner]}{(group.Key.Publish ? "&publish=true" : "")}";
            var ids = await api.Import(kind, query, _keys[Office], [.. group.Select(listing => (listing.At, listing.Record))]);
            foreach (var (listing, id) in group.Zip(ids))
            {
                _ids[listing.Name] = id;
            }
        }

        return [.. listings.Select(listing => listing with { Path = $"{kind}/{_ids[listing.Name]}" })];
    }

    async Task LoadDeals(Dictionary<string, string> owners)
    {
        var deals = Read("deals").ToList();
        var years = YearsSince(deals.Select(deal => deal.Record));
        foreach (var (at, deal) in deals)
        {
            var introduction = deal["introduction"]!.AsObject();
            var introducer = (string)Take(introduction, "by")!;
            var end = (string)Take(introduction, "end")!;
            var reason = (string?)Take(introduction, "reason");
            var sides = new[] { owners[Text(introduction, "demand")], owners[Text(introduction, "achievement")] };
            var asked = sides.Where(side => side != introducer).ToList();
            Name(introduction, "demand", "achievement");
            var id = await Create(at, introducer, "introductions", introduction);
            var way = IntroductionWays[end][..Math.Min(asked.Count, IntroductionWays[end].Length)];
            var actors = new Dictionary<string, string> { ["introducer"] = introducer, ["asked"] = asked[0], ["alsoAsked"] = asked[^1] };
            await Walk(at, $"introductions/{id}", way, actors, last: Because(reason));
            if (deal["contract"] is JsonObject contract)
            {
                contract["introduction"] = id;
                contract["demand"] = (string)introduction["demand"]!;
                contract["achievement"] = (string)introduction["achievement"]!;
                await LoadContract(at, introducer, deal, contract, years);
            }
        }
    }

    async Task LoadContract(DemoLine at, string drafter, JsonObject deal, JsonObject contract, int years)
    {
        var actors = new Dictionary<string, string>
        {
            ["buyer"] = Text(contract, "buyer"), ["seller"] = Text(contract, "seller"), ["office"] = Office,
        };
        Name(contract, "buyer", "seller");
        foreach (var broker in contract["brokers"]!.AsArray())
        {
            Name(broker!.AsObject(), "party");
        }

        Move(contract, years, "signedOn", "startsOn", "endsOn");
        var recognition = deal["recognition"] as JsonObject;
        if (recognition is not null)
        {
            Move(recognition, years, "recognisedOn");
            var number = Text(recognition, "number");
            recognition["number"] = string.Create(CultureInfo.InvariantCulture, $"{Day(recognition["recognisedOn"]!).Year}{number[4..]}");
        }

        var id = await Create(at, drafter, "contracts", contract);
        var reason = Because((string?)deal["reason"]);
        await Walk(at, $"contracts/{id}", ContractWays[Text(deal, "end")], actors, reason, step: null,
            ("recognise", recognition), ("record-recognition", recognition), ("refuse", reason));
        if (deal["claims"] is JsonArray claims)
        {
            foreach (var claim in claims)
            {
                await LoadClaim(at, id, claim!.AsObject());
            }
        }
    }

    async Task LoadClaim(DemoLine at, string contract, JsonObject claim)
    {
        var (award, payee) = (Text(claim, "award"), Text(claim, "by"));
        var step = $"claims-{award}-{payee}";
        var id = await Create(at, payee, "claims", new() { ["contract"] = contract, ["award"] = award }, step);
        var paid = claim["reference"] is { } reference ? new JsonObject { ["reference"] = (string)reference! } : null;
        await Walk(at, $"claims/{id}", ClaimWays[Text(claim, "end")], [], Because((string?)claim["reason"]), step,
            ("recommend", claim["decision"] as JsonObject), ("confirm-paid", paid));
    }

    /// <param name="step">Tells it from others of the line; the path does where there is one.</param>
    async Task<string> Create(DemoLine at, string by, string path, JsonObject body, string? step = null) =>
        (await api.Post(at, step ?? path, _keys[by], path, body)).GetProperty("id").GetString()!;

    /// <summary>Takes the steps; some have words of their own, and the last one its reason.</summary>
    /// <param name="actors">Who the way's words stand for; one that is not among them stands for itself.</param>
    /// <param name="step">As for <see cref="Create"/>.</param>
    async Task Walk(
        DemoLine at, string path, string[] way, Dictionary<string, string> actors, JsonObject? last = null, string? step = null,
        params (string Action, JsonObject? Body)[] words)
    {
        for (var i = 0; i < way.Length; i++)
        {
            var (who, action) = (way[i].Split(' ')[0], way[i].Split(' ')[1]);
            var body = Array.Find(words, own => own.Action == action).Body ?? (i == way.Length - 1 ? last : null);
            await api.Post(at, $"{step ?? path.Split('/')[0]}-{i}", _keys[actors.GetValueOrDefault(who, who)], $"{path}/{action}", body);
        }
    }

    /// <summary>By how many years the deals are moved, so that the newest of them lies in the last twelve months.</summary>
    int YearsSince(IEnumerable<JsonObject> deals)
    {
        var newest = deals.SelectMany(deal => new[] { deal["contract"]?["signedOn"], deal["recognition"]?["recognisedOn"] })
            .OfType<JsonNode>().Max(Day);
        var today = clock.Today();
        var years = today.Year - newest.Year;
        return newest.AddYears(years) <= today ? years : years - 1;
    }

    static void Move(JsonObject record, int years, params string[] members)
    {
        foreach (var member in members)
        {
            record[member] = Day(Day(record[member]!).AddYears(years));
        }
    }

    void Name(JsonObject record, params string[] members)
    {
        foreach (var member in members)
        {
            record[member] = _ids[Text(record, member)];
        }
    }

    static JsonObject? Because(string? reason) => reason is null ? null : new() { ["reason"] = reason };

    static DateOnly Day(JsonNode date) => DateOnly.ParseExact((string)date!, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Text(JsonObject record, string member) => (string)record[member]!;

    static JsonNode? Take(JsonObject record, string member)
    {
        var value = record[member];
        record.Remove(member);
        return value;
    }

    static IEnumerable<(DemoLine At, JsonObject Record)> Read(string file)
    {
        using var lines = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"demo/{file}.ndjson")!);
        for (var number = 1; lines.ReadLine() is { } line; number++)
        {
            yield return (new(file, number), JsonNode.Parse(line)!.AsObject());
        }
    }
}
