using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Marketplace.Rules;

/// <summary>Evaluates policies. Pure: the answer depends on the arguments alone.</summary>
public static class Evaluator
{
    /// <summary>What was made to evaluate a policy and is free to do it again; to make it costs several times an evaluation.</summary>
    private static readonly ConditionalWeakTable<Policy, ConcurrentBag<RuleRun>> Idle = [];

    /// <summary>The same for each reading not chosen.</summary>
    private static readonly ConditionalWeakTable<Policy, ConcurrentDictionary<(string, string), ConcurrentBag<RuleRun>>> IdleOtherwise = [];

    /// <summary>
    /// What each award of the policy about the facts' subject comes to. Per award, in this order: in force, conditions, base, amount, limits,
    /// rounding; then stacking between the awards, then sharing. A missing fact never counts as zero or "no": it opens the award, with the
    /// range that the award must lie in, unless the award is refused anyway or the document says what to assume.
    /// </summary>
    /// <param name="policy">The policy. A specimen can be evaluated, but is never a policy in force.</param>
    /// <param name="facts">What is known of the subject, a contract unless the facts say otherwise.</param>
    /// <param name="history">Earlier grants, in any order; those of other awards, projects and contracts do no harm.</param>
    /// <param name="options">What to add to the answer; nothing by default.</param>
    /// <exception cref="OverflowException">A sum beyond about 92 million billion yuan.</exception>
    public static Evaluation Evaluate(Policy policy, Facts facts, IReadOnlyList<Grant> history, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(history);
        return Evaluate(policy, FactValues.Of(facts), history, options);
    }

    /// <summary>
    /// The same while it is unknown which version of a policy governs, because the facts lack its day: what any of them comes to lies in the
    /// range. The answer is otherwise the first version's.
    /// </summary>
    /// <param name="versions">Versions of one policy, at least one.</param>
    public static Evaluation Evaluate(IReadOnlyList<Policy> versions, Facts facts, IReadOnlyList<Grant> history, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(versions);
        var first = Evaluate(versions[0], facts, history, options);
        if (versions.Count == 1) return first;
        Evaluation[] all = [first, .. versions.Skip(1).Select(version => Evaluate(version, facts, history))];
        var awards = new List<AwardEvaluation>();
        foreach (var id in all.SelectMany(evaluation => evaluation.Awards).Select(award => award.Award).Distinct())
        {
            AwardEvaluation?[] each = [.. all.Select(evaluation => evaluation.Awards.FirstOrDefault(award => award.Award == id))];
            AwardEvaluation[] known = [.. each.OfType<AwardEvaluation>()];
            if (Array.TrueForAll(known, award => award.Outcome == Outcome.Refused))
            {
                awards.Add(known[0]);
                continue;
            }

            Fact[] days = [.. versions.SelectMany(version => version.Awards).Where(award => award.Id == id).Select(award => award.GovernedBy)];
            var missing = known.SelectMany(award => award.MissingFacts).Concat(days.Where(day => day.Day(facts) is null)).Distinct().Order().ToArray();
            awards.Add(known[0] with
            {
                Outcome = Outcome.Open, Certainty = Certainty.Range, Amount = null, Shares = [], Limits = [], MissingFacts = missing,
                // A version without the award pays nothing.
                Low = each.Min(award => award?.Low ?? Fen.Zero),
                High = Array.Exists(known, award => award.High is null) ? null : known.Max(award => award.High),
                Reasons = [.. missing.Select(fact => new Reason(ReasonCode.OpenMissingFact, null, null, fact, default, default))],
            });
        }

        return first with { Awards = awards };
    }

    /// <inheritdoc cref="Evaluate(Policy, Facts, IReadOnlyList{Grant}, EvaluationOptions?)"/>
    public static Evaluation Evaluate(Policy policy, FactValues facts, IReadOnlyList<Grant> history, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(history);
        var grants = new GrantList(history);
        var idle = Idle.GetOrCreateValue(policy);
        if (!idle.TryTake(out var rules)) rules = new RuleRun(policy, period => period.Rules);
        var runs = rules.Evaluate(facts, grants, explains: true, traces: options is { Explain: true });
        var awards = new AwardEvaluation[runs.Count];
        for (var i = 0; i < awards.Length; i++)
        {
            awards[i] = runs[i].Answer();
            if (options is { AllReadings: true }) awards[i] = awards[i] with { Readings = Readings(policy, runs[i].Award, awards[i], facts, grants) };
        }

        // One that threw is not used again.
        idle.Add(rules);
        return new Evaluation(policy.Id, policy.Version, policy.Hash, awards);
    }

    /// <summary>The awards with one interpretation read otherwise than chosen; as chosen where no rule asks that question.</summary>
    internal static IReadOnlyList<AwardEvaluation> Otherwise(Policy policy, FactValues facts, IReadOnlyList<Grant> history, string interpretation, string reading)
    {
        var idle = IdleOtherwise.GetOrCreateValue(policy).GetOrAdd((interpretation, reading), _ => []);
        if (!idle.TryTake(out var rules))
            rules = new RuleRun(policy, period => period.Others.FirstOrDefault(o => o.Interpretation == interpretation && o.Reading == reading)?.Rules ?? period.Rules);
        AwardEvaluation[] awards = [.. rules.Evaluate(facts, new GrantList(history), explains: true, traces: false).Select(run => run.Answer())];
        idle.Add(rules);
        return awards;
    }

    private static List<ReadingEvaluation> Readings(Policy policy, Award award, AwardEvaluation chosen, FactValues facts, GrantList history)
    {
        var readings = new List<ReadingEvaluation>();
        foreach (var interpretation in policy.Interpretations)
        {
            if (!award.Interpretations.Contains(interpretation.Id)) continue;
            foreach (var reading in interpretation.Readings)
            {
                if (reading.Id == interpretation.Chosen)
                {
                    readings.Add(new(interpretation.Id, reading.Id, true, chosen));
                    continue;
                }

                var other = new RuleRun(policy, period => period.Others.First(o => o.Interpretation == interpretation.Id && o.Reading == reading.Id).Rules)
                    .Evaluate(facts, history, explains: true, traces: false).FirstOrDefault(run => run.Award.Id == award.Id);
                readings.Add(new(interpretation.Id, reading.Id, false, other?.Answer()));
            }
        }

        return readings;
    }
}
