namespace Marketplace.Rules.Tests.Checking;

/// <summary>What a document says in vain.</summary>
public sealed class LintTests
{
    private static readonly TestCaseData[] Remarks =
    [
        Case("an unused clause", "  once: { article", "  spare: { article: \"3\", quote: 另行规定 }\n  once: { article", "POL610", "spare:"),
        Case("an unused assumption", "awards:\n", "assume: { relatedParties: { value: false, why: none } }\nawards:\n", "POL612", "relatedParties:"),
        Case("a quoted number that no rule takes", "尾数舍去", "尾数舍去,另给5%", "POL613", "\"一次性"),
        Case("an award that no fund pays", "一次性奖励20万元", "每年1000万元,一次性奖励20万元", "POL709", "volume:"),
        Case("a cap under a fixed sum", "amount: { fixed: 20万元, cite: once }", "amount: { fixed: 20万元, cite: once }\n    limits: [ { cap: 10万元, scope: partyLifetime, cite: rate } ]", "POL708", "10万元, scope: partyLifetime"),
        Case("a region that does not exist", "region: \"630100\"", "region: \"639999\"", "POL213", "\"639999\""),
        Case("a province that does not exist", "region: \"630100\"", "region: \"670000\"", "POL213", "\"670000\""),
        Case("quotes from a word processor", "label: once", "label: “一次性奖励”", "POL118", "“一次性"),
    ];

    [TestCaseSource(nameof(Remarks))]
    public void What_is_said_in_vain_is_told(string whole, string vain, string code, string place)
    {
        var law = Small.Yaml.With(whole, vain);
        if (code == "POL709") law += "funds: { main: { yearly: 1000万元, onShortage: queue, pays: [once], cite: once } }\n";
        var result = Checked.Run(law, null);
        Assert.That(result.Policy, Is.Not.Null, string.Join('\n', result.Diagnostics));
        var told = result.Diagnostics.Where(d => d.Code == code).ToArray();
        Assert.That(told, Has.Length.EqualTo(1), string.Join('\n', result.Diagnostics));
        Assert.That(law.At(told[0]), Does.StartWith(place));
        Assert.That(told[0].Severity, Is.Not.EqualTo(Severity.Error));
    }

    [Test]
    public void Of_a_sound_law_nothing_is_told() =>
        Assert.That(Checked.Run(Small.Yaml, null).Diagnostics.Where(d => !d.Code.StartsWith("POL70", StringComparison.Ordinal)).Select(d => d.Code), Is.EqualTo(new[] { "POL804" }));

    [Test]
    public void The_last_bracket_must_be_open_unless_a_reading_closes_it()
    {
        const string Open = "base: amount\namount: { brackets: [ { upTo: 10万元, rate: 1% }, { rate: 2% } ], cite: a }";
        Assert.That(Sample.Read("10万元 20万元 1% 2%", Sample.Award("x", Open)).Diagnostics, Is.Empty);
        var closed = Sample.Read("10万元 20万元 1% 2%", Sample.Award("x", Open.With("{ rate: 2% }", "{ upTo: 20万元, rate: 2% }"))).Diagnostics.Single();
        Assert.That((closed.Code, closed.Severity), Is.EqualTo(("POL308", Severity.Error)));
        var argued = Sample.Award("x", Open.With("{ rate: 2% }", "{ upTo: { reading: top, ends: 20万元, open: any }, rate: 2% }"));
        Assert.That(Sum("ends"), Is.EqualTo("3000.00"));
        Assert.That(Sum("open"), Is.EqualTo("9000.00"));

        string? Sum(string chosen) => Sample.Policy("10万元 20万元 1% 2%", argued, $"interpretations: {{ top: {{ question: q, readings: {{ ends: a, open: b }}, chosen: {chosen} }} }}")
            .Yuan(Sample.Facts with { Amount = Fen.FromYuan(500_000) });
    }

    private static TestCaseData Case(string name, string whole, string vain, string code, string place) => new TestCaseData(whole, vain, code, place).SetArgDisplayNames(name);
}
