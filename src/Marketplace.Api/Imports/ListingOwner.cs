using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Imports;

/// <summary>Whose the records of an import will be, or the refusal that says why they cannot be.</summary>
static class ListingOwner
{
    /// <summary>The caller's own party, unless an admin or moderator names another.</summary>
    public static async Task<PartyRow> Of(Session session, ListingKind kind, string? named, Caller caller)
    {
        if (named is not null && named != caller.Party)
        {
            return caller.Is(Roles.Moderator) || caller.Is(Roles.Admin)
                ? await Named(session, kind, named)
                : throw Problems.Forbidden(Roles.Moderator, Roles.Admin);
        }

        if (named is null && !caller.Is(Roles.Member))
        {
            throw Problems.RuleViolated([new("owner", "owner-required",
                new("请用 owner 参数指明归属方。", "Name the party that the records belong to in the parameter owner."))], inQuery: true);
        }

        var own = (await PartySql.Get(session, caller.Party))!;
        return kind.MayBelongTo(own.Kind) ? own : throw Problems.Forbidden(kind.OwnerKinds);
    }

    public static async Task<PartyRow> Named(Session session, ListingKind kind, string id) =>
        await PartySql.Get(session, id) is { } party && kind.MayBelongTo(party.Kind) ? party : throw Problems.UnknownReference("owner",
            new($"没有主体 {id}，或其类型不是以下之一：{string.Join("、", kind.OwnerKinds)}。",
                $"There is no party {id}, or its kind is none of {string.Join(", ", kind.OwnerKinds)}."),
            inQuery: true);
}
