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

    /// <summary>All that earlier grants are counted over, but for single contracts.</summary>
    public virtual IEnumerable<Counting> Scopes => [];

    /// <summary>Whether it can change what these awards come to where nothing was granted for the same contract before; null for all awards.</summary>
    internal virtual bool Bears(IReadOnlyList<string>? wanted) => wanted is null || Awards.Count(wanted.Contains) > 1;

    /// <summary>Changes the answers so far.</summary>
    internal abstract void Apply(StackingRun run);
}

/// <summary>
/// <c>exclusive: [a, b]</c>: only one is paid for a contract, or with <c>scope: partyYear</c> to a party within a calendar year: the one that was paid
/// before, else the first listed that is due (不得重复享受).
/// </summary>
public sealed record Exclusive : Stacking
{
    internal Exclusive(IReadOnlyList<string> awards, Counting over, Basis basis)
        : base(awards, basis) => Over = over;

    /// <summary>Over what only one is paid.</summary>
    public Counting Over { get; }

    /// <inheritdoc/>
    public override IEnumerable<Counting> Scopes => [Over];

    internal override bool Bears(IReadOnlyList<string>? wanted) => Over.Scope != Scope.Contract || base.Bears(wanted);

    internal override void Apply(StackingRun run) => run.FirstOf(this);
}

/// <summary>
/// <c>higherOf: [a, b]</c>: only the highest is paid, the first listed among equals (从高不重复); what the others were paid for the contract before is
/// taken off it.
/// </summary>
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

/// <summary>
/// <c>inPlace: major, of: [buyer]</c>: once one award was granted for a contract, the others are paid no more for it, and what they were paid
/// before is taken off it (取代). Until a person has decided on it, the others are paid.
/// </summary>
public sealed record InPlace : Stacking
{
    internal InPlace(string award, IReadOnlyList<string> replaced, Basis basis)
        : base([award, .. replaced], basis) => Replaced = replaced;

    /// <summary>The awards that are no longer paid.</summary>
    public IReadOnlyList<string> Replaced { get; }

    internal override void Apply(StackingRun run) => run.InPlaceOf(this);
}

/// <summary><c>deduct: paidElsewhere, from: [a, b]</c>: what was already paid is taken off, from the first listed on (扣除已享受部分).</summary>
public sealed record Deduct : Stacking
{
    internal Deduct(Fact sum, IReadOnlyList<string> awards, Basis basis)
        : base(awards, basis) => Sum = sum;

    /// <summary>The fact that holds what was paid.</summary>
    public Fact Sum { get; }

    internal override IEnumerable<Fact> Reads() => [Sum];

    internal override bool Bears(IReadOnlyList<string>? wanted) => wanted is null || Awards.Any(wanted.Contains);

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

    /// <inheritdoc/>
    public override IEnumerable<Counting> Scopes => [Over];

    internal override bool Bears(IReadOnlyList<string>? wanted) => wanted is null || Awards.Any(wanted.Contains);

    internal override void Apply(StackingRun run) => run.Together(this);
}
