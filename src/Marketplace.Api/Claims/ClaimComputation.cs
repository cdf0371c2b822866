using System.Text;
using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>What an award comes to for the payee who claims it.</summary>
static class ClaimComputation
{
    public static async Task<ClaimRow> Compute(
        Session session, PolicyCatalogue catalogue, ContractRow contract, ClaimRow claim, string? wantedPolicy, DateOnly today)
    {
        if (contract.State is not (ContractLifecycle.Recognised or ContractLifecycle.Completed) || contract.RecognisedTerms != contract.TermsVersion)
        {
            throw Problems.RuleViolated("/contract", "contract-not-recognised", new(
                $"合同 {contract.Id} 的状态为 {contract.State}，现行条款须已认定登记。", $"The contract is {contract.State}; its present terms must be recognised."));
        }

        var cases = (await ContractEvaluation.Cases(session, catalogue, contract, today))
            .Where(c => (wantedPolicy is null || c.Policy.Id == wantedPolicy) && c.Policy.Awards.Any(award => award.Id == claim.Award)).ToList();
        if (cases is not [var (policy, facts, history)])
        {
            throw Problems.UnknownReference(wantedPolicy is null && cases.Count > 1 ? "/policy" : "/award", cases.Count == 0
                ? new($"买方所在地没有现行政策设有奖补 {claim.Award}。", $"No policy in force where the buyer is has an award '{claim.Award}'.")
                : new($"有多项政策设有奖补 {claim.Award}：{string.Join("、", cases.Select(c => c.Policy.Id))}。",
                    $"Several policies have an award '{claim.Award}': {string.Join(", ", cases.Select(c => c.Policy.Id))}."));
        }

        var evaluation = Evaluator.Evaluate(policy, facts, history, new() { Explain = true });
        var award = evaluation.Awards.First(a => a.Award == claim.Award);
        var share = ShareOf(contract, award.Payee, claim.Payee);
        if (award.Outcome is Outcome.Refused or Outcome.Open || award.Amount is { Value: 0 })
        {
            throw Problems.RuleViolated("/award", "award-not-due", new(
                $"该奖补不成立：{string.Join("；", award.Reasons.Select(reason => reason.DetailZh))}",
                $"The award is not due: {string.Join(" ", award.Reasons.Select(reason => reason.DetailEn))}"));
        }

        var basis = new ClaimBasis(
            facts, [.. history.Select(EarlierGrant.Of)], Receipt.Of(policy, facts, history),
            award.Amount is null ? new() { Low = award.Low, High = award.High } : null, share.Percent,
            Rendered(award, Language.Chinese), Rendered(award, Language.English));
        return claim with
        {
            TermsVersion = contract.TermsVersion, Policy = policy.Id, PolicyVersion = policy.Version, Content = Json.Write(basis),
            Fen = award.Amount is { } sum ? Allocation.ByShares(sum, [.. share.All.Select(Exact)])[share.Index].Value : null,
        };
    }

    /// <summary>Whose the award is, and which part of it: a broker award belongs to the contract's brokers by the shares that they agreed.</summary>
    static (decimal Percent, int Index, IReadOnlyList<decimal> All) ShareOf(ContractRow contract, Payee payee, string party)
    {
        var brokers = contract.Terms.Brokers;
        switch (payee)
        {
            case Payee.Buyer when contract.Buyer == party:
            case Payee.Seller when contract.Seller == party:
                return (100, 0, [100]);
            case Payee.Broker when brokers.ToList().FindIndex(broker => broker.Party == party) is >= 0 and var place:
                return (brokers[place].Share, place, [.. brokers.Select(broker => broker.Share)]);
            default:
                throw Problems.Forbidden(payee.Code());
        }
    }

    /// <summary>A share in billionths of a per cent: as a whole number, to more decimals than anybody agrees on.</summary>
    static long Exact(decimal percent) => (long)(percent * 1_000_000_000);

    static string Rendered(AwardEvaluation award, Language language) => Encoding.UTF8.GetString(EvaluationJson.Render(award, language).Utf8);
}
