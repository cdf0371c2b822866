using System.Data.Common;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Listings;

/// <summary>What time does by itself: listings past their last day expire, old idempotency keys are forgotten.</summary>
public sealed class ListingClock(Db db, Listening listening, TimeProvider clock, ILogger<ListingClock> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), clock);
        do
        {
            try
            {
                while (await db.Write(session => ExpireSome(session, clock)) > 0)
                {
                }

                await db.Write(session => Idempotency.Purge(session, clock.Now()));
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "Expiry waits: the database is away");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
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
