using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Achievements;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Embeddings;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;
using Marketplace.Matching;

namespace Marketplace.Api.Matches;

// 供需匹配: the published listings of the other side, ranked, each with its reasons. A listing is never matched with its owner's own.

/// <summary>One piece of evidence; the weights of a match add up to its score.</summary>
/// <param name="Kind">terms, meaning, field, region, budget, readiness or mode.</param>
/// <param name="Verdict">met, unmet or unknown.</param>
/// <param name="Detail">A sentence in the caller's language.</param>
/// <param name="Weight">What it adds to the score; negative when it speaks against the match.</param>
/// <param name="Terms">The phrases that stand in both texts.</param>
/// <param name="QuerySpans">Where they stand in what was asked with: the listing whose matches these are, or the text sent.</param>
/// <param name="Spans">Where they stand in the listing found.</param>
public sealed record MatchReason(
    string Kind, string Verdict, string Detail, double Weight, IReadOnlyList<string>? Terms, IReadOnlyList<MatchSpan>? QuerySpans,
    IReadOnlyList<MatchSpan>? Spans);

/// <summary>A place in a text, in the units of UTF-16 that JavaScript, Java and .NET count in. At most eight are given for a term and text.</summary>
/// <param name="Term">The number of the term in <c>terms</c>, from 0; it may be written in another width, case or form here.</param>
/// <param name="Member">The member of the resource: title, description or summary, keywords; text for a text sent.</param>
/// <param name="Item">The number of the keyword, from 0; absent for the other members.</param>
/// <param name="Start">Where it begins, from 0.</param>
/// <param name="Length">How many units it has.</param>
public sealed record MatchSpan(int Term, string Member, int? Item, int Start, int Length);

/// <param name="Achievement">What was found, when achievements were searched.</param>
/// <param name="Demand">What was found, when demands were searched.</param>
/// <param name="Score">0–1, comparable between matches of one request.</param>
public sealed record MatchView(Rendered<Achievement>? Achievement, Rendered<Demand>? Demand, double Score, IReadOnlyList<MatchReason> Reasons);

/// <param name="Data">Best first.</param>
/// <param name="Algorithm">The version of the ranking: of one algorithm and model, the same texts in the same market score the same.</param>
/// <param name="Model">The version of what was learned from the market's texts and deals; absent while nothing was.</param>
public sealed record Matches(IReadOnlyList<MatchView> Data, string Algorithm, string? Model);

public enum SearchedSide
{
    [Label("科技成果", "Achievements")] Achievements,
    [Label("技术需求", "Demands")] Demands,
}

/// <summary>A need or an offer that is not registered.</summary>
public sealed record MatchRequest : IChecked
{
    [StringLength(20_000, MinimumLength = 1)]
    public required string Text { get; init; }

    public SearchedSide Side { get; init; } = SearchedSide.Achievements;

    public TechnologyField? Field { get; init; }

    [Region]
    public string? Region { get; init; }

    public Budget? Budget { get; init; }

    [MaxLength(6)]
    public IReadOnlyList<CooperationMode> Modes { get; init; } = [];

    [Range(1, 100)]
    public int Limit { get; init; } = 20;

    public IEnumerable<Fault> Check() => Budget?.Check() ?? [];
}

sealed record MatchQuery
{
    [Range(1, 100)]
    public int Limit { get; init; } = 20;

    [Description("Of the best limit matches only those that were published or changed since this instant, such as 2026-03-02T04:00:00Z; not in the future.")]
    public DateTimeOffset? Since { get; init; }

    public MatchQuery NotInFuture(TimeProvider clock) => Since is { } since && since > clock.Now()
        ? throw Problems.InvalidQuery([new("since", "in-future", new($"{since:O} 在将来。", $"{since:O} lies in the future."))])
        : this;
}

static class MatchEndpoints
{
    public static void MapMatches(this IEndpointRouteBuilder api)
    {
        api.MapGet("/demands/{id}/matches", (string id, Query<MatchQuery> query, Caller caller, Session session, MatchIndex index, ListingEmbeddings embeddings, TimeProvider clock, HttpRequest request) =>
                ForListing(DemandListings.Kind, id, query.Value.NotInFuture(clock), caller, session, index, embeddings, clock, request))
            .Computes().Produces<Matches>().WithName("matchDemand").WithSummary("Achievements that answer a demand, and why.").WithTags("matches");
        api.MapGet("/achievements/{id}/matches", (string id, Query<MatchQuery> query, Caller caller, Session session, MatchIndex index, ListingEmbeddings embeddings, TimeProvider clock, HttpRequest request) =>
                ForListing(AchievementListings.Kind, id, query.Value.NotInFuture(clock), caller, session, index, embeddings, clock, request))
            .Computes().Produces<Matches>().WithName("matchAchievement").WithSummary("Demands that an achievement answers, and why.").WithTags("matches");
        api.MapPost("/matches", ForText).Computes().Produces<Matches>()
            .WithName("matchText").WithSummary("Rank published listings for a text that is not registered.").WithTags("matches");
    }

    static async Task<IResult> ForListing(
        ListingKind kind, string id, MatchQuery asked, Caller caller, Session session, MatchIndex index, ListingEmbeddings embeddings, TimeProvider clock, HttpRequest request)
    {
        var row = await ListingActs.Visible(session, clock, kind, id, caller);
        var query = Query.For(kind.Indexed(row)) with { Filter = new() { NotOwner = row.Owner } };
        return await Answer(query, row, asked, caller, session, index, embeddings, clock, request);
    }

    static Task<IResult> ForText(Body<MatchRequest> body, Caller caller, Session session, MatchIndex index, ListingEmbeddings embeddings, TimeProvider clock, HttpRequest request)
    {
        var asked = body.Value;
        var query = new Query
        {
            Side = asked.Side == SearchedSide.Achievements ? Side.Achievements : Side.Demands,
            Text = asked.Text, Field = asked.Field?.Code(), Region = asked.Region, Modes = [.. asked.Modes.Select(mode => mode.Code())],
            Money = asked.Budget is { } budget ? new(budget.Min?.Value, budget.Max?.Value) : null,
        };
        return Answer(query, null, new() { Limit = asked.Limit }, caller, session, index, embeddings, clock, request);
    }

    /// <param name="query">What is looked for.</param>
    /// <param name="own">The listing whose words they are; null for a text that is not registered.</param>
    static async Task<IResult> Answer(
        Query query, ListingRow? own, MatchQuery asked, Caller caller, Session session, MatchIndex index, ListingEmbeddings embeddings, TimeProvider clock,
        HttpRequest request)
    {
        var market = await index.Loaded.WaitAsync(request.HttpContext.RequestAborted);
        var matches = await OutsideMeaning.Search(market, query, asked.Limit, embeddings, own?.Id, session, request);
        var kind = ListingKinds.On(query.Side);
        // What left publication since it was indexed, or can no longer be read, is not among them.
        var rows = (await ListingSql.PublicOf(session, [.. matches.Select(ranked => ranked.Match.Id)], clock.Today()))
            .Where(row => kind.IndexedIfReadable(row) is not null).ToDictionary(row => row.Id);
        var found = new List<(Match Match, ListingRow Row, MatchReason? Meaning)>(matches.Count);
        foreach (var (match, meaning) in matches)
        {
            if (rows.TryGetValue(match.Id, out var row) && !(row.UpdatedAt < asked.Since))
            {
                found.Add((match, row, meaning));
            }
        }

        var textMember = own is null ? "text" : ListingKinds.Named(own.Kind).TextMember;
        var reasons = market.Explain(query, found.ConvertAll(one => (one.Match, kind.Indexed(one.Row))));
        var data = found.Select((one, i) =>
        {
            var view = kind.View(one.Row, caller, withConfidential: false);
            List<MatchReason> why = [.. reasons[i].Select(reason => View(reason, request.Language(), textMember, kind.TextMember))];
            if (one.Meaning is { } meaning)
            {
                why.Add(meaning);
            }

            return query.Side == Side.Achievements ? new MatchView(new(view), null, one.Match.Score, why) : new(null, new(view), one.Match.Score, why);
        }).ToList();
        // Another may be in force by now than when they were found.
        var model = matches.Count > 0 ? matches[0].Match.Model : market.ModelVersion;
        return Results.Json(new Matches(data, MarketIndex.Algorithm, model), Json.Options);
    }

    static MatchReason View(Reason reason, Language language, string askedMember, string foundMember)
    {
        var isTerms = reason.Kind == ReasonKind.Terms;
        return new(
            reason.Kind.Code(), reason.Verdict.Code(), language == Language.English ? reason.DetailEn : reason.DetailZh, reason.Weight,
            isTerms ? reason.Terms : null, isTerms ? Spans(reason.QuerySpans, askedMember) : null, isTerms ? Spans(reason.ListingSpans, foundMember) : null);

        static List<MatchSpan> Spans(IReadOnlyList<TextSpan> spans, string textMember) => [.. spans.Select(span => new MatchSpan(
            span.Term, span.Member == TextMember.Text ? textMember : span.Member.Code(), span.Member == TextMember.Keywords ? span.Item : null, span.Start, span.Length))];
    }
}
