namespace Marketplace.Matching;

/// <summary>
/// A market at one moment; it never changes. A reader who pages through a ranking asks the market of its first page for the others too: scores are of that
/// moment, and whatever comes, goes or changes meanwhile, each listing stays at its place.
/// </summary>
public sealed class FrozenMarket
{
    internal FrozenMarket(long number, SideSnapshot demands, SideSnapshot achievements)
    {
        Number = number;
        Demands = demands;
        Achievements = achievements;
    }

    /// <summary>Names the moment; an index that is made anew begins at another number.</summary>
    public long Number { get; }

    internal SideSnapshot Demands { get; }

    internal SideSnapshot Achievements { get; }

    /// <summary>How many listings some markets hold in memory beyond those that another one holds.</summary>
    /// <param name="market">The market that is there anyway.</param>
    /// <param name="others">Earlier ones, which share most of what they hold with it.</param>
    /// <returns>The number, deleted ones that are not yet merged away among them.</returns>
    public static long HeldBeyond(FrozenMarket market, IEnumerable<FrozenMarket> others)
    {
        ArgumentNullException.ThrowIfNull(market);
        ArgumentNullException.ThrowIfNull(others);
        return others.SelectMany(other => other.Segments).Distinct().Except(market.Segments).Sum(segment => (long)segment.Count);
    }

    /// <inheritdoc cref="MarketIndex.Count"/>
    public int Count(Side side) => Of(side).Count;

    /// <inheritdoc cref="MarketIndex.List"/>
    public IReadOnlyList<Match> List(Query query, int limit, Continuation? after = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        SideSnapshot side = Of(query.Side);
        return [.. FirstStage.Search(side, QueryTerms.Of(query.Text, side), query.Filter, after, limit).Select(candidate =>
            new Match(candidate.Id, candidate.Text, [new Part(ReasonKind.Terms, candidate.Text, Verdict.Met)]))];
    }

    /// <summary>The same for <see cref="List"/> alone, to be kept for a while: it does not hold the meanings of listings.</summary>
    /// <returns>A market of the same number.</returns>
    public FrozenMarket ForListing()
    {
        return new FrozenMarket(Number, WithoutMeanings(Demands), WithoutMeanings(Achievements));

        static SideSnapshot WithoutMeanings(SideSnapshot side) =>
            side.Model is null ? side : new SideSnapshot(side.Side, [.. side.Views.Select(view => view with { Meanings = null })], side.Model);
    }

    internal SideSnapshot Of(Side side) => side == Side.Demands ? Demands : Achievements;

    private IEnumerable<Segment> Segments => Demands.Views.Concat(Achievements.Views).Select(view => view.Segment);
}
