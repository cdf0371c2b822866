using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

/// <summary>An event as it is followed.</summary>
sealed record Followed
{
    public long Sequence { get; init; }
    public string Type { get; init; } = "";
    public string Subject { get; init; } = "";
}

static class EventSql
{
    /// <summary>The last event's number and hash. Units that are committed together read and write the row once.</summary>
    sealed record Head : Shared
    {
        public long LastSequence { get; init; }
        public string LastHash { get; init; } = "";

        public override Task Store(Session session) => MoveHead(session, this);
    }

    /// <summary>
    /// Writes an event in the caller's transaction. Where writes commit in order it gets its number here; elsewhere
    /// <see cref="Sequencer"/> gives it after the commit, for a number taken now could be committed after a higher one.
    /// </summary>
    /// <returns>The event's id.</returns>
    public static async Task<string> Append(
        Session session, TimeProvider clock, string type, string subject, string actor, object data, params IEnumerable<string> readers)
    {
        var row = new EventRow
        {
            Id = Ids.New("evt", clock), Type = type, Subject = subject, Actor = actor, At = clock.Now(), Data = Json.Write(data),
            Readers = Readers.Line(readers),
        };
        if (session.CommitsInOrder)
        {
            row = Numbered(row, session.Shared as Head ?? await ReadHead(session));
            session.Shared = new Head { LastSequence = row.Sequence!.Value, LastHash = row.Hash! };
        }

        await session.Execute(
            """
            INSERT INTO events (id, sequence, event_type, subject, actor, occurred_at, event_data, readers, hash)
            VALUES (@Id, @Sequence, @Type, @Subject, @Actor, @At, @Data, @Readers, @Hash)
            """,
            row);
        return row.Id;
    }

    /// <summary>Numbers the committed events that have none, in one transaction; the head's row lets one process at a time do it.</summary>
    /// <returns>How many were numbered.</returns>
    public static async Task<int> NumberCommitted(Session session)
    {
        if ((await Unnumbered(session, take: 1)).Count == 0)
        {
            return 0;
        }

        // An UPDATE is the lock that every database knows. What is read after it, no other process is numbering.
        await session.Execute("UPDATE event_head SET last_sequence = last_sequence WHERE id = 1");
        var head = await ReadHead(session);
        var rows = await Unnumbered(session, take: 500);
        foreach (var row in rows)
        {
            var numbered = Numbered(row, head);
            await session.Execute("UPDATE events SET sequence = @Sequence, hash = @Hash WHERE id = @Id", numbered);
            head = new() { LastSequence = numbered.Sequence!.Value, LastHash = numbered.Hash! };
        }

        await MoveHead(session, head);
        return rows.Count;
    }

    static Task<List<EventRow>> Unnumbered(Session session, int take) =>
        session.First<EventRow>($"SELECT {Columns} FROM events WHERE sequence IS NULL ORDER BY id", new { take });

    /// <summary>Of the events after a sequence number, oldest first, what those who follow the market need: so nothing else in one can stop them.</summary>
    public static async Task<List<Followed>> Following(Session session, long after, IReadOnlyList<string>? types, int take)
    {
        var last = await LastSequence(session);
        var among = types is null ? "" : " AND event_type IN @types";
        return last <= after ? [] : await session.First<Followed>(
            $"SELECT sequence AS Sequence, event_type AS Type, subject AS Subject FROM events WHERE sequence > @after AND sequence <= @last{among} ORDER BY sequence",
            new { after, last, types, take });
    }

    /// <summary>The events after a sequence number that one of the readers may see, oldest first.</summary>
    public static async Task<List<EventRow>> After(
        Session session, long after, IReadOnlyList<string>? readers, IReadOnlyList<string>? types, int take)
    {
        // Up to the committed head nothing changes any more. Beyond it, a statement that reads while numbers are being given could see a
        // later one and miss an earlier one, where the engine does not read from a snapshot.
        var last = await LastSequence(session);
        if (last <= after)
        {
            return [];
        }

        var parameters = new Dapper.DynamicParameters(new { after, last, types, take });
        var where = "sequence > @after AND sequence <= @last";
        if (types is not null)
        {
            where += " AND event_type IN @types";
        }

        if (readers is not null)
        {
            where += $" AND ({MayRead("readers", readers, parameters)})";
        }

        return await session.First<EventRow>($"SELECT {Columns} FROM events WHERE {where} ORDER BY sequence", parameters);
    }

    /// <summary>
    /// All events about some resources in their order, each with the hash that its own continues; to the given readers alone, or null for
    /// everybody's. An event that has no number yet comes first, without one.
    /// </summary>
    public static Task<List<EventRow>> About(Session session, IReadOnlyCollection<string> subjects, IReadOnlyList<string>? readers)
    {
        var parameters = new Dapper.DynamicParameters(new { subjects });
        var where = readers is null ? "" : $" AND ({MayRead("e.readers", readers, parameters)})";
        return session.List<EventRow>(
            $"""
            SELECT e.id AS Id, e.sequence AS Sequence, e.event_type AS Type, e.subject AS Subject, e.actor AS Actor, e.occurred_at AS At,
                e.event_data AS Data, e.readers AS Readers, e.hash AS Hash, COALESCE(p.hash, '') AS Previous
            FROM events e LEFT JOIN events p ON p.sequence = e.sequence - 1
            WHERE e.subject IN @subjects{where} ORDER BY COALESCE(e.sequence, 0)
            """,
            parameters);
    }

    /// <summary>The sequence numbers of events, by their ids; those that have none yet are left out.</summary>
    public static async Task<Dictionary<string, long>> Sequences(Session session, IReadOnlyCollection<string> ids) =>
        (await session.List<EventRow>("SELECT id AS Id, sequence AS Sequence FROM events WHERE id IN @ids AND sequence IS NOT NULL", new { ids }))
            .ToDictionary(row => row.Id, row => row.Sequence!.Value);

    /// <summary>What events about some resources hold, in no order.</summary>
    public static Task<List<EventRow>> DataAbout(Session session, IReadOnlyCollection<string> subjects) => session.List<EventRow>(
        "SELECT id AS Id, event_type AS Type, subject AS Subject, event_data AS Data FROM events WHERE subject IN @subjects", new { subjects });

    /// <summary>The events after a number in their order, those beyond the head among them.</summary>
    public static Task<List<EventRow>> Chain(Session session, long after, int take) =>
        session.First<EventRow>($"SELECT {Columns} FROM events WHERE sequence > @after ORDER BY sequence", new { after, take });

    /// <summary>The ids of the same events, where one of them cannot be read.</summary>
    public static Task<List<string>> ChainIds(Session session, long after, int take) =>
        session.First<string>("SELECT id FROM events WHERE sequence > @after ORDER BY sequence", new { after, take });

    /// <summary>What the last of some kinds of events about a resource holds; null where there is none.</summary>
    public static async Task<string?> LastData(Session session, string subject, IReadOnlyCollection<string> types) => (await session.First<string>(
        "SELECT event_data FROM events WHERE subject = @subject AND event_type IN @types ORDER BY id DESC", new { subject, types, take = 1 })).FirstOrDefault();

    public static Task<EventRow?> Get(Session session, string id) => session.Find<EventRow>($"SELECT {Columns} FROM events WHERE id = @id", new { id });

    public static async Task<bool> Any(Session session, string subject, string type) => await session.Find<string>(
        "SELECT id FROM events WHERE subject = @subject AND event_type = @type", new { subject, type }) is not null;

    /// <summary>The hash of the event with a number; null when there is none. It stands for everything up to it.</summary>
    public static Task<string?> HashOf(Session session, long sequence) =>
        session.Find<string>("SELECT hash FROM events WHERE sequence = @sequence", new { sequence });

    public static async Task<long> LastSequence(Session session) => (await ReadHead(session)).LastSequence;

    static string MayRead(string column, IReadOnlyList<string> readers, Dapper.DynamicParameters parameters)
    {
        var any = new List<string>();
        foreach (var reader in readers)
        {
            parameters.Add($"reader{any.Count}", $"%|{reader}|%");
            any.Add(string.Create(CultureInfo.InvariantCulture, $"{column} LIKE @reader{any.Count}"));
        }

        return string.Join(" OR ", any);
    }

    const string Columns =
        "id AS Id, sequence AS Sequence, event_type AS Type, subject AS Subject, actor AS Actor, occurred_at AS At, event_data AS Data, readers AS Readers, hash AS Hash";

    /// <summary>The number and the hash of the last event, as the head's row has them.</summary>
    public static async Task<(long Sequence, string Hash)> Last(Session session)
    {
        var head = await ReadHead(session);
        return (head.LastSequence, head.LastHash);
    }

    static Task<Head> ReadHead(Session session) =>
        session.Single<Head>("SELECT last_sequence AS LastSequence, last_hash AS LastHash FROM event_head WHERE id = 1");

    static Task<int> MoveHead(Session session, Head to) =>
        session.Execute("UPDATE event_head SET last_sequence = @LastSequence, last_hash = @LastHash WHERE id = 1", to);

    static EventRow Numbered(EventRow row, Head head)
    {
        var sequence = head.LastSequence + 1;
        return row with { Sequence = sequence, Hash = row.HashAfter(head.LastHash, sequence) };
    }
}
