using Marketplace.Rules.Tests.Checking;

namespace Marketplace.Rules.Tests;

/// <summary>One slip of the hand is one fault, at its place, and named.</summary>
public sealed class SlipTests
{
    private static readonly TestCaseData[] Slips =
    [
        Case("a full-width colon behind a key of a line", "governedBy: recognisedOn", "governedBy：recognisedOn", "POL112", "：recog"),
        Case("a full-width colon and a space", "governedBy: recognisedOn", "governedBy： recognisedOn", "POL112", "： recog"),
        Case("a full-width colon in braces", "{ brokered: true, cite: broker }", "{ brokered：true, cite: broker }", "POL112", "：true"),
        Case("a full-width colon behind a later key", "{ brokered: true, cite: broker }", "{ brokered: true, cite：broker }", "POL112", "：broker"),
        Case("a full-width colon behind a nested key", "    payee: broker\n", "    payee：broker\n", "POL112", "：broker"),
        Case("a full-width comma in braces", "{ brokered: true, cite: broker }", "{ brokered: true， cite: broker }", "POL115", "， cite"),
        Case("a full-width comma behind a quotation mark", "{ article: \"3\", quote: 单项奖", "{ article: \"3\"，quote: 单项奖", "POL115", "，quote"),
        Case("a full-width comma in a list", "payers: [city, park]", "payers: [city，park]", "POL115", "，park"),
        Case("a non-breaking space in front of a key", "  file: 001", "\u00A0\u00A0file: 001", "POL116", "\u00A0\u00A0file"),
        Case("a non-breaking space behind a colon", "governedBy: recognisedOn", "governedBy:\u00A0recognisedOn", "POL116", "\u00A0recog"),
        Case("a non-breaking space behind a colon in braces", "{ brokered: true, cite: broker }", "{ brokered:\u00A0true, cite: broker }", "POL116", "\u00A0true"),
        Case("a line indented too little", "    payee: broker\n", "   payee: broker\n", "POL117", "payee: broker"),
        Case("a line indented too much", "    payee: broker\n", "      payee: broker\n", "POL117", "payee: broker"),
        Case("a colon in plain text", "  zh: 市委(市委印发稿)", "  zh: 印发: 市委", "POL104", ": 市委"),
    ];

    [TestCaseSource(nameof(Slips))]
    public void One_slip_is_one_fault_that_names_the_sign(string whole, string slip, string code, string place)
    {
        var at = Xining.Yaml.IndexOf(whole, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThan(0));
        var text = Xining.Yaml[..at] + slip + Xining.Yaml[(at + whole.Length)..];
        var faults = PolicyDocument.Load("x.yaml", text).Diagnostics;
        Assert.That(faults.Select(d => d.Code), Is.EqualTo(new[] { code }), string.Join('\n', faults));
        Assert.That(text.At(faults[0]), Does.StartWith(place.Split('\n')[0]));
        Assert.That(faults[0].MessageZh, Does.Not.Match("[A-Za-z]{3,}"));
        if (code is "POL112" or "POL115") Assert.That(faults[0].MessageZh + faults[0].MessageEn, Does.Contain(place[..1]));
        if (code == "POL116") Assert.That(faults[0].MessageZh, Does.Contain("U+00A0"));
    }

    [TestCase("payers: [city, park]", "payers: [city, park")]
    [TestCase("version: \"1\"", "version: \"1")]
    [TestCase("awards:\n", "awards:\n- x\n")]
    [TestCase("ratio: \"1:1\"", "ratio: @1")]
    public void The_parser_s_own_words_never_reach_a_reader(string whole, string broken)
    {
        var faults = PolicyDocument.Load("x.yaml", Xining.Yaml.With(whole, broken)).Diagnostics;
        Assert.That(faults, Has.Count.EqualTo(1), string.Join('\n', faults));
        Assert.That(faults[0].MessageZh.Replace("YAML", "", StringComparison.Ordinal), Does.Not.Match("[A-Za-z]{3,}"));
    }

    [Test]
    public void Full_width_signs_in_texts_are_no_slips() =>
        Assert.That(PolicyDocument.Load("x.yaml", Small.Yaml.With("title: small", "title: 若干措施（试行）：第一批，二〇二三").With("label: volume", "label: { zh: 年度奖励：按量，分档, en: by volume }")).Diagnostics, Is.Empty);

    [Test]
    public void All_missing_keys_are_told_at_once()
    {
        var faults = PolicyDocument.Load("x.yaml", Small.Yaml.With("version: \"1\"\n", "").With("authority: office\n", "").With("    label: once\n    payee: buyer\n", "").With("{ article: \"0\", quote: \"自2023年1月1日起施行\" }", "{ quote: \"自2023年1月1日起施行\" }")).Diagnostics;
        Assert.That(faults.Select(d => (d.Code, d.MessageEn)), Is.EqualTo(new[]
        {
            ("POL201", "\"version\", \"authority\" are missing."), ("POL201", "\"article\" is missing."), ("POL201", "\"label\", \"payee\" are missing."),
        }));
    }

    [TestCase("{ kind: [development], cite: rate }", "{ kind: [development, consulting, service], cite: rate }", 2)]
    [TestCase("{ kind: [development], cite: rate }", "{ sellerKind: [university], cite: rate }", 1)]
    [TestCase("{ kind: [development], cite: rate }", "{ title: [高新技术企业], cite: rate }", 1)]
    [TestCase("{ kind: [development], cite: rate }", "{ recognisedOn: { from: 2023-02-01 }, cite: day }", 1)]
    [TestCase("mode: down, cite: once", "mode: down, cite: rate", 1)]
    public void A_citation_must_hold_what_it_founds(string whole, string other, int faults)
    {
        var found = PolicyDocument.Load("x.yaml", Small.Yaml.With(whole, other)).Diagnostics;
        Assert.That(found.Select(d => d.Code), Is.EqualTo(Enumerable.Repeat("POL407", faults)), string.Join('\n', found));
        Assert.That(found.Select(d => d.FixEn), Is.All.Contains("interpretation"));
        Assert.That(found.Select(d => d.FixZh), Is.All.Contains("解释口径"));
    }

    [TestCase("{ kind: [development], cite: rate }", "{ kind: { reading: which, wide: [development, consulting], narrow: [development] }, cite: rate }")]
    [TestCase("{ kind: [development], cite: rate }", "{ kind: { reading: which, wide: [development, consulting], narrow: [development] } }")]
    [TestCase("{ to: 1分, mode: down, cite: once }", "{ to: 1分, mode: { reading: which, wide: down, narrow: halfUp }, cite: rate }")]
    public void What_a_reading_says_need_not_stand_in_the_text(string whole, string other) =>
        Assert.That(PolicyDocument.Load("x.yaml", Small.Yaml.With(whole, other) + "interpretations: { which: { question: q, readings: { wide: a, narrow: b }, chosen: wide } }\n").Diagnostics, Is.Empty);

    [Test]
    public void Quotation_marks_of_the_text_are_not_part_of_a_name() =>
        Assert.That(PolicyDocument.Load("x.yaml", Small.Yaml.With("{ kind: [development], cite: rate }", "{ title: [瞪羚企业], cite: once }").With("尾数舍去", "“瞪羚”企业尾数舍去")).Diagnostics, Is.Empty);

    [TestCase("amount: { fixed: 20万元, cite: once }\n    round: { to: 1分, mode: down, cite: once }", "amount: { fixed: 20万元, cite: once }\n    round: { to: 1分, mode: down }")]
    [TestCase("{ kind: [development], cite: rate }", "{ kind: [development] }")]
    public void Where_nothing_founds_a_rule_both_ways_out_are_named(string whole, string other)
    {
        var fault = PolicyDocument.Load("x.yaml", Small.Yaml.With(whole, other)).Diagnostics.Single();
        Assert.That((fault.Code, fault.FixEn), Is.EqualTo(("POL210", "Name a clause with cite; where the text is silent, make it an interpretation: { reading: id, one: value }.")));
    }

    [TestCase("a/xining-2020.yaml", "b/xining-2020.yaml", "1", "POL504")]
    [TestCase("a/xining-2020.yaml", "b/xining-2020.yaml", "2", "POL502")]
    public void A_shipped_policy_that_is_read_again_is_named_with_both_directories(string shipped, string own, string version, string code)
    {
        var first = PolicyDocument.Load(shipped, Small.Yaml).Policy!;
        var second = PolicyDocument.Load(own, Small.Yaml.Replace("version: \"1\"", $"version: \"{version}\"", StringComparison.Ordinal)).Policy!;
        var clash = PolicyDocument.CheckVersions([first, second]).Single();
        Assert.That(clash.Code, Is.EqualTo(code));
        Assert.That(clash.MessageEn, Does.Contain(shipped).And.Contain(own));
        Assert.That(clash.FixEn, Does.Contain("small-local"));
        Assert.That(clash.FixZh, Does.Contain("small-local"));
    }

    private static TestCaseData Case(string name, string whole, string slip, string code, string place) => new TestCaseData(whole, slip, code, place).SetArgDisplayNames(name);
}
