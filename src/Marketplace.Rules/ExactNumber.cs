namespace Marketplace.Rules;

/// <summary>Reads a number as JSON writes it, by its value: 5, 5.0, 5e0 and 50E-1 are one number. Nothing is rounded.</summary>
public static class ExactNumber
{
    /// <summary>The number times ten to the power of <paramref name="decimals"/>, where that is a whole number.</summary>
    /// <param name="text">Digits with at most one point between them, a minus before and an exponent behind; no blanks or groups.</param>
    /// <param name="decimals">How many decimals the number may have: 2 for fen of yuan, 0 for whole numbers.</param>
    /// <param name="value">The number in that unit.</param>
    /// <returns>False for what is no such number, is finer, or does not fit.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, int decimals, out long value)
    {
        value = 0;
        var exponent = 0;
        if (text.IndexOfAny('e', 'E') is >= 0 and var mark)
        {
            if (!TryExponent(text[(mark + 1)..], out exponent)) return false;
            text = text[..mark];
        }

        var negative = text is ['-', ..];
        if (negative) text = text[1..];
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var rest = point < 0 ? default : text[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && rest.IsEmpty) || whole.ContainsAnyExceptInRange('0', '9') || rest.ContainsAnyExceptInRange('0', '9')) return false;

        // Noughts at either end carry no value, however many.
        rest = rest.TrimEnd('0');
        var scale = (long)exponent + decimals - rest.Length;
        if (rest.IsEmpty)
        {
            scale += whole.Length;
            whole = whole.TrimEnd('0');
            scale -= whole.Length;
        }

        whole = whole.TrimStart('0');
        if (whole.IsEmpty) rest = rest.TrimStart('0');
        var digits = whole.Length + rest.Length;
        if (digits == 0) return true;
        if (scale < 0 || digits + scale > 19) return false;
        Int128 number = 0;
        foreach (var digit in whole) number = number * 10 + (digit - '0');
        foreach (var digit in rest) number = number * 10 + (digit - '0');
        for (; scale > 0; scale--) number *= 10;
        if (number > long.MaxValue) return false;
        value = negative ? -(long)number : (long)number;
        return true;
    }

    // Far more than what fits can need, and still no overflow.
    private static bool TryExponent(ReadOnlySpan<char> text, out int exponent)
    {
        exponent = 0;
        var negative = text is ['-', ..];
        if (text is ['-' or '+', ..]) text = text[1..];
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9')) return false;
        foreach (var digit in text) exponent = Math.Min(exponent * 10 + (digit - '0'), 100_000_000);
        if (negative) exponent = -exponent;
        return true;
    }
}
