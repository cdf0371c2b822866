using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Http;

/// <summary>Work that time does by itself: once a minute from when requests are served, and later where the database is away.</summary>
public abstract class EachMinute(Listening listening, TimeProvider clock, ILogger log) : BackgroundService
{
    protected TimeProvider Clock => clock;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), clock);
        do
        {
            try
            {
                await Run();
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "{Work} waits: the database is away", GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    protected abstract Task Run();
}
