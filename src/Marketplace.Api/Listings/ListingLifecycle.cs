using Marketplace.Api.Http;

namespace Marketplace.Api.Listings;

/// <summary>
/// The one machine of demands and achievements: a draft is reviewed, published, and ends fulfilled, withdrawn, expired or rejected; a moderator takes down
/// what was public. A revision of what is published runs through a machine of its own beside it.
/// </summary>
static class ListingLifecycle
{
    public const string Owner = "owner";

    public const string Draft = "draft";
    public const string Submitted = "submitted";
    public const string Published = "published";
    public const string Returned = "returned";
    public const string Rejected = "rejected";
    public const string Paused = "paused";
    public const string Fulfilled = "fulfilled";
    public const string Withdrawn = "withdrawn";
    public const string Expired = "expired";

    public const string Removed = "removed";

    public const string Submit = "submit";
    public const string Publish = "publish";
    public const string Expire = "expire";
    public const string Restore = "restore";

    static readonly string[] WerePublic = [Published, Paused, Fulfilled, Withdrawn, Expired];

    static readonly Transition[] Transitions =
    [
        new(Submit, [Draft, Returned], Submitted, Owner),
        new("recall", [Submitted], Draft, Owner),
        new(Publish, [Submitted], Published, Roles.Moderator),
        new("return", [Submitted], Returned, Roles.Moderator),
        new("reject", [Submitted], Rejected, Roles.Moderator),
        new("pause", [Published], Paused, Owner),
        new("resume", [Paused], Published, Owner),
        new("fulfil", [Published, Paused], Fulfilled, Owner),
        new("withdraw", [Draft, Submitted, Returned, Published, Paused], Withdrawn, Owner),
        new(Expire, [Published, Paused], Expired, Lifecycle.Clock),
        new("remove", WerePublic, Removed, Roles.Moderator),
        // Back to where it came from; of these rows that one counts.
        .. WerePublic.Select(state => new Transition(Restore, [Removed], state, Roles.Moderator)),
    ];

    /// <summary>Published is in force, rejected is gone: a revision in these states is none any more.</summary>
    public static readonly Lifecycle Revisions = new("revision", Draft,
        new(Submit, [Draft, Returned], Submitted, Owner),
        new("recall", [Submitted], Draft, Owner),
        new(Publish, [Submitted], Published, Roles.Moderator),
        new("return", [Submitted], Returned, Roles.Moderator),
        new("reject", [Submitted], Rejected, Roles.Moderator));

    public static readonly Lifecycle Demands = new("demand", Draft, Transitions);

    public static readonly Lifecycle Achievements = new("achievement", Draft, Transitions);

    /// <summary>The owner still wants it.</summary>
    public static bool IsOpen(string state) => state is Draft or Submitted or Returned or Published or Paused;

    /// <summary>The state that forbids the owner to write, if there is one: what waits for a moderator stays as it was submitted.</summary>
    public static string? WriteProtection(ListingRow row) => row.State is not (Draft or Returned or Published or Paused) ? row.State
        : row.RevisionState == Submitted ? Submitted : null;

    /// <summary>The states in which material changes are revisions beside what everybody reads.</summary>
    public static bool IsRevised(string state) => state is Published or Paused;

    /// <summary>The states that a listing reaches with its revision, if it has one: of what is taken down it waits.</summary>
    public static bool KeepsRevision(string state) => IsRevised(state) || state == Removed;

    /// <summary>Whether an action is the revision's where there is one.</summary>
    public static bool IsOfRevision(string action) => Revisions.Transitions.Any(transition => transition.Action == action);

    /// <summary>Whether a step is one whose reason the owner reads at the listing.</summary>
    public static bool Explains(string from, string to) => to is Returned or Rejected or Removed || from == Removed;

    /// <summary>The actions that always need a reason for the owner.</summary>
    public static bool NeedsReason(string action) => action is "return" or "reject" or "remove" or Restore;
}
