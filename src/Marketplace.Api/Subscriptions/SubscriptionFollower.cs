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
    : Loop(listening, clock, log)
{
    /// <summary>A listing is told of when it is among this many best matches of a subscription.</summary>
    const int Best = 20;

    const int Batch = 500;

    /// <summary>Found together, written together: more would hold up other writers.</summary>
    const int Unit = 100;

    /// <summary>Nobody's act: the market found it.</summary>
    const string Actor = "matching";

    /// <summary>After these a listing may be a match that it was not before.</summary>
    static readonly string[] Types = [.. ListingKinds.All.SelectMany(kind => new[] { $"{kind.Name}.{ListingLifecycle.Published}", $"{kind.Name}.updated" })];

    /// <summary>What this process has served, stored or not.</summary>
    long _served;

    protected override async Task<Task> Piece(CancellationToken stopping)
    {
        var (next, began) = (index.NextRound, Stopwatch.GetTimestamp());
        while (await ServeSome(stopping))
        {
        }

        // However many there are to serve, requests keep at least half of the processor that this takes.
        await Task.Delay(Stopwatch.GetElapsedTime(began), stopping);
        return next.WaitAsync(stopping);
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

        // The events before the subscriptions: a subscription from before an event is then among those that are served with it.
        var events = await db.Read(session => EventSql.Following(session, from, Types, Batch));
        var isFull = events.Count == Batch;
        var last = isFull ? Math.Min(until, events[^1].Sequence) : until;
        // Of several changes the last counts: what it says is what the index holds.
        var changed = events.Where(e => e.Sequence <= last).GroupBy(e => e.Subject).ToDictionary(of => of.Key, of => of.Max(e => e.Sequence));
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
                var active = rows.Select(row => (Row: row, Wanted: Readable($"subscriptions {row.Id}", () => row.Wanted)!)).Where(of => of.Wanted is not null).ToList();
                var own = await Own([.. active.Select(of => of.Wanted)]);
                var watchedFrom = await db.Read(session => EventSql.Sequences(session, [.. active.Select(of => of.Row.WatchedFrom)]));
                foreach (var (row, wanted) in active)
                {
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
    async Task<Dictionary<string, Matching.Listing>> Own(List<SubscriptionContent> wishes)
    {
        var ids = wishes.Select(wanted => wanted.Demand ?? wanted.Achievement).OfType<string>().Distinct().ToList();
        return ids.Count == 0 ? [] : (await db.Read(session => ListingSql.WordsByIds(session, ids)))
            .Where(row => ListingLifecycle.IsOpen(row.State))
            .Select(row => Readable($"listings {row.Id}", () => ListingKinds.Named(row.Kind).Indexed(row))).OfType<Matching.Listing>()
            .ToDictionary(listing => listing.Id);
    }

    async Task Record(Session session, (SubscriptionRow Subscription, Matching.Match Match)[] found)
    {
        foreach (var (subscription, match) in found)
        {
            var row = new FoundRow
            {
                Id = Ids.New("smt", Clock), Subscription = subscription.Id, Listing = match.Id, Score = match.Score, FoundAt = Clock.Now(),
            };
            if (await SubscriptionSql.Record(session, row))
            {
                await EventSql.Append(session, Clock, "subscription.matched", subscription.Id, Actor,
                    new { subscription = subscription.Id, listing = match.Id, match.Score }, subscription.Owner);
            }
        }
    }
}
