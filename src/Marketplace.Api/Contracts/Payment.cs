using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

// 到账: what the buyer pays the seller towards the technology amount. One side records it with its proof; it counts as received (技术合同实际成交额)
// when the other side or a registrar confirms it.

public sealed record PaymentContent : IChecked
{
    /// <summary>In yuan; the part of the payment that is for technology, without equipment and material.</summary>
    public required Fen Amount { get; init; }

    public required DateOnly PaidOn { get; init; }

    /// <summary>The proof: a bank's reference or an invoice number (付款凭证号、发票号). It proves one payment of the contract.</summary>
    [StringLength(100, MinimumLength = 1), RegularExpression("[0-9A-Za-z._/-]+")]
    public required string Reference { get; init; }

    public IEnumerable<Fault> Check()
    {
        if (Amount == Fen.Zero)
        {
            yield return new("/amount", "amount-zero", new("到账金额不能为零。", "A payment of nothing is none."));
        }
    }
}

public sealed record Payment : IAnswers<PaymentContent>
{
    public required string Id { get; init; }
    public required string State { get; init; }
    public required int Version { get; init; }
    public required string Contract { get; init; }
    public required Fen Amount { get; init; }
    public required DateOnly PaidOn { get; init; }
    public required string Reference { get; init; }

    /// <summary>The side that recorded it.</summary>
    public required string Owner { get; init; }

    /// <summary>Why it was rejected.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required IReadOnlyList<string> AvailableActions { get; init; }
}

static class PaymentLifecycle
{
    public const string Recorded = "recorded";
    public const string Confirmed = "confirmed";
    public const string Rejected = "rejected";

    /// <summary>The side that did not record it.</summary>
    public const string OtherSide = "otherSide";

    public static readonly Lifecycle Machine = new("payment", Recorded,
        new("confirm", [Recorded], Confirmed, OtherSide, Roles.Registrar),
        new("reject", [Recorded], Rejected, OtherSide, Roles.Registrar));
}

public sealed record PaymentRow
{
    public string Id { get; init; } = "";
    public string Contract { get; init; } = "";
    public string State { get; init; } = PaymentLifecycle.Recorded;
    public int Version { get; init; } = 1;
    public long Fen { get; init; }
    public DateOnly PaidOn { get; init; }
    public string Reference { get; init; } = "";

    /// <summary>The form by which references are compared.</summary>
    public string ReferenceKey => CanonicalName.Of(Reference);

    public string Party { get; init; } = "";
    public string RecordedBy { get; init; } = "";
    public string? DecidedBy { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

static class PaymentSql
{
    const string Columns =
        """
        id AS Id, contract_id AS Contract, state AS State, version AS Version, amount_fen AS Fen, paid_on AS PaidOn, reference AS Reference,
        party_id AS Party, recorded_by AS RecordedBy, decided_by AS DecidedBy, reason AS Reason, created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    public static Task<PaymentRow?> Get(Session session, string contract, string id) => session.Find<PaymentRow>(
        $"SELECT {Columns} FROM contract_payments WHERE id = @id AND contract_id = @contract", new { id, contract });

    /// <summary>The contract's payments, newest first.</summary>
    public static Task<List<PaymentRow>> List(Session session, string contract, string? after, int take) => session.First<PaymentRow>(
        $"SELECT {Columns} FROM contract_payments WHERE contract_id = @contract AND id < @after ORDER BY id DESC",
        new { contract, after = after ?? "~", take });

    /// <returns>False when the reference proves another payment of the contract.</returns>
    public static Task<bool> TryInsert(Session session, PaymentRow row) => session.TryInsert(
        """
        INSERT INTO contract_payments (id, contract_id, state, version, amount_fen, paid_on, reference, reference_key, party_id, recorded_by, created_at, updated_at)
        VALUES (@Id, @Contract, @State, @Version, @Fen, @PaidOn, @Reference, @ReferenceKey, @Party, @RecordedBy, @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, PaymentRow row) => await session.Execute(
        """
        UPDATE contract_payments SET state = @State, version = @Version, decided_by = @DecidedBy, reason = @Reason, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row) == 1;
}
