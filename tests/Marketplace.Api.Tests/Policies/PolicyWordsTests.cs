using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Tests.Policies;

/// <summary>The rules of a policy as its page says them: Chinese without code words, English without Chinese but for “quoted” words of the text.</summary>
public sealed class PolicyWordsTests
{
    public static IEnumerable<string> Documents([CallerFilePath] string here = "") =>
        Directory.GetFiles(Path.Combine(Path.GetDirectoryName(here)!, "../../Marketplace.Rules.Tests/Specimens"), "*.yaml")
            .Concat(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Policies"), "*.yaml"))
            .Where(PolicyFile.IsPolicy).Select(Path.GetFullPath).Order(StringComparer.Ordinal);

    [Test]
    public void Each_rule_is_said_in_both_languages()
    {
        var said = 0;
        foreach (var path in Documents())
        {
            var text = File.ReadAllText(path);
            var policy = PolicyDocument.Load(Path.GetFileName(path), text).Policy ?? PolicyDocument.LoadSpecimen(Path.GetFileName(path), text).Policy!;
            foreach (var words in Words(policy))
            {
                said++;
                Assert.That(Regex.Replace(words.Zh, "“[^”]*”", ""), Does.Not.Match("[A-Za-z]"), policy.Id);
                Assert.That(Regex.Replace(words.En, "“[^”]*”", ""), Does.Not.Match(@"[\p{IsCJKUnifiedIdeographs}\p{IsCJKSymbolsandPunctuation}\uFF00-\uFFEF]"), policy.Id);
            }
        }

        Assert.That(said, Is.GreaterThan(200));
    }

    static IEnumerable<Wording> Words(Policy policy) =>
    [
        .. policy.Awards.SelectMany(award => (Wording[])
        [
            PolicyWords.Of(award.Payee), PolicyWords.Of(award.Amount), PolicyWords.Of(award.Rounding),
            .. award.Conditions.Select(condition => condition.Statement), .. award.Limits.Select(PolicyWords.Of),
        ]),
        // The names of awards are the document's own: specimens have one for both languages.
        .. policy.Periods[^1].Rules.Stacking.Where(rule => rule is CombinedCap or Deduct).Select(rule => PolicyWords.Of(rule, policy)).Select(Rule),
    ];

    static Wording Rule(Wording words) => new(words.Zh[words.Zh.IndexOf('：', StringComparison.Ordinal)..], words.En[words.En.IndexOf(": ", StringComparison.Ordinal)..]);
}
