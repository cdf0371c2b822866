using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>Scores and why they are what they are.</summary>
public sealed class ReasonTests
{
    [Test]
    public void Shared_terms_are_the_longest_phrases_as_the_query_spells_them()
    {
        Reason terms = WhatIsShared("求 LiFePO4 废旧磷酸铁锂电池回收技术", "废旧磷酸铁锂电池的回收与LIFEPO4再生,安装简单");

        Assert.Multiple(() =>
        {
            Assert.That(terms.Kind, Is.EqualTo(ReasonKind.Terms));
            Assert.That(terms.Terms, Is.EquivalentTo(new[] { "废旧磷酸铁锂电池", "回收", "LiFePO4" }));
            Assert.That(terms.DetailZh, Does.Contain("废旧磷酸铁锂电池"));
            Assert.That(terms.DetailEn, Does.Contain("废旧磷酸铁锂电池"));
        });
    }

    [Test]
    public void Pairs_that_overlap_only_in_the_query_are_told_apart() =>
        Assert.That(WhatIsShared("固态电解质", "固态电解,解质").Terms, Is.EqualTo(new[] { "固态电解", "解质" }));

    [Test]
    public void What_was_rewritten_since_it_was_indexed_is_said_to_share_nothing()
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "锂电池回收"));
        Query asked = Market.Achievements("锂电池");
        Reason terms = index.Explain(asked, [(index.Search(asked, 1)[0], Market.Achievement("a", "无关"))])[0][0];
        Assert.That(terms.Terms, Is.Empty);
        Assert.That(terms.DetailEn, Does.Contain("changed"));
    }

    [Test]
    public void A_single_shared_character_is_named() =>
        Assert.That(WhatIsShared("锂矿", "提锂").Terms, Is.EqualTo(new[] { "锂" }));

    [Test]
    public void The_same_text_scores_near_one_and_a_part_of_it_less()
    {
        const string text = "一种废旧磷酸铁锂电池正极材料的短程再生方法";
        MarketIndex index = Market.Of(
            Market.Achievement("same", text),
            Market.Achievement("part", "磷酸铁锂正极的喷雾干燥装置及其使用"),
            Market.Achievement("other", "基于深度学习的遥感影像云检测与去除算法"));

        IReadOnlyList<Match> found = index.Search(Market.Achievements(text), 10);

        Assert.Multiple(() =>
        {
            Assert.That(found[0].Id, Is.EqualTo("same"));
            Assert.That(found[0].Score, Is.GreaterThan(0.85));
            Assert.That(found[1].Id, Is.EqualTo("part"));
            Assert.That(found[1].Score, Is.LessThan(0.5));
        });
    }

    [Test]
    public void Each_criterion_that_the_query_states_is_met_unmet_or_unknown()
    {
        Listing demand = Market.Demand("d", "电池回收") with
        {
            Field = "newEnergy", Region = "630102", Money = new MoneyRange(null, 5_000_000_00), Trl = 6, Modes = ["licence", "transfer"],
        };
        Listing fits = Market.Achievement("fits", "电池回收") with
        {
            Field = "newEnergy", Region = "630102", Money = MoneyRange.Exactly(3_000_000_00), Trl = 7, Modes = ["transfer"],
        };
        Listing fails = Market.Achievement("fails", "电池回收") with
        {
            Field = "environment", Region = "110101", Money = MoneyRange.Exactly(6_000_000_50), Trl = 5, Modes = ["equity"],
        };
        MarketIndex index = Market.Of(fails, Market.Achievement("silent", "电池回收"), fits, Market.Achievement("x", "无关"));

        IReadOnlyList<Match> found = index.Search(Query.For(demand), 10);

        Assert.Multiple(() =>
        {
            Assert.That(found.Select(m => m.Id), Is.EqualTo(new[] { "fits", "silent", "fails" }));
            Assert.That(found[0].Parts.Skip(1).Select(r => r.Verdict), Is.All.EqualTo(Verdict.Met));
            Assert.That(found[1].Parts.Skip(1).Select(r => (r.Verdict, r.Weight)), Is.All.EqualTo((Verdict.Unknown, 0.0)));
            Assert.That(found[2].Parts.Skip(1).Select(r => r.Verdict), Is.All.EqualTo(Verdict.Unmet));
            Assert.That(found[0].Parts.Select(r => r.Kind), Is.EqualTo(Enum.GetValues<ReasonKind>().Where(kind => kind != ReasonKind.Meaning)));
            Assert.That(
                index.Explain(Query.For(demand), [(found[2], fails)])[0][3].DetailEn, Is.EqualTo("The price of 6000000.5 yuan is above the budget of 5000000 yuan."));
        });
    }

    [Test]
    public void Budget_and_readiness_are_judged_from_the_side_of_the_demand_whoever_asks()
    {
        Listing achievement = Market.Achievement("a", "电池回收") with { Money = MoneyRange.Exactly(100), Trl = 5 };
        MarketIndex index = Market.Of(
            Market.Demand("can", "电池回收") with { Money = new MoneyRange(50, 100), Trl = 5 },
            Market.Demand("cannot", "电池回收") with { Money = new MoneyRange(50, 99), Trl = 6 });

        IReadOnlyList<Match> found = index.Search(Query.For(achievement), 10);

        Assert.That(
            found.Select(m => (m.Id, m.Parts[1].Verdict, m.Parts[2].Verdict)),
            Is.EqualTo(new[] { ("can", Verdict.Met, Verdict.Met), ("cannot", Verdict.Unmet, Verdict.Unmet) }));
    }

    [TestCase("630102", "630102", Verdict.Met)]
    [TestCase("630102", "630104", Verdict.Met)]
    [TestCase("630102", "632801", Verdict.Met)]
    [TestCase("630102", "610102", Verdict.Unmet)]
    [TestCase("630102", null, Verdict.Unknown)]
    [TestCase("", "6", Verdict.Unmet)]
    public void A_region_is_met_within_the_province(string asked, string? stated, Verdict verdict)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "电池") with { Region = stated });

        Assert.That(index.Search(Market.Achievements("电池") with { Region = asked }, 1)[0].Parts[1].Verdict, Is.EqualTo(verdict));
    }

    [Test]
    public void The_nearer_of_two_equal_texts_comes_first()
    {
        MarketIndex index = Market.Of(
            Market.Achievement("a", "电池") with { Region = "110101" },
            Market.Achievement("b", "电池") with { Region = "632801" },
            Market.Achievement("c", "电池") with { Region = "630104" },
            Market.Achievement("d", "电池") with { Region = "630102" },
            Market.Achievement("e", "无关"));

        Assert.That(
            index.Search(Market.Achievements("电池回收") with { Region = "630102" }, 10).Select(m => m.Id),
            Is.EqualTo(new[] { "d", "c", "b", "a" }));
    }

    [TestCase(null, 5L, Verdict.Unknown)]
    [TestCase(5L, 5L, Verdict.Met)]
    [TestCase(6L, 5L, Verdict.Unmet)]
    public void A_price_is_held_against_the_upper_end_of_the_budget(long? price, long? most, Verdict verdict)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "电池") with { Money = new MoneyRange(price, price) });

        Query query = Market.Achievements("电池") with { Money = new MoneyRange(1, most) };

        Assert.That(index.Search(query, 1)[0].Parts[1].Verdict, Is.EqualTo(verdict));
    }

    [TestCase(4L, Verdict.Met)]
    [TestCase(6L, Verdict.Unknown)]
    public void A_budget_without_an_upper_end_says_only_that_its_lower_end_can_be_paid(long price, Verdict verdict)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "电池") with { Money = MoneyRange.Exactly(price) });

        Assert.That(
            index.Search(Market.Achievements("电池") with { Money = new MoneyRange(5, null) }, 1)[0].Parts[1].Verdict, Is.EqualTo(verdict));
    }

    [Test]
    public void All_evidence_together_does_not_lift_a_poor_text_over_a_good_one()
    {
        MarketIndex index = Market.Of(
            Market.Achievement("good", "电池回收技术") with { Field = "x", Region = "110101", Trl = 1, Modes = ["x"] },
            Market.Achievement("poor", "电池外壳喷涂") with { Field = "f", Region = "630102", Trl = 9, Modes = ["m"] },
            Market.Achievement("other", "无关"));

        Query query = Market.Achievements("电池回收技术") with { Field = "f", Region = "630102", Trl = 1, Modes = ["m"] };

        Assert.That(index.Search(query, 10).Select(m => m.Id), Is.EqualTo(new[] { "good", "poor" }));
    }

    private static Reason WhatIsShared(string query, string text)
    {
        Listing found = Market.Achievement("a", text);
        MarketIndex index = Market.Of(found, Market.Achievement("b", "无关"));
        Query asked = Market.Achievements(query);
        return index.Explain(asked, [(index.Search(asked, 1)[0], found)])[0][0];
    }
}
