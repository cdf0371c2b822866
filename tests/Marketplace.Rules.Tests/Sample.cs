namespace Marketplace.Rules.Tests;

/// <summary>A policy of one's own for one shape at a time: specimens, so that the quote is whatever the test says.</summary>
internal static class Sample
{
    /// <summary>Facts that every sample governs.</summary>
    public static Facts Facts { get; } = new()
    {
        Kind = ContractKind.Transfer, RecognisedOn = new DateOnly(2023, 6, 1), Contract = "C1", Project = "P1", Buyer = "B1", Seller = "S1", Office = "O1", Achievement = "A1",
    };

    /// <summary>A policy with these awards; <paramref name="quote"/> holds all its numbers.</summary>
    public static LoadResult Read(string quote, string awards, string more = "") => PolicyDocument.LoadSpecimen("sample.yaml", $$"""
        schema: policy/1
        specimen: true
        id: sample
        version: "1"
        region: "350000"
        title: sample
        authority: nobody
        source: { file: table }
        inForce: { from: 2020-01-01, cite: day }
        governedBy: recognisedOn
        clauses:
          day: { article: "0", quote: 2020-01-01 }
          a: { article: "1", quote: "{{quote}}" }
        awards:
        {{string.Join('\n', awards.Split('\n').Select(line => "  " + line))}}
        {{more}}
        """);

    /// <summary>A policy of one award <c>x</c>, whose keys after label and payee are given.</summary>
    public static Policy Of(string quote, params string[] keys) => Policy(quote, Award("x", keys));

    public static Policy Policy(string quote, string awards, string more = "")
    {
        var result = Read(quote, awards, more);
        Assert.That(result.Policy, Is.Not.Null, string.Join('\n', result.Diagnostics));
        return result.Policy!;
    }

    public static string Award(string id, params string[] keys) =>
        $"{id}:\n  label: {id}\n  payee: seller\n{string.Join('\n', keys.SelectMany(key => key.Split('\n')).Select(line => "  " + line))}";

    public static AwardEvaluation Evaluate(this Policy policy, Facts facts, params Grant[] history) => policy.EvaluateAll(facts, history)[0];

    public static IReadOnlyList<AwardEvaluation> EvaluateAll(this Policy policy, Facts facts, params Grant[] history) =>
        Evaluator.Evaluate(policy, facts, history, new EvaluationOptions { Explain = true }).Awards;

    /// <summary>What award <c>x</c> comes to, in yuan.</summary>
    public static string? Yuan(this Policy policy, Facts facts, params Grant[] history) => policy.Evaluate(facts, history).Amount?.ToString();
}
