using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

public sealed class MoneyTests
{
    [TestCase("10万元", 10_000_000)]
    [TestCase("１０万元", 10_000_000)]
    [TestCase("99999.99元", 9_999_999)]
    [TestCase("1分", 1)]
    [TestCase("1角", 10)]
    [TestCase("0.5亿元", 5_000_000_000)]
    [TestCase("1,000万元", 1_000_000_000)]
    [TestCase("3百万元", 300_000_000)]
    [TestCase("2千元", 200_000)]
    [TestCase("333.333333万元", 333_333_333)]
    public void Sums_are_read_as_policies_print_them(string literal, long fen)
    {
        Assert.That(Fen.TryParseLiteral(literal, out var sum), Is.EqualTo(LiteralFault.None));
        Assert.That(sum.Value, Is.EqualTo(fen));
    }

    [TestCase("10万", LiteralFault.NoUnit)]
    [TestCase("10", LiteralFault.NoUnit)]
    [TestCase("0.001元", LiteralFault.TooFine)]
    [TestCase("0.5分", LiteralFault.TooFine)]
    [TestCase("9999999999999999999元", LiteralFault.TooLarge)]
    [TestCase("元", LiteralFault.NotANumber)]
    [TestCase("-1元", LiteralFault.NotANumber)]
    [TestCase("1,00元", LiteralFault.NotANumber)]
    [TestCase("1.元", LiteralFault.NotANumber)]
    [TestCase("1e5元", LiteralFault.NotANumber)]
    [TestCase("", LiteralFault.NotANumber)]
    public void What_is_no_sum_says_why(string literal, LiteralFault fault) =>
        Assert.That(Fen.TryParseLiteral(literal, out _), Is.EqualTo(fault));

    [TestCase("3%", 3, 100)]
    [TestCase("0.6‰", 3, 5000)]
    [TestCase("1/3", 1, 3)]
    [TestCase("３％", 3, 100)]
    [TestCase("12.50 %", 1, 8)]
    public void Rates_are_exact_fractions(string literal, long above, long below)
    {
        Assert.That(Rate.TryParseLiteral(literal, out var rate), Is.EqualTo(LiteralFault.None));
        Assert.That((rate.Numerator, rate.Denominator), Is.EqualTo((above, below)));
    }

    [TestCase("1/0")]
    [TestCase("a%")]
    [TestCase("%")]
    [TestCase("1/")]
    public void What_is_no_rate_is_refused(string literal) => Assert.That(Rate.TryParseLiteral(literal, out _), Is.EqualTo(LiteralFault.NotANumber));

    [TestCase("1", 100)]
    [TestCase("0.1", 10)]
    [TestCase("99999999999999.99", 9_999_999_999_999_999)]
    [TestCase("-0.01", -1)]
    [TestCase("1e3", 100_000)]
    [TestCase("1.000", 100)]
    [TestCase("100000.000", 10_000_000)]
    [TestCase("1E+05", 10_000_000)]
    [TestCase("1.5e5", 15_000_000)]
    [TestCase("1230e-3", 123)]
    [TestCase("0.00012e4", 120)]
    [TestCase("0e999999999999", 0)]
    [TestCase("0.000", 0)]
    [TestCase("92233720368547758.07", long.MaxValue)]
    public void Yuan_are_read_to_the_fen(string yuan, long fen) => Assert.That(Xining.Yuan(yuan).Value, Is.EqualTo(fen));

    [TestCase("1.001")]
    [TestCase("1e-3")]
    [TestCase("0.001")]
    [TestCase("1e17")]
    [TestCase("1e999999999999")]
    [TestCase("1e")]
    [TestCase("1e1.0")]
    [TestCase("e1")]
    [TestCase("1.")]
    [TestCase("+1")]
    [TestCase("1 ")]
    [TestCase("1,000")]
    [TestCase("--1")]
    [TestCase("")]
    [TestCase("-")]
    [TestCase(".5")]
    [TestCase("92233720368547758.08")]
    public void Other_forms_of_yuan_are_refused(string yuan) => Assert.That(Fen.TryParseYuan(yuan, out _), Is.False);

    [Test]
    public void A_sum_printed_in_yuan_reads_back_the_same() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithQuietOnSuccess(true), Prop.ForAll(
            ArbMap.Default.ArbFor<long>(), fen => fen == long.MinValue || (Fen.TryParseYuan(new Fen(fen).ToString(), out var back) && back.Value == fen)));

    [TestCase("ar-SA")]
    [TestCase("tr-TR")]
    [TestCase("fa-IR")]
    [TestCase("sv-SE")]
    public void Cultures_change_no_word_of_an_answer(string culture)
    {
        var here = Render();
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.That(Render(), Is.EqualTo(here));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        static string Render()
        {
            var policy = Xining.Load(Xining.Yaml);
            var evaluation = Evaluator.Evaluate(policy, Xining.Of("3333333.33"), [new("broker", new Fen(1))], new EvaluationOptions { Explain = true });
            var refused = Evaluator.Evaluate(policy, Xining.Eligible with { RecognisedOn = new DateOnly(2020, 1, 2) }, []);
            return policy.Hash + string.Join('\n', evaluation.Awards.Concat(refused.Awards).SelectMany(a =>
                a.Reasons.Select(r => r.Code + r.DetailZh + r.DetailEn).Concat(a.Steps.Select(s => s.TextZh + s.TextEn + s.Value)).Append(a.Amount.ToString())))
                + new Fen(-5) + string.Join('\n', PolicyDocument.Load("x", Xining.Yaml.Replace("3%", "4").Replace("inForce", "InForce")).Diagnostics);
        }
    }
}
