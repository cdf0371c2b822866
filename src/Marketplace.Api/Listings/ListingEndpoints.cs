using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Matches;

namespace Marketplace.Api.Listings;

public sealed record ListingQuery : PageQuery
{
    /// <summary>Full text over published listings; the answer is ranked, best first.</summary>
    [StringLength(2000, MinimumLength = 1)]
    public string? Q { get; init; }

    public TechnologyField? Field { get; init; }

    /// <summary>The first digits of the region code; 6301 finds all of Xining.</summary>
    [RegularExpression("[0-9]{2,6}")]
    public string? Region { get; init; }

    public CooperationMode? Mode { get; init; }

    [ListingState]
    public string? State { get; init; }

    [IdOf("pty")]
    public string? Owner { get; init; }
}

sealed class ListingStateAttribute() : StateOfAttribute(ListingLifecycle.Demands);

/// <summary>A step's reason, where one is wanted.</summary>
public sealed record Note
{
    [StringLength(1000, MinimumLength = 1)]
    public string? Reason { get; init; }
}

/// <summary>A step that owes its reason to somebody.</summary>
public sealed record RequiredNote
{
    [StringLength(1000, MinimumLength = 1)]
    public required string Reason { get; init; }
}

/// <summary>The operations that demands and achievements share.</summary>
static class ListingEndpoints<TContent, TView>
    where TContent : ListingContent
    where TView : TContent, IListing
{
    public static void Map(IEndpointRouteBuilder api, ListingKind<TContent> kind)
    {
        var one = kind.Name.StartsWith('a') ? $"an {kind.Name}" : $"a {kind.Name}";
        var group = api.MapGroup($"/{kind.Path}").WithTags(kind.Path).WithMetadata(kind.Lifecycle);

        group.MapPost("/", (Body<TContent> body, Caller caller, Session session, TimeProvider clock) => Create(kind, body.Value, caller, session, clock))
            .Needs(Roles.Member).Writes().Produces<TView>(StatusCodes.Status201Created).WithSummary($"Draft {one}.");
        group.MapGet("/", (Query<ListingQuery> query, Caller caller, Session session, MatchIndex index, HttpContext http) =>
                List(kind, query.Value, caller, session, index, http))
            .Produces<Page<TView>>().WithSummary($"Find {kind.Path}: newest first, or ranked with q.");
        group.MapGet("/{id}", (string id, Caller caller, Session session) => Get(kind, id, caller, session))
            .Produces<TView>().WithSummary($"One {kind.Name}.");
        group.MapPatch("/{id}", (string id, Patch<TContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
                Change(kind, id, patch, caller, session, clock, request))
            .Writes().Produces<TView>().WithSummary($"Change {one} that is still open.");

        foreach (var action in kind.Lifecycle.Transitions.Where(t => !t.Who.Contains(Lifecycle.Clock)).Select(t => t.Action).Distinct())
        {
            var route = $"/{{id}}/{action}";
            var mapped = ListingLifecycle.NeedsReason(action)
                ? group.MapPost(route, (string id, Body<RequiredNote> note, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
                    Act(kind, id, action, note.Value.Reason, caller, session, clock, request))
                : group.MapPost(route, (string id, Body<Note> note, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
                    Act(kind, id, action, note.Value.Reason, caller, session, clock, request));
            if (action == ListingLifecycle.Submit)
            {
                mapped.LooksForDuplicates(kind);
            }

            mapped.Writes().Produces<TView>().WithSummary($"{char.ToUpperInvariant(action[0])}{action[1..]} {one}.");
        }
    }

    static async Task<IResult> Create(ListingKind<TContent> kind, TContent content, Caller caller, Session session, TimeProvider clock)
    {
        if (!kind.MayBelongTo(caller.PartyKind))
        {
            throw Problems.Forbidden(kind.OwnerKinds);
        }

        var row = await ListingActs.Create(session, clock, kind, content, caller.Party, caller.Region, caller);
        return new Resource<Rendered<TView>>(
            new(kind.View(row, caller, withConfidential: true)), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/{kind.Path}/{row.Id}");
    }

    static async Task<IResult> Get(ListingKind<TContent> kind, string id, Caller caller, Session session) =>
        await Answer(session, kind, await ListingActs.Visible(session, kind, id, caller), caller);

    static async Task<IResult> List(
        ListingKind<TContent> kind, ListingQuery query, Caller caller, Session session, MatchIndex index, HttpContext http)
    {
        var after = query.After(http.Request.Path);
        if (query.Q is null)
        {
            var rows = await ListingSql.List(session, kind, query, caller, after, query.Limit + 1);
            return Results.Json(query.ToPage(http, rows, row => row.Id, row => new Rendered<TView>(kind.View(row, caller, withConfidential: false))), Json.Options);
        }

        var ranked = await index.Find(kind, query, after is null ? null : Continuation(after), query.Limit + 1);
        var found = (await ListingSql.ByIds(session, [.. ranked.Select(match => match.Id)])).ToDictionary(row => row.Id);
        // A listing that left publication since it was indexed is not shown; its place in the ranking still carries the cursor.
        var page = query.ToPage(http, ranked, match => string.Create(CultureInfo.InvariantCulture, $"{match.Score:R}|{match.Id}"),
            match => found.TryGetValue(match.Id, out var row) && row.IsPublic ? new Rendered<TView>(kind.View(row, caller, withConfidential: false)) : null);
        return Results.Json(page with { Data = [.. page.Data.Where(view => view is not null)] }, Json.Options);
    }

    static async Task<IResult> Change(
        ListingKind<TContent> kind, string id, Patch<TContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await ListingActs.Visible(session, kind, id, caller);
        if (!caller.ActsFor(row.Owner))
        {
            throw Problems.Forbidden(ListingLifecycle.Owner);
        }

        var version = request.RequireIfMatch(row.Version);
        if (version != row.Version)
        {
            throw await Stale(session, kind, row, caller);
        }

        if (!ListingLifecycle.IsOpen(row.State))
        {
            throw Problems.InvalidTransition("update", row.State, kind.Lifecycle.AvailableActions(row.State, kind.Capacities(row, caller)));
        }

        var changed = await ListingActs.Rewrite(session, clock, kind, row, patch.Apply(kind.Content(row)), caller)
            ?? throw await Stale(session, kind, (await ListingSql.Get(session, id))!, caller);
        return await Answer(session, kind, changed, caller);
    }

    static async Task<IResult> Act(
        ListingKind<TContent> kind, string id, string action, string? reason, Caller caller, Session session, TimeProvider clock,
        HttpRequest request)
    {
        var row = await ListingActs.Visible(session, kind, id, caller);
        var version = request.IfMatch(row.Version);
        var capacities = kind.Capacities(row, caller);
        var stale = version is { } wanted && wanted != row.Version ? await Stale(session, kind, row, caller) : null;
        var transition = kind.Lifecycle.Require(action, row.State, capacities, stale is null ? null : () => stale);
        if (transition.Who.Contains(Roles.Moderator) && caller.BelongsTo(row.Owner))
        {
            throw Problems.ConflictOfInterest();
        }

        var moved = await ListingActs.Move(session, clock, kind, row, transition.To, version, caller.Party, reason);
        if (moved is null)
        {
            var now = (await ListingSql.Get(session, id))!;
            throw now.State == row.State
                ? await Stale(session, kind, now, caller)
                : Problems.InvalidTransition(action, now.State, kind.Lifecycle.AvailableActions(now.State, capacities));
        }

        var duplicates = request.HttpContext.Features.Get<Duplicates>()?.Data;
        return await Answer(session, kind, moved, caller, duplicates is { Count: > 0 } ? duplicates : null);
    }

    static async Task<Resource<Rendered<TView>>> Answer(
        Session session, ListingKind<TContent> kind, ListingRow row, Caller caller, IReadOnlyList<Duplicate>? duplicates = null) =>
        new(new(await ListingActs.View(session, kind, row, caller, duplicates)), row.Version);

    static async Task<Refusal> Stale(Session session, ListingKind<TContent> kind, ListingRow row, Caller caller) =>
        Problems.PreconditionFailed(Resource<Rendered<TView>>.TagOf(new(await ListingActs.View(session, kind, row, caller)), row.Version));

    static Matching.Continuation Continuation(string after)
    {
        return after.Split('|') is [var score, var id] && double.TryParse(score, CultureInfo.InvariantCulture, out var last)
            ? new(last, id)
            : throw Problems.CursorInvalid();
    }
}
