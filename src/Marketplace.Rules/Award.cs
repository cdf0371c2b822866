namespace Marketplace.Rules;

/// <summary>Who receives an award.</summary>
public enum Payee
{
    /// <summary>买方.</summary>
    Buyer,

    /// <summary>卖方.</summary>
    Seller,

    /// <summary>中介机构或技术经纪人.</summary>
    Broker,
}

/// <summary>One entitlement under one set of readings: all conditions hold, then the amount, then each limit, then rounding down to the fen.</summary>
public sealed record Award
{
    internal Award() { }

    /// <summary>Id within the policy: <c>buyer</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name for readers.</summary>
    public required Wording Label { get; init; }

    /// <summary>Who receives it.</summary>
    public required Payee Payee { get; init; }

    /// <summary>All must hold.</summary>
    public required IReadOnlyList<Condition> Conditions { get; init; }

    /// <summary>How the sum is found.</summary>
    public required AmountShape Amount { get; init; }

    /// <summary>What bounds the sum, in order.</summary>
    public required IReadOnlyList<Cap> Limits { get; init; }

    /// <summary>Ids of the interpretations that the award rests on.</summary>
    public required IReadOnlyList<string> Interpretations { get; init; }

    /// <summary>Whether one of them has been decided by nobody.</summary>
    internal bool RestsOnUndecidedReading { get; init; }
}

/// <summary>Where a rule comes from: a clause, or the reading of an open question, or both.</summary>
/// <param name="Clause">Id of the clause; null where the text is silent.</param>
/// <param name="Interpretation">Id of the interpretation whose reading gave the value; null when the text did.</param>
public readonly record struct Basis(string? Clause, string? Interpretation);

/// <summary>A test on one fact.</summary>
public abstract record Condition
{
    private protected Condition(Fact reads, Basis basis) => (Reads, Basis) = (reads, basis);

    /// <summary>The fact.</summary>
    public Fact Reads { get; }

    /// <summary>Where the test comes from.</summary>
    public Basis Basis { get; }
}

/// <summary>The contract is of one of these kinds.</summary>
public sealed record KindIn : Condition
{
    internal KindIn(IReadOnlyList<ContractKind> kinds, Basis basis)
        : base(Fact.Kind, basis)
    {
        Kinds = kinds;
        Names = string.Join(", ", kinds.Select(k => k.Wire()));
        foreach (var kind in kinds) _mask |= 1u << (int)kind;
    }

    private readonly uint _mask;

    /// <summary>The kinds, in the document's order.</summary>
    public IReadOnlyList<ContractKind> Kinds { get; }

    internal string Names { get; }

    internal bool Contains(ContractKind kind) => (_mask >> (int)kind & 1) != 0;
}

/// <summary>A yes-or-no fact has this value.</summary>
public sealed record FlagIs : Condition
{
    internal FlagIs(Fact reads, bool value, Basis basis)
        : base(reads, basis) => Value = value;

    /// <summary>The value that passes.</summary>
    public bool Value { get; }

    internal ReasonCode Refusal => Reads switch
    {
        Fact.Recognised => ReasonCode.RefusedNotRecognised,
        Fact.Brokered => ReasonCode.RefusedNotBrokered,
        Fact.RelatedParties => ReasonCode.RefusedRelatedParties,
        _ => throw new InvalidOperationException($"{Reads} is not a yes-or-no fact."),
    };
}

/// <summary>A region lies within another.</summary>
public sealed record RegionWithin : Condition
{
    internal RegionWithin(Fact reads, string within, Basis basis)
        : base(reads, basis) => Within = within;

    /// <summary>Six-digit region.</summary>
    public string Within { get; }
}

/// <summary>How the sum of an award is found. The shapes are closed: a new one is added when a quoted clause needs it.</summary>
public abstract record AmountShape
{
    private protected AmountShape(Basis basis) => Basis = basis;

    /// <summary>Where the shape comes from.</summary>
    public Basis Basis { get; }
}

/// <summary>Base times rate.</summary>
public sealed record RateOfBase : AmountShape
{
    internal RateOfBase(Rate rate, Fact @base, Basis baseBasis, Basis basis)
        : base(basis) => (Rate, Base, BaseBasis) = (rate, @base, baseBasis);

    /// <summary>The rate.</summary>
    public Rate Rate { get; }

    /// <summary>The fact (a sum) that it applies to.</summary>
    public Fact Base { get; }

    /// <summary>Where the choice of base comes from.</summary>
    public Basis BaseBasis { get; }
}

/// <summary>A person decides within a range, case by case (一事一议).</summary>
public sealed record Discretionary : AmountShape
{
    internal Discretionary(Fen from, Fen to, Basis basis)
        : base(basis) => (From, To) = (from, to);

    /// <summary>Least sum, inclusive.</summary>
    public Fen From { get; }

    /// <summary>Greatest sum, inclusive.</summary>
    public Fen To { get; }
}

/// <summary>What a limit is counted over.</summary>
public enum CapScope
{
    /// <summary>One contract.</summary>
    Contract,

    /// <summary>All contracts of one project.</summary>
    Project,
}

/// <summary>The award with its earlier grants in the same scope does not exceed a sum.</summary>
/// <param name="Amount">Greatest sum, inclusive.</param>
/// <param name="Scope">What it is counted over.</param>
/// <param name="Basis">Where it comes from.</param>
public sealed record Cap(Fen Amount, CapScope Scope, Basis Basis);
