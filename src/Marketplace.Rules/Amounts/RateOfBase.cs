namespace Marketplace.Rules;

/// <summary><c>rate: 3%</c>: base times rate; also <c>rateMax: 25%</c> (最高25%), an upper rate below which the budget decides later.</summary>
public sealed record RateOfBase : Scale
{
    internal RateOfBase(Parameter rate, Base @base, bool isUpperRate)
        : base(@base, rate.Basis) => (Parameter, Rate, IsDecided) = (rate, new(rate.Numerator, rate.Denominator), isUpperRate);

    /// <summary>The rate as written.</summary>
    public Parameter Parameter { get; }

    /// <summary>The rate.</summary>
    public Rate Rate { get; }

    /// <summary>Whether the rate is an upper one: the actual rate is decided between 0 and it.</summary>
    public override bool IsDecided { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks => [];

    /// <inheritdoc/>
    public override Rate TopRate => Rate;

    internal override long Denominator => Rate.Denominator;

    internal override Int128 At(long value, Trace? trace)
    {
        var product = Math.BigMul(value, Rate.Numerator);
        trace?.Product(Parameter, product, Denominator, Base.Basis);
        return product;
    }

    private protected override Reason Why(Quantity given) => new(
        IsDecided ? ReasonCode.OpenUpperRate : ReasonCode.GrantedRate, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Of(Parameter));
}
