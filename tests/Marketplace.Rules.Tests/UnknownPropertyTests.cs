namespace Marketplace.Rules.Tests;

/// <summary>Not knowing is never the same as no: what stays unknown opens an answer, it does not change it.</summary>
public sealed class UnknownPropertyTests
{
    [Test]
    public void Forgetting_facts_opens_a_range_that_holds_the_answer_and_learning_some_of_them_only_narrows_it() => Arbitrary.Always(c =>
    {
        Fact[] forgotten = [.. c.Policy.Facts.Where((fact, i) => fact != Fact.Subject && (c.Seed >> (i % 29) & 3) == 0)];
        Fact[] learnt = [.. forgotten.Where((_, i) => i % 2 == 0)];
        var part = Answers(c, forgotten);
        return Answers(c).Zip(part).All(pair => IsSound(pair.First, pair.Second, forgotten))
            && Answers(c, learnt).Zip(part).All(pair => IsSound(pair.First, pair.Second, forgotten));
    });

    [Test]
    public void An_open_award_is_settled_by_the_facts_it_asks_for() => Arbitrary.Always(c =>
    {
        // What is asked for may lead to further questions, but each asks for what is not known yet, so that they end.
        foreach (var award in c.Draft.Awards.Where(a => a.Subject == c.Subject))
        {
            Fact[] forgotten = [.. c.Policy.Facts.Where((fact, i) => fact is not (Fact.Subject or Fact.ChosenAward) && (c.Seed >> (i % 29) & 3) == 0)];
            while (Answers(c, forgotten).Single(a => a.Award == award.Id) is { Outcome: Outcome.Open } open)
            {
                Fact[] still = [.. forgotten.Except(open.MissingFacts)];
                if (still.Length == forgotten.Length) return open.MissingFacts.SequenceEqual([Fact.ChosenAward]);
                forgotten = still;
            }
        }

        return true;
    });

    private static IReadOnlyList<AwardEvaluation> Answers(PolicyCase c, params Fact[] without) =>
        Evaluator.Evaluate(c.Policy, without.Aggregate(c.Facts, (facts, fact) => facts.Without(fact)), c.History).Awards;

    /// <summary>The same answer, a range that holds it, or an answer that names what it assumed.</summary>
    private static bool IsSound(AwardEvaluation full, AwardEvaluation part, Fact[] forgotten)
    {
        if (part.Reasons.Any(r => r.Kind == ReasonCode.AssumedFact && forgotten.Contains(r.Fact!.Value))) return true;
        // Who decides a case also finds what has to be found in it.
        if (part.Outcome != Outcome.Open && part.Reasons.All(r => r.Kind != ReasonCode.OpenAssessment)) return (part.Low, part.High) == (full.Low, full.High);
        return part.Low <= full.Low && (part.High is null || (full.High is { } most && most <= part.High));
    }
}
