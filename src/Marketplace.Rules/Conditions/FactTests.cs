namespace Marketplace.Rules;

/// <summary><c>kind: [development, transfer]</c>: the contract is of one of these kinds.</summary>
public sealed record KindIn : FactTest
{
    internal KindIn(IReadOnlyList<ContractKind> kinds, Basis basis)
        : base(Fact.Kind, 0, 63, Mask(kinds, kind => (int)kind), basis)
    {
        (Kinds, _wanted) = (kinds, Quantity.Of(string.Join(", ", kinds.Select(k => k.Wire())), Wording.Join(kinds.Select(k => k.Label()))));
        Statement = IsOneOf(Fact, _wanted.Label);
    }

    /// <summary>The kinds, in the document's order.</summary>
    public IReadOnlyList<ContractKind> Kinds { get; }

    private readonly Quantity _wanted;

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => _wanted;

    internal override ReasonCode Refusal(long value) => ReasonCode.RefusedKind;
}

/// <summary><c>buyerKind: [enterprise]</c>: a party is a body of one of these sorts.</summary>
public sealed record EntityIn : FactTest
{
    internal EntityIn(Fact fact, IReadOnlyList<EntityKind> kinds, Basis basis)
        : base(fact, 0, 63, Mask(kinds, kind => (int)kind), basis)
    {
        (Kinds, _wanted) = (kinds, Quantity.Of(string.Join(", ", kinds.Select(k => k.Wire())), Wording.Join(kinds.Select(k => k.Label()))));
        Statement = IsOneOf(Fact, _wanted.Label);
    }

    /// <summary>The sorts, in the document's order.</summary>
    public IReadOnlyList<EntityKind> Kinds { get; }

    private readonly Quantity _wanted;

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => _wanted;

    internal override ReasonCode Refusal(long value) => ReasonCode.RefusedParty;
}

/// <summary><c>recognised: true</c>: a yes-or-no fact has this value.</summary>
public sealed record FlagIs : FactTest
{
    internal FlagIs(Fact fact, bool value, Basis basis)
        : base(fact, value ? 1 : 0, value ? 1 : 0, ulong.MaxValue, basis)
    {
        var words = value ? fact.Info().Yes : fact.Info().No;
        (Value, Statement) = (value, new(words.Zh.TrimEnd('。'), words.En.TrimEnd('.')));
    }

    /// <summary>The value that passes.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => Quantity.Of(Value);

    internal override ReasonCode Refusal(long value) => ReasonCode.RefusedFlag;
}

/// <summary><c>buyerRegion: "630100"</c>: a region lies within another.</summary>
public sealed record RegionWithin : FactTest
{
    internal RegionWithin(Fact fact, string within, Basis basis)
        : base(fact, Region.Number(within)!.Value, Region.Last(Region.Number(within)!.Value), ulong.MaxValue, basis) =>
        (Within, Statement) = (within, new($"{fact.Label().Zh}在 {within} 范围内", $"the {fact.Label().En} is within {within}"));

    /// <summary>Six-digit region.</summary>
    public string Within { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => Quantity.Of(Fact, Region.Number(Within)!.Value);

    internal override ReasonCode Refusal(long value) => ReasonCode.RefusedRegion;
}

/// <summary><c>paidOn: { from: 2024-11-01, to: 2025-10-31 }</c>: a day lies within an interval, both ends included.</summary>
public sealed record DateWithin : FactTest
{
    internal DateWithin(Fact fact, DateOnly from, DateOnly to, Basis basis)
        : base(fact, from.DayNumber, to.DayNumber, ulong.MaxValue, basis)
    {
        var name = fact.Label();
        (From, To) = (from, to);
        Statement = from == DateOnly.MinValue ? new($"{name.Zh}不晚于 {Day(to)}", $"the {name.En} is not after {Day(to)}")
            : to == DateOnly.MaxValue ? new($"{name.Zh}不早于 {Day(from)}", $"the {name.En} is not before {Day(from)}")
            : new($"{name.Zh}在 {Day(from)} 至 {Day(to)} 之间", $"the {name.En} is from {Day(from)} to {Day(to)}");
    }

    /// <summary>First day, inclusive; <see cref="DateOnly.MinValue"/> when open.</summary>
    public DateOnly From { get; }

    /// <summary>Last day, inclusive; <see cref="DateOnly.MaxValue"/> when open.</summary>
    public DateOnly To { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => $"{Day(From)}—{Day(To)}" is var days ? Quantity.Of(days, new(days, days)) : default;

    internal override ReasonCode Refusal(long value) => ReasonCode.RefusedDate;

    private static string Day(DateOnly day) => day == DateOnly.MinValue || day == DateOnly.MaxValue ? "…" : Quantity.Of(day).ToString();
}

/// <summary>
/// <c>amount: { from: 250万元 }</c>, <c>count: { from: 3项 }</c>: a sum or a count lies between two bounds. <c>from</c> and <c>upTo</c> include the
/// bound (含), <c>above</c> and <c>below</c> do not (不含).
/// </summary>
public sealed record NumberWithin : FactTest
{
    internal NumberWithin(Fact fact, Span span, Basis basis)
        : base(fact, span.Least, span.Most, ulong.MaxValue, basis) =>
        (Span, Statement) = (span, new($"{fact.Label().Zh}在 {span.Words.Zh} 之内", $"the {fact.Label().En} is within {span.Words.En}"));

    /// <summary>The values that pass.</summary>
    public Span Span { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => Quantity.Of(Span.ToString(), Span.Words);

    internal override ReasonCode Refusal(long value) => value < Span.Least ? ReasonCode.RefusedBelowMinimum : ReasonCode.RefusedAboveMaximum;
}

/// <summary>The policy governs: the governing day is within its time in force. Every award begins with it; documents never write it.</summary>
public sealed record Governs : FactTest
{
    private readonly InForce _inForce;

    internal Governs(Fact fact, InForce inForce)
        : base(fact, inForce.From.DayNumber, (inForce.To ?? DateOnly.MaxValue).DayNumber, ulong.MaxValue, new(inForce.Clauses.Count > 0 ? inForce.Clauses[0] : null, null)) =>
        (_inForce, Statement) = (inForce, new($"{fact.Label().Zh}在政策有效期内", $"the policy is in force on the {fact.Label().En}"));

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override Quantity Wanted(long value) => Quantity.Of(value < _inForce.From.DayNumber ? _inForce.From : _inForce.To ?? _inForce.From);

    internal override ReasonCode Refusal(long value) => value < _inForce.From.DayNumber ? ReasonCode.RefusedBeforeInForce : ReasonCode.RefusedExpired;
}

/// <summary>A stretch of sums or counts, in whole fen or items, so that every bound can be made inclusive without loss.</summary>
/// <param name="Least">Least value, inclusive.</param>
/// <param name="Most">Greatest value, inclusive; <see cref="long.MaxValue"/> when open.</param>
/// <param name="Lower">The number that the lower bound was written with; null when open.</param>
/// <param name="Upper">The number that the upper bound was written with; null when open.</param>
public readonly record struct Span(long Least, long Most, Parameter? Lower, Parameter? Upper)
{
    /// <summary>Whether the value lies within.</summary>
    public bool Contains(long value) => value >= Least && value <= Most;

    /// <summary>In the law's own notation: <c>[500万元, 1000万元)</c>.</summary>
    public override string ToString() => Between(Lower?.Literal, Upper?.Literal);

    /// <summary>The same for readers of either language.</summary>
    public Wording Words => new(Between(Lower?.Words.Zh, Upper?.Words.Zh), Between(Lower?.Words.En, Upper?.Words.En));

    private string Between(string? lower, string? upper) =>
        $"{(Lower is null || Least == Lower.Numerator ? '[' : '(')}{lower ?? "0"}, {upper ?? "∞"}{(Upper is not null && Most == Upper.Numerator ? ']' : ')')}";
}
