namespace Marketplace.Rules;

/// <summary>
/// <c>bands: [ { from: 500万元, below: 1000万元, rate: 2% }, { from: 1000万元, fixed: 50万元 } ]</c>: the band that holds the base decides one rate
/// for the whole of it, or one sum (全额分档). Boundaries say 含 or 不含: <c>from</c> and <c>upTo</c> include theirs, <c>above</c> and <c>below</c> do not.
/// A base in no band earns nothing. The sum may fall where a higher band pays less: the text says so, and the analysis shows it.
/// </summary>
public sealed record Bands : Scale
{
    internal Bands(IReadOnlyList<Band> parts, Base @base, Basis basis)
        : base(@base, basis)
    {
        Parts = parts;
        Denominator = parts.Aggregate(1L, (all, part) => Rate.CommonDenominator(all, part.Rate?.Denominator ?? 1));
        Breaks = [.. parts.SelectMany(p => p.Span.Most == long.MaxValue ? [p.Span.Least] : new[] { p.Span.Least, p.Span.Most + 1 }).Where(b => b > 0).Distinct().Order()];
    }

    /// <summary>The bands, rising, none overlapping another.</summary>
    public IReadOnlyList<Band> Parts { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks { get; }

    /// <inheritdoc/>
    public override Rate TopRate => Parts[^1] is { Span.Most: long.MaxValue, Rate: { } rate } ? new(rate.Numerator, rate.Denominator) : default;

    internal override long Denominator { get; }

    private protected override bool HasThreshold => true;

    internal override bool Covers(long value) => Find(value) is not null;

    internal override Int128 At(long value, Trace? trace)
    {
        if (Find(value) is not { } band) return 0;
        trace?.Band(band.Span);
        if (band.Sum is { } sum)
        {
            trace?.Fixed(sum);
            return (Int128)sum.Numerator * Denominator;
        }

        var rate = band.Rate!;
        var product = Math.BigMul(value, rate.Numerator * (Denominator / rate.Denominator));
        trace?.Product(rate, product, Denominator, Base.Basis);
        return product;
    }

    internal Band? Find(long value)
    {
        foreach (var band in Parts)
            if (band.Span.Contains(value))
                return band;
        return null;
    }

    private protected override Reason Why(Quantity given) =>
        new(ReasonCode.GrantedScale, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Formula(" / ", Parts.Select(p => (p.Rate ?? p.Sum)!)));
}

/// <summary>One band: a stretch of the base with either a rate on the whole or a sum.</summary>
/// <param name="Span">The values that it holds.</param>
/// <param name="Rate">The rate on the whole base; null when the band has a sum.</param>
/// <param name="Sum">The sum; null when the band has a rate.</param>
public sealed record Band(Span Span, Parameter? Rate, Parameter? Sum);
