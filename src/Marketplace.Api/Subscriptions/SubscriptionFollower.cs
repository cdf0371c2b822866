using System.Data.Common;
using System.Diagnostics;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Matches;

namespace Marketplace.Api.Subscriptions;

/// <summary>
/// Serves the subscriptions: follows the event feed behind the matching index, and searches for each active subscription what was
/// published or changed. How far it has come is stored with what it found, so a process that is killed loses nothing; a listing is
/// recorded once a subscription, by whichever process comes first.
/// </summary>
public sealed class SubscriptionFollower(Db db, Listening listening, MatchIndex index, TimeProvider clock, ILogger<SubscriptionFollower> log)
    : BackgroundService
{
    /// <summary>A listing is told of when it is among this many best matches of a subscription.</summary>
    const int Best = 20;

    const int Batch = 500;

    /// <summary>Found together, written together: more would hold up other writers.</summary>
    const int Unit = 100;

    /// <summary>Nobody's act: the market found it.</summary>
    const string Actor = "matching";

    /// <summary>How long to wait for a database that is away.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>After these a listing may be a match that it was not before.</summary>
    static readonly string[] Types = [.. ListingKinds.All.SelectMany(kind => new[] { $"{kind.Name}.{ListingLifecycle.Published}", $"{kind.Name}.updated" })];

    /// <summary>What this process has served, stored or not.</summary>
    long _served;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await listening.Begins(stoppingToken))
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            var (next, began) = (index.NextRound, Stopwatch.GetTimestamp());
            try
            {
                while (await ServeSome(stoppingToken))
                {
                }

                // However many there are to serve, requests keep at least half of the processor that this takes.
                await Task.Delay(Stopwatch.GetElapsedTime(began), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error) when (error is DbException or CommitOutcomeUnknownException)
            {
                log.LogWarning(error, "Subscriptions wait: the database is away");
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await next.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether there may be more.</returns>
    async Task<bool> ServeSome(CancellationToken stopping)
    {
        var until = index.Seen;
        if (until <= _served)
        {
            return false;
        }

        var stored = await db.Read(SubscriptionSql.Served);
        var from = Math.Max(_served, stored);
        if (until <= from)
        {
            return false;
        }

        // The events before the subscriptions: whoever subscribed before an event is then among those who are served with it.
        var events = await db.Read(session => EventSql.After(session, from, readers: null, Types, Batch));
        var isFull = events.Count == Batch;
        var last = isFull ? Math.Min(until, events[^1].Sequence!.Value) : until;
        // Of several changes the last counts: what it says is what the index holds.
        var changed = events.Where(e => e.Sequence <= last).GroupBy(e => e.Subject).ToDictionary(of => of.Key, of => of.Max(e => e.Sequence!.Value));
        List<(SubscriptionRow Subscription, Matching.Match Match)> found = changed.Count == 0 ? [] : await Find(changed, stopping);
        foreach (var unit in found.Chunk(Unit))
        {
            await db.Write(session => Record(session, unit));
        }

        if (found.Count > 0 || last - stored >= Batch)
        {
            await db.Write(session => SubscriptionSql.MoveServed(session, last));
        }

        _served = last;
        return isFull;
    }

    async Task<List<(SubscriptionRow Subscription, Matching.Match Match)>> Find(
        Dictionary<string, long> changed, CancellationToken stopping)
    {
        var market = await index.Loaded.WaitAsync(stopping);
        var found = new List<(SubscriptionRow, Matching.Match)>();
        foreach (var kind in ListingKinds.All.Where(kind => changed.Keys.Any(id => Ids.Is(kind.Prefix, id))))
        {
            var (side, after) = (kind.Side.Code(), "");
            List<SubscriptionRow> rows;
            do
            {
                rows = await db.Read(session => SubscriptionSql.Active(session, side, after, Batch));
                after = rows.Count > 0 ? rows[^1].Id : after;
                var own = await Own(rows);
                var watchedFrom = await db.Read(session => EventSql.Sequences(session, [.. rows.Select(row => row.WatchedFrom)]));
                foreach (var row in rows)
                {
                    var wanted = row.Wanted;
                    var listing = (wanted.Demand ?? wanted.Achievement) is { } id ? own.GetValueOrDefault(id) : null;
                    // Without a number yet, it begins after all that is served here.
                    if ((listing is null && wanted.Text is null) || !watchedFrom.TryGetValue(row.WatchedFrom, out var begun))
                    {
                        continue;
                    }

                    found.AddRange(market.Search(row.Query(listing), Best)
                        .Where(match => match.Score >= (wanted.MinScore ?? 0) && changed.TryGetValue(match.Id, out var sequence) && sequence > begun)
                        // In one order for every process, so that none waits for another that waits for it.
                        .OrderBy(match => match.Id, StringComparer.Ordinal).Select(match => (row, match)));
                }
            }
            while (rows.Count == Batch);
        }

        return found;
    }

    /// <summary>The listings whose counterparts are wanted, as long as they are open.</summary>
    async Task<Dictionary<string, Matching.Listing>> Own(List<SubscriptionRow> rows)
    {
        var ids = rows.Select(row => row.Wanted).Select(wanted => wanted.Demand ?? wanted.Achievement).OfType<string>().Distinct().ToList();
        return ids.Count == 0 ? [] : (await db.Read(session => ListingSql.ByIds(session, ids)))
            .Where(row => ListingLifecycle.IsOpen(row.State)).ToDictionary(row => row.Id, row => ListingKinds.Named(row.Kind).Indexed(row));
    }

    async Task Record(Session session, (SubscriptionRow Subscription, Matching.Match Match)[] found)
    {
        foreach (var (subscription, match) in found)
        {
            var row = new FoundRow
            {
                Id = Ids.New("smt", clock), Subscription = subscription.Id, Listing = match.Id, Score = match.Score, FoundAt = clock.Now(),
            };
            if (await SubscriptionSql.Record(session, row))
            {
                await EventSql.Append(session, clock, "subscription.matched", subscription.Id, Actor,
                    new { subscription = subscription.Id, listing = match.Id, match.Score }, subscription.Owner);
            }
        }
    }
}
