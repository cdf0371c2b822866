using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Events;

/// <summary>A stored record that is not what the market wrote.</summary>
/// <param name="Record">Its table and its key.</param>
sealed record AlteredRecord(string Record, Wording Message);

/// <summary>
/// Walks the chain of events, some at a time: each continues the one before it, none is missing, and the last is the one that the head's row names.
/// </summary>
sealed class EventChain
{
    /// <summary>The last event that was walked, and its hash.</summary>
    (long Sequence, string Hash) _at = (0, "");

    /// <summary>How many were walked since the chain's beginning.</summary>
    public long Walked { get; private set; }

    /// <summary>What the events of the last step are about.</summary>
    public IReadOnlyCollection<string> Subjects { get; private set; } = [];

    /// <summary>Walks the next events, all in the session's one moment.</summary>
    /// <returns>Whether the end was reached; the next walk begins anew.</returns>
    public async Task<bool> Walk(Session session, int take, List<AlteredRecord> faults)
    {
        var rows = await Read(session, take, faults);
        foreach (var row in rows.Select(read => read.Row))
        {
            if (row is null)
            {
                continue;
            }

            Check(row, faults);
            Walked++;
            _at = (row.Sequence!.Value, row.Hash ?? "");
        }

        Subjects = [.. rows.Select(row => row.Row?.Subject).OfType<string>().Distinct()];
        if (rows.Count == take)
        {
            return false;
        }

        var head = await EventSql.Last(session);
        if (_at.Sequence < head.Sequence)
        {
            Missing(_at.Sequence + 1, head.Sequence, faults);
        }
        else if (_at != head)
        {
            faults.Add(new("event_head 1", new(
                $"链首记录为第 {head.Sequence} 号事件，最后的事件为第 {_at.Sequence} 号，或散列不同。",
                $"It names event {head.Sequence}; the last is {_at.Sequence}, or has another hash.")));
        }

        _at = (0, "");
        return true;
    }

    void Check(EventRow row, List<AlteredRecord> faults)
    {
        var sequence = row.Sequence!.Value;
        if (sequence > _at.Sequence + 1)
        {
            Missing(_at.Sequence + 1, sequence - 1, faults);
        }

        if (!row.IsHashedAfter(_at.Hash, sequence))
        {
            faults.Add(new($"events {row.Id}", new($"第 {sequence} 号事件与其散列不符，或不接上一事件。", $"Event {sequence} is not what was hashed, or does not continue the one before it.")));
        }
    }

    static void Missing(long from, long to, List<AlteredRecord> faults)
    {
        for (var sequence = from; sequence <= Math.Min(to, from + 9); sequence++)
        {
            faults.Add(new($"events {sequence}", new($"缺少第 {sequence} 号事件。", $"Event {sequence} is missing.")));
        }

        if (to > from + 9)
        {
            faults.Add(new($"events {to}", new($"缺少第 {from} 至 {to} 号事件。", $"The events {from} to {to} are missing.")));
        }
    }

    /// <summary>The next rows; null for one that cannot be read, whose fault is told.</summary>
    async Task<List<(string Id, EventRow? Row)>> Read(Session session, int take, List<AlteredRecord> faults)
    {
        try
        {
            return [.. (await EventSql.Chain(session, _at.Sequence, take)).Select(row => (row.Id, (EventRow?)row))];
        }
        catch (UnreadableException)
        {
            // One by one, so that one row does not hide the others.
            var rows = new List<(string, EventRow?)>();
            foreach (var id in await EventSql.ChainIds(session, _at.Sequence, take))
            {
                try
                {
                    rows.Add((id, await EventSql.Get(session, id)));
                }
                catch (UnreadableException)
                {
                    faults.Add(new($"events {id}", new($"事件 {id} 无法读取。", $"The event {id} cannot be read.")));
                    rows.Add((id, null));
                }
            }

            return rows;
        }
    }
}
