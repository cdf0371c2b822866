using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

public sealed record ContractRow
{
    public string Id { get; init; } = "";
    public string State { get; init; } = ContractLifecycle.Draft;
    public int Version { get; init; } = 1;
    public int TermsVersion { get; init; } = 1;
    public string Owner { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Buyer { get; init; } = "";
    public string Seller { get; init; } = "";
    public string? Project { get; init; }
    public string Content { get; init; } = "";
    public int? BuyerSignedTerms { get; init; }
    public string? BuyerSignedBy { get; init; }
    public DateTimeOffset? BuyerSignedAt { get; init; }
    public int? SellerSignedTerms { get; init; }
    public string? SellerSignedBy { get; init; }
    public DateTimeOffset? SellerSignedAt { get; init; }
    public string? Number { get; init; }
    public DateOnly? RecognisedOn { get; init; }
    public string? Office { get; init; }
    public string? RecognisedKind { get; init; }
    public long? RecognisedFen { get; init; }
    public int? RecognisedTerms { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public bool BuyerSigned => BuyerSignedTerms == TermsVersion;

    public bool SellerSigned => SellerSignedTerms == TermsVersion;

    /// <summary>The present terms are on the register.</summary>
    public bool IsRecognised =>
        State is ContractLifecycle.Recognised or ContractLifecycle.Completed && RecognisedTerms is { } terms && terms == TermsVersion;

    /// <summary>It has ended for good, before it was performed or by being struck from the register.</summary>
    public bool HasFallen => State is ContractLifecycle.Terminated or ContractLifecycle.Deregistered;

    public ContractContent Terms => Json.Read<ContractContent>(Content);
}

static class ContractSql
{
    const string Columns =
        """
        id AS Id, state AS State, version AS Version, terms_version AS TermsVersion, owner_id AS Owner, kind AS Kind, buyer_id AS Buyer,
        seller_id AS Seller, project AS Project, content AS Content, buyer_signed_terms AS BuyerSignedTerms, buyer_signed_by AS BuyerSignedBy,
        buyer_signed_at AS BuyerSignedAt, seller_signed_terms AS SellerSignedTerms, seller_signed_by AS SellerSignedBy,
        seller_signed_at AS SellerSignedAt, registration_number AS Number, recognised_on AS RecognisedOn, office AS Office,
        recognised_kind AS RecognisedKind, recognised_fen AS RecognisedFen, recognised_terms AS RecognisedTerms, reason AS Reason,
        created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    const string Brokers = "SELECT contract_id FROM contract_brokers WHERE party_id = @party";

    public static Task<ContractRow?> Get(Session session, string id) =>
        session.Find<ContractRow>($"SELECT {Columns} FROM contracts WHERE id = @id", new { id });

    public static async Task<bool> IsBroker(Session session, string contract, string party) => await session.Find<string>(
        "SELECT contract_id FROM contract_brokers WHERE contract_id = @contract AND party_id = @party", new { contract, party }) is not null;

    public static Task<List<ContractRow>> List(Session session, ContractQuery query, Caller caller, bool seesAll, string? after, int take)
    {
        List<string> where =
        [
            "id < @after",
            seesAll ? "(state <> 'draft' OR buyer_id = @party OR seller_id = @party)"
                : $"(buyer_id = @party OR seller_id = @party OR id IN ({Brokers}))",
        ];
        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Kind is not null)
        {
            where.Add("kind = @kind");
        }

        if (query.Buyer is not null)
        {
            where.Add("buyer_id = @buyer");
        }

        if (query.Seller is not null)
        {
            where.Add("seller_id = @seller");
        }

        if (query.Project is not null)
        {
            where.Add("project = @project");
        }

        return session.First<ContractRow>(
            $"SELECT {Columns} FROM contracts WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new
            {
                after = after ?? "~", party = caller.Party, state = query.State, kind = query.Kind?.Wire(), buyer = query.Buyer, seller = query.Seller,
                project = query.Project, take,
            });
    }

    /// <summary>The buyer's recognised contracts of one project, in the order in which their awards count against its limits.</summary>
    public static Task<List<ContractRow>> RecognisedOfProject(Session session, string buyer, string project) => session.List<ContractRow>(
        $"""
        SELECT {Columns} FROM contracts
        WHERE buyer_id = @buyer AND project = @project AND state IN ('recognised', 'completed') AND recognised_terms = terms_version
        ORDER BY recognised_on, id
        """,
        new { buyer, project });

    /// <summary>Each demand with an achievement on which both sides signed.</summary>
    public static async Task<List<(string Demand, string Achievement)>> SignedPairs(Session session)
    {
        var contents = await session.List<string>("SELECT content FROM contracts WHERE state NOT IN ('draft', 'terminated')");
        return [.. contents.Select(Json.Read<ContractContent>).Where(terms => terms is { Demand: not null, Achievement: not null })
            .Select(terms => (terms.Demand!, terms.Achievement!))];
    }

    public static async Task Insert(Session session, ContractRow row, ContractContent terms)
    {
        await session.Execute(
            """
            INSERT INTO contracts (id, state, version, terms_version, owner_id, kind, buyer_id, seller_id, project, content, created_at, updated_at)
            VALUES (@Id, @State, @Version, @TermsVersion, @Owner, @Kind, @Buyer, @Seller, @Project, @Content, @CreatedAt, @UpdatedAt)
            """,
            row);
        await InsertBrokers(session, row.Id, terms);
    }

    /// <summary>Rewrites everything but id, owner and creation; the terms' brokers with it when <paramref name="terms"/> are given.</summary>
    /// <returns>
    /// 1; or 0 when the row is no longer of the version before <paramref name="row"/>'s; or null when another contract has the
    /// registration number.
    /// </returns>
    public static async Task<int?> Update(Session session, ContractRow row, ContractContent? terms = null)
    {
        var changed = await session.TryExecute(
            """
            UPDATE contracts SET state = @State, version = @Version, terms_version = @TermsVersion, kind = @Kind, buyer_id = @Buyer,
                seller_id = @Seller, project = @Project, content = @Content, buyer_signed_terms = @BuyerSignedTerms,
                buyer_signed_by = @BuyerSignedBy, buyer_signed_at = @BuyerSignedAt, seller_signed_terms = @SellerSignedTerms,
                seller_signed_by = @SellerSignedBy, seller_signed_at = @SellerSignedAt,
                registration_number = @Number, recognised_on = @RecognisedOn, office = @Office,
                recognised_kind = @RecognisedKind, recognised_fen = @RecognisedFen, recognised_terms = @RecognisedTerms, reason = @Reason,
                updated_at = @UpdatedAt
            WHERE id = @Id AND version = @Version - 1
            """,
            row);
        if (changed == 1 && terms is not null)
        {
            await session.Execute("DELETE FROM contract_brokers WHERE contract_id = @Id", row);
            await InsertBrokers(session, row.Id, terms);
        }

        return changed;
    }

    static async Task InsertBrokers(Session session, string contract, ContractContent terms)
    {
        foreach (var broker in terms.Brokers)
        {
            await session.Execute(
                "INSERT INTO contract_brokers (contract_id, party_id) VALUES (@contract, @Party)", new { contract, broker.Party });
        }
    }
}
