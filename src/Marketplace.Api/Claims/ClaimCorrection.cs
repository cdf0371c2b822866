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

            var (isKnown, due) = await DueNow(session, catalogue, clock, contract, line.First());
            if (!isKnown)
            {
                continue;
            }

            // What others have to give back is no reason to take more of this payee: an approval looks at that.
            var most = due is null or { IsNothing: true } ? 0 : (due.Part ?? due.Range!.High)?.Value ?? long.MaxValue;
            var excess = line.Sum(claim => claim.Held) - most;
            foreach (var claim in Order.SelectMany(states => line.Where(claim => states.Contains(claim.State)).OrderByDescending(claim => claim.Part)))
            {
                if (claim.Fen is null || (IsUnpaid(claim) && most > 0 && (due!.Range ?? claim.Gist.Range) is not null))
                {
                    await Reconsider(session, clock, contract, claim, most > 0 ? due : null, line.Where(other => other != claim).Sum(other => other.Held), caller);
                    continue;
                }

                var less = Math.Clamp(excess, 0, claim.Held);
                excess -= less;
                if (less > 0)
                {
                    await Reduce(session, clock, contract, claim, less, caller);
                }
                else if (claim.TermsVersion != contract.TermsVersion && !contract.HasFallen)
                {
                    // Money that was promised or paid under other limits goes on to count there.
                    var limits = due is not null && IsUnpaid(claim) && claim.State != ClaimLifecycle.Approved ? due.Limits : null;
                    await Store(session, clock, claim with { TermsVersion = contract.TermsVersion, Backdated = contract.Backdated }, claim, caller,
                        () => limits is null ? Task.CompletedTask : ClaimLimits.Store(session, claim.Id, limits));
                }
            }
        }
    }

    static bool IsUnpaid(ClaimRow claim) =>
        claim.State is ClaimLifecycle.Submitted or ClaimLifecycle.Returned or ClaimLifecycle.Reviewed or ClaimLifecycle.Approved;

    /// <summary>
    /// What the payee is due now, judged by the policy as it stood on the day of the first recognition: an amendment after a policy has ended
    /// does not take away what was earned under it.
    /// </summary>
    /// <returns>Not known when the policy is gone, so that nobody can say; null where it is no longer the payee's.</returns>
    static async Task<(bool IsKnown, Due? Due)> DueNow(Session session, PolicyCatalogue catalogue, TimeProvider clock, ContractRow contract, ClaimRow first) =>
        contract.HasFallen ? (true, null)
        : await ContractEvaluation.CaseUnder(session, catalogue, await ClaimComputation.AsJudged(session, contract, first), first.Policy, first.Award, clock.Today()) is { } found
            ? (true, ClaimComputation.DueOf(found, contract, first, explain: true))
            : (false, null);

    /// <summary>
    /// A claim of an award that is decided case by case, or was: a decision that the policy still leaves open stands as it was taken, on the new
    /// terms. Else the claim goes back to its reviewer, or lapses where nothing is due.
    /// </summary>
    /// <param name="due">Null where nothing is.</param>
    /// <param name="held">What the payee's other parts hold.</param>
    static async Task Reconsider(
        Session session, TimeProvider clock, ContractRow contract, ClaimRow claim, Due? due, long held, Caller caller)
    {
        if (due is not null && claim.TermsVersion == contract.TermsVersion)
        {
            return;
        }

        var stands = due?.Range is { } range && claim.Fen is { } decided && claim.Decision is not null
            && decided >= range.Low.Value && !(decided > range.High?.Value);
        var sum = stands ? claim.Fen : due?.Sum?.Value - held;
        var changed = claim with { Reason = Changed(contract), Backdated = contract.Backdated };
        if (!stands && claim.State == ClaimLifecycle.Approved)
        {
            changed = await Release(session, clock, changed, caller);
        }

        if (due is null || sum <= 0)
        {
            await Store(session, clock, changed with { TermsVersion = contract.TermsVersion, State = ClaimLifecycle.Lapsed }, claim, caller);
            return;
        }

        changed = ClaimComputation.WithBasis(changed, contract, due, due.Range is null && sum is { } fen ? new Fen(fen) : null) with { Fen = sum };
        changed = stands ? changed with { Reason = claim.Reason } : changed with
        {
            State = claim.State == ClaimLifecycle.Returned ? claim.State : ClaimLifecycle.Submitted, Reviewer = null, FirstApprover = null, ReviewedAt = null, Decision = null,
        };
        await Store(session, clock, changed, claim, caller,
            () => ClaimSql.StoreBasis(session, changed.State == ClaimLifecycle.Approved ? changed with { Limits = null } : changed));
    }

    static string Changed(ContractRow contract) => contract.HasFallen
        ? $"合同 {contract.Id} 已失效（{LifecycleLabels.OfState(contract.State).Zh}）。 The contract {contract.Id} is {contract.State}."
        : $"合同 {contract.Id} 变更后须重新决定。 After the change of contract {contract.Id} it is decided anew.";

    /// <summary>Gives back to the fund what was set apart for an approved claim.</summary>
    static async Task<ClaimRow> Release(Session session, TimeProvider clock, ClaimRow claim, Caller caller)
    {
        await ClaimEndpoints.Move(session, clock, caller, claim, EntryKind.Release);
        return claim with { Fund = null, Reservation = null, FirstApprover = null, Approver = null, Payer = null, OutOfTurn = null, Shares = null };
    }

    static async Task Reduce(Session session, TimeProvider clock, ContractRow contract, ClaimRow claim, long less, Caller caller)
    {
        var rest = claim.Held - less;
        var reason = contract.HasFallen
            ? new Wording($"合同 {contract.Id} 已失效（{LifecycleLabels.OfState(contract.State).Zh}）。", $"The contract {contract.Id} is {contract.State}.")
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
                changed = await Release(session, clock, changed, caller);
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

    /// <param name="basis">Writes what the claim was computed from; after the row was held against what was recorded of what it still has.</param>
    static async Task Store(Session session, TimeProvider clock, ClaimRow changed, ClaimRow before, Caller caller, Func<Task>? basis = null)
    {
        await ClaimCheck.Require(session, before);
        await (basis?.Invoke() ?? Task.CompletedTask);
        changed = changed with { Version = before.Version + 1, UpdatedAt = clock.Now() };
        await ClaimSql.Update(session, changed);
        await ClaimEndpoints.Record(session, clock, changed, caller, before);
    }
}
