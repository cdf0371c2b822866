using Marketplace.Api.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Claims;

/// <summary>K10: what is paid and promised under a limit stays within what was stored of it, whatever was altered past the API.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ClaimLimitTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_claim_above_its_stored_limits_or_without_any_goes_no_further(bool lacks)
    {
        await using var own = await Market.Apart(database);
        var (office, fund) = (await own.Office(), await own.OpenFund(100_000, "630102"));
        var (claim, other) = (await own.ReviewedClaim(region: "630102"), await own.SubmittedClaim(region: "630102"));
        await own.Database.Execute("DELETE FROM claim_limits WHERE claim_id = @Id", other);
        foreach (var (who, action, body) in new (HttpClient Who, string Action, object Body)[]
        {
            (office.Approver, "approve", new { }), (office.Payer, "order", new { }), (office.Payer, "confirm-paid", new { reference = "REF-1" }),
        })
        {
            await own.Forget("limits");
            var (before, money) = (await Text(own, $"claims/{claim.Id}"), await Text(own, $"funds/{fund}"));
            await own.Database.Execute(lacks ? "UPDATE claim_limits SET claim_id = @other" : "UPDATE claim_limits SET ceiling_fen = ceiling_fen - 1", new { other = other.Id });
            var refused = await who.PostJson($"claims/{claim.Id}/{action}", body, Market.NewKey()).AssertProblem(409, "limit-exceeded", "/amount");
            Assert.That(refused.Text("detail"), lacks ? Does.Contain("no limit") : Does.Contain("30000.00").And.Contain("29999.99"));
            Assert.That((await Text(own, $"claims/{claim.Id}"), await Text(own, $"funds/{fund}")), Is.EqualTo((before, money)));
            Assert.That(await Broken(own, fund), Is.EqualTo(action == "approve" ? [] : new[] { "K10" }));
            await own.Database.Execute(lacks ? "UPDATE claim_limits SET claim_id = @mine" : "UPDATE claim_limits SET ceiling_fen = ceiling_fen + 1", new { mine = claim.Id });
            await who.PostJson($"claims/{claim.Id}/{action}", body, Market.NewKey()).Json();
            Assert.That(await Broken(own, fund), Is.Empty);
        }
    }

    [Test]
    public async Task Two_claims_above_the_limit_that_they_share_are_found_and_their_fund_moves_nothing()
    {
        await using var own = await Market.Apart(database);
        var (office, fund, buyer) = (await own.Office(), await own.OpenFund(200_000, "630102"), await own.Party(region: "630102"));
        var (one, two) = (await BrokersClaim(1_000_000), await BrokersClaim(2_000_000));
        foreach (var claim in new[] { one, two })
        {
            await office.Reviewer.Act($"claims/{claim}/recommend", Market.NewKey()).Json();
            await office.Approver.Act($"claims/{claim}/approve", Market.NewKey()).Json();
        }

        await own.Forget("limits");
        // Each within what its own contract's award came to, both together above the project's cap of 50,000.
        await own.Database.Execute("UPDATE claim_limits SET ceiling_fen = 2999999 WHERE ceiling_fen = 5000000");
        var report = (await own.Anonymous.GetJson($"funds/{fund}/invariants")).GetProperty("invariants").EnumerateArray().Single(k => k.Text("name") == "K10");
        Assert.That(report.GetProperty("holds").GetBoolean(), Is.False);
        Assert.That(report.Text("detail"), Does.Contain("30000.00").And.Contain("29999.99").And.Contain(one).And.Not.Contain("con_").And.Not.Contain("pty_"));
        await office.Payer.Act($"claims/{two}/order", Market.NewKey()).AssertProblem(409, "limit-exceeded");
        await Eventually.Holds(async () =>
        {
            own.Clock.Advance(TimeSpan.FromHours(1));
            return (await office.Manager.GetJson($"funds/{fund}")) is var seen && seen.Has("breach") && seen.Text("breach").Contains("K10", StringComparison.Ordinal);
        }, "the hourly check finds it");

        async Task<string> BrokersClaim(decimal amount)
        {
            var broker = await own.Party("broker");
            var contract = await own.RecognisedContract(buyer, change: new { amount, project = "光伏", brokers = new[] { new { party = broker.Id, share = 100 } } });
            return (await broker.Client.PostJson("claims", new { contract = contract.Id, award = "broker" }, Market.NewKey()).Json(201)).Text("id");
        }
    }

    [Test]
    public async Task A_claim_that_is_computed_anew_keeps_the_larger_ceiling_and_raises_the_smaller()
    {
        var (district, office) = (market.District(), await market.Office());
        var claim = await market.SubmittedClaim(amount: 1_000_000, region: district);
        Assert.That(await Ceilings(claim.Id), Is.EqualTo((3_000_000L, 10_000_000L)));
        foreach (var (amount, ceiling) in new[] { (2_000_000, 6_000_000L), (500_000, 6_000_000L) })
        {
            await office.Reviewer.PostJson($"claims/{claim.Id}/return", new { reason = "请补充" }, Market.NewKey()).Json();
            await market.Amend(claim.Contract, new { amount });
            await claim.Claimant.Act($"claims/{claim.Id}/submit", Market.NewKey()).Json();
            Assert.That(await Ceilings(claim.Id), Is.EqualTo((ceiling, 10_000_000L)));
        }
    }

    [Test]
    public async Task Claims_of_before_are_limited_by_what_their_award_holds()
    {
        await using var empty = await database.Create();
        await using var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System, [.. Migrator.Scripts(database.Name).TakeWhile(script => string.CompareOrdinal(script.Change, "0011") < 0)]);
        var now = DateTimeOffset.UnixEpoch;
        await db.Write(async session =>
        {
            foreach (var id in new[] { "pty_1", "pty_2" })
            {
                await session.Execute("INSERT INTO parties (id, kind, name, region, content, version, created_at, updated_at) VALUES (@id, 'enterprise', @id, '630100', '{}', 1, @now, @now)", new { id, now });
            }

            await session.Execute(
                """
                INSERT INTO contracts (id, state, life, recognition_state, version, terms_version, owner_id, kind, buyer_id, seller_id, content, total_fen, technology_fen,
                    received_fen, recognised_on, recognised_kind, recognised_fen, recognised_terms, registration_number, created_at, updated_at)
                VALUES ('con_1', 'recognised', 'signed', 'recognised', 1, 1, 'pty_1', 'service', 'pty_1', 'pty_2', '{}', 100, 100, 0, @day, 'service', 100, 1, 'N-1', @now, @now)
                """,
                new { now, day = new DateOnly(2026, 1, 5) });
            foreach (var (id, state, award, payee, fen) in new (string, string, string, string, long?)[]
            {
                ("clm_1", "submitted", "broker", "pty_1", 20), ("clm_2", "submitted", "broker", "pty_2", 30), ("clm_3", "rejected", "broker", "pty_2", 40),
                ("clm_4", "lapsed", "buyer", "pty_1", 50), ("clm_5", "submitted", "major", "pty_1", null),
            })
            {
                await session.Execute(
                    """
                    INSERT INTO claims (id, state, version, contract_id, terms_version, policy_id, policy_version, award, payee_id, part, amount_fen, content, region, created_at, updated_at)
                    VALUES (@id, @state, 1, 'con_1', 1, 'xining-2020', '1', @award, @payee, 0, @fen, '{}', '630100', @now, @now)
                    """,
                    new { id, state, award, payee, fen, now });
            }
        });
        await Migrator.Run(db, TimeProvider.System);
        var stored = await db.Read(session => session.List<(string Claim, string Key, long Ceiling, DateOnly On)>(
            "SELECT claim_id AS Claim, limit_key AS LimitKey, ceiling_fen AS Ceiling, on_day AS OnDay FROM claim_limits ORDER BY claim_id"));
        var day = new DateOnly(2026, 1, 5);
        Assert.That(stored, Is.EqualTo(new[]
        {
            ("clm_1", "xining-2020/broker/con_1", 50L, day), ("clm_2", "xining-2020/broker/con_1", 50L, day), ("clm_3", "xining-2020/broker/con_1", 50L, day),
            ("clm_4", "xining-2020/buyer/con_1", 0L, day), ("clm_5", "xining-2020/major/con_1", 0L, day),
        }));
    }

    /// <summary>Of the award of the contract, and of the cap.</summary>
    async Task<(long, long)> Ceilings(string claim) => (
        await market.Database.Scalar<long>("SELECT MIN(ceiling_fen) FROM claim_limits WHERE claim_id = @claim", new { claim }),
        await market.Database.Scalar<long>("SELECT MAX(ceiling_fen) FROM claim_limits WHERE claim_id = @claim", new { claim }));

    static async Task<string> Text(Market own, string address) => (await own.Admin.GetJson(address)).GetRawText();

    static async Task<string[]> Broken(Market own, string fund) =>
        [.. (await own.Anonymous.GetJson($"funds/{fund}/invariants")).GetProperty("invariants").EnumerateArray().Where(k => !k.GetProperty("holds").GetBoolean()).Select(k => k.Text("name"))];
}
