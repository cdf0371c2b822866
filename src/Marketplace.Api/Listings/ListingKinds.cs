using Marketplace.Api.Achievements;
using Marketplace.Api.Demands;

namespace Marketplace.Api.Listings;

/// <summary>Both kinds of listing, found by name or by an id's prefix.</summary>
static class ListingKinds
{
    public static readonly IReadOnlyList<ListingKind> All = [DemandListings.Kind, AchievementListings.Kind];

    public static ListingKind Named(string name) => All.Single(kind => kind.Name == name);

    public static ListingKind On(Matching.Side side) => All.Single(kind => kind.Side == side);

    public static bool Has(string id) => All.Any(kind => id.StartsWith(kind.Prefix + "_", StringComparison.Ordinal));
}
