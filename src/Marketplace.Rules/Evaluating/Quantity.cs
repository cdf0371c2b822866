using System.Globalization;

namespace Marketplace.Rules;

/// <summary>What a <see cref="Quantity"/> counts.</summary>
public enum Unit
{
    /// <summary>Nothing known.</summary>
    Unknown,

    /// <summary>Money in fen, possibly a fraction of a fen before rounding.</summary>
    Fen,

    /// <summary>A rate.</summary>
    Rate,

    /// <summary>A whole number of items or years.</summary>
    Count,

    /// <summary>A day; the numerator is <see cref="DateOnly.DayNumber"/>.</summary>
    Date,

    /// <summary>Yes (1) or no (0).</summary>
    Flag,

    /// <summary>A six-digit region.</summary>
    Region,

    /// <summary>A word; see <see cref="Quantity.Text"/>.</summary>
    Word,
}

/// <summary>An exact value with its unit.</summary>
/// <param name="Unit">What it counts.</param>
/// <param name="Numerator">Above the line.</param>
/// <param name="Denominator">Below the line, at least 1 for fen and rates.</param>
/// <param name="Text">The word, for <see cref="Unit.Word"/>.</param>
public readonly record struct Quantity(Unit Unit, Int128 Numerator, long Denominator, string? Text)
{
    /// <summary>What readers see in place of the value, where a number or a word of the document says too little.</summary>
    internal Wording Label { get; init; }

    internal static Quantity Of(Fen fen) => new(Unit.Fen, fen.Value, 1, null);

    internal static Quantity Of(Rate rate) => new(Unit.Rate, rate.Numerator, rate.Denominator, null);

    internal static Quantity Of(DateOnly day) => new(Unit.Date, day.DayNumber, 1, null);

    internal static Quantity Of(Parameter parameter) => new(
        parameter.Unit switch { ParameterUnit.Fen => Unit.Fen, ParameterUnit.Count => Unit.Count, _ => Unit.Rate },
        parameter.Numerator, parameter.Denominator, null);

    /// <summary>A value of a fact that is a number.</summary>
    internal static Quantity Of(Fact fact, long value) => fact.Type() switch
    {
        FactType.Money => Of(new Fen(value)),
        FactType.Count => new(Unit.Count, value, 1, null),
        FactType.Flag => Of(value != 0),
        FactType.Date => Of(DateOnly.FromDayNumber((int)value)),
        FactType.Region => new(Unit.Region, value, 1, null),
        FactType.Kind => Of(((ContractKind)value).Wire(), ((ContractKind)value).Label()),
        FactType.Entity => Of(((EntityKind)value).Wire(), ((EntityKind)value).Label()),
        FactType.Subject => Of(((Subject)value).Wire(), ((Subject)value).Label()),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "Not a number."),
    };

    internal static Quantity Of(bool flag) => new(Unit.Flag, flag ? 1 : 0, 1, null);

    internal static Quantity Of(string word) => new(Unit.Word, 0, 1, word);

    /// <summary>A word that readers know by another name.</summary>
    internal static Quantity Of(string word, Wording label) => Of(word) with { Label = label };

    /// <summary>One of these words of the document.</summary>
    internal static Quantity Of(IReadOnlyList<string> words) => Of(string.Join(", ", words), Wording.Join(words.Select(Wording.Quoted)));

    /// <summary>Numbers of the document in a formula.</summary>
    internal static Quantity Formula(string between, params IEnumerable<Parameter> numbers) => Of(
        string.Join(between, numbers.Select(number => number.Literal)),
        new(string.Join(between, numbers.Select(number => number.Words.Zh)), string.Join(between, numbers.Select(number => number.Words.En))));

    /// <summary>For machines: yuan with at least two decimals (<c>99999.9999</c>), else a fraction of yuan (<c>100/3</c>); <c>3%</c>; <c>2020-08-19</c>; <c>true</c>; the word; empty when unknown.</summary>
    public override string ToString() => Unit switch
    {
        Unit.Fen => ExactDecimal.Print(Numerator, (Int128)Denominator * 100, maxDecimals: 12, minDecimals: 2)
            ?? string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{(Int128)Denominator * 100}"),
        Unit.Rate => new Rate((long)Numerator, Denominator).ToString(),
        Unit.Region => Numerator.ToString("D6", CultureInfo.InvariantCulture),
        Unit.Count => Numerator.ToString(CultureInfo.InvariantCulture),
        Unit.Date => DateOnly.FromDayNumber((int)Numerator).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Unit.Flag => Numerator == 0 ? "false" : "true",
        Unit.Word => Text ?? "",
        _ => "",
    };

    internal Wording Shown() => Label.Zh is not null ? Label : Unit switch
    {
        Unit.Fen => new(ToString() + "元", ToString() + " yuan"),
        Unit.Flag => Numerator == 0 ? new("否", "no") : new("是", "yes"),
        Unit.Unknown => new("未知", "unknown"),
        Unit.Word => Wording.Quoted(ToString()),
        _ => new(ToString(), ToString()),
    };
}
