namespace Marketplace.Rules;

/// <summary>
/// <c>basePlusRate: { from: 5亿元, fixed: 20万元, rate: 0.6‰ }</c>: from a threshold on, a base sum and a rate on the excess over the threshold
/// (达到…奖励…,超出部分按…). Below it, nothing.
/// </summary>
public sealed record BasePlusRate : Scale
{
    private readonly long _threshold;

    internal BasePlusRate(Span threshold, Parameter sum, Parameter rate, Base @base, Basis basis)
        : base(@base, basis)
    {
        (Threshold, Sum, Excess) = (threshold, sum, rate);
        _threshold = threshold.Lower!.Numerator;
        TopRate = new(rate.Numerator, rate.Denominator);
        Breaks = [threshold.Least];
    }

    /// <summary>The values of the base that earn something; its lower number is what the excess is counted over.</summary>
    public Span Threshold { get; }

    /// <summary>The base sum.</summary>
    public Parameter Sum { get; }

    /// <summary>The rate on the excess.</summary>
    public Parameter Excess { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks { get; }

    /// <inheritdoc/>
    public override Rate TopRate { get; }

    internal override long Denominator => TopRate.Denominator;

    private protected override bool HasThreshold => true;

    internal override bool Covers(long value) => Threshold.Contains(value);

    internal override Int128 At(long value, Trace? trace)
    {
        if (!Threshold.Contains(value)) return 0;
        var product = Math.BigMul(value - _threshold, TopRate.Numerator);
        var sum = (Int128)Sum.Numerator * Denominator + product;
        if (trace is null) return sum;
        trace.Part(trace.Base, Threshold.Lower, null, value - _threshold, Excess, product, Denominator, Base.Basis);
        trace.Plus(Sum);
        trace.Total(sum, Denominator, Basis);
        return sum;
    }

    private protected override Reason Why(Quantity given) =>
        new(ReasonCode.GrantedScale, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Formula(" + ", Sum, Excess));
}
