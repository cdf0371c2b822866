namespace Marketplace.Rules;

/// <summary>What a rate, a band or a step applies to (计算基数): a sum in fen or a count.</summary>
public abstract record Base
{
    private protected Base(Basis basis) => Basis = basis;

    /// <summary>Where the choice of base comes from; often a reading, since texts seldom say.</summary>
    public Basis Basis { get; }

    /// <summary>The fact that names the base for readers.</summary>
    public abstract Fact Fact { get; }

    /// <summary>The name for readers.</summary>
    internal virtual Wording Label => Fact.Label();

    /// <summary>The facts that it reads.</summary>
    internal abstract IEnumerable<Fact> Reads();

    /// <summary>Its value, or the values that it can have while facts are missing.</summary>
    internal abstract Interval Read(AwardRun run);

    private protected static Interval Read(AwardRun run, Fact fact) =>
        run.TryNumber(fact, out var value) ? new(value, value) : new(0, Interval.Unbounded);
}

/// <summary>Whole numbers from <paramref name="Low"/> to <paramref name="High"/>, both included.</summary>
internal readonly record struct Interval(long Low, long High)
{
    public const long Unbounded = long.MaxValue;

    public bool IsPoint => Low == High;
}

/// <summary><c>base: technologyAmount</c>: one fact.</summary>
public sealed record FactBase : Base
{
    internal FactBase(Fact fact, Basis basis)
        : base(basis) => Fact = fact;

    /// <inheritdoc/>
    public override Fact Fact { get; }

    internal override IEnumerable<Fact> Reads() => [Fact];

    internal override Interval Read(AwardRun run)
    {
        var value = Read(run, Fact);
        if (value.IsPoint) run.Trace?.Given(Fact, value.Low);
        else run.Miss(Fact);
        return value;
    }
}

/// <summary><c>base: { lesserOf: [received, technologyAmount] }</c>: the least of several facts.</summary>
public sealed record LesserOf : Base
{
    internal LesserOf(IReadOnlyList<Fact> facts, Basis basis)
        : base(basis)
    {
        Facts = facts;
        Label = new($"{string.Join("、", facts.Select(fact => fact.Label().Zh))}中较低者", $"least of {string.Join(" and ", facts.Select(fact => fact.Label().En))}");
    }

    /// <summary>The facts, at least two.</summary>
    public IReadOnlyList<Fact> Facts { get; }

    /// <inheritdoc/>
    public override Fact Fact => Facts[0];

    internal override Wording Label { get; }

    internal override IEnumerable<Fact> Reads() => Facts;

    internal override Interval Read(AwardRun run)
    {
        var least = new Interval(Interval.Unbounded, Interval.Unbounded);
        foreach (var fact in Facts)
        {
            var value = Read(run, fact);
            least = new(Math.Min(least.Low, value.Low), Math.Min(least.High, value.High));
        }

        if (least.IsPoint) run.Trace?.Lesser(Facts, least.Low, Basis, run);
        else
            foreach (var fact in Facts) run.MissUnlessKnown(fact);
        return least;
    }
}

/// <summary>
/// <c>base: { growth: yearlyAmount, since: lastYearAmount }</c>: by how much one sum exceeds another, never below 0 (增量; also the value that
/// a resale adds).
/// </summary>
public sealed record Growth : Base
{
    internal Growth(Fact of, Fact since, Basis basis)
        : base(basis)
    {
        (Fact, Since) = (of, since);
        Label = new($"{of.Label().Zh}较{since.Label().Zh}的增量", $"growth of the {of.Label().En} over the {since.Label().En}");
    }

    /// <summary>The later sum.</summary>
    public override Fact Fact { get; }

    /// <summary>The earlier sum.</summary>
    public Fact Since { get; }

    internal override Wording Label { get; }

    internal override IEnumerable<Fact> Reads() => [Fact, Since];

    internal override Interval Read(AwardRun run)
    {
        var (later, earlier) = (Read(run, Fact), Read(run, Since));
        var low = Math.Max(0, later.Low - earlier.High);
        var high = later.High == Interval.Unbounded ? Interval.Unbounded : Math.Max(0, later.High - earlier.Low);
        if (low == high)
        {
            if (later.IsPoint && earlier.IsPoint) run.Trace?.Growth(this, later.Low, earlier.Low);
            return new(low, high);
        }

        run.MissUnlessKnown(Fact);
        run.MissUnlessKnown(Since);
        return new(low, high);
    }
}
