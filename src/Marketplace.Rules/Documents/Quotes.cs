using System.Text;

namespace Marketplace.Rules.Documents;

/// <summary>A number that stands in a quote, as what it is: a sum, a rate, a day, or a number of things.</summary>
/// <param name="Text">As printed, without spaces.</param>
internal sealed record Quoted(string Text)
{
    public Fen? Sum { get; init; }

    public Rate? Rate { get; init; }

    public DateOnly? Day { get; init; }

    /// <summary>A whole number that is none of the others.</summary>
    public long? Count { get; init; }

    /// <summary>What follows a <see cref="Count"/>: its measure word and the beginning of whatever comes then.</summary>
    public string After { get; init; } = "";
}

/// <summary>Whether a number stands in the words that are said to found it, in whichever way laws print numbers.</summary>
internal static class Quotes
{
    // 分 begins other words too: 三分之一, 五分钟.
    private const string NotFen = "之钟数期类级档别批段次阶步";

    // 成 begins other words too: 三成员, 二成立.
    private const string NotTenths = "员立果功交为本效长人熟绩就品色家分套语群形都";

    // What may follow 10万 where 元 is left out; any other word could be what is counted.
    private const string AfterSum = "以至到的或和及与奖补资不最封";

    private const string Ranges = "-—–~至到";
    private const string Lists = "、或和及与";

    /// <summary>The unit behind a number.</summary>
    /// <param name="Text">As printed; empty where a sign in front of the number or its size stands for it.</param>
    /// <param name="Fen">How many fen one is; 0 for a rate.</param>
    /// <param name="Per">What a rate is divided by.</param>
    private sealed record Unit(string Text, long Fen, long Per)
    {
        /// <summary>The number in this unit, times a power of ten; null when it does not fit or is finer than one fen.</summary>
        public Quoted? Of(string text, Numeral number, int power)
        {
            var scale = Literals.PowerOfTen(number.Decimals);
            var value = number.Value * Literals.PowerOfTen(power);
            if (Per > 0) return value <= long.MaxValue && number.Decimals <= 9 ? new Quoted(text) { Rate = new Rate((long)value, Per * (long)scale) } : null;
            value *= Fen;
            return value % scale == 0 && value / scale <= long.MaxValue ? new Quoted(text) { Sum = new Fen((long)(value / scale)) } : null;
        }
    }

    public static bool Hold(string quote, Fen amount) => Read(quote).Any(q => q.Sum == amount);

    public static bool Hold(string quote, Rate rate) => Read(quote).Any(q => q.Rate == rate);

    public static bool Hold(string quote, DateOnly day) => Read(quote).Any(q => q.Day == day);

    /// <summary>A count stands in the quote with the measure word that it was written with; one without a word takes any.</summary>
    public static bool HoldCount(string quote, string literal)
    {
        if (Literals.TryCount(literal, out var count) != LiteralFault.None) return false;
        var narrow = Narrow(literal);
        var measure = narrow[narrow.TakeWhile(Numerals.IsPart).Count()..];
        return Read(quote).Any(q => q.Count == count && (measure.Length > 0
            ? q.After.StartsWith(measure, StringComparison.Ordinal)
            : char.IsAsciiDigit(q.Text[0]) || (q.After.Length > 0 && char.IsLetter(q.After[0]))));
    }

    /// <summary>A ratio stands in the quote as <c>1:1</c>, <c>1∶1</c> or <c>一比一</c>, not as a part of a longer one.</summary>
    public static bool HoldRatio(string quote, string ratio)
    {
        var digits = string.Concat(Narrow(quote).Select(c => c == '∶' ? ':' : Numerals.Digit(c) is var digit and >= 0 ? (char)('0' + digit) : c));
        // 1:1比例 is no ratio of three.
        var text = string.Concat(digits.Select((c, i) => c == '比' && i > 0 && i + 1 < digits.Length && char.IsAsciiDigit(digits[i - 1]) && char.IsAsciiDigit(digits[i + 1]) ? ':' : c));
        for (var at = text.IndexOf(ratio, StringComparison.Ordinal); at >= 0; at = text.IndexOf(ratio, at + 1, StringComparison.Ordinal))
            if (!IsRatio(at - 1) && !IsRatio(at + ratio.Length))
                return true;
        return false;

        bool IsRatio(int at) => at >= 0 && at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is ':' or '.');
    }

    /// <summary>Each number as printed, with its unit.</summary>
    public static IEnumerable<string> Numbers(string quote) => Read(quote).Select(q => q.Text);

    /// <summary>Each number of a quote, days first. In <c>50—100万元</c> and <c>10、20、30万元</c> all take the unit of the last.</summary>
    public static IReadOnlyList<Quoted> Read(string quote)
    {
        var found = new List<Quoted>();
        var text = QuotedDays.TakeOut(Narrow(quote), found);
        var waiting = new List<(Numeral Numeral, bool InRange, int At)>();
        for (var i = 0; i < text.Length;)
        {
            if (!Numerals.IsPart(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            if (FractionAt(text, ref i) is { } fraction)
            {
                found.Add(new Quoted(text[start..i]) { Rate = fraction });
                waiting.Clear();
                continue;
            }

            // A vague number (数十万元, 几十项) and a place in an order (第三) do not say how much.
            var before = start > 0 ? text[start - 1] : ' ';
            if (Numerals.Read(text, start, out i) is not { } number || before is '第' or '几' or '数')
            {
                waiting.Clear();
                continue;
            }

            if (UnitAt(text, ref i, number, before) is not { } unit)
            {
                found.Add(new Quoted(text[start..i]) { Count = number.Whole, After = text[i..Math.Min(text.Length, i + 8)] });
                var separator = i;
                while (i < text.Length && (Ranges.Contains(text[i]) || Lists.Contains(text[i]))) i++;
                if (i > separator && i < text.Length && Numerals.IsPart(text[i])) waiting.Add((number, Ranges.Contains(text[separator]), found.Count - 1));
                else waiting.Clear();
                continue;
            }

            foreach (var (earlier, inRange, at) in waiting)
                if (SharedPower(earlier, number, unit, inRange) is { } power)
                    found[at] = unit.Of(found[at].Text + (power > 0 ? ScaleWords(text, number) : "") + unit.Text, earlier, power) is { } shared
                        ? shared with { Count = found[at].Count, After = found[at].After } : found[at];
            waiting.Clear();
            if (unit.Of(text[start..i], number, 0) is not { } quoted) continue;
            if (unit.Fen == 100 && unit.Text.Length > 0) quoted = WithChange(quoted, text, start, ref i);
            found.Add(quoted);
        }

        return found;
    }

    /// <summary>Whether a number of a list or range is also in the 万 of the last one; null where it could be either.</summary>
    private static int? SharedPower(Numeral earlier, Numeral last, Unit unit, bool inRange)
    {
        if (last.Scale == 0 || unit.Per > 0 || earlier.Scale > 0) return 0;
        // Compared in units of the finer of both.
        var (one, other) = (earlier.Value * Literals.PowerOfTen(last.Decimals), last.Coefficient * Literals.PowerOfTen(earlier.Decimals));
        if (inRange) return one < other ? last.Scale : 0;
        return one <= 10 * other ? last.Scale : null;
    }

    private static string ScaleWords(string text, Numeral number)
    {
        var from = number.End;
        for (var power = 0; power < number.Scale;) power += Numerals.Scale(text[--from]);
        return text[from..number.End];
    }

    private static Unit? UnitAt(string text, ref int at, Numeral number, char before)
    {
        var next = at < text.Length ? text[at] : ' ';
        var behind = at + 1 < text.Length ? text[at + 1] : ' ';
        Unit? unit = next switch
        {
            '%' => new("%", 0, 100),
            '‰' => new("‰", 0, 1_000),
            '‱' => new("‱", 0, 10_000),
            '元' or '圆' => new(text[at..(at + 1)], 100, 0),
            '角' => new("角", 10, 0),
            '分' when !NotFen.Contains(behind) => new("分", 1, 0),
            _ => null,
        };
        if (unit is not null) at++;
        else if (before is '¥' or '￥' || (number.Scale >= 4 && (!char.IsLetter(next) || AfterSum.Contains(next)))) unit = new("", 100, 0);
        return unit;
    }

    /// <summary>A sum in yuan with the 角 and 分 that follow it.</summary>
    private static Quoted WithChange(Quoted yuan, string text, int start, ref int at)
    {
        foreach (var (word, fen) in new[] { ('角', 10), ('分', 1) })
        {
            var from = at < text.Length - 1 && text[at] is '零' ? at + 1 : at;
            if (from >= text.Length || !Numerals.IsPart(text[from]) || Numerals.Read(text, from, out var end) is not { Whole: { } parts and < 100 }) break;
            if (end >= text.Length || text[end] != word || (word == '分' && end + 1 < text.Length && NotFen.Contains(text[end + 1]))) continue;
            at = end + 1;
            yuan = new Quoted(text[start..at]) { Sum = new Fen(yuan.Sum!.Value.Value + parts * fen) };
        }

        return yuan;
    }

    /// <summary><c>百分之三</c>, <c>三分之一</c>, <c>1/3</c>, <c>三成</c>, <c>一半</c>.</summary>
    private static Rate? FractionAt(string text, ref int at)
    {
        var number = Numerals.Read(text, at, out var end);
        if (end >= text.Length) return null;
        var behind = end + 1 < text.Length ? text[end + 1] : ' ';
        if (text[end] == '分' && behind == '之')
        {
            var below = number?.Whole ?? (end == at + 1 && Numerals.Scale(text[at]) is var power and > 0 ? (long)Literals.PowerOfTen(power) : 0);
            var from = end + 2;
            if (from >= text.Length || !Numerals.IsPart(text[from])) return null;
            var above = Numerals.Read(text, from, out var last) ?? (text[from] is '百' && last == from + 1 ? new Numeral(from, last, 100, 0, 0, false) : null);
            if (above is not { Decimals: <= 6, Value: var value } || value > long.MaxValue || below is < 1 or > 1_000_000_000_000) return null;
            at = last;
            return new Rate((long)value, below * (long)Literals.PowerOfTen(above.Value.Decimals));
        }

        if (number is not { Whole: { } whole }) return null;
        if (text[end] == '/' && char.IsAsciiDigit(behind) && number.Value.Decimals == 0 && (at == 0 || text[at - 1] != '/')
            && Numerals.Read(text, end + 1, out var lower) is { Decimals: 0, Whole: > 0 and var divisor } && (lower >= text.Length || text[lower] != '/'))
        {
            at = lower;
            return new Rate(whole, divisor);
        }

        if (text[end] == '半' && whole == 1 && end == at + 1 && behind is not ('年' or '月' or '天' or '日' or '个'))
        {
            at = end + 1;
            return new Rate(1, 2);
        }

        if (text[end] != '成' || whole is < 1 or > 10 || number.Value.Decimals > 0 || NotTenths.Contains(behind)) return null;
        var (tenths, stop) = (whole * 10, end + 1);
        if (Numerals.Digit(behind) > 0 && (end + 2 >= text.Length || !Numerals.IsPart(text[end + 2]))) (tenths, stop) = (tenths + Numerals.Digit(behind), end + 2);
        at = stop;
        return new Rate(tenths, 100);
    }

    /// <summary>
    /// Without spaces, and full-width signs as their ASCII twins. A space between two Arabic numbers stays, and so does a full-width comma, which
    /// divides numbers and never groups digits, unless those are full-width too.
    /// </summary>
    private static string Narrow(string text)
    {
        var narrow = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c) || c is '\u200B' or '\uFEFF')
            {
                var next = i + 1;
                while (next < text.Length && (char.IsWhiteSpace(text[next]) || text[next] is '\u200B' or '\uFEFF')) next++;
                if (narrow.Length > 0 && next < text.Length && IsArabic(narrow[^1]) && IsArabic(Twin(text[next]))) narrow.Append(' ');
                i = next - 1;
            }
            else if (c == '，')
            {
                narrow.Append(i > 0 && i + 1 < text.Length && IsWide(text[i - 1]) && IsWide(text[i + 1]) ? ',' : c);
            }
            else
            {
                narrow.Append(Twin(c));
            }
        }

        return narrow.ToString();

        static bool IsArabic(char c) => char.IsAsciiDigit(c) || c is '.' or ',';
        static bool IsWide(char c) => c is >= '０' and <= '９';
        static char Twin(char c) => c is >= '\uFF01' and <= '\uFF5E' and not '，' ? (char)(c - 0xFEE0) : c;
    }
}
