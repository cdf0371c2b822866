namespace Marketplace.Matching;

/// <summary>
/// Numbers as they are written in technical and business texts, folded to one word: 1,500 is 1500, 2.50 is 2.5, 1.5万 is 15000. A unit that
/// follows a number is a word of its own, the same in Chinese and in letters: 300摄氏度 is 300°C, 5 兆帕 is 5MPa.
/// </summary>
internal static class Number
{
    // Longer ones are identifiers, not quantities.
    private const int MostDigits = 18;

    // The Chinese names that begin with 千 come before it is read as a thousand: 5千瓦 is no 5000.
    private static readonly (string Written, string Folded)[] Units =
    [
        ("摄氏度", "°c"), ("°c", "°c"), ("千瓦时", "kwh"), ("kwh", "kwh"), ("毫安时", "mah"), ("mah", "mah"), ("兆帕", "mpa"), ("mpa", "mpa"), ("千帕", "kpa"),
        ("kpa", "kpa"), ("gpa", "gpa"), ("微米", "μm"), ("μm", "μm"), ("um", "μm"), ("纳米", "nm"), ("nm", "nm"), ("毫米", "mm"), ("mm", "mm"), ("厘米", "cm"),
        ("cm", "cm"), ("千米", "km"), ("公里", "km"), ("km", "km"), ("千克", "kg"), ("公斤", "kg"), ("kg", "kg"), ("毫克", "mg"), ("mg", "mg"), ("毫升", "ml"), ("ml", "ml"),
        ("兆瓦", "mw"), ("mw", "mw"), ("千瓦", "kw"), ("kw", "kw"), ("兆赫", "mhz"), ("mhz", "mhz"), ("吉赫", "ghz"), ("ghz", "ghz"), ("千伏", "kv"), ("kv", "kv"),
    ];

    /// <summary>Emits the number that begins at a digit, and the unit after it.</summary>
    /// <returns>Where scanning goes on; 0 when it is no number but a word (18650, 5G, 1.2.3), to be cut as words are.</returns>
    public static int TryScan<TSink>(ReadOnlySpan<char> folded, int start, ref TSink sink)
        where TSink : struct, ITermSink, allows ref struct
    {
        // The rest of 1.2.3, the beginning of which was refused.
        if (start > 1 && folded[start - 1] == '.' && char.IsAsciiDigit(folded[start - 2]))
            return 0;

        Span<char> digits = stackalloc char[MostDigits];
        int end = Read(folded, start, digits, out int count, out int fraction);
        if (end == 0)
            return 0;
        int valueEnd = end, zeros = 0;
        (int Start, int End, string? Folded) unit = UnitAt(folded, valueEnd);
        while (unit.Folded is null && ZerosOf(folded, valueEnd) is > 0 and var more && zeros + more <= MostDigits)
        {
            zeros += more;
            valueEnd++;
            unit = UnitAt(folded, valueEnd);
        }

        // Without anything about it that is to be folded it is a word; with other letters behind it, the beginning of one.
        bool plain = zeros == 0 && end - start == count;
        if (plain && unit.Folded is null)
            return 0;
        Span<char> value = stackalloc char[(2 * MostDigits) + 1];
        sink.Term(TermKey.Word(value[..Write(digits[..count], fraction, zeros, value)]), TermKind.Word, start, valueEnd - start);
        if (unit.Folded is null)
            return end;
        sink.Term(TermKey.Word(unit.Folded), TermKind.Word, unit.Start, unit.End - unit.Start);
        // What is written in Chinese is found as characters and pairs too.
        return folded[unit.End - 1] < '\u4E00' ? unit.End : end;
    }

    /// <summary>Reads digits with separators of thousands and a decimal point.</summary>
    /// <returns>The end of the number, or 0 when it is none.</returns>
    private static int Read(ReadOnlySpan<char> folded, int start, Span<char> digits, out int count, out int fraction)
    {
        (count, fraction) = (0, 0);
        int whole = EndOfDigits(folded, start), end = whole;
        if (whole - start <= 3)
        {
            while (end < folded.Length && folded[end] == ',' && EndOfDigits(folded, end + 1) == end + 4)
                end += 4;
            // 1,234,5 is a list.
            if (end + 1 < folded.Length && folded[end] == ',' && char.IsAsciiDigit(folded[end + 1]))
                end = whole;
        }

        int point = end;
        if (end + 1 < folded.Length && folded[end] == '.' && char.IsAsciiDigit(folded[end + 1]))
        {
            end = EndOfDigits(folded, end + 1);
            if (end + 1 < folded.Length && folded[end] == '.' && char.IsAsciiDigit(folded[end + 1]))
                return 0;
            fraction = end - point - 1;
        }

        foreach (char c in folded[start..end])
        {
            if (!char.IsAsciiDigit(c))
                continue;
            if (count == digits.Length)
                return 0;
            digits[count++] = c;
        }

        return count == 0 ? 0 : end;
    }

    /// <summary>Writes digits, the last of which are a fraction, times a power of ten.</summary>
    /// <returns>How many characters.</returns>
    private static int Write(ReadOnlySpan<char> digits, int fraction, int zeros, Span<char> to)
    {
        int length = 0, places = Math.Max(0, fraction - zeros);
        ReadOnlySpan<char> whole = digits[..^places].TrimStart('0'), part = digits[^places..].TrimEnd('0');
        whole.CopyTo(to);
        length += whole.Length;
        // Nothing times ten is nothing still.
        if (length > 0)
        {
            to.Slice(length, Math.Max(0, zeros - fraction)).Fill('0');
            length += Math.Max(0, zeros - fraction);
        }
        else
        {
            to[length++] = '0';
        }

        if (part.Length == 0)
            return length;
        to[length++] = '.';
        part.CopyTo(to[length..]);
        return length + part.Length;
    }

    private static int EndOfDigits(ReadOnlySpan<char> folded, int place)
    {
        while (place < folded.Length && char.IsAsciiDigit(folded[place]))
            place++;
        return place;
    }

    private static int ZerosOf(ReadOnlySpan<char> folded, int place) => place >= folded.Length ? 0 : folded[place] switch
    {
        '百' => 2,
        '千' => 3,
        '万' => 4,
        '亿' => 8,
        _ => 0,
    };

    /// <summary>The unit that begins at a place, or after one space.</summary>
    private static (int Start, int End, string? Folded) UnitAt(ReadOnlySpan<char> folded, int place)
    {
        if (place + 1 < folded.Length && folded[place] == ' ')
            place++;
        foreach ((string written, string meant) in Units)
        {
            int end = place + written.Length;
            // A Latin one must not be the beginning of a longer word.
            if (place < folded.Length && folded[place..].StartsWith(written, StringComparison.Ordinal)
                && (written[^1] >= '\u4E00' || end == folded.Length || !Tokenizer.IsLetterOrDigit(folded[end])))
                return (place, end, meant);
        }

        return default;
    }
}
