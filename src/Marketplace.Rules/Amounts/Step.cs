namespace Marketplace.Rules;

/// <summary>
/// <c>step: { from: 1亿元, fixed: 3万元, per: 0.5亿元, add: 1万元 }</c>: from a threshold on, a base sum and a further sum for each full unit of the
/// excess (每增加…增加…). Below it, nothing.
/// </summary>
public sealed record Step : Scale
{
    private readonly long _threshold;

    internal Step(Span threshold, Parameter sum, Parameter per, Parameter add, Base @base, Basis basis)
        : base(@base, basis)
    {
        (Threshold, Sum, Per, Add) = (threshold, sum, per, add);
        _threshold = threshold.Lower!.Numerator;
        TopRate = new(add.Numerator, per.Numerator);
        Breaks = [threshold.Least];
    }

    /// <summary>The values of the base that earn something; its lower number is where full units are counted from.</summary>
    public Span Threshold { get; }

    /// <summary>The base sum.</summary>
    public Parameter Sum { get; }

    /// <summary>The unit, at least 1 fen.</summary>
    public Parameter Per { get; }

    /// <summary>What each full unit adds.</summary>
    public Parameter Add { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks { get; }

    /// <inheritdoc/>
    public override Rate TopRate { get; }

    internal override long Denominator => 1;

    private protected override bool HasThreshold => true;

    internal override bool Covers(long value) => Threshold.Contains(value);

    internal override Int128 At(long value, Trace? trace)
    {
        if (!Threshold.Contains(value)) return 0;
        var units = (value - _threshold) / Per.Numerator;
        var product = Math.BigMul(units, Add.Numerator);
        var sum = Sum.Numerator + product;
        if (trace is null) return sum;
        trace.Units(trace.Base, Threshold.Lower!, value - _threshold, Per, units, Add, product);
        trace.Plus(Sum);
        trace.Total(sum, 1, Basis);
        return sum;
    }

    private protected override Reason Why(Quantity given) =>
        new(ReasonCode.GrantedScale, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Of(
            $"{Sum.Literal} + {Add.Literal} / {Per.Literal}", new($"{Sum.Words.Zh} + {Add.Words.Zh} / {Per.Words.Zh}", $"{Sum.Words.En} + {Add.Words.En} / {Per.Words.En}")));
}
