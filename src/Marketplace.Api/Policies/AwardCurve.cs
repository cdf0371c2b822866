using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>An analysed curve as points to draw: between two neighbours it is a straight line, to the rounding.</summary>
/// <param name="Base">The fact along the axis: a sum in fen or a count.</param>
/// <param name="Points">Rising; the unit before a break-point is there too, so that a jump is upright.</param>
sealed record AwardCurve(Fact Base, IReadOnlyList<AwardCurve.Point> Points)
{
    /// <param name="At">Value of the base.</param>
    /// <param name="Sum">What the award comes to; the most that it can where a person decides.</param>
    /// <param name="IsBreak">Whether the award jumps or bends here.</param>
    public readonly record struct Point(long At, Fen Sum, bool IsBreak);

    /// <summary>Steps further up are not told apart in a picture.</summary>
    const int MostSteps = 40;

    /// <returns>Null where nothing bounds the sum at some base, so that there is nothing to draw.</returns>
    public static AwardCurve? Of(Curve curve)
    {
        if (curve.Stretches.Any(stretch => stretch.Low is null || (stretch.To is not null && stretch.High is null)))
        {
            return null;
        }

        var points = curve.Stretches.SelectMany(Ends).Concat(curve.Jumps.SelectMany(Steps)).DistinctBy(point => point.At).OrderBy(point => point.At).ToList();
        var (last, top) = (points[^1], curve.Stretches[^1].Marginal);
        // As much again as a third, or where nothing bends 100,000,000 yuan or 20 items.
        var beyond = last.At > 0 ? Math.Max(1, last.At / 3) : curve.Over[0].Type() == FactType.Money ? 10_000_000_000 : 20;
        points.Add(new(last.At + beyond, last.Sum + new Fen((long)((Int128)beyond * top.Numerator / top.Denominator)), false));
        return new(curve.Over[0], points);
    }

    static IEnumerable<Point> Ends(Stretch stretch)
    {
        yield return new(stretch.From, stretch.Low!.Value, stretch.From > 0);
        if (stretch.To is { } to && to > stretch.From)
        {
            yield return new(to, stretch.High!.Value, false);
        }
    }

    /// <summary>The steps of a staircase: each as high as the first.</summary>
    static IEnumerable<Point> Steps(Jump jump)
    {
        if (jump is not { Every: { } every, Before: { } before, After: { } after })
        {
            yield break;
        }

        for (var (at, sum, step) = (jump.At, after, 0); step < MostSteps && at <= (jump.Until ?? long.MaxValue); (at, sum, step) = (at + every, sum + (after - before), step + 1))
        {
            yield return new(at - 1, sum - (after - before), false);
            yield return new(at, sum, true);
        }
    }
}
