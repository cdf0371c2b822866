using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>Changes while segments are merged in the background, and texts that nobody should write.</summary>
public sealed class MergeTests
{
    [Test]
    public async Task Updates_and_removals_during_merges_are_all_kept()
    {
        var random = new Random(4711);
        // Every merge goes to the background.
        var index = new MarketIndex(mostAtOnce: 0);
        var living = new Dictionary<string, Listing>();
        bool writing = true;
        Task reader = Task.Run(() =>
        {
            while (Volatile.Read(ref writing))
            {
                string[] found = [.. index.Search(Market.Achievements("电池"), 2000).Select(match => match.Id)];
                Assert.That(found, Is.Unique);
            }
        });

        for (int batch = 0; batch < 300; batch++)
        {
            Listing[] upserts = [.. Enumerable.Range(0, random.Next(40)).Select(_ => Market.Achievement($"x{random.Next(600)}", $"电池 第{random.Next(99)}种"))];
            string[] removals = [.. Enumerable.Range(0, random.Next(20)).Select(_ => $"x{random.Next(600)}")];
            index.Apply(upserts, removals);
            foreach (string id in removals)
                living.Remove(id);
            foreach (Listing listing in upserts)
                living[listing.Id] = listing;
        }

        Volatile.Write(ref writing, false);
        await reader;
        Assert.That(index.Search(Market.Achievements("电池"), 2000).Select(match => match.Id), Is.EquivalentTo(living.Keys));
        index.Settle();
        Assert.That(index.Search(Market.Achievements("电池"), 2000).Select(match => match.Id), Is.EquivalentTo(living.Keys));
        Assert.That(index.Now(Side.Achievements).Views, Has.Length.LessThan(12), "segments are merged");

        index.MergeAll();
        MarketIndex fresh = Market.Of([.. living.Values]);
        Query query = Market.Achievements("第7种电池");
        Assert.That(index.Search(query, 100).Select(Shown), Is.EqualTo(fresh.Search(query, 100).Select(Shown)));
    }

    [Test]
    public void What_is_deleted_makes_room_for_itself_in_time()
    {
        var index = new MarketIndex();
        index.Apply([.. Enumerable.Range(0, 1000).Select(i => Market.Achievement($"x{i}", "电池"))], []);

        index.Apply([], [.. Enumerable.Range(0, 300).Select(i => $"x{i}")]);
        Assert.That(index.Now(Side.Achievements).Documents, Is.EqualTo(700));

        index.Apply([], [.. Enumerable.Range(300, 700).Select(i => $"x{i}")]);
        Assert.That(index.Now(Side.Achievements).Views, Is.Empty);
        Assert.That(index.Find("电池"), Is.Empty);
    }

    [TestCase("")]
    [TestCase("锂")]
    [TestCase("，。；！？、—…“”")]
    [TestCase("🙂🙃👩‍🔬")]
    [TestCase("\uE000\uE001\uF8FF")]
    [TestCase("锂 lithium лития リチウム 리튬 ลิเธียม λίθιο ﻟﻴﺜﻴﻮﻡ")]
    public void A_text_of_any_kind_is_indexed_beside_others_and_asked_for(string text)
    {
        MarketIndex index = Market.Of(Market.Achievement("odd", text), Market.Achievement("even", "电池回收"));

        Assert.That(index.Find("电池"), Is.EqualTo(new[] { "even" }));
        Assert.That(index.Find(text), Is.EqualTo(text.Any(char.IsLetter) ? ["odd"] : Array.Empty<string>()));
    }

    [Test]
    public void Twenty_thousand_characters_are_a_listing_and_a_query()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => (char)('一' + (i * 37 % 5000))));
        MarketIndex index = Market.Of(
            [Market.Achievement("long", text), .. Enumerable.Range(0, 50).Select(i => Market.Achievement($"x{i}", text.Substring(i * 300, 200)))]);

        IReadOnlyList<Match> found = index.Search(Market.Achievements(text), 100);

        Assert.That(found, Has.Count.EqualTo(51));
        Assert.That(found[0].Id, Is.EqualTo("long"));
        Assert.That(index.Find(text.Substring(5 * 300, 200))[0], Is.EqualTo("x5"));
    }

    [Test]
    public void An_id_that_has_no_encoding_is_refused_and_nothing_is_applied()
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "电池"));

        Assert.That(() => index.Apply([Market.Achievement("b", "电池"), Market.Achievement("\uD800", "电池")], ["a"]), Throws.InstanceOf<ArgumentException>());
        Assert.That(index.Find("电池"), Is.EqualTo(new[] { "a" }));
    }

    private static (string, double) Shown(Match match) => (match.Id, match.Score);
}
