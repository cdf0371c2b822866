using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Rules;

/// <summary>
/// What an evaluation was made of and what came out, as hashes (凭证): a holder of the policy document, the facts and the history can have
/// the evaluation made again years later, without the market, and see that it is the same. All hashes are SHA-256 in lower-case hex.
/// </summary>
/// <param name="Engine">Version of the rules of evaluation, <see cref="CurrentEngine"/> when it was made.</param>
/// <param name="Policy">Hash of the policy document, <see cref="Rules.Policy.Hash"/>.</param>
/// <param name="Facts">Hash of the facts.</param>
/// <param name="History">Hash of the earlier grants; their order does not count.</param>
/// <param name="Answer">Hash of what each award came to and why.</param>
/// <param name="Hash">Hash of all these parts.</param>
public sealed record Receipt(string Engine, string Policy, string Facts, string History, string Answer, string Hash)
{
    /// <summary>Rises when the same policy, facts and history would give another answer.</summary>
    public const string CurrentEngine = "rules/2";

    /// <summary>The receipt of an evaluation, which is made for it.</summary>
    public static Receipt Of(Policy policy, Facts facts, IReadOnlyList<Grant> history)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(history);
        var (factsHash, historyHash) = (Sha256(Text(facts)), Sha256(Text(history)));
        var answer = Sha256(Text(Evaluator.Evaluate(policy, facts, history)));
        return new(CurrentEngine, policy.Hash, factsHash, historyHash, answer, Whole(CurrentEngine, policy.Hash, factsHash, historyHash, answer));
    }

    /// <summary>The first part that does not agree when the evaluation is made again; null when all do.</summary>
    /// <returns><c>hash</c> (the receipt itself was altered), <c>engine</c>, <c>policy</c>, <c>facts</c>, <c>history</c>, <c>answer</c>, or null.</returns>
    public string? Replay(Policy policy, Facts facts, IReadOnlyList<Grant> history)
    {
        if (Hash != Whole(Engine, Policy, Facts, History, Answer)) return "hash";
        var again = Of(policy, facts, history);
        return Engine != again.Engine ? "engine" : Policy != again.Policy ? "policy" : Facts != again.Facts ? "facts"
            : History != again.History ? "history" : Answer != again.Answer ? "answer" : null;
    }

    private static string Whole(params ReadOnlySpan<string> parts) => Sha256(string.Join('\n', parts));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Text(Facts facts)
    {
        var text = new StringBuilder();
        foreach (var fact in FactNames.All)
        {
            var info = fact.Info();
            if (info.Number?.Invoke(facts) is { } number) text.Append(CultureInfo.InvariantCulture, $"{info.Wire}={number}\n");
            else if (info.Word?.Invoke(facts) is { } word) text.Append(CultureInfo.InvariantCulture, $"{info.Wire}={word.Length}:{word}\n");
        }

        foreach (var finding in facts.Findings ?? []) text.Append(CultureInfo.InvariantCulture, $"finding={finding.Name.Length}:{finding.Name}={finding.Holds}\n");
        return text.ToString();
    }

    private static string Text(IReadOnlyList<Grant> history) => string.Join('\n', history.Select(g => string.Join('|', new[]
    {
        g.Award, g.Amount.Value.ToString(CultureInfo.InvariantCulture), g.Project, g.Contract, g.Achievement, g.Party, g.Buyer, g.Seller, g.Title, g.Platform, g.Office,
        g.On?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    }.Select(part => part is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{part.Length}:{part}")))).Order(StringComparer.Ordinal));

    private static string Text(Evaluation evaluation) => string.Join('\n', evaluation.Awards.Select(a => string.Create(CultureInfo.InvariantCulture,
        $"{a.Award}|{a.Outcome}|{a.Certainty}|{a.Low.Value}|{a.High?.Value}|{string.Join(',', a.Reasons.Select(r => $"{r.Code}@{r.Clause}/{r.Interpretation}"))}|{string.Join(',', a.Shares.Select(s => $"{s.Payer}={s.Amount.Value}"))}")));
}
