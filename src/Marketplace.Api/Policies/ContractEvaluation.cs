using Marketplace.Api.Claims;
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
    /// <param name="History">What counts of other contracts.</param>
    /// <param name="Own">What claims hold of the contract itself, of all payees.</param>
    /// <param name="Buyer">The contract's buyer.</param>
    public sealed record Case(Policy Policy, Facts Facts, IReadOnlyList<Grant> History, IReadOnlyList<GrantedClaim> Own, PartyRow Buyer);

    public static async Task<IReadOnlyList<Case>> Cases(Session session, PolicyCatalogue catalogue, ContractRow contract, DateOnly today)
    {
        var governing = Governing(contract, today);
        var surroundings = await Surroundings.Of(session, contract, SharedLimits.Of(catalogue.All));
        var cases = new List<Case>();
        foreach (var id in catalogue.All.Where(policy => Region.Covers(policy.Region, surroundings.Regions[contract.Buyer])).Select(policy => policy.Id).Distinct())
        {
            var policy = catalogue.Find(id, governing)!;
            if (policy.InForce.Contains(governing) || policy.InForce.Contains(today))
            {
                cases.Add(CaseOf(policy, contract, surroundings));
            }
        }

        return cases;
    }

    /// <summary>The case under one policy, as it was on the contract's day, in force or not.</summary>
    /// <param name="award">What is asked for: of other awards not all is looked up that their limits count.</param>
    /// <returns>Null when there is no such policy any more.</returns>
    public static async Task<Case?> CaseUnder(
        Session session, PolicyCatalogue catalogue, ContractRow contract, string policy, string award, DateOnly today) =>
        catalogue.Find(policy, Governing(contract, today)) is { } found
            ? CaseOf(found, contract, await Surroundings.Of(session, contract, SharedLimits.Of(catalogue.All.Where(version => version.Id == policy), award))) : null;

    static DateOnly Governing(ContractRow contract, DateOnly today) => contract.RecognisedOn ?? contract.Terms.SignedOn ?? today;

    static Case CaseOf(Policy policy, ContractRow contract, Surroundings surroundings) =>
        new(policy, FactsOf(contract, surroundings.Regions), History(policy, contract, surroundings),
            [.. surroundings.Granted.Where(claim => claim.Policy == policy.Id && claim.Contract == contract.Id)], surroundings.Buyer);

    /// <summary>What a contract's limits are shared with.</summary>
    /// <param name="Earlier">The project's contracts that were recognised before this one, in their order.</param>
    /// <param name="Granted">What claims hold, of this contract and of others.</param>
    /// <param name="Regions">Of the parties that count here.</param>
    sealed record Surroundings(List<ContractRow> Earlier, List<GrantedClaim> Granted, Dictionary<string, string> Regions, PartyRow Buyer)
    {
        public static async Task<Surroundings> Of(Session session, ContractRow contract, SharedLimits shared)
        {
            var project = contract.ProjectKey is { } key ? await ContractSql.RecognisedOfProject(session, contract.Buyer, key) : [];
            List<ContractRow> earlier = [.. project.Where(row => row.Id != contract.Id && Precedes(row, contract))];
            var parties = await PartySql.ByIds(session, [contract.Buyer, .. earlier.Select(row => row.Seller).Append(contract.Seller).Distinct()]);
            return new(earlier, await ClaimSql.Granted(session, contract, shared), parties.ToDictionary(party => party.Id, party => party.Region),
                parties.First(party => party.Id == contract.Buyer));
        }

        static bool Precedes(ContractRow row, ContractRow contract) =>
            contract.RecognisedOn is not { } day || row.RecognisedOn < day || (row.RecognisedOn == day && string.CompareOrdinal(row.Id, contract.Id) < 0);
    }

    /// <summary>
    /// What uses up the limits that a contract shares: what other contracts' claims hold, and what earlier contracts of its project could
    /// still claim. So nobody is granted what somebody else holds, in whatever order contracts are recognised, claimed and amended.
    /// </summary>
    static List<Grant> History(Policy policy, ContractRow contract, Surroundings surroundings)
    {
        List<Grant> granted = [.. surroundings.Granted.Where(claim => claim.Policy == policy.Id).Select(claim => claim.ToGrant())];
        foreach (var earlier in surroundings.Earlier)
        {
            var others = granted.Where(grant => grant.Contract != earlier.Id).ToList();
            foreach (var award in Evaluator.Evaluate(policy, FactsOf(earlier, surroundings.Regions), others).Awards.Where(a => a.Outcome == Outcome.Granted))
            {
                var claimed = granted.Where(grant => grant.Contract == earlier.Id && grant.Award == award.Award).Sum(grant => grant.Amount.Value);
                if (award.Amount!.Value.Value > claimed)
                {
                    granted.Add(new(award.Award, new(award.Amount.Value.Value - claimed))
                    {
                        Project = earlier.ProjectInForce, Contract = earlier.Id, Buyer = earlier.Buyer, Seller = earlier.Seller, On = earlier.RecognisedOn,
                    });
                }
            }
        }

        return [.. granted.Where(grant => grant.Contract != contract.Id)];
    }

    static Facts FactsOf(ContractRow contract, Dictionary<string, string> regions)
    {
        var terms = contract.Terms;
        var recognised = contract.IsRecognised;
        Fen? received = contract.ReceivedFen > 0 ? new Fen(contract.ReceivedFen) : null;
        return new()
        {
            Kind = recognised ? CodeNames.Parse<ContractKind>(contract.RecognisedKind!) : terms.Kind,
            Amount = terms.Amount,
            TechnologyAmount = recognised ? new Fen(contract.RecognisedFen!.Value) : terms.TechnologyAmount ?? terms.Amount,
            // Nothing recorded says nothing: parties need not tell the market what they pay.
            Paid = received, Received = received,
            Recognised = recognised,
            RecognisedOn = contract.RecognisedOn,
            SignedOn = terms.SignedOn,
            Project = contract.ProjectInForce,
            Contract = contract.Id,
            Achievement = terms.Achievement,
            Buyer = contract.Buyer,
            Seller = contract.Seller,
            Brokered = terms.Brokers.Count > 0,
            RelatedParties = terms.RelatedParties,
            BuyerRegion = regions.GetValueOrDefault(contract.Buyer),
            SellerRegion = regions.GetValueOrDefault(contract.Seller),
        };
    }
}
