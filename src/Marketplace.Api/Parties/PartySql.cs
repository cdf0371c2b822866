using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Parties;

sealed record PartyRow
{
    public string Id { get; init; } = "";
    public string? ExternalId { get; init; }
    public string Kind { get; init; } = "";
    public string Name { get; init; } = "";
    public string? CreditCode { get; init; }
    public string Region { get; init; } = "";
    public string Content { get; init; } = "";
    public int Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 where an admin has marked it as an office, else 0.</summary>
    public int IsOffice { get; init; }

    public bool HoldsOfficialRoles => Kind == PartyKind.Government.Code() || IsOffice == 1;

    public Party View(bool withContact)
    {
        var party = Json.Read<Party>(Content) with { Id = Id, Version = Version, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
        return withContact ? party : party with { Contact = null };
    }
}

static class PartySql
{
    const string Columns =
        """
        id AS Id, external_id AS ExternalId, kind AS Kind, name AS Name, credit_code AS CreditCode, region AS Region, content AS Content,
        is_office AS IsOffice, version AS Version, created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    public static Task<PartyRow?> Get(Session session, string id) =>
        session.Find<PartyRow>($"SELECT {Columns} FROM parties WHERE id = @id", new { id });

    /// <summary>Locks a party for the rest of the transaction, against others who lock it.</summary>
    public static Task Lock(Session session, string id) => session.Lock("UPDATE parties SET version = version WHERE id = @id", new { id });

    public static Task<PartyRow?> ByExternalId(Session session, string externalId) =>
        session.Find<PartyRow>($"SELECT {Columns} FROM parties WHERE external_id = @externalId", new { externalId });

    public static Task<PartyRow?> ByCreditCode(Session session, string creditCode) =>
        session.Find<PartyRow>($"SELECT {Columns} FROM parties WHERE credit_code = @creditCode", new { creditCode });

    public static Task<List<PartyRow>> ByExternalIds(Session session, IReadOnlyList<string> externalIds) =>
        session.List<PartyRow>($"SELECT {Columns} FROM parties WHERE external_id IN @externalIds", new { externalIds });

    public static Task<List<PartyRow>> ByIds(Session session, IReadOnlyCollection<string> ids) =>
        session.List<PartyRow>($"SELECT {Columns} FROM parties WHERE id IN @ids", new { ids });

    public static Task<List<PartyRow>> List(Session session, PartyQuery query, string? after, int take)
    {
        List<string> where = ["id < @after"];
        if (query.Kind is not null)
        {
            where.Add("kind = @kind");
        }

        if (query.Region is not null)
        {
            where.Add("region LIKE @region");
        }

        return session.First<PartyRow>(
            $"SELECT {Columns} FROM parties WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new { after = after ?? "~", kind = query.Kind?.Code(), region = query.Region + "%", take });
    }

    /// <returns>False when another party has the credit code or the external id.</returns>
    public static Task<bool> Insert(Session session, PartyRow row) => session.TryInsert(
        """
        INSERT INTO parties (id, external_id, kind, name, credit_code, region, content, is_office, version, created_at, updated_at)
        VALUES (@Id, @ExternalId, @Kind, @Name, @CreditCode, @Region, @Content, @IsOffice, @Version, @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <returns>1; or 0 when the row is no longer of the version before <paramref name="row"/>'s; or null as <see cref="Insert"/>.</returns>
    public static Task<int?> Update(Session session, PartyRow row) => session.TryExecute(
        """
        UPDATE parties SET external_id = @ExternalId, kind = @Kind, name = @Name, credit_code = @CreditCode, region = @Region,
            content = @Content, is_office = @IsOffice, version = @Version, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row);

    /// <summary>The market itself: the party of the configured admin key.</summary>
    public static async Task<string> EnsureMarket(Session session, TimeProvider clock)
    {
        if (await ByExternalId(session, MarketExternalId) is { } market)
        {
            return market.Id;
        }

        var content = new PartyContent { Kind = PartyKind.Government, Name = "科技大市场", Region = "000000", ExternalId = MarketExternalId };
        var row = PartyEndpoints.NewRow(content, clock);
        // Two programs may start at once on one database.
        return await Insert(session, row) ? row.Id : (await ByExternalId(session, MarketExternalId))!.Id;
    }

    const string MarketExternalId = "market";
}
