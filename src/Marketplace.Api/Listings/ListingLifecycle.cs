using Marketplace.Api.Http;

namespace Marketplace.Api.Listings;

/// <summary>The one machine of demands and achievements: a draft is reviewed, published, and ends fulfilled, withdrawn, expired or rejected.</summary>
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

    public const string Submit = "submit";
    public const string Publish = "publish";
    public const string Expire = "expire";

    static readonly Transition[] Transitions =
    [
        new(Submit, [Draft, Returned], Submitted, Owner),
        new(Publish, [Submitted], Published, Roles.Moderator),
        new("return", [Submitted], Returned, Roles.Moderator),
        new("reject", [Submitted], Rejected, Roles.Moderator),
        new("pause", [Published], Paused, Owner),
        new("resume", [Paused], Published, Owner),
        new("fulfil", [Published, Paused], Fulfilled, Owner),
        new("withdraw", [Draft, Submitted, Returned, Published, Paused], Withdrawn, Owner),
        new(Expire, [Published, Paused], Expired, Lifecycle.Clock),
    ];

    public static readonly Lifecycle Demands = new("demand", Draft, Transitions);

    public static readonly Lifecycle Achievements = new("achievement", Draft, Transitions);

    /// <summary>The states in which the owner may still write.</summary>
    public static bool IsOpen(string state) => state is Draft or Submitted or Returned or Published or Paused;

    /// <summary>The actions that always need a reason for the owner.</summary>
    public static bool NeedsReason(string action) => action is "return" or "reject";
}
