using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

public sealed class PropertyTests
{
    private static readonly Config Thousand = Config.QuickThrowOnFailure.WithMaxTest(1_000);

    private static readonly Gen<string> Word = Gen.Elements(
        "锂电池", "电池", "回收", "收锂", "锂", "LiFePO4", "lifepo", "x1", "18650", "5G", "A", "a1b2", ",", " ", "。");

    private static readonly Gen<string> Text = Gen.Choose(0, 8).SelectMany(n => Word.ArrayOf(n)).Select(words => string.Concat(words));

    private static readonly Gen<Listing> AnyListing =
        from id in Gen.Choose(0, 14)
        from side in Gen.Frequency((5, Gen.Constant(Side.Achievements)), (1, Gen.Constant(Side.Demands)))
        from title in Text
        from text in Text
        from keyword in Word
        from field in Gen.Elements(null, "f", "g")
        from region in Gen.Elements(null, "630102", "630100", "110101")
        from price in Gen.Elements<long?>(null, 1, 100)
        from trl in Gen.Elements<int?>(null, 3, 7)
        from modes in Gen.Elements<string[]>([], ["m"], ["m", "n"])
        select new Listing
        {
            Id = $"x{id}", Side = side, Title = title, Text = text, Keywords = [keyword], Field = field, Region = region,
            Money = price is { } fen ? MoneyRange.Exactly(fen) : null, Trl = trl, Modes = modes,
        };

    private static readonly Gen<(Listing[] Upserts, string[] Removals)> Batch =
        from size in Gen.Choose(0, 5)
        from upserts in AnyListing.ArrayOf(size)
        from gone in Gen.Choose(0, 3)
        from removals in Gen.Choose(0, 14).Select(i => $"x{i}").ArrayOf(gone)
        select (upserts, removals);

    private static readonly Gen<(Listing[] Upserts, string[] Removals)[]> History = Gen.Choose(0, 8).SelectMany(n => Batch.ArrayOf(n));

    private static readonly Gen<Query> AnyQuery =
        from listing in AnyListing
        select Query.For(listing) with { Side = Side.Achievements };

    [Test]
    public void After_any_history_and_a_merge_results_are_those_of_a_freshly_built_index_to_the_last_bit() =>
        Prop.ForAll(History.ToArbitrary(), AnyQuery.ToArbitrary(), (history, query) =>
        {
            (MarketIndex index, Dictionary<string, Listing> living) = Play(history);
            Assert.That(index.Search(query, 20).Select(m => m.Id), Is.SubsetOf(living.Keys));
            index.MergeAll();
            var fresh = new MarketIndex();
            fresh.Apply([.. living.Values.OrderByDescending(l => l.Id, StringComparer.Ordinal)], []);

            Assert.That(Shown(index.Search(query, 20)), Is.EqualTo(Shown(fresh.Search(query, 20))));
            Assert.That(index.Count(Side.Demands) + index.Count(Side.Achievements), Is.EqualTo(living.Count));
        }).Check(Thousand);

    [Test]
    public void Text_scores_are_those_of_BM25_as_one_would_write_it_on_paper() =>
        Prop.ForAll(History.ToArbitrary(), Text.ToArbitrary(), (history, text) =>
        {
            (MarketIndex index, Dictionary<string, Listing> living) = Play(history);
            index.MergeAll();

            List<(string Id, double Score)> expected = Oracle.Rank([.. living.Values.Where(l => l.Side == Side.Achievements)], text);
            IReadOnlyList<Match> found = index.Search(Market.Achievements(text), 20);

            Assert.That(found.Select(m => m.Score), Is.EqualTo(expected.Select(e => e.Score)).Within(1e-9));
            // Rounding may order equal scores otherwise than the ids do; so each id is held against its own score.
            Dictionary<string, double> scores = expected.ToDictionary(e => e.Id, e => e.Score);
            foreach (Match match in found)
                Assert.That(match.Score, Is.EqualTo(scores[match.Id]).Within(1e-9));
        }).Check(Thousand);

    [Test]
    public void A_score_is_within_0_and_1_and_is_the_sum_of_its_parts() =>
        Prop.ForAll(History.ToArbitrary(), AnyQuery.ToArbitrary(), (history, query) =>
        {
            foreach (Match match in Play(history).Index.Search(query, 20))
            {
                Assert.That(match.Score, Is.GreaterThan(0).And.LessThanOrEqualTo(1));
                Assert.That(match.Parts.Sum(r => r.Weight), Is.EqualTo(match.Score));
                double moved = match.Parts.Skip(1).Sum(r => Math.Abs(r.Weight));
                Assert.That(moved, Is.LessThanOrEqualTo((0.2 * match.Parts[0].Weight) + 1e-12));
            }
        }).Check(Thousand);

    [Test]
    public void Shared_terms_stand_in_both_texts() =>
        Prop.ForAll(History.ToArbitrary(), AnyQuery.ToArbitrary(), (history, query) =>
        {
            (MarketIndex index, Dictionary<string, Listing> living) = Play(history);
            foreach (Match match in index.Search(query, 20))
            {
                Listing listing = living[match.Id];
                string text = $"{listing.Title}\n{listing.Text}\n{string.Join('\n', listing.Keywords)}";
                IReadOnlyList<Reason> reasons = index.Explain(query, [(match, listing)])[0];
                Assert.That(reasons.Select(r => new Part(r.Kind, r.Weight, r.Verdict)), Is.EqualTo(match.Parts));
                Assert.That(reasons[0].Terms, Is.Not.Empty.And.All.Matches<string>(term =>
                    query.Text.Contains(term, StringComparison.Ordinal) && text.Contains(term, StringComparison.OrdinalIgnoreCase)));
                Assert.That(reasons[0].Terms, Is.Unique);
            }
        }).Check(Thousand);

    [Test]
    public void Pages_of_any_size_are_the_whole_ranking_cut_up() =>
        Prop.ForAll(History.ToArbitrary(), AnyQuery.ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), (history, query, size) =>
        {
            MarketIndex index = Play(history).Index;
            index.Settle();
            var seen = new List<string>();
            for (IReadOnlyList<Match> page = index.List(query, size); page.Count > 0;
                page = index.List(query, size, new Continuation(page[^1].Score, page[^1].Id)))
            {
                seen.AddRange(page.Select(m => m.Id));
            }

            Assert.That(seen, Is.EqualTo(index.List(query, 20).Select(m => m.Id)));
        }).Check(Thousand);

    [Test]
    public void No_string_breaks_the_index() =>
        Prop.ForAll(Gen.Choose(0, char.MaxValue).Select(c => (char)c).ArrayOf().Select(c => new string(c)).ToArbitrary(), text =>
        {
            MarketIndex index = Market.Of(Market.Achievement("a", text), Market.Achievement("b", text[(text.Length / 2)..]));
            IReadOnlyList<Match> found = index.Search(Market.Achievements(text), 10);
            Assert.That(found.Select(m => m.Score), Is.All.InRange(0.0, 1.0));
        }).Check(Thousand);

    private static (MarketIndex Index, Dictionary<string, Listing> Living) Play((Listing[] Upserts, string[] Removals)[] history)
    {
        // So few may wait that every history of some length goes through merges.
        var index = new MarketIndex(mostAtOnce: 4);
        var living = new Dictionary<string, Listing>();
        foreach ((Listing[] upserts, string[] removals) in history)
        {
            index.Apply(upserts, removals);
            foreach (string id in removals)
                living.Remove(id);
            foreach (Listing listing in upserts)
                living[listing.Id] = listing;
        }

        return (index, living);
    }

    private static string[] Shown(IReadOnlyList<Match> matches) => [.. matches.SelectMany(m =>
        m.Parts.Select(p => $"{p.Kind} {p.Weight:R} {p.Verdict}").Prepend($"{m.Id} {m.Score:R}"))];
}
