using System.Text;
using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>What an award of a contract comes to for one payee, whatever was claimed of it before.</summary>
/// <param name="Sum">In whole; null where the award waits for a decision.</param>
/// <param name="Award">The whole award, of which the payee may have a share.</param>
sealed record Due(Policy Policy, AwardEvaluation Award, Fen? Sum, ClaimBasis Basis)
{
    /// <summary>Neither due nor waiting for a decision.</summary>
    public bool IsNothing => Award.Outcome is Outcome.Refused or Outcome.Open || Award.Amount is { Value: 0 };
}

/// <summary>Computes what a payee is due, and what a new claim adds to what the payee has claimed already (差额).</summary>
static class ClaimComputation
{
    /// <summary>The claim with the sum that is due and not yet claimed by <paramref name="earlier"/> parts.</summary>
    /// <param name="earlier">The payee's other claims for this award of the contract that still stand.</param>
    public static async Task<ClaimRow> Compute(
        Session session, PolicyCatalogue catalogue, ContractRow contract, ClaimRow claim, IReadOnlyList<ClaimRow> earlier, string? wantedPolicy,
        DateOnly today)
    {
        if (!contract.IsRecognised)
        {
            throw Problems.RuleViolated("/contract", "contract-not-recognised", new(
                $"合同 {contract.Id} 的状态为 {contract.State}，现行条款须已认定登记。", $"The contract is {contract.State}; its present terms must be recognised."));
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

        earlier = [.. earlier.Where(part => part.Policy == found.Policy.Id)];
        var held = new Fen(earlier.Sum(part => part.Granted));
        var due = DueOf(found, contract, claim.Award, claim.Payee, held)
            ?? throw Problems.Forbidden(found.Policy.Awards.First(award => award.Id == claim.Award).Payee.Code());
        if (earlier.Any(part => part.State == ClaimLifecycle.ClawbackOpened))
        {
            throw Problems.ClaimFrozen(new(
                "该奖补有已支付的部分正在追回，决定之前不能补领。", "What was paid of this award is being recovered; nothing can be added to it until that is decided."));
        }

        if (earlier.Any(part => part.State != ClaimLifecycle.Lapsed) && !(due.Sum > held))
        {
            throw Problems.AlreadyExists("/award", new(
                $"合同 {contract.Id} 的奖补 {claim.Award} 已申领 {held} 元。", $"The award '{claim.Award}' is claimed for this contract already: {held} yuan."));
        }

        if (due.IsNothing)
        {
            throw Problems.RuleViolated("/award", "award-not-due", new(
                $"该奖补不成立：{string.Join("；", due.Award.Reasons.Select(reason => reason.DetailZh))}",
                $"The award is not due: {string.Join(" ", due.Award.Reasons.Select(reason => reason.DetailEn))}"));
        }

        var sum = due.Sum - held;
        var basis = due.Basis with { Sum = sum };
        var stored = Json.Write(basis);
        return claim with
        {
            TermsVersion = contract.TermsVersion, Region = found.Facts.BuyerRegion!, Policy = due.Policy.Id, PolicyVersion = due.Policy.Version,
            Basis = stored, Content = Json.Write(new ClaimGist(basis.Range, basis.Receipt, basis.Sharing, basis.Clause, Fingerprint.Of(stored))),
            Part = earlier.Count == 0 ? 0 : earlier.Max(part => part.Part) + 1, Fen = sum?.Value,
        };
    }

    /// <summary>What the payee is due in one case.</summary>
    /// <param name="held">What earlier claims hold of it, for the record.</param>
    /// <returns>Null when the award is not this party's.</returns>
    public static Due? DueOf(ContractEvaluation.Case found, ContractRow contract, string awardId, string payee, Fen held)
    {
        var (policy, facts, history) = found;
        var award = Evaluator.Evaluate(policy, facts, history, new() { Explain = true }).Awards.First(a => a.Award == awardId);
        if (ShareOf(contract, award.Payee, payee) is not { } share)
        {
            return null;
        }

        var basis = new ClaimBasis(
            facts, [.. history.Select(EarlierGrant.Of)], Receipt.Of(policy, facts, history),
            award.Amount is null ? new() { Low = award.Decision?.From ?? award.Low, High = award.High } : null, share.Percent, held,
            Rendered(award, Language.Chinese), Rendered(award, Language.English), policy.Sharing is { } sharing && sharing.Covers(awardId) ? sharing : null, ClauseOf(policy, awardId));
        Fen? sum = award.Amount is { } whole ? Allocation.ByShares(whole, [.. share.All.Select(Exact)])[share.Index] : null;
        return new(policy, award, sum, basis);
    }

    /// <summary>
    /// Who bears which part of an approved claim (市区分担): where the policy has a park share and the buyer belongs to a park, its parts to
    /// the fen; else the first payer bears all, which is said. Null where the policy divides nothing.
    /// </summary>
    public static async Task<IReadOnlyList<ClaimShare>?> Shares(Session session, ClaimRow claim, string buyer)
    {
        const string parks = "park";
        if (claim.Gist.Sharing is not { } sharing)
        {
            return null;
        }

        var sum = new Fen(claim.Fen!.Value);
        var park = (await PartySql.Get(session, buyer))!.View(withContact: false).Park;
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
