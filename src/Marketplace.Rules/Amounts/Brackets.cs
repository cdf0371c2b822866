namespace Marketplace.Rules;

/// <summary>
/// <c>brackets: [ { upTo: 10万元, rate: 1% }, { upTo: 100万元, rate: 0.5% }, { rate: 0.1% } ]</c>: each rate applies to the part of the base in
/// its own bracket (超额累进). The sum is continuous, so it does not matter on which side a boundary counts.
/// </summary>
public sealed record Brackets : Scale
{
    private readonly long[] _factors;

    internal Brackets(IReadOnlyList<Bracket> parts, Base @base, Basis basis)
        : base(@base, basis)
    {
        Parts = parts;
        Denominator = parts.Aggregate(1L, (all, part) => Rate.CommonDenominator(all, part.Rate.Denominator));
        _factors = [.. parts.Select(part => part.Rate.Numerator * (Denominator / part.Rate.Denominator))];
        Breaks = [.. parts.Select(part => part.UpTo).OfType<Parameter>().Select(end => end.Numerator)];
    }

    /// <summary>The brackets, rising; the first begins at 0 and each further one where the one before it ends.</summary>
    public IReadOnlyList<Bracket> Parts { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks { get; }

    /// <inheritdoc/>
    public override Rate TopRate => Parts[^1].UpTo is null ? new(Parts[^1].Rate.Numerator, Parts[^1].Rate.Denominator) : default;

    internal override long Denominator { get; }

    internal override Int128 At(long value, Trace? trace)
    {
        var @base = trace?.Base ?? 0;
        var sum = Int128.Zero;
        for (var i = 0; i < _factors.Length; i++)
        {
            var bracket = Parts[i];
            var part = Math.Min(value, bracket.Most) - bracket.Above;
            if (part <= 0) break;
            var product = Math.BigMul(part, _factors[i]);
            sum += product;
            trace?.Part(@base, i == 0 ? null : Parts[i - 1].UpTo, bracket.UpTo, part, bracket.Rate, product, Denominator, Base.Basis);
        }

        trace?.Total(sum, Denominator, Basis);
        return sum;
    }

    private protected override Reason Why(Quantity given) =>
        new(ReasonCode.GrantedScale, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Formula(" / ", Parts.Select(p => p.Rate)));
}

/// <summary>One bracket of a marginal scale.</summary>
/// <param name="Above">Where it begins, in fen.</param>
/// <param name="UpTo">Where it ends; null for the last when it is open.</param>
/// <param name="Rate">The rate on the part within.</param>
public sealed record Bracket(long Above, Parameter? UpTo, Parameter Rate)
{
    internal long Most => UpTo?.Numerator ?? long.MaxValue;
}
