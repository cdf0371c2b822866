namespace Marketplace.Rules;

/// <summary>How awards of one policy bear on each other. Rules apply in the document's order, after each award was rounded.</summary>
public abstract record Stacking
{
    private protected Stacking(IReadOnlyList<string> awards, Basis basis) => (Awards, Basis) = (awards, basis);

    /// <summary>Ids of the awards concerned, in the order in which they take precedence.</summary>
    public IReadOnlyList<string> Awards { get; }

    /// <summary>Where it comes from.</summary>
    public Basis Basis { get; }

    /// <summary>The facts that it can read.</summary>
    internal virtual IEnumerable<Fact> Reads() => [];

    /// <summary>Changes the answers so far.</summary>
    internal abstract void Apply(StackingRun run);
}

/// <summary><c>exclusive: [a, b]</c>: only one is paid, the first listed that is due (不得重复享受).</summary>
public sealed record Exclusive : Stacking
{
    internal Exclusive(IReadOnlyList<string> awards, Basis basis)
        : base(awards, basis) { }

    internal override void Apply(StackingRun run) => run.FirstOf(this);
}

/// <summary><c>higherOf: [a, b]</c>: only the highest is paid; the first listed among equals (从高不重复).</summary>
public sealed record HigherOf : Stacking
{
    internal HigherOf(IReadOnlyList<string> awards, Basis basis)
        : base(awards, basis) { }

    internal override void Apply(StackingRun run) => run.HighestOf(this);
}

/// <summary><c>chosenByParties: [a, b]</c>: where several are due, only the one that the parties choose is paid; the fact <c>chosenAward</c> names it.</summary>
public sealed record ChosenByParties : Stacking
{
    internal ChosenByParties(IReadOnlyList<string> awards, Basis basis)
        : base(awards, basis) { }

    internal override IEnumerable<Fact> Reads() => [Fact.ChosenAward];

    internal override void Apply(StackingRun run) => run.ChosenOf(this);
}

/// <summary><c>deduct: paidElsewhere, from: [a, b]</c>: what was already paid is taken off, from the first listed on (扣除已享受部分).</summary>
public sealed record Deduct : Stacking
{
    internal Deduct(Fact sum, IReadOnlyList<string> awards, Basis basis)
        : base(awards, basis) => Sum = sum;

    /// <summary>The fact that holds what was paid.</summary>
    public Fact Sum { get; }

    internal override IEnumerable<Fact> Reads() => [Sum];

    internal override void Apply(StackingRun run) => run.LessThan(this);
}

/// <summary><c>combinedCap: 500万元, of: [a, b], scope: partyYear</c>: the awards together do not exceed a sum; the first listed draws first.</summary>
public sealed record CombinedCap : Stacking
{
    internal CombinedCap(Parameter amount, Counting over, IReadOnlyList<string> awards)
        : base(awards, amount.Basis) => (Amount, Over) = (amount, over);

    /// <summary>Greatest sum, inclusive.</summary>
    public Parameter Amount { get; }

    /// <summary>What it is counted over.</summary>
    public Counting Over { get; }

    internal override void Apply(StackingRun run) => run.Together(this);
}
