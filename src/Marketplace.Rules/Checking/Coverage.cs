using System.Globalization;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>What the examples leave unshown: reasons that an award can give, and the places where its sum changes its rule.</summary>
/// <param name="policy">The policy.</param>
/// <param name="awards">The awards as they stand in the document.</param>
/// <param name="analysis">Its analysis.</param>
/// <param name="cases">Cases that the policy calls for.</param>
/// <param name="examples">Its examples.</param>
internal sealed class Coverage(
    Policy policy, MapNode awards, PolicyAnalysis analysis, DerivedCases cases, IReadOnlyList<Example> examples, Suggestions suggestions)
{
    private readonly Example[] _plain = [.. examples.Where(e => e.Reading is null)];

    public void Check(Faults faults)
    {
        foreach (var award in policy.Awards)
        {
            var shown = _plain.Where(e => e.Expected.Any(x => x.Award == award.Id)).ToArray();
            Reasons(award, shown, faults);
            Edges(award, shown, faults);
        }
    }

    private void Reasons(Award award, Example[] shown, Faults faults)
    {
        var known = shown.SelectMany(e => Ways(e.Evaluate(policy), award)).ToHashSet();
        List<string> missing = [], examples = [];
        foreach (var derived in cases.ByAward[award.Id])
        {
            var ways = Ways(derived.Evaluate(policy), award).Where(known.Add).ToArray();
            if (ways.Length == 0) continue;
            missing.AddRange(ways.Select(way => way.Clause is null ? way.Code : $"{way.Code} ({way.Clause})"));
            examples.Add(suggestions.Of(derived, award.Id));
        }

        if (missing.Count == 0) return;
        var list = string.Join(", ", missing);
        faults.Warning(Key(award), "POL801", new($"没有例子显示补贴项“{award.Id}”的这些结果:{list}", $"No example shows award \"{award.Id}\" with {list}."), Fix, string.Concat(examples));
    }

    private void Edges(Award award, Example[] shown, Faults faults)
    {
        List<string> missing = [], examples = [];
        var plain = cases.ByAward[award.Id][0];
        foreach (var day in policy.InForce.Edges())
            if (!shown.Any(e => Day(e.Facts, award) == day))
                Miss(award.GovernedBy, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        foreach (var (fact, at) in analysis.Awards.Where(a => a.Award == award.Id).SelectMany(a => a.BreakPoints).Distinct())
        {
            // One item more is no neighbour of a break-point as one fen more is.
            for (var near = at - 1; near <= (fact.Type() == FactType.Money ? at + 1 : at); near++)
            {
                var outcome = Outcome(plain.With(fact, Text(fact, near)).Evaluate(policy), award);
                if (!shown.Any(e => Stated(e.Facts, fact) == near && Outcome(e.Evaluate(policy), award) == outcome)) Miss(fact, Text(fact, near));
            }
        }

        if (missing.Count == 0) return;
        var list = string.Join(", ", missing);
        faults.Warning(Key(award), "POL802", new($"没有例子落在补贴项“{award.Id}”的这些转折点上:{list}", $"No example of award \"{award.Id}\" stands at {list}."), Fix, string.Concat(examples));

        void Miss(Fact fact, string value)
        {
            missing.Add($"{fact.Wire()} {value}");
            examples.Add(suggestions.Of(plain.With(fact, value), award.Id));
        }
    }

    /// <summary>The ways in which an award came out: each refusal, or what decided the sum.</summary>
    private static IEnumerable<(string Code, Fact? Fact, string? Clause, string? Interpretation)> Ways(IReadOnlyList<AwardEvaluation> answers, Award award)
    {
        // An example about another subject says nothing of the award, whatever it expects.
        if (answers.FirstOrDefault(a => a.Award == award.Id) is not { } answer) return [];
        var deciding = answer.Outcome == Rules.Outcome.Granted ? Answers.Deciding(answer).TakeLast(1) : Answers.Deciding(answer);
        return answer.Outcome == Rules.Outcome.Open ? [] : deciding.Select(r => (r.Code, r.Fact, r.Clause, r.Interpretation));
    }

    private static Outcome? Outcome(IReadOnlyList<AwardEvaluation> answers, Award award) => answers.FirstOrDefault(a => a.Award == award.Id)?.Outcome;

    private static string Text(Fact fact, long value) =>
        fact.Type() == FactType.Money ? Answers.Sum(new Fen(value)) : value.ToString(CultureInfo.InvariantCulture);

    private DateOnly? Day(Facts facts, Award award) => Stated(facts, award.GovernedBy) is { } day ? DateOnly.FromDayNumber((int)day) : null;

    /// <summary>A fact as given, or as the policy assumes it.</summary>
    private long? Stated(Facts facts, Fact fact)
    {
        if (fact.Info().Number!(facts) is { } given) return given;
        return policy.Standing[(int)fact] switch { null => null, { Instead: { } other } => other.Info().Number!(facts), var assumption => assumption.Number };
    }

    private ScalarNode Key(Award award) => awards.Entries.First(e => e.Key.Text == award.Id).Key;

    private static Wording Fix => new("按条款手工核对后把建议的例子加入例子文件。", "Work the suggested examples out by hand against the clauses, then add them.");
}
