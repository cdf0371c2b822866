using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Funds;

// 专项资金: what a region has for a year to pay awards from. Its money moves by entries of its ledger alone (Ledger.cs); the states say
// whether awards may be approved against it.

/// <summary>What a fund manager plans.</summary>
public sealed record FundContent
{
    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>Pays for buyers here and in the regions below.</summary>
    [Region]
    public required string Region { get; init; }

    /// <summary>The budget year.</summary>
    [Range(2000, 2100)]
    public required int Year { get; init; }

    /// <summary>预算安排, in yuan: what is there when the fund opens.</summary>
    public required Fen Appropriation { get; init; }

    /// <summary>The policies whose awards it pays; each policy has one open fund in a year and region.</summary>
    [MinLength(1), MaxLength(50)]
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>
    /// Whether claims whose review was complete first are served first (先到先得): none is approved that would leave an earlier one
    /// without money, but by a decision that is recorded.
    /// </summary>
    public bool InTurn { get; init; }
}

/// <summary>A change of the appropriation that waits for a second fund manager.</summary>
/// <param name="Amount">In yuan; negative where it is cut.</param>
/// <param name="By">The person who asks for it.</param>
public sealed record Adjustment(FenChange Amount, string Reason, string By);

public sealed record Fund : IAnswers<FundContent>
{
    public required string Id { get; init; }
    public required string State { get; init; }
    public required int Version { get; init; }
    public required string Name { get; init; }
    public required string Region { get; init; }
    public required int Year { get; init; }
    public required IReadOnlyList<string> Policies { get; init; }

    /// <inheritdoc cref="FundContent.InTurn"/>
    public required bool InTurn { get; init; }

    /// <summary>What the fund was given, with every adjustment since.</summary>
    public required Fen Appropriation { get; init; }

    /// <summary>What can still be approved.</summary>
    public required Fen Available { get; init; }

    /// <summary>Approved, not yet ordered.</summary>
    public required Fen Reserved { get; init; }

    /// <summary>Ordered from the bank, not yet confirmed.</summary>
    public required Fen InFlight { get; init; }

    /// <summary>Confirmed by the bank, before returns.</summary>
    public required Fen Paid { get; init; }

    /// <summary>Recovered from payees.</summary>
    public required Fen Returned { get; init; }

    /// <summary>For officials alone.</summary>
    public Adjustment? Adjustment { get; init; }

    /// <summary>Which of K1 to K10 do not hold, where the books were found wrong; nothing moves until they are right.</summary>
    public string? Breach { get; init; }

    /// <summary>Why it was suspended, adjusted or closed.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required IReadOnlyList<string> AvailableActions { get; init; }
}

/// <summary>A change of the appropriation; it takes effect when a second fund manager sends the same sum.</summary>
public sealed record AdjustRequest : IChecked
{
    /// <summary>In yuan; negative to cut. A cut can take no more than is available.</summary>
    public required FenChange Amount { get; init; }

    [StringLength(2000, MinimumLength = 1)]
    public required string Reason { get; init; }

    public IEnumerable<Fault> Check()
    {
        if (Amount.Value == Fen.Zero)
        {
            yield return new("/amount", "amount-zero", new("调整金额不能为零。", "An adjustment by nothing changes nothing."));
        }
    }
}

public sealed record CloseRequest
{
    /// <summary>The fund of a later year that takes over what is left (结转); without it the rest goes back (收回).</summary>
    [IdOf("fnd")]
    public string? CarryOverTo { get; init; }

    [StringLength(2000, MinimumLength = 1)]
    public string? Reason { get; init; }
}

static class FundLifecycle
{
    public const string Planned = "planned";
    public const string Open = "open";
    public const string Suspended = "suspended";
    public const string Closing = "closing";
    public const string Closed = "closed";

    /// <summary>A fund manager, of a fund that has nothing reserved or in flight.</summary>
    public const string ManagerOfSettled = "fundManagerOfSettledFund";

    /// <summary>A fund manager, of a fund that waits for payments.</summary>
    public const string ManagerOfUnsettled = "fundManagerOfUnsettledFund";

    public static readonly Lifecycle Machine = new("fund", Planned,
        new("open", [Planned, Suspended], Open, Roles.FundManager),
        new("suspend", [Open], Suspended, Roles.FundManager),
        new("adjust", [Planned], Planned, Roles.FundManager),
        new("adjust", [Open], Open, Roles.FundManager),
        new("adjust", [Suspended], Suspended, Roles.FundManager),
        new("close", [Open, Suspended], Closing, ManagerOfUnsettled),
        new("close", [Planned, Open, Suspended, Closing], Closed, ManagerOfSettled));
}
