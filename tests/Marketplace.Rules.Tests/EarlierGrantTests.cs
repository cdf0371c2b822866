namespace Marketplace.Rules.Tests;

/// <summary>What earlier grants mean for the next one, however they are written and whichever came first.</summary>
public sealed class EarlierGrantTests
{
    private static readonly Facts Facts = Sample.Facts with { Amount = Fen.FromYuan(1_000_000), Paid = Fen.FromYuan(2_000_000) };

    private static readonly string Unnamed = """
        interpretations:
          unnamed: { question: which, readings: { one: one, other: other }, chosen: one }
        """;

    private static Policy PerProject(string chosen, string other) => Sample.Policy("10% 10万元", Sample.Award("x", "base: amount", "amount: { rate: 10%, cite: a }",
        $"limits: [ {{ cap: 10万元, scope: project, unnamed: {{ reading: unnamed, one: {chosen}, other: {other} }}, cite: a }} ]"), Unnamed);

    private static Policy Capped(string scope) => Sample.Of("10% 10万元 三年", "base: amount", "amount: { rate: 10%, cite: a }", $"limits: [ {{ cap: 10万元, scope: {scope}, cite: a }} ]");

    private static Grant Of(string contract, string? project, DateOnly on, string seller = "S1") =>
        new("x", Fen.FromYuan(60_000)) { Contract = contract, Project = project, Buyer = "B1", Seller = seller, Party = seller, On = on };

    [TestCase("P1", "p1 ")]
    [TestCase("P1", "Ｐ１")]
    [TestCase("智慧矿山", "“智慧矿山”")]
    [TestCase("智慧矿山", "智慧 矿山")]
    public void A_name_in_another_spelling_is_the_same_name(string name, string other)
    {
        Assert.That(Capped("achievement").Yuan(Facts with { Achievement = name }, new Grant("x", Fen.FromYuan(60_000)) { Achievement = other }), Is.EqualTo("40000.00"));
        Assert.That(Capped("partyLifetime").Yuan(Facts with { Seller = name }, new Grant("x", Fen.FromYuan(60_000)) { Party = other }), Is.EqualTo("40000.00"));
        Assert.That(Capped("officeYear").Yuan(Facts with { Office = name }, new Grant("x", Fen.FromYuan(60_000)) { Office = other, On = Facts.RecognisedOn }), Is.EqualTo("40000.00"));
        Assert.That(Capped("platform").Yuan(Facts with { Platform = name }, new Grant("x", Fen.FromYuan(60_000)) { Platform = other }), Is.EqualTo("40000.00"));
        Assert.That(PerProject("parties", "contract").Yuan(Facts with { Project = name }, new Grant("x", Fen.FromYuan(60_000)) { Project = other, Contract = "C0" }), Is.EqualTo("40000.00"));
    }

    // The case is of 2023-06-01; windows of twelve months reach from 2022-06-01 to 2024-06-01.
    [TestCase("2022-06-01", "40000.00")]
    [TestCase("2022-05-31", "100000.00")]
    [TestCase("2024-06-01", "40000.00")]
    [TestCase("2024-06-02", "100000.00")]
    public void A_contract_without_a_project_counts_with_those_of_its_parties_within_twelve_months_before_and_after(string day, string amount)
    {
        var on = DateOnly.ParseExact(day, "yyyy-MM-dd");
        var policy = PerProject("parties", "contract");
        Assert.That(policy.Yuan(Facts with { Project = null }, Of("C0", null, on)), Is.EqualTo(amount), "neither has a project");
        Assert.That(policy.Yuan(Facts with { Project = null }, Of("C0", "P9", on)), Is.EqualTo(amount), "the earlier one has");
        Assert.That(policy.Yuan(Facts, Of("C0", null, on)), Is.EqualTo(amount), "the later one has");
        Assert.That(policy.Yuan(Facts with { Project = null }, Of("C0", null, on, seller: "S2")), Is.EqualTo("100000.00"), "another seller");
        Assert.That(policy.Yuan(Facts, Of("C0", "P9", on)), Is.EqualTo("100000.00"), "two projects");
    }

    [Test]
    public void No_twelve_months_hold_more_than_the_limit_though_two_of_them_together_may()
    {
        // Eleven months before and eleven months after: no window has both.
        Grant[] both = [Of("C0", null, new(2022, 7, 1)), Of("C9", null, new(2024, 5, 1))];
        Assert.That(PerProject("parties", "contract").Yuan(Facts with { Project = null }, both), Is.EqualTo("40000.00"));
        Assert.That(PerProject("parties", "contract").Yuan(Facts with { Project = null }, [.. both, Of("C8", null, new(2024, 5, 2))]), Is.EqualTo("0.00"));
    }

    [Test]
    public void By_the_other_reading_it_counts_by_itself()
    {
        var policy = PerProject("contract", "parties");
        Assert.That(policy.Yuan(Facts with { Project = null }, Of("C0", null, new(2023, 5, 1))), Is.EqualTo("100000.00"));
        Assert.That(policy.Yuan(Facts with { Project = null }, Of("C1", null, new(2023, 5, 1))), Is.EqualTo("40000.00"), "the same contract");
    }

    [Test]
    public void Without_the_parties_it_is_unknown_what_an_unnamed_contract_counts_with()
    {
        var open = PerProject("parties", "contract").Evaluate(Facts with { Project = null, Seller = null }, Of("C0", null, new(2023, 5, 1)));
        Assert.That((open.Outcome, open.Low.ToString(), open.High.ToString()), Is.EqualTo((Outcome.Open, "40000.00", "100000.00")));
        Assert.That(open.MissingFacts, Is.EqualTo(new[] { Fact.Seller }));
    }

    [Test]
    public void One_project_name_in_the_hands_of_two_buyers_and_two_sellers_is_two_projects()
    {
        var grant = new Grant("x", Fen.FromYuan(60_000)) { Contract = "C0", Project = "P1", Buyer = "B9", Seller = "S9" };
        Assert.That(PerProject("parties", "contract").Yuan(Facts, grant), Is.EqualTo("100000.00"));
        Assert.That(PerProject("parties", "contract").Yuan(Facts, grant with { Buyer = "B1" }), Is.EqualTo("40000.00"), "another seller sells to the same buyer");
    }

    [Test]
    public void How_unnamed_contracts_count_must_be_an_interpretation_and_goes_with_projects_alone()
    {
        string[] Codes(string limit) => [.. Sample.Read("10% 10万元", Sample.Award("x", "base: amount", "amount: { rate: 10%, cite: a }", $"limits: [ {{ {limit}, cite: a }} ]")).Diagnostics.Select(d => d.Code)];
        Assert.That(Codes("cap: 10万元, scope: project, unnamed: parties"), Is.EqualTo(new[] { "POL221" }));
        Assert.That(Codes("cap: 10万元, scope: project"), Is.EqualTo(new[] { "POL223" }), "a warning");
        Assert.That(Codes("cap: 10万元, scope: contract, unnamed: parties"), Does.Contain("POL224"));
    }

    // A grant of 2024 counts for a contract of 2023 that is evaluated later; three years are 2021–2023, 2022–2024 or 2023–2025.
    [TestCase(2024, "40000.00")]
    [TestCase(2025, "40000.00")]
    [TestCase(2026, "100000.00")]
    public void Years_that_follow_each_other_reach_both_ways(int year, string amount) =>
        Assert.That(Capped("nYears, years: 三年").Yuan(Facts, new Grant("x", Fen.FromYuan(60_000)) { Party = "S1", On = new(year, 1, 1) }), Is.EqualTo(amount));

    [Test]
    public void A_grant_with_part_of_its_names_counts_where_it_may_belong_and_the_answer_says_so()
    {
        var contract = Capped("contract").Evaluate(Facts, new Grant("x", Fen.FromYuan(60_000)) { Project = "P1" });
        Assert.That((contract.Amount.ToString(), contract.Codes().Contains("assumed.history")), Is.EqualTo(("40000.00", true)), "a contract of the same project");
        Assert.That(Capped("contract").Yuan(Facts, new Grant("x", Fen.FromYuan(60_000)) { Project = "P2" }), Is.EqualTo("100000.00"), "of another project");
        var project = PerProject("parties", "contract").Evaluate(Facts, new Grant("x", Fen.FromYuan(60_000)) { Contract = "C0" });
        Assert.That((project.Amount.ToString(), project.Codes().Contains("assumed.history")), Is.EqualTo(("40000.00", true)), "a contract of no stated project");
    }

    [Test]
    public void The_higher_of_two_awards_is_paid_less_what_the_other_was_paid_before()
    {
        // x 10 % of 100万 = 10万, y 5 % of 200万 = 10万; of equals the first listed.
        var policy = Sample.Policy("5% 10%", Sample.Award("x", "base: amount", "amount: { rate: 10%, cite: a }") + "\n" + Sample.Award("y", "base: paid", "amount: { rate: 5%, cite: a }"),
            "stacking: [ { higherOf: [x, y], cite: a } ]");
        var facts = Facts with { Paid = Fen.FromYuan(3_000_000) };
        string[] Amounts(params Grant[] history) => [.. policy.EvaluateAll(facts, history).Select(a => a.Amount.ToString()!)];
        Assert.That(Amounts(), Is.EqualTo(new[] { "0.00", "150000.00" }));
        Assert.That(Amounts(new Grant("x", Fen.FromYuan(100_000)) { Contract = "C1" }), Is.EqualTo(new[] { "0.00", "50000.00" }));
        Assert.That(Amounts(new Grant("x", Fen.FromYuan(200_000)) { Contract = "C1" }), Is.EqualTo(new[] { "0.00", "0.00" }));
        Assert.That(Amounts(new Grant("x", Fen.FromYuan(100_000)) { Contract = "C2" }), Is.EqualTo(new[] { "0.00", "150000.00" }), "another contract");
        Assert.That(policy.EvaluateAll(facts, new Grant("x", Fen.FromYuan(100_000)) { Contract = "C1" })[1].Codes(), Does.Contain("limited.paidBefore"));
    }

    [Test]
    public void Exclusive_for_a_party_and_year_excludes_whatever_the_contract()
    {
        var policy = Sample.Policy("1% 5%", Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }") + "\n" + Sample.Award("y", "base: paid", "amount: { rate: 5%, cite: a }"),
            "stacking: [ { exclusive: [x, y], scope: partyYear, cite: a } ]");
        string[] Amounts(params Grant[] history) => [.. policy.EvaluateAll(Facts, history).Select(a => a.Amount.ToString()!)];
        var grant = new Grant("y", Fen.FromYuan(1)) { Contract = "C9", Party = "S1", On = new(2023, 1, 1) };
        Assert.That(Amounts(), Is.EqualTo(new[] { "10000.00", "0.00" }));
        Assert.That(Amounts(grant), Is.EqualTo(new[] { "0.00", "100000.00" }));
        Assert.That(Amounts(grant with { On = new(2022, 12, 31) }), Is.EqualTo(new[] { "10000.00", "0.00" }));
        Assert.That(Amounts(grant with { Party = "S2", Contract = "C1" }), Is.EqualTo(new[] { "10000.00", "0.00" }));
    }

    [TestCase("exclusive: [x, y], scope: project", "POL203")]
    [TestCase("exclusive: [x, y], years: 1年", "POL101")]
    [TestCase("higherOf: [x, y], scope: partyYear", "POL101")]
    [TestCase("higherOf: [x, y], scope: nYears, years: 1年", "POL101")]
    [TestCase("chosenByParties: [x, y], scope: contract", "POL101")]
    [TestCase("deduct: paidElsewhere, from: [x], of: [y]", "POL101")]
    [TestCase("combinedCap: 1万元, of: [x, y], scope: contract, from: [x]", "POL101")]
    public void A_key_that_a_rule_does_not_read_is_refused(string rule, string code)
    {
        var two = Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }") + "\n" + Sample.Award("y", "base: paid", "amount: { rate: 1%, cite: a }");
        Assert.That(Sample.Read("1% 1万元 1年", two, $"stacking: [ {{ {rule}, cite: a }} ]").Diagnostics.Select(d => d.Code), Does.Contain(code));
    }

    [Test]
    public void A_reading_that_no_rule_asks_for_is_refused() => Assert.That(
        Sample.Read("1%", Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }"), Unnamed).Diagnostics.Select(d => d.Code), Is.EqualTo(new[] { "POL222" }));

    [Test]
    public void A_floor_after_a_cap_is_refused_and_a_cap_after_a_floor_wins()
    {
        string[] Codes(string limits) => [.. Sample.Read("1% 5万元 15万元", Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }", $"limits: [ {limits} ]")).Diagnostics.Select(d => d.Code)];
        const string floor = "{ floor: 15万元, scope: contract, cite: a }", cap = "{ cap: 5万元, scope: contract, cite: a }";
        Assert.That(Codes($"{cap}, {floor}"), Is.EqualTo(new[] { "POL220" }));
        Assert.That(Sample.Of("1% 5万元 15万元", "base: amount", "amount: { rate: 1%, cite: a }", $"limits: [ {floor}, {cap} ]").Yuan(Facts), Is.EqualTo("50000.00"));
    }

    [Test]
    public void Growth_is_called_growth()
    {
        var policy = Sample.Of("1%", "base: { growth: yearlyAmount, since: lastYearAmount }", "amount: { rate: 1%, cite: a }");
        var reason = policy.Evaluate(Facts with { YearlyAmount = Fen.FromYuan(500), LastYearAmount = Fen.FromYuan(800) }).Reasons[0];
        Assert.That((reason.DetailZh, reason.DetailEn), Is.EqualTo(("以年度累计技术交易额较上年度累计技术交易额的增量 0.00元为基数，按 1% 补贴。",
            "1% of the growth of the technology amounts of the year over the technology amounts of last year, 0.00 yuan.")));
    }

    [Test]
    public void What_a_cap_holds_back_is_not_said_to_be_rounded_up()
    {
        var policy = Sample.Of("1% 50元", "base: amount", "amount: { rate: 1%, cite: a }", "limits: [ { cap: 50元, scope: contract, cite: a } ]", "round: { to: 百元, mode: up, cite: a }");
        var rounded = policy.Evaluate(Facts).Steps.Single(step => step.Kind == StepKind.Round);
        Assert.That(rounded.TextZh, Does.StartWith("限额所余不足进位，舍去不足一百元的部分").And.Not.Contain("进位到百元"));
        Assert.That(rounded.Value.ToString(), Is.EqualTo("0.00"));
    }

    [Test]
    public void Until_the_day_is_known_an_answer_holds_what_every_version_pays()
    {
        Policy Version(string rate, int year) => Sample.Of(rate, "base: amount", $"amount: {{ rate: {rate}, cite: a }}");
        Policy[] versions = [Version("1%", 2024), Version("2%", 2023)];
        var open = Evaluator.Evaluate(versions, Facts with { RecognisedOn = null }, []).Awards[0];
        Assert.That((open.Outcome, open.Low.ToString(), open.High.ToString()), Is.EqualTo((Outcome.Open, "10000.00", "20000.00")).Or.EqualTo((Outcome.Open, "0.00", "20000.00")));
        Assert.That(open.MissingFacts, Is.EqualTo(new[] { Fact.RecognisedOn }));
    }
}
