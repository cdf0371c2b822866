using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

/// <summary>What people really send: files of other programs, full-width signs, words that YAML elsewhere reads as something else.</summary>
public sealed class BadInputTests
{
    // "西宁市科技局" in GBK.
    private static readonly byte[] Gbk = [0xCE, 0xF7, 0xC4, 0xFE, 0xCA, 0xD0, 0xBF, 0xC6, 0xBC, 0xBC, 0xBE, 0xD6];

    [TestCase("\\ud83d ")]
    [TestCase("\\ud83d\\u0020")]
    [TestCase("\\udc00")]
    [TestCase("\\Uffffffff")]
    public void An_escape_that_is_no_character_is_an_error_near_its_place(string escape)
    {
        var result = PolicyDocument.Load("x.yaml", Xining.Yaml.Replace("version: \"1\"", $"version: \"{escape}\"", StringComparison.Ordinal));
        Assert.That(result.Policy, Is.Null);
        Assert.That(result.Diagnostics[0].Line, Is.InRange(3, 5));
    }

    [Test]
    public void A_file_in_GBK_is_said_to_be_so_where_it_first_shows()
    {
        var result = PolicyDocument.Load("x.yaml", (byte[])[.. "schema: policy/1\ntitle: é "u8, .. Gbk, .. "\n"u8]);
        var diagnostic = result.Diagnostics.Single();
        Assert.That((diagnostic.Code, diagnostic.Line, diagnostic.Column), Is.EqualTo(("POL114", 2, 10)));
        Assert.That(diagnostic.MessageEn, Does.Contain("0xCE").And.Contain("GBK"));
        Assert.That(diagnostic.MessageZh, Does.Contain("GBK"));
    }

    [TestCase(new byte[] { 0xFF, 0xFE, 0x61, 0x00 }, "UTF-16")]
    [TestCase(new byte[] { 0xFE, 0xFF, 0x00, 0x61 }, "UTF-16")]
    [TestCase(new byte[] { 0x50, 0x4B, 0x03, 0x04, 0x00, 0x01, 0x9C, 0xFF }, "not text")]
    public void A_file_that_is_no_text_is_said_to_be_so(byte[] content, string message)
    {
        var diagnostic = PolicyDocument.Load("x.yaml", content).Diagnostics.Single();
        Assert.That(diagnostic.Code, Is.EqualTo("POL114"));
        Assert.That(diagnostic.MessageEn, Does.Contain(message));
    }

    [TestCase("{0}k{1}: a\n", "")]
    [TestCase("- {1}\n", "")]
    [TestCase("{0}  k{1}: a\n", "a:\n")]
    public void More_than_a_thousand_entries_are_one_fault(string entry, string before)
    {
        var yaml = before + string.Concat(Enumerable.Range(0, 80_000).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, entry, "", i)));
        var result = PolicyDocument.Load("x.yaml", yaml);
        Assert.That(result.Policy, Is.Null);
        Assert.That(result.Diagnostics.Select(d => d.Code), Is.EqualTo(new[] { "POL119" }));
        Assert.That(result.Diagnostics[0].Line, Is.EqualTo(before.Length > 0 ? 1002 : 1001));
    }

    [Test]
    public void A_byte_order_mark_changes_nothing()
    {
        var result = PolicyDocument.Load("x.yaml", (byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Xining.Yaml)]);
        Assert.That(result.Policy?.Hash, Is.EqualTo(Xining.Policy.Hash));
    }

    [Test]
    public void Text_that_was_read_in_a_wrong_encoding_before_is_refused() =>
        Assert.That(PolicyDocument.Load("x.yaml", Xining.Yaml.Replace("zh: 市委(", "zh: \uFFFD\uFFFD委(")).Diagnostics.Select(d => d.Code), Is.EqualTo(new[] { "POL111", "POL111" }));

    [TestCase("rate: 3%", "rate: ３％")]
    [TestCase("cap: 5万元", "cap: ５ 万元")]
    [TestCase("cap: 5万元", "cap: 5 万元")]
    [TestCase("cap: 5万元", "cap: \"50,000元\"")]
    [TestCase("cap: 5万元", "cap: 0.05百万元")]
    [TestCase("recognised: true", "recognised: 是")]
    [TestCase("include: [development, transfer, licence]", "include: [技术开发, 技术转让, 技术许可]")]
    [TestCase("from: 2020-08-19", "from: ２０２０-０８-１９")]
    public void What_means_the_same_pays_the_same(string whole, string other)
    {
        var text = Xining.Yaml.Replace(whole, other);
        Assert.That(text, Is.Not.EqualTo(Xining.Yaml));
        var answers = Evaluator.Evaluate(Xining.Load(text), Xining.Of("8000000"), []).Awards.Take(2).Select(a => a.Amount.ToString());
        Assert.That(answers, Is.EqualTo(new[] { "100000.00", "50000.00" }));
    }

    [TestCase("rate: 3%", "rate: 3e0%", "POL302")]
    [TestCase("cap: 5万元", "cap: 1e5", "POL302")]
    [TestCase("cap: 5万元", "cap: 50000", "POL301")]
    [TestCase("cap: 5万元", "cap: -5万元", "POL302")]
    [TestCase("cap: 5万元", "cap: 五万元", "POL302")]
    [TestCase("cap: 5万元", "cap: \"5,0000元\"", "POL302")]
    [TestCase("cap: 5万元", "cap: .inf", "POL302")]
    [TestCase("cap: 5万元", "cap: 0x10元", "POL302")]
    [TestCase("cap: 5万元", "cap: ~", "POL302")]
    [TestCase("cap: 5万元", "cap:", "POL211")]
    [TestCase("recognised: true", "recognised: yes", "POL203")]
    [TestCase("recognised: true", "recognised: no", "POL203")]
    [TestCase("recognised: true", "recognised: on", "POL203")]
    [TestCase("recognised: true", "recognised: TRUE", "POL203")]
    [TestCase("from: 2020-08-19", "from: 2020/08/19", "POL501")]
    [TestCase("from: 2020-08-19", "from: 2020年8月19日", "POL501")]
    [TestCase("from: 2020-08-19", "from: 20200819", "POL501")]
    [TestCase("from: 2020-08-19", "from: 2020-08-19T00:00:00Z", "POL501")]
    public void What_could_mean_something_else_is_refused(string whole, string other, string code)
    {
        var text = Xining.Yaml.Replace(whole, other);
        Assert.That(text, Is.Not.EqualTo(Xining.Yaml));
        var result = PolicyDocument.Load("x.yaml", text);
        Assert.That(result.Policy, Is.Null);
        Assert.That(result.Diagnostics.Select(d => d.Code).Distinct(), Is.EqualTo(new[] { code }), string.Join('\n', result.Diagnostics));
    }

    [Test]
    public void Random_bytes_never_crash_the_loader_or_the_check() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(10_000).WithEndSize(300).WithQuietOnSuccess(true), Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte[]>(),
            (document, examples) => PolicyDocument.Load("x.yaml", document).Policy is null
                && PolicyCheck.Run(new("x.yaml", document), new("x.examples.yaml", examples)).Diagnostics.Count > 0));

    [Test]
    public void Any_change_of_one_token_is_a_located_error_or_another_hash()
    {
        // Tokens as a reader sees them: words, numbers and single signs. Comments are no content.
        var whole = string.Join('\n', Xining.Yaml.Split('\n').Where(line => !line.StartsWith('#')));
        var tokens = System.Text.RegularExpressions.Regex.Matches(whole, "[\\p{L}\\p{N}]+|[^\\s]").ToArray();
        var others = tokens.Select(t => t.Value).Distinct().ToArray();
        var lines = whole.Split('\n');
        var change = from at in Gen.Elements(tokens)
                     from put in Gen.OneOf(Gen.Constant(""), Gen.Elements(others), Gen.Constant(at.Value + at.Value), Gen.Elements("0", "x", "：", "，", "％", "\uFFFD"))
                     where put != at.Value
                     select (At: at, Text: whole[..at.Index] + put + whole[(at.Index + at.Length)..]);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(10_000).WithQuietOnSuccess(true), Prop.ForAll(change.ToArbitrary(), changed =>
        {
            var result = PolicyDocument.Load("x.yaml", changed.Text);
            return result.Policy is { } policy
                ? policy.Hash != Xining.Policy.Hash || MeansTheSame(changed.Text)
                : result.Diagnostics.Any(d => d.Severity == Severity.Error && d.Line >= 1 && d.Line <= lines.Length + 1 && d.Column >= 1);
        }));
    }

    /// <summary>Quotation marks and brackets may go where YAML does not need them; then the content is the same, and so must be the hash.</summary>
    private static bool MeansTheSame(string text) => Plain(text) == Plain(string.Join('\n', Xining.Yaml.Split('\n').Where(line => !line.StartsWith('#'))));

    private static string Plain(string text) => System.Text.RegularExpressions.Regex.Replace(text, "[\"\\s,]", "");
}
