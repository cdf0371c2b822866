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
    : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    static readonly TimeSpan BetweenBeats = TimeSpan.FromSeconds(30);

    /// <summary>A unit of work holds up no other for long.</summary>
    const int PartBytes = 1 << 20;

    string? _taken;
    (MatchModel Model, bool ByPairs)? _inForce;
    volatile string? _damage;

    /// <summary>Why the market's own model is not in force; empty while it is, or there is none.</summary>
    public IReadOnlyList<string> Warnings => _damage is { } damage ? [damage] : [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        var before = clock.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TakeUp(stoppingToken);
                if (Night(before, clock.GetUtcNow()) is { } night)
                {
                    await db.Write(session => Trainings.Request(session, clock, seed: 1, Lifecycle.Clock, night));
                }

                before = clock.GetUtcNow();
                if (await db.Read(MatchModelSql.Running) is { State: TrainingState.Waiting } waiting
                    && await db.Write(session => Trainings.Begin(session, clock, waiting)) is { } begun)
                {
                    await Train(begun, stoppingToken);
                }
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "Learning waits: the database is away");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(BetweenLooks, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
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
            log.LogInformation("Matches are ranked by model {Version} of {Id}", model.Version, row.Id);
        }
        catch (InvalidDataException error)
        {
            _damage = $"Match model {row.Id} cannot be used: {error.Message} Matches are ranked without it until the next training is adopted.";
            log.LogWarning("{Damage}", _damage);
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
            log.LogWarning("Training {Id} was interrupted", row.Id);
        }
#pragma warning disable CA1031 // Whatever breaks a training is its outcome; the market goes on.
        catch (Exception error) when (error is not (DbException or CommitOutcomeUnknownException))
#pragma warning restore CA1031
        {
            log.LogError(error, "Training {Id} failed", row.Id);
            report = report with { Reason = TrainingReason.Error };
        }
        finally
        {
            await ending.CancelAsync();
            await beating;
        }

        await db.Write(async session =>
        {
            if (await Trainings.End(session, clock, row, state, report) && adopted is not null)
            {
                await MatchModelSql.DeletePartsBut(session, row.Id);
            }
        });
        log.LogInformation("Training {Id}: {State}, {Reason}", row.Id, state, report.Reason);
    }

    /// <summary>The bytes go in before the decision: whoever reads the one finds the other.</summary>
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
                if (!ending.IsCancellationRequested && !await db.Write(session => MatchModelSql.Beat(session, id, clock.Now())))
                {
                    await ending.CancelAsync();
                }
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "Training {Id} could not say that it lives", id);
            }
        }
    }
}
