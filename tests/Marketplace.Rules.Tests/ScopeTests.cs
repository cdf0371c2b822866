namespace Marketplace.Rules.Tests;

/// <summary>What a limit counts, and what it makes of a history that does not say.</summary>
public sealed class ScopeTests
{
    private static readonly Facts Facts = Sample.Facts with { Amount = Fen.FromYuan(1_000_000) };

    private static Policy Capped(string scope) => Sample.Of("10% 10万元 三年", "base: amount", "amount: { rate: 10%, cite: a }", $"limits: [ {{ cap: 10万元, scope: {scope}, cite: a }} ]");

    private static readonly Grant Other = new("x", Fen.FromYuan(40_000))
    {
        Contract = "C0", Project = "P0", Achievement = "A0", Party = "S0", Office = "O0", On = new DateOnly(2019, 1, 1),
    };

    [TestCase("contract", "Contract")]
    [TestCase("project", "Project")]
    [TestCase("achievement", "Achievement")]
    [TestCase("partyLifetime", "Party")]
    public void A_scope_counts_grants_of_the_same_thing_and_no_others(string scope, string same)
    {
        var policy = Capped(scope);
        var grant = same switch
        {
            "Contract" => Other with { Contract = "C1" },
            "Project" => Other with { Project = "P1" },
            "Achievement" => Other with { Achievement = "A1" },
            _ => Other with { Party = "S1" },
        };
        Assert.That(policy.Yuan(Facts, Other), Is.EqualTo("100000.00"));
        Assert.That(policy.Yuan(Facts, grant), Is.EqualTo("60000.00"));
        Assert.That(policy.Yuan(Facts, grant, grant, grant), Is.EqualTo("0.00"));
    }

    [TestCase("partyYear", 2023, "60000.00")]
    [TestCase("partyYear", 2022, "100000.00")]
    [TestCase("partyYear", 2024, "100000.00")]
    [TestCase("officeYear", 2023, "60000.00")]
    [TestCase("officeYear", 2022, "100000.00")]
    [TestCase("nYears, years: 三年", 2021, "60000.00")]
    [TestCase("nYears, years: 三年", 2020, "100000.00")]
    public void A_year_is_the_calendar_year_of_the_grant(string scope, int year, string amount) =>
        Assert.That(Capped(scope).Yuan(Facts, Other with { Party = "S1", Office = "O1", On = new DateOnly(year, 12, 31) }), Is.EqualTo(amount));

    [Test]
    public void A_grant_that_does_not_name_what_the_limit_asks_for_counts()
    {
        var answer = Capped("partyLifetime").Evaluate(Facts, new Grant("x", Fen.FromYuan(30_000)) { Contract = "C0" });
        Assert.That(answer.Amount, Is.EqualTo((Fen?)Fen.FromYuan(70_000)));
        Assert.That(answer.Codes(), Does.Contain("assumed.history"));
    }

    [Test]
    public void Without_the_payee_it_is_unknown_what_counts()
    {
        var answer = Capped("partyLifetime").Evaluate(Facts with { Seller = null }, Other);
        Assert.That((answer.Outcome, answer.Low.ToString(), answer.High.ToString()), Is.EqualTo((Outcome.Open, "60000.00", "100000.00")));
        Assert.That(answer.MissingFacts, Is.EqualTo(new[] { Fact.Seller }));
    }

    [Test]
    public void A_limit_without_a_scope_is_refused()
    {
        var codes = Sample.Read("1% 1万元", Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }", "limits: [ { cap: 1万元, cite: a } ]")).Diagnostics.Select(d => d.Code);
        Assert.That(codes, Is.EqualTo(new[] { "POL201" }));
    }

    [Test]
    public void Running_totals_count_as_the_list_of_grants_does()
    {
        var policy = Capped("partyYear");
        var (bulk, totals, history) = (new BulkEvaluator(policy), new GrantTotals(policy), new List<Grant>());
        for (var i = 0; i < 40; i++)
        {
            var facts = Facts with
            {
                Amount = Fen.FromYuan(150_000 + 10_000 * i), Contract = $"C{i}", Seller = $"S{i % 3}", RecognisedOn = new DateOnly(2022 + i % 2, 3, 1),
            };
            var one = Evaluator.Evaluate(policy, facts, history).Awards[0].Amount!.Value;
            Assert.That(bulk.Evaluate(FactValues.Of(facts), totals)[0].Low, Is.EqualTo(one.Value));
            history.Add(new("x", one) { Party = facts.Seller, Contract = facts.Contract, On = facts.RecognisedOn });
        }
    }

    [Test]
    public void In_bulk_the_part_that_decided_is_named()
    {
        var bulk = new BulkEvaluator(Xining.Policy, ["buyer"]);
        var capped = bulk.Evaluate(FactValues.Of(Xining.Of("8000000")))[0];
        Assert.That((capped.Low, capped.LimitedBy, capped.RefusedBy), Is.EqualTo((10_000_000L, capped.Award.Limits[0], (Condition?)null)));
        var refused = bulk.Evaluate(FactValues.Of(Xining.Eligible with { Kind = ContractKind.Service }))[0];
        Assert.That((refused.Outcome, refused.LimitedBy), Is.EqualTo((Outcome.Refused, (Limit?)null)));
        Assert.That(refused.RefusedBy, Is.InstanceOf<KindIn>());
    }
}
