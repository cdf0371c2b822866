using Marketplace.Rules.Checking;

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

    /// <summary>申报单位, where the subject is no contract.</summary>
    Applicant,

    /// <summary>技术合同认定登记机构.</summary>
    Office,
}

/// <summary>
/// One entitlement under one set of readings and on the days of one period. Evaluated in this order and no other: in force, conditions,
/// base, amount, limits, rounding; then stacking between the awards, then sharing.
/// </summary>
public sealed record Award
{
    internal Award() { }

    /// <summary>Id within the policy: <c>buyer</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name for readers.</summary>
    public required Wording Label { get; init; }

    /// <summary>What it is about; facts about anything else never meet it.</summary>
    public required Subject Subject { get; init; }

    /// <summary>Who receives it.</summary>
    public required Payee Payee { get; init; }

    /// <summary>The fact (a day) that must lie within the policy's time in force and picks its dated values.</summary>
    public required Fact GovernedBy { get; init; }

    /// <summary>All must hold.</summary>
    public required IReadOnlyList<Condition> Conditions { get; init; }

    /// <summary>How the sum is found.</summary>
    public required AmountShape Amount { get; init; }

    /// <summary>What was granted before is taken off the amount, before the limits; null where each grant is a sum of its own.</summary>
    public LessPaid? LessPaid { get; init; }

    /// <summary>What bounds the sum, in order.</summary>
    public required IReadOnlyList<Limit> Limits { get; init; }

    /// <summary>The one rounding.</summary>
    public required Rounding Rounding { get; init; }

    /// <summary>Ids of the interpretations that the award rests on.</summary>
    public required IReadOnlyList<string> Interpretations { get; init; }

    /// <summary>Whether one of them has been decided by nobody.</summary>
    internal bool RestsOnUndecidedReading { get; init; }

    /// <summary>Whether a number of it is marked as having no value in the period, so that nothing is due.</summary>
    internal bool IsSuspended { get; init; }

    /// <summary>Place among the policy's awards.</summary>
    internal int Index { get; init; }

    /// <summary>The identity of who receives it.</summary>
    internal Fact PayeeIdentity => Payee switch
    {
        Payee.Buyer => Fact.Buyer,
        Payee.Seller => Fact.Seller,
        Payee.Broker => Fact.Broker,
        Payee.Applicant => Fact.Applicant,
        Payee.Office => Fact.Office,
        _ => throw new InvalidOperationException($"{Payee} has no identity."),
    };

    /// <summary>A list of its id alone.</summary>
    internal IReadOnlyList<string> Alone => field ??= [Id];

    /// <summary>All that its earlier grants are counted over.</summary>
    public IEnumerable<Counting> Scopes => Limits.Select(limit => limit.Over).Concat(LessPaid is null ? [] : [LessPaid.Over])
        .Concat(Parts.Of(Amount).OfType<Instalments>().Select(instalments => instalments.Of).OfType<Counting>());

    /// <summary>The facts that the award can read, with repetitions.</summary>
    internal IEnumerable<Fact> Reads() =>
        [GovernedBy, .. Conditions.SelectMany(c => c.Reads()), .. Amount.Reads(), .. Limits.SelectMany(l => l.Reads(this)), .. LessPaid?.Over.Reads(this) ?? []];
}

/// <summary><c>lessPaid: partyYear</c>: the amount is a total that is paid as it grows (累计), so what was granted in the scope before is taken off.</summary>
/// <param name="Over">What it is counted over.</param>
/// <param name="Basis">Where it comes from.</param>
public sealed record LessPaid(Counting Over, Basis Basis);

/// <summary>Where a rule comes from: a clause, or the reading of an open question, or both.</summary>
/// <param name="Clause">Id of the clause; null where the text is silent.</param>
/// <param name="Interpretation">Id of the interpretation whose reading gave the value; null when the text did.</param>
public readonly record struct Basis(string? Clause, string? Interpretation);
