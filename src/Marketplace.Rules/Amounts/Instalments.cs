namespace Marketplace.Rules;

/// <summary>
/// <c>instalments: { rate: 10%, years: 两年, of: platform }</c>: base times rate in each of the first years of support (连续n年). With <c>of</c> the years
/// follow each other: in year n the same thing was paid for in each of the n − 1 calendar years before, and not yet in this one.
/// </summary>
public sealed record Instalments : Scale
{
    internal Instalments(Parameter rate, Parameter years, Base @base, Counting? of)
        : base(@base, rate.Basis) => (Rate, Years, Of, TopRate) = (rate, years, of, new(rate.Numerator, rate.Denominator));

    /// <summary>The rate.</summary>
    public Parameter Rate { get; }

    /// <summary>For how many years.</summary>
    public Parameter Years { get; }

    /// <summary>What is supported year after year; null where nobody asks whether the years follow each other.</summary>
    public Counting? Of { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Breaks => [];

    /// <inheritdoc/>
    public override Rate TopRate { get; }

    internal override long Denominator => TopRate.Denominator;

    internal override IEnumerable<Fact> Reads() => [Fact.SupportYear, .. Of is { Scope: Scope.Platform } ? [Fact.Platform] : Array.Empty<Fact>(), .. Base.Reads()];

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
        if (within)
        {
            switch (Follows(run, year))
            {
                case Truth.Yes: return base.Evaluate(run);
                case Truth.Unknown: return base.Evaluate(run) with { Low = 0 };
            }

            run.Refuse(ReasonCode.RefusedSequence, Years.Basis, Fact.SupportYear, Quantity.Of(Fact.SupportYear, year), default);
            return Range.Of(0, Denominator);
        }

        run.Refuse(year < 1 ? ReasonCode.RefusedBelowMinimum : ReasonCode.RefusedAboveMaximum, Years.Basis, Fact.SupportYear,
            Quantity.Of(Fact.SupportYear, year), Quantity.Of(Fact.SupportYear, year < 1 ? 1 : Years.Numerator));
        return Range.Of(0, Denominator);
    }

    private Truth Follows(AwardRun run, long number)
    {
        if (Of is not { } over) return Truth.Yes;
        if (number == 1) return run.Used(over, Basis) switch { { High: 0 } => Truth.Yes, { Low: > 0 } => Truth.No, _ => Truth.Unknown };
        if (run.Year is not { } year) return Truth.Unknown;
        var follows = run.WasPaidIn(over, year) switch { Truth.Yes => Truth.No, Truth.No => Truth.Yes, _ => Truth.Unknown };
        for (var back = 1; back < number; back++)
        {
            var paid = run.WasPaidIn(over, year - back);
            if (paid == Truth.No || follows == Truth.No) return Truth.No;
            if (paid == Truth.Unknown) follows = Truth.Unknown;
        }

        return follows;
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
