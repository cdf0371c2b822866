using Marketplace.Api.Data;

namespace Marketplace.Api.Http;

/// <summary>For whoever watches the process: alive, and ready to answer any request.</summary>
static class Health
{
    public static IServiceCollection AddHosted<T>(this IServiceCollection services)
        where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        routes.MapGet("/health/ready", async (Session session, IHostApplicationLifetime host) =>
        {
            // Hosted services may have more to do after the server listens: the host has started when all of them are done.
            if (!host.ApplicationStarted.IsCancellationRequested)
            {
                throw Problems.Starting();
            }

            await session.Single<int>("SELECT 1");
            return Results.Json(new { status = "ready" });
        }).ExcludeFromDescription();
    }
}
