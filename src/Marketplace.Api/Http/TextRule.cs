using Marketplace.Rules;

namespace Marketplace.Api.Http;

/// <summary>
/// Which texts the market takes from anybody. What is stored is shown to others beside other texts, so it neither turns these around nor
/// looks like nothing at all.
/// </summary>
static class TextRule
{
    /// <summary>Null where nothing is wrong; an empty text is not invisible but absent.</summary>
    public static (string Code, Wording Detail)? Fault(string text)
    {
        foreach (var c in text)
        {
            if (c is (< ' ' and not ('\n' or '\r' or '\t')) or '\x7F')
            {
                return ("invalid-text", new($"含有控制字符 U+{(int)c:X4}。", $"Holds the control character U+{(int)c:X4}."));
            }

            if (c is >= '\x80' and <= '\x9F')
            {
                return ("invalid-text", new(
                    $"含有 C1 控制字符 U+{(int)c:X4}，多为其他编码（如 Windows-1252 的引号、破折号）的文本误作 Unicode 所致。",
                    $"Holds the C1 control character U+{(int)c:X4}: most often a quotation mark or dash of Windows-1252 that was taken for Unicode."));
            }

            if (IsBidirectional(c))
            {
                return ("invalid-text", new($"含有双向文本控制字符 U+{(int)c:X4}，它会改变他人所见的文字顺序。",
                    $"Holds the bidirectional control U+{(int)c:X4}, which changes the order in which others see the text."));
            }

            if (c is '\uFFFE' or '\uFFFF')
            {
                return ("invalid-text", new("含有非字符码位。", "Holds a code point that is no character."));
            }
        }

        return text.Length == 0 || CanonicalName.IsVisible(text) ? null
            : ("invisible", new("须含至少一个可见字符。", "Must hold at least one visible character."));
    }

    /// <summary>Unicode's Bidi_Control.</summary>
    static bool IsBidirectional(char c) => c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
