using System.Data.Common;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

/// <summary>
/// On the servers, gives committed events their numbers. A reader sees numbered events only, so its cursor cannot pass an event that
/// commits later; and the numbers themselves are committed in order, because whoever numbers holds the one head row.
/// </summary>
public sealed class Sequencer(Db db, Listening listening, ILogger<Sequencer> log) : BackgroundService
{
    /// <summary>Finds what another process committed and did not live to number.</summary>
    static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        while (!db.Writer.CommitsInOrder && !stoppingToken.IsCancellationRequested)
        {
            var next = db.Writer.NextCommit;
            try
            {
                if (await NumberSome(db) > 0)
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

    /// <summary>Commits only when it numbered something: its own commit would else wake it, without an end.</summary>
    /// <returns>How many were numbered.</returns>
    internal static async Task<int> NumberSome(Db db)
    {
        await using var session = new Session(db);
        var numbered = 0;
        await db.Writer.Run(session, async () => (numbered = await EventSql.NumberCommitted(session)) > 0);
        return numbered;
    }
}
