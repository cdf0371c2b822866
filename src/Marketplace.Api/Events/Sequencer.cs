using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Events;

/// <summary>
/// On the servers, gives committed events their numbers. A reader sees numbered events only, so its cursor cannot pass an event that
/// commits later; and the numbers themselves are committed in order, because whoever numbers holds the one head row.
/// </summary>
public sealed class Sequencer(Db db, ILogger<Sequencer> log) : BackgroundService
{
    /// <summary>Finds what another process committed and did not live to number.</summary>
    static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!db.Writer.CommitsInOrder && !stoppingToken.IsCancellationRequested)
        {
            var next = db.Writer.NextCommit;
            try
            {
                if (await NumberCommitted() > 0)
                {
                    continue;
                }
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "Events wait for their numbers: the database is away");
            }

            await Task.WhenAny(next, Task.Delay(Sweep, stoppingToken));
        }
    }

    async Task<int> NumberCommitted()
    {
        await using var session = new Session(db);
        var count = 0;
        // Where nothing was numbered nothing is committed: the commit would wake this loop, which would commit again.
        await db.Writer.Run(session, async () => (count = await EventSql.NumberCommitted(session)) > 0);
        return count;
    }
}
