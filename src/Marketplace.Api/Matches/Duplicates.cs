using Marketplace.Api.Achievements;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Matching;

namespace Marketplace.Api.Matches;

// 疑似重复: published listings of the same kind that may be this one again, of any owner, with the evidence. A caller who registers one is told
// when it is submitted; its owner and the moderators can ask.

public enum DuplicateEvidence
{
    [Label("文字相同", "Same text")] Text,
    [Label("标题相同", "Same title")] Title,
    [Label("知识产权相同", "Same right")] Right,
    [Label("归属方相同", "Same owner")] Owner,
}

/// <param name="Kind">What speaks for it; the same owner never does so alone.</param>
/// <param name="Detail">A sentence in the caller's language.</param>
public sealed record DuplicateReason(DuplicateEvidence Kind, string Detail);

/// <param name="Listing">The id of a published listing.</param>
/// <param name="Title">Its title.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="Similarity">0–1: the part of the shorter text that stands word for word in the longer.</param>
/// <param name="Reasons">What speaks for it.</param>
public sealed record Duplicate(string Listing, string Title, string Owner, double Similarity, IReadOnlyList<DuplicateReason> Reasons);

public sealed record Duplicates(IReadOnlyList<Duplicate> Data);

static class DuplicateEndpoints
{
    /// <summary>A near-duplicate is among the very best matches of its text; so many are compared word for word.</summary>
    const int Candidates = 50;

    public static void MapDuplicates(this IEndpointRouteBuilder api)
    {
        api.MapGet("/demands/{id}/duplicates", (string id, Caller caller, Session session, MatchIndex index, TimeProvider clock, HttpRequest request) =>
                List(DemandListings.Kind, id, caller, session, index, clock, request))
            .NeedsKey().Produces<Duplicates>().WithName("duplicatesOfDemand").WithSummary("Published demands that may be this one again, and why.").WithTags("matches");
        api.MapGet("/achievements/{id}/duplicates", (string id, Caller caller, Session session, MatchIndex index, TimeProvider clock, HttpRequest request) =>
                List(AchievementListings.Kind, id, caller, session, index, clock, request))
            .NeedsKey().Produces<Duplicates>().WithName("duplicatesOfAchievement").WithSummary("Published achievements that may be this one again, and why.")
            .WithTags("matches");
    }

    /// <summary>
    /// Tells who submits a listing what it may be a duplicate of. Looked for before the write unit begins, which does nothing but SQL; the
    /// handler finds it among the request's features. While the index still loads nothing is found: a submission does not wait for it.
    /// </summary>
    public static RouteHandlerBuilder LooksForDuplicates(this RouteHandlerBuilder route, ListingKind kind) =>
        route.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var (index, db, caller) = (http.RequestServices.GetRequiredService<MatchIndex>(), http.RequestServices.GetRequiredService<Db>(), Caller.Of(http));
            var clock = http.RequestServices.GetRequiredService<TimeProvider>();
            var id = (string)http.GetRouteValue("id")!;
            if (index.Loaded.IsCompletedSuccessfully && Ids.Is(kind.Prefix, id))
            {
                var found = await db.Read(async session => await ListingSql.Get(session, id) is { } row && caller.ActsFor(row.Owner)
                    ? await Find(session, await index.Loaded, kind, kind.Latest(row), clock, http.Request.Language())
                    : []);
                http.Features.Set(new Duplicates(found));
            }

            return await next(context);
        });

    static async Task<IResult> List(ListingKind kind, string id, Caller caller, Session session, MatchIndex index, TimeProvider clock, HttpRequest request)
    {
        var row = await ListingActs.Visible(session, clock, kind, id, caller);
        row = ListingKind.SeesRevision(row, caller) ? kind.Latest(row) : row;
        return caller.BelongsTo(row.Owner) || caller.SeesAll
            ? Results.Json(new Duplicates(await Find(session, await index.Loaded, kind, row, clock, request.Language())), Json.Options)
            : throw Problems.Forbidden(ListingLifecycle.Owner, Roles.Moderator, Roles.Auditor);
    }

    /// <summary>Only what is published is compared with, so a caller who may ask may see it.</summary>
    static async Task<IReadOnlyList<Duplicate>> Find(Session session, MarketIndex market, ListingKind kind, ListingRow row, TimeProvider clock, Language language)
    {
        var listing = kind.Indexed(row);
        var candidates = market.List(NearDuplicates.Candidates(listing), Candidates).Select(match => match.Id).Where(id => id != row.Id).ToList();
        var rows = await ListingSql.PublicOf(session, candidates, clock.Today());
        rows.RemoveAll(other => kind.IndexedIfReadable(other) is null);
        var others = rows.ConvertAll(kind.Indexed);
        var similarities = NearDuplicates.Similarities(listing, others);
        var rights = kind.RightNumbers(row);
        var found = new List<Duplicate>();
        for (var i = 0; i < rows.Count; i++)
        {
            var reasons = new List<DuplicateReason>();
            if (similarities[i] >= NearDuplicates.Least)
            {
                var percent = (int)(100 * similarities[i]);
                Add(DuplicateEvidence.Text, $"较短文本的 {percent}% 与另一文本相同。", $"{percent} % of the shorter text stands in the other.");
            }

            if (NearDuplicates.SameTitle(listing.Title, others[i].Title))
            {
                Add(DuplicateEvidence.Title, "标题相同。", "The titles are the same.");
            }

            if (rights.Intersect(kind.RightNumbers(rows[i])).ToList() is { Count: > 0 } shared)
            {
                Add(DuplicateEvidence.Right, $"知识产权编号相同：{string.Join('、', shared)}。", $"Both rest on the same right: {string.Join(", ", shared)}.");
            }

            if (reasons.Count == 0)
            {
                continue;
            }

            if (rows[i].Owner == row.Owner)
            {
                Add(DuplicateEvidence.Owner, "属于同一主体。", "One party owns both.");
            }

            found.Add(new(rows[i].Id, others[i].Title, rows[i].Owner, similarities[i], reasons));

            void Add(DuplicateEvidence evidence, string zh, string en) => reasons.Add(new(evidence, language == Language.English ? en : zh));
        }

        return [.. found.OrderByDescending(duplicate => duplicate.Similarity).ThenBy(duplicate => duplicate.Listing, StringComparer.Ordinal)];
    }
}
