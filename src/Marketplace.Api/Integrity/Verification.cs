using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Funds;

namespace Marketplace.Api.Integrity;

/// <summary>What was looked at, and what of it was altered in the database past the market.</summary>
sealed record VerificationReport(long Events, int Funds, int Claims, int Contracts, IReadOnlyList<AlteredRecord> Altered);

/// <summary>
/// Holds all that decides about money against what was recorded of it: the chain of events against its hashes, every fund's ledger against
/// K1–K10, and the rows of claims and contracts against their last events. Some at a time, so that no table is in memory at once.
/// </summary>
static class Verification
{
    public const int Page = 500;

    public static async Task<VerificationReport> Run(Db db)
    {
        var (altered, chain) = (new List<AlteredRecord>(), new EventChain());
        while (!await db.Read(session => WalkEvents(session, chain, altered)))
        {
        }

        var funds = await db.Read(FundSql.Ids);
        foreach (var fund in funds)
        {
            await db.Read(session => CheckFund(session, fund, altered));
        }

        var (claims, contracts) = (0, 0);
        for (string? after = ""; after is { } from;)
        {
            (after, var found) = await db.Read(session => CheckClaims(session, from, altered));
            claims += found;
        }

        for (string? after = ""; after is { } from;)
        {
            (after, var found) = await db.Read(session => CheckContracts(session, from, altered));
            contracts += found;
        }

        return new(chain.Walked, funds.Count, claims, contracts, altered);
    }

    /// <returns>Whether the end of the chain was reached.</returns>
    public static async Task<bool> WalkEvents(Session session, EventChain chain, List<AlteredRecord> altered)
    {
        await session.FixMoment();
        var ended = await chain.Walk(session, Page, altered);
        var claims = chain.Subjects.Where(subject => subject.StartsWith("clm_", StringComparison.Ordinal)).ToList();
        if (claims.Count > 0)
        {
            altered.AddRange(claims.Except(await ClaimSql.Existing(session, claims)).Select(id => new AlteredRecord(
                $"claims {id}", new($"申领 {id} 有事件而没有记录。", $"Events are about the claim {id}, which is not there."))));
        }

        return ended;
    }

    /// <returns>The last claim that was checked, or null at the end; and how many were.</returns>
    public static async Task<(string? Last, int Count)> CheckClaims(Session session, string after, List<AlteredRecord> altered)
    {
        await session.FixMoment();
        var claims = await ClaimCheck.Next(session, fund: null, after, Page);
        altered.AddRange(claims.Where(claim => claim.Fault is not null).Select(claim => new AlteredRecord($"claims {claim.Id}", claim.Fault!.Value)));
        return (claims.Count < Page ? null : claims[^1].Id, claims.Count);
    }

    static async Task<bool> CheckFund(Session session, string id, List<AlteredRecord> altered)
    {
        await session.FixMoment();
        try
        {
            if (await FundSql.Get(session, id) is { } fund)
            {
                altered.AddRange((await LedgerCheck.OfLedger(session, fund)).Append(await ClaimLimits.Check(session, id)).Where(invariant => !invariant.Holds).Select(invariant => new AlteredRecord(
                    $"funds {id}", new($"{invariant.Name} 不成立：{invariant.Detail}", $"{invariant.Name} does not hold: {invariant.Detail}."))));
            }
        }
        catch (UnreadableException unreadable)
        {
            altered.Add(new(unreadable.Record, new($"{unreadable.Record} 无法读取。", unreadable.Message)));
        }

        return true;
    }

    static async Task<(string? Last, int Count)> CheckContracts(Session session, string after, List<AlteredRecord> altered)
    {
        await session.FixMoment();
        var ids = await ContractSql.Ids(session, after, Page);
        var events = (await EventSql.DataAbout(session, ids)).ToLookup(happened => happened.Subject);
        foreach (var id in ids)
        {
            if (await ContractCheck.Fault(session, id, events[id]) is { } fault)
            {
                altered.Add(new($"contracts {id}", fault));
            }
        }

        return (ids.Count < Page ? null : ids[^1], ids.Count);
    }
}
