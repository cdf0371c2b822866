using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

/// <summary>
/// On the servers, gives committed events their numbers. A reader sees numbered events only, so its cursor cannot pass an event that
/// commits later; and the numbers themselves are committed in order, because the server that numbers holds the one head row.
/// </summary>
public sealed class Sequencer(Db db, Listening listening, TimeProvider clock, ILogger<Sequencer> log) : Loop(listening, clock, log)
{
    /// <summary>Finds what another process committed and did not live to number.</summary>
    static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(500);

    protected override bool IsNeeded => !db.Writer.CommitsInOrder;

    protected override async Task<Task> Piece(CancellationToken stopping)
    {
        var next = db.Writer.NextCommit;
        return await NumberSome(db) > 0 ? Task.CompletedTask : Task.WhenAny(next, Task.Delay(Sweep, stopping));
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
