using System.Text;
using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>What an award of a contract comes to for one payee, in whole.</summary>
/// <param name="Award">The whole award, of which the payee may have a share.</param>
/// <param name="Part">The payee's part of it; null where it waits for a decision.</param>
/// <param name="Sum">The part, or where that is less what other payees leave of the whole award.</param>
/// <param name="Range">What may be decided, where the award waits for a decision.</param>
/// <param name="Held">What other claims of the payee hold of it.</param>
/// <param name="Others">What other payees hold of it, also where it is demanded back of them.</param>
/// <param name="Limits">By which it is bounded.</param>
sealed record Due(
    Policy Policy, Facts Facts, IReadOnlyList<Grant> History, AwardEvaluation Award, decimal ShareOfAward, Fen? Part, Fen? Sum, AmountRange? Range, Fen Held, Fen Others,
    IReadOnlyList<ClaimLimit> Limits)
{
    /// <summary>Neither due nor waiting for a decision.</summary>
    public bool IsNothing => Award.Outcome is Outcome.Refused or Outcome.Open || Award.Amount is { Value: 0 } || Part is { Value: 0 };

    /// <summary>The most that the payee may hold of it; null where nothing bounds it.</summary>
    public Fen? Most => IsNothing ? Fen.Zero : Sum ?? Range!.High;
}

/// <summary>Computes what a payee is due, and what a new claim adds to what the payee has claimed already (差额).</summary>
static class ClaimComputation
{
    /// <summary>The claim with the sum that is due and not yet claimed by earlier parts, nor held by other payees.</summary>
    public static async Task<ClaimRow> Compute(
        Session session, PolicyCatalogue catalogue, ContractRow contract, ClaimRow claim, string? wantedPolicy, DateOnly today)
    {
        if (!contract.IsRecognised)
        {
            throw Problems.RuleViolated("/contract", "contract-not-recognised", new(
                $"合同 {contract.Id} 的状态为“{LifecycleLabels.OfState(contract.State).Zh}”，现行条款须已认定登记。", $"The contract is {contract.State}; its present terms must be recognised."));
        }

        var cases = (await ContractEvaluation.Cases(session, catalogue, contract, today))
            .Where(c => (wantedPolicy is null || c.Policy.Id == wantedPolicy) && c.Policy.Awards.Any(award => award.Id == claim.Award)).ToList();
        if (cases is not [var found])
        {
            throw Problems.UnknownReference(wantedPolicy is null && cases.Count > 1 ? "/policy" : "/award", cases.Count == 0
                ? new($"买方所在地没有现行政策设有奖补 {claim.Award}。", $"No policy in force where the buyer is has an award '{claim.Award}'.")
                : new($"有多项政策设有奖补 {claim.Award}：{string.Join("、", cases.Select(c => c.Policy.Id))}。",
                    $"Several policies have an award '{claim.Award}': {string.Join(", ", cases.Select(c => c.Policy.Id))}."));
        }

        var due = DueOf(found, contract, claim, explain: true)
            ?? throw Problems.Forbidden(found.Policy.Awards.First(award => award.Id == claim.Award).Payee.Code());
        if (await ClaimLimits.AreRecovering(session, due.Limits, claim.Id))
        {
            throw Problems.ClaimFrozen(ClaimLimits.BeingRecovered);
        }

        List<ClaimRow> earlier =
        [
            .. (await ClaimSql.Standing(session, contract.Id))
                .Where(part => part.Id != claim.Id && (part.Policy, part.Award, part.Payee) == (found.Policy.Id, claim.Award, claim.Payee)),
        ];
        var isFirst = earlier.TrueForAll(part => part.State == ClaimLifecycle.Lapsed);
        var leaves = due.Sum is { } whole ? whole > due.Held : isFirst && due.Range is { } range && !(range.High < range.Low) && range.High is not { Value: 0 };
        if ((!isFirst || due.Others > Fen.Zero) && !leaves)
        {
            throw Problems.AlreadyExists("/award", new(
                $"合同 {contract.Id} 的奖补 {claim.Award} 已申领、批准或支付共 {due.Held + due.Others} 元（含其他收款人）。",
                $"The award '{claim.Award}' is claimed for this contract already: {due.Held + due.Others} yuan, with what other payees hold of it."));
        }

        if (due.IsNothing)
        {
            throw Problems.RuleViolated("/award", "award-not-due", new(
                $"该奖补不成立：{string.Join("；", due.Award.Reasons.Select(reason => reason.DetailZh))}",
                $"The award is not due: {string.Join(" ", due.Award.Reasons.Select(reason => reason.DetailEn))}"));
        }

        return WithBasis(claim, contract, due, due.Sum - due.Held) with { Part = earlier.Count == 0 ? 0 : earlier.Max(part => part.Part) + 1 };
    }

    /// <summary>The claim as what is due now makes it.</summary>
    public static ClaimRow WithBasis(ClaimRow claim, ContractRow contract, Due due, Fen? sum)
    {
        var basis = new ClaimBasis(
            due.Facts, [.. due.History.Select(EarlierGrant.Of)], Receipt.Of(due.Policy, due.Facts, due.History), due.Range, due.ShareOfAward, due.Held,
            Rendered(due.Award, Language.Chinese), Rendered(due.Award, Language.English), due.Policy.Sharing is { } sharing && sharing.Covers(due.Award.Award) ? sharing : null, ClauseOf(due.Policy, due.Award.Award), sum, due.Part,
            due.Others > Fen.Zero ? due.Others : null);
        var stored = Json.Write(basis);
        var gist = new ClaimGist(basis.Range, basis.Receipt, basis.Sharing, basis.Clause, Fingerprint.Of(stored), due.Facts.RecognisedOn);
        return claim with
        {
            TermsVersion = contract.TermsVersion, Region = due.Facts.BuyerRegion!, Policy = due.Policy.Id, PolicyVersion = due.Policy.Version,
            Basis = stored, Content = Json.Write(gist), Fen = sum?.Value, Limits = due.Limits,
        };
    }

    /// <summary>The contract as a claim is judged by it: as of the recognition that the claim was made on.</summary>
    public static async Task<ContractRow> AsJudged(Session session, ContractRow contract, ClaimRow claim) => contract with
    {
        RecognisedOn = claim.Gist.RecognisedOn ?? (await ClaimSql.Basis(session, claim.Id)).Facts.RecognisedOn,
    };

    /// <summary>Refuses a claim of more than the award now comes to, with all that anybody holds of it and of its limits.</summary>
    /// <returns>The contract's buyer.</returns>
    public static async Task<PartyRow> RequireEntitled(Session session, PolicyCatalogue catalogue, ContractRow contract, ClaimRow claim, DateOnly today)
    {
        var found = await ContractEvaluation.CaseUnder(session, catalogue, await AsJudged(session, contract, claim), claim.Policy, claim.Award, today);
        if (found is null)
        {
            throw Problems.EntitlementExceeded(new(
                $"政策 {claim.Policy} 已不在库中，应享受的金额无法重算。", $"The policy {claim.Policy} is not at hand any more; what the award comes to cannot be computed again."));
        }

        var due = DueOf(found, contract, claim, explain: false);
        var most = due is null ? Fen.Zero : due.Most is { } bound ? new Fen(Math.Max(0, bound.Value - due.Held.Value)) : (Fen?)null;
        if (new Fen(claim.Fen!.Value) is var sum && sum > most)
        {
            // Claims of one contract may stand in each other's way, none of them paid yet: the approver has to see which.
            var others = string.Join(", ", found.Own.Where(grant => grant.Id != claim.Id).Select(grant => grant.Id));
            throw Problems.EntitlementExceeded(new(
                $"申领 {sum} 元；连同所有收款人已持有的部分重新计算，现最多为 {most} 元{(others.Length == 0 ? "" : $"（该合同的其他申领：{others}）")}。请撤回后重新申领。",
                $"{sum} yuan are claimed; computed anew with what all payees hold{(others.Length == 0 ? "" : $" (of this contract: {others})")}, it comes to at most {most} yuan now. Withdraw the claim and claim anew."));
        }

        return found.Buyer;
    }

    /// <summary>What the claim's payee is due in one case, whatever the claim itself holds.</summary>
    /// <returns>Null when the award is not this party's.</returns>
    public static Due? DueOf(ContractEvaluation.Case found, ContractRow contract, ClaimRow claim, bool explain)
    {
        var (policy, facts, history, own, _) = found;
        var options = new EvaluationOptions { Explain = explain };
        var evaluation = Evaluator.Evaluate(policy, facts, history, options);
        var beside = Beside(policy, evaluation, claim.Award, own);
        if (beside.Count > 0)
        {
            history = [.. history, .. beside];
            evaluation = Evaluator.Evaluate(policy, facts, history, options);
        }

        if (evaluation.Awards.FirstOrDefault(a => a.Award == claim.Award) is not { } award || ShareOf(contract, award.Payee, claim.Payee) is not { } share)
        {
            return null;
        }

        var (held, others) = (Fen.Zero, Fen.Zero);
        foreach (var grant in own.Where(grant => grant.Award == claim.Award && grant.Id != claim.Id))
        {
            (held, others) = grant.Payee == claim.Payee ? (held + new Fen(grant.Fen), others) : (held, others + new Fen(grant.Fen));
        }

        var part = award.Amount is { } whole ? PartOf(whole) : (Fen?)null;
        return new(
            policy, facts, history, award, share.Percent, part, part is { } sum ? AtMost(sum, award.Amount!.Value) : null,
            award.Amount is null ? new() { Low = PartOf(award.Decision?.From ?? award.Low), High = award.High is { } high ? AtMost(PartOf(high), high) : null } : null,
            held, others, ClaimLimit.Of(policy.Id, award, contract.Id, facts.RecognisedOn ?? facts.SignedOn ?? default));

        Fen PartOf(Fen sum) => Allocation.ByShares(sum, [.. share.All.Select(Exact)])[share.Index];

        Fen AtMost(Fen sum, Fen award) => new(Math.Min(sum.Value, Math.Max(0, award.Value - others.Value)));
    }

    /// <summary>
    /// What the contract's claims hold of other awards that this one is exclusive with or shares a cap with. Of a shared cap an evaluation draws what
    /// each award comes to now, and only what is held beyond that is to be added.
    /// </summary>
    static List<Grant> Beside(Policy policy, Evaluation evaluation, string award, IReadOnlyList<GrantedClaim> own)
    {
        var rules = policy.Periods.SelectMany(period => period.Rules.Stacking).Where(rule => rule.Awards.Contains(award)).ToList();
        var beside = new List<Grant>();
        foreach (var held in own.Where(grant => grant.Award != award && rules.Exists(rule => rule.Awards.Contains(grant.Award))).GroupBy(grant => grant.Award))
        {
            var now = rules.Exists(rule => rule is CombinedCap && rule.Awards.Contains(held.Key))
                && evaluation.Awards.FirstOrDefault(a => a.Award == held.Key) is { } other ? (other.Amount ?? other.High ?? Fen.Zero).Value : 0;
            foreach (var grant in held)
            {
                var beyond = Math.Max(0, grant.Fen - now);
                now = Math.Max(0, now - grant.Fen);
                if (beyond > 0)
                {
                    beside.Add((grant with { Fen = beyond }).ToGrant());
                }
            }
        }

        return beside;
    }

    /// <summary>
    /// Who bears which part of an approved claim (市区分担): where the policy has a park share and the buyer belongs to a park, its parts to
    /// the fen; else the first payer bears all, which is said. Null where the policy divides nothing.
    /// </summary>
    public static IReadOnlyList<ClaimShare>? Shares(ClaimRow claim, PartyRow buyer)
    {
        const string parks = "park";
        if (claim.Gist.Sharing is not { } sharing)
        {
            return null;
        }

        var sum = new Fen(claim.Fen!.Value);
        var park = buyer.View(withContact: false).Park;
        return park is null && sharing.Payers.Any(payer => payer.Id == parks)
            ? [new(sharing.Payers[0].Id, null, sum, Unmatched: true)]
            : [.. sharing.Of(sum).Select(share => new ClaimShare(share.Payer, share.Payer == parks ? park : null, share.Amount))];
    }

    static ClauseView? ClauseOf(Policy policy, string award)
    {
        var id = policy.Awards.First(a => a.Id == award).Amount.Basis.Clause;
        return policy.Clauses.FirstOrDefault(clause => clause.Id == id) is { } clause ? ClauseView.Of(clause) : null;
    }

    /// <summary>Whose the award is, and which part of it: a broker award belongs to the contract's brokers by the shares that they agreed.</summary>
    static (decimal Percent, int Index, IReadOnlyList<decimal> All)? ShareOf(ContractRow contract, Payee payee, string party)
    {
        var brokers = contract.Terms.Brokers;
        return payee switch
        {
            Payee.Buyer when contract.Buyer == party => (100, 0, [100]),
            Payee.Seller when contract.Seller == party => (100, 0, [100]),
            Payee.Broker when brokers.ToList().FindIndex(broker => broker.Party == party) is >= 0 and var place =>
                (brokers[place].Share, place, [.. brokers.Select(broker => broker.Share)]),
            _ => null,
        };
    }

    /// <summary>A share in billionths of a per cent: as a whole number, to more decimals than anybody agrees on.</summary>
    internal static long Exact(decimal percent) => (long)(percent * 1_000_000_000);

    static string Rendered(AwardEvaluation award, Language language) => Encoding.UTF8.GetString(EvaluationJson.Render(award, language).Utf8);
}
