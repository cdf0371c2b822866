using Marketplace.Api.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests.Funds;

/// <summary>A fund's own life, and its books.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class FundTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_fund_is_planned_opened_suspended_and_closed_by_fund_managers()
    {
        var office = await market.Office();
        var plan = new { name = "专项资金", region = market.District(), year = 2026, appropriation = 10_000_000, policies = new[] { "xining-2020" } };
        await office.Approver.PostJson("funds", plan, Market.NewKey()).AssertProblem(403, "forbidden");
        await (await market.Planner()).PostJson("funds", plan).AssertProblem(400, "idempotency-key-required");
        var fund = await (await market.Planner()).PostJson("funds", plan, Market.NewKey()).Json(201);
        Assert.That((fund.Text("state"), fund.GetProperty("appropriation").GetRawText(), fund.GetProperty("available").GetRawText()), Is.EqualTo(("planned", "10000000", "0")));
        var address = $"funds/{fund.Text("id")}";
        var opened = await office.Manager.Act($"{address}/open", Market.NewKey()).Json();
        Assert.That((opened.Text("state"), opened.GetProperty("available").GetRawText()), Is.EqualTo(("open", "10000000")));
        await office.Manager.PostJson($"{address}/suspend", new { reason = "检查" }, Market.NewKey()).Json();
        var reopened = await office.Manager.Act($"{address}/open", Market.NewKey()).Json();
        Assert.That(reopened.GetProperty("available").GetRawText(), Is.EqualTo("10000000"), "it comes in once");
        var closed = await office.Manager.Act($"{address}/close", Market.NewKey()).Json();
        Assert.That((closed.Text("state"), closed.GetProperty("available").GetRawText()), Is.EqualTo(("closed", "0")));
        Assert.That(await Kinds(fund.Text("id")), Is.EqualTo(new[] { "appropriate", "giveBack" }));
        await market.AssertBooks(fund.Text("id"));
    }

    [Test]
    public async Task A_fund_closes_when_the_last_payment_is_settled_and_hands_on_what_is_left()
    {
        var (district, office) = (market.District(), await market.Office());
        var (fund, next) = (await market.OpenFund(100_000, district), await market.OpenFund(1_000, district, market.Today.Year + 1));
        var claim = await market.ReviewedClaim(region: district);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        Assert.That((await office.Manager.Act($"funds/{fund}/close", Market.NewKey()).Json()).Text("state"), Is.EqualTo("closing"));
        var late = await market.ReviewedClaim(region: district);
        await office.Approver.Act($"claims/{late.Id}/approve", Market.NewKey()).AssertProblem(409, "fund-insufficient");
        await office.Manager.Act($"funds/{fund}/close", Market.NewKey()).AssertProblem(409, "invalid-transition");
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        await office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"REF-{claim.Id}" }, Market.NewKey()).Json();
        await office.Manager.PostJson($"funds/{fund}/close", new { carryOverTo = fund }, Market.NewKey()).AssertProblem(422, "unknown-reference", "/carryOverTo");
        await office.Manager.PostJson($"funds/{fund}/close", new { carryOverTo = next }, Market.NewKey()).Json();
        Assert.That((await office.Manager.GetJson($"funds/{next}")).GetProperty("available").GetRawText(), Is.EqualTo("71000"));
        await market.AssertBooks(fund);
        await market.AssertBooks(next);
    }

    [Test]
    public async Task The_appropriation_changes_when_a_second_manager_sends_the_same_sum()
    {
        var office = await market.Office();
        var fund = await market.OpenFund(100, market.District());
        var asked = await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = -0.5, reason = "核减" }, Market.NewKey()).Json();
        Assert.That((asked.GetProperty("available").GetRawText(), asked.GetProperty("adjustment").GetProperty("amount").GetRawText()), Is.EqualTo(("100", "-0.50")));
        await office.SecondManager.PostJson($"funds/{fund}/adjust", new { amount = -40, reason = "核减" }, Market.NewKey()).AssertProblem(422, "adjustment-differs", "/amount");
        var done = await office.SecondManager.PostJson($"funds/{fund}/adjust", new { amount = -0.5, reason = "同意" }, Market.NewKey()).Json();
        Assert.That((done.GetProperty("available").GetRawText(), done.GetProperty("appropriation").GetRawText(), done.Has("adjustment")), Is.EqualTo(("99.50", "99.50", false)));
        await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = -99.51, reason = "核减" }, Market.NewKey()).Json();
        await office.SecondManager.PostJson($"funds/{fund}/adjust", new { amount = -99.51, reason = "同意" }, Market.NewKey()).AssertProblem(409, "fund-insufficient");
        await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = 0, reason = "无" }, Market.NewKey()).AssertProblem(422, "amount-zero", "/amount");
        await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = 0.001, reason = "无" }, Market.NewKey()).AssertProblem(400, "validation-failed", "/amount");
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task Entries_balances_and_statement_tell_the_same_story_to_officials_alone()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var before = market.Clock.GetUtcNow();
        market.Clock.Advance(TimeSpan.FromSeconds(1));
        var claim = await market.ReviewedClaim(region: district);
        await office.Approver.PostJson($"claims/{claim.Id}/approve", new { reason = "=1+1, \"同意\"" }, Market.NewKey()).Json();
        var then = await office.Manager.GetJson($"funds/{fund}/balances?at={before:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");
        Assert.That(then.GetProperty("accounts").GetProperty("available").GetRawText(), Is.EqualTo("100000"));
        var now = await office.Manager.GetJson($"funds/{fund}/balances");
        Assert.That((now.GetProperty("accounts").GetProperty("available").GetRawText(), now.GetProperty("accounts").GetProperty("reserved").GetRawText()), Is.EqualTo(("70000", "30000")));
        var statement = await office.Manager.GetAsync($"funds/{fund}/statement");
        Assert.That(statement.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/csv"));
        var lines = (await statement.Content.ReadAsStringAsync()).TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[2], Does.Contain($",reserve,available,reserved,30000.00,70000.00,{claim.Id},"));
        foreach (var address in new[] { "entries", "balances", "statement" })
        {
            await claim.Claimant.GetAsync($"funds/{fund}/{address}").AssertProblem(403, "forbidden");
        }
    }

    [Test]
    public async Task A_clock_that_runs_behind_never_makes_an_entry_earlier_than_the_one_before()
    {
        await using var ahead = await Market.Apart(database);
        ahead.Clock.Advance(TimeSpan.FromHours(1));
        var fund = await ahead.OpenFund(100, "630102");
        var manager = await ahead.As("fundManager");
        await manager.PostJson($"funds/{fund}/adjust", new { amount = 50, reason = "追加" }, Market.NewKey()).Json();
        var second = await ahead.Key((await ahead.Party("government")).Id, ["fundManager"], "second manager");
        await using var behind = ahead.Beside();
        await behind.Client(second).PostJson($"funds/{fund}/adjust", new { amount = 50, reason = "同意" }, Market.NewKey()).Json();

        var times = (await manager.GetJson($"funds/{fund}/entries")).GetProperty("data").EnumerateArray().Select(entry => entry.Text("at")).ToList();
        Assert.That(times, Is.EqualTo(new[] { times[0], times[0] }));
        var balances = await manager.GetJson($"funds/{fund}/balances?at={times[0]}");
        Assert.That((balances.GetProperty("entries").GetInt32(), balances.GetProperty("accounts").GetProperty("available").GetRawText()), Is.EqualTo((2, "150")));
    }

    [Test]
    public async Task The_database_itself_refuses_to_change_or_delete_an_entry()
    {
        var fund = await market.OpenFund(100, market.District());
        var db = market.Services.GetRequiredService<Db>();
        foreach (var statement in new[] { "UPDATE ledger_entries SET amount_fen = 1 WHERE fund_id = @fund", "DELETE FROM ledger_entries WHERE fund_id = @fund" })
        {
            Assert.That(() => db.Write(session => session.Execute(statement, new { fund })), Throws.InstanceOf<System.Data.Common.DbException>());
        }

        Assert.That(await Kinds(fund), Is.EqualTo(new[] { "appropriate" }));
    }

    [Test]
    public async Task An_entry_that_was_altered_behind_the_markets_back_is_found()
    {
        await using var own = await Market.Apart(database);
        var fund = await own.OpenFund(100, "630102");
        await own.OpenFund(100, "630103");
        await Alter(own, "amount_fen = amount_fen + 1", fund);
        var report = (await own.Anonymous.GetJson($"funds/{fund}/invariants")).GetProperty("invariants").EnumerateArray();
        Assert.That(report.Where(k => !k.GetProperty("holds").GetBoolean()).Select(k => k.Text("name")), Is.EqualTo(new[] { "K7", "K8" }));
    }

    [Test]
    public async Task A_fund_whose_books_are_wrong_moves_nothing_until_an_hourly_check_finds_them_right()
    {
        await using var own = await Market.Apart(database);
        var office = await own.Office();
        var (broken, sound) = (await own.OpenFund(100_000, "630102"), await own.OpenFund(100_000, "630103"));
        var (claim, other) = (await own.ReviewedClaim(region: "630102"), await own.ReviewedClaim(region: "630103"));
        await Alter(own, "person = 'nobody'", broken);
        await Checked(stands: true);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(409, "books-broken");
        await office.Approver.Act($"claims/{other.Id}/approve", Market.NewKey()).Json();
        var health = await own.Anonymous.GetJson("/health/ready");
        Assert.That(health.Texts("warnings"), Has.One.Contains(broken).And.None.Contains(sound));

        await own.Database.Execute("UPDATE ledger_entries SET person = 'the fundManager' WHERE fund_id = @broken", new { broken });
        await Checked(stands: false);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        Assert.That((await own.Anonymous.GetJson("/health/ready")).Has("warnings"), Is.False);
        var auditor = await own.As("auditor");
        await Eventually.Holds(async () => (await auditor.GetJson("events?types=fund.breached,fund.mended")).GetProperty("data").EnumerateArray()
            .Select(e => (e.Text("type"), e.Text("subject"))).SequenceEqual([("fund.breached", broken), ("fund.mended", broken)]), "both events");

        async Task Checked(bool stands) => await Eventually.Holds(async () =>
        {
            own.Clock.Advance(TimeSpan.FromHours(1));
            return (await office.Manager.GetJson($"funds/{broken}")).Has("breach") == stands;
        }, "a check of the books");
    }

    [Test]
    public async Task An_entry_of_no_known_kind_is_named_and_breaks_nothing_else()
    {
        await using var own = await Market.Apart(database);
        var fund = await own.OpenFund(100_000, "630102");
        await (await own.As("approver")).Act($"claims/{(await own.ReviewedClaim(region: "630102")).Id}/approve", Market.NewKey()).Json();
        await Alter(own, "kind = 'gift'", fund);
        var report = (await own.Anonymous.GetJson($"funds/{fund}/invariants")).GetProperty("invariants").EnumerateArray();
        Assert.That(report.Where(k => !k.GetProperty("holds").GetBoolean()).Select(k => k.Text("name")), Does.Contain("K8").And.Contain("K4"));
    }

    [Test]
    public async Task Money_that_a_fund_holds_for_a_claim_of_another_is_found()
    {
        await using var own = await Market.Apart(database);
        var (fund, other) = (await own.OpenFund(100_000, "630102"), await own.OpenFund(100_000, "630103"));
        var claim = await own.ReviewedClaim(region: "630102");
        await (await own.As("approver")).Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        own.HasFalseBooks = true;
        await own.Database.Execute("UPDATE claims SET fund_id = @other WHERE id = @Id", new { other, claim.Id });
        foreach (var id in new[] { fund, other })
        {
            var report = (await own.Anonymous.GetJson($"funds/{id}/invariants")).GetProperty("invariants").EnumerateArray();
            var broken = report.Single(k => !k.GetProperty("holds").GetBoolean());
            Assert.That(broken.Text("name"), Is.EqualTo("K5"));
            Assert.That(broken.Text("detail"), Does.Contain(claim.Id));
        }
    }

    [Test]
    public async Task A_test_that_leaves_false_books_fails()
    {
        var own = await Market.Apart(database);
        var fund = await own.OpenFund(100_000, "630102");
        await own.Database.Execute("UPDATE funds SET reserved_fen = 1, available_fen = available_fen - 1 WHERE id = @fund", new { fund });
        Assert.That(async () => await own.DisposeAsync(), Throws.InstanceOf<AssertionException>());
    }

    /// <summary>Changes a fund's entries behind the market's back.</summary>
    static async Task Alter(Market own, string change, string fund)
    {
        own.HasFalseBooks = true;
        await own.LiftTriggers();
        await own.Database.Execute($"UPDATE ledger_entries SET {change} WHERE fund_id = @fund", new { fund });
    }

    async Task<IEnumerable<string>> Kinds(string fund) =>
        (await (await market.As("fundManager")).GetJson($"funds/{fund}/entries")).GetProperty("data").EnumerateArray().Select(entry => entry.Text("kind"));
}
