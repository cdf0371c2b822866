namespace Marketplace.Rules;

/// <summary>What is wrong with a number as written in a policy.</summary>
public enum LiteralFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Not a number at all.</summary>
    NotANumber,

    /// <summary>A number without a unit, where the unit decides its size.</summary>
    NoUnit,

    /// <summary>Finer than one fen.</summary>
    TooFine,

    /// <summary>Beyond what fits.</summary>
    TooLarge,
}

/// <summary>Numbers as policies print them, read exactly.</summary>
internal static class Literals
{
    // Longest first: 万元 must not be read as 元 with a stray 万.
    private static readonly (string Text, long Fen)[] MoneyUnits =
    [
        ("千万元", 1_000_000_000), ("百万元", 100_000_000), ("亿元", 10_000_000_000), ("万元", 1_000_000),
        ("千元", 100_000), ("百元", 10_000), ("元", 100), ("角", 10), ("分", 1),
    ];

    /// <summary>Full-width digits, letters and signs become their ASCII twins; spaces around are dropped.</summary>
    public static string Narrow(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uFF01', '\uFF5E') < 0 && !text.Contains('\u3000')) return text.Trim();
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = source[i] switch
                {
                    >= '\uFF01' and <= '\uFF5E' => (char)(source[i] - 0xFEE0),
                    '\u3000' => ' ',
                    var other => other,
                };
        }).Trim();
    }

    /// <summary>Digits with at most one point: the digits as one integer, and how many of them are decimals. At most 19 digits.</summary>
    public static bool TryDecimal(ReadOnlySpan<char> text, bool allowGroups, out Int128 digits, out int decimals)
    {
        (digits, decimals) = (0, 0);
        var (count, point, sinceComma) = (0, -1, -1);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case >= '0' and <= '9':
                    if (++count > 19) return false;
                    digits = digits * 10 + (text[i] - '0');
                    if (sinceComma >= 0 && point < 0) sinceComma++;
                    break;
                case '.' when point < 0 && i > 0 && i < text.Length - 1:
                    point = i;
                    break;
                case ',' when allowGroups && point < 0 && (sinceComma < 0 ? i is >= 1 and <= 3 : sinceComma == 3):
                    sinceComma = 0;
                    break;
                default:
                    return false;
            }
        }

        if (count == 0 || sinceComma is >= 0 and not 3) return false;
        decimals = point < 0 ? 0 : text.Length - 1 - point;
        return true;
    }

    public static LiteralFault TryMoney(string text, out Fen fen)
    {
        fen = default;
        var narrow = Narrow(text);
        foreach (var (unit, size) in MoneyUnits)
        {
            if (!narrow.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!TryDecimal(narrow.AsSpan(0, narrow.Length - unit.Length).TrimEnd(), allowGroups: true, out var digits, out var decimals))
                return LiteralFault.NotANumber;
            var scaled = digits * size;
            var scale = PowerOfTen(decimals);
            if (scaled % scale != 0) return LiteralFault.TooFine;
            if (scaled / scale > long.MaxValue) return LiteralFault.TooLarge;
            fen = new Fen((long)(scaled / scale));
            return LiteralFault.None;
        }

        return TryDecimal(narrow.AsSpan().TrimEnd("万亿千百"), allowGroups: true, out _, out _) ? LiteralFault.NoUnit : LiteralFault.NotANumber;
    }

    public static LiteralFault TryRate(string text, out Rate rate)
    {
        rate = default;
        var narrow = Narrow(text);
        var slash = narrow.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0)
        {
            if (!TryDecimal(narrow.AsSpan(0, slash), false, out var above, out var aboveDecimals)
                || !TryDecimal(narrow.AsSpan(slash + 1), false, out var below, out var belowDecimals)
                || aboveDecimals > 0 || belowDecimals > 0 || below == 0)
                return LiteralFault.NotANumber;
            return Reduce(above, below, out rate);
        }

        if (narrow is not [.., '%' or '‰' or '‱'])
            return TryDecimal(narrow, false, out _, out _) ? LiteralFault.NoUnit : LiteralFault.NotANumber;
        if (!TryDecimal(narrow.AsSpan(0, narrow.Length - 1).TrimEnd(), false, out var digits, out var decimals)) return LiteralFault.NotANumber;
        return Reduce(digits, PowerOfTen(decimals) * (narrow[^1] switch { '%' => 100, '‰' => 1000, _ => 10_000 }), out rate);
    }

    /// <summary>A whole number with or without a word for what is counted: <c>3</c>, <c>3项</c>, <c>两年</c>.</summary>
    public static LiteralFault TryCount(string text, out long count)
    {
        const string Ones = "零一二三四五六七八九十";
        count = 0;
        var narrow = Narrow(text);
        var digits = narrow.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? narrow.Length : end;
        if (digits is > 0 and < 10)
        {
            foreach (var digit in narrow.AsSpan(0, digits)) count = count * 10 + (digit - '0');
        }
        else
        {
            if (digits != 0 || narrow.Length == 0) return digits == 0 ? LiteralFault.NotANumber : LiteralFault.TooLarge;
            count = narrow[0] == '两' ? 2 : Ones.IndexOf(narrow[0], StringComparison.Ordinal);
            if (count < 0) return LiteralFault.NotANumber;
            digits = 1;
        }

        // What follows is a measure word; anything that could belong to the number is not read on a guess.
        return narrow.AsSpan(digits).IndexOfAny(".,%‰‱零一二三四五六七八九十百千万亿元") < 0 && narrow.Length - digits <= 4 ? LiteralFault.None : LiteralFault.NotANumber;
    }

    public static Int128 PowerOfTen(int exponent)
    {
        Int128 power = 1;
        for (; exponent > 0; exponent--) power *= 10;
        return power;
    }

    private static LiteralFault Reduce(Int128 above, Int128 below, out Rate rate)
    {
        rate = default;
        if (above > long.MaxValue || below > long.MaxValue) return LiteralFault.TooLarge;
        rate = new Rate((long)above, (long)below);
        return LiteralFault.None;
    }
}
