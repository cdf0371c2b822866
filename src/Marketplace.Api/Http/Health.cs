using Marketplace.Api.Data;

namespace Marketplace.Api.Http;

/// <summary>For a monitor of the process: alive, and ready to answer any request.</summary>
static class Health
{
    /// <summary>The log has them all.</summary>
    const int MostWarnings = 20;

    public static IServiceCollection AddHosted<T>(this IServiceCollection services)
        where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());

    /// <param name="routes">Where to map.</param>
    /// <param name="warnings">What an operator should mend although every request is answered; a line each.</param>
    public static void MapHealth(this IEndpointRouteBuilder routes, Func<IReadOnlyList<string>> warnings)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        routes.MapGet("/health/ready", async (Session session, Db db, IHostApplicationLifetime host) =>
        {
            // Hosted services may have more to do after the server listens: the host has started when all of them are done.
            if (!host.ApplicationStarted.IsCancellationRequested)
            {
                throw Problems.Starting();
            }

            await db.Writer.Probe(session);
            return Results.Json(new { status = "ready", warnings = warnings() is { Count: > 0 } some ? some.Take(MostWarnings) : null }, Json.Options);
        }).ExcludeFromDescription();
    }
}

/// <summary>
/// Tells work beside the requests when it may begin: once the server listens, so that it does not compete with the start. The host's
/// own signal would come too late: the demo market is loaded before it, and needs that work.
/// </summary>
public sealed class Listening : IHostedLifecycleService
{
    readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>False when the host stops instead.</returns>
    public async Task<bool> Begins(CancellationToken stopping)
    {
        await _began.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _began.Task.IsCompleted;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _began.TrySetResult();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
