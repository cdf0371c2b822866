using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Http;

/// <summary>Work that time does by itself: again and again from when requests are served, and later where the database is away.</summary>
public abstract class Recurring(TimeSpan every, Listening listening, TimeProvider clock, ILogger log) : BackgroundService
{
    protected TimeProvider Clock => clock;

    protected ILogger Log => log;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        using var timer = new PeriodicTimer(every, clock);
        do
        {
            try
            {
                await Run(stoppingToken);
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "{Work} waits: the database is away", GetType().Name);
            }
            catch (UnreadableException error)
            {
                log.LogError(error, "{Work} waits: {Record} cannot be read", GetType().Name, error.Record);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    protected abstract Task Run(CancellationToken stopping);
}
