using System.Collections.Frozen;
using System.Globalization;

namespace Marketplace.Api.Contracts;

/// <summary>
/// Working days: Monday to Friday, less the holidays and with the make-up days that the State Council arranges for each year (holidays.txt). A year
/// without an arrangement has its weekends alone.
/// </summary>
sealed class WorkingCalendar
{
    readonly FrozenDictionary<DateOnly, bool> _arranged;
    readonly FrozenSet<int> _years;

    WorkingCalendar(Dictionary<DateOnly, bool> arranged) =>
        (_arranged, _years) = (arranged.ToFrozenDictionary(), arranged.Keys.Select(day => day.Year).ToFrozenSet());

    /// <summary>The arrangements that ship with the market.</summary>
    public static WorkingCalendar China { get; } = Shipped();

    /// <param name="lines"><c>off</c> or <c>on</c>, then a day or two days with <c>..</c> between them; the rest of a line and what follows # is for readers.</param>
    /// <exception cref="FormatException">A line is none of that; the message names it.</exception>
    public static WorkingCalendar Parse(IEnumerable<string> lines)
    {
        var arranged = new Dictionary<DateOnly, bool>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var kind, var days, ..])
            {
                if (!string.IsNullOrWhiteSpace(line.Split('#')[0]))
                {
                    throw Unreadable();
                }

                continue;
            }

            var ends = days.Split("..");
            if (kind is not ("on" or "off") || ends.Length > 2 || !TryDay(ends[0], out var first) || !TryDay(ends[^1], out var last) || last < first)
            {
                throw Unreadable();
            }

            for (var day = first; day <= last; day = day.AddDays(1))
            {
                if (!arranged.TryAdd(day, kind == "on"))
                {
                    throw Unreadable();
                }
            }

            FormatException Unreadable() => new($"Line {number} of the holiday calendar cannot be used: {line}");
        }

        return new(arranged);

        static bool TryDay(string text, out DateOnly day) =>
            DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }

    public bool IsWorkingDay(DateOnly day) =>
        _arranged.TryGetValue(day, out var works) ? works : day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    /// <summary>The last of so many working days, the first of which is the one after a day (民法典 201: the first day does not count).</summary>
    /// <param name="count">0 gives the day itself.</param>
    public DateOnly After(DateOnly day, int count)
    {
        while (count > 0)
        {
            day = day.AddDays(1);
            count -= IsWorkingDay(day) ? 1 : 0;
        }

        return day;
    }

    /// <summary>Whether an arrangement is known for every year that two days span.</summary>
    public bool Knows(DateOnly first, DateOnly last) => Enumerable.Range(first.Year, last.Year - first.Year + 1).All(_years.Contains);

    static WorkingCalendar Shipped()
    {
        using var text = new StreamReader(typeof(WorkingCalendar).Assembly.GetManifestResourceStream("holidays.txt")!);
        return Parse(text.ReadToEnd().Split('\n'));
    }
}
