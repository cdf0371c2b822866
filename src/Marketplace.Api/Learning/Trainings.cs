using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Matching;

namespace Marketplace.Api.Learning;

/// <summary>What can be done to a training, for requests, the clock and the trainer; each within the caller's transaction.</summary>
static class Trainings
{
    /// <summary>A training without a heartbeat for this long is abandoned.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Asks for a training. The database lets one wait or run at a time, whichever process asks.</summary>
    /// <param name="night">The day of a nightly one; each day has one at most.</param>
    /// <returns>The new one, or the one that waits or runs; null when the day has had its training.</returns>
    public static async Task<MatchModelRow?> Request(Session session, TimeProvider clock, int seed, string actor, DateOnly? night)
    {
        var now = clock.Now();
        if (await MatchModelSql.Running(session) is { } running)
        {
            if (running.BeatAt >= now - Patience)
            {
                return running;
            }

            await End(session, clock, running, TrainingState.Failed, running.ReportOrNew with { Reason = TrainingReason.Interrupted });
        }

        var row = new MatchModelRow
        {
            Id = Ids.New("mdl", clock), Night = night, Content = Json.Write(new TrainingReport { Algorithm = MarketIndex.Algorithm, Seed = seed }), BeatAt = now, CreatedAt = now,
        };
        if (!await MatchModelSql.Insert(session, row))
        {
            return await MatchModelSql.Running(session);
        }

        await Record(session, clock, row, "matchModel.created", actor);
        return row;
    }

    /// <returns>The row as it is now; null when another process was first.</returns>
    public static async Task<MatchModelRow?> Begin(Session session, TimeProvider clock, MatchModelRow row)
    {
        var begun = row with
        {
            State = TrainingState.Training, Version = row.Version + 1, BeatAt = clock.Now(), Content = Json.Write(row.ReportOrNew with { StartedAt = clock.Now() }),
        };
        return await MatchModelSql.Update(session, begun) ? begun : null;
    }

    /// <returns>False when somebody gave the training up meanwhile: nothing comes of it.</returns>
    public static async Task<bool> End(Session session, TimeProvider clock, MatchModelRow row, string state, TrainingReport report)
    {
        var ended = row with { State = state, Version = row.Version + 1, Content = Json.Write(report with { EndedAt = clock.Now() }) };
        if (!await MatchModelSql.Update(session, ended))
        {
            return false;
        }

        await Record(session, clock, ended, $"matchModel.{state}", Lifecycle.Clock);
        return true;
    }

    static Task<string> Record(Session session, TimeProvider clock, MatchModelRow row, string type, string actor) => EventSql.Append(
        session, clock, type, row.Id, actor, new { row.State, row.Version, row.ReportOrNew.ModelVersion, row.ReportOrNew.Reason }, Roles.Admin, Roles.Auditor);
}
