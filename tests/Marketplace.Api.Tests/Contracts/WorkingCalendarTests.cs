using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Marketplace.Api.Contracts;

namespace Marketplace.Api.Tests.Contracts;

public sealed class WorkingCalendarTests
{
    static readonly WorkingCalendar Calendar = WorkingCalendar.China;

    [TestCase("2026-02-13", true, "a Friday")]
    [TestCase("2026-02-14", true, "a Saturday that is worked for the spring festival")]
    [TestCase("2026-02-15", false, "the festival begins")]
    [TestCase("2026-02-23", false, "its last day, a Monday")]
    [TestCase("2026-02-24", true, "the Tuesday after")]
    [TestCase("2026-02-28", true, "the second Saturday that is worked")]
    [TestCase("2026-03-01", false, "a Sunday like any other")]
    [TestCase("2020-01-31", false, "the festival of 2020 was lengthened")]
    [TestCase("2020-02-01", false, "so this make-up Saturday was not worked")]
    [TestCase("2022-12-31", false, "New Year may begin in the old year")]
    [TestCase("2023-10-07", true, "a Saturday after the National Day")]
    [TestCase("2024-02-09", true, "the eve of 2024's festival was no holiday")]
    [TestCase("2030-10-01", true, "a Tuesday, of a year that nobody has arranged yet")]
    public void A_day_is_worked_or_not(string day, bool works, string why) =>
        Assert.That(Calendar.IsWorkingDay(DateOnly.Parse(day, CultureInfo.InvariantCulture)), Is.EqualTo(works), why);

    [TestCase("2026-03-02", 15, "2026-03-23", "three weeks without a holiday")]
    [TestCase("2026-03-02", 30, "2026-04-14", "past Qingming")]
    [TestCase("2026-02-12", 3, "2026-02-24", "Friday, the worked Saturday, and the Tuesday after the festival")]
    [TestCase("2025-12-31", 1, "2026-01-04", "New Year until the worked Sunday")]
    [TestCase("2026-09-30", 1, "2026-10-08", "the National Day")]
    [TestCase("2026-10-08", 2, "2026-10-10", "to the worked Saturday")]
    [TestCase("2026-02-15", 0, "2026-02-15", "no day at all")]
    public void So_many_working_days_after_a_day(string from, int count, string last, string why) =>
        Assert.That(Calendar.After(DateOnly.Parse(from, CultureInfo.InvariantCulture), count), Is.EqualTo(DateOnly.Parse(last, CultureInfo.InvariantCulture)), why);

    [Test]
    public void Counting_in_two_stretches_is_counting_in_one() =>
        Prop.ForAll(Days, Counts, Counts, (day, one, other) => Calendar.After(Calendar.After(day, one), other) == Calendar.After(day, one + other))
            .QuickCheckThrowOnFailure();

    [Test]
    public void The_last_day_is_worked_and_so_many_worked_days_lie_up_to_it() =>
        Prop.ForAll(Days, Counts, (day, count) =>
        {
            var last = Calendar.After(day, count);
            var worked = Enumerable.Range(1, last.DayNumber - day.DayNumber).Count(n => Calendar.IsWorkingDay(day.AddDays(n)));
            return worked == count && (count == 0 ? last == day : Calendar.IsWorkingDay(last));
        }).QuickCheckThrowOnFailure();

    [Test]
    public void A_later_day_never_gives_an_earlier_end() =>
        Prop.ForAll(Days, Counts, (day, count) => Calendar.After(day.AddDays(1), count) >= Calendar.After(day, count)).QuickCheckThrowOnFailure();

    [Test]
    public void Every_arranged_year_works_as_much_as_a_year_does()
    {
        for (var year = 2020; year <= 2026; year++)
        {
            var days = Enumerable.Range(0, DateTime.IsLeapYear(year) ? 366 : 365).Select(new DateOnly(year, 1, 1).AddDays).ToList();
            Assert.That(days.Count(Calendar.IsWorkingDay), Is.InRange(247, 252), $"{year}");
            Assert.That(Calendar.Knows(days[0], days[^1]), Is.True);
        }

        Assert.That(Calendar.Knows(new(2026, 12, 31), new(2027, 1, 1)), Is.False);
    }

    [TestCase("off 2026-02-30")]
    [TestCase("off")]
    [TestCase("holiday 2026-01-01")]
    [TestCase("off 2026-01-03..2026-01-01")]
    [TestCase("off 2026-01-01..2026-01-02..2026-01-03")]
    public void A_line_that_cannot_be_used_is_named(string line) =>
        Assert.That(() => WorkingCalendar.Parse(["# 2026", "", line]), Throws.TypeOf<FormatException>().With.Message.Contains("Line 3").And.Message.Contains(line));

    [Test]
    public void A_day_is_arranged_once() =>
        Assert.That(() => WorkingCalendar.Parse(["off 2026-01-01..2026-01-03", "on 2026-01-03"]), Throws.TypeOf<FormatException>().With.Message.Contains("Line 2"));

    static Arbitrary<DateOnly> Days => Gen.Choose(new DateOnly(2019, 1, 1).DayNumber, new DateOnly(2029, 1, 1).DayNumber).Select(DateOnly.FromDayNumber).ToArbitrary();

    static Arbitrary<int> Counts => Gen.Choose(0, 60).ToArbitrary();
}
