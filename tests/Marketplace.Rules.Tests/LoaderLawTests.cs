using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

public sealed class LoaderLawTests
{
    private static readonly string[] Splinters =
        [":", ": ", "\n", " ", "  ", "\t", "- ", "[", "]", "{", "}", ",", "\"", "'", "&a ", "*a", "!t ", "|", ">", "#", "%", "?", "<<: ", "---\n", "0", "９", "万元", "：", "\u0000", "\uD83D", "any", "reading"];

    [Test]
    public void What_is_printed_reads_as_the_same_policy()
    {
        foreach (var policy in Arbitrary.Policies.Select(p => p.Policy).Append(Xining.Policy))
        {
            var printed = PolicyDocument.Print(policy);
            var again = PolicyDocument.Load(policy.File, printed);
            Assert.That(again.Policy?.Hash, Is.EqualTo(policy.Hash), string.Join('\n', again.Diagnostics) + "\n" + printed);
            Assert.That(PolicyDocument.Print(again.Policy!), Is.EqualTo(printed));
        }
    }

    [Test]
    public void Whatever_text_the_loader_takes_comes_back_from_print_as_it_was()
    {
        var small = Arbitrary.Policies.Select(p => p.Draft.Yaml).MinBy(yaml => yaml.Length)!;
        var taken = 0;
        Arbitrary.Always(ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get).Or(Gen.Elements(Splinters).ArrayOf(3).Select(string.Concat)), text =>
        {
            var quoted = "\"" + string.Concat(text.Select(c => FormattableString.Invariant($"\\u{(int)c:X4}"))) + "\"";
            var policy = PolicyDocument.Load("x.yaml", small.Replace("version: \"1\"", "version: " + quoted, StringComparison.Ordinal)).Policy;
            taken += policy is null ? 0 : 1;
            return policy is null || PolicyDocument.Load("x.yaml", PolicyDocument.Print(policy)).Policy is { } again && again.Hash == policy.Hash && again.Version == policy.Version;
        });
        Assert.That(taken, Is.GreaterThan(1_000));
    }

    [Test]
    public void Random_bytes_give_an_error_and_never_an_exception() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithEndSize(400).WithQuietOnSuccess(true), Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            bytes => IsError(Encoding.Latin1.GetString(bytes)) && IsError(Encoding.UTF8.GetString(bytes)) && IsError(Encoding.BigEndianUnicode.GetString(bytes))));

    [Test]
    public void Random_yaml_gives_an_error_and_never_an_exception() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithEndSize(60).WithQuietOnSuccess(true), Prop.ForAll(
            Gen.Elements(Splinters).Or(Gen.Elements("schema", "awards", "clauses", "inForce", "a", "policy/1", "2020-08-19")).ArrayOf().Select(string.Concat).ToArbitrary(),
            IsError));

    [Test]
    public void A_damaged_document_gives_a_located_error_or_another_hash_or_the_same_content()
    {
        var whole = Xining.Yaml;
        var damage = from at in Gen.Choose(0, whole.Length - 1)
                     from cut in Gen.Choose(0, 12)
                     from put in Gen.Elements(Splinters).ArrayOf(2).Select(string.Concat)
                     select whole[..at] + put + whole[Math.Min(whole.Length, at + cut)..];
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithQuietOnSuccess(true), Prop.ForAll(damage.ToArbitrary(), text =>
        {
            var result = PolicyDocument.Load("x.yaml", text);
            var failed = result.Diagnostics.Any(d => d.Severity == Severity.Error);
            return failed == result.Policy is null && (failed || Evaluator.Evaluate(result.Policy!, Xining.Eligible, []).Awards.Count > 0);
        }));
    }

    [Test]
    public void Changing_any_digit_of_a_rule_is_an_error_or_another_hash()
    {
        var lines = Xining.Yaml.Split('\n');
        var changed = 0;
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].StartsWith('#')) continue;
            for (var at = 0; at < lines[line].Length; at++)
            {
                if (!char.IsAsciiDigit(lines[line][at])) continue;
                changed++;
                var digit = lines[line][at] == '9' ? '0' : (char)(lines[line][at] + 1);
                string[] other = [.. lines];
                other[line] = lines[line][..at] + digit + lines[line][(at + 1)..];
                var result = PolicyDocument.Load("x.yaml", string.Join('\n', other));
                Assert.That(result.Policy?.Hash, Is.Not.EqualTo(Xining.Policy.Hash), other[line]);
            }
        }

        Assert.That(changed, Is.GreaterThan(50));
    }

    [Test]
    public void Comments_layout_and_quoting_do_not_change_the_hash()
    {
        var other = "# another comment\n\n" + Xining.Yaml
            .Replace("region: \"630100\"\ntitle", "region: 630100 # the city\ntitle").Replace("{ recognised: true, cite: kinds }", "{ recognised: 'true',   cite: kinds }")
            .Replace("\n", "\r\n");
        Assert.That(Xining.Load(other).Hash, Is.EqualTo(Xining.Policy.Hash));
        Assert.That(Xining.Policy.Hash, Does.Match("^[0-9a-f]{64}$"));
    }

    private static bool IsError(string text) => PolicyDocument.Load("x.yaml", text) is { Policy: null, Diagnostics: var faults } && faults.Any(d => d.Severity == Severity.Error);
}
