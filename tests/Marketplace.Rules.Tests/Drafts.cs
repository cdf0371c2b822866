using System.Globalization;
using System.Numerics;
using System.Text;

namespace Marketplace.Rules.Tests;

/// <summary>
/// A policy as the tests think of it, apart from the library's model: <see cref="Arbitrary"/> makes it up, <see cref="Yaml"/> writes it as a
/// document for the loader, and <see cref="Oracle"/> computes it by itself.
/// </summary>
internal sealed record Draft(
    IReadOnlyList<AwardDraft> Awards, IReadOnlyList<StackingDraft> Stacking, DateOnly From, DateOnly? To, IReadOnlyList<int> Parts, bool Assumes)
{
    /// <summary>The document. Every number stands in the quote of the one clause that all rules cite.</summary>
    public string Yaml => new DraftWriter(amended: false).Document(this);

    /// <summary>The policy as the library reads it, or with every later value amended: a number that ends goes on, and one that changes ends.</summary>
    public Policy Load(bool amended = false)
    {
        var yaml = new DraftWriter(amended).Document(this);
        var result = PolicyDocument.Load("draft.yaml", yaml);
        Assert.That(result.Policy, Is.Not.Null, string.Join('\n', result.Diagnostics) + "\n" + yaml);
        return result.Policy!;
    }
}

internal sealed record AwardDraft(
    string Id, Subject Subject, Payee Payee, Fact GovernedBy, IReadOnlyList<ConditionDraft> When, BaseDraft Base, AmountDraft Amount,
    IReadOnlyList<LimitDraft> Limits, long Unit, RoundingMode Mode)
{
    /// <summary>What was granted in this scope is taken off the amount.</summary>
    public Scope? LessPaid { get; init; }
}

/// <summary>A number as written, with its exact value; from the day of <see cref="Change"/> on another one holds, or none at all.</summary>
internal sealed record Number(string Text, BigInteger Above, BigInteger Below)
{
    public static readonly Number None = new("none", 0, 1);

    public (DateOnly On, Number Later)? Change { get; init; }

    public static Number Sum(long fen) =>
        new(fen % 1_000_000 == 0 && fen > 0 ? $"{fen / 1_000_000}万元" : $"{fen / 100}.{fen % 100:00}元", fen, 1);

    public static Number Count(long items) => new($"{items}项", items, 1);

    public Number On(DateOnly day) => Change is { } change && day >= change.On ? change.Later : this;
}

/// <summary>A stretch of sums or counts; each end says whether its bound belongs to it.</summary>
internal sealed record SpanDraft(Number? Lower, bool HasLower, Number? Upper, bool HasUpper)
{
    public bool Contains(BigInteger value) =>
        (Lower is null || value > Lower.Above || (HasLower && value == Lower.Above)) && (Upper is null || value < Upper.Above || (HasUpper && value == Upper.Above));
}

internal abstract record BaseDraft
{
    public sealed record Of(Fact Fact) : BaseDraft;

    public sealed record Lesser(Fact First, Fact Second) : BaseDraft;

    public sealed record Growth(Fact Later, Fact Earlier) : BaseDraft;
}

internal abstract record ConditionDraft
{
    public sealed record Kind(IReadOnlyList<ContractKind> Kinds) : ConditionDraft;

    public sealed record Entity(Fact Fact, IReadOnlyList<EntityKind> Kinds) : ConditionDraft;

    public sealed record Flag(Fact Fact, bool Value) : ConditionDraft;

    public sealed record Region(Fact Fact, string Place) : ConditionDraft;

    public sealed record Day(Fact Fact, DateOnly? From, DateOnly? To) : ConditionDraft;

    public sealed record Within(Fact Fact, SpanDraft Span) : ConditionDraft;

    public sealed record Word(Fact Fact, IReadOnlyList<string> Words) : ConditionDraft;

    public sealed record Order(IReadOnlyList<Fact> Days) : ConditionDraft;

    public sealed record Assessed(string Name) : ConditionDraft;

    public sealed record All(IReadOnlyList<ConditionDraft> Parts) : ConditionDraft;

    public sealed record Any(IReadOnlyList<ConditionDraft> Parts) : ConditionDraft;

    public sealed record Not(ConditionDraft Part) : ConditionDraft;
}

internal abstract record AmountDraft
{
    /// <summary>Whether a person may have to decide the sum.</summary>
    public bool CanBeDecided => this switch { RateOfBase rate => rate.IsUpper, Discretionary => true, Cases cases => cases.Parts.Any(p => p.Amount.CanBeDecided), _ => false };

    public sealed record RateOfBase(Number Of, bool IsUpper) : AmountDraft;

    public sealed record Fixed(Number Sum) : AmountDraft;

    public sealed record ByLevel(Fact By, IReadOnlyList<(string Word, Number Sum)> Levels) : AmountDraft;

    public sealed record Brackets(IReadOnlyList<(Number? UpTo, Number Rate)> Parts) : AmountDraft;

    public sealed record Bands(IReadOnlyList<BandDraft> Parts) : AmountDraft;

    public sealed record BasePlusRate(Number From, bool Includes, Number Sum, Number Rate) : AmountDraft;

    public sealed record Step(Number From, bool Includes, Number Sum, Number Per, Number Add) : AmountDraft;

    public sealed record PerUnit(Number Sum) : AmountDraft;

    public sealed record Instalments(Number Rate, Number Years) : AmountDraft;

    public sealed record Discretionary(Number? From, Number To) : AmountDraft;

    public sealed record Cases(IReadOnlyList<(IReadOnlyList<ConditionDraft> When, AmountDraft Amount)> Parts) : AmountDraft;
}

/// <summary>A band with either a rate on the whole base or a sum.</summary>
internal sealed record BandDraft(SpanDraft Span, Number? Rate, Number? Sum);

internal sealed record Over(Scope Scope, Number? Years, Unnamed Unnamed = Unnamed.Parties);

internal abstract record LimitDraft(Over Over)
{
    public sealed record Cap(Number Sum, Over Over) : LimitDraft(Over);

    public sealed record CapBy(BaseDraft By, Over Over) : LimitDraft(Over);

    public sealed record CapByBand(BaseDraft By, IReadOnlyList<BandDraft> Parts, Over Over) : LimitDraft(Over);

    public sealed record Floor(Number Sum, Over Over) : LimitDraft(Over);

    public sealed record MinimumToPay(Number Sum, Over Over) : LimitDraft(Over);
}

internal abstract record StackingDraft(IReadOnlyList<string> Awards)
{
    public sealed record Exclusive(IReadOnlyList<string> Awards, Scope Scope = Scope.Contract) : StackingDraft(Awards);

    /// <summary>The first is paid in place of the others.</summary>
    public sealed record InPlace(IReadOnlyList<string> Awards) : StackingDraft(Awards);

    public sealed record HigherOf(IReadOnlyList<string> Awards) : StackingDraft(Awards);

    public sealed record ChosenByParties(IReadOnlyList<string> Awards) : StackingDraft(Awards);

    public sealed record Deduct(Fact Sum, IReadOnlyList<string> Awards) : StackingDraft(Awards);

    public sealed record CombinedCap(Number Sum, Over Over, IReadOnlyList<string> Awards) : StackingDraft(Awards);
}

/// <summary>Writes drafts as documents and collects the numbers that their quote must hold.</summary>
internal sealed class DraftWriter(bool amended)
{
    private readonly SortedSet<string> _numbers = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _words = new(StringComparer.Ordinal);

    public string Document(Draft draft)
    {
        var awards = string.Concat(draft.Awards.Select(a => $"  {a.Id}: {Award(a)}\n"));
        var stacking = string.Concat(draft.Stacking.Select(s => $"  - {Stacking(s)}\n"));
        var text = new StringBuilder("schema: policy/1\nid: draft\nversion: \"1\"\nregion: \"330200\"\ntitle: draft\nauthority: nobody\nsource: { file: none.txt }\n");
        text.Append(Invariant($"inForce: {{ from: {Day(draft.From)}{(draft.To is { } to ? ", to: " + Day(to) : "")}, cite: time }}\ngovernedBy: recognisedOn\n"));
        text.Append(Invariant($"clauses:\n  time: {{ article: \"1\", quote: \"自{Day(draft.From)}起{(draft.To is { } end ? $"至{Day(end)}止" : "")}\" }}\n"));
        text.Append(Invariant($"  sums: {{ article: \"2\", quote: \"{string.Join("、", _numbers)};{string.Join(",", _words)};比例{string.Join(":", draft.Parts)};不足一元的舍去\" }}\n"));
        text.Append("awards:\n").Append(awards);
        if (awards.Contains("reading: unnamed", StringComparison.Ordinal) || stacking.Contains("reading: unnamed", StringComparison.Ordinal))
            text.Append("interpretations: { unnamed: { question: which, readings: { one: one, other: other }, chosen: one } }\n");
        if (stacking.Length > 0) text.Append("stacking:\n").Append(stacking);
        if (draft.Parts.Count > 0)
            text.Append(Invariant($"sharing: {{ payers: [{string.Join(", ", draft.Parts.Select((_, i) => $"p{i}"))}], ratio: \"{string.Join(":", draft.Parts)}\", cite: sums }}\n"));
        if (draft.Assumes) text.Append("assume: { technologyAmount: { fact: amount, why: as written } }\n");
        return text.ToString();
    }

    private string Award(AwardDraft award)
    {
        var unit = award.Unit switch { 1 => "分", 100 => "元", 10_000 => "百元", 100_000 => "千元", _ => "万元" };
        return $"{{ label: {award.Id}, subject: {award.Subject.Wire()}, payee: {Lower(award.Payee)}, governedBy: {award.GovernedBy.Wire()}, "
            + $"when: {List(award.When, c => Condition(c, cites: true))}, base: {Base(award.Base)}, amount: {{ {Amount(award.Amount)}{(award.LessPaid is { } scope ? ", lessPaid: " + Lower(scope) : "")}, cite: sums }}, "
            + $"limits: {List(award.Limits, Limit)}, round: {{ to: {unit}, mode: {Lower(award.Mode)}, cite: sums }} }}";
    }

    private string Amount(AmountDraft amount) => amount switch
    {
        AmountDraft.RateOfBase rate => $"{(rate.IsUpper ? "rateMax" : "rate")}: {Number(rate.Of)}",
        AmountDraft.Fixed sum => $"fixed: {Number(sum.Sum)}",
        AmountDraft.ByLevel levels => $"by: {levels.By.Wire()}, fixedByLevel: {{ {string.Join(", ", levels.Levels.Select(l => $"{l.Word}: {Number(l.Sum)}"))} }}",
        AmountDraft.Brackets brackets => "brackets: " + List(brackets.Parts, p => $"{{ {(p.UpTo is null ? "" : $"upTo: {Number(p.UpTo)}, ")}rate: {Number(p.Rate)} }}"),
        AmountDraft.Bands bands => "bands: " + List(bands.Parts, Band),
        AmountDraft.BasePlusRate plus => $"basePlusRate: {{ {Bound(plus.From, plus.Includes)}, fixed: {Number(plus.Sum)}, rate: {Number(plus.Rate)} }}",
        AmountDraft.Step step => $"step: {{ {Bound(step.From, step.Includes)}, fixed: {Number(step.Sum)}, per: {Number(step.Per)}, add: {Number(step.Add)} }}",
        AmountDraft.PerUnit unit => $"perUnit: {Number(unit.Sum)}",
        AmountDraft.Instalments years => $"instalments: {{ rate: {Number(years.Rate)}, years: {Number(years.Years)} }}",
        AmountDraft.Discretionary range => $"discretionary: {{ {(range.From is null ? "" : $"from: {Number(range.From)}, ")}to: {Number(range.To)} }}",
        AmountDraft.Cases cases => "cases: " + List(cases.Parts, p => $"{{ {(p.When.Count == 0 ? "" : $"when: {List(p.When, c => Condition(c, cites: false))}, ")}{Amount(p.Amount)} }}"),
        _ => throw new ArgumentOutOfRangeException(nameof(amount), amount, null),
    };

    private string Band(BandDraft band) =>
        $"{{ {Span(band.Span)}, {(band.Rate is null ? $"fixed: {Number(band.Sum!)}" : $"rate: {Number(band.Rate)}")} }}";

    private string Limit(LimitDraft limit) => limit switch
    {
        LimitDraft.Cap cap => $"{{ cap: {Number(cap.Sum)}, {Over(limit.Over)}, cite: sums }}",
        LimitDraft.CapBy cap => $"{{ cap: {Base(cap.By)}, {Over(limit.Over)}, cite: sums }}",
        LimitDraft.CapByBand cap => $"{{ cap: {{ by: {Base(cap.By)}, bands: {List(cap.Parts, Band)} }}, {Over(limit.Over)}, cite: sums }}",
        LimitDraft.Floor floor => $"{{ floor: {Number(floor.Sum)}, {Over(limit.Over)}, cite: sums }}",
        LimitDraft.MinimumToPay least => $"{{ minimumToPay: {Number(least.Sum)}, {Over(limit.Over)}, cite: sums }}",
        _ => throw new ArgumentOutOfRangeException(nameof(limit), limit, null),
    };

    private string Stacking(StackingDraft rule)
    {
        var awards = $"[{string.Join(", ", rule.Awards)}]";
        return rule switch
        {
            StackingDraft.Exclusive exclusive => $"{{ exclusive: {awards}, scope: {Lower(exclusive.Scope)}, cite: sums }}",
            StackingDraft.InPlace => $"{{ inPlace: {rule.Awards[0]}, of: [{string.Join(", ", rule.Awards.Skip(1))}], cite: sums }}",
            StackingDraft.HigherOf => $"{{ higherOf: {awards}, cite: sums }}",
            StackingDraft.ChosenByParties => $"{{ chosenByParties: {awards}, cite: sums }}",
            StackingDraft.Deduct deduct => $"{{ deduct: {deduct.Sum.Wire()}, from: {awards}, cite: sums }}",
            StackingDraft.CombinedCap cap => $"{{ combinedCap: {Number(cap.Sum)}, of: {awards}, {Over(cap.Over)}, cite: sums }}",
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
        };
    }

    private string Condition(ConditionDraft condition, bool cites)
    {
        var text = condition switch
        {
            ConditionDraft.Kind kind => $"kind: {List(kind.Kinds, k => Word(k.Wire(), k.Label().Zh))}",
            ConditionDraft.Entity entity => $"{entity.Fact.Wire()}: {List(entity.Kinds, k => Word(k.Wire(), k.Label().Zh))}",
            ConditionDraft.Flag flag => $"{flag.Fact.Wire()}: {(flag.Value ? "true" : "false")}",
            ConditionDraft.Region region => $"{region.Fact.Wire()}: \"{region.Place}\"",
            ConditionDraft.Day day => $"{day.Fact.Wire()}: {{ {string.Join(", ", new[] { day.From is { } from ? "from: " + Held(from) : "", day.To is { } to ? "to: " + Held(to) : "" }.Where(t => t != ""))} }}",
            ConditionDraft.Within within => $"{within.Fact.Wire()}: {{ {Span(within.Span)} }}",
            ConditionDraft.Word word => $"{word.Fact.Wire()}: [{string.Join(", ", word.Words.Select(w => Word(w, w)))}]",
            ConditionDraft.Order order => $"order: {List(order.Days, d => d.Wire())}",
            ConditionDraft.Assessed assessed => $"assessed: {assessed.Name}",
            ConditionDraft.All all => $"all: {List(all.Parts, p => Condition(p, cites: false))}",
            ConditionDraft.Any any => $"any: {List(any.Parts, p => Condition(p, cites: false))}",
            ConditionDraft.Not not => $"not: {Condition(not.Part, cites: false)}",
            _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, null),
        };
        return cites ? $"{{ {text}, cite: sums }}" : $"{{ {text} }}";
    }

    private static string Base(BaseDraft @base) => @base switch
    {
        BaseDraft.Of of => of.Fact.Wire(),
        BaseDraft.Lesser lesser => $"{{ lesserOf: [{lesser.First.Wire()}, {lesser.Second.Wire()}] }}",
        BaseDraft.Growth growth => $"{{ growth: {growth.Later.Wire()}, since: {growth.Earlier.Wire()} }}",
        _ => throw new ArgumentOutOfRangeException(nameof(@base), @base, null),
    };

    private string Over(Over over) => $"scope: {Lower(over.Scope)}{(over.Years is null ? "" : $", years: {Number(over.Years)}")}"
        + (over.Scope != Scope.Project ? "" : over.Unnamed == Unnamed.Parties ? ", unnamed: { reading: unnamed, one: parties, other: contract }" : ", unnamed: { reading: unnamed, one: contract, other: parties }");

    private string Span(SpanDraft span) => string.Join(", ", new[]
    {
        span.Lower is null ? "" : Bound(span.Lower, span.HasLower),
        span.Upper is null ? "" : $"{(span.HasUpper ? "upTo" : "below")}: {Number(span.Upper)}",
    }.Where(t => t != ""));

    private string Bound(Number number, bool includes) => $"{(includes ? "from" : "above")}: {Number(number)}";

    private string Held(DateOnly day) => Word(Day(day), Day(day));

    /// <summary>A word of a condition, for which the quote has another.</summary>
    private string Word(string word, string inQuote)
    {
        _words.Add(inQuote);
        return word;
    }

    private string Number(Number number)
    {
        _numbers.Add(number.Text);
        if (number.Change is not var (on, later)) return number.Text;
        if (amended) later = later == Tests.Number.None ? number : Tests.Number.None;
        if (later != Tests.Number.None) _numbers.Add(later.Text);
        return $"[ {{ to: {Day(on.AddDays(-1))}, value: {number.Text} }}, {{ from: {Day(on)}, value: {later.Text} }} ]";
    }

    private static string List<T>(IReadOnlyList<T> items, Func<T, string> text) => $"[ {string.Join(", ", items.Select(text))} ]";

    private static string Lower<T>(T value)
        where T : struct, Enum => char.ToLowerInvariant(value.ToString()[0]) + value.ToString()[1..];

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
