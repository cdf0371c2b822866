using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>A contract's facts, and what the policies where its buyer is would pay for it.</summary>
static class ContractEvaluation
{
    /// <summary>What is evaluated for a contract under one policy.</summary>
    public sealed record Case(Policy Policy, Facts Facts, IReadOnlyList<Grant> History);

    public static async Task<IReadOnlyList<Evaluation>> Run(
        Session session, PolicyCatalogue catalogue, ContractRow contract, DateOnly today, EvaluationOptions options) =>
        [.. (await Cases(session, catalogue, contract, today)).Select(c => Evaluator.Evaluate(c.Policy, c.Facts, c.History, options))];

    public static async Task<IReadOnlyList<Case>> Cases(Session session, PolicyCatalogue catalogue, ContractRow contract, DateOnly today)
    {
        var governing = contract.RecognisedOn ?? contract.Terms.SignedOn ?? today;
        var earlier = contract.Project is null ? [] : await Earlier(session, contract);
        var parties = await PartySql.ByIds(session, [contract.Buyer, contract.Seller, .. earlier.Select(row => row.Seller)]);
        var regions = parties.ToDictionary(party => party.Id, party => party.Region);
        var cases = new List<Case>();
        foreach (var id in catalogue.All.Where(policy => Region.Covers(policy.Region, regions[contract.Buyer])).Select(policy => policy.Id).Distinct())
        {
            var policy = catalogue.Find(id, governing)!;
            if (policy.InForce.Contains(governing) || policy.InForce.Contains(today))
            {
                cases.Add(new(policy, FactsOf(contract, regions), History(policy, earlier, regions)));
            }
        }

        return cases;
    }

    /// <summary>The project's contracts that were recognised before this one: their awards use up the limits that they share.</summary>
    static async Task<List<ContractRow>> Earlier(Session session, ContractRow contract)
    {
        var project = await ContractSql.RecognisedOfProject(session, contract.Buyer, contract.Project!);
        var place = project.FindIndex(row => row.Id == contract.Id);
        return place < 0 ? project : project[..place];
    }

    /// <summary>One by one with growing history, which gives what evaluating them all at once would.</summary>
    static List<Grant> History(Policy policy, List<ContractRow> earlier, Dictionary<string, string> regions)
    {
        var history = new List<Grant>();
        foreach (var contract in earlier)
        {
            history.AddRange(Evaluator.Evaluate(policy, FactsOf(contract, regions), history).Awards
                .Where(award => award is { Outcome: Outcome.Granted, Amount.Value: > 0 })
                .Select(award => new Grant(award.Award, award.Amount!.Value)
                {
                    Project = contract.Project, Contract = contract.Id, On = contract.RecognisedOn,
                }));
        }

        return history;
    }

    static Facts FactsOf(ContractRow contract, Dictionary<string, string> regions)
    {
        var terms = contract.Terms;
        var recognised = contract.State is ContractLifecycle.Recognised or ContractLifecycle.Completed
            && contract.RecognisedTerms == contract.TermsVersion;
        return new()
        {
            Kind = recognised ? CodeNames.Parse<ContractKind>(contract.RecognisedKind!) : terms.Kind,
            Amount = terms.Amount,
            TechnologyAmount = recognised ? new Fen(contract.RecognisedFen!.Value) : terms.TechnologyAmount ?? terms.Amount,
            Recognised = recognised,
            RecognisedOn = contract.RecognisedOn,
            SignedOn = terms.SignedOn,
            Project = contract.Project,
            Contract = contract.Id,
            Brokered = terms.Brokers.Count > 0,
            RelatedParties = terms.RelatedParties,
            BuyerRegion = regions.GetValueOrDefault(contract.Buyer),
            SellerRegion = regions.GetValueOrDefault(contract.Seller),
        };
    }
}
