using System.Data.Common;

namespace Marketplace.Api.Data;

/// <summary>
/// Brings the schema up to date before the first request. The embedded database must be there at start; a server may be away and come
/// later: until then every request is answered 503.
/// </summary>
public sealed class Schema(Db db, TimeProvider clock, ILogger<Schema> log) : BackgroundService
{
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Completes when the database can be used.</summary>
    public Task Ready => _ready.Task;

    /// <summary>What else must be there before the first request.</summary>
    public Func<Task>? Afterwards { get; set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Prepare();
        }
        catch (Exception error) when (IsAway(error))
        {
            if (db.Dialect.Name == "sqlite")
            {
                throw new StartupException($"The database cannot be opened: {error.Message}");
            }

            log.LogError("The database is away; requests are answered 503 until it is back: {Error}", error.Message);
            await base.StartAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!IsReady)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            try
            {
                await Prepare();
                log.LogInformation("The database is back");
            }
            catch (Exception error) when (IsAway(error))
            {
                log.LogDebug(error, "The database is still away");
            }
        }
    }

    bool IsAway(Exception error) => error is CommitOutcomeUnknownException
        || (error is DbException database && (db.Dialect.IsUnavailable(database) || db.Dialect.IsRetryable(database)));

    async Task Prepare()
    {
        await Migrator.Run(db, clock);
        if (Afterwards is not null)
        {
            await Afterwards();
        }

        _ready.TrySetResult();
    }
}
