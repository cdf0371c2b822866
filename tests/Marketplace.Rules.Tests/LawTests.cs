using System.Numerics;

namespace Marketplace.Rules.Tests;

/// <summary>Laws that hold for every contract; each is tried on thousands.</summary>
public sealed class LawTests
{
    private static readonly EvaluationOptions Explained = new() { Explain = true };

    [Test]
    public void The_amounts_agree_with_an_oracle_that_shares_no_code() => Arbitrary.Holds(c =>
        Amount("buyer", c) == Oracle("buyer", c) && Amount("broker", c) == Oracle("broker", c));

    [Test]
    public void An_award_never_exceeds_its_base_nor_with_its_history_the_cap() => Arbitrary.Holds(c =>
        Amount("buyer", c) <= c.Facts.TechnologyAmount!.Value.Value && Amount("broker", c) >= 0
        && (Amount("broker", c) == 0 || Amount("broker", c) + Used("broker", c) <= 5_000_000)
        && (Amount("buyer", c) == 0 || Amount("buyer", c) + Used("buyer", c) <= 10_000_000));

    [Test]
    public void A_larger_base_never_lowers_an_award() => Arbitrary.Holds(c =>
    {
        var larger = c with { Facts = c.Facts with { TechnologyAmount = c.Facts.TechnologyAmount!.Value + new Fen(1 + c.Forget) } };
        return Amount("buyer", larger) >= Amount("buyer", c) && Amount("broker", larger) >= Amount("broker", c);
    });

    [Test]
    public void The_order_of_the_history_changes_nothing() => Arbitrary.Holds(c =>
    {
        var backwards = c with { History = [.. c.History.Reverse()] };
        return Amount("buyer", backwards) == Amount("buyer", c) && Amount("broker", backwards) == Amount("broker", c);
    });

    [Test]
    public void Cutting_a_contract_in_two_within_its_project_never_pays_the_broker_more() => Arbitrary.Holds(c =>
    {
        var facts = c.Facts with { Project = "P1", Contract = "C8" };
        var first = c with { Facts = facts with { TechnologyAmount = new Fen(facts.TechnologyAmount!.Value.Value / (2 + c.Forget % 7)) } };
        var paid = Amount("broker", first);
        var second = new Dealing(
            facts with { TechnologyAmount = facts.TechnologyAmount - first.Facts.TechnologyAmount, Contract = "C9" },
            [.. c.History, new Grant("broker", new Fen(paid)) { Project = "P1", Contract = "C8" }], 0);
        return paid + Amount("broker", second) <= Amount("broker", c with { Facts = facts });
    });

    [Test]
    public void Forgetting_facts_never_gives_another_definite_answer() => Arbitrary.Holds(c =>
    {
        var forgotten = FactNames.All.Where(f => (c.Forget >> (int)f & 1) != 0).ToArray();
        var full = Evaluator.Evaluate(Xining.Policy, c.Facts, c.History);
        var part = Evaluator.Evaluate(Xining.Policy, forgotten.Aggregate(c.Facts, Without), c.History);
        return full.Awards.Zip(part.Awards).All(pair => IsSound(pair.First, pair.Second, forgotten));
    });

    [Test]
    public void An_open_award_is_settled_by_the_facts_it_asks_for() => Arbitrary.Holds(c =>
    {
        var forgotten = FactNames.All.Where(f => (c.Forget >> (int)f & 1) != 0).ToArray();
        var part = forgotten.Aggregate(c.Facts, Without);
        return Evaluator.Evaluate(Xining.Policy, part, c.History).Awards.All(award =>
        {
            var kept = forgotten.Except(award.MissingFacts).Aggregate(c.Facts, Without);
            var settled = Evaluator.Evaluate(Xining.Policy, kept, c.History).Awards.Single(a => a.Award == award.Award);
            return settled.Outcome != Outcome.Open && (award.Outcome == Outcome.Open) == (award.MissingFacts.Count > 0);
        });
    });

    [Test]
    public void Shares_add_up_to_the_award_and_the_city_never_pays_more_than_half() => Arbitrary.Holds(c =>
        Evaluator.Evaluate(Xining.Policy, c.Facts, c.History).Awards.Where(a => a.Outcome == Outcome.Granted).All(a =>
            a.Shares.Sum(s => s.Amount.Value) == a.Amount!.Value.Value
            && a.Shares[0].Amount.Value >= 0 && a.Shares[1].Amount.Value - a.Shares[0].Amount.Value is 0 or 1));

    [Test]
    public void The_arithmetic_of_the_steps_alone_gives_the_amount() => Arbitrary.Holds(c =>
        Evaluator.Evaluate(Xining.Policy, c.Facts, c.History, Explained).Awards
            .Where(a => a.Outcome == Outcome.Granted).All(a => Replay.Amount(a.Steps) == a.Amount!.Value.Value));

    [Test]
    public void Every_number_of_a_step_that_is_no_input_has_a_clause_that_exists() => Arbitrary.Holds(c =>
        Evaluator.Evaluate(Xining.Policy, c.Facts, c.History, Explained).Awards.SelectMany(a => a.Steps)
            .Where(s => s.Kind is StepKind.Parameter or StepKind.Share)
            .All(s => s.Clause is not null && Xining.Policy.Clause(s.Clause) is not null));

    [Test]
    public void Explaining_changes_nothing_but_the_steps() => Arbitrary.Holds(c =>
        Evaluator.Evaluate(Xining.Policy, c.Facts, c.History).Awards.Zip(Evaluator.Evaluate(Xining.Policy, c.Facts, c.History, Explained).Awards)
            .All(pair => pair.First.Outcome == pair.Second.Outcome && pair.First.Amount == pair.Second.Amount
                && pair.First.Reasons.SequenceEqual(pair.Second.Reasons) && pair.First.Steps.Count == 0 && pair.Second.Steps.Count > 0));

    private static long Amount(string award, Dealing c) => Xining.Evaluate(award, c.Facts, c.History).Amount!.Value.Value;

    /// <summary>What the law of soundness allows: the same answer, a range that holds it, or an answer that names what it assumed.</summary>
    private static bool IsSound(AwardEvaluation full, AwardEvaluation part, Fact[] forgotten)
    {
        if (part.Reasons.Any(r => r.Kind == ReasonCode.AssumedFact && forgotten.Contains(r.Fact!.Value))) return true;
        var within = part.Low <= full.Low && (part.High is null || full.High <= part.High);
        return part.Outcome == Outcome.Open ? within : (part.Outcome, part.Amount) == (full.Outcome, full.Amount);
    }

    private static Facts Without(Facts facts, Fact fact) => fact switch
    {
        Fact.Kind => facts with { Kind = null },
        Fact.Amount => facts with { Amount = null },
        Fact.TechnologyAmount => facts with { TechnologyAmount = null },
        Fact.Paid => facts with { Paid = null },
        Fact.Recognised => facts with { Recognised = null },
        Fact.RecognisedOn => facts with { RecognisedOn = null },
        Fact.SignedOn => facts with { SignedOn = null },
        Fact.Project => facts with { Project = null },
        Fact.Contract => facts with { Contract = null },
        Fact.Brokered => facts with { Brokered = null },
        Fact.RelatedParties => facts with { RelatedParties = null },
        Fact.BuyerRegion => facts with { BuyerRegion = null },
        Fact.SellerRegion => facts with { SellerRegion = null },
        _ => facts,
    };

    private static BigInteger Oracle(string award, Dealing c)
    {
        var (rate, cap) = award == "buyer" ? (3, 10_000_000) : (1, 5_000_000);
        var eligible = c.Facts.Kind is ContractKind.Development or ContractKind.Transfer or ContractKind.Licence
            && c.Facts is { Recognised: true, RelatedParties: false } && c.Facts.RecognisedOn >= new DateOnly(2020, 8, 19)
            && c.Facts.BuyerRegion!.StartsWith("6301", StringComparison.Ordinal) && (award == "buyer" || c.Facts.Brokered is true);
        if (!eligible) return 0;
        // The funding of a major project is paid in place of the buyer's rate.
        if (award == "buyer" && c.History.Any(g => g.Award == "major" && g.Amount > Fen.Zero && IsOfContract(g, c.Facts))) return 0;
        // Hundredths of a fen until the very end.
        var exact = new BigInteger(c.Facts.TechnologyAmount!.Value.Value) * rate;
        var room = (cap - Used(award, c)) * 100;
        return BigInteger.Max(0, BigInteger.Min(exact, room)) / 100;
    }

    private static long Used(string award, Dealing c) =>
        c.History.Where(g => g.Award == award && (award == "broker" ? IsOfProject(g, c.Facts) : IsOfContract(g, c.Facts))).Sum(g => g.Amount.Value);

    private static bool IsOfContract(Grant grant, Facts facts) => grant.Contract is not null ? grant.Contract == facts.Contract
        : grant.Project is null || facts.Project is null || grant.Project == facts.Project;

    // Grants that do not name their parties count with every contract where one of the two has no project.
    private static bool IsOfProject(Grant grant, Facts facts) =>
        (grant.Contract is not null && grant.Contract == facts.Contract) || grant.Project is null || facts.Project is null || grant.Project == facts.Project;
}
