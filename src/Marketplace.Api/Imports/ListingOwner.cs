using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Imports;

/// <summary>Whose the records of an import will be, or the refusal that says why they cannot be.</summary>
static class ListingOwner
{
    /// <summary>The caller's own party, unless an admin or moderator names another.</summary>
    /// <param name="linesMayName">Whether those who act for no party may leave it to the lines.</param>
    /// <returns>Null where it is left to them.</returns>
    public static async Task<PartyRow?> Of(Session session, ListingKind kind, string? named, bool linesMayName, Caller caller)
    {
        if (named is not null && named != caller.Party)
        {
            return caller.Is(Roles.Moderator) || caller.Is(Roles.Admin)
                ? await Named(session, kind, named)
                : throw Problems.Forbidden(Roles.Moderator, Roles.Admin);
        }

        if (named is null && !caller.Is(Roles.Member))
        {
            return linesMayName ? null : throw Problems.RuleViolated([Missing("owner")], inQuery: true);
        }

        var own = (await PartySql.Get(session, caller.Party))!;
        return kind.MayBelongTo(own.Kind) ? own : throw Problems.Forbidden(kind.OwnerKinds);
    }

    public static Fault Missing(string place) => new(place, "owner-required", new(
        "请用 owner 参数，或在表格的 owner（归属方）列中指明归属方。", "Name the party that the records belong to in the parameter owner, or in a table's column owner."));

    /// <summary>The party that a line of a table names, by its id or its credit code; for others than the caller's own it takes the same roles.</summary>
    public static async Task<PartyRow> InLine(Session session, ListingKind kind, string named, bool publish, Caller caller)
    {
        var party = Ids.Is("pty", named) ? await PartySql.Get(session, named) : await PartySql.ByCreditCode(session, named);
        if (party?.Id != caller.Party && !caller.Is(Roles.Moderator) && !caller.Is(Roles.Admin))
        {
            throw Problems.Forbidden(Roles.Moderator, Roles.Admin);
        }

        return party is null || !kind.MayBelongTo(party.Kind) ? throw Problems.UnknownReference("/owner", NoOwner(kind, named))
            : publish && caller.BelongsTo(party.Id) ? throw Problems.ConflictOfInterest()
            : party;
    }

    static Rules.Wording NoOwner(ListingKind kind, string named) => new(
        $"没有主体 {named}，或其类型不是以下之一：{string.Join("、", kind.OwnerKinds)}。", $"There is no party {named}, or its kind is none of {string.Join(", ", kind.OwnerKinds)}.");

    public static async Task<PartyRow> Named(Session session, ListingKind kind, string id) =>
        await PartySql.Get(session, id) is { } party && kind.MayBelongTo(party.Kind) ? party : throw Problems.UnknownReference("owner", NoOwner(kind, id), inQuery: true);
}
