using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>
/// What of a contract a caller may read. The two sides read all of it. Terms that both have signed are read by officials and by the brokers
/// that they name too; terms that were never signed by both, by the two sides and the party that wrote them. A party that has signed a version, and a
/// broker of a version that both had signed, keep reading the contract with the last terms that named them.
/// </summary>
/// <param name="IsSide">The caller's party is the buyer or the seller: it also reads the open amendment.</param>
/// <param name="Content">The terms that the caller may read; null where there are none.</param>
/// <param name="TermsVersion">The number of these terms, or of the present ones.</param>
public sealed record Sight(ContractRow Contract, Caller Caller, bool IsSide, string? Content, int TermsVersion)
{
    public bool IsOfficial => ContractParties.SeesAll(Caller);

    /// <summary>The caller reads the terms that are in force, or that are drafted.</summary>
    public bool HasPresentTerms => Content is not null && TermsVersion == Contract.TermsVersion;

    /// <summary>Terms of the contract of which the caller knows the content anyway, or which both sides have signed while it reads the contract.</summary>
    public bool Shows(ContractContent terms, bool signed) =>
        Caller.BelongsTo(terms.Buyer) || Caller.BelongsTo(terms.Seller)
        || (signed && (IsSide || HasPresentTerms || IsOfficial || terms.Brokers.Any(broker => Caller.BelongsTo(broker.Party))));

    /// <returns>Null where the caller may not know of the contract.</returns>
    public static async Task<Sight?> Of(Session session, ContractRow row, Caller caller)
    {
        var sight = (await Of(session, [row], caller))[0];
        return sight.Content is not null || (sight.IsOfficial && row.State != ContractLifecycle.Draft)
            || await ReaderSql.Is(session, row.Id, caller.Party) ? sight : null;
    }

    /// <summary>The same for contracts of which the caller is known to be a reader.</summary>
    public static async Task<List<Sight>> Of(Session session, IReadOnlyList<ContractRow> rows, Caller caller)
    {
        var sights = rows.Select(row => Present(row, caller)).ToList();
        string[] without = [.. sights.Where(sight => sight.Content is null).Select(sight => sight.Contract.Id)];
        var kept = without.Length == 0 ? [] : (await ReaderSql.TermsKept(session, caller.Party, without)).ToDictionary(terms => terms.Contract);
        return [.. sights.Select(sight => sight.Content is null && kept.TryGetValue(sight.Contract.Id, out var terms)
            ? sight with { Content = terms.Content, TermsVersion = terms.TermsVersion } : sight)];
    }

    static Sight Present(ContractRow row, Caller caller)
    {
        var isSide = caller.BelongsTo(row.Buyer) || caller.BelongsTo(row.Seller);
        var reads = isSide || (row.WasSigned
            ? ContractParties.SeesAll(caller) || row.Terms.Brokers.Any(broker => caller.BelongsTo(broker.Party))
            : caller.BelongsTo(row.WrittenBy));
        return new(row, caller, isSide, reads ? row.Content : null, row.TermsVersion);
    }
}

/// <summary>Terms that were in force, as somebody keeps reading them.</summary>
public sealed record KeptTerms
{
    public string Contract { get; init; } = "";
    public int TermsVersion { get; init; }
    public string Content { get; init; } = "";
}

static class ReaderSql
{
    /// <summary>Contracts that a party reads beside those of which it is a side: the present terms name it as broker, or earlier ones did.</summary>
    public const string Contracts =
        "SELECT contract_id FROM contract_brokers WHERE party_id = @party UNION SELECT contract_id FROM contract_readers WHERE party_id = @party";

    /// <summary>Those of them whose terms in force it has been named in.</summary>
    public const string ContractsInForce = "SELECT contract_id FROM contract_readers WHERE party_id = @party AND terms_version > 0";

    public static async Task<bool> Is(Session session, string contract, string party) => (await session.List<string>(
        $"SELECT id FROM contracts WHERE id = @contract AND id IN ({Contracts})", new { contract, party })).Count > 0;

    /// <summary>The parties that keep reading a contract since terms that named them came into force.</summary>
    public static Task<List<string>> Of(Session session, string contract) => session.List<string>(
        "SELECT party_id FROM contract_readers WHERE contract_id = @contract AND terms_version > 0 ORDER BY party_id", new { contract });

    /// <summary>The last terms in force that named a party.</summary>
    public static Task<List<KeptTerms>> TermsKept(Session session, string party, string[] contracts) => session.List<KeptTerms>(
        """
        SELECT r.contract_id AS Contract, t.terms_version AS TermsVersion, t.content AS Content
        FROM contract_readers r JOIN contract_terms t ON t.contract_id = r.contract_id AND t.terms_version = r.terms_version
        WHERE r.party_id = @party AND r.contract_id IN @contracts
        """,
        new { party, contracts });

    /// <summary>The party keeps reading the contract: it has signed terms of it.</summary>
    public static async Task Keep(Session session, string contract, string party, int termsVersion = 0)
    {
        var parameters = new { contract, party, termsVersion };
        if (await session.Execute(
            "UPDATE contract_readers SET terms_version = CASE WHEN terms_version > @termsVersion THEN terms_version ELSE @termsVersion END WHERE contract_id = @contract AND party_id = @party",
            parameters) == 0)
        {
            await session.Execute(
                "INSERT INTO contract_readers (contract_id, party_id, terms_version) VALUES (@contract, @party, @termsVersion)", parameters);
        }
    }

    /// <summary>Keeps the terms that came into force, for those that they name.</summary>
    public static async Task KeepTerms(Session session, ContractRow row)
    {
        await session.Execute(
            "INSERT INTO contract_terms (contract_id, terms_version, content) VALUES (@Id, @TermsVersion, @Content)", row);
        foreach (var party in (string[])[row.Buyer, row.Seller, .. row.Terms.Brokers.Select(broker => broker.Party)])
        {
            await Keep(session, row.Id, party, row.TermsVersion);
        }
    }
}
