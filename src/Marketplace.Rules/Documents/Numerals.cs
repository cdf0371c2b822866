namespace Marketplace.Rules.Documents;

/// <summary>A number as it stands in a text.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Behind its last character.</param>
/// <param name="Value">Its value in units of the last decimal.</param>
/// <param name="Decimals">How many decimals it has.</param>
/// <param name="Scale">Power of ten of the words that end it and that a list shares (万, 亿); 0 where none does.</param>
/// <param name="IsArabic">Whether it begins with an Arabic digit.</param>
internal readonly record struct Numeral(int Start, int End, Int128 Value, int Decimals, int Scale, bool IsArabic)
{
    /// <summary>The value where it is a whole number that fits; null else.</summary>
    public long? Whole => Value % Literals.PowerOfTen(Decimals) == 0 && Value / Literals.PowerOfTen(Decimals) is var whole && whole <= long.MaxValue ? (long)whole : null;

    /// <summary>The number without the words that a list shares.</summary>
    public Int128 Coefficient => Value / Literals.PowerOfTen(Scale);
}

/// <summary>Reads numbers as laws print them: Arabic (<c>1,000.5</c>), Chinese in both hands (<c>二十万</c>, <c>贰拾万</c>) and mixed (<c>1亿2000万</c>).</summary>
internal static class Numerals
{
    private const string Digits = "零一二三四五六七八九";
    private const string FinancialDigits = "〇壹贰叁肆伍陆柒捌玖";
    private const string Scales = "十百千万亿";
    private const string FinancialScales = "拾佰仟萬億";
    private const int MostDigits = 19;

    private enum Kind
    {
        Zero,
        Digit,
        Arabic,
        Scale,
    }

    private readonly record struct Token(Kind Kind, Int128 Value, int Decimals);

    /// <summary>Whether the character can be part of a number.</summary>
    public static bool IsPart(char c) => char.IsAsciiDigit(c) || Digit(c) >= 0 || Scale(c) > 0;

    /// <summary>The value of one Chinese digit; -1 for any other character.</summary>
    public static int Digit(char c) => c switch
    {
        '两' or '贰' or '貳' or '弍' => 2,
        '○' => 0,
        _ => Math.Max(Digits.IndexOf(c, StringComparison.Ordinal), FinancialDigits.IndexOf(c, StringComparison.Ordinal)),
    };

    /// <summary>The power of ten that one scale word stands for; 0 for any other character.</summary>
    public static int Scale(char c) => Math.Max(Scales.IndexOf(c, StringComparison.Ordinal), FinancialScales.IndexOf(c, StringComparison.Ordinal)) switch
    {
        < 0 => 0,
        4 => 8,
        var at => at + 1,
    };

    /// <summary>Reads the whole run of number characters that begins at a place; null when the run is not one number with one meaning.</summary>
    /// <param name="text">Without full-width digits, and without spaces in front of scale words.</param>
    /// <param name="start">A number character whose predecessor is none.</param>
    /// <param name="end">Behind the run.</param>
    public static Numeral? Read(string text, int start, out int end)
    {
        var tokens = new List<Token>();
        var sound = true;
        end = start;
        while (end < text.Length && IsPart(text[end]))
        {
            var from = end;
            if (char.IsAsciiDigit(text[end]))
            {
                end = ArabicEnd(text, end);
                sound &= Literals.TryDecimal(text.AsSpan(from, end - from), allowGroups: true, out var digits, out var decimals);
                tokens.Add(new(Kind.Arabic, digits, decimals));
            }
            else if (Scale(text[end]) is var scale and > 0)
            {
                end++;
                tokens.Add(new(Kind.Scale, scale, 0));
            }
            else
            {
                Int128 digit = Digit(text[end++]);
                var decimals = 0;
                if (end + 1 < text.Length && text[end] == '点' && Digit(text[end + 1]) >= 0)
                    for (end++; end < text.Length && Digit(text[end]) is var next and >= 0 && decimals < MostDigits; end++, decimals++)
                        digit = digit * 10 + next;
                tokens.Add(new(digit == 0 && decimals == 0 ? Kind.Zero : Kind.Digit, digit, decimals));
            }

            sound &= tokens.Count <= 2 * MostDigits;
            if (!sound) tokens.Clear();
        }

        if (!sound || Value(tokens, out var most) is not { } value) return null;
        return new(start, end, value, most, Shared(tokens), tokens[0].Kind == Kind.Arabic);
    }

    // Digits, decimal points between digits, and commas in front of three digits.
    private static int ArabicEnd(string text, int at)
    {
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] is '.' or ',' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))) at++;
        return at;
    }

    /// <summary>Null where the words make no number, or could mean two: 三百五 is read as 350 and as 305.</summary>
    private static Int128? Value(List<Token> tokens, out int decimals)
    {
        decimals = tokens.Count == 0 ? 0 : tokens.Max(t => t.Decimals);
        var one = Literals.PowerOfTen(decimals);
        Int128 total = 0, section = 0;
        Int128? pending = null;
        var (lastSmall, hasTenThousand, hasHundredMillion, zero, isArabic) = (4, false, false, false, false);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Decimals > 0 && tokens.Exists(t => t.Kind == Kind.Arabic && t != token)) return null;
            switch (token.Kind)
            {
                case Kind.Zero:
                    if (pending is not null || zero) return null;
                    zero = true;
                    break;
                case Kind.Digit or Kind.Arabic:
                    if (pending is not null) return null;
                    pending = token.Value * Literals.PowerOfTen(decimals - token.Decimals);
                    isArabic = token.Kind == Kind.Arabic;
                    break;
                case Kind.Scale when token.Value < 4:
                    // Ten alone is ten; a hundred needs to be said how often.
                    if ((pending is null && token.Value > 1) || token.Value >= lastSmall) return null;
                    section += (pending ?? one) * Literals.PowerOfTen((int)token.Value);
                    (pending, lastSmall, zero) = (null, (int)token.Value, false);
                    break;
                default:
                    var whole = section + (pending ?? 0);
                    if (token.Value == 4)
                    {
                        if (whole == 0 || hasTenThousand) return null;
                        (total, hasTenThousand) = (total + whole * 10_000, true);
                    }
                    else
                    {
                        if (total + whole == 0 || hasHundredMillion) return null;
                        (total, hasTenThousand, hasHundredMillion) = ((total + whole) * 100_000_000, false, true);
                    }

                    (section, pending, lastSmall, zero) = (0, null, 4, false);
                    break;
            }

            if (total > Literals.PowerOfTen(30) || section > Literals.PowerOfTen(26)) return null;
        }

        if (pending is { } last)
        {
            var isAlone = tokens.Count == 1 || (tokens.Count == 2 && tokens[0].Kind == Kind.Zero);
            if (tokens is [{ Kind: Kind.Zero }, ..]) return null;
            if (!isAlone && (isArabic || (lastSmall != 1 && !zero))) return null;
            section += last;
        }
        else if (zero && tokens.Count > 1)
        {
            return null;
        }

        return total + section;
    }

    private static int Shared(List<Token> tokens)
    {
        var shared = 0;
        var (isArabic, at) = (tokens[0].Kind == Kind.Arabic && tokens.Count(t => t.Kind == Kind.Arabic) == 1, tokens.Count - 1);
        for (; at > 0 && tokens[at] is { Kind: Kind.Scale } scale && (scale.Value >= 4 || isArabic); at--) shared += (int)scale.Value;
        return shared;
    }
}
