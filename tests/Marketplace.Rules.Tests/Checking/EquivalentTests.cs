namespace Marketplace.Rules.Tests.Checking;

/// <summary>Proposed examples, and what no example can show.</summary>
public sealed class EquivalentTests
{
    /// <summary>The examples with all proposals, until there are no more.</summary>
    private static readonly Lazy<(string Examples, CheckResult Result, int Rounds)> Closed = new(() =>
    {
        var (examples, rounds) = (Small.Examples, 0);
        var result = Checked.Run(Small.Yaml, examples);
        for (; result.Diagnostics.Any(d => d.Suggestion is not null) && rounds < 10; rounds++)
        {
            examples += string.Concat(result.Diagnostics.Select(d => d.Suggestion));
            result = Checked.Run(Small.Yaml, examples);
        }

        return (examples, result, rounds);
    });

    [Test]
    public void Proposals_are_pasted_as_they_are_and_come_to_an_end()
    {
        var (examples, result, rounds) = Closed.Value;
        Assert.That(rounds, Is.LessThanOrEqualTo(2));
        Assert.That(result.Diagnostics.Where(d => d.File == "x.examples.yaml"), Is.Empty, string.Join('\n', result.Diagnostics) + examples);
        Assert.That(result.Examples, Is.GreaterThan(5));
        Assert.That(result.Diagnostics.Select(d => d.Suggestion), Is.All.Null);
    }

    [Test]
    public void What_no_example_can_show_stays_an_error_until_it_is_argued()
    {
        var (examples, result, _) = Closed.Value;
        var open = result.Diagnostics.Where(d => d.Severity == Severity.Error).ToArray();
        // 2 % and 4 % of 1000万元 are above the cap of 10万元 as 3 % is, and the fixed sum and the cap are whole.
        Assert.That(open.Select(d => d.Code), Is.All.EqualTo("POL803"));
        Assert.That(open.Select(Small.Yaml.At), Has.Some.StartsWith("3%").And.Some.StartsWith("down"));
        Assert.That(open.Single(d => Small.Yaml.At(d).StartsWith("3%", StringComparison.Ordinal)).FixEn, Does.Contain("- equivalent: { at: awards.volume.amount.rate, change: \"4%\", reason: … }"));

        var argued = Argued(examples);
        var after = Checked.Run(Small.Yaml, argued);
        Assert.That(after.Diagnostics.Where(d => d.Severity == Severity.Error), Is.Empty, string.Join('\n', after.Diagnostics));
        Assert.That(after.Equivalent, Is.GreaterThanOrEqualTo(4));
        Assert.That((after.Mutants, after.Noticed), Is.EqualTo((after.Noticed, after.Mutants)));
    }

    [TestCase("at: awards.volume.amount.rate, change: 5%", "POL805", "4%, 2%")]
    [TestCase("at: awards.volume.amount.rates, change: 4%", "POL805", "POL803")]
    [TestCase("at: awards.volume.limits.0.cap, change: 100000.01元", "POL806", "Remove")]
    public void An_argument_must_name_a_change_that_nothing_notices(string argument, string code, string fix)
    {
        var result = Checked.Run(Small.Yaml, Argued(Closed.Value.Examples) + $"- equivalent: {{ {argument}, reason: none }}\n");
        var fault = result.Diagnostics.Single(d => d.Severity == Severity.Error);
        Assert.That((fault.Code, fault.File), Is.EqualTo((code, "x.examples.yaml")));
        Assert.That(fault.FixEn, Does.Contain(fix));
    }

    [Test]
    public void An_argument_needs_a_reason() =>
        Assert.That(Checked.Run(Small.Yaml, Small.Examples + "- equivalent: { at: awards.volume.amount.rate, change: 4% }\n").Diagnostics.Where(d => d.Severity == Severity.Error && d.File == "x.examples.yaml").Select(d => (d.Code, d.MessageEn)),
            Is.EqualTo(new[] { ("POL201", "\"reason\" is missing.") }));

    [Test]
    public void Half_a_fen_is_among_the_proposals()
    {
        var law = Small.Yaml.With("      - { yearlyAmount: { from: 1000万元 }, cite: rate }\n", "").With("年度累计一千万元以上的,", "")
            .With("limits: [ { cap: 10万元, scope: contract, cite: rate } ]", "limits: [ { cap: 10万元, scope: contract, cite: rate } ]\n    round: { to: 1分, mode: { reading: parts, halves: halfUp, off: down } }")
            + "interpretations: { parts: { question: q, readings: { halves: a, off: b }, chosen: halves } }\n";
        var (examples, result) = (Small.Examples, Checked.Run(law, Small.Examples));
        for (var round = 0; round < 4 && result.Diagnostics.Any(d => d.Suggestion is not null); round++)
        {
            examples += string.Concat(result.Diagnostics.Select(d => d.Suggestion));
            result = Checked.Run(law, examples);
        }

        Assert.That(result.Diagnostics.Where(d => d.Code == "POL803" && law.At(d).StartsWith("halfUp", StringComparison.Ordinal)), Is.Empty, string.Join('\n', result.Diagnostics));
    }

    [Test]
    public void Settings_of_a_fund_are_changed_too()
    {
        var law = Small.Yaml.With("一次性奖励20万元", "每年1000万元资金,一次性奖励20万元") + "funds: { main: { yearly: 1000万元, onShortage: queue, pays: [once], cite: once } }\n";
        var open = Checked.Run(law, Closed.Value.Examples).Diagnostics.Where(d => d.Code == "POL803").ToArray();
        Assert.That(open.Select(law.At), Has.Some.StartsWith("queue").And.Some.StartsWith("1000万元, onShortage").And.Some.StartsWith("once], cite"));
        Assert.That(open.Single(d => law.At(d).StartsWith("queue", StringComparison.Ordinal)).Suggestion, Does.Contain("onShortage: queue"));
    }

    /// <summary>With an argument for each change that is still open, copied from what the check says.</summary>
    private static string Argued(string examples)
    {
        for (var round = 0; round < 20; round++)
        {
            var open = Checked.Run(Small.Yaml, examples).Diagnostics.Where(d => d.Code == "POL803").ToArray();
            if (open.Length == 0) return examples;
            examples += string.Concat(open.Select(d => d.FixEn[d.FixEn.IndexOf("- equivalent", StringComparison.Ordinal)..].Replace("…", "the cap decides", StringComparison.Ordinal) + "\n"));
        }

        return examples;
    }
}
