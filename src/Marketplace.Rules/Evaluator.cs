namespace Marketplace.Rules;

/// <summary>Evaluates policies. Pure: the answer depends on the arguments alone.</summary>
public static class Evaluator
{
    /// <summary>
    /// What each award of the policy comes to. Per award, in this order: in force, conditions, amount, limits, rounding down to the fen, sharing.
    /// A missing fact never counts as zero or "no"; it opens the award unless the award is refused anyway or the document says what to assume.
    /// </summary>
    /// <param name="policy">The policy.</param>
    /// <param name="facts">What is known of the contract.</param>
    /// <param name="history">Earlier grants, in any order; those of other awards, projects and contracts do no harm.</param>
    /// <param name="options">What to add to the answer; nothing by default.</param>
    public static Evaluation Evaluate(Policy policy, Facts facts, IReadOnlyList<Grant> history, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(history);
        var awards = new AwardEvaluation[policy.Awards.Count];
        for (var i = 0; i < awards.Length; i++)
        {
            var award = policy.Awards[i];
            var answer = new AwardRun(policy, award, facts, history, options is { Explain: true }).Run();
            awards[i] = options is { AllReadings: true } ? answer with { Readings = Readings(policy, award, answer, facts, history) } : answer;
        }

        return new Evaluation(policy.Id, policy.Version, policy.Hash, awards);
    }

    private static List<ReadingEvaluation> Readings(Policy policy, Award award, AwardEvaluation chosen, Facts facts, IReadOnlyList<Grant> history)
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

                var other = policy.Others.First(o => o.Interpretation == interpretation.Id && o.Reading == reading.Id)
                    .Awards.FirstOrDefault(a => a.Id == award.Id);
                readings.Add(new(interpretation.Id, reading.Id, false,
                    other is null ? null : new AwardRun(policy, other, facts, history, explain: false).Run()));
            }
        }

        return readings;
    }
}
