namespace Marketplace.Rules;

/// <summary><c>instalments: { rate: 10%, years: 两年 }</c>: base times rate in each of the first years of support (连续n年).</summary>
public sealed record Instalments : Scale
{
    internal Instalments(Parameter rate, Parameter years, Base @base)
        : base(@base, rate.Basis) => (Rate, Years, TopRate) = (rate, years, new(rate.Numerator, rate.Denominator));

    /// <summary>The rate.</summary>
    public Parameter Rate { get; }

    /// <summary>For how many years.</summary>
    public Parameter Years { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks => [];

    /// <inheritdoc/>
    public override Rate TopRate { get; }

    internal override long Denominator => TopRate.Denominator;

    internal override IEnumerable<Fact> Reads() => [Fact.SupportYear, .. Base.Reads()];

    internal override Range Evaluate(AwardRun run)
    {
        if (!run.TryNumber(Fact.SupportYear, out var year))
        {
            run.Miss(Fact.SupportYear);
            return base.Evaluate(run) with { Low = 0 };
        }

        var within = year >= 1 && year <= Years.Numerator;
        run.Trace?.Parameter(Years);
        run.Trace?.Test(Fact.SupportYear, Quantity.Of(Fact.SupportYear, year), within ? Truth.Yes : Truth.No, new("资助年度序数在补助年限之内", "the year of support is one of those supported"), Years.Basis);
        if (within) return base.Evaluate(run);
        run.Refuse(year < 1 ? ReasonCode.RefusedBelowMinimum : ReasonCode.RefusedAboveMaximum, Years.Basis, Fact.SupportYear,
            Quantity.Of(Fact.SupportYear, year), Quantity.Of(Fact.SupportYear, year < 1 ? 1 : Years.Numerator));
        return Range.Of(0, Denominator);
    }

    internal override Int128 At(long value, Trace? trace)
    {
        var product = Math.BigMul(value, TopRate.Numerator);
        trace?.Product(Rate, product, Denominator, Base.Basis);
        return product;
    }

    private protected override Reason Why(Quantity given) =>
        new(ReasonCode.GrantedRate, Basis.Clause, Basis.Interpretation, Base.Fact, given, Quantity.Of(Rate));
}
