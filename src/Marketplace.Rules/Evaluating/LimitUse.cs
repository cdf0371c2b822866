using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Rules;

/// <summary>
/// A cap that an award was held to. Grants with the same key count together: what all of them come to does not exceed the greatest ceiling
/// that any of them was evaluated under. Where grants count within a window, that holds of each window that one of them was evaluated
/// under, of all grants whose governing day lies in it.
/// </summary>
/// <param name="Key">
/// Policy, awards, scope, place among the awards' caps of that scope, year where a calendar year counts, and what is counted over (a name in
/// its canonical form). The same in every version of the policy that has the cap; at most 400 characters.
/// </param>
/// <param name="Ceiling">The cap, inclusive.</param>
/// <param name="From">First day of the window, inclusive; null where grants of all days count.</param>
/// <param name="Until">Last day of the window, inclusive: the governing day, or the last of its year; null where grants of all days count.</param>
public sealed record LimitUse(string Key, Fen Ceiling, DateOnly? From, DateOnly? Until)
{
    private const int Longest = 80;

    /// <summary>The uses of one cap: more than one where it counts over two things at once; none while it is unknown what it counts over.</summary>
    internal static IEnumerable<LimitUse> Of(string policy, AwardRun run, IReadOnlyList<string> awards, Counting over, int place, long ceiling)
    {
        if (over.YearsBack is not null && run.Year is null) yield break;
        var year = over.Scope is Scope.PartyYear or Scope.OfficeYear ? run.Year!.Value.ToString(CultureInfo.InvariantCulture) : "";
        var start = $"{policy}|{Short(string.Join('+', awards.Order(StringComparer.Ordinal)))}|{over.Wire}|{place}|{year}|";
        var (from, until) = Window(run, over);
        foreach (var value in Values(run, over)) yield return new(start + value, new(ceiling), from, until);
    }

    private static (DateOnly?, DateOnly?) Window(AwardRun run, Counting over) =>
        over.Scope == Scope.NYears && run.Year is { } year ? (new(Math.Max(1, year - (int)over.YearsBack!.Value + 1), 1, 1), new(year, 12, 31)) : (null, null);

    private static IEnumerable<string> Values(AwardRun run, Counting over)
    {
        var facts = run.Facts;
        if (over.Scope != Scope.Project) return facts.Word(over.Identity(run.Award)) is { } name ? [Named(name)] : [];
        if (facts.Word(Fact.Project) is not { } project) return facts.Word(Fact.Contract) is { } contract ? ["contract:" + Named(contract)] : [];
        // One name in the hands of two buyers and two sellers is two projects.
        string[] parties = [.. new[] { Fact.Buyer, Fact.Seller }.Where(facts.Has).Select(party => $"{party.Wire()}:{Named(facts.Word(party)!)}")];
        return parties.Length == 0 ? ["project:" + Named(project)] : parties.Select(party => $"{party}:project:{Named(project)}");
    }

    private static string Named(string name) => Short(CanonicalName.Of(name));

    private static string Short(string text) =>
        text.Length <= Longest ? text : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
