using System.Data.Common;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Matches;
using Marketplace.Matching;

namespace Marketplace.Api.Learning;

/// <summary>
/// Trains when it is asked to and each night, and keeps the model in force in this process's index. The database says what is to be done,
/// so that of several processes one trains and all take up the result; the model lies there too, and outlives them.
/// </summary>
public sealed class MatchModels(Db db, MatchIndex index, Settings settings, Listening listening, TimeProvider clock, ILogger<MatchModels> log)
    : Loop(listening, clock, log)
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    static readonly TimeSpan BetweenBeats = TimeSpan.FromSeconds(30);

    /// <summary>A unit of work holds up no other for long.</summary>
    const int PartBytes = 1 << 20;

    string? _taken;

    /// <summary>When it last looked whether the night's training is due.</summary>
    DateTimeOffset? _before;
    (MatchModel Model, bool ByPairs)? _inForce;
    volatile string? _damage;

    /// <summary>Why the market's own model is not in force; empty while it is, or there is none.</summary>
    public override IReadOnlyList<string> Warnings => _damage is { } damage ? [damage, .. base.Warnings] : base.Warnings;

    protected override async Task<Task> Piece(CancellationToken stopping)
    {
        await TakeUp(stopping);
        var now = Clock.GetUtcNow();
        if (Night(_before ?? now, now) is { } night)
        {
            await db.Write(session => Trainings.Request(session, Clock, seed: 1, Lifecycle.Clock, night));
        }

        _before = now;
        if (await db.Read(MatchModelSql.Running) is { State: TrainingState.Waiting } waiting
            && await db.Write(session => Trainings.Begin(session, Clock, waiting)) is { } begun)
        {
            await Train(begun, stopping);
        }

        return Task.Delay(BetweenLooks, stopping);
    }

    /// <returns>The day, in Beijing, whose hour of training came between two looks; null where none did.</returns>
    DateOnly? Night(DateTimeOffset before, DateTimeOffset now)
    {
        if (settings.TrainAt is not { } at)
        {
            return null;
        }

        var day = now.InBeijing();
        var due = DateOnly.FromDateTime(day.DateTime).ToDateTime(at);
        return before.InBeijing().DateTime < due && due <= day.DateTime ? DateOnly.FromDateTime(due) : null;
    }

    /// <summary>Loads the newest adopted model, once. One that cannot be read is reported, and the market goes on with what it has.</summary>
    async Task TakeUp(CancellationToken stopping)
    {
        if (await db.Read(MatchModelSql.InForce) is not { } row || row.Id == _taken)
        {
            return;
        }

        var market = await index.Loaded.WaitAsync(stopping);
        try
        {
            using var bytes = new MemoryStream([.. (await db.Read(session => MatchModelSql.Parts(session, row.Id))).SelectMany(part => part)]);
            var model = MatchModel.Load(bytes);
            market.Use(model);
            (_inForce, _damage) = ((model, row.Report.ComparedByPairs == true), null);
            Log.LogInformation("Matches are ranked by model {Version} of {Id}", model.Version, row.Id);
        }
        catch (Exception error) when (error is InvalidDataException or UnreadableException)
        {
            _damage = $"Match model {row.Id} cannot be used: {error.Message} Matches are ranked without it until the next training is adopted.";
            Log.LogWarning("{Damage}", _damage);
        }

        _taken = row.Id;
    }

    async Task Train(MatchModelRow row, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var beating = Beat(row.Id, ending);
        var (state, report) = (TrainingState.Failed, row.Report with { Reason = TrainingReason.Interrupted });
        MatchModel? adopted = null;
        try
        {
            var market = await index.Loaded.WaitAsync(ending.Token);
            var lessons = await Lessons.Read(db, market.Count(Side.Demands) + market.Count(Side.Achievements), ending.Token);
            // On a thread of its own: it computes for minutes, and the pool's are for requests.
            var outcome = await Task.Factory.StartNew(
                () => TrainingOutcome.Of(lessons, row.Report, _inForce, ending.Token), ending.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            (state, report) = (outcome.State, outcome.Report);
            adopted = state == TrainingState.Adopted ? outcome.Model : null;
            await Store(row.Id, adopted);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Log.LogWarning("Training {Id} was interrupted", row.Id);
        }
#pragma warning disable CA1031 // Whatever breaks a training is its outcome; the market goes on.
        catch (Exception error) when (error is not (DbException or CommitOutcomeUnknownException))
#pragma warning restore CA1031
        {
            Log.LogError(error, "Training {Id} failed", row.Id);
            report = report with { Reason = TrainingReason.Error };
        }
        finally
        {
            await ending.CancelAsync();
            await beating;
        }

        await db.Write(async session =>
        {
            if (await Trainings.End(session, Clock, row, state, report) && adopted is not null)
            {
                await MatchModelSql.DeletePartsBut(session, row.Id);
            }
        });
        Log.LogInformation("Training {Id}: {State}, {Reason}", row.Id, state, report.Reason);
    }

    /// <summary>The bytes go in before the decision: a reader of the decision finds the bytes.</summary>
    async Task Store(string id, MatchModel? model)
    {
        if (model is null)
        {
            return;
        }

        using var bytes = new MemoryStream();
        model.Save(bytes);
        var number = 0;
        foreach (var part in bytes.ToArray().Chunk(PartBytes))
        {
            await db.Write(session => MatchModelSql.InsertPart(session, id, number, part));
            number++;
        }
    }

    /// <summary>Says that the training lives, and ends it when somebody gave it up.</summary>
    async Task Beat(string id, CancellationTokenSource ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await Task.Delay(BetweenBeats, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (!ending.IsCancellationRequested && !await db.Write(session => MatchModelSql.Beat(session, id, Clock.Now())))
                {
                    await ending.CancelAsync();
                }
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                Log.LogWarning(error, "Training {Id} could not say that it lives", id);
            }
        }
    }
}
