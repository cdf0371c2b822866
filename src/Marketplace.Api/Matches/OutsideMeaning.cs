using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Embeddings;
using Marketplace.Api.Http;
using Marketplace.Matching;
using Marketplace.Rules;

namespace Marketplace.Api.Matches;

/// <summary>
/// What an engine of meaning from outside adds to a ranking: of the best candidates those that are nearer than the others rise, the more
/// distant ones fall, by at most a share of the best score. A candidate without a vector stays where it is.
/// </summary>
static class OutsideMeaning
{
    /// <summary>The candidates among which it chooses; no answer is longer.</summary>
    public const int Candidates = 100;

    /// <summary>At a cosine that is one above or below the candidates' mean, in parts of the best score; differences seen are some tenths.</summary>
    const double Slope = 1;

    /// <summary>The most it moves a match, in parts of the best score.</summary>
    const double Most = 0.25;

    /// <summary>The best matches, with what the engine adds where one is configured and answers.</summary>
    public static async Task<IReadOnlyList<(Match Match, MatchReason? Reason)>> Search(
        MarketIndex market, Query query, int limit, ListingEmbeddings embeddings, string? listing, Session session, HttpRequest request)
    {
        if (embeddings.Model is not { } model)
        {
            return [.. market.Search(query, limit).Select(match => (match, (MatchReason?)null))];
        }

        var candidates = market.Search(query, Candidates);
        var nearness = await embeddings.Nearness(session, query.Text, listing, [.. candidates.Select(match => match.Id)], request.HttpContext.RequestAborted);
        return
        [
            .. Rank(candidates, nearness).Take(limit)
                .Select(ranked => (ranked.Match, nearness.Count == 0 ? null : Reason(ranked.Added, model, request.Language()))),
        ];
    }

    /// <param name="matches">The candidates, best first.</param>
    /// <param name="nearness">The cosine for each that has one.</param>
    /// <returns>The candidates in their new order, each with what was added to its score, or null where nothing is known.</returns>
    internal static IReadOnlyList<(Match Match, double? Added)> Rank(IReadOnlyList<Match> matches, IReadOnlyDictionary<string, double> nearness)
    {
        if (nearness.Count == 0)
        {
            return [.. matches.Select(match => (match, (double?)null))];
        }

        var (mean, best) = (nearness.Values.Average(), matches[0].Score);
        return
        [
            .. matches.Select(match => nearness.TryGetValue(match.Id, out var cosine) ? Moved(match, Slope * (cosine - mean)) : (match, (double?)null))
                .OrderByDescending(moved => moved.Item1.Score).ThenBy(moved => moved.Item1.Id, StringComparer.Ordinal),
        ];

        (Match, double?) Moved(Match match, double by)
        {
            var added = Math.Clamp(Math.Clamp(by, -Most, Most) * best, -match.Score, 1 - match.Score);
            return (match with { Score = match.Score + added }, added);
        }
    }

    /// <summary>What was added, as a reason beside those of the market's own engine.</summary>
    static MatchReason Reason(double? added, string model, Language language) => new(
        ReasonKind.Meaning.Code(), (added switch { null => Verdict.Unknown, < 0 => Verdict.Unmet, _ => Verdict.Met }).Code(),
        (added switch
        {
            null => new Wording($"模型 {model} 尚未处理此条信息。", $"The model {model} has not seen this listing yet."),
            < 0 => new($"按模型 {model}，含义不如其他候选相近。", $"By the model {model} further in meaning than the other candidates."),
            _ => new($"按模型 {model}，含义比其他候选更相近。", $"By the model {model} nearer in meaning than the other candidates."),
        }).In(language),
        added ?? 0, null, null, null);
}
