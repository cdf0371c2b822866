using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Listings;

/// <summary>What time does by itself: listings past their last day expire, old idempotency keys are forgotten.</summary>
public sealed class ListingClock(Db db, Listening listening, TimeProvider clock, ILogger<ListingClock> log)
    : Recurring(TimeSpan.FromMinutes(1), listening, clock, log)
{
    protected override async Task Run(CancellationToken stopping)
    {
        while (await db.Write(session => ExpireSome(session, Clock)) > 0)
        {
        }

        while (await db.Write(session => Idempotency.Purge(session, Clock.Now())))
        {
        }
    }

    /// <summary>A batch at a time, so that requests are not held up; safe to run late or twice.</summary>
    /// <returns>How many expired.</returns>
    internal static async Task<int> ExpireSome(Session session, TimeProvider clock)
    {
        var overdue = await ListingSql.Overdue(session, clock.Today(), take: 100);
        foreach (var row in overdue)
        {
            await ListingActs.Move(session, clock, ListingKinds.Named(row.Kind), row, ListingLifecycle.Expired, row.Version, Lifecycle.Clock, null);
        }

        return overdue.Count;
    }
}
