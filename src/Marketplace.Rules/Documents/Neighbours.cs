using System.Globalization;

namespace Marketplace.Rules.Documents;

/// <summary>The values next to one of a document, as a document would write them: what a slip of the pen would have made of it.</summary>
internal static class Neighbours
{
    /// <summary>One fen more and one less.</summary>
    public static IEnumerable<string> Of(Fen sum)
    {
        if (sum.Value < long.MaxValue) yield return new Fen(sum.Value + 1).ToYuanText() + "元";
        if (sum.Value > 0) yield return new Fen(sum.Value - 1).ToYuanText() + "元";
    }

    /// <summary>The next day and the one before.</summary>
    public static IEnumerable<string> Of(DateOnly day)
    {
        if (day < DateOnly.MaxValue) yield return Text(day.AddDays(1));
        if (day > DateOnly.MinValue) yield return Text(day.AddDays(-1));

        static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <summary>One more and one less, with the same measure word.</summary>
    public static IEnumerable<string> OfCount(string literal, long count)
    {
        var measure = Literals.Narrow(literal).TrimStart([.. "0123456789两零一二三四五六七八九十"]);
        yield return string.Create(CultureInfo.InvariantCulture, $"{count + 1}{measure}");
        if (count > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{count - 1}{measure}");
    }

    /// <summary>The last digit counted on and counted back: for rates, ratios and counts.</summary>
    public static IEnumerable<string> OfDigits(string literal)
    {
        var narrow = Literals.Narrow(literal);
        var last = narrow.AsSpan().LastIndexOfAnyInRange('0', '9');
        var digit = narrow[last] - '0';
        foreach (var other in new[] { (digit + 1) % 10, (digit + 9) % 10 })
            yield return string.Create(CultureInfo.InvariantCulture, $"{narrow[..last]}{other}{narrow[(last + 1)..]}");
    }

    /// <summary>The region that follows on the same level, and the one around it.</summary>
    public static IEnumerable<string> OfRegion(string region)
    {
        var unit = region.EndsWith("0000", StringComparison.Ordinal) ? 10_000 : region.EndsWith("00", StringComparison.Ordinal) ? 100 : 1;
        var number = int.Parse(region, CultureInfo.InvariantCulture);
        if (number + unit <= 999_999) yield return Text(number + unit);
        if (unit < 10_000) yield return Text(number - number % (unit * 100));

        static string Text(int number) => number.ToString("000000", CultureInfo.InvariantCulture);
    }
}
