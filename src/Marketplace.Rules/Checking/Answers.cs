using System.Globalization;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Evaluations, and what of them an example can speak about, as texts.</summary>
internal static class Answers
{
    /// <summary>The awards under the chosen readings, or with one interpretation read otherwise.</summary>
    public static IReadOnlyList<AwardEvaluation> Of(
        Policy policy, FactValues facts, IReadOnlyList<Grant> history, (string Interpretation, string Reading)? reading) =>
        reading is var (interpretation, other)
            ? Evaluator.Otherwise(policy, facts, history, interpretation, other)
            : Evaluator.Evaluate(policy, facts, history).Awards;

    /// <summary>The reasons that the answer goes by: without those that name an assumption, and without the smallness of the sum, which is no clause's doing.</summary>
    public static IEnumerable<Reason> Deciding(AwardEvaluation answer) =>
        answer.Reasons.Where(r => r.Kind is not (ReasonCode.AssumedFact or ReasonCode.AssumedHistory or ReasonCode.OpenMissingFact or ReasonCode.LimitedRounding));

    /// <summary>The reason that decided: of a granted sum the last, which is the limit that bound it, if one did; else the first.</summary>
    public static Reason? Decisive(AwardEvaluation answer) =>
        answer.Outcome == Rules.Outcome.Granted ? Deciding(answer).LastOrDefault() : answer.Reasons[0];

    /// <summary>As a document would write it: <c>10万元</c>, <c>5000元</c>, <c>99999.99元</c>.</summary>
    public static string Sum(Fen? sum) => sum switch
    {
        null => "none",
        { Value: not 0 and var fen } when fen % 1_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{fen / 1_000_000}万元"),
        { Value: var fen } when fen % 100 == 0 => string.Create(CultureInfo.InvariantCulture, $"{fen / 100}元"),
        { } known => known.ToYuanText() + "元",
    };

    public static string Payee(Payee payee) => AwardReader.Payees.First(p => p.Item2 == payee).Item1;

    public static string Shortage(Shortage? shortage) => shortage is { } known ? DocumentReader.Shortages.First(s => s.Item2 == known).Item1 : "none";

    public static string Outcome(Outcome outcome) => ExampleReader.Outcomes.First(o => o.Value == outcome).Name;

    public static string Clauses(AwardEvaluation answer) => List(answer.Reasons.Select(r => r.Clause).OfType<string>());

    public static string Missing(AwardEvaluation answer) => List(answer.MissingFacts.Select(f => f.Wire()));

    public static string Shares(AwardEvaluation answer) => Shares(answer.Shares.Select(s => (s.Payer, (Fen?)s.Amount)));

    public static string Shares(IEnumerable<(string Payer, Fen? Amount)> shares) => $"{{ {string.Join(", ", shares.Select(s => $"{s.Payer}: {Sum(s.Amount)}"))} }}";

    /// <summary>In one order, each once.</summary>
    public static string List(IEnumerable<string> words) => $"[{string.Join(", ", words.Distinct().Order(StringComparer.Ordinal))}]";
}
