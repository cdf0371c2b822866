namespace Marketplace.Rules;

/// <summary><c>perUnit: 2万元</c>: a sum for each item of a count (每项奖励…).</summary>
public sealed record PerUnit : Scale
{
    internal PerUnit(Parameter sum, Base @base)
        : base(@base, sum.Basis) => Sum = sum;

    /// <summary>The sum of one item.</summary>
    public Parameter Sum { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks => [];

    /// <inheritdoc/>
    public override Rate TopRate => new(Sum.Numerator, 1);

    internal override long Denominator => 1;

    internal override Int128 At(long value, Trace? trace)
    {
        var product = Math.BigMul(value, Sum.Numerator);
        trace?.Product(Sum, product, 1, Base.Basis);
        return product;
    }

    private protected override Reason Why(Quantity given) =>
        new(ReasonCode.GrantedPerUnit, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Of(Sum));
}
