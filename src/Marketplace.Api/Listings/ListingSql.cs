using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Listings;

static class ListingSql
{
    const string Columns =
        """
        id AS Id, kind AS Kind, owner_id AS Owner, external_id AS ExternalId, state AS State, version AS Version, field AS Field,
        region AS Region, modes AS Modes, deadline AS Deadline, content AS Content, confidential AS Confidential,
        created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    /// <summary>What matching reads of a row: texts alone, so that no value of another kind in a row can stop the reading of many.</summary>
    const string Words = "id AS Id, kind AS Kind, owner_id AS Owner, state AS State, field AS Field, region AS Region, content AS Content";

    public static Task<ListingRow?> Get(Session session, string id) =>
        session.Find<ListingRow>($"SELECT {Columns} FROM listings WHERE id = @id", new { id });

    public static Task<List<ListingRow>> ByExternalIds(
        Session session, string kind, string owner, IReadOnlyList<string> externalIds) => session.List<ListingRow>(
            $"SELECT {Columns} FROM listings WHERE owner_id = @owner AND kind = @kind AND external_id IN @externalIds",
            new { owner, kind, externalIds });

    public static Task<List<ListingRow>> ByIds(Session session, IReadOnlyCollection<string> ids) =>
        session.List<ListingRow>($"SELECT {Columns} FROM listings WHERE id IN @ids", new { ids });

    public static Task<List<ListingRow>> PublishedOf(Session session, IReadOnlyCollection<string> ids) =>
        session.List<ListingRow>($"SELECT {Columns} FROM listings WHERE id IN @ids AND state = 'published'", new { ids });

    /// <summary>Those that the caller may see, newest first: what is published, its own, and for a moderator or auditor all but drafts.</summary>
    public static Task<List<ListingRow>> List(Session session, ListingKind kind, ListingQuery query, Caller caller, string? after, int take)
    {
        List<string> where = ["kind = @kind", "id < @after"];
        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Owner is not null)
        {
            where.Add("owner_id = @owner");
        }

        if (query.Field is not null)
        {
            where.Add("field = @field");
        }

        if (query.Region is not null)
        {
            where.Add("region LIKE @region");
        }

        if (query.Mode is not null)
        {
            where.Add("(modes & @mode) <> 0");
        }

        where.Add(caller switch
        {
            { IsAnonymous: true } => "state = 'published'",
            { SeesAll: true } => "(state <> 'draft' OR owner_id = @party)",
            _ => "(state = 'published' OR owner_id = @party)",
        });
        return session.First<ListingRow>(
            $"SELECT {Columns} FROM listings WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new
            {
                kind = kind.Name, after = after ?? "~", state = query.State, owner = query.Owner, field = query.Field?.Code(), region = query.Region + "%",
                mode = query.Mode is { } mode ? 1 << (int)mode : 0, party = caller.Party, take,
            });
    }

    /// <summary>The words of those that are published among some listings.</summary>
    public static Task<List<ListingRow>> WordsOf(Session session, IReadOnlyCollection<string> ids) =>
        session.List<ListingRow>($"SELECT {Words} FROM listings WHERE id IN @ids AND state = 'published'", new { ids });

    /// <summary>The words of some listings in any state.</summary>
    public static Task<List<ListingRow>> WordsByIds(Session session, IReadOnlyCollection<string> ids) =>
        session.List<ListingRow>($"SELECT {Words} FROM listings WHERE id IN @ids", new { ids });

    /// <summary>The words of published listings of both kinds in order of id, for the matching index to load.</summary>
    public static Task<List<ListingRow>> WordsAfter(Session session, string after, int take) => session.First<ListingRow>(
        $"SELECT {Words} FROM listings WHERE state = 'published' AND id > @after ORDER BY id", new { after, take });

    /// <summary>Open listings whose last day is over.</summary>
    public static Task<List<ListingRow>> Overdue(Session session, DateOnly today, int take) => session.First<ListingRow>(
        $"SELECT {Columns} FROM listings WHERE deadline < @today AND state IN ('published', 'paused') ORDER BY id", new { today, take });

    /// <returns>False when the owner has a listing of this kind with the external id.</returns>
    public static Task<bool> Insert(Session session, ListingRow row) => session.TryInsert(
        """
        INSERT INTO listings (id, kind, owner_id, external_id, state, version, field, region, modes, deadline, content, confidential,
            created_at, updated_at)
        VALUES (@Id, @Kind, @Owner, @ExternalId, @State, @Version, @Field, @Region, @Modes, @Deadline, @Content, @Confidential,
            @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <returns>1; or 0 when the row is no longer of the version before <paramref name="row"/>'s; or null as <see cref="Insert"/>.</returns>
    public static Task<int?> Update(Session session, ListingRow row) => session.TryExecute(
        """
        UPDATE listings SET external_id = @ExternalId, version = @Version, field = @Field, region = @Region, modes = @Modes,
            deadline = @Deadline, content = @Content, confidential = @Confidential, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1 AND state = @State
        """,
        row);

    /// <param name="version">The version it must still have, or null for any.</param>
    /// <returns>False when the row is in another state or version by now.</returns>
    public static async Task<bool> Move(Session session, string id, string from, string to, int? version, DateTimeOffset now) =>
        await session.Execute(
            """
            UPDATE listings SET state = @to, version = version + 1, updated_at = @now
            WHERE id = @id AND state = @from AND version = COALESCE(@version, version)
            """,
            new { id, from, to, version, now }) == 1;
}
