namespace Marketplace.Api.Tests.Funds;

/// <summary>Who opens which fund, how many are open at once, and how large one can be.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class FundRuleTests(Database database)
{
    const decimal Largest = 99_999_999_999_999.99m;

    readonly Market market = Market.On(database);

    [Test]
    public async Task Who_plans_a_fund_never_opens_it_and_one_person_adjusts_it_under_no_spelling()
    {
        var name = $"Qian {Guid.NewGuid():n}";
        var (one, same, other) = (await market.Official(name, "fundManager"), await market.Official(name.ToUpperInvariant() + "\u200b", "fundManager"), await market.As("fundManager"));
        var fund = $"funds/{await Planned(one, market.District())}";
        await one.Act($"{fund}/open", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await same.Act($"{fund}/open", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await other.Act($"{fund}/open", Market.NewKey()).Json();
        await other.PostJson($"{fund}/suspend", new { reason = "检查" }, Market.NewKey()).Json();
        await same.Act($"{fund}/open", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await other.Act($"{fund}/open", Market.NewKey()).Json();

        await one.PostJson($"{fund}/adjust", new { amount = 50, reason = "追加" }, Market.NewKey()).Json();
        var again = await same.PostJson($"{fund}/adjust", new { amount = 50, reason = "追加" }, Market.NewKey()).Json();
        Assert.That((again.Has("adjustment"), again.GetProperty("available").GetRawText()), Is.EqualTo((true, "100")), "the same person asks again");
        Assert.That((await (await market.As("auditor")).GetJson(fund)).Has("adjustment"), Is.True);
        Assert.That((await (await market.Party()).Client.GetJson(fund)).Has("adjustment"), Is.False, "undecided, it is the officials' own");
        var done = await other.PostJson($"{fund}/adjust", new { amount = 50, reason = "同意" }, Market.NewKey()).Json();
        Assert.That(done.GetProperty("available").GetRawText(), Is.EqualTo("150"));
        Assert.That(() => market.Database.Execute("UPDATE funds SET opened_by = planned_by WHERE id = @id", new { id = fund[6..] }), Throws.Exception, "the database itself");
    }

    [Test]
    public async Task One_fund_is_open_for_a_policy_a_year_and_a_region()
    {
        var (planner, manager, district) = (await market.Planner(), await market.As("fundManager"), market.District());
        var first = await market.OpenFund(100, district);
        var second = await Planned(planner, district);
        var refused = await manager.Act($"funds/{second}/open", Market.NewKey()).AssertProblem(422, "fund-already-open");
        Assert.That(refused.Text("detail"), Does.Contain(first));
        await manager.PostJson($"funds/{first}/suspend", new { reason = "检查" }, Market.NewKey()).Json();
        await manager.Act($"funds/{second}/open", Market.NewKey()).AssertProblem(422, "fund-already-open");
        await manager.Act($"funds/{first}/open", Market.NewKey()).Json();
        await manager.Act($"funds/{await Planned(planner, district, year: market.Today.Year + 1)}/open", Market.NewKey()).Json();
        await manager.Act($"funds/{first}/close", Market.NewKey()).Json();
        await manager.Act($"funds/{second}/open", Market.NewKey()).Json();
    }

    [Test]
    public async Task Of_many_that_are_opened_at_once_one_is_open()
    {
        var (planner, manager, district) = (await market.Planner(), await market.As("fundManager"), market.District());
        var funds = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            funds.Add(await Planned(planner, district));
        }

        var answers = await Task.WhenAll(funds.Select(fund => manager.Act($"funds/{fund}/open", Market.NewKey())));
        Assert.That(answers.Select(answer => (int)answer.StatusCode).Order(), Is.EqualTo(new[] { 200, 422, 422, 422, 422, 422 }));
    }

    [Test]
    public async Task A_fund_is_never_given_more_than_the_largest_sum()
    {
        var (planner, manager, office) = (await market.Planner(), await market.As("fundManager"), await market.Office());
        var fund = $"funds/{await Planned(planner, market.District(), Largest - 1)}";
        await manager.PostJson($"{fund}/adjust", new { amount = 1.01m, reason = "追加" }, Market.NewKey()).AssertProblem(422, "sum-too-large", "/amount");
        await manager.Act($"{fund}/open", Market.NewKey()).Json();
        await manager.PostJson($"{fund}/adjust", new { amount = Largest, reason = "追加" }, Market.NewKey()).AssertProblem(422, "sum-too-large", "/amount");
        await manager.PostJson($"{fund}/adjust", new { amount = 1, reason = "追加" }, Market.NewKey()).Json();
        var full = await office.SecondManager.PostJson($"{fund}/adjust", new { amount = 1, reason = "同意" }, Market.NewKey()).Json();
        Assert.That(full.GetProperty("available").GetDecimal(), Is.EqualTo(Largest));
        await manager.PostJson($"{fund}/adjust", new { amount = 0.01m, reason = "追加" }, Market.NewKey()).AssertProblem(422, "sum-too-large", "/amount");
        Assert.That(() => market.Database.Execute("UPDATE funds SET appropriation_fen = appropriation_fen + 1, available_fen = available_fen + 1 WHERE id = @id", new { id = fund[6..] }),
            Throws.Exception, "the database itself");
    }

    async Task<string> Planned(HttpClient planner, string region, decimal appropriation = 100, int? year = null) => (await planner.PostJson("funds", new
    {
        name = "专项资金", region, year = year ?? market.Today.Year, appropriation, policies = new[] { "xining-2020" },
    }, Market.NewKey()).Json(201)).Text("id");
}
