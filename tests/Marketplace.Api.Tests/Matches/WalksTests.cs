using Marketplace.Api.Matches;
using Marketplace.Matching;

namespace Marketplace.Api.Tests.Matches;

/// <summary>What is kept for those who page through a ranking is bounded in number, time and size, whatever they do.</summary>
public sealed class WalksTests
{
    readonly TestClock clock = new(new(2026, 3, 2, 4, 0, 0, TimeSpan.Zero));

    [Test]
    public void The_markets_of_the_last_walks_are_kept_and_no_more_than_256()
    {
        var (walks, index, numbers) = (new Walks(clock), new MarketIndex(), new List<long>());
        for (var i = 0; i < 300; i++)
        {
            index.Apply([Demand(i)], []);
            walks.Keep(index.Current, index.Current);
            numbers.Add(index.Current.Number);
        }

        Assert.That(numbers, Is.Unique);
        Assert.That(numbers.Where(number => walks.Find(number) is not null), Is.EqualTo(numbers.TakeLast(256)));
        Assert.That(walks.Find(numbers[^1])!.List(Query, 1000), Has.Count.EqualTo(300));
        Assert.That(walks.Find(numbers[^2])!.List(Query, 1000), Has.Count.EqualTo(299), "as it was at that moment");
        Assert.That(walks.Find(1), Is.Null);
    }

    [Test]
    public void A_walk_is_kept_for_ten_minutes_after_its_last_page()
    {
        var (walks, index) = (new Walks(clock), new MarketIndex());
        var (left, walked) = (Begin(walks, index, 1), Begin(walks, index, 2));
        for (var minutes = 0; minutes < 30; minutes += 9)
        {
            clock.Advance(TimeSpan.FromMinutes(9));
            walks.Keep(walks.Find(walked)!, index.Current);
        }

        Assert.That((walks.Find(left) is null, walks.Find(walked) is null), Is.EqualTo((true, false)));
        clock.Advance(TimeSpan.FromMinutes(11));
        Begin(walks, index, 3);
        Assert.That(walks.Find(walked), Is.Null);
    }

    [Test]
    public void Of_a_market_that_is_replaced_again_and_again_few_copies_are_kept()
    {
        var (walks, index, numbers) = (new Walks(clock), new MarketIndex(), new List<long>());
        for (var round = 0; round < 6; round++)
        {
            index.Apply([.. Enumerable.Range(0, 12_000).Select(Demand)], []);
            walks.Keep(index.Current, index.Current);
            numbers.Add(index.Current.Number);
        }

        // The present one, and of the others no more than 20,000 listings and as many again as there are.
        Assert.That(numbers.Count(number => walks.Find(number) is not null), Is.InRange(2, 3));
        Assert.That(walks.Find(numbers[^1]), Is.Not.Null);
    }

    static readonly Query Query = new() { Side = Side.Demands, Text = "提锂" };

    static long Begin(Walks walks, MarketIndex index, int listing)
    {
        index.Apply([Demand(listing)], []);
        walks.Keep(index.Current, index.Current);
        return index.Current.Number;
    }

    static Listing Demand(int number) => new() { Id = $"dem_{number:000000}", Side = Side.Demands, Title = "盐湖提锂", Text = "吸附材料", Field = "newMaterials", Region = "630102", Owner = "pty_1" };
}
