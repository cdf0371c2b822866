namespace Marketplace.Rules;

/// <summary>One amount that an award can come to by its cases, with all ways that lead there.</summary>
/// <param name="Amount">The amount; never <see cref="Cases"/>.</param>
/// <param name="Path">Where it stands in the document.</param>
/// <param name="Ways">The ways; none when the case is never reached.</param>
internal sealed record Branch(AmountShape Amount, string Path, IReadOnlyList<Way> Ways)
{
    /// <summary>All branches of an award whose governing day lies between two days, both included.</summary>
    public static IReadOnlyList<Branch> Of(Award award, DateOnly from, DateOnly to, WayFinder finder)
    {
        var ways = finder.And(finder.And([Way.Any], award.GovernedBy, new Interval(from.DayNumber, to.DayNumber)), award.Conditions);
        return [.. Of(award.Amount, $"awards.{award.Id}.amount", ways, finder)];
    }

    private static IEnumerable<Branch> Of(AmountShape amount, string path, IReadOnlyList<Way> ways, WayFinder finder)
    {
        switch (amount)
        {
            case Cases cases:
                for (var i = 0; i < cases.Parts.Count; i++)
                {
                    var (when, part) = cases.Parts[i];
                    foreach (var branch in Of(part, $"{path}.cases.{i}", finder.And(ways, when), finder)) yield return branch;
                    ways = finder.AndNot(ways, when);
                }

                break;
            case FixedByLevel byLevel:
                foreach (var (word, _) in byLevel.Levels)
                    yield return new(amount, $"{path}.fixedByLevel.{word}", finder.And(ways, byLevel.By, word));
                break;
            case Instalments instalments:
                yield return new(amount, path, finder.And(ways, Fact.SupportYear, new Interval(1, instalments.Years.Numerator)));
                break;
            default:
                yield return new(amount, path, ways);
                break;
        }
    }
}
