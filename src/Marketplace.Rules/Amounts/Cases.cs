namespace Marketplace.Rules;

/// <summary>
/// <c>cases: [ { when: [ { sellerRegion: "330200" } ], rate: 10% }, { rate: 5% } ]</c>: the first case whose conditions hold gives the amount: rates
/// by place of origin and destination, by kind, by class (分情形). Where none holds, nothing is due.
/// </summary>
public sealed record Cases : AmountShape
{
    internal Cases(IReadOnlyList<Case> parts, Basis basis)
        : base(basis) =>
        (Parts, Denominator) = (parts, parts.Aggregate(1L, (all, part) => Rate.CommonDenominator(all, part.Amount.Denominator)));

    /// <summary>The cases in the order in which they are tried, at least one.</summary>
    public IReadOnlyList<Case> Parts { get; }

    /// <inheritdoc/>
    public override bool IsDecided => Parts.Any(p => p.Amount.IsDecided);

    internal override long Denominator { get; }

    internal override IEnumerable<Fact> Reads() => Parts.SelectMany(p => p.When.SelectMany(c => c.Reads()).Concat(p.Amount.Reads()));

    internal override Range Evaluate(AwardRun run)
    {
        Range? possible = null;
        foreach (var part in Parts)
        {
            var truth = Truth.Yes;
            var lacking = default(FactSet);
            foreach (var condition in part.When)
            {
                var one = condition.Holds(run);
                if (one == Truth.No) truth = Truth.No;
                else if (one == Truth.Unknown) lacking = lacking.Union(condition.Lacks(run));
            }

            if (truth == Truth.No) continue;
            if (lacking.IsEmpty && possible is null) return part.Amount.Evaluate(run).In(Denominator);
            run.Miss(lacking);
            var sum = run.Supposing(part.Amount).In(Denominator);
            possible = possible is { } others ? others.Or(sum) : sum;
            if (lacking.IsEmpty) return possible.Value;
        }

        if (possible is { } some) return some.Or(Range.Of(0, Denominator));
        run.Refuse(ReasonCode.RefusedNoCase, Basis, null, default, default);
        if (run.Explains) run.RestOn(Reads());
        return Range.Of(0, Denominator);
    }
}

/// <summary>One case.</summary>
/// <param name="When">All must hold; none for the case that is left.</param>
/// <param name="Amount">The amount then.</param>
public sealed record Case(IReadOnlyList<Condition> When, AmountShape Amount);
