using System.Text.RegularExpressions;

namespace Marketplace.Rules.Tests.Checking;

/// <summary>What the gate finds when a shipped example is taken away.</summary>
public sealed class MutationTests
{
    [TestCase("an alliance of some months", "一年", "\"一年\" becomes \"0年\"")]
    [TestCase("buyer in the next city of the province", "\"630100\", anywhere", "\"630100\" becomes \"630000\"")]
    [TestCase("related parties", "relatedParties: { reading", "left out")]
    [TestCase("技术开发 would still count", "development, transfer] }", "left out")]
    public void Taking_an_example_away_leaves_a_value_that_could_as_well_be_wrong(string name, string place, string change)
    {
        var result = Checked.Run(Xining.Yaml, Without(name));
        var open = result.Diagnostics.Where(d => d.Code == "POL803").ToArray();
        Assert.That(open, Is.Not.Empty);
        Assert.That(open.Select(d => d.Severity), Is.All.EqualTo(Severity.Error));
        Assert.That(open.Select(d => d.File), Is.All.EqualTo("x.yaml"));
        Assert.That(open.Where(d => Xining.Yaml.At(d).StartsWith(place, StringComparison.Ordinal)).Select(d => d.MessageEn), Has.Some.Contains(change));
        Assert.That(result.Noticed, Is.LessThan(result.Mutants));
    }

    [Test]
    public void The_suggested_examples_close_every_gap()
    {
        var examples = Without("related parties");
        for (var round = 0; round < 10; round++)
        {
            var result = Checked.Run(Xining.Yaml, examples);
            Assert.That(result.Diagnostics.Select(d => d.Code), Does.Not.Contain("POL800"), "a suggestion is wrong");
            if (result.Faults().Length == 0) return;
            examples += string.Concat(result.Diagnostics.Select(d => d.Suggestion));
        }

        Assert.Fail("The suggestions do not come to an end.");
    }

    [Test]
    public void Suggestions_alone_make_examples_that_notice_everything()
    {
        var examples = "- name: start\n  given: { kind: 技术转让 }\n  expect: { buyer: { outcome: open } }\n";
        var result = Checked.Run(Xining.Yaml, examples);
        for (var round = 0; round < 4 && result.Faults().Length > 0; round++)
        {
            examples += string.Concat(result.Diagnostics.Select(d => d.Suggestion));
            result = Checked.Run(Xining.Yaml, examples);
            Assert.That(result.Diagnostics.Select(d => d.Code), Does.Not.Contain("POL103").And.Not.Contain("POL800"), "what was proposed cannot be pasted as it is");
        }

        Assert.That(result.Faults(), Is.Empty, string.Join('\n', result.Diagnostics));
        Assert.That(result.Noticed, Is.EqualTo(result.Mutants));
    }

    [Test]
    public void While_an_example_fails_nothing_is_said_of_changes()
    {
        var result = Checked.Run(Xining.Yaml, Checked.Examples.With("99999.99元, reason", "99999.98元, reason"));
        Assert.That(result.Faults().Select(d => d.Code), Is.EqualTo(new[] { "POL800" }));
        Assert.That((result.Mutants, result.Noticed), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_reason_that_no_example_shows_is_warned_of_with_an_example()
    {
        var result = Checked.Run(Xining.Yaml, Without("no broker, so only the broker goes empty"));
        var warning = result.Diagnostics.Single(d => d.Code == "POL801");
        Assert.That(Xining.Yaml.At(warning), Does.StartWith("broker:"));
        Assert.That(warning.Severity, Is.EqualTo(Severity.Warning));
        Assert.That(warning.MessageEn, Does.Contain("refused.notBrokered (broker)"));
        Assert.That(warning.Suggestion, Does.Contain("brokered: false").And.Contain("broker: { amount: 0元, reason: refused.notBrokered }"));
    }

    [TestCase("one fen under the buyer's cap, and the odd fen is the park's", "buyer", "technologyAmount 3333333.33元")]
    [TestCase("the buyer's cap is reached", "buyer", "technologyAmount 3333333.34元")]
    [TestCase("one fen over the broker's cap", "broker", "technologyAmount 5000000.01元")]
    [TestCase("recognised on the first day, signed before it", "major", "recognisedOn 2020-08-19")]
    public void A_break_point_without_an_example_is_warned_of(string name, string award, string edge)
    {
        var warnings = Checked.Run(Xining.Yaml, Without(name)).Diagnostics.Where(d => d.Code == "POL802").ToArray();
        Assert.That(warnings.Single(w => Xining.Yaml.At(w).StartsWith(award + ":", StringComparison.Ordinal)).MessageEn, Does.EndWith($"stands at {edge}."));
    }

    private static string Without(string name)
    {
        var left = Regex.Replace(Checked.Examples, $"- name: {Regex.Escape(name)}\n(  .*\n)+", "");
        Assert.That(left, Is.Not.EqualTo(Checked.Examples), "there is no such example");
        return left;
    }
}
