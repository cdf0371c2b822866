namespace Marketplace.Matching;

/// <summary>
/// The published demands and achievements of a market, in memory. Any number of threads may search while one applies changes:
/// a search reads one unchanging snapshot and is never blocked.
/// </summary>
public sealed class MarketIndex
{
    private readonly Lock _writing = new();
    private readonly Vocabulary _vocabulary = new();
    private readonly Func<string, (string Zh, string En)> _labels;
    private readonly SideWriter _demands;
    private readonly SideWriter _achievements;
    private volatile Snapshot _current;

    /// <summary>An index of nothing.</summary>
    /// <param name="labels">The Chinese and English label of a field's, region's or mode's code, for the reasons; the code itself without it.</param>
    public MarketIndex(Func<string, (string Zh, string En)>? labels = null)
        : this(mostRecent: 1024, labels)
    {
    }

    /// <param name="mostRecent">
    /// How many changes of a side wait before they are merged. Each batch makes the waiting ones anew, a few milliseconds for a thousand;
    /// merging takes time in proportion to the side.
    /// </param>
    /// <param name="labels">As above.</param>
    internal MarketIndex(int mostRecent, Func<string, (string Zh, string En)>? labels = null)
    {
        _labels = labels ?? (code => (code, code));
        var analyzer = new Analyzer(_vocabulary);
        _demands = new SideWriter(analyzer, mostRecent);
        _achievements = new SideWriter(analyzer, mostRecent);
        _current = new Snapshot(_demands.Snapshot(), _achievements.Snapshot());
    }

    /// <summary>
    /// Applies one batch; searches see all of it or nothing of it. Removals come first, then upserts in their order, so that of several
    /// with one id the last stays. Load a whole market in one batch or in few: part of the cost of a batch does not depend on its size.
    /// </summary>
    /// <param name="upserts">Listings to add, or to put in the place of those with the same id, on whichever side those were.</param>
    /// <param name="removals">Ids to remove; unknown ones are ignored.</param>
    public void Apply(IReadOnlyCollection<Listing> upserts, IReadOnlyCollection<string> removals)
    {
        ArgumentNullException.ThrowIfNull(upserts);
        ArgumentNullException.ThrowIfNull(removals);
        lock (_writing)
        {
            foreach (string id in removals)
            {
                _demands.Remove(id);
                _achievements.Remove(id);
            }

            foreach (Listing listing in upserts)
            {
                Writer(listing.Side == Side.Demands ? Side.Achievements : Side.Demands).Remove(listing.Id);
                Writer(listing.Side).Upsert(listing);
            }

            Publish();

            // Only after the batch can be seen: merging takes longer the larger the market is.
            if (_demands.Merge() | _achievements.Merge())
                Publish();
        }
    }

    /// <summary>The number of listings on a side.</summary>
    /// <param name="side">The side to count.</param>
    /// <returns>The count in the newest snapshot.</returns>
    public int Count(Side side) => Of(_current, side).Count;

    /// <summary>
    /// The best matches for a query, best first; equal scores by ordinal id. What shares no term with the query is no match, however well
    /// the rest fits.
    /// </summary>
    /// <param name="query">What to look for.</param>
    /// <param name="limit">The most to return, at least 1.</param>
    /// <returns>At most <paramref name="limit"/> matches; empty when nothing shares a term with the query.</returns>
    public IReadOnlyList<Match> Search(Query query, int limit)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return Searcher.Search(Of(_current, query.Side), _vocabulary, query, limit);
    }

    /// <summary>The parts of a match in words, with what the two texts share.</summary>
    /// <param name="query">The query that found it.</param>
    /// <param name="match">What <see cref="Search"/> returned.</param>
    /// <param name="listing">The listing found, with its texts.</param>
    /// <returns>A reason for each part, in their order.</returns>
    public IReadOnlyList<Reason> Explain(Query query, Match match, Listing listing)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(match);
        ArgumentNullException.ThrowIfNull(listing);
        SideSnapshot side = Of(_current, query.Side);
        QueryTerms terms = QueryTerms.Of(query.Text, _vocabulary, side);
        return [.. match.Parts.Select(part => part.Kind == ReasonKind.Terms
            ? SharedTerms.Reason(side, terms, listing, part.Weight)
            : Wording.Reason(part, query, listing, _labels))];
    }

    private SideWriter Writer(Side side) => side == Side.Demands ? _demands : _achievements;

    private void Publish() => _current = new Snapshot(_demands.Snapshot(), _achievements.Snapshot());

    private static SideSnapshot Of(Snapshot snapshot, Side side) => side == Side.Demands ? snapshot.Demands : snapshot.Achievements;

    private sealed record Snapshot(SideSnapshot Demands, SideSnapshot Achievements);
}
