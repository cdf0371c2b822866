using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests.Checking;

/// <summary>Whatever comes in, the check answers with diagnostics, each at its place.</summary>
public sealed class NeverDiesTests
{
    [Test]
    public void A_damaged_document_or_damaged_examples_are_told_of() => Survives(Small.Yaml, Small.Examples + Whole, 600);

    [Test]
    [CancelAfter(600_000)]
    public void So_are_those_of_a_shipped_policy() => Survives(Xining.Yaml, Checked.Examples, 40);

    [TestCase("given: { kind: 技术开发, recognisedOn: 9999-12-31, yearlyAmount: 99999999999999.99元 }")]
    [TestCase("given: { recognisedOn: 0001-01-01 }")]
    [TestCase("given: { subject: office }")]
    [TestCase("given: {}")]
    public void Facts_at_the_ends_of_their_ranges_are_only_facts(string given) =>
        Located(Small.Yaml, $"- name: a\n  {given}\n  history: [ {{ award: volume, amount: 99999999999999.99元, contract: C }}, {{ award: volume, amount: 99999999999999.99元 }} ]\n  expect: {{ volume: {{ outcome: open }} }}\n");

    [Test]
    public void A_sum_beyond_all_money_is_refused_in_examples_too() =>
        Assert.That(Checked.Run(Small.Yaml, Small.Examples.With("2000万元", "900000000000000元")).Diagnostics.Where(d => d.File == "x.examples.yaml").Select(d => d.Code), Is.EqualTo(new[] { "POL304" }));

    private const string Whole =
        """
        - name: another subject
          given: { subject: office, recognisedOn: 2023-06-01 }
          history: [ { award: once, amount: 1元, contract: C1, on: 2023-01-01 } ]
          expect: { once: { outcome: none } }
        - equivalent: { at: awards.volume.amount.rate, change: 4%, reason: the cap decides }

        """;

    private static void Survives(string document, string examples, int times)
    {
        var damage = from first in Damage(document)
                     from second in Damage(examples)
                     from which in Gen.Choose(0, 2)
                     select (Document: which == 1 ? document : first, Examples: which == 0 ? examples : second);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(20_200_819, 1).WithQuietOnSuccess(true), Prop.ForAll(damage.ToArbitrary(), texts =>
        {
            Located(texts.Document, texts.Examples);
            return true;
        }));
    }

    /// <summary>Lines or tokens taken away, written twice or exchanged, or the rest of the text cut off.</summary>
    private static Gen<string> Damage(string text)
    {
        var lines = text.Split('\n');
        var tokens = Regex.Matches(text, "[\\p{L}\\p{N}.]+|[^\\s]").ToArray();
        return Gen.OneOf(
            from at in Gen.Choose(0, lines.Length - 1) from count in Gen.Choose(1, 4) select string.Join('\n', lines.Take(at).Concat(lines.Skip(at + count))),
            from at in Gen.Choose(0, lines.Length - 1) from count in Gen.Choose(1, 4) select string.Join('\n', lines.Take(at + count).Concat(lines.Skip(at))),
            from at in Gen.Choose(0, text.Length) select text[..at],
            from token in Gen.Elements(tokens) select text.Remove(token.Index, token.Length),
            from token in Gen.Elements(tokens) select text.Insert(token.Index, token.Value + " "),
            from token in Gen.Elements(tokens) from other in Gen.Elements(tokens) select text.Remove(token.Index, token.Length).Insert(token.Index, other.Value));
    }

    private static void Located(string document, string examples)
    {
        CheckResult result;
        try
        {
            result = PolicyCheck.Run(new("x.yaml", Encoding.UTF8.GetBytes(document)), new("x.examples.yaml", Encoding.UTF8.GetBytes(examples)));
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error}\n{document}\n{examples}");
        }

        foreach (var diagnostic in result.Diagnostics)
        {
            var lines = (diagnostic.File == "x.yaml" ? document : examples).Split('\n');
            if (diagnostic.File is not ("x.yaml" or "x.examples.yaml") || diagnostic.Line < 1 || diagnostic.Line > lines.Length + 1 || diagnostic.Column < 1)
                throw new InvalidOperationException($"{diagnostic}\n{document}\n{examples}");
        }
    }
}
