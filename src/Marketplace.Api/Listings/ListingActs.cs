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
    public static async Task<ListingRow> Visible(Session session, TimeProvider clock, ListingKind kind, string id, Caller caller)
    {
        var row = Ids.Is(kind.Prefix, id) ? await ListingSql.Get(session, id) : null;
        return row is not null && await IsVisible(session, clock, row, caller) ? row : throw Problems.NotFound();
    }

    /// <summary>What was taken down is seen by its owner and by officials alone, whatever introductions there are.</summary>
    public static async Task<bool> IsVisible(Session session, TimeProvider clock, ListingRow row, Caller caller) =>
        row.IsPublicOn(clock.Today())
        || caller.BelongsTo(row.Owner)
        || (row.State != ListingLifecycle.Draft
            && (caller.SeesAll || (row.State != ListingLifecycle.Removed && !caller.IsAnonymous && await IntroductionSql.ConcernsListing(session, row.Id, caller.Party))));

    public static async Task<byte[]> View(
        Session session, ListingKind kind, ListingRow row, Caller caller, IReadOnlyList<Duplicate>? duplicates = null)
    {
        var withConfidential = (row.Confidential ?? row.RevisionConfidential) is not null && !caller.IsAnonymous
            && (caller.BelongsTo(row.Owner)
                || (row.State != ListingLifecycle.Removed && await IntroductionSql.OpensListing(session, row.Id, caller.Party)));
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

    /// <summary>Rewrites the content; the state stays. Of what is published only the members change that nobody reviews: with others it becomes the revision.</summary>
    /// <returns>The new row, or null when somebody changed it first.</returns>
    public static async Task<ListingRow?> Rewrite<TContent>(
        Session session, TimeProvider clock, ListingKind<TContent> kind, ListingRow row, TContent content, Caller caller)
        where TContent : ListingContent
    {
        var now = clock.Now();
        var changed = kind.Fill(row, content, row.Region);
        var (isChanged, isRevised) = (true, false);
        if (ListingLifecycle.IsRevised(row.State))
        {
            var inForce = kind.Fill(row, kind.InForce(kind.Content(row), content), row.Region);
            isChanged = inForce != row;
            // What says again what is published is no revision.
            var isRevision = (changed.Content, changed.Confidential) != (inForce.Content, inForce.Confidential);
            isRevised = isRevision
                ? (changed.Content, changed.Confidential) != (row.RevisionContent, row.RevisionConfidential)
                : row.RevisionState is not null;
            changed = !isRevision ? inForce.WithoutRevision() : inForce with
            {
                RevisionState = row.RevisionState ?? ListingLifecycle.Draft, RevisionContent = changed.Content,
                RevisionConfidential = changed.Confidential, RevisionUpdatedAt = isRevised ? now : row.RevisionUpdatedAt,
            };
        }

        changed = changed with { Version = row.Version + 1, UpdatedAt = isChanged ? now : row.UpdatedAt };
        if ((await ListingSql.Update(session, changed) ?? throw ExternalIdTaken()) == 0)
        {
            return null;
        }

        if (isChanged || !isRevised)
        {
            await Record(session, clock, kind, $"{kind.Name}.updated", changed, caller.Party, null, row.State);
        }

        if (isRevised)
        {
            await EventSql.Append(session, clock, $"{kind.Name}.revisionChanged", row.Id, caller.Party,
                new { changed.State, changed.Version, Revision = changed.RevisionState }, row.Owner);
        }

        return changed;
    }

    /// <summary>Takes one step of the machine.</summary>
    /// <returns>The new row, or null when somebody changed it first.</returns>
    public static async Task<ListingRow?> Move(
        Session session, TimeProvider clock, ListingKind kind, ListingRow row, string to, int? version, string actor, string? reason)
    {
        if (to == ListingLifecycle.Submitted || (row.State, to) == (ListingLifecycle.Submitted, ListingLifecycle.Published))
        {
            RequireTime(row, clock);
        }

        var now = clock.Now();
        var given = ListingLifecycle.Explains(row.State, to) ? reason : null;
        if (!await ListingSql.Move(session, row.Id, row.State, to, version, given, now))
        {
            return null;
        }

        // Where the version was demanded, nothing but the step can have changed.
        var moved = version != row.Version ? (await ListingSql.Get(session, row.Id))!
            : (ListingLifecycle.KeepsRevision(to) ? row : row.WithoutRevision()) with
            {
                State = to, Version = row.Version + 1, UpdatedAt = now, Reason = given, RemovedFrom = to == ListingLifecycle.Removed ? row.State : null,
            };
        await Record(session, clock, kind, $"{kind.Name}.{(to == ListingLifecycle.Draft ? "recalled" : to)}", moved, actor, reason, row.State);
        if (given is not null && IsTold(moved, row.State))
        {
            // Everybody learns that it was taken down or is back; why is between the market and its owner.
            await EventSql.Append(session, clock, $"{kind.Name}.reasonGiven", row.Id, actor, new { moved.State, moved.Version, reason }, row.Owner, Roles.Moderator);
        }

        return moved;
    }

    /// <summary>Takes one step of the revision's machine; published it is in force, rejected it is gone.</summary>
    /// <returns>The new row, or null when somebody changed it first.</returns>
    public static async Task<ListingRow?> MoveRevision(
        Session session, TimeProvider clock, ListingKind kind, ListingRow row, string to, string actor, string? reason)
    {
        var latest = kind.Latest(row);
        if (to is ListingLifecycle.Submitted or ListingLifecycle.Published)
        {
            RequireTime(latest, clock);
        }

        var moved = to switch
        {
            ListingLifecycle.Published => latest.WithoutRevision() with { UpdatedAt = clock.Now() },
            ListingLifecycle.Rejected => row.WithoutRevision(),
            _ => row with { RevisionState = to },
        };
        moved = moved with { Version = row.Version + 1, Reason = to is ListingLifecycle.Returned or ListingLifecycle.Rejected ? reason : null };
        if (await ListingSql.Update(session, moved) != 1)
        {
            return null;
        }

        if (to == ListingLifecycle.Published)
        {
            await Record(session, clock, kind, $"{kind.Name}.updated", moved, actor, null, row.State);
        }
        else
        {
            var happened = to == ListingLifecycle.Draft ? "Recalled" : $"{char.ToUpperInvariant(to[0])}{to[1..]}";
            await EventSql.Append(session, clock, $"{kind.Name}.revision{happened}", row.Id, actor,
                new { moved.State, moved.Version, Revision = to, reason }, row.Owner, Roles.Moderator);
        }

        return moved;
    }

    /// <summary>Takes away a draft that nobody else has seen; what happened to it stays.</summary>
    /// <returns>False when somebody changed it first.</returns>
    public static async Task<bool> Delete(Session session, TimeProvider clock, ListingKind kind, ListingRow row, Caller caller)
    {
        if (!await ListingSql.Delete(session, row.Id, row.Version))
        {
            return false;
        }

        await EventSql.Append(session, clock, $"{kind.Name}.deleted", row.Id, caller.Party, new { row.State, row.Version }, row.Owner);
        return true;
    }

    static void RequireTime(ListingRow row, TimeProvider clock)
    {
        var today = clock.Today();
        if (row.Deadline < today)
        {
            throw Problems.RuleViolated("/deadline", "deadline-passed",
                new($"截止日期 {row.Deadline:yyyy-MM-dd} 已过，今天是 {today:yyyy-MM-dd}。", $"The deadline {row.Deadline:yyyy-MM-dd} is over; today is {today:yyyy-MM-dd}."));
        }
    }

    /// <summary>Once public, a listing's fate is public; before, it concerns its owner and, from submission on, the moderators.</summary>
    static Task<string> Record(Session session, TimeProvider clock, ListingKind kind, string type, ListingRow row, string actor, string? reason, string from)
    {
        var isPublic = IsTold(row, from);
        string[] readers = isPublic ? [Readers.Everybody]
            : (from, row.State) == (ListingLifecycle.Draft, ListingLifecycle.Draft) ? [row.Owner]
            : [row.Owner, Roles.Moderator];
        return EventSql.Append(session, clock, type, row.Id, actor, new { row.State, row.Version, Reason = isPublic ? null : reason }, readers);
    }

    static bool IsTold(ListingRow row, string from) => WasPublic(from) || WasPublic(row.State);

    /// <summary>Whether everybody was told of a listing in this state; one that is withdrawn may or may not have been published before.</summary>
    static bool WasPublic(string state) =>
        state is ListingLifecycle.Published or ListingLifecycle.Paused or ListingLifecycle.Fulfilled or ListingLifecycle.Expired;

    static Refusal ExternalIdTaken() => Problems.AlreadyExists("/externalId",
        new("此外部编号已用于同一归属方的另一条信息。", "The owner has another listing with this external id."));
}
