using System.Text;

namespace Marketplace.Matching;

/// <summary>
/// A text in compatibility form (NFKC), and the same folded to lower case, half width and simplified characters, character for character,
/// so that a place in one is the same place in the other.
/// </summary>
internal readonly struct FoldedText
{
    private static readonly char[] FoldTable = BuildFoldTable();

    private FoldedText(string shown, string folded)
    {
        Shown = shown;
        Folded = folded;
    }

    /// <summary>The text for people: composed, case kept.</summary>
    public string Shown { get; }

    /// <summary>The text for comparison.</summary>
    public string Folded { get; }

    public static FoldedText Of(string text)
    {
        string shown = text;
        foreach (char c in text)
        {
            if (!IsStable(c))
            {
                shown = Compose(text);
                break;
            }
        }

        return new FoldedText(shown, string.Create(shown.Length, shown, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = FoldTable[source[i]];
        }));
    }

    // Characters that NFKC leaves alone, that the table folds just as NFKC would, or that separate words before and after it.
    // Nearly every text is made of these alone, and finding that out is far cheaper than normalising.
    private static bool IsStable(char c) => c switch
    {
        < '\u00A0' => true,
        >= '\u4E00' and <= '\u9FFF' => true,
        >= '\uFF01' and <= '\uFF5E' => true,
        >= '\u3000' and <= '\u3020' => true,
        >= '\u3400' and <= '\u4DBF' => true,
        >= '\u2010' and <= '\u2027' => true,
        >= '\u0391' and <= '\u03C9' => true,
        '\u00B0' or '\u00B1' or '\u00B7' or '\u00D7' => true,
        >= '\u2200' and <= '\u22FF' => true,
        _ => false,
    };

    private static string Compose(string text)
    {
        // Normalisation refuses lone surrogates and U+FFFE; both become U+FFFD, which separates words.
        var clean = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune allowed = rune.Value == 0xFFFE ? Rune.ReplacementChar : rune;
            clean.Append(units[..allowed.EncodeToUtf16(units)]);
        }

        return clean.ToString().Normalize(NormalizationForm.FormKC);
    }

    private static char[] BuildFoldTable()
    {
        var table = new char[char.MaxValue + 1];
        for (int i = 0; i < table.Length; i++)
        {
            int half = i is >= 0xFF01 and <= 0xFF5E ? i - 0xFEE0 : i;
            table[i] = char.ToLowerInvariant((char)half);
        }

        for (int i = 0; i < TraditionalCharacters.Pairs.Length; i += 2)
            table[TraditionalCharacters.Pairs[i]] = TraditionalCharacters.Pairs[i + 1];

        return table;
    }
}
