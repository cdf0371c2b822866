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
    public void Contracts_that_bulk_evaluation_settles_from_their_numbers_alone_come_to_what_they_come_to_alone()
    {
        var bulk = new BulkEvaluator(Xining.Policy);
        var outcomes = new HashSet<(string, Outcome, bool)>();
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            var facts = new Facts
            {
                Kind = (ContractKind)random.Next(5), Recognised = Often(true), Brokered = random.Next(2) == 0, RelatedParties = Often(false),
                RecognisedOn = new DateOnly(2020, 7, 1).AddDays(random.Next(365)), BuyerRegion = random.Next(20) == 0 ? "620102" : "630102",
                TechnologyAmount = random.Next(20) switch { 0 => null, 1 => new Fen(long.MaxValue - seed), 2 => Fen.Zero, _ => new Fen(random.NextInt64(2_000_000_000)) },
                Project = random.Next(10) == 0 ? null : $"P{random.Next(3000)}", Contract = $"C{seed}",
                // One buyer, so that a project is one; each seller once, so that contracts without a project stand alone.
                Buyer = "B1", Seller = $"S{seed}",
            };
            Grant[] history = random.Next(3) > 0 ? [] : [new("broker", new Fen(random.NextInt64(6_000_000))) { Project = facts.Project, Contract = "earlier", Buyer = "B1", Seller = "S0" }];
            var alone = Evaluator.Evaluate(Xining.Policy, facts, history).Awards;
            var together = bulk.Evaluate(FactValues.Of(facts), history);
            Assert.That(together.Length, Is.EqualTo(alone.Count));
            for (var i = 0; i < alone.Count; i++)
            {
                Assert.That((together[i].Award.Id, together[i].Outcome, together[i].Low, together[i].High),
                    Is.EqualTo((alone[i].Award, alone[i].Outcome, alone[i].Low.Value, alone[i].High?.Value ?? long.MaxValue)), $"{facts}");
                outcomes.Add((alone[i].Award, alone[i].Outcome, alone[i].Reasons.Any(reason => reason.Kind is ReasonCode.LimitedCap or ReasonCode.LimitedHistory)));
            }

            bool? Often(bool value) => random.Next(20) switch { 0 => null, 1 => !value, _ => value };
        }

        Assert.That(outcomes, Is.SupersetOf(new[]
        {
            ("buyer", Outcome.Granted, false), ("buyer", Outcome.Granted, true), ("buyer", Outcome.Refused, false), ("buyer", Outcome.Open, false),
            ("broker", Outcome.Granted, true), ("broker", Outcome.Refused, false), ("broker", Outcome.Refused, true),
        }));
    }
}
