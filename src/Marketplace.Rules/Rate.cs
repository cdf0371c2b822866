using System.Globalization;

namespace Marketplace.Rules;

/// <summary>An exact rate as a fraction in lowest terms, never negative: 3 % is 3/100.</summary>
public readonly record struct Rate
{
    /// <summary>The fraction <paramref name="numerator"/>/<paramref name="denominator"/>, reduced.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative numerator or a denominator below 1.</exception>
    public Rate(long numerator, long denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(denominator, 1);
        var divisor = Gcd(numerator, denominator);
        Numerator = numerator / divisor;
        Denominator = denominator / divisor;
    }

    /// <summary>Above the line.</summary>
    public long Numerator { get; }

    /// <summary>Below the line, at least 1 in every rate that was constructed.</summary>
    public long Denominator { get; }

    /// <summary>Reads <c>3%</c>, <c>0.6‰</c> or <c>1/3</c>; full-width forms count.</summary>
    public static LiteralFault TryParseLiteral(string text, out Rate rate) => Literals.TryRate(text, out rate);

    /// <summary>As a percentage when that is a finite decimal of few digits (<c>3%</c>), else as a fraction.</summary>
    public override string ToString()
    {
        var percent = ExactDecimal.Print((Int128)Numerator * 100, Math.Max(1, Denominator), maxDecimals: 6);
        return percent is not null
            ? percent + "%"
            : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
    }

    /// <summary>The least denominator that both fit. Documents whose rates need one beyond a milliard are refused when read.</summary>
    internal static long CommonDenominator(long a, long b) => checked(a / Gcd(a, b) * b);

    private static long Gcd(long a, long b)
    {
        while (a != 0) (a, b) = (b % a, a);
        return b;
    }
}
