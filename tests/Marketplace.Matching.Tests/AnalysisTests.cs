using System.Text;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>What finds what.</summary>
public sealed class AnalysisTests
{
    [TestCase("简单", "安装简单的支架", Description = "a dictionary cuts 安装 | 简单 | 的 differently with every neighbour")]
    [TestCase("装简", "安装简单的支架")]
    [TestCase("锂", "锂电池回收")]
    [TestCase("lifepo4", "以 LiFePO4 为正极")]
    [TestCase("LIFEPO", "以 LiFePO4 为正极")]
    [TestCase("LiFePO4", "以LiFePO4为正极")]
    [TestCase("SiO2", "掺杂SiO₂的涂层")]
    [TestCase("SiO2", "掺杂SiO2的涂层")]
    [TestCase("5g", "5G基站节能")]
    [TestCase("18650", "18650电芯")]
    [TestCase("18650", "18650电芯")]
    [TestCase("BERT", "基于bert的检索")]
    [TestCase("㎏", "重10 kg")]
    [TestCase("café", "cafe\u0301 机")]
    [TestCase("ガラス", "ガラス基板")]
    [TestCase("𠮷野", "𠮷野家配方")]
    [TestCase("β-葡聚糖", "Β-葡聚糖提取")]
    public void A_query_finds_a_text(string query, string text)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", text), Market.Achievement("b", "完全无关"));

        Assert.That(index.Find(query), Is.EqualTo(new[] { "a" }));
    }

    [TestCase("单安", "安装简单", Description = "the same characters in another order are only single characters")]
    [TestCase("电池回收", "电池的回收")]
    public void A_text_with_the_pairs_of_the_query_stands_before_one_with_its_characters_only(string query, string characters)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", characters), Market.Achievement("b", query), Market.Achievement("c", "无关"));

        Assert.That(index.Find(query), Is.EqualTo(new[] { "b", "a" }));
    }

    [TestCase("")]
    [TestCase(" \t\r\n")]
    [TestCase(",。!?—…")]
    [TestCase("🙂🙃")]
    [TestCase("\uD800")]
    [TestCase("\0")]
    [TestCase("量子")]
    public void What_shares_no_term_finds_nothing(string query)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "锂电池回收 🙂, 。"), Market.Achievement("b", ""));

        Assert.That(index.Find(query), Is.Empty);
    }

    [Test]
    public void No_pair_spans_two_keywords_or_title_and_text()
    {
        MarketIndex index = Market.Of(
            new Listing { Id = "a", Side = Side.Achievements, Title = "锂电", Text = "池化", Keywords = ["稀土", "工程"] },
            Market.Achievement("b", "电池"),
            Market.Achievement("c", "土工"));

        Assert.Multiple(() =>
        {
            Assert.That(index.Find("电池"), Is.EqualTo(new[] { "b", "a" }));
            Assert.That(index.Find("土工"), Is.EqualTo(new[] { "c", "a" }));
            Assert.That(index.Find("稀土"), Is.EqualTo(new[] { "a", "c" }));
        });
    }

    [Test]
    public void The_short_cut_around_normalisation_folds_every_character_as_normalisation_would()
    {
        string[] strays = [.. Enumerable.Range(0, char.MaxValue)
            .Select(i => (char)i)
            .Where(c => !char.IsSurrogate(c) && c != '\uFFFE')
            .Select(c => c.ToString())
            .Select(c => (FoldedText.Of(c).Folded, Expected: c.Normalize(NormalizationForm.FormKC).ToLowerInvariant()))
            .Where(f => f.Folded != f.Expected && (f.Folded + f.Expected).Any(char.IsLetterOrDigit))
            .Select(f => $"{f.Folded} {f.Expected}")];

        Assert.That(strays, Is.Empty);
    }

    [TestCase("\uD83D")]
    [TestCase("\uDE42\uD83D")]
    [TestCase("锂\uD800电")]
    [TestCase("锂\uFFFE\uFFFF电é")]
    [TestCase("\0锂\0")]
    [TestCase("é\uD800")]
    public void Broken_text_is_indexed_and_asked_for_like_any_other(string text)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", text + " 电池"), Market.Achievement("b", "无关"));

        Assert.Multiple(() =>
        {
            Assert.That(index.Find("电池"), Does.Contain("a"));
            Assert.That(() => index.Find(text), Throws.Nothing);
        });
    }

    [Test]
    public void A_text_of_a_million_characters_is_found_and_found_with()
    {
        string vast = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"第{(char)('一' + (i % 9000))}种电池x{i}"));
        MarketIndex index = Market.Of(
            Market.Achievement("a", vast), Market.Achievement("b", "电池回收"), Market.Achievement("c", new string('a', 1_000_000)));

        IReadOnlyList<Match> found = index.Search(Market.Achievements(vast), 10);

        Assert.Multiple(() =>
        {
            Assert.That(found[0].Id, Is.EqualTo("a"));
            Assert.That(found[0].Score, Is.InRange(0.0, 1.0));
            Assert.That(index.Find("电池回收"), Is.EqualTo(new[] { "b", "a" }));
        });
    }
}
