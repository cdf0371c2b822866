using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>Both sides, filters, pages and changes.</summary>
public sealed class ListTests
{
    [Test]
    public void A_demand_finds_achievements_and_an_achievement_finds_demands()
    {
        Listing demand = Market.Demand("d", "需要电池回收"), achievement = Market.Achievement("a", "电池回收装置");
        MarketIndex index = Market.Of(demand, achievement);

        Assert.Multiple(() =>
        {
            Assert.That(index.Search(Query.For(demand), 10).Select(m => m.Id), Is.EqualTo(new[] { "a" }));
            Assert.That(index.Search(Query.For(achievement), 10).Select(m => m.Id), Is.EqualTo(new[] { "d" }));
            Assert.That(index.Count(Side.Demands), Is.EqualTo(1));
            Assert.That(index.Count(Side.Achievements), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_filter_excludes_what_does_not_state_the_value()
    {
        MarketIndex index = Market.Of(
            Market.Achievement("a", "电池") with { Field = "f", Region = "630102", Modes = ["m", "n"], Owner = "o" },
            Market.Achievement("b", "电池") with { Field = "g", Region = "610102", Modes = ["k"], Owner = "p" },
            Market.Achievement("c", "电池"));

        string[] Found(Filter filter) => [.. index.Search(Market.Achievements("电池") with { Filter = filter }, 10).Select(m => m.Id)];

        Assert.Multiple(() =>
        {
            Assert.That(Found(new Filter()), Is.EqualTo(new[] { "a", "b", "c" }));
            Assert.That(Found(new Filter { Field = "f" }), Is.EqualTo(new[] { "a" }));
            Assert.That(Found(new Filter { RegionPrefix = "61" }), Is.EqualTo(new[] { "b" }));
            Assert.That(Found(new Filter { RegionPrefix = "630102" }), Is.EqualTo(new[] { "a" }));
            Assert.That(Found(new Filter { Mode = "n" }), Is.EqualTo(new[] { "a" }));
            Assert.That(Found(new Filter { Owner = "p" }), Is.EqualTo(new[] { "b" }));
            Assert.That(Found(new Filter { NotOwner = "p" }), Is.EqualTo(new[] { "a", "c" }));
            Assert.That(Found(new Filter { Field = "f", Owner = "p" }), Is.Empty);
        });
    }

    [Test]
    public void An_upsert_replaces_and_a_removal_removes()
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "电池"), Market.Achievement("b", "电池"));

        index.Apply([Market.Achievement("a", "稀土")], ["b", "unknown"]);

        Assert.Multiple(() =>
        {
            Assert.That(index.Find("电池"), Is.Empty);
            Assert.That(index.Find("稀土"), Is.EqualTo(new[] { "a" }));
            Assert.That(index.Count(Side.Achievements), Is.EqualTo(1));
        });
    }

    [Test]
    public void An_id_that_changes_sides_leaves_the_first()
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "电池"));

        index.Apply([Market.Demand("a", "电池")], []);

        Assert.Multiple(() =>
        {
            Assert.That(index.Find("电池"), Is.Empty);
            Assert.That(index.Count(Side.Demands), Is.EqualTo(1));
        });
    }

    [Test]
    public void In_one_batch_removals_come_first_and_the_last_of_one_id_stays()
    {
        var index = new MarketIndex();

        index.Apply([Market.Achievement("a", "电池"), Market.Achievement("a", "稀土")], ["a"]);

        Assert.That(index.Find("电池 稀土"), Is.EqualTo(new[] { "a" }));
        Assert.That(index.Find("电池"), Is.Empty);
    }

    [Test]
    public void Pages_visit_every_match_exactly_once()
    {
        Listing[] listings = [.. Enumerable.Range(0, 95).Select(i =>
            Market.Achievement($"a{i:00}", string.Concat(Enumerable.Repeat("电池", 1 + (i % 7))) + new string('等', i % 5)))];
        MarketIndex index = Market.Of(listings);
        string[] whole = index.Find("电池组");
        var seen = new List<string>();
        Query query = Market.Achievements("电池组");

        for (IReadOnlyList<Match> page = index.List(query, 10); page.Count > 0;
            page = index.List(query, 10, new Continuation(page[^1].Score, page[^1].Id)))
        {
            seen.AddRange(page.Select(m => m.Id));
        }

        Assert.That(whole, Has.Length.EqualTo(95));
        Assert.That(seen, Is.EqualTo(whole));
    }

    [Test]
    public void Pages_of_a_frozen_market_visit_every_match_of_its_moment_whatever_comes_goes_or_changes()
    {
        MarketIndex index = Market.Of([.. Enumerable.Range(0, 95).Select(i => Market.Achievement($"a{i:00}", string.Concat(Enumerable.Repeat("电池", 1 + (i % 7))) + new string('等', i % 5)))]);
        string[] whole = index.Find("电池组");
        FrozenMarket market = index.Current, kept = market.ForListing();
        Query query = Market.Achievements("电池组");
        var seen = new List<string>();

        for (IReadOnlyList<Match> page = market.List(query, 10); page.Count > 0; page = kept.List(query, 10, new Continuation(page[^1].Score, page[^1].Id)))
        {
            seen.AddRange(page.Select(m => m.Id));
            index.Apply([Market.Achievement($"new{seen.Count}", "电池电池电池"), Market.Achievement(seen[^1], "等"), Market.Achievement("a94", "电池电池电池电池电池电池电池电池")], [seen[0]]);
        }

        Assert.That(seen, Is.EqualTo(whole));
        Assert.That((kept.Number, index.Current.Number), Is.EqualTo((market.Number, market.Number + 10)));
        Assert.That(FrozenMarket.HeldBeyond(market, [kept]), Is.Zero, "they share all that they hold");
        Assert.That(FrozenMarket.HeldBeyond(index.Current, [market, kept]), Is.InRange(0, 95));
    }

    [Test]
    public void Equal_scores_are_ordered_by_id()
    {
        MarketIndex index = Market.Of(Market.Achievement("b", "电池"), Market.Achievement("B", "电池"), Market.Achievement("a", "电池"));

        Assert.That(index.Find("电池"), Is.EqualTo(new[] { "B", "a", "b" }));
    }

    [Test]
    public void A_limit_below_one_is_refused() =>
        Assert.That(() => new MarketIndex().Search(Market.Achievements("x"), 0), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public async Task A_search_during_a_change_sees_the_old_market_or_the_new()
    {
        const int size = 40;
        var index = new MarketIndex(mostAtOnce: 100);
        Listing[] Generation(int n) =>
            [.. Enumerable.Range(0, size).Select(i => Market.Achievement($"{i:00}", $"电池 g{n}{new string('等', n % 7)}"))];
        index.Apply(Generation(0), []);
        bool writing = true;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            int searches = 0;
            while (Volatile.Read(ref writing) || searches == 0)
            {
                IReadOnlyList<Match> found = index.Search(Market.Achievements("电池"), 100);
                // The texts of one generation are the same, those of the next longer or shorter: a mixture would show.
                Assert.That(found, Has.Count.EqualTo(size));
                Assert.That(found.Select(m => m.Score).Distinct().Count(), Is.EqualTo(1));
                searches++;
            }
        }))];

        for (int n = 1; n <= 300; n++)
            index.Apply(Generation(n), []);
        Volatile.Write(ref writing, false);

        await Task.WhenAll(readers);
        Assert.That(index.Find("g300"), Has.Length.EqualTo(size));
    }
}
