using System.Data.Common;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Matching;

namespace Marketplace.Api.Matches;

/// <summary>
/// Keeps the matching index equal to the published listings: takes the stored one at start, or else loads them, and then follows the event
/// feed. Whoever searches before the first load is complete waits for it, so an answer is never a partial one.
/// </summary>
public sealed class MatchIndex(Db db, Listening listening, IHostEnvironment environment, TimeProvider clock, ILogger<MatchIndex> log) : BackgroundService
{
    /// <summary>After a crash the events since are followed; a start without a crash finds the index stored at the end.</summary>
    static readonly TimeSpan BetweenStores = TimeSpan.FromMinutes(5);

    /// <summary>Finds what other processes committed; commits of this one wake it at once.</summary>
    static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(250);

    /// <summary>Commits come in crowds, and one reading serves all of a moment.</summary>
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    const int Batch = 500;

    readonly TaskCompletionSource<MarketIndex> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Walks _walks = new(clock);
    readonly StoredIndex _file = new(db.Dialect.PathBeside(environment.ContentRootPath) + ".matching", log);
    MarketIndex _index = new(CodeEndpoints.Label);
    long _stored = -1;

    TaskCompletionSource _round = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _seen = -1;

    /// <summary>The index, once it holds the market.</summary>
    public Task<MarketIndex> Loaded => _loaded.Task;

    /// <summary>The number of the last event whose change the index surely holds; -1 before the load.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>Completes when <see cref="Seen"/> has moved; take it before reading that, await it after.</summary>
    public Task NextRound => Volatile.Read(ref _round).Task;

    /// <summary>A page of a ranking, and the market that it and the pages after it are of.</summary>
    /// <param name="walk">The market of the page before; null for the first page.</param>
    public async Task<(FrozenMarket Market, List<Match> Found)> Find(ListingKind kind, ListingQuery query, long? walk, Continuation? after, int take)
    {
        var index = await Loaded;
        var market = (walk is { } number ? _walks.Find(number) : null) ?? index.Current;
        List<Match> found = query.State is not (null or ListingLifecycle.Published) ? [] : [.. market.List(
            new()
            {
                Side = kind.Side, Text = query.Q!,
                Filter = new() { Field = query.Field?.Code(), RegionPrefix = query.Region, Mode = query.Mode?.Code(), Owner = query.Owner },
            },
            take, after)];
        if (found.Count == take)
        {
            _walks.Keep(market, index.Current);
        }

        return (market, found);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The load is work for all processors; whoever waits for the server to come up goes first.
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        var lastStore = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = db.Writer.NextCommit;
            try
            {
                if (_seen < 0)
                {
                    Saw(await Restore() ?? await Load());
                }

                var (last, count) = await Follow(_seen);
                Saw(last);
                if (count == Batch)
                {
                    continue;
                }

                _loaded.TrySetResult(_index);
                if (clock.GetElapsedTime(lastStore) >= BetweenStores)
                {
                    await Store();
                    lastStore = clock.GetTimestamp();
                }
            }
            catch (DbException error)
            {
                log.LogWarning(error, "The matching index waits: the database is away");
                await Task.Delay(Sweep, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Task.WhenAny(next, Task.Delay(Sweep, stoppingToken));
            await Task.Delay(Moment, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        try
        {
            await Store();
        }
        catch (DbException error)
        {
            log.LogWarning(error, "The matching index was not stored: the database is away");
        }
    }

    /// <summary>Takes the stored index, if it is one of this database: the event it goes up to has the same hash here.</summary>
    /// <returns>The number of that event.</returns>
    async Task<long?> Restore()
    {
        if (_file.Read() is not var (index, sequence, hash))
        {
            return null;
        }

        if (await db.Read(session => EventSql.HashOf(session, sequence)) != hash)
        {
            log.LogWarning("The matching index is made anew: the stored one is of another database");
            return null;
        }

        _index = index;
        _stored = sequence;
        return sequence;
    }

    async Task Store()
    {
        if (_seen > _stored && await db.Read(session => EventSql.HashOf(session, _seen)) is { } hash)
        {
            _file.Write(_index, _seen, hash);
            _stored = _seen;
        }
    }

    void Saw(long sequence)
    {
        if (sequence > _seen)
        {
            Volatile.Write(ref _seen, sequence);
            Interlocked.Exchange(ref _round, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    /// <returns>The sequence number up to which the index surely holds every change.</returns>
    async Task<long> Load()
    {
        var seen = await db.Read(EventSql.LastSequence);
        var after = "";
        List<ListingRow> rows;
        do
        {
            rows = await db.Read(session => ListingSql.PublishedAfter(session, after, take: 20_000));
            _index.Apply([.. rows.Select(Indexed)], []);
            after = rows.Count > 0 ? rows[^1].Id : after;
        }
        while (rows.Count == 20_000);
        return seen;
    }

    async Task<(long Last, int Count)> Follow(long seen)
    {
        var events = await db.Read(session => EventSql.After(session, seen, readers: null, types: null, take: Batch));
        if (events.Count == 0)
        {
            return (seen, 0);
        }

        // What was only created is a draft.
        var ids = events.Where(e => !e.Type.EndsWith(".created", StringComparison.Ordinal)).Select(e => e.Subject).Where(ListingKinds.Has).Distinct().ToList();
        if (ids.Count > 0)
        {
            var published = await db.Read(session => ListingSql.PublishedOf(session, ids));
            _index.Apply([.. published.Select(Indexed)], [.. ids.Except(published.Select(row => row.Id))]);
        }

        return (events[^1].Sequence!.Value, events.Count);
    }

    static Listing Indexed(ListingRow row) => ListingKinds.Named(row.Kind).Indexed(row);
}
