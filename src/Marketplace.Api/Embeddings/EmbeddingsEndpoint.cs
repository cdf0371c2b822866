using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Marketplace.Api.Embeddings;

/// <summary>The configuration section <c>Marketplace:Embeddings</c>.</summary>
/// <param name="Url">Where <c>/v1/embeddings</c> is, in the shape that OpenAI made common.</param>
/// <param name="Model">As the endpoint calls it.</param>
/// <param name="Key">Sent as a bearer token where there is one.</param>
public sealed record EmbeddingsSettings(Uri Url, string Model, string? Key);

/// <summary>Why there are no vectors.</summary>
public enum EmbeddingsFailure
{
    /// <summary>The same request may succeed later.</summary>
    Passing,

    /// <summary>Of the texts that were sent one is not taken.</summary>
    Refused,

    /// <summary>It is no such endpoint, or does not let this market in.</summary>
    Broken,
}

/// <summary>The endpoint gave no usable vectors; its message says why.</summary>
public sealed class EmbeddingsException(EmbeddingsFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public EmbeddingsFailure Failure => failure;

    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>Asks the configured endpoint for vectors. Whatever it answers instead of them is an <see cref="EmbeddingsException"/>.</summary>
public sealed class EmbeddingsEndpoint : IDisposable
{
    /// <summary>The texts of one request; endpoints differ in how many they take, and all take these.</summary>
    public const int Batch = 16;

    /// <summary>Of a text; what most models read at all.</summary>
    const int MostCharacters = 2000;

    const int MostAnswerBytes = 16 << 20;

    static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    readonly EmbeddingsSettings _settings;
    readonly HttpClient _http;
    readonly ResiliencePipeline _patient;
    readonly ResiliencePipeline _quick;

    public EmbeddingsEndpoint(EmbeddingsSettings settings, TimeProvider clock)
    {
        _settings = settings;
        // A redirect would carry the texts, and the key, to an address that nobody configured.
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostAnswerBytes,
        };
        _patient = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<EmbeddingsException>(error => error.Failure == EmbeddingsFailure.Passing).Handle<TimeoutRejectedException>(),
                MaxRetryAttempts = 4,
                Delay = TimeSpan.FromMilliseconds(250),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = static retry => ValueTask.FromResult(
                    retry.Outcome.Exception is EmbeddingsException { RetryAfter: { } wait } ? (TimeSpan?)(wait < LongestWait ? wait : LongestWait) : null),
            })
            .AddCircuitBreaker(Breaker())
            .AddTimeout(TimeSpan.FromSeconds(30))
            .Build();
        _quick = new ResiliencePipelineBuilder { TimeProvider = clock }.AddCircuitBreaker(Breaker()).AddTimeout(TimeSpan.FromMilliseconds(300)).Build();
    }

    public string Model => _settings.Model;

    /// <summary>The vectors of at most <see cref="Batch"/> texts, in their order, all of one length.</summary>
    public Task<IReadOnlyList<TextVector>> Embed(IReadOnlyList<string> texts, CancellationToken cancel) => Run(_patient, texts, cancel);

    /// <summary>The vector of a text that somebody is waiting for: one try, and no long one.</summary>
    public async Task<TextVector> EmbedNow(string text, CancellationToken cancel) => (await Run(_quick, [text], cancel))[0];

    public void Dispose() => _http.Dispose();

    /// <summary>So often did it fail that it is left alone for a while.</summary>
    static CircuitBreakerStrategyOptions Breaker() => new()
    {
        ShouldHandle = new PredicateBuilder().Handle<EmbeddingsException>().Handle<TimeoutRejectedException>(),
        FailureRatio = 0.5, MinimumThroughput = 5, SamplingDuration = TimeSpan.FromSeconds(30), BreakDuration = TimeSpan.FromSeconds(15),
    };

    async Task<IReadOnlyList<TextVector>> Run(ResiliencePipeline pipeline, IReadOnlyList<string> texts, CancellationToken cancel)
    {
        try
        {
            return await pipeline.ExecuteAsync(async attempt => await Ask(texts, attempt), cancel);
        }
        catch (ExecutionRejectedException error)
        {
            throw new EmbeddingsException(EmbeddingsFailure.Passing, error.Message, inner: error);
        }
    }

    async Task<IReadOnlyList<TextVector>> Ask(IReadOnlyList<string> texts, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_settings.Url.AbsoluteUri.TrimEnd('/')}/v1/embeddings")
        {
            Content = JsonContent.Create(new { model = _settings.Model, input = texts.Select(Shortened) }),
        };
        request.Headers.Authorization = _settings.Key is null ? null : new AuthenticationHeaderValue("Bearer", _settings.Key);
        try
        {
            using var response = await _http.SendAsync(request, cancel);
            if (!response.IsSuccessStatusCode)
            {
                throw new EmbeddingsException(FailureOf(response.StatusCode), $"It answered {(int)response.StatusCode}.", response.Headers.RetryAfter?.Delta);
            }

            return Vectors(await response.Content.ReadAsByteArrayAsync(cancel), texts.Count);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new EmbeddingsException(EmbeddingsFailure.Passing, $"It could not be reached: {error.Message}", inner: error);
        }
    }

    static EmbeddingsFailure FailureOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => EmbeddingsFailure.Passing,
        HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity => EmbeddingsFailure.Refused,
        _ => EmbeddingsFailure.Broken,
    };

    static List<TextVector> Vectors(byte[] answer, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var vectors = new TextVector?[count];
            foreach (var entry in document.RootElement.GetProperty("data").EnumerateArray())
            {
                vectors[entry.GetProperty("index").GetInt32()] =
                    TextVector.Of([.. entry.GetProperty("embedding").EnumerateArray().Select(component => component.GetSingle())]);
            }

            return vectors.OfType<TextVector>().ToList() is var all && all.Count == count && all.TrueForAll(vector => vector.Length == all[0].Length)
                ? all
                : throw new EmbeddingsException(EmbeddingsFailure.Broken, $"It answered other than {count} vectors of one length.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw new EmbeddingsException(EmbeddingsFailure.Broken, "It answered something else than vectors.", inner: error);
        }
    }

    /// <summary>Never through the middle of a surrogate pair.</summary>
    static string Shortened(string text) =>
        text.Length <= MostCharacters ? text : text[..(char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters)];
}
