using System.Globalization;
using System.Text.Json.Serialization;
using Marketplace.Api.Claims;
using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Funds;

/// <summary>Where a reviewed claim stands in the queue for a fund's money.</summary>
/// <param name="Place">1 for the one whose review was complete first.</param>
/// <param name="CompletedAt">When its review was complete.</param>
/// <param name="Amount">In yuan.</param>
/// <param name="Together">What it and all before it come to.</param>
/// <param name="Covered">Whether that is available.</param>
public sealed record QueuePlace(
    int Place, string Claim, string Policy, string Award, DateTimeOffset CompletedAt, Fen Amount, Fen Together, bool Covered)
{
    /// <summary>Cursor key; it stays valid when earlier claims leave the queue.</summary>
    [JsonIgnore]
    internal string Key => string.Create(CultureInfo.InvariantCulture, $"{CompletedAt.ToUnixTimeMilliseconds():d15}{Claim}");
}

/// <summary>排队: who waits for a fund's money, the first complete first. What it does not cover waits for more of it, or for a case decision; nothing is cut.</summary>
static class ClaimQueue
{
    public static async Task<IReadOnlyList<QueuePlace>> Of(Session session, FundRow fund, DateOnly today)
    {
        var (places, together) = (new List<QueuePlace>(), Fen.Zero);
        foreach (var claim in await Waiting(session, fund, today))
        {
            together += new Fen(claim.Fen);
            places.Add(new(
                places.Count + 1, claim.Id, claim.Policy, claim.Award, claim.CompletedAt, new(claim.Fen), together, together.Value <= fund.AvailableFen));
        }

        return places;
    }

    /// <summary>What the claims come to that were complete before this one, and wait.</summary>
    public static async Task<Fen> Before(Session session, FundScope fund, ClaimRow claim, DateOnly today)
    {
        var pays = await Pays(session, fund, today);
        return new((await ClaimSql.WaitingBefore(session, claim)).Where(waiting => pays(waiting.Policy, waiting.Region)).Sum(waiting => waiting.Fen));
    }

    static async Task<IEnumerable<WaitingClaim>> Waiting(Session session, FundScope fund, DateOnly today)
    {
        var pays = await Pays(session, fund, today);
        return (await ClaimSql.Waiting(session)).Where(claim => pays(claim.Policy, claim.Region));
    }

    /// <summary>Whether claims of a policy and region are this fund's to pay, as they are paid from the nearest fund of the year.</summary>
    static async Task<Func<string, string, bool>> Pays(Session session, FundScope fund, DateOnly today)
    {
        if (fund.Year != today.Year)
        {
            return (_, _) => false;
        }

        var funds = (await FundSql.Open(session, fund.Year)).Where(open => open.Id != fund.Id).Prepend(fund).ToList();
        return (policy, region) => FundSql.Nearest(funds, policy, region)?.Id == fund.Id;
    }
}
