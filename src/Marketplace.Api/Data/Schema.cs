using System.Data.Common;

namespace Marketplace.Api.Data;

/// <summary>
/// Brings the schema up to date before the first request. The embedded database must be there at start; a server may be away and come
/// later: until then every request is answered 503.
/// </summary>
public sealed class Schema(Db db, TimeProvider clock, IHostApplicationLifetime host, ILogger<Schema> log) : BackgroundService
{
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Completes when the database can be used; fails where the start cannot go on, which then ends the process.</summary>
    public Task Ready => _ready.Task;

    /// <summary>How the database is set up that an operator should mend, a line each.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>What else must be there before the first request.</summary>
    public Func<Task>? Afterwards { get; set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Prepare();
        }
        catch (Exception error) when (!IsAway(error))
        {
            throw AsStartup(error);
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
#pragma warning disable CA1031 // Whatever else it is, the start cannot go on; the program tells it in one line and ends with a code that says so.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _ready.TrySetException(AsStartup(error));
                host.StopApplication();
                return;
            }
        }
    }

    bool IsAway(Exception error) => error is CommitOutcomeUnknownException
        || (error is DbException database && (db.Dialect.IsUnavailable(database) || db.Dialect.IsRetryable(database)));

    static StartupException AsStartup(Exception error) =>
        error as StartupException ?? new($"The database cannot be brought up to date: {error.Message.ReplaceLineEndings(" ")}");

    async Task Prepare()
    {
        await Migrator.Run(db, clock);
        Warnings = await db.Dialect.Warnings();
        foreach (var warning in Warnings)
        {
            log.LogWarning("{Warning}", warning);
        }

        if (Afterwards is not null)
        {
            await Afterwards();
        }

        _ready.TrySetResult();
    }
}
