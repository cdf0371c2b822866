namespace Marketplace.Rules;

/// <summary><c>fixed: 20万元</c>: one sum, whatever the facts (一次性奖励).</summary>
public sealed record Fixed : AmountShape
{
    internal Fixed(Parameter sum)
        : base(sum.Basis) => Sum = sum;

    /// <summary>The sum.</summary>
    public Parameter Sum { get; }

    internal override IEnumerable<Fact> Reads() => [];

    internal override long Denominator => 1;

    internal override Range Evaluate(AwardRun run)
    {
        if (run.Explains) run.Because(new(ReasonCode.GrantedFixed, Basis.Clause, Basis.Interpretation, null, default, Quantity.Of(Sum)));
        run.Trace?.Fixed(Sum);
        return Range.Of(Sum.Numerator, 1);
    }
}
