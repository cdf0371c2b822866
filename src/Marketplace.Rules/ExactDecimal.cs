using System.Globalization;
using System.Text;

namespace Marketplace.Rules;

/// <summary>Prints fractions as decimals, only where the decimal is exact.</summary>
internal static class ExactDecimal
{
    /// <summary>Null when the expansion needs more than <paramref name="maxDecimals"/> decimals. The fraction is not negative.</summary>
    public static string? Print(Int128 numerator, Int128 denominator, int maxDecimals, int minDecimals = 0)
    {
        var text = new StringBuilder((numerator / denominator).ToString(CultureInfo.InvariantCulture));
        var rest = numerator % denominator;
        for (var decimals = 0; rest != 0 || decimals < minDecimals; decimals++)
        {
            if (decimals == maxDecimals) return null;
            if (decimals == 0) text.Append('.');
            rest *= 10;
            text.Append((char)('0' + (int)(rest / denominator)));
            rest %= denominator;
        }

        return text.ToString();
    }
}
