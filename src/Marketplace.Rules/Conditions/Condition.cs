namespace Marketplace.Rules;

/// <summary>Whether a condition holds. A fact that is not known makes it unknown, never "no".</summary>
internal enum Truth : byte
{
    No,
    Yes,
    Unknown,
}

/// <summary>A test that an award, or a case of an award, depends on. The shapes are closed: a new one is added when a quoted clause needs it.</summary>
public abstract record Condition
{
    private protected Condition(Basis basis) => Basis = basis;

    /// <summary>Where the test comes from.</summary>
    public Basis Basis { get; }

    /// <summary>What must be so, for readers.</summary>
    public abstract Wording Statement { get; }

    /// <summary>The facts that it can read.</summary>
    internal abstract IEnumerable<Fact> Reads();

    /// <summary>Whether it holds, written down as a step.</summary>
    internal abstract Truth Holds(AwardRun run);

    /// <summary>Says why it does not hold; asked only when it does not.</summary>
    internal abstract void Refuse(AwardRun run);

    /// <summary>The facts that would settle it; asked only when it is unknown.</summary>
    internal abstract FactSet Lacks(AwardRun run);

    private protected static Wording IsOneOf(Fact fact, Wording wanted) => new($"{fact.Label().Zh}为{wanted.Zh}", $"the {fact.Label().En} is one of {wanted.En}");
}

/// <summary>A test on one fact that is a number: it lies between two bounds and, where the fact takes few values, is one of those wanted.</summary>
public abstract record FactTest : Condition
{
    private protected FactTest(Fact fact, long least, long most, ulong wanted, Basis basis)
        : base(basis) => Gate = new(fact, least, most >= least ? (ulong)(most - least) : 0, most >= least ? wanted : 0);

    /// <summary>The fact.</summary>
    public Fact Fact => Gate.Fact;

    /// <summary>The test itself.</summary>
    internal Gate Gate { get; }

    /// <summary>What a value that does not pass is measured against, for readers.</summary>
    internal abstract Quantity Wanted(long value);

    /// <summary>Why a value does not pass.</summary>
    internal abstract ReasonCode Refusal(long value);

    /// <summary>A value of the fact, for readers.</summary>
    internal virtual Quantity Given(long value) => Quantity.Of(Fact, value);

    internal sealed override IEnumerable<Fact> Reads() => [Fact];

    /// <summary>All values that pass, as stretches with both ends included, rising.</summary>
    internal IEnumerable<Interval> Passing()
    {
        if (Gate.Wanted == ulong.MaxValue) return [new(Gate.Least, Gate.Least + (long)Gate.Width)];
        return Enumerable.Range(0, 64).Where(value => Gate.Passes(value)).Select(value => new Interval(value, value));
    }

    internal sealed override Truth Holds(AwardRun run)
    {
        if (!run.TryNumber(Fact, out var value))
        {
            run.Trace?.Test(Fact, default, Truth.Unknown, Statement, Basis);
            return Truth.Unknown;
        }

        var truth = Gate.Passes(value) ? Truth.Yes : Truth.No;
        run.Trace?.Test(Fact, Given(value), truth, Statement, Basis);
        return truth;
    }

    internal sealed override void Refuse(AwardRun run)
    {
        if (!run.TryNumber(Fact, out var value)) throw new InvalidOperationException($"{Fact} was known a moment ago.");
        run.Refuse(new(Refusal(value), Basis.Clause, Basis.Interpretation, Fact, Given(value), Wanted(value)));
    }

    internal sealed override FactSet Lacks(AwardRun run) => default(FactSet).With(Fact);

    /// <summary>All values of an enumeration among 64 that a test wants.</summary>
    private protected static ulong Mask<T>(IReadOnlyList<T> values, Func<T, int> number)
    {
        var mask = 0UL;
        foreach (var value in values) mask |= 1UL << number(value);
        return mask;
    }
}

/// <summary>The test of a number, as small as it can be: it lies within a stretch and, of few values, is one that is wanted.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Least">Least value.</param>
/// <param name="Width">Greatest value less the least.</param>
/// <param name="Wanted">A bit for each value below 64 that is wanted; all bits where the stretch alone decides.</param>
internal readonly record struct Gate(Fact Fact, long Least, ulong Width, ulong Wanted)
{
    public bool Passes(long value) => unchecked((ulong)(value - Least)) <= Width && (Wanted >> (int)(value & 63) & 1) != 0;
}
