using System.Text;

namespace Marketplace.Matching;

/// <summary>Takes the terms of a text as they are found, with their places in the folded text.</summary>
internal interface ITermSink
{
    /// <param name="key">See <see cref="TermKey"/>.</param>
    /// <param name="kind">
    /// A single Han character; an overlapping pair of adjacent ones; or a Latin (or other alphabetic) word, a number, a part of a mixed word.
    /// </param>
    /// <param name="start">Where it begins in the folded text.</param>
    /// <param name="length">How many UTF-16 units of it there are.</param>
    void Term(ulong key, TermKind kind, int start, int length);
}

/// <summary>
/// Cuts folded text into terms. Chinese writes no spaces and a dictionary's cuts lose words inside longer ones, so every pair of adjacent
/// characters is a term, beside every single character; what stands between spaces and Chinese is a word.
/// </summary>
internal static class Tokenizer
{
    private const byte Separator = 0, HanCharacter = 1, Letter = 2, Digit = 3, Surrogate = 4;

    // Kept words are for finding; a run of 200 letters is an encoded blob that nobody types.
    private const int LongestWord = 64;

    private static readonly byte[] Classes = BuildClasses();

    public static void Scan<TSink>(ReadOnlySpan<char> folded, ref TSink sink)
        where TSink : struct, ITermSink, allows ref struct
    {
        int i = 0, previousStart = -1;
        uint previous = 0;
        while (i < folded.Length)
        {
            byte kind = Classes[folded[i]];
            int length = 1;
            uint character = folded[i];
            if (kind == Surrogate && Rune.DecodeFromUtf16(folded[i..], out Rune rune, out int consumed) == 0)
            {
                length = consumed;
                character = (uint)rune.Value;
                // Planes 2 and 3 hold Han characters and nothing else.
                kind = character >= 0x20000 && character < 0x40000 ? HanCharacter : Separator;
            }

            if (kind == HanCharacter)
            {
                sink.Term(character, TermKind.Character, i, length);
                if (previousStart >= 0)
                    sink.Term(TermKey.Pair(previous, character), TermKind.Pair, previousStart, i + length - previousStart);
                previous = character;
                previousStart = i;
                i += length;
                continue;
            }

            previousStart = -1;
            if (kind == Digit && Number.TryScan(folded, i, ref sink) is > 0 and var end)
                i = end;
            else if (kind is Letter or Digit)
                i = ScanWord(folded, i, ref sink);
            else
                i += length;
        }
    }

    private static int ScanWord<TSink>(ReadOnlySpan<char> folded, int start, ref TSink sink)
        where TSink : struct, ITermSink, allows ref struct
    {
        int end = start + 1, parts = 1;
        for (; end < folded.Length && Classes[folded[end]] is Letter or Digit; end++)
        {
            if (Classes[folded[end]] != Classes[folded[end - 1]])
                parts++;
        }

        AddWord(folded, start, Math.Min(end, start + LongestWord), ref sink);
        if (parts > 1 && end - start <= LongestWord)
        {
            int partStart = start;
            for (int i = start + 1; i <= end; i++)
            {
                if (i < end && Classes[folded[i]] == Classes[folded[i - 1]])
                    continue;
                // A lone letter or digit out of a formula says nothing.
                if (i - partStart > 1)
                    AddWord(folded, partStart, i, ref sink);
                partStart = i;
            }
        }

        if (parts == 1 && Classes[folded[start]] == Letter)
            AddJoined(folded, start, end, ref sink);
        return end;
    }

    /// <summary>Whether a character belongs to a word; Chinese ones do not.</summary>
    public static bool IsLetterOrDigit(char folded) => Classes[folded] is Letter or Digit;

    /// <summary>COVID-19 is COVID19 too.</summary>
    private static void AddJoined<TSink>(ReadOnlySpan<char> folded, int start, int end, ref TSink sink)
        where TSink : struct, ITermSink, allows ref struct
    {
        if (end - start < 2 || end >= folded.Length || folded[end] != '-')
            return;
        int last = end + 1;
        while (last < folded.Length && Classes[folded[last]] == Digit)
            last++;
        int length = last - start - 1;
        if (last == end + 1 || length > LongestWord || (last < folded.Length && Classes[folded[last]] == Letter))
            return;
        Span<char> joined = stackalloc char[LongestWord];
        folded[start..end].CopyTo(joined);
        folded[(end + 1)..last].CopyTo(joined[(end - start)..]);
        sink.Term(TermKey.Word(joined[..length]), TermKind.Word, start, last - start);
    }

    private static void AddWord<TSink>(ReadOnlySpan<char> folded, int start, int end, ref TSink sink)
        where TSink : struct, ITermSink, allows ref struct =>
        sink.Term(TermKey.Word(folded[start..end]), TermKind.Word, start, end - start);

    private static byte[] BuildClasses()
    {
        var classes = new byte[char.MaxValue + 1];
        for (int i = 0; i < classes.Length; i++)
        {
            char c = (char)i;
            classes[i] = c switch
            {
                _ when char.IsSurrogate(c) => Surrogate,
                >= '\u4E00' and <= '\u9FFF' => HanCharacter,
                >= '\u3400' and <= '\u4DBF' => HanCharacter,
                >= '\uF900' and <= '\uFAFF' => HanCharacter,
                '\u3005' or '\u3007' => HanCharacter,
                // Kana and Hangul run on without spaces in the same way.
                >= '\u3041' and <= '\u30FF' when char.IsLetter(c) => HanCharacter,
                >= '\uAC00' and <= '\uD7A3' => HanCharacter,
                _ when char.IsDigit(c) => Digit,
                _ when char.IsLetter(c) => Letter,
                _ => Separator,
            };
        }

        return classes;
    }
}
