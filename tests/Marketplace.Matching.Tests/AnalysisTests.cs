using System.Text;
using FsCheck;
using FsCheck.Fluent;
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
    [TestCase("COVID19", "COVID-19检测")]
    [TestCase("COVID-19", "COVID19检测")]
    [TestCase("h2o2", "H₂O₂分解")]
    [TestCase("電池", "电池")]
    [TestCase("乌鲁木齐", "烏魯木齊")]
    [TestCase("15000", "投资1.5万元")]
    [TestCase("1.5万", "共15000元")]
    [TestCase("１．５萬", "15,000")]
    [TestCase("3亿", "300000000")]
    [TestCase("0.3亿", "3千万")]
    [TestCase("1,500", "1500")]
    [TestCase("2.50", "2.5")]
    [TestCase("80％", "80%")]
    [TestCase("300℃", "在300摄氏度下")]
    [TestCase("300°C", "300℃")]
    [TestCase("5兆帕", "5MPa")]
    [TestCase("10 um", "10微米")]
    [TestCase("2.5μm", "2.5µm")]
    [TestCase("120mAh/g", "120毫安时/克")]
    [TestCase("5千瓦时", "5 kWh")]
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
    [TestCase("5千瓦", Description = "not 5000")]
    [TestCase("0万")]
    public void What_shares_no_term_finds_nothing(string query)
    {
        MarketIndex index = Market.Of(Market.Achievement("a", "锂电池回收 🙂, 。5000"), Market.Achievement("b", ""));

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
            .Select(c => (FoldedText.Of(c).Folded, Expected: string.Concat(c.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Select(Simplified))))
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

    [TestCase("1.2.3", "1 2 3", Description = "a version")]
    [TestCase("18650", "18650")]
    [TestCase("2018,2019", "2018 2019", Description = "two years")]
    [TestCase("1,234,5", "1 234 5", Description = "a list")]
    [TestCase("007", "007")]
    [TestCase("1.50", "1.5")]
    [TestCase("1.5万", "15000 万")]
    [TestCase("0.00", "0")]
    [TestCase("1.2345万", "12345 万")]
    [TestCase("1.23456万", "12345.6 万")]
    [TestCase("2亿3", "200000000 亿 3")]
    [TestCase("12345678901234567890", "12345678901234567890", Description = "an identifier")]
    [TestCase("5G", "5g")]
    [TestCase("100MPa", "100 mpa")]
    [TestCase("100MPas", "100mpas 100 mpas")]
    [TestCase("GPT-4", "gpt gpt4 4")]
    [TestCase("3.", "3")]
    [TestCase(".5", "5")]
    public void Numbers_and_words_are_cut_so(string text, string terms) =>
        Assert.That(Terms(text), Is.EquivalentTo(terms.Split(' ').Select(term => term is "万" or "亿" ? term[0] : TermKey.Word(term))));

    [Test]
    public void A_text_has_the_same_terms_however_it_is_encoded() =>
        Prop.ForAll(Pieces.ArrayOf().Select(string.Concat).ToArbitrary(), text =>
        {
            ulong[] terms = Terms(text);
            foreach (NormalizationForm form in Enum.GetValues<NormalizationForm>())
                Assert.That(Terms(text.Normalize(form)), Is.EqualTo(terms), form.ToString());
            Assert.That(Terms(text.ToUpperInvariant()), Is.EqualTo(terms), "case");
            Assert.That(Terms(string.Concat(text.Select(Wide))), Is.EqualTo(terms), "width");
            Assert.That(Terms(string.Concat(text.Select(Traditional))), Is.EqualTo(terms), "traditional");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Test]
    public void Punctuation_around_a_text_changes_nothing() =>
        Prop.ForAll(Pieces.ArrayOf().Select(string.Concat).ToArbitrary(), Gen.Elements("。", "！", "“", " ", "\n", "—").ToArbitrary(), (text, mark) =>
            Assert.That(Terms(mark + text + mark), Is.EqualTo(Terms(text)))).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Test]
    public void The_table_of_traditional_characters_maps_each_once_and_none_twice()
    {
        string traditional = Every(0), simplified = Every(1);

        Assert.Multiple(() =>
        {
            Assert.That(traditional, Is.Unique.And.Ordered);
            Assert.That(traditional.Intersect(simplified), Is.Empty);
            Assert.That(traditional + simplified, Is.All.InRange('\u4E00', '\u9FFF'));
        });

        static string Every(int second) => string.Concat(TraditionalCharacters.Pairs.Where((_, place) => place % 2 == second));
    }

    [Test]
    public void Keys_of_terms_do_not_change_from_program_to_program()
    {
        // Stored indexes and models hold them: whoever changes one raises the version of both.
        Assert.Multiple(() =>
        {
            Assert.That(TermKey.Word("lifepo4"), Is.EqualTo(0xFD683C5DB358E3EBUL));
            Assert.That(TermKey.Pair('电', '池'), Is.EqualTo(0x7535_00006C60UL));
            Assert.That(TermKey.KindOf('锂'), Is.EqualTo(TermKind.Character));
            Assert.That(TermKey.KindOf(TermKey.Pair('电', '池')), Is.EqualTo(TermKind.Pair));
            Assert.That(TermKey.KindOf(TermKey.Word("a")), Is.EqualTo(TermKind.Word));
        });
    }

    private static readonly Gen<string> Pieces = Gen.Elements(
        "电池", "乌鲁木齐", "龙", "锂", "LiFePO4", "1.5万元", "3亿", "1,500", "80%", "5MPa", "300℃", "兆帕", "COVID-19", "café", "ガラス", "18650", "5G", "。", ",", " ", "-", ".");

    private static char Wide(char c) => c is > ' ' and <= '~' ? (char)(c + 0xFEE0) : c;

    private static char Traditional(char c) => TraditionalCharacters.Pairs.LastIndexOf(c) is > 0 and var place ? TraditionalCharacters.Pairs[place - (place % 2)] : c;

    private static char Simplified(char c) => TraditionalCharacters.Pairs.IndexOf(c) is >= 0 and var place ? TraditionalCharacters.Pairs[place | 1] : c;

    private static ulong[] Terms(string text)
    {
        var sink = new Keys([]);
        Tokenizer.Scan(FoldedText.Of(text).Folded, ref sink);
        return [.. sink.All];
    }

    private readonly record struct Keys(List<ulong> All) : ITermSink
    {
        public void Term(ulong key, TermKind kind, int start, int length) => All.Add(key);
    }
}
