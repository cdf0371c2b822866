using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>
/// What a change of its contract does to claims (差额处理). Nothing is edited silently: what is claimed beyond what is now due is taken out of
/// the newest unpaid parts first and then demanded back of the paid ones; what is due beyond it, the payee claims as a further part.
/// </summary>
static class ClaimCorrection
{
    /// <summary>Where the payee holds more than is due, the least that the market can do without asking anybody is tried first.</summary>
    static readonly string[][] Order =
    [
        [ClaimLifecycle.Submitted, ClaimLifecycle.Returned, ClaimLifecycle.Reviewed],
        [ClaimLifecycle.Approved],
        [ClaimLifecycle.Paid, ClaimLifecycle.ClawedBack, ClaimLifecycle.Waived],
    ];

    /// <summary>
    /// Brings a contract's claims to what its present terms entitle to. While changed terms wait for recognition nothing happens but that the
    /// claims rest; what was ordered waits for the bank's answer; what is being recovered waits for the decision. Each of these corrects again.
    /// </summary>
    /// <param name="contract">As it is now in this transaction, after its row was written or before the claims were locked.</param>
    /// <param name="caller">Whose act has this consequence.</param>
    public static async Task Apply(Session session, PolicyCatalogue catalogue, TimeProvider clock, ContractRow contract, Caller caller)
    {
        var claims = await ClaimSql.LockStanding(session, contract.Id);
        if (!contract.IsRecognised && !contract.HasFallen)
        {
            return;
        }

        foreach (var line in claims.GroupBy(claim => (claim.Policy, claim.Award, claim.Payee)))
        {
            if (line.Any(claim => claim.State == ClaimLifecycle.ClawbackOpened))
            {
                continue;
            }

            var held = line.Sum(claim => claim.Held);
            if (await Entitled(session, catalogue, clock, contract, line.First(), held) is not { } due)
            {
                continue;
            }

            var excess = held - due;
            foreach (var claim in Order.SelectMany(states => line.Where(claim => states.Contains(claim.State)).OrderByDescending(claim => claim.Part)))
            {
                var less = Math.Clamp(excess, 0, claim.Held);
                excess -= less;
                if (less > 0)
                {
                    await Reduce(session, clock, contract, claim, less, caller);
                }
                else if (claim.TermsVersion != contract.TermsVersion && !contract.HasFallen)
                {
                    await Store(session, clock, claim with { TermsVersion = contract.TermsVersion, Backdated = contract.Backdated }, claim, caller);
                }
            }
        }
    }

    /// <summary>
    /// What the payee is due now, in fen, judged by the policy as it stood on the day of the first recognition: an amendment after a policy
    /// has ended does not take away what was earned under it. A decision that the policy still leaves open stands as it was taken.
    /// </summary>
    /// <returns>Null when the policy is gone, so that nobody can say.</returns>
    static async Task<long?> Entitled(
        Session session, PolicyCatalogue catalogue, TimeProvider clock, ContractRow contract, ClaimRow first, long held)
    {
        if (contract.HasFallen)
        {
            return 0;
        }

        var then = contract with { RecognisedOn = (await ClaimSql.Basis(session, first.Id)).Facts.RecognisedOn };
        if (await ContractEvaluation.CaseUnder(session, catalogue, then, first.Policy, clock.Today()) is not { } found)
        {
            return null;
        }

        return ClaimComputation.DueOf(found, then, first.Award, first.Payee, new(held)) switch
        {
            null or { IsNothing: true } => 0,
            { Sum: { } sum } => sum.Value,
            _ => held,
        };
    }

    static async Task Reduce(Session session, TimeProvider clock, ContractRow contract, ClaimRow claim, long less, Caller caller)
    {
        var rest = claim.Held - less;
        var reason = contract.HasFallen
            ? new Wording($"合同 {contract.Id} 已失效（{contract.State}）。", $"The contract {contract.Id} is {contract.State}.")
            : new Wording($"合同 {contract.Id} 变更后少 {new Fen(less)} 元。", $"After the change of contract {contract.Id} it is {new Fen(less)} yuan less.");
        var changed = claim with { TermsVersion = contract.TermsVersion, Backdated = contract.Backdated, Reason = $"{reason.Zh} {reason.En}" };
        if (claim.State is ClaimLifecycle.Paid or ClaimLifecycle.ClawedBack or ClaimLifecycle.Waived)
        {
            changed = changed with { State = ClaimLifecycle.ClawbackOpened, Recover = less, ClawbackBy = caller.Person, ClawbackDecidedBy = null };
        }
        else
        {
            if (claim.State == ClaimLifecycle.Approved)
            {
                await ClaimEndpoints.Move(session, clock, caller, changed, EntryKind.Release);
                changed = changed with { Fund = null, Reservation = null, FirstApprover = null, Approver = null, Payer = null, OutOfTurn = null, Shares = null };
            }

            changed = rest == 0
                ? changed with { State = ClaimLifecycle.Lapsed }
                : changed with
                {
                    // A smaller sum is reviewed and approved as what it is.
                    State = claim.State == ClaimLifecycle.Returned ? claim.State : ClaimLifecycle.Submitted, Fen = rest, Reviewer = null, FirstApprover = null, ReviewedAt = null,
                };
        }

        await Store(session, clock, changed, claim, caller);
    }

    static async Task Store(Session session, TimeProvider clock, ClaimRow changed, ClaimRow before, Caller caller)
    {
        await ClaimCheck.Require(session, before);
        changed = changed with { Version = before.Version + 1, UpdatedAt = clock.Now() };
        await ClaimSql.Update(session, changed);
        await ClaimEndpoints.Record(session, clock, changed, caller, before);
    }
}
