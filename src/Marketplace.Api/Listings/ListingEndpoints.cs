using System.ComponentModel;
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

    [RevisionState, Description("Those with a revision in this state beside what is published: the caller's own; for officials all but drafts.")]
    public string? Revision { get; init; }

    [IdOf("pty")]
    public string? Owner { get; init; }

    /// <summary>What the statement of a list filters by, asked of a row that was found otherwise.</summary>
    internal bool Admits(ListingRow row, Caller caller) =>
        (Field is null || row.Field == Field.Value.Code()) && (Region is null || row.Region.StartsWith(Region, StringComparison.Ordinal))
        && (Mode is null || row.Modes.Contains($",{Mode.Value.Code()},", StringComparison.Ordinal)) && (Owner is null || row.Owner == Owner)
        && (Revision is null || (row.RevisionState == Revision && ListingKind.SeesRevision(row, caller)));
}

sealed class ListingStateAttribute() : StateOfAttribute(ListingLifecycle.Demands);

sealed class RevisionStateAttribute() : StateOfAttribute(ListingLifecycle.Revisions);

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
        var group = api.MapGroup($"/{kind.Path}").WithTags(kind.Path).WithMetadata(kind.Lifecycle, ListingLifecycle.Revisions);

        group.MapPost("/", (Body<TContent> body, Caller caller, Session session, TimeProvider clock) => Create(kind, body.Value, caller, session, clock))
            .Needs(Roles.Member).Writes().Produces<TView>(StatusCodes.Status201Created).WithSummary($"Draft {one}.");
        group.MapGet("/", (Query<ListingQuery> query, Caller caller, Session session, MatchIndex index, TimeProvider clock, HttpContext http) =>
                List(kind, query.Value, caller, session, index, clock, http))
            .Produces<Page<TView>>().WithSummary($"Find {kind.Path}: newest first, or ranked with q.");
        group.MapGet("/{id}", (string id, Caller caller, Session session, TimeProvider clock) => Get(kind, id, caller, session, clock))
            .Produces<TView>().WithSummary($"One {kind.Name}.");
        group.MapPatch("/{id}", (string id, Patch<TContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
                Change(kind, id, patch, caller, session, clock, request))
            .Writes().Produces<TView>().WithSummary($"Change {one} that is still open; once it is published, what a moderator reviews becomes its revision.");
        group.MapDelete("/{id}", (string id, Caller caller, Session session, TimeProvider clock, HttpRequest request) => Delete(kind, id, caller, session, clock, request))
            .Writes().Produces(StatusCodes.Status204NoContent).WithSummary($"Delete {one} that is a draft.");

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

    static async Task<IResult> Get(ListingKind<TContent> kind, string id, Caller caller, Session session, TimeProvider clock) =>
        await Answer(session, kind, await ListingActs.Visible(session, clock, kind, id, caller), caller);

    static async Task<IResult> List(
        ListingKind<TContent> kind, ListingQuery query, Caller caller, Session session, MatchIndex index, TimeProvider clock, HttpContext http)
    {
        var today = clock.Today();
        var after = query.After(http.Request.Path);
        if (query.Q is null)
        {
            var rows = await ListingSql.List(session, kind, query, caller, today, after, query.Limit + 1);
            return Results.Json(query.ToPage(http, rows, row => row.Id, row => new Rendered<TView>(kind.View(row, caller, withConfidential: false))), Json.Options);
        }

        var (walk, last) = after is null ? (null, null) : Place(after);
        var (market, ranked) = await index.Find(kind, query, walk, last, query.Limit + 1);
        var found = (await ListingSql.ByIds(session, [.. ranked.Select(match => match.Id)])).ToDictionary(row => row.Id);
        // A listing that left publication or the filters since it was ranked is not shown; its place in the ranking still carries the cursor.
        var page = query.ToPage(http, ranked, match => string.Create(CultureInfo.InvariantCulture, $"{market.Number}|{match.Score:R}|{match.Id}"),
            match => found.TryGetValue(match.Id, out var row) && row.IsPublicOn(today) && query.Admits(row, caller) ? new Rendered<TView>(kind.View(row, caller, withConfidential: false)) : null);
        return Results.Json(page with { Data = [.. page.Data.Where(view => view is not null)] }, Json.Options);
    }

    static async Task<IResult> Change(
        ListingKind<TContent> kind, string id, Patch<TContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await OwnersOwn(session, clock, kind, id, caller);
        var version = request.RequireIfMatch(row.Version);
        if (version != row.Version)
        {
            throw await Stale(session, kind, row, caller);
        }

        if (ListingLifecycle.WriteProtection(row) is { } state)
        {
            throw Problems.InvalidTransition("update", state, kind.AvailableActions(row, caller));
        }

        var changed = await ListingActs.Rewrite(session, clock, kind, row, patch.Apply(kind.Content(kind.Latest(row))), caller)
            ?? throw await Stale(session, kind, (await ListingSql.Get(session, id))!, caller);
        return await Answer(session, kind, changed, caller);
    }

    static async Task<IResult> Delete(
        ListingKind<TContent> kind, string id, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await OwnersOwn(session, clock, kind, id, caller);
        if (request.IfMatch(row.Version) is { } wanted && wanted != row.Version)
        {
            throw await Stale(session, kind, row, caller);
        }

        if (row.State != ListingLifecycle.Draft)
        {
            throw Problems.InvalidTransition("delete", row.State, kind.AvailableActions(row, caller));
        }

        // Changed between the read and the write, it is looked at again.
        return await ListingActs.Delete(session, clock, kind, row, caller) ? Results.NoContent() : await Delete(kind, id, caller, session, clock, request);
    }

    static async Task<ListingRow> OwnersOwn(Session session, TimeProvider clock, ListingKind<TContent> kind, string id, Caller caller)
    {
        var row = await ListingActs.Visible(session, clock, kind, id, caller);
        return caller.ActsFor(row.Owner) ? row : throw Problems.Forbidden(ListingLifecycle.Owner);
    }

    static async Task<IResult> Act(
        ListingKind<TContent> kind, string id, string action, string? reason, Caller caller, Session session, TimeProvider clock,
        HttpRequest request)
    {
        var row = await ListingActs.Visible(session, clock, kind, id, caller);
        var version = request.IfMatch(row.Version);
        var ofRevision = ListingLifecycle.IsRevised(row.State) && ListingLifecycle.IsOfRevision(action) && ListingKind.SeesRevision(row, caller);
        var capacities = kind.Capacities(row, caller);
        var stale = version is { } wanted && wanted != row.Version ? await Stale(session, kind, row, caller) : null;
        var (machine, state) = ofRevision ? (ListingLifecycle.Revisions, row.RevisionState!) : (kind.Lifecycle, row.State);
        Lifecycle.RequireCaller(machine.Transitions.Where(t => t.Action == action), capacities, stale is null ? null : () => stale, isTheirs: false);
        var transition = machine.Find(action, state, capacities) ?? throw Problems.InvalidTransition(action, state, kind.AvailableActions(row, caller));
        if (transition.Who.Contains(Roles.Moderator) && caller.BelongsTo(row.Owner))
        {
            throw Problems.ConflictOfInterest();
        }

        var moved = ofRevision ? await ListingActs.MoveRevision(session, clock, kind, row, transition.To, caller.Party, reason)
            : action == ListingLifecycle.Restore ? await ListingActs.Move(session, clock, kind, row, row.RemovedFrom!, row.Version, caller.Party, reason)
            : await ListingActs.Move(session, clock, kind, row, transition.To, version, caller.Party, reason);
        if (moved is null)
        {
            // Somebody else acted between the read and the write; the rules are asked again about what is there now.
            return await Act(kind, id, action, reason, caller, session, clock, request);
        }

        var duplicates = request.HttpContext.Features.Get<Duplicates>()?.Data;
        return await Answer(session, kind, moved, caller, duplicates is { Count: > 0 } ? duplicates : null);
    }

    static async Task<Resource<Rendered<TView>>> Answer(
        Session session, ListingKind<TContent> kind, ListingRow row, Caller caller, IReadOnlyList<Duplicate>? duplicates = null) =>
        new(new(await ListingActs.View(session, kind, row, caller, duplicates)), row.Version);

    static async Task<Refusal> Stale(Session session, ListingKind<TContent> kind, ListingRow row, Caller caller) =>
        Problems.PreconditionFailed(Resource<Rendered<TView>>.TagOf(new(await ListingActs.View(session, kind, row, caller)), row.Version));

    /// <summary>Where a walk through a ranking goes on, and by the market of which moment.</summary>
    static (long? Walk, Matching.Continuation? Last) Place(string after) =>
        after.Split('|') is [var walk, var score, var id] && long.TryParse(walk, CultureInfo.InvariantCulture, out var number)
            && double.TryParse(score, CultureInfo.InvariantCulture, out var last)
            ? (number, new(last, id))
            : throw Problems.CursorInvalid();
}
