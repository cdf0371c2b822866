namespace Marketplace.Rules.Checking;

/// <summary>Where the sum of an award begins to follow another rule.</summary>
internal static class BreakPoints
{
    /// <summary>For each sum that the award's amount follows, the least value from which on a limit of its own holds the award, to the fen.</summary>
    public static IEnumerable<(Fact Fact, Fen At)> Sums(Award award)
    {
        if (award.Amount is not Scale { Base: FactBase } scale || scale.Base.Fact.Type() != FactType.Money) yield break;
        foreach (var start in scale.Breaks) yield return (scale.Base.Fact, new Fen(start));
        if (scale is not RateOfBase { Rate.Numerator: > 0 } shape) yield break;
        foreach (var cap in award.Limits.OfType<Cap>())
        {
            // Rounding down: the award reaches the cap where base times rate does.
            var at = ((Int128)cap.Amount.Numerator * shape.Rate.Denominator + shape.Rate.Numerator - 1) / shape.Rate.Numerator;
            if (at < long.MaxValue) yield return (shape.Base.Fact, new Fen((long)at));
        }
    }

    /// <summary>The last day without, the first day with the policy, and so at its end.</summary>
    public static IEnumerable<DateOnly> Days(InForce inForce)
    {
        if (inForce.From > DateOnly.MinValue) yield return inForce.From.AddDays(-1);
        yield return inForce.From;
        if (inForce.To is not { } to) yield break;
        yield return to;
        if (to < DateOnly.MaxValue) yield return to.AddDays(1);
    }
}
