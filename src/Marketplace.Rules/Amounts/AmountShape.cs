namespace Marketplace.Rules;

/// <summary>How the sum of an award is found. The shapes are closed: a new one is added when a quoted clause needs it.</summary>
public abstract record AmountShape
{
    private protected AmountShape(Basis basis) => Basis = basis;

    /// <summary>Where the shape comes from.</summary>
    public Basis Basis { get; }

    /// <summary>Whether a person decides the sum between the two ends, case by case or by the year's budget.</summary>
    public virtual bool IsDecided => false;

    /// <summary>The facts that it can read.</summary>
    internal abstract IEnumerable<Fact> Reads();

    /// <summary>Every sum of this shape is a whole number of this part of a fen, so that all its arithmetic is exact.</summary>
    internal abstract long Denominator { get; }

    /// <summary>The sum, or all that it can come to while facts are missing or a decision is.</summary>
    internal abstract Range Evaluate(AwardRun run);
}

/// <summary>An exact sum, or the ends of what it can be, in <paramref name="Denominator"/>ths of a fen.</summary>
/// <param name="Low">Least, inclusive.</param>
/// <param name="High">Greatest, inclusive; <see cref="Unbounded"/> when nothing bounds it.</param>
/// <param name="Denominator">At least 1.</param>
internal readonly record struct Range(Int128 Low, Int128 High, long Denominator)
{
    public static Int128 Unbounded => Int128.MaxValue;

    public bool IsPoint => Low == High;

    public static Range Of(Int128 sum, long denominator) => new(sum, sum, denominator);

    /// <summary>The same in a finer part of a fen.</summary>
    public Range In(long denominator)
    {
        var factor = denominator / Denominator;
        return new(Low * factor, High == Unbounded ? Unbounded : High * factor, denominator);
    }

    /// <summary>The least range that holds both; both have the same denominator.</summary>
    public Range Or(Range other) => new(Int128.Min(Low, other.Low), Int128.Max(High, other.High), Denominator);
}

/// <summary>
/// A shape that is a function of one base. Between two neighbouring <see cref="Breaks"/> it never falls, so the greatest and the least sum
/// over a stretch of the base are found at the stretch's ends and beside the breaks: ranges are exact without any search.
/// </summary>
public abstract record Scale : AmountShape
{
    private protected Scale(Base @base, Basis basis)
        : base(basis) => Base = @base;

    /// <summary>What it applies to.</summary>
    public Base Base { get; }

    /// <summary>The values of the base at which the function may jump or bend: the first value of each stretch, rising, 0 left out.</summary>
    public abstract IReadOnlyList<long> Breaks { get; }

    /// <summary>What each further unit of the base brings after the last break, on average; 0 when the sum grows no more.</summary>
    public abstract Rate TopRate { get; }

    internal override IEnumerable<Fact> Reads() => Base.Reads();

    /// <summary>Whether there are values of the base that no part of the scale covers.</summary>
    private protected virtual bool HasThreshold => false;

    /// <summary>Whether any part of the scale covers this value of the base; where none does, nothing is due.</summary>
    internal virtual bool Covers(long value) => true;

    /// <summary>The exact sum for a value of the base, in <see cref="AmountShape.Denominator"/>ths of a fen, written down as steps.</summary>
    internal abstract Int128 At(long value, Trace? trace);

    /// <summary>Says by what the sum was found; asked only in an explanation of a known base.</summary>
    private protected abstract Reason Why(Quantity given);

    internal override Range Evaluate(AwardRun run)
    {
        var value = Base.Read(run);
        if (!value.IsPoint)
        {
            if (IsDecided) run.LeaveToDecision();
            return Over(value);
        }

        if (HasThreshold && !Covers(value.Low))
        {
            run.Refuse(ReasonCode.RefusedBelowMinimum, Basis, Base.Fact, Quantity.Of(Base.Fact, value.Low), Quantity.Of(Base.Fact, Breaks[0]), Named);
            if (run.Explains) run.RestOn(Base.Reads());
            return Range.Of(0, Denominator);
        }

        if (run.Explains) run.Because(Why(Quantity.Of(Base.Fact, value.Low)) with { Named = Named });
        var sum = At(value.Low, run.Trace);
        if (!IsDecided) return Range.Of(sum, Denominator);
        run.LeaveToDecision();
        return new(0, sum, Denominator);
    }

    private Wording? Named => Base is FactBase ? null : Base.Label;

    private Range Over(Interval value)
    {
        var (low, high) = (Int128.MaxValue, Int128.Zero);
        Take(value.Low);
        foreach (var start in Breaks)
        {
            if (start > value.Low && start <= value.High) Take(start);
            if (start - 1 > value.Low && start - 1 <= value.High) Take(start - 1);
        }

        if (value.High != Interval.Unbounded) Take(value.High);
        else if (TopRate.Numerator > 0) high = Range.Unbounded;
        return new(IsDecided ? 0 : low, high, Denominator);

        void Take(long at)
        {
            var sum = At(at, trace: null);
            (low, high) = (Int128.Min(low, sum), Int128.Max(high, sum));
        }
    }
}
