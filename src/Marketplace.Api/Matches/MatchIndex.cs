using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Matching;

namespace Marketplace.Api.Matches;

/// <summary>
/// Keeps the matching index equal to the published listings: takes the stored one at start, or else loads them, and then follows the event
/// feed. A search before the first load is complete waits for it, so an answer is never a partial one.
/// </summary>
public sealed class MatchIndex(Db db, Listening listening, IHostEnvironment environment, TimeProvider clock, ILogger<MatchIndex> log)
    : Loop(listening, clock, log)
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
    long _lastStore = clock.GetTimestamp();

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

    protected override async Task<Task> Piece(CancellationToken stopping)
    {
        var next = db.Writer.NextCommit;
        if (_seen < 0)
        {
            Saw(await Restore() ?? await Load());
        }

        var (last, count) = await Follow(_seen);
        Saw(last);
        if (count == Batch)
        {
            return Task.CompletedTask;
        }

        _loaded.TrySetResult(_index);
        if (Clock.GetElapsedTime(_lastStore) >= BetweenStores)
        {
            await Store();
            _lastStore = Clock.GetTimestamp();
        }

        return Wait();

        async Task Wait()
        {
            await Task.WhenAny(next, Task.Delay(Sweep, stopping));
            await Task.Delay(Moment, stopping);
        }
    }

    protected override Task End() => Store();

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
            Log.LogWarning("The matching index is made anew: the stored one is of another database");
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
        // A load that was cut off holds what may have been withdrawn since.
        _index = new(CodeEndpoints.Label);
        var seen = await db.Read(EventSql.LastSequence);
        var after = "";
        List<ListingRow> rows;
        do
        {
            rows = await db.Read(session => ListingSql.WordsAfter(session, after, take: 20_000));
            _index.Apply([.. rows.Select(Indexed).OfType<Listing>()], []);
            after = rows.Count > 0 ? rows[^1].Id : after;
        }
        while (rows.Count == 20_000);
        return seen;
    }

    async Task<(long Last, int Count)> Follow(long seen)
    {
        var events = await db.Read(session => EventSql.Following(session, seen, types: null, take: Batch));
        if (events.Count == 0)
        {
            return (seen, 0);
        }

        // What was only created is a draft.
        var ids = events.Where(e => !e.Type.EndsWith(".created", StringComparison.Ordinal)).Select(e => e.Subject).Where(ListingKinds.Has).Distinct().ToList();
        if (ids.Count > 0)
        {
            var published = (await db.Read(session => ListingSql.WordsOf(session, ids))).Select(Indexed).OfType<Listing>().ToList();
            _index.Apply(published, [.. ids.Except(published.Select(listing => listing.Id))]);
        }

        return (events[^1].Sequence, events.Count);
    }

    Listing? Indexed(ListingRow row) => Readable($"listings {row.Id}", () => ListingKinds.Named(row.Kind).Indexed(row));
}
