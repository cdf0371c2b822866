using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>Where the shared terms stand in both texts, in the texts' own units.</summary>
public sealed class SpanTests
{
    private static readonly Gen<string> Piece = Gen.Elements(
        "锂电池", "回收", "LiFePO4", "ＬＩＦＥＰＯ４", "１８６５０", "18650", "①②", "㎡", "½", "ﬁlter", "e\u0301tude", "étude", "ｶﾞｽ", "ガス", "𠮷野", "👨‍👩‍👧", "한국", "\u1112\u1161\u11AB",
        "鋰電池", "回收１.5万", "15,000", "300℃", "COVID-19", "\uD800", "\uFFFE", "\u0301", "\u3099", " ", "，", ",", "a", "Σς");

    private static readonly Gen<string> Text = Gen.Choose(0, 8).SelectMany(n => Piece.ArrayOf(n)).Select(string.Concat);

    private static readonly Gen<Listing> AnyListing =
        from title in Text
        from text in Text
        from keywords in Gen.Choose(0, 3).SelectMany(n => Text.ArrayOf(n))
        select Market.Achievement("a", text) with { Title = title, Keywords = keywords };

    [Test]
    public void Each_place_is_told_in_the_member_that_it_is_in()
    {
        Listing demand = Market.Demand("d", "求回收技术") with { Title = "废旧锂电池", Keywords = ["磷酸铁锂", "锂电池"] };
        Listing achievement = Market.Achievement("a", "正极材料的再生") with { Title = "一种锂电池回收方法", Keywords = ["再生", "锂电池"] };

        Reason terms = Explained(Query.For(demand), achievement);

        Assert.That(terms.Terms, Is.EquivalentTo(new[] { "锂电池", "回收" }));
        Assert.That(Told(terms.QuerySpans, terms), Is.EquivalentTo(new[] { "锂电池 Title 0 2+3", "锂电池 Keywords 1 0+3", "回收 Text 0 1+2" }));
        Assert.That(Told(terms.ListingSpans, terms), Is.EquivalentTo(new[] { "锂电池 Title 0 2+3", "锂电池 Keywords 1 0+3", "回收 Title 0 5+2" }));
    }

    [TestCase("LiFePO4", "用 ＬｉＦｅＰＯ４ 制备", "ＬｉＦｅＰＯ４")]
    [TestCase("étude", "an e\u0301tude", "e\u0301tude")]
    [TestCase("ガス分離", "ｶﾞｽ分離膜", "ｶﾞｽ分離")]
    [TestCase("锂电池回收", "廢舊鋰電池回收方法", "鋰電池回收")]
    [TestCase("鋰電池", "废旧锂电池", "锂电池")]
    [TestCase("投资15000元", "约１.５万吨", "１.５万")]
    [TestCase("1.5万", "共15,000件", "15,000")]
    [TestCase("120MPa", "耐压80 兆帕", "兆帕")]
    [TestCase("m2", "占地 100 ㎡ 的厂房", "㎡")]
    [TestCase("filter", "a ﬁlter", "ﬁlter")]
    public void A_term_is_found_as_it_is_written_there(string asked, string text, string written)
    {
        Reason terms = Explained(Market.Achievements(asked), Market.Achievement("a", text));

        TextSpan span = terms.ListingSpans.First(span => span.Term == 0);
        Assert.That(text.Substring(span.Start, span.Length), Is.EqualTo(written));
    }

    [Test]
    public void A_text_that_says_one_thing_thousands_of_times_is_explained_by_few_places()
    {
        string text = string.Concat(Enumerable.Repeat("锂", 20_000));
        Reason terms = Explained(Market.Achievements(text), Market.Achievement("a", text));
        Assert.That(terms.ListingSpans, Has.Count.InRange(1, 8 * terms.Terms.Count));
        Assert.That(terms.QuerySpans, Has.Count.InRange(1, 8 * terms.Terms.Count));
    }

    [Test]
    public void The_pieces_of_a_listing_fold_to_what_the_whole_folds_to() => Prop.ForAll(AnyListing.ToArbitrary(), listing =>
        Assert.That(SourceText.Of(listing).Folded, Is.EqualTo(FoldedText.Of(listing.Words()).Folded))).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Test]
    public void What_stands_at_a_place_is_the_term_in_some_spelling() => Prop.ForAll(AnyListing.ToArbitrary(), AnyListing.ToArbitrary(), (asked, found) =>
    {
        MarketIndex index = Market.Of(found);
        Query query = Query.For(asked with { Side = Side.Demands });
        if (index.Search(query, 1) is not [var match])
            return;
        Reason terms = index.Explain(query, [(match, found)])[0][0];
        Assert.That(terms.Terms, Is.Not.Empty);
        Assert.That(terms.Terms.Select((_, i) => i), Is.SubsetOf(terms.ListingSpans.Select(span => span.Term)).And.SubsetOf(terms.QuerySpans.Select(span => span.Term)));
        foreach ((Listing listing, IReadOnlyList<TextSpan> spans) in new[] { (asked, terms.QuerySpans), (found, terms.ListingSpans) })
        {
            foreach (TextSpan span in spans)
            {
                string member = span.Member switch { TextMember.Title => listing.Title, TextMember.Text => listing.Text, _ => listing.Keywords[span.Item] };
                string there = FoldedText.Of(member.Substring(span.Start, span.Length)).Folded, term = FoldedText.Of(terms.Terms[span.Term]).Folded;
                // A number may be written in another way: the cases above have some.
                Assert.That(there.Contains(term, StringComparison.Ordinal) || (there.Any(char.IsAsciiDigit) && term.Any(char.IsAsciiDigit)), Is.True, $"'{there}' is not '{term}'");
            }
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    private static Reason Explained(Query query, Listing found)
    {
        MarketIndex index = Market.Of(found, Market.Achievement("b", "无关"));
        return index.Explain(query, [(index.Search(query, 1)[0], found)])[0][0];
    }

    private static IEnumerable<string> Told(IReadOnlyList<TextSpan> spans, Reason reason) =>
        spans.Select(span => $"{reason.Terms[span.Term]} {span.Member} {span.Item} {span.Start}+{span.Length}");
}
