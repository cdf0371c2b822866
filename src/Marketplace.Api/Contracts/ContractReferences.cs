using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Contracts;

/// <summary>Whether what a contract names exists and fits: its parties, its listings, the introduction that led to it.</summary>
static class ContractReferences
{
    public static async Task Check(Session session, TimeProvider clock, ContractContent terms, Caller caller)
    {
        if (!caller.ActsFor(terms.Buyer) && !caller.ActsFor(terms.Seller) && !terms.Brokers.Any(broker => caller.ActsFor(broker.Party)))
        {
            throw Problems.Forbidden("buyer", "seller", "broker");
        }

        var parties = (await PartySql.ByIds(session, [terms.Buyer, terms.Seller, .. terms.Brokers.Select(broker => broker.Party)]))
            .ToDictionary(party => party.Id);
        RequireParty(terms.Buyer, "/buyer");
        RequireParty(terms.Seller, "/seller");
        for (var i = 0; i < terms.Brokers.Count; i++)
        {
            var pointer = $"/brokers/{i}/party";
            RequireParty(terms.Brokers[i].Party, pointer);
            var kind = CodeNames.Parse<PartyKind>(parties[terms.Brokers[i].Party].Kind);
            if (kind is not (PartyKind.Broker or PartyKind.Agency))
            {
                throw Problems.RuleViolated(pointer, "not-a-broker",
                    new($"经纪人应为技术经纪人或技术转移机构，此主体不是。", $"A broker is a party of kind broker or agency; this one is {kind.Code()}."));
            }
        }

        await CheckListing(session, clock, terms.Demand, "/demand", terms.Buyer, caller);
        await CheckListing(session, clock, terms.Achievement, "/achievement", terms.Seller, caller);
        if (terms.Introduction is { } id)
        {
            await CheckIntroduction(session, id, terms, caller);
        }

        void RequireParty(string party, string pointer)
        {
            if (!parties.ContainsKey(party))
            {
                throw Problems.UnknownReference(pointer, new($"没有主体 {party}。", $"There is no party {party}."));
            }
        }
    }

    static async Task CheckListing(Session session, TimeProvider clock, string? id, string pointer, string owner, Caller caller)
    {
        if (id is null)
        {
            return;
        }

        var row = await ListingSql.Get(session, id);
        if (row is null || !(caller.BelongsTo(owner) || await ListingActs.IsVisible(session, clock, row, caller)))
        {
            throw Problems.UnknownReference(pointer, new($"没有 {id}，或您无权查看。", $"There is no {id}, or you may not see it."));
        }

        if (row.Owner != owner)
        {
            throw Problems.RuleViolated(pointer, "listing-mismatch",
                new($"{id} 属于 {row.Owner}，合同中的对应方为 {owner}。", $"{id} belongs to {row.Owner}, the contract's side is {owner}."));
        }
    }

    static async Task CheckIntroduction(Session session, string id, ContractContent terms, Caller caller)
    {
        var introduction = await IntroductionSql.Get(session, id);
        if (introduction is null || !introduction.Parties.Any(caller.BelongsTo))
        {
            throw Problems.UnknownReference("/introduction", new($"没有对接 {id}，或您无权查看。", $"There is no introduction {id}, or you may not see it."));
        }

        if (introduction.State != IntroductionLifecycle.Mutual)
        {
            throw Problems.RuleViolated("/introduction", "introduction-not-mutual",
                new($"对接状态为“{LifecycleLabels.OfState(introduction.State).Zh}”，应为“{LifecycleLabels.OfState(IntroductionLifecycle.Mutual).Zh}”。", $"The introduction is {introduction.State}; it must be mutual."));
        }

        if (introduction.DemandParty != terms.Buyer || introduction.OtherParty != terms.Seller
            || (terms.Brokers.Count > 0 && introduction.IsBrokered && terms.Brokers.All(broker => broker.Party != introduction.Introducer)))
        {
            throw Problems.RuleViolated("/introduction", "introduction-mismatch",
                new("对接的需求方、成果方或经纪人与合同的买方、卖方、经纪人不一致。",
                    "The introduction's demand side, achievement side or broker is not the contract's buyer, seller or broker."));
        }
    }
}
