using Marketplace.Matching;

namespace Marketplace.Api.Matches;

/// <summary>
/// Keeps for each walk through a ranking the market of its first page, so that what stays is seen exactly once whatever happens meanwhile. Walks that began
/// between two changes share one market, and all share most of their memory with the present one. They are kept for ten minutes after their last page, as
/// long as they are few and small; a walk whose market is gone, or that comes from another process, goes on in the present one.
/// </summary>
sealed class Walks(TimeProvider clock)
{
    const int Most = 256;

    /// <summary>All may hold so many listings beyond the present market's, and as many again as that has.</summary>
    const int MostBeyond = 20_000;

    static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    readonly Lock _lock = new();

    /// <summary>The one that was asked longest ago first.</summary>
    readonly List<(FrozenMarket Market, DateTimeOffset Asked)> _kept = [];

    /// <summary>The market of a walk; null when it is kept no more.</summary>
    public FrozenMarket? Find(long number)
    {
        lock (_lock)
        {
            var at = _kept.FindIndex(kept => kept.Market.Number == number);
            return at < 0 ? null : _kept[at].Market;
        }
    }

    /// <summary>A page of this market was answered, and another follows it.</summary>
    /// <param name="market">The market of the page.</param>
    /// <param name="present">The market as it is now.</param>
    public void Keep(FrozenMarket market, FrozenMarket present)
    {
        lock (_lock)
        {
            var at = _kept.FindIndex(kept => kept.Market.Number == market.Number);
            var known = at < 0 ? market.ForListing() : _kept[at].Market;
            if (at >= 0)
            {
                _kept.RemoveAt(at);
            }

            var now = clock.GetUtcNow();
            _kept.Add((known, now));
            _kept.RemoveAll(kept => now - kept.Asked > Longest);
            while (_kept.Count > Most || (_kept.Count > 1 && FrozenMarket.HeldBeyond(present, _kept.Select(kept => kept.Market)) > MostBeyond + Listings(present)))
            {
                _kept.RemoveAt(0);
            }
        }
    }

    static long Listings(FrozenMarket market) => market.Count(Side.Demands) + market.Count(Side.Achievements);
}
