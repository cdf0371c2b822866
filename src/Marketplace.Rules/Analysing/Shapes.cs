using Marketplace.Rules.Checking;

namespace Marketplace.Rules;

/// <summary>What follows from the shapes of an award alone, whatever the facts and the history.</summary>
internal static class Shapes
{
    // Cut contracts are of one project, of the same parties, on one day.
    private static readonly Fact[] SumsOfAContract =
        [Fact.Amount, Fact.TechnologyAmount, Fact.Paid, Fact.Received, Fact.Invoiced, Fact.PaidInEquity, Fact.Investment];

    /// <summary>Whether a base is cut when a contract is.</summary>
    public static bool IsCut(Base @base) => Curves.Growing(@base).All(SumsOfAContract.Contains);

    /// <summary>The sums of a contract that an award reads: they are cut with it.</summary>
    public static IReadOnlyList<Fact> Cut(Award award) => [.. award.Reads().Distinct().Where(SumsOfAContract.Contains)];

    /// <summary>
    /// Whether the award never falls as these facts grow. Each scale must not fall at its breaks (between them none does), no condition may
    /// be lost, no case chosen by them; each kind of limit keeps order among the sums that come to it.
    /// </summary>
    public static bool NeverFalls(Award award, IReadOnlyList<Stacking> rules, IReadOnlyList<Fact> growing) =>
        Parts.Of(award.Amount).OfType<Scale>().All(NeverFalls)
        && award.Limits.OfType<CapByBand>().All(cap => NeverFalls(cap.Bands))
        && !Curves.Bases(award).OfType<Growth>().Any(g => growing.Contains(g.Since))
        && !rules.OfType<Deduct>().Any(d => growing.Contains(d.Sum))
        && IsKept(award, growing);

    /// <summary>
    /// Whether no cut of a contract into parts raises the sum. The scale must grow at least in proportion, so that parts never earn more than
    /// the whole before limits; a cap of one contract must be no less than one that all parts share; and rounding must not lift.
    /// </summary>
    public static bool NeverGainsByCutting(Award award, IReadOnlyList<Stacking> rules, AmountShape amount)
    {
        var cut = Cut(award);
        var shared = Least(award.Limits.OfType<Cap>().Where(c => IsShared(c.Over)).Select(c => c.Amount), rules.OfType<CombinedCap>().Where(c => IsShared(c.Over)));
        var single = Least(award.Limits.OfType<Cap>().Where(c => !IsShared(c.Over)).Select(c => c.Amount), rules.OfType<CombinedCap>().Where(c => !IsShared(c.Over)));
        if (award.Limits.OfType<Floor>().Any(f => f.Amount.Numerator > 0)
            || award.Limits.Any(limit => limit is CapByBase or CapByBand && (!IsShared(limit.Over) || limit.Reads(award).Any(cut.Contains)))
            || rules.OfType<Deduct>().Any(d => cut.Contains(d.Sum))
            || (single is { } own && (shared is null || own < shared))
            || !IsKept(award, cut))
            return false;
        return amount switch
        {
            Fixed once => shared <= once.Sum.Numerator,
            FixedByLevel byLevel => byLevel.Levels.All(level => shared <= level.Sum.Numerator),
            Scale scale => GrowsInProportion(scale) && (award.Rounding.Mode == RoundingMode.Down || (scale.Denominator == 1 && award.Rounding.Unit.Value == 1)),
            _ => false,
        };
    }

    /// <summary>Whether what the facts meet they go on to meet as they grow, and no case is chosen by them.</summary>
    private static bool IsKept(Award award, IReadOnlyList<Fact> growing) =>
        award.Conditions.All(condition => IsKept(condition, growing, holds: true))
        && !Parts.Of(award.Amount).OfType<Cases>().Any(cases => cases.Parts.Any(part => part.When.Any(c => c.Reads().Any(growing.Contains))));

    private static bool IsKept(Condition condition, IReadOnlyList<Fact> growing, bool holds) => condition switch
    {
        AllOf all => all.Parts.All(part => IsKept(part, growing, holds)),
        AnyOf any => any.Parts.All(part => IsKept(part, growing, holds)),
        Not not => IsKept(not.Part, growing, !holds),
        FactTest test when growing.Contains(test.Fact) => test.Passing().All(s => holds ? s.High == long.MaxValue : s.Low == 0),
        _ => true,
    };

    private static bool NeverFalls(Scale scale) => scale.Breaks.All(at => scale.At(at, trace: null) >= scale.At(at - 1, trace: null));

    /// <summary>Whether the sum of each unit of the base never falls on average: then the parts of a base never earn more than the whole.</summary>
    private static bool GrowsInProportion(Scale scale)
    {
        if (scale is Step step)
            // Full units of the parts are at most those of the whole, which has the threshold's once more in it.
            return step.Sum.Numerator <= (Int128)step.Add.Numerator * (step.Threshold.Lower!.Numerator / step.Per.Numerator);
        if (scale.At(0, trace: null) > 0) return false;
        long[] starts = [0, .. scale.Breaks];
        for (var i = 0; i < starts.Length; i++)
        {
            var (from, next) = (starts[i], i + 1 < starts.Length ? starts[i + 1] : long.MaxValue);
            if (from > 1 && Times(scale.At(from, trace: null), from - 1) < Times(scale.At(from - 1, trace: null), from)) return false;
            // On a straight stretch the average rises where the line meets the axis at or below zero.
            if (from + 1 < next && Times(scale.At(from + 1, trace: null) - scale.At(from, trace: null), from) < scale.At(from, trace: null)) return false;
        }

        return true;
    }

    // Sums of a scale at its own breaks, below 2^123 even when multiplied by a denominator; products with the break may need more.
    private static System.Numerics.BigInteger Times(Int128 sum, long by) => (System.Numerics.BigInteger)sum * by;

    private static bool IsShared(Counting over) => over.Scope != Scope.Contract;

    /// <summary>Null when there is none.</summary>
    private static long? Least(IEnumerable<Parameter> caps, IEnumerable<CombinedCap> combined) =>
        caps.Concat(combined.Select(c => c.Amount)).Min(p => (long?)p.Numerator);
}
