using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Marketplace.Api.Tests.Embeddings;

/// <summary>
/// An embeddings endpoint on loopback. While it is well, a text is about as much of each subject as it holds words for it; words of one
/// subject share no character.
/// </summary>
sealed class FakeEndpoint : IAsyncDisposable
{
    public const string Model = "fake-1";
    public const string Key = "secret-of-the-endpoint";

    /// <summary>Words of one subject stand at one place.</summary>
    static readonly string[][] Subjects = [["光伏", "solar"], ["提锂", "lithium"], ["疫苗", "vaccine"]];

    readonly WebApplication _app;
    readonly ConcurrentQueue<Asked> _asked = new();

    public sealed record Asked(string Path, string? Authorization, string Model, IReadOnlyList<string> Texts);

    FakeEndpoint()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            List<string> texts = [.. body.RootElement.GetProperty("input").EnumerateArray().Select(text => text.GetString()!)];
            _asked.Enqueue(new(context.Request.Path, context.Request.Headers.Authorization, body.RootElement.GetProperty("model").GetString()!, texts));
            await (Answers ?? Well)(context, texts);
        });
    }

    /// <summary>What it does instead of answering well.</summary>
    public Func<HttpContext, List<string>, Task>? Answers { get; set; }

    public IReadOnlyCollection<Asked> Requests => _asked;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();

    public static async Task<FakeEndpoint> Start(Func<HttpContext, List<string>, Task>? answers = null)
    {
        var endpoint = new FakeEndpoint { Answers = answers };
        await endpoint._app.StartAsync();
        return endpoint;
    }

    public static Task Well(HttpContext context, List<string> texts) => Vectors(context, texts.Select(Vector));

    /// <summary>Answers these vectors, the last first: a client goes by their index.</summary>
    public static Task Vectors(HttpContext context, IEnumerable<double[]> vectors) => context.Response.WriteAsJsonAsync(new
    {
        @object = "list", model = Model,
        data = vectors.Select((embedding, index) => new { @object = "embedding", index, embedding }).Reverse(),
        usage = new { prompt_tokens = 1, total_tokens = 1 },
    });

    public static double[] Vector(string text) =>
        [.. Subjects.Select(words => 0.01 + words.Count(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)))];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
