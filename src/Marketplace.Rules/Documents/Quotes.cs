using System.Globalization;

namespace Marketplace.Rules.Documents;

/// <summary>Whether a number stands in the words that are said to found it.</summary>
internal static class Quotes
{
    private static readonly string[] Units = ["千万元", "百万元", "亿元", "万元", "千元", "百元", "元", "角", "分", "%", "‰", "‱"];

    public static bool Hold(string quote, Fen amount) =>
        Numbers(quote).Any(number => Fen.TryParseLiteral(number, out var found) == LiteralFault.None && found == amount);

    public static bool Hold(string quote, Rate rate, string literal) =>
        Numbers(quote).Any(number => Rate.TryParseLiteral(number, out var found) == LiteralFault.None && found == rate)
        || (literal.Contains('/') && Literals.Narrow(quote).Contains(Literals.Narrow(literal), StringComparison.Ordinal));

    /// <summary>A count stands in the quote as it was written, digits not being part of a longer number.</summary>
    public static bool HoldCount(string quote, string literal)
    {
        var (text, count) = (Literals.Narrow(quote), Literals.Narrow(literal));
        for (var at = text.IndexOf(count, StringComparison.Ordinal); at >= 0; at = text.IndexOf(count, at + 1, StringComparison.Ordinal))
            if (!IsDigit(text, at - 1) && !(char.IsAsciiDigit(count[^1]) && IsDigit(text, at + count.Length)))
                return true;
        return false;

        static bool IsDigit(string text, int at) => at >= 0 && at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is '.');
    }

    public static bool Hold(string quote, DateOnly day)
    {
        var narrow = Literals.Narrow(quote);
        return narrow.Contains(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            || narrow.Contains(day.ToString("yyyy年M月d日", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    public static bool HoldRatio(string quote, string ratio) => Literals.Narrow(quote).Contains(ratio, StringComparison.Ordinal);

    /// <summary>Each number with its unit. In <c>50—100万元</c> the first number takes the unit of the second.</summary>
    public static IReadOnlyList<string> Numbers(string quote)
    {
        var text = Literals.Narrow(quote);
        var numbers = new List<string>();
        var waiting = -1;
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            while (i < text.Length && (char.IsAsciiDigit(text[i]) || (text[i] is '.' or ',' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])))) i++;
            var number = text[start..i];
            var unit = Array.Find(Units, u => text.AsSpan(i).StartsWith(u, StringComparison.Ordinal)) ?? "";
            i += unit.Length;
            if (waiting >= 0 && unit.Length > 0) numbers[waiting] += unit;
            numbers.Add(number + unit);
            waiting = unit.Length == 0 && i < text.Length && text[i] is '-' or '—' or '–' or '~' or '至' or '到' ? numbers.Count - 1 : -1;
        }

        return numbers;
    }
}
