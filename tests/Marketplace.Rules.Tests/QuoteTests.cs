using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

/// <summary>Numbers as laws print them found the numbers of a document.</summary>
public sealed class QuoteTests
{
    [TestCase("最高五亿元", "5亿元")]
    [TestCase("最高十万元", "10万元")]
    [TestCase("最高不超过二十万元", "20万元")]
    [TestCase("最高贰拾万元整", "20万元")]
    [TestCase("一百万元", "100万元")]
    [TestCase("一千万元", "1000万元")]
    [TestCase("一万五千元", "15000元")]
    [TestCase("三点五亿元", "3.5亿元")]
    [TestCase("最高不超过 10 万元", "10万元")]
    [TestCase("最高10\u00A0万元", "10万元")]
    [TestCase("最高不超过10万", "10万元")]
    [TestCase("不超过10万(含)", "10万元")]
    [TestCase("分别给予10、20、30万元", "10万元")]
    [TestCase("分别给予10、20、30万元", "20万元")]
    [TestCase("分别给予10、20、30万元", "30万元")]
    [TestCase("分别给予30、20、10万元", "30万元")]
    [TestCase("五十至一百万元", "50万元")]
    [TestCase("五千至一万元", "5000元")]
    [TestCase("50—100万元", "50万元")]
    [TestCase("10万-20万元", "10万元")]
    [TestCase("￥100,000.00", "10万元")]
    [TestCase("¥100,000.00", "10万元")]
    [TestCase("１００，０００元", "10万元")]
    [TestCase("１０万元", "10万元")]
    [TestCase("1亿2000万元", "1.2亿元")]
    [TestCase("5千万元", "5000万元")]
    [TestCase("100元5角", "100.5元")]
    [TestCase("叁佰元伍角贰分", "300.52元")]
    [TestCase("10万元，20万元", "20万元")]
    [TestCase("两千元", "2000元")]
    public void A_sum_in_any_print_founds_its_value(string quote, string sum) => Assert.That(Sum(quote, sum), Is.Empty);

    [TestCase("110万元", "10万元")]
    [TestCase("十三万元", "3万元")]
    [TestCase("三十万元", "10万元")]
    [TestCase("二十三万元", "3万元")]
    [TestCase("数十万元", "10万元")]
    [TestCase("几十万元", "10万元")]
    [TestCase("十余万元", "10万元")]
    [TestCase("10多万元", "10元")]
    [TestCase("10万人次", "10万元")]
    [TestCase("10万美元", "10万元")]
    [TestCase("三万五元", "3.5万元")]
    [TestCase("2020年元月1日", "2020元")]
    [TestCase("100元5角", "100元")]
    [TestCase("奖励三分之一", "0.03元")]
    [TestCase("500、1万元", "500万元")]
    [TestCase("50至1万元", "50万元")]
    [TestCase("5，10万元", "510万元")]
    [TestCase("5 10万元", "510万元")]
    [TestCase("10.5万元", "5万元")]
    public void Part_of_another_number_or_a_vague_one_founds_nothing(string quote, string sum) => Assert.That(Sum(quote, sum), Is.EqualTo(new[] { "POL403" }));

    [TestCase("按百分之三给予", "3%")]
    [TestCase("百分之三点五", "3.5%")]
    [TestCase("百分之二十", "20%")]
    [TestCase("百分之百", "100%")]
    [TestCase("按千分之六给予", "6‰")]
    [TestCase("万分之一", "0.1‰")]
    [TestCase("三成", "30%")]
    [TestCase("三成五", "35%")]
    [TestCase("补助一半", "1/2")]
    [TestCase("补助一半", "50%")]
    [TestCase("三分之一", "1/3")]
    [TestCase("1/3", "1/3")]
    [TestCase("3 %", "3%")]
    [TestCase("３％", "3%")]
    [TestCase("2至3%", "2%")]
    [TestCase("1%、2%", "2%")]
    [TestCase("5‱", "0.5‰")]
    public void A_rate_in_any_print_founds_its_value(string quote, string rate) => Assert.That(Rate(quote, rate), Is.Empty);

    [TestCase("百分之三十", "3%")]
    [TestCase("13%", "3%")]
    [TestCase("2020/1/3", "1/3")]
    [TestCase("三成员单位", "30%")]
    [TestCase("三成立之日", "30%")]
    [TestCase("一半年", "50%")]
    [TestCase("三分钟", "3%")]
    public void Part_of_another_word_is_no_rate(string quote, string rate) => Assert.That(Rate(quote, rate), Is.EqualTo(new[] { "POL403" }));

    [TestCase("二〇二〇年一月一日起", "2020-01-01")]
    [TestCase("二○二○年十二月三十一日", "2020-12-31")]
    [TestCase("二零二零年十月二十日", "2020-10-20")]
    [TestCase("2020年元月1日", "2020-01-01")]
    [TestCase("2020.1.1", "2020-01-01")]
    [TestCase("2020.01.01起", "2020-01-01")]
    [TestCase("2020/1/1", "2020-01-01")]
    [TestCase("2020年 1 月 1 日", "2020-01-01")]
    [TestCase("２０２０年１月１日", "2020-01-01")]
    [TestCase("2020年1月1日至12月31日", "2020-12-31")]
    [TestCase("2020-01-01", "2020-01-01")]
    public void A_day_in_any_print_founds_its_value(string quote, string day) => Assert.That(Day(quote, day), Is.Empty);

    [TestCase("2020年1月11日", "2020-01-01")]
    [TestCase("12020.1.1", "2020-01-01")]
    [TestCase("2020.1.1.3", "2020-01-01")]
    [TestCase("2020年11月1日", "2020-01-01")]
    public void Part_of_another_day_founds_nothing(string quote, string day) => Assert.That(Day(quote, day), Is.EqualTo(new[] { "POL403" }));

    [TestCase("连续两年", "两年", "")]
    [TestCase("连续2年", "两年", "")]
    [TestCase("连续 2 年", "2年", "")]
    [TestCase("连续二年", "2年", "")]
    [TestCase("连续十二年", "两年", "POL403")]
    [TestCase("第二年", "两年", "POL403")]
    [TestCase("2002年起", "2年", "POL403")]
    [TestCase("2%,12年", "2年", "POL403")]
    [TestCase("二、其他", "2", "POL403")]
    [TestCase("不少于3项", "3", "")]
    public void A_count_goes_with_its_measure_word(string quote, string count, string code) =>
        Assert.That(Codes(Sample.Read(quote + ";1%", Sample.Award("x", "base: amount", $"amount: {{ instalments: {{ rate: 1%, years: {count} }}, cite: a }}"))), Is.EqualTo(code.Length == 0 ? [] : new[] { code }));

    [TestCase("按1:1比例配套", true)]
    [TestCase("按1∶1配套", true)]
    [TestCase("按一比一配套", true)]
    [TestCase("按11:1配套", false)]
    [TestCase("按1:1:1配套", false)]
    public void A_ratio_in_any_print_founds_its_value(string quote, bool holds) =>
        Assert.That(Codes(Sample.Read(quote + ";1元", Sample.Award("x", "amount: { fixed: 1元, cite: a }"), "sharing: { payers: [city, park], ratio: \"1:1\", cite: a }")), Is.EqualTo(holds ? [] : new[] { "POL403" }));

    [Test]
    public void What_a_clause_holds_is_told_as_it_is_printed() =>
        Assert.That(Sample.Read("百分之三,10、20万元", Sample.Award("x", "amount: { fixed: 1万元, cite: a }")).Diagnostics.Single(d => d.Code == "POL403").FixEn, Is.EqualTo("The quote has 百分之三, 10万元, 20万元."));

    [Test]
    public void Every_Chinese_numeral_reads_back_as_its_value()
    {
        var values = Gen.OneOf(Gen.Choose(0, 100_000).Select(v => (long)v), Gen.Choose(0, 999_999).Zip(Gen.Choose(0, 999_999)).Select(p => p.Item1 * 1_000_000L + p.Item2),
            Gen.Choose(0, 12).Zip(Gen.Choose(1, 9)).Select(p => Math.Min(1_000_000_000_000, p.Item2 * (long)Math.Pow(10, p.Item1))), Gen.Constant(1_000_000_000_000));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithQuietOnSuccess(true), Prop.ForAll(values.ToArbitrary(), value =>
        {
            foreach (var printed in new[] { Ordinary(value), Financial(value) })
            {
                if (Sum($"给予{printed}元", $"{value}元").Length > 0) throw new InvalidOperationException(printed);
                if (Sum($"给予{printed}元", $"{value + 1}元").Length == 0) throw new InvalidOperationException(printed + " is taken for one more");
            }

            return true;
        }));
    }

    private static string[] Sum(string quote, string sum) => Codes(Sample.Read(quote, Sample.Award("x", $"amount: {{ fixed: {sum}, cite: a }}")));

    private static string[] Rate(string quote, string rate) => Codes(Sample.Read(quote, Sample.Award("x", "base: amount", $"amount: {{ rate: {rate}, cite: a }}")));

    private static string[] Day(string quote, string day) => Codes(PolicyDocument.LoadSpecimen("x.yaml", $$"""
        schema: policy/1
        specimen: true
        id: sample
        version: "1"
        region: "350000"
        title: sample
        authority: nobody
        source: { file: table }
        inForce: { from: {{day}}, cite: a }
        governedBy: recognisedOn
        clauses:
          a: { article: "1", quote: "{{quote}};1元" }
        awards:
          x: { label: x, payee: buyer, amount: { fixed: 1元, cite: a } }
        """));

    private static string[] Codes(LoadResult result) => [.. result.Diagnostics.Select(d => d.Code)];

    private static string Financial(long value) => string.Concat(Ordinary(value).Select(c => "一二三四五六七八九十百千万亿零".IndexOf(c, StringComparison.Ordinal) is >= 0 and var i
        ? "壹贰叁肆伍陆柒捌玖拾佰仟万亿零"[i] : c)) is var text && text.StartsWith('拾') ? "壹" + text : text;

    /// <summary>As a textbook writes it, one rule after another and independent of how it is read.</summary>
    private static string Ordinary(long value)
    {
        if (value == 0) return "零";
        var text = new StringBuilder();
        var groups = new List<int>();
        for (var rest = value; rest > 0; rest /= 10_000) groups.Add((int)(rest % 10_000));
        string[] sizes = ["", "万", "亿", "万亿"];
        var gap = false;
        for (var i = groups.Count - 1; i >= 0; i--)
        {
            if (groups[i] == 0)
            {
                gap = text.Length > 0;
                // The 亿 of 一万亿 is said with the 万 before it.
                continue;
            }

            if (text.Length > 0 && (gap || groups[i] < 1_000)) text.Append('零');
            text.Append(Group(groups[i]));
            text.Append(i == 3 && groups[2] > 0 ? "万" : sizes[i]);
            gap = false;
        }

        var printed = text.ToString();
        return printed.StartsWith("一十", StringComparison.Ordinal) ? printed[1..] : printed;
    }

    private static string Group(int value)
    {
        const string Digits = "零一二三四五六七八九";
        var text = new StringBuilder();
        var gap = false;
        foreach (var (unit, name) in new[] { (1_000, "千"), (100, "百"), (10, "十"), (1, "") })
        {
            var digit = value / unit % 10;
            if (digit == 0)
            {
                gap = text.Length > 0;
                continue;
            }

            if (gap) text.Append('零');
            text.Append(Digits[digit]).Append(name);
            gap = false;
        }

        return text.ToString();
    }
}
