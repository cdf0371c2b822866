using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Marketplace.Api.Http;

/// <summary>A bucket that fills steadily and from which each request takes what it costs.</summary>
/// <param name="Name">In the headers of an answer.</param>
/// <param name="Holds">When it is full.</param>
/// <param name="FillsIn">From empty to full.</param>
public sealed record Allowance(string Name, int Holds, TimeSpan FillsIn);

/// <summary>
/// How much a caller may ask: each key has a bucket, and who sends none shares that of the address. What costs the market more takes more
/// out of it. Keys that are wrong are counted by address, in a smaller bucket of their own: who guesses is stopped, and nobody else.
/// </summary>
public sealed class RateLimits(bool enabled) : IDisposable
{
    const int Reading = 1;
    const int Writing = 5;
    const int Computing = 10;
    const int Streaming = 50;

    /// <summary>Imports and batches of one caller at once: each may keep a connection and a file for as long as it likes.</summary>
    const int Streams = 8;

    readonly record struct Subject(Allowance Allowance, string Who);

    readonly PartitionedRateLimiter<Subject> _buckets = PartitionedRateLimiter.Create<Subject, Subject>(static subject =>
        RateLimitPartition.GetTokenBucketLimiter(subject, static subject => new()
        {
            TokenLimit = subject.Allowance.Holds, TokensPerPeriod = subject.Allowance.Holds, ReplenishmentPeriod = subject.Allowance.FillsIn,
            QueueLimit = 0, AutoReplenishment = false,
        }));

    readonly PartitionedRateLimiter<Subject> _streams = PartitionedRateLimiter.Create<Subject, Subject>(static subject =>
        RateLimitPartition.GetConcurrencyLimiter(subject, static _ => new() { PermitLimit = Streams, QueueLimit = 0 }));

    public bool Enabled => enabled;

    /// <summary>Of one key: a minute of the busiest clerk many times over.</summary>
    public Allowance Key { get; init; } = new("key", 3_000, TimeSpan.FromSeconds(20));

    /// <summary>Of all at one address who send no key.</summary>
    public Allowance Address { get; init; } = new("address", 1_200, TimeSpan.FromSeconds(20));

    /// <summary>Of keys that are none, from one address.</summary>
    public Allowance WrongKeys { get; init; } = new("wrong-keys", 300, TimeSpan.FromSeconds(60));

    /// <summary>Takes what the request costs out of its caller's bucket.</summary>
    /// <returns>To be disposed of when the request ends.</returns>
    public IDisposable? Enter(HttpContext http)
    {
        var caller = Caller.Of(http);
        var subject = caller.IsAnonymous ? new Subject(Address, AddressOf(http)) : new(Key, caller.Key);
        Take(http, subject, Cost(http));
        if (http.GetEndpoint()?.Metadata.GetMetadata<Routes.StreamsMetadata>() is null)
        {
            return null;
        }

        var stream = _streams.AttemptAcquire(subject);
        return stream.IsAcquired ? stream : throw Problems.RateLimited(new(
            $"同一调用者最多同时进行 {Streams} 个导入或批量测算。", $"A caller has at most {Streams} imports and batches at once."), 1);
    }

    /// <summary>Counts a key that is none; refuses it as one too many where it is.</summary>
    public void WrongKey(HttpContext http)
    {
        if (enabled)
        {
            Take(http, new(WrongKeys, AddressOf(http)), 1);
        }
    }

    public void Dispose()
    {
        _buckets.Dispose();
        _streams.Dispose();
    }

    void Take(HttpContext http, Subject subject, int cost)
    {
        using var lease = _buckets.AttemptAcquire(subject, cost);
        var allowance = subject.Allowance;
        var left = _buckets.GetStatistics(subject)?.CurrentAvailablePermits ?? 0;
        // What is set on the answer now would be cleared with it where a unit runs twice or a refusal takes its place.
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{allowance.Name}\";q={allowance.Holds};w={(long)allowance.FillsIn.TotalSeconds}");
            headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{allowance.Name}\";r={left};t={Seconds(allowance.Holds - left, allowance)}");
            return Task.CompletedTask;
        });
        if (!lease.IsAcquired)
        {
            var wait = (int)Math.Clamp(Seconds(cost - left, allowance), 1, 3600);
            throw Problems.RateLimited(new(
                $"此密钥或地址的请求过多，约 {wait} 秒后重试；读取计 {Reading}，写入计 {Writing}，计算计 {Computing}，导入和批量测算计 {Streaming}。",
                $"Too many requests of this key or address; try again in about {wait} s. Reading costs {Reading}, writing {Writing}, computing {Computing}, an import or batch {Streaming}."), wait);
        }
    }

    static long Seconds(long amount, Allowance allowance) => (long)Math.Ceiling(amount * allowance.FillsIn.TotalSeconds / allowance.Holds);

    static int Cost(HttpContext http)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        return metadata is null ? Reading
            : metadata.GetMetadata<Routes.StreamsMetadata>() is not null ? Streaming
            : metadata.GetMetadata<Routes.ComputesMetadata>() is not null ? Computing
            : metadata.GetMetadata<Routes.WritesMetadata>() is not null ? Writing
            : Reading;
    }

    /// <summary>Of IPv6 the network, of which a caller has all addresses.</summary>
    static string AddressOf(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}

static class RateLimiting
{
    /// <summary>After the caller is known. Pages that only explain, and whether the process lives, are had as often as one likes.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        if (limits.Enabled)
        {
            app.Use(async (context, next) =>
            {
                using var entered = context.Request.Path.StartsWithSegments(Routes.Base) ? limits.Enter(context) : null;
                await next(context);
            });
        }
    }
}
