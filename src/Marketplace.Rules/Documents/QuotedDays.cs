using System.Globalization;
using System.Text.RegularExpressions;

namespace Marketplace.Rules.Documents;

/// <summary>Days as laws print them: <c>二〇二〇年一月一日</c>, <c>2020年元月1日</c>, <c>2020.1.1</c>, <c>2020-01-01</c>.</summary>
internal static partial class QuotedDays
{
    // Stands in a text where a day was taken out, so that nothing of it is read as another number.
    private const char Taken = '\u0001';

    /// <summary>Adds the days of a text to a list.</summary>
    /// <returns>The text without them, and without years and months, in the same length.</returns>
    public static string TakeOut(string text, List<Quoted> found)
    {
        if (!text.AsSpan().ContainsAny("年月-./")) return text;
        text = InWords().Replace(text, match =>
        {
            var year = Number(match.Groups["y"].Value);
            Add(year, match.Groups["m"].Value, match.Groups["d"].Value, match.Value);
            // 2023年1月1日至12月31日 names the year once.
            if (match.Groups["m2"].Success) Add(match.Groups["y2"].Success ? Number(match.Groups["y2"].Value) : year, match.Groups["m2"].Value, match.Groups["d2"].Value, match.Value);
            return Gone(match);
        });
        text = InDigits().Replace(text, match =>
        {
            Add(Number(match.Groups["y"].Value), match.Groups["m"].Value, match.Groups["d"].Value, match.Value);
            return Gone(match);
        });
        return InPart().Replace(text, Gone);

        void Add(int year, string month, string day, string printed)
        {
            var (m, d) = (month is "元" or "正" ? 1 : Number(month), Number(day));
            if (year is >= 1 and <= 9999 && m is >= 1 and <= 12 && d >= 1 && d <= DateTime.DaysInMonth(year, m)) found.Add(new Quoted(printed) { Day = new DateOnly(year, m, d) });
        }

        static string Gone(Match match) => new(Taken, match.Length);
    }

    /// <summary>A number in Arabic or Chinese digits (二〇二〇), or a Chinese numeral (十二); 0 for anything else.</summary>
    private static int Number(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var arabic)) return arabic;
        if (text.All(c => Numerals.Digit(c) >= 0)) return text.Aggregate(0, (sum, c) => sum * 10 + Numerals.Digit(c));
        return (int?)Numerals.Read(text, 0, out _)?.Whole ?? 0;
    }

    [GeneratedRegex(
        "(?<![0-9〇○零一二三四五六七八九])(?<y>[0-9]{4}|[〇○零一二三四五六七八九]{4})年(?<m>[0-9]{1,2}|[元正]|[一二三四五六七八九十]{1,2})月(?<d>[0-9]{1,2}|[一二三四五六七八九十]{1,3})[日号]"
        + "(?:[-—–~至到]+(?:(?<y2>[0-9]{4}|[〇○零一二三四五六七八九]{4})年)?(?<m2>[0-9]{1,2}|[元正]|[一二三四五六七八九十]{1,2})月(?<d2>[0-9]{1,2}|[一二三四五六七八九十]{1,3})[日号])?",
        RegexOptions.CultureInvariant)]
    private static partial Regex InWords();

    [GeneratedRegex("(?<![0-9]|[0-9][-./])(?<y>[12][0-9]{3})(?<s>[-./])(?<m>[0-9]{1,2})\\k<s>(?<d>[0-9]{1,2})(?![0-9]|[-./][0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex InDigits();

    [GeneratedRegex("(?<![0-9])(?:1[89]|2[01])[0-9]{2}年(?:[0-9]{1,2}月)?|[〇○零一二三四五六七八九]{4}年(?:[一二三四五六七八九十]{1,2}月)?|(?<![0-9])[0-9]{1,2}月[0-9]{1,2}[日号]", RegexOptions.CultureInvariant)]
    private static partial Regex InPart();
}
