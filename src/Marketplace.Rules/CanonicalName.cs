using System.Globalization;
using System.Text;

namespace Marketplace.Rules;

/// <summary>
/// The form by which limits, uniqueness and separation of duty compare names that people type: of projects, persons, references, titles
/// and platforms. The party that profits from a limit also writes the name that it counts by, so spellings that look alike must count as one.
/// </summary>
public static class CanonicalName
{
    /// <summary>
    /// NFKC with case folded; blanks, default-ignorable and control characters and punctuation at either end are removed. Two canonical forms
    /// of equal names are equal by ordinal comparison. A name that consists of nothing else is its folded text.
    /// </summary>
    /// <param name="name">As it was typed; any text.</param>
    /// <returns>Never longer than 18 times the name; empty for a text without a visible character.</returns>
    public static string Of(string name)
    {
        if (IsPlain(name)) return name.ToLowerInvariant();
        var visible = new StringBuilder(name.Length);
        foreach (var rune in Folded(name).EnumerateRunes())
        {
            if (!IsIgnored(rune)) visible.Append(rune.ToString());
        }

        var folded = visible.ToString();
        var (start, end) = (0, folded.Length);
        while (start < end && IsPunctuation(folded, start)) start++;
        while (end > start && IsPunctuation(folded, end - 1)) end--;
        return start == end ? folded : folded[start..end];
    }

    /// <summary>Whether a text shows anything: it holds more than blanks, controls and invisible characters.</summary>
    public static bool IsVisible(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (!IsIgnored(rune))
                return true;
        return false;
    }

    /// <summary>Whether two names have one canonical form.</summary>
    public static bool AreSame(string? one, string? other)
    {
        if (one is null || other is null) return one is null && other is null;
        if (one == other) return true;
        return IsPlain(one) && IsPlain(other) ? string.Equals(one, other, StringComparison.OrdinalIgnoreCase) : Of(one) == Of(other);
    }

    /// <summary>Whether two titles are one: as names, and quotation marks within them do not count (“瞪羚”企业, 瞪羚企业).</summary>
    internal static bool AreSameTitle(string one, string other) => one == other || OfTitle(one) == OfTitle(other);

    internal static string OfTitle(string title) => string.Concat(Of(title).Where(letter => !IsQuote(letter)));

    /// <summary>A text that equals another one's but for case exactly when the two names are one; without any work for plain names.</summary>
    internal static string ToFold(string name) => IsPlain(name) ? name : Of(name);

    /// <summary>ASCII letters and digits, with punctuation between them alone: all that the canonical form changes is case.</summary>
    private static bool IsPlain(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]) && name.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    private static bool IsQuote(char letter) => letter is '"' or '\'' or '「' or '」' or '『' or '』'
        || char.GetUnicodeCategory(letter) is UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation;

    // Upper case first, because some lower-case letters (ς, ſ) share their upper-case form with another; NFKC again, because folding can
    // leave a letter beside a mark that compose.
    private static string Folded(string name) =>
        WellFormed(name).Normalize(NormalizationForm.FormKC).ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormKC);

    // A lone surrogate, which normalisation refuses, becomes the replacement character.
    private static string WellFormed(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes()) text.Append(rune.ToString());
        return text.ToString();
    }

    private static bool IsPunctuation(string text, int index) => char.GetUnicodeCategory(text, index) is
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
        or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    /// <summary>Blanks, controls, and Unicode's Default_Ignorable_Code_Point, most of which are the format characters.</summary>
    private static bool IsIgnored(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2065 or 0x2800 or 0x3164
            or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);
}
