using System.Globalization;

namespace Marketplace.Rules;

/// <summary>An exact sum of money in fen (1 yuan = 100 fen). May be negative as a difference; awards never are.</summary>
/// <param name="Value">The number of fen.</param>
public readonly record struct Fen(long Value) : IComparable<Fen>
{
    /// <summary>No money.</summary>
    public static Fen Zero => default;

    /// <summary>A whole number of yuan.</summary>
    /// <exception cref="OverflowException">Beyond about 92 million billion yuan.</exception>
    public static Fen FromYuan(long yuan) => new(checked(yuan * 100));

    /// <summary>
    /// Reads a yuan number by its value, which has at most two decimals: <c>90000</c>, <c>99999.9</c>, <c>1.000</c>, <c>1E+05</c>, <c>-0.01</c>.
    /// </summary>
    /// <returns>False for anything else (a plus before it, separators, less than a fen, overflow).</returns>
    public static bool TryParseYuan(ReadOnlySpan<char> text, out Fen fen)
    {
        var isRead = ExactNumber.TryRead(text, decimals: 2, out var value);
        fen = new Fen(value);
        return isRead;
    }

    /// <summary>Reads a sum as policies print it: <c>10万元</c>, <c>99999.99元</c>, <c>1分</c>, <c>1,000万元</c>; full-width forms count.</summary>
    public static LiteralFault TryParseLiteral(string text, out Fen fen) => Literals.TryMoney(text, out fen);

    /// <summary>The sum in yuan with two decimals and no separators: <c>90000.00</c>. The same in every culture.</summary>
    public string ToYuanText()
    {
        var (whole, rest) = Math.DivRem(Value, 100L);
        var sign = Value < 0 && whole == 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{whole}.{Math.Abs(rest):00}");
    }

    /// <inheritdoc cref="ToYuanText"/>
    public override string ToString() => ToYuanText();

    /// <inheritdoc/>
    public int CompareTo(Fen other) => Value.CompareTo(other.Value);

    /// <summary>Exact sum.</summary>
    /// <exception cref="OverflowException">The sum does not fit.</exception>
    public static Fen operator +(Fen a, Fen b) => new(checked(a.Value + b.Value));

    /// <summary>Exact difference.</summary>
    /// <exception cref="OverflowException">The difference does not fit.</exception>
    public static Fen operator -(Fen a, Fen b) => new(checked(a.Value - b.Value));

    /// <summary>Less than.</summary>
    public static bool operator <(Fen a, Fen b) => a.Value < b.Value;

    /// <summary>Greater than.</summary>
    public static bool operator >(Fen a, Fen b) => a.Value > b.Value;

    /// <summary>At most.</summary>
    public static bool operator <=(Fen a, Fen b) => a.Value <= b.Value;

    /// <summary>At least.</summary>
    public static bool operator >=(Fen a, Fen b) => a.Value >= b.Value;
}
