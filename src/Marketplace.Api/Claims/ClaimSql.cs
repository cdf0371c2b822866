using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Claims;

static class ClaimSql
{
    const string Columns =
        """
        id AS Id, state AS State, version AS Version, contract_id AS Contract, terms_version AS TermsVersion, policy_id AS Policy,
        policy_version AS PolicyVersion, award AS Award, payee_id AS Payee, part AS Part, amount_fen AS Fen, content AS Content,
        fund_id AS Fund, reservation AS Reservation, reference AS Reference, reviewer AS Reviewer, approver AS Approver, payer AS Payer,
        reason AS Reason, created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    public static Task<ClaimRow?> Get(Session session, string id) =>
        session.Find<ClaimRow>($"SELECT {Columns} FROM claims WHERE id = @id", new { id });

    public static Task<List<ClaimRow>> List(Session session, ClaimQuery query, Caller caller, bool seesAll, string? after, int take)
    {
        List<string> where = ["id < @after"];
        if (!seesAll)
        {
            where.Add("payee_id = @party");
        }

        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Contract is not null)
        {
            where.Add("contract_id = @contract");
        }

        if (query.Fund is not null)
        {
            where.Add("fund_id = @fund");
        }

        return session.First<ClaimRow>(
            $"SELECT {Columns} FROM claims WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new { after = after ?? "~", party = caller.Party, state = query.State, contract = query.Contract, fund = query.Fund, take });
    }

    /// <returns>False when the payee has claimed this award for the contract already.</returns>
    public static Task<bool> Insert(Session session, ClaimRow row) => session.TryInsert(
        """
        INSERT INTO claims (id, state, version, contract_id, terms_version, policy_id, policy_version, award, payee_id, part, amount_fen, content,
            created_at, updated_at)
        VALUES (@Id, @State, @Version, @Contract, @TermsVersion, @Policy, @PolicyVersion, @Award, @Payee, @Part, @Fen, @Content,
            @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <summary>Locks a claim as it was read, for the rest of the transaction.</summary>
    /// <returns>False when somebody has changed it since.</returns>
    public static async Task<bool> Lock(Session session, ClaimRow row) =>
        await session.Execute("UPDATE claims SET version = version WHERE id = @Id AND version = @Version", row) == 1;

    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, ClaimRow row) => await session.Execute(
        """
        UPDATE claims SET state = @State, version = @Version, terms_version = @TermsVersion, policy_version = @PolicyVersion, amount_fen = @Fen,
            content = @Content, fund_id = @Fund, reservation = @Reservation, reference = @Reference, reviewer = @Reviewer,
            approver = @Approver, payer = @Payer, reason = @Reason, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row) == 1;
}
