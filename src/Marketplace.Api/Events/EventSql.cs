using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

static class EventSql
{
    sealed record Head
    {
        public long LastSequence { get; init; }
        public string LastHash { get; init; } = "";
    }

    /// <summary>
    /// Writes an event in the caller's transaction. Where writes commit in order it gets its number here; elsewhere
    /// <see cref="Sequencer"/> gives it after the commit, for a number taken now could be committed after a higher one.
    /// </summary>
    public static async Task Append(
        Session session, TimeProvider clock, string type, string subject, string actor, object data, params IEnumerable<string> readers)
    {
        var row = new EventRow
        {
            Id = Ids.New("evt", clock), Type = type, Subject = subject, Actor = actor, At = clock.Now(), Data = Json.Write(data),
        };
        if (session.CommitsInOrder)
        {
            var head = await ReadHead(session);
            row = Numbered(row, head);
            await MoveHead(session, head, row);
        }

        await session.Execute(
            """
            INSERT INTO events (id, sequence, event_type, subject, actor, occurred_at, event_data, readers, hash)
            VALUES (@Id, @Sequence, @Type, @Subject, @Actor, @At, @Data, @readers, @Hash)
            """,
            new { row.Id, row.Sequence, row.Type, row.Subject, row.Actor, row.At, row.Data, readers = Readers.Line(readers), row.Hash });
    }

    /// <summary>Numbers the committed events that have none, in one transaction; the guarded head lets only one process do it.</summary>
    /// <returns>How many were numbered.</returns>
    public static async Task<int> NumberCommitted(Session session)
    {
        var head = await ReadHead(session);
        var rows = await session.First<EventRow>(
            $"SELECT {Columns} FROM events WHERE sequence IS NULL ORDER BY id", new { take = 500 });
        var first = head;
        foreach (var row in rows)
        {
            var numbered = Numbered(row, head);
            await session.Execute("UPDATE events SET sequence = @Sequence, hash = @Hash WHERE id = @Id", numbered);
            head = new() { LastSequence = numbered.Sequence!.Value, LastHash = numbered.Hash! };
        }

        if (rows.Count > 0 && !await MoveHead(session, first, new() { Sequence = head.LastSequence, Hash = head.LastHash }))
        {
            throw new SequencedElsewhereException();
        }

        return rows.Count;
    }

    public sealed class SequencedElsewhereException : Exception;

    /// <summary>The events after a sequence number that one of the readers may see, oldest first.</summary>
    public static Task<List<EventRow>> After(Session session, long after, IReadOnlyList<string>? readers, IReadOnlyList<string>? types, int take)
    {
        var parameters = new Dapper.DynamicParameters(new { after, types, take });
        var where = "sequence > @after";
        if (types is not null)
        {
            where += " AND event_type IN @types";
        }

        if (readers is not null)
        {
            var any = new List<string>();
            foreach (var reader in readers)
            {
                parameters.Add($"reader{any.Count}", $"%|{reader}|%");
                any.Add(string.Create(CultureInfo.InvariantCulture, $"readers LIKE @reader{any.Count}"));
            }

            where += $" AND ({string.Join(" OR ", any)})";
        }

        return session.First<EventRow>($"SELECT {Columns} FROM events WHERE {where} ORDER BY sequence", parameters);
    }

    public static async Task<bool> Any(Session session, string subject, string type) => await session.Find<string>(
        "SELECT id FROM events WHERE subject = @subject AND event_type = @type", new { subject, type }) is not null;

    public static async Task<long> LastSequence(Session session) => (await ReadHead(session)).LastSequence;

    const string Columns =
        "id AS Id, sequence AS Sequence, event_type AS Type, subject AS Subject, actor AS Actor, occurred_at AS At, event_data AS Data, hash AS Hash";

    static Task<Head> ReadHead(Session session) =>
        session.Single<Head>("SELECT last_sequence AS LastSequence, last_hash AS LastHash FROM event_head WHERE id = 1");

    static async Task<bool> MoveHead(Session session, Head from, EventRow to) => await session.Execute(
        "UPDATE event_head SET last_sequence = @Sequence, last_hash = @Hash WHERE id = 1 AND last_sequence = @LastSequence",
        new { to.Sequence, to.Hash, from.LastSequence }) == 1;

    static EventRow Numbered(EventRow row, Head head)
    {
        var sequence = head.LastSequence + 1;
        return row with { Sequence = sequence, Hash = row.HashAfter(head.LastHash, sequence) };
    }
}
