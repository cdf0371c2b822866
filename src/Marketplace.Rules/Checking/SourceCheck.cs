using System.Security.Cryptography;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Holds the quotes of a document against the text that it was written from.</summary>
internal static class SourceCheck
{
    /// <param name="policy">The document; it need not be free of faults.</param>
    /// <param name="open">The bytes of a source file by the name that the document gives; null when it is not there.</param>
    /// <param name="faults">Of the document.</param>
    /// <param name="sourceFaults">Of the source file, by its name.</param>
    public static void Check(MapNode policy, Func<string, ReadOnlyMemory<byte>?> open, Faults faults, Func<string, Faults> sourceFaults)
    {
        if (policy["source"] is not MapNode source || source["file"] is not ScalarNode file || file.Text.Length == 0) return;
        if (open(file.Text) is not { } content)
        {
            faults.Error(file, "POL405", new($"找不到原文文件“{Shown.Short(file.Text)}”", $"The source file \"{Shown.Short(file.Text)}\" is not there."),
                new("核对文件名和 --sources 目录。", "Check the name and the --sources directory."));
            return;
        }

        var actual = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        if (source["sha256"] is ScalarNode sha256 && sha256.Text != actual)
            faults.Error(sha256, "POL406", new("原文文件与 sha256 不符", "The source file is not the one with this sha256."),
                new($"核对原文;现有文件的 sha256 是 {actual}。", $"Compare the text; the file's sha256 is {actual}."));
        if (Encodings.Decode(content.Span, sourceFaults(file.Text)) is not { } text) return;
        foreach (var quote in Quotes(policy))
            if (!text.Contains(quote.Text, StringComparison.Ordinal))
                Missing(quote, file.Text, text, faults);
    }

    private static IEnumerable<ScalarNode> Quotes(MapNode policy) =>
        policy["clauses"] is MapNode clauses
            ? clauses.Entries.Select(e => e.Value).OfType<MapNode>().Select(clause => clause["quote"]).OfType<ScalarNode>()
            : [];

    private static void Missing(ScalarNode quote, string file, string text, Faults faults)
    {
        var (inQuote, inText, length) = LongestCommon(quote.Text, text);
        if (length < 2)
        {
            faults.Error(quote, "POL402", new($"引文不在 {Shown.Short(file)} 中", $"The quote is not found in {Shown.Short(file)}."),
                new("照原文抄写。", "Copy it exactly from the text."));
            return;
        }

        var line = text.AsSpan(0, inText).Count('\n') + 1;
        var lineStart = text.LastIndexOf('\n', inText) + 1;
        var lineEnd = text.IndexOf('\n', inText) is >= 0 and var found ? found : text.Length;
        var from = Math.Max(lineStart, inText - inQuote);
        var nearest = Shown.Short(text[from..Math.Min(lineEnd, from + Math.Max(quote.Text.Length, inText - from + length))]);
        faults.Error(quote, "POL402",
            new($"引文不在 {Shown.Short(file)} 中;最接近的是第 {line} 行:“{nearest}”", $"The quote is not found in {Shown.Short(file)}; the nearest text is at line {line}: \"{nearest}\"."),
            new("照原文抄写。", "Copy it exactly."));
    }

    /// <summary>The longest text that stands in both; of a quote so long that nobody would compare it only the beginning is looked for.</summary>
    private static (int InQuote, int InText, int Length) LongestCommon(string quote, string text)
    {
        const int enough = 200;
        var sought = quote.AsSpan(0, Math.Min(quote.Length, enough));
        var lengths = new int[sought.Length + 1];
        (int InQuote, int InText, int Length) best = default;
        for (var i = 0; i < text.Length; i++)
        {
            for (var j = sought.Length; j > 0; j--)
            {
                lengths[j] = text[i] == sought[j - 1] ? lengths[j - 1] + 1 : 0;
                if (lengths[j] > best.Length) best = (j - lengths[j], i + 1 - lengths[j], lengths[j]);
            }
        }

        return best;
    }
}
