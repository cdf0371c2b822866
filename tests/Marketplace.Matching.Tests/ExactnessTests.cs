using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>
/// Leaving terms and documents out changes no result: held against scoring everything, in a market large enough for several windows, blocks and
/// segments, with terms from rare to nearly everywhere.
/// </summary>
public sealed class ExactnessTests
{
    private const int Size = 10_000;

    private static readonly Listing[] Listings = [.. Enumerable.Range(0, Size).Select(Made)];

    private static readonly Lazy<MarketIndex> Market = new(() =>
    {
        var index = new MarketIndex(mostAtOnce: 1000);
        // Segments of several sizes, replaced and removed documents in each.
        index.Apply(Listings[..7000], []);
        index.Apply(Listings[7000..9500], []);
        index.Apply(Listings[9500..], []);
        index.Apply([.. Listings.Where((_, i) => i % 97 == 3).Select(listing => listing with { Text = listing.Text + "改" })], []);
        index.Apply([], [.. Listings.Where((_, i) => i % 31 == 5).Select(listing => listing.Id)]);
        index.Settle();
        return index;
    });

    private static readonly Gen<string> AnyText =
        from size in Gen.Choose(1, 60)
        from seed in Gen.Choose(0, int.MaxValue)
        select Words(new Random(seed), size);

    private static readonly Gen<Filter?> AnyFilter = Gen.Elements<Filter?>(
        null, null, new Filter(), new Filter { Field = "f3" }, new Filter { RegionPrefix = "63" }, new Filter { RegionPrefix = "" }, new Filter { Field = "" },
        new Filter { Mode = "m1" }, new Filter { Owner = "o77" }, new Filter { NotOwner = "o1" }, new Filter { LeastTrl = 5 }, new Filter { MostTrl = 4, Field = "f1" },
        new Filter { Money = new MoneyRange(50, 90) }, new Filter { Money = new MoneyRange(null, 40) }, new Filter { Money = new MoneyRange(100, null) },
        new Filter { Field = "nowhere" }, new Filter { RegionPrefix = "11", Mode = "m2", LeastTrl = 3, NotOwner = "o2", Money = new MoneyRange(null, null) });

    [Test]
    public void The_best_are_those_of_scoring_everything_to_the_last_bit() =>
        Prop.ForAll(AnyText.ToArbitrary(), AnyFilter.ToArbitrary(), Gen.Elements(1, 3, 10, 200).ToArbitrary(), (text, filter, limit) =>
        {
            SideSnapshot side = Market.Value.Now(Side.Achievements);
            Assert.That(side.Views, Has.Length.GreaterThan(1));
            QueryTerms terms = QueryTerms.Of(text, side);
            List<Candidate> everything = FirstStage.Search(side, terms, filter: null, after: null, Size, prune: false);
            (string, double)[] admitted = [.. everything
                .Where(candidate => filter is null || Admits(filter, candidate.View.Segment.Facts.Listing(candidate.Document, "", Side.Achievements)))
                .Select(Shown)];

            List<Candidate> found = FirstStage.Search(side, terms, filter, after: null, limit);
            Assert.That(found.Select(Shown), Is.EqualTo(admitted.Take(limit)));
            if (found.Count > 1)
            {
                Candidate last = found[found.Count / 2];
                Assert.That(
                    FirstStage.Search(side, terms, filter, new Continuation(last.Text, last.Id), limit).Select(Shown),
                    Is.EqualTo(admitted.Skip((found.Count / 2) + 1).Take(limit)));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(80));

    [Test]
    public void A_stored_index_finds_the_same()
    {
        using var stream = new MemoryStream();
        Market.Value.Save(stream, "");
        stream.Position = 0;
        SideSnapshot side = Market.Value.Now(Side.Achievements), loaded = MarketIndex.Load(stream).Index.Now(Side.Achievements);

        for (int seed = 0; seed < 20; seed++)
        {
            string text = Words(new Random(seed), 20);
            Assert.That(
                FirstStage.Search(loaded, QueryTerms.Of(text, loaded), null, null, 50).Select(Shown),
                Is.EqualTo(FirstStage.Search(side, QueryTerms.Of(text, side), null, null, 50).Select(Shown)));
        }
    }

    [Test]
    public void Equal_documents_are_ordered_by_id()
    {
        var index = new MarketIndex();
        index.Apply([.. Enumerable.Range(0, 20_000).Select(i => Tests.Market.Achievement($"x{i:d5}", "电池回收"))], []);
        index.Settle();

        Assert.That(index.Search(Tests.Market.Achievements("电池"), 3).Select(match => match.Id), Is.EqualTo(new[] { "x00000", "x00001", "x00002" }));
        Assert.That(
            index.List(Tests.Market.Achievements("电池"), 2, new Continuation(index.List(Tests.Market.Achievements("电池"), 1)[0].Score, "x01234")).Select(match => match.Id),
            Is.EqualTo(new[] { "x01235", "x01236" }));
    }

    private static bool Admits(Filter filter, Listing listing) =>
        (filter.Field is null || (listing.Field is not null && listing.Field == filter.Field))
        && (filter.RegionPrefix is null || listing.Region?.StartsWith(filter.RegionPrefix, StringComparison.Ordinal) == true)
        && (filter.Mode is null || listing.Modes.Contains(filter.Mode))
        && (filter.Owner is null || listing.Owner == filter.Owner)
        && (filter.NotOwner is null || listing.Owner != filter.NotOwner)
        && (filter.LeastTrl is null || listing.Trl >= filter.LeastTrl)
        && (filter.MostTrl is null || listing.Trl <= filter.MostTrl)
        && (filter.Money is not { } money || (listing.Money is { } stated && (stated.Low ?? long.MinValue) <= (money.High ?? long.MaxValue)
            && (stated.High ?? long.MaxValue) >= (money.Low ?? long.MinValue)));

    private static (string Id, double Text) Shown(Candidate candidate) => (candidate.Id, candidate.Text);

    private static Listing Made(int number)
    {
        var random = new Random(number);
        return new Listing
        {
            Id = $"x{number:d5}", Side = Side.Achievements, Title = Words(random, random.Next(5)), Text = Words(random, random.Next(40)),
            Field = number % 7 == 0 ? null : $"f{number % 7}", Region = number % 5 == 0 ? null : $"{(number % 2 == 0 ? 63 : 11)}01{number % 40:d2}",
            Modes = number % 4 == 0 ? [] : [$"m{number % 3}", "m2"], Owner = number % 3 == 0 ? null : $"o{number % 400}", Trl = number % 6 == 0 ? null : 1 + (number % 9),
            Money = (number % 4) switch
            {
                0 => null,
                1 => MoneyRange.Exactly(number % 120),
                2 => new MoneyRange(number % 120, null),
                _ => new MoneyRange(null, number % 120),
            },
        };
    }

    /// <summary>Characters of which a few are nearly everywhere and most are rare, and words.</summary>
    private static string Words(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ =>
        random.Next(12) == 0 ? $" w{random.Next(50)} " : ((char)('一' + (int)(3000 * Math.Pow(random.NextDouble(), 5)))).ToString()));
}
