using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Polly;
using Polly.Retry;

namespace Marketplace.Api.Imports;

// 批量导入: a file of records, over HTTP or from a shell. Reading and checking run ahead of writing; what was read meanwhile is written
// as one unit, each line in a savepoint of its own, and a line is acknowledged only after the commit that holds it.

/// <summary>One import, from its lines to their outcomes.</summary>
/// <param name="db">Where to.</param>
/// <param name="target">What the records become.</param>
/// <param name="language">Of the outcomes.</param>
/// <param name="caller">Whose key must still be valid at each batch; null for who acts without one, at the machine itself.</param>
/// <param name="besideServer">Whether another process may be waiting to write to the same file.</param>
sealed class Import(Db db, ImportTarget target, Language language, Caller? caller, bool besideServer = false)
{
    /// <summary>
    /// The lock of an SQLite file is not given in turn: who waits for it looks each tenth of a second, and finds it only if it lies free then. So units are
    /// small beside a server, and the lock is left alone for longer than that after each short while.
    /// </summary>
    static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(150), Rest = TimeSpan.FromMilliseconds(200);

    /// <summary>Lines in one write unit that another process may be waiting for.</summary>
    const int LargestBatchBeside = 50;

    readonly bool _sharesLock = besideServer && db.Writer.CommitsInOrder;

    /// <summary>Lines in one write unit: enough to share a commit's cost, few enough that other writers hardly notice.</summary>
    const int LargestBatch = 200;

    /// <summary>Bounds the memory of a batch of long lines.</summary>
    const int LargestBatchBytes = 1 << 20;

    /// <summary>
    /// Outlives another process's long write to the same SQLite file, and a database server's restart. A batch may be repeated even when
    /// the fate of its commit is unknown: its lines would be found unchanged.
    /// </summary>
    readonly ResiliencePipeline _patience = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<DbException>(error => db.Dialect.IsRetryable(error) || db.Dialect.IsUnavailable(error)),
            MaxRetryAttempts = 8,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(5),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    /// <param name="lines">Read once, on another thread.</param>
    /// <param name="acknowledge">Told the outcomes of each batch, in the order of the lines, after its commit.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public async Task<ImportSummary> Run(
        IAsyncEnumerable<JsonLine> lines, Func<IReadOnlyList<ImportOutcome>, ImportSummary, Task> acknowledge, CancellationToken cancellation)
    {
        var summary = new ImportSummary { Published = target.Publishes ? 0 : null };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var batches = Channel.CreateBounded<List<ImportEntry>>(1);
        var rested = Stopwatch.GetTimestamp();
        var reading = Task.Run(() => ReadAhead(lines, batches.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellation))
            {
                var outcomes = await Write(batch, cancellation);
                summary = summary.With(outcomes);
                await acknowledge(outcomes, summary);
                if (_sharesLock && Stopwatch.GetElapsedTime(rested) > LongestHold)
                {
                    await Task.Delay(Rest, cancellation);
                    rested = Stopwatch.GetTimestamp();
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }

        return summary;
    }

    async Task<IReadOnlyList<ImportOutcome>> Write(IReadOnlyList<ImportEntry> batch, CancellationToken cancellation) =>
        await _patience.ExecuteAsync(
            async _ =>
            {
                List<ImportOutcome> outcomes = [];
                await using var session = new Session(db);
                await db.Writer.Run(session, async () =>
                {
                    if (caller is not null && !await caller.KeepsKey(session))
                    {
                        throw Problems.Unauthenticated();
                    }

                    outcomes = await target.Store(session, batch, language);
                    // What changed nothing needs no commit.
                    return outcomes.Exists(outcome => outcome.Outcome is ImportResult.Created or ImportResult.Updated || outcome.Published);
                }, repeatable: true);
                return outcomes;
            },
            cancellation);

    /// <summary>
    /// Fills batches while the writer is busy; hands over what there is when the writer waits and the source has nothing more just now.
    /// </summary>
    async Task ReadAhead(IAsyncEnumerable<JsonLine> lines, ChannelWriter<List<ImportEntry>> batches, CancellationToken cancellation)
    {
        List<ImportEntry> batch = [];
        var bytes = 0;
        Exception? failure = null;
        try
        {
            await using var source = lines.GetAsyncEnumerator(cancellation);
            while (true)
            {
                var next = source.MoveNextAsync().AsTask();
                if (!next.IsCompleted && batch.Count > 0)
                {
                    await Task.WhenAny(next, batches.WaitToWriteAsync(cancellation).AsTask());
                    if (!next.IsCompleted)
                    {
                        await HandOver();
                    }
                }

                if (!await next)
                {
                    break;
                }

                batch.Add(target.Read(source.Current));
                bytes += source.Current.Json.Length;
                if (batch.Count == (_sharesLock ? LargestBatchBeside : LargestBatch) || bytes >= LargestBatchBytes)
                {
                    await HandOver();
                }
            }
        }
#pragma warning disable CA1031 // Whatever ended the reading is the writing side's to see, after the lines that came whole.
        catch (Exception error)
#pragma warning restore CA1031
        {
            failure = error;
        }

        if (batch.Count > 0 && !cancellation.IsCancellationRequested)
        {
            await batches.WriteAsync(batch, CancellationToken.None);
        }

        batches.Complete(failure);

        async Task HandOver()
        {
            await batches.WriteAsync(batch, cancellation);
            (batch, bytes) = ([], 0);
        }
    }
}
