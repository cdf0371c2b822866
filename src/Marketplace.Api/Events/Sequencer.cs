using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Events;

/// <summary>
/// On the servers, gives committed events their numbers. A reader sees numbered events only, so its cursor cannot pass an event that
/// commits later; and the numbers themselves are committed in order, because each batch moves the one head row first come first served.
/// </summary>
public sealed class Sequencer(Db db, ILogger<Sequencer> log) : BackgroundService
{
    /// <summary>Finds what another process committed and did not live to number.</summary>
    static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = db.Writer.NextCommit;
            try
            {
                if (await db.Write(EventSql.NumberCommitted) > 0)
                {
                    continue;
                }
            }
            catch (EventSql.SequencedElsewhereException)
            {
                continue;
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "Events wait for their numbers: the database is away");
            }

            await Task.WhenAny(next, Task.Delay(Sweep, stoppingToken));
        }
    }
}
