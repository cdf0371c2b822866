using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

// 补贴申领: a payee claims an award for a recognised contract. What it comes to is computed, never sent; it is reviewed, approved and
// ordered by different people, reserved in the fund when it is approved, and after payment can be recovered.

public sealed record ClaimContent
{
    [IdOf("con")]
    public required string Contract { get; init; }

    /// <summary>The id of an award of the policy, such as <c>buyer</c>.</summary>
    [StringLength(100, MinimumLength = 1)]
    public required string Award { get; init; }

    /// <summary>Needed where several policies in force have such an award.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? Policy { get; init; }
}

/// <summary>What a reviewer recommends.</summary>
public sealed record RecommendRequest
{
    /// <summary>Only where the policy leaves the sum to a decision (一事一议): in yuan, within the range that it allows.</summary>
    public Fen? Amount { get; init; }

    /// <summary>Needed with an amount.</summary>
    [StringLength(2000, MinimumLength = 1)]
    public string? Reason { get; init; }
}

public sealed record ApproveRequest
{
    [StringLength(1000, MinimumLength = 1)]
    public string? Reason { get; init; }

    /// <summary>
    /// Why this claim is approved although others that were complete before it would be left without money (一事一议): needed where the
    /// fund approves in turn.
    /// </summary>
    [StringLength(2000, MinimumLength = 1)]
    public string? OutOfTurn { get; init; }
}

/// <summary>What is to be recovered (追回).</summary>
public sealed record OpenClawbackRequest
{
    /// <summary>In yuan; all that the payee still holds where it is left out.</summary>
    public Fen? Amount { get; init; }

    [StringLength(1000, MinimumLength = 1)]
    public required string Reason { get; init; }
}

/// <summary>What the bank reported.</summary>
public sealed record ConfirmPaidRequest
{
    /// <summary>The bank's reference (付款凭证号); no other payment may have it.</summary>
    [StringLength(100, MinimumLength = 1), RegularExpression("[0-9A-Za-z._/-]+")]
    public required string Reference { get; init; }
}

public sealed record Claim : IAnswers<ClaimContent>
{
    public required string Id { get; init; }
    public required string State { get; init; }
    public required int Version { get; init; }
    public required string Contract { get; init; }

    /// <summary>The recognised terms that it rests on.</summary>
    public required int TermsVersion { get; init; }

    public required string Award { get; init; }
    public required string Policy { get; init; }
    public required string PolicyVersion { get; init; }

    /// <summary>The party that is paid.</summary>
    public required string Owner { get; init; }

    /// <summary>0 for the award itself; higher for what an amended contract adds to it (补领).</summary>
    public required int Part { get; init; }

    /// <summary>In yuan; absent until somebody has decided where the policy leaves it to a decision.</summary>
    public Fen? Amount { get; init; }

    /// <summary>What is demanded back, in yuan, while it is being recovered.</summary>
    public Fen? Recover { get; init; }

    /// <summary>What was given back so far.</summary>
    public required Fen Recovered { get; init; }

    /// <summary>What was not to be given back after all.</summary>
    public required Fen Waived { get; init; }

    /// <summary>What a decision may come to.</summary>
    public AmountRange? Range { get; init; }

    /// <summary>By which the sum can be computed again (凭证).</summary>
    public required Receipt Receipt { get; init; }

    /// <summary>What was decided, where the policy leaves the sum to a decision (一事一议).</summary>
    public CaseDecision? Decision { get; init; }

    /// <summary>When its review was complete: its place in the queue for money that is short.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>How many have approved it; a large sum needs two.</summary>
    public required int Approvals { get; init; }

    /// <summary>Why it was approved before others that had waited longer.</summary>
    public string? OutOfTurn { get; init; }

    public string? Fund { get; init; }

    /// <summary>Who bears which part (市区分担), where the policy shares its awards; settled on approval. The fund pays the whole.</summary>
    public IReadOnlyList<ClaimShare>? Shares { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    /// <summary>The bank's reference of the payment.</summary>
    public string? Reference { get; init; }

    /// <summary>The contract is recognised as of a day before its submission (补录).</summary>
    public required bool Backdated { get; init; }

    /// <summary>Who has done what; names of persons, shown to officials alone.</summary>
    public ClaimPersons? Persons { get; init; }

    public string? Reason { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required IReadOnlyList<string> AvailableActions { get; init; }
}

/// <summary>How a claim's sum came about; a holder of the policy document can compute it again from the facts and the whole history, which officials see.</summary>
/// <param name="Award">With the steps of the calculation, each with its clause, as they were when the claim was submitted; the last is what is claimed now.</param>
/// <param name="ShareOfAward">The payee's part of the award, in per cent: less than 100 where several brokers share it.</param>
/// <param name="Part">What that part comes to, in yuan; absent where the policy leaves it to a decision.</param>
/// <param name="Held">What earlier parts of the claim came to then that was not given back, in yuan.</param>
/// <param name="Others">What other payees held of the award then; absent where they held nothing.</param>
/// <param name="Computed">What was claimed, in yuan: the payee's part less what was held; absent where the policy leaves it to a decision.</param>
/// <param name="Amount">What is claimed now, in yuan: what was computed or decided, less what a change of the contract has taken away.</param>
/// <param name="Recover">What of it is demanded back, in yuan.</param>
/// <param name="Recovered">What of it was given back.</param>
/// <param name="Reason">Why it came to this by the last step, such as the change of the contract.</param>
/// <param name="History">The grants that counted: to officials all of them, to the payee its own.</param>
/// <param name="Withheld">How many are left out; the receipt is over all of them, so officials alone can verify it then. Absent where none is.</param>
public sealed record Explanation(
    string Claim, string Policy, string PolicyVersion, Rendered<AwardResult> Award, decimal ShareOfAward, Fen? Part, Fen Held, Fen? Others, Fen? Computed, Fen? Amount,
    Fen? Recover, Fen Recovered, string? Reason, Facts Facts,
    IReadOnlyList<EarlierGrant> History, int? Withheld, Receipt Receipt)
{
    internal static Explanation Of(ClaimRow row, ClaimBasis basis, Language language, bool official)
    {
        List<EarlierGrant> history = [.. basis.History.Where(grant => official || ClaimSteps.IsOwn(row, grant))];
        return new(row.Id, row.Policy, row.PolicyVersion, new(ClaimSteps.Of(row, basis, language, official)), basis.ShareOfAward, basis.Part ?? basis.Sum + basis.Held,
            basis.Held, basis.Others, basis.Sum, row.Fen is { } fen ? new Fen(fen) : null, row.Recover is { } recover ? new Fen(recover) : null, new(row.Recovered),
            row.Reason, basis.Facts, history, history.Count < basis.History.Count ? basis.History.Count - history.Count : null, basis.Receipt);
    }
}

/// <param name="Reviewer">Who recommended it.</param>
/// <param name="FirstApprover">Of a sum that needs two.</param>
/// <param name="Approver">By whose approval the sum was reserved.</param>
/// <param name="Payer">Who ordered the payment.</param>
/// <param name="FiledBy">Who filed it for the payee, at last.</param>
/// <param name="ClawbackBy">Who opened the recovery, or did what led to it.</param>
/// <param name="ClawbackDecidedBy">Who decided on the recovery.</param>
public sealed record ClaimPersons(
    string? Reviewer, string? FirstApprover, string? Approver, string? Payer, string? FiledBy = null, string? ClawbackBy = null, string? ClawbackDecidedBy = null)
{
    internal static ClaimPersons Of(ClaimRow row) =>
        new(row.Reviewer, row.FirstApprover, row.Approver, row.Payer, row.FiledBy, row.ClawbackBy, row.ClawbackDecidedBy);
}

/// <summary>A sum that somebody decided. The reviewer recommends it, another person approves.</summary>
/// <param name="Amount">In yuan.</param>
/// <param name="Range">What the policy allows.</param>
public sealed record CaseDecision(Fen Amount, AmountRange Range, string Reason, DateTimeOffset At);

/// <summary>What one payer bears of a claim.</summary>
/// <param name="Payer">As the policy calls it, such as city or park.</param>
/// <param name="Name">Which park; absent for the payer whose fund pays.</param>
/// <param name="Amount">In yuan.</param>
/// <param name="Unmatched">The buyer belongs to no park that would bear its part, so that this payer bears the whole.</param>
public sealed record ClaimShare(string Payer, string? Name, Fen Amount, bool Unmatched = false);

static class ClaimLifecycle
{
    public const string Submitted = "submitted";
    public const string Returned = "returned";
    public const string Reviewed = "reviewed";
    public const string Rejected = "rejected";
    public const string Approved = "approved";
    public const string Ordered = "ordered";
    public const string Paid = "paid";
    public const string Withdrawn = "withdrawn";
    public const string Lapsed = "lapsed";
    public const string ClawbackOpened = "clawbackOpened";
    public const string ClawedBack = "clawedBack";
    public const string Waived = "waived";

    /// <summary>A member who acts for the payee.</summary>
    public const string Claimant = "claimant";

    /// <summary>An approver, of a claim that needs two and has none yet.</summary>
    public const string FirstOfTwoApprovers = "firstOfTwoApprovers";

    /// <summary>A fund manager, while the payee holds a part that was neither given back nor waived.</summary>
    public const string ManagerOfRest = "fundManagerOfHeldRest";

    public static readonly Lifecycle Machine = new("claim", Submitted,
        new("submit", [Returned], Submitted, Claimant),
        new("recommend", [Submitted], Reviewed, Roles.Reviewer),
        new("return", [Submitted], Returned, Roles.Reviewer),
        new("reject", [Submitted], Rejected, Roles.Reviewer),
        new("approve", [Reviewed], Reviewed, FirstOfTwoApprovers),
        new("approve", [Reviewed], Approved, Roles.Approver),
        new("order", [Approved], Ordered, Roles.Payer),
        new("confirm-paid", [Ordered], Paid, Roles.Payer),
        new("fail-payment", [Ordered], Approved, Roles.Payer),
        new("withdraw", [Submitted, Returned, Reviewed, Approved], Withdrawn, Claimant),
        new("lapse", [Approved], Lapsed, Roles.FundManager),
        new("open-clawback", [Paid], ClawbackOpened, Roles.FundManager),
        new("open-clawback", [ClawedBack, Waived], ClawbackOpened, ManagerOfRest),
        new("claw-back", [ClawbackOpened], ClawedBack, Roles.Approver),
        new("waive", [ClawbackOpened], Waived, Roles.Approver));
}

public sealed record ClaimRow
{
    ClaimGist? _gist;

    public string Id { get; init; } = "";
    public string State { get; init; } = ClaimLifecycle.Submitted;
    public int Version { get; init; } = 1;
    public string Contract { get; init; } = "";
    public int TermsVersion { get; init; }
    public string Policy { get; init; } = "";
    public string PolicyVersion { get; init; } = "";
    public string Award { get; init; } = "";
    public string Payee { get; init; } = "";
    public int Part { get; init; }
    public long? Fen { get; init; }

    /// <summary>A <see cref="ClaimGist"/>.</summary>
    public string Content
    {
        get;
        init => (field, _gist) = (value, null);
    } = "";

    public string? Fund { get; init; }

    /// <summary>The number of the fund's entry that reserved the sum.</summary>
    public long? Reservation { get; init; }

    public string? Reference { get; init; }

    /// <summary>The reference in its canonical form, which no other payment has.</summary>
    public string? ReferenceKey { get; init; }

    public string? Reviewer { get; init; }
    public string? FirstApprover { get; init; }
    public string? Approver { get; init; }
    public string? Payer { get; init; }
    public string? FiledBy { get; init; }
    public string? ClawbackBy { get; init; }
    public string? ClawbackDecidedBy { get; init; }

    /// <summary>1 where its contract is recognised as of a day before its submission, else 0.</summary>
    public int Backdated { get; init; }

    /// <summary>What is demanded back, while that is undecided.</summary>
    public long? Recover { get; init; }

    public long Recovered { get; init; }
    public long Waived { get; init; }
    public string? Reason { get; init; }

    /// <summary>Of the buyer, when the claim was made: which fund pays it.</summary>
    public string Region { get; init; } = "";

    public DateTimeOffset? ReviewedAt { get; init; }

    /// <summary>A <see cref="CaseDecision"/>.</summary>
    public string? Decision { get; init; }

    public string? OutOfTurn { get; init; }

    /// <summary>A list of <see cref="ClaimShare"/>.</summary>
    public string? Shares { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    /// <summary>By which the public knows the payment; it leads nowhere.</summary>
    public string? Subsidy { get; init; }

    /// <summary>Random; known to officials alone.</summary>
    public string? Salt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What it comes to that was not given back, in fen; what was waived the payee keeps.</summary>
    public long Granted => State == ClaimLifecycle.Lapsed ? 0 : (Fen ?? 0) - Recovered;

    /// <summary>What of that could still be demanded back, in fen.</summary>
    public long Held => Granted - Waived;

    /// <summary>The <see cref="ClaimBasis"/> as it is stored; only of a row that was just computed.</summary>
    [JsonIgnore]
    public string? Basis { get; init; }

    /// <summary>What it was computed under; only of a row that was just computed.</summary>
    [JsonIgnore]
    public IReadOnlyList<ClaimLimit>? Limits { get; init; }

    public ClaimGist Gist => _gist ??= Json.Read<ClaimGist>(Content, $"claims {Id}");

    /// <summary>SHA-256 of the basis. The content of a claim of before the two were kept apart is the basis itself.</summary>
    public string BasisHash => Gist.BasisHash ?? Fingerprint.Of(Content);
}

/// <summary>What every step needs of a claim's basis. The whole, explanations and all, lies apart: each step would copy it.</summary>
/// <inheritdoc cref="ClaimBasis"/>
/// <param name="BasisHash">SHA-256 of the basis as it is stored.</param>
/// <param name="RecognisedOn">The contract's recognition by which the claim is judged, whatever is recognised later; absent in claims of before.</param>
public sealed record ClaimGist(
    AmountRange? Range, Receipt Receipt, Sharing? Sharing = null, ClauseView? Clause = null, string? BasisHash = null, DateOnly? RecognisedOn = null);

/// <summary>What a claim's sum was computed from and how, as it is stored beside the claim.</summary>
/// <param name="Facts">The contract as it was recognised.</param>
/// <param name="History">The grants that counted against shared limits.</param>
/// <param name="Held">What earlier parts came to that was not given back when it was computed; the sum is what the award came to beyond it.</param>
/// <param name="Zh">The award with its steps, in Chinese.</param>
/// <param name="En">The same in English.</param>
/// <param name="ShareOfAward">The payee's part of the award, in per cent.</param>
/// <param name="Sharing">How the policy divides what it pays among public payers; absent where it does not.</param>
/// <param name="Clause">The clause that the sum rests on, as it was quoted.</param>
/// <param name="Sum">What was claimed by it; a change of the contract may have taken away of that since.</param>
/// <param name="Part">The payee's part of the award, before what was held of it; absent where the policy leaves it to a decision.</param>
/// <param name="Others">What other payees held of the award when it was computed; absent where they held nothing.</param>
/// <param name="Withheld">How many grants of others are left out of the history, in a copy for the payee; nothing is stored so.</param>
public sealed record ClaimBasis(
    Facts Facts, IReadOnlyList<EarlierGrant> History, Receipt Receipt, AmountRange? Range, decimal ShareOfAward, Fen Held, string Zh, string En,
    Sharing? Sharing = null, ClauseView? Clause = null, Fen? Sum = null, Fen? Part = null, Fen? Others = null, int? Withheld = null);
