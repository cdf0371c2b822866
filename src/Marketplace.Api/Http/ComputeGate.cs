using System.Threading.RateLimiting;

namespace Marketplace.Api.Http;

/// <summary>
/// Lets so many computations run at once that the processors are busy and a request that only reads still finds one; a few more wait, and
/// the others are told to come again. The body is read before the gate, so that who sends it slowly keeps nobody out.
/// </summary>
public sealed class ComputeGate : IDisposable
{
    static readonly Lock Adding = new();

    readonly ConcurrencyLimiter _places;

    // Reading is short: who waits here is served within moments.
    readonly ConcurrencyLimiter _readers = new(new() { PermitLimit = Environment.ProcessorCount, QueueLimit = 256, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    public ComputeGate()
        : this(2 * Environment.ProcessorCount, 4 * Environment.ProcessorCount)
    {
    }

    /// <param name="places">Computations at once.</param>
    /// <param name="waiting">Those that may wait for a place.</param>
    public ComputeGate(int places, int waiting) =>
        _places = new(new() { PermitLimit = places, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <returns>The place, to be disposed of when the computation ends.</returns>
    public ValueTask<IDisposable> Enter(CancellationToken aborted) => Enter(_places, aborted);

    /// <returns>The turn to read a large body, to be disposed of when it is read.</returns>
    public ValueTask<IDisposable> Read(CancellationToken aborted) => Enter(_readers, aborted);

    static async ValueTask<IDisposable> Enter(ConcurrencyLimiter places, CancellationToken aborted)
    {
        var place = await places.AcquireAsync(1, aborted);
        if (!place.IsAcquired)
        {
            place.Dispose();
            throw Problems.ServerBusy();
        }

        return new Place(place);
    }

    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        using var place = await http.RequestServices.GetRequiredService<ComputeGate>().Enter(http.RequestAborted);
        return await next(context);
    }

    public void Dispose()
    {
        _places.Dispose();
        _readers.Dispose();
    }

    /// <summary>
    /// A computation keeps a thread of the pool for as long as it lasts, and the pool would add another only after half a second in which
    /// nothing ends. So it may have one more for each that is kept.
    /// </summary>
    sealed class Place : IDisposable
    {
        readonly RateLimitLease _place;

        public Place(RateLimitLease place)
        {
            _place = place;
            Add(1);
        }

        public void Dispose()
        {
            Add(-1);
            _place.Dispose();
        }

        static void Add(int threads)
        {
            lock (Adding)
            {
                ThreadPool.GetMinThreads(out var workers, out var ports);
                ThreadPool.SetMinThreads(workers + threads, ports);
            }
        }
    }
}
