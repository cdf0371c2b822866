namespace Marketplace.Rules;

/// <summary>
/// <c>discretionary: { from: 50万元, to: 100万元 }</c>: a person decides within a range, case by case (一事一议). Without <c>from</c> the range begins
/// at 0: a clause that prints a greatest sum and leaves the rest to another paper.
/// </summary>
public sealed record Discretionary : AmountShape
{
    internal Discretionary(Parameter? from, Parameter to, Wording? decider)
        : base(new Basis(to.Clause, to.Interpretation ?? from?.Interpretation)) => (From, To, Decider) = (from, to, decider);

    /// <summary>Least sum, inclusive; null for 0.</summary>
    public Parameter? From { get; }

    /// <summary>Greatest sum, inclusive.</summary>
    public Parameter To { get; }

    /// <summary>Who decides, or by which procedure; null where the text does not say.</summary>
    public Wording? Decider { get; }

    /// <inheritdoc/>
    public override bool IsDecided => true;

    internal override IEnumerable<Fact> Reads() => [];

    internal override long Denominator => 1;

    internal override Range Evaluate(AwardRun run)
    {
        run.LeaveToDecision();
        var (low, high) = (From?.Numerator ?? 0, To.Numerator);
        if (run.Explains) run.Because(new(ReasonCode.OpenCaseDecision, Basis.Clause, Basis.Interpretation, null, Quantity.Of(new Fen(low)), Quantity.Of(To)));
        if (From is not null) run.Trace?.Parameter(From);
        run.Trace?.Parameter(To);
        return new(low, high, 1);
    }
}
