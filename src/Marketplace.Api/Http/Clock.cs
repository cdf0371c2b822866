namespace Marketplace.Api.Http;

public static class Clock
{
    public static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>To the millisecond, which every database keeps exactly.</summary>
    public static DateTimeOffset Now(this TimeProvider clock) =>
        DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Today's calendar day in Asia/Shanghai, which dates of law mean. China has kept UTC+8 without summer time since 1991.</summary>
    public static DateOnly Today(this TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().InBeijing().DateTime);

    /// <summary>The first instant of a year in Beijing.</summary>
    public static DateTimeOffset YearBegins(int year) => new(year, 1, 1, 0, 0, 0, Beijing);

    public static DateTimeOffset InBeijing(this DateTimeOffset instant) => instant.ToOffset(Beijing);
}
