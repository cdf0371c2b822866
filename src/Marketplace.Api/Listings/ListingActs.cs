using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Matches;

namespace Marketplace.Api.Listings;

/// <summary>What can be done to a listing, for requests, imports and the clock alike; each within the caller's transaction.</summary>
static class ListingActs
{
    /// <summary>The row, or 404 where there is none that this caller may know of.</summary>
    public static async Task<ListingRow> Visible(Session session, ListingKind kind, string id, Caller caller)
    {
        var row = Ids.Is(kind.Prefix, id) ? await ListingSql.Get(session, id) : null;
        return row is not null && await IsVisible(session, row, caller) ? row : throw Problems.NotFound();
    }

    public static async Task<bool> IsVisible(Session session, ListingRow row, Caller caller) =>
        row.IsPublic
        || caller.BelongsTo(row.Owner)
        || (row.State != ListingLifecycle.Draft
            && (caller.SeesAll || (!caller.IsAnonymous && await IntroductionSql.ConcernsListing(session, row.Id, caller.Party))));

    public static async Task<byte[]> View(
        Session session, ListingKind kind, ListingRow row, Caller caller, IReadOnlyList<Duplicate>? duplicates = null)
    {
        var withConfidential = row.Confidential is not null && !caller.IsAnonymous
            && (caller.BelongsTo(row.Owner) || await IntroductionSql.OpensListing(session, row.Id, caller.Party));
        return kind.View(row, caller, withConfidential, duplicates);
    }

    public static async Task<ListingRow> Create<TContent>(
        Session session, TimeProvider clock, ListingKind<TContent> kind, TContent content, string owner, string ownerRegion, Caller caller)
        where TContent : ListingContent
    {
        var now = clock.Now();
        var row = kind.Fill(new() { Id = Ids.New(kind.Prefix, clock), Owner = owner, CreatedAt = now, UpdatedAt = now }, content, ownerRegion);
        if (!await ListingSql.Insert(session, row))
        {
            throw ExternalIdTaken();
        }

        await EventSql.Append(session, clock, $"{kind.Name}.created", row.Id, caller.Party, new { row.State, row.Version }, row.Owner);
        return row;
    }

    /// <summary>Rewrites the content; the state stays.</summary>
    /// <returns>The new row, or null when somebody changed it first.</returns>
    public static async Task<ListingRow?> Rewrite<TContent>(
        Session session, TimeProvider clock, ListingKind<TContent> kind, ListingRow row, TContent content, Caller caller)
        where TContent : ListingContent
    {
        var changed = kind.Fill(row with { Version = row.Version + 1, UpdatedAt = clock.Now() }, content, row.Region);
        if ((await ListingSql.Update(session, changed) ?? throw ExternalIdTaken()) == 0)
        {
            return null;
        }

        await Record(session, clock, kind, $"{kind.Name}.updated", changed, caller.Party, null);
        return changed;
    }

    /// <summary>Takes one step of the machine.</summary>
    /// <returns>The new row, or null when somebody changed it first.</returns>
    public static async Task<ListingRow?> Move(
        Session session, TimeProvider clock, ListingKind kind, ListingRow row, string to, int? version, string actor, string? reason)
    {
        var now = clock.Now();
        if (!await ListingSql.Move(session, row.Id, row.State, to, version, now))
        {
            return null;
        }

        // Where the version was demanded, nothing but the step can have changed.
        var moved = version == row.Version ? row with { State = to, Version = row.Version + 1, UpdatedAt = now } : (await ListingSql.Get(session, row.Id))!;
        await Record(session, clock, kind, $"{kind.Name}.{to}", moved, actor, reason, wasPublic: WasPublic(row.State));
        return moved;
    }

    /// <summary>Once public, a listing's fate is public; before, it concerns its owner and, from submission on, the moderators.</summary>
    static Task<string> Record(
        Session session, TimeProvider clock, ListingKind kind, string type, ListingRow row, string actor, string? reason, bool wasPublic = false)
    {
        var isPublic = wasPublic || WasPublic(row.State);
        string[] readers = isPublic ? [Readers.Everybody]
            : row.State == ListingLifecycle.Draft ? [row.Owner]
            : [row.Owner, Roles.Moderator];
        return EventSql.Append(session, clock, type, row.Id, actor, new { row.State, row.Version, Reason = isPublic ? null : reason }, readers);
    }

    /// <summary>Whether everybody was told of a listing in this state; one that is withdrawn may or may not have been published before.</summary>
    static bool WasPublic(string state) =>
        state is ListingLifecycle.Published or ListingLifecycle.Paused or ListingLifecycle.Fulfilled or ListingLifecycle.Expired;

    static Refusal ExternalIdTaken() => Problems.AlreadyExists("/externalId",
        new("此外部编号已用于同一归属方的另一条信息。", "The owner has another listing with this external id."));
}
