using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Listings;

static class ListingSql
{
    const string Columns =
        """
        id AS Id, kind AS Kind, owner_id AS Owner, external_id AS ExternalId, state AS State, version AS Version, field AS Field,
        region AS Region, mode_codes AS Modes, deadline AS Deadline, content AS Content, confidential AS Confidential,
        reason AS Reason, removed_from AS RemovedFrom, revision_state AS RevisionState, revision_content AS RevisionContent,
        revision_confidential AS RevisionConfidential, revision_updated_at AS RevisionUpdatedAt, created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    const string IsPublic = "state = 'published' AND (deadline IS NULL OR deadline >= @today)";

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

    /// <summary>Those that everybody sees.</summary>
    public static Task<List<ListingRow>> PublicOf(Session session, IReadOnlyCollection<string> ids, DateOnly today) => session.List<ListingRow>(
        $"SELECT {Columns} FROM listings WHERE id IN @ids AND {IsPublic}", new { ids, today });

    /// <summary>Those that the caller may see, newest first: what is published, its own, and for a moderator or auditor all but drafts.</summary>
    public static Task<List<ListingRow>> List(Session session, ListingKind kind, ListingQuery query, Caller caller, DateOnly today, string? after, int take)
    {
        List<string> where = ["kind = @kind", "id < @after"];
        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Revision is not null)
        {
            // Others' drafts of revisions are theirs alone, as drafts are.
            where.Add(caller.SeesAll && query.Revision != ListingLifecycle.Draft ? "revision_state = @revision" : "revision_state = @revision AND owner_id = @party");
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
            where.Add("mode_codes LIKE @mode");
        }

        where.Add(caller switch
        {
            { IsAnonymous: true } => IsPublic,
            { SeesAll: true } => "(state <> 'draft' OR owner_id = @party)",
            _ => $"(({IsPublic}) OR owner_id = @party)",
        });
        return session.First<ListingRow>(
            $"SELECT {Columns} FROM listings WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new
            {
                kind = kind.Name, after = after ?? "~", state = query.State, owner = query.Owner, field = query.Field?.Code(), region = query.Region + "%",
                mode = $"%,{query.Mode?.Code()},%", party = caller.Party, revision = query.Revision, today, take,
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
        INSERT INTO listings (id, kind, owner_id, external_id, state, version, field, region, mode_codes, deadline, content, confidential,
            created_at, updated_at)
        VALUES (@Id, @Kind, @Owner, @ExternalId, @State, @Version, @Field, @Region, @Modes, @Deadline, @Content, @Confidential,
            @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <returns>1; or 0 when the row is no longer of the version before <paramref name="row"/>'s; or null as <see cref="Insert"/>.</returns>
    public static Task<int?> Update(Session session, ListingRow row) => session.TryExecute(
        """
        UPDATE listings SET external_id = @ExternalId, version = @Version, field = @Field, region = @Region, mode_codes = @Modes,
            deadline = @Deadline, content = @Content, confidential = @Confidential, reason = @Reason, revision_state = @RevisionState,
            revision_content = @RevisionContent, revision_confidential = @RevisionConfidential, revision_updated_at = @RevisionUpdatedAt, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1 AND state = @State
        """,
        row);

    /// <summary>A revision ends with the listing; of one that is taken down it waits.</summary>
    /// <param name="version">The version it must still have, or null for any.</param>
    /// <param name="reason">A moderator's.</param>
    /// <returns>False when the row is in another state or version by now.</returns>
    public static async Task<bool> Move(Session session, string id, string from, string to, int? version, string? reason, DateTimeOffset now) =>
        await session.Execute(
            """
            UPDATE listings SET state = @to, version = version + 1, updated_at = @now, reason = @reason, removed_from = @removedFrom,
                revision_state = CASE WHEN @keepsRevision = 1 THEN revision_state END, revision_content = CASE WHEN @keepsRevision = 1 THEN revision_content END,
                revision_confidential = CASE WHEN @keepsRevision = 1 THEN revision_confidential END,
                revision_updated_at = CASE WHEN @keepsRevision = 1 THEN revision_updated_at END
            WHERE id = @id AND state = @from AND version = COALESCE(@version, version)
            """,
            new
            {
                id, from, to, version, reason, now, removedFrom = to == ListingLifecycle.Removed ? from : null,
                keepsRevision = ListingLifecycle.KeepsRevision(to) ? 1 : 0,
            }) == 1;

    /// <returns>False when it is no draft, or of another version, by now.</returns>
    public static async Task<bool> Delete(Session session, string id, int version) =>
        await session.Execute("DELETE FROM listings WHERE id = @id AND state = 'draft' AND version = @version", new { id, version }) == 1;
}
