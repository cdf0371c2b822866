using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Rules.Tests.Checking;

public sealed class SourceTests
{
    private static readonly string Text = "第一行\n" + string.Join('\n', Xining.Policy.Clauses.Select(c => "原文:" + c.Quote + "。")) + "\n";

    [Test]
    public void Quotes_that_stand_in_the_source_pass() => Assert.That(Codes(Xining.Yaml, Text), Is.Empty);

    [Test]
    public void A_quote_that_is_not_there_is_shown_the_nearest_text_and_its_line()
    {
        var diagnostic = Faults(Xining.Yaml.With("最高不超过10万元\"", "最高不得超过10万元\""), Text).Single();
        var line = Array.FindIndex(Text.Split('\n'), l => l.Contains("最高不超过10万元", StringComparison.Ordinal)) + 1;
        Assert.Multiple(() =>
        {
            Assert.That((diagnostic.Code, diagnostic.File), Is.EqualTo(("POL402", "x.yaml")));
            Assert.That(diagnostic.MessageEn, Does.Contain($"at line {line}: \"对买方给予3%的技术合同补贴,最高不超过10万元"));
            Assert.That(diagnostic.MessageZh, Does.Contain($"第 {line} 行"));
        });
    }

    [Test]
    public void A_quote_with_nothing_near_it_is_still_located() =>
        Assert.That(Faults(Xining.Yaml.With("article: \"17\", quote: 对实施奖补政策超出预算安排总量部分", "article: \"17\", quote: \"xyz\""), Text).Single().MessageEn,
            Does.Contain("not found").And.Not.Contain("nearest"));

    [Test]
    public void Another_source_than_the_one_that_was_read_is_named() =>
        Assert.That(Faults(Xining.Yaml, Text, keepHash: true).Select(d => d.Code), Is.EqualTo(new[] { "POL406" }));

    [Test]
    public void A_missing_source_is_named_where_the_document_names_it()
    {
        var diagnostic = Checked.Run(Xining.Yaml, null, _ => null).Diagnostics.Single(d => d.Severity == Severity.Error);
        Assert.That(diagnostic.Code, Is.EqualTo("POL405"));
        Assert.That(Xining.Yaml.At(diagnostic), Does.StartWith(Xining.Policy.Source.File));
    }

    [Test]
    public void A_source_in_another_encoding_is_said_to_be_so()
    {
        byte[] gbk = [0xCE, 0xF7, 0xC4, 0xFE];
        var yaml = Xining.Yaml.With(Xining.Policy.Source.Sha256!, Convert.ToHexStringLower(SHA256.HashData(gbk)));
        var diagnostic = Checked.Run(yaml, null, _ => gbk).Diagnostics.Single(d => d.Severity == Severity.Error);
        Assert.That((diagnostic.Code, diagnostic.File, diagnostic.Line, diagnostic.Column), Is.EqualTo(("POL114", Xining.Policy.Source.File, 1, 1)));
    }

    [Test]
    public void Sources_are_asked_for_by_the_documents_own_name()
    {
        var asked = new List<string>();
        Checked.Run(Xining.Yaml, null, name =>
        {
            asked.Add(name);
            return null;
        });
        Assert.That(asked, Is.EqualTo(new[] { Xining.Policy.Source.File }));
    }

    private static string[] Codes(string yaml, string text) => [.. Faults(yaml, text).Select(d => d.Code)];

    private static Diagnostic[] Faults(string yaml, string text, bool keepHash = false)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!keepHash) yaml = yaml.With(Xining.Policy.Source.Sha256!, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        return [.. Checked.Run(yaml, null, _ => bytes).Diagnostics.Where(d => d.Severity == Severity.Error)];
    }
}
