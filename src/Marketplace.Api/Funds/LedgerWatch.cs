using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;

namespace Marketplace.Api.Funds;

/// <summary>
/// Computes the books of every fund again at the start and each hour. Where they do not add up nothing of the fund moves, its event says so,
/// and an operator is warned; the first check that finds them right again lets it go on.
/// </summary>
public sealed class LedgerWatch(Db db, Listening listening, TimeProvider clock, ILogger<LedgerWatch> log)
    : Recurring(TimeSpan.FromHours(1), listening, clock, log)
{
    volatile IReadOnlyList<string> _warnings = [];

    /// <summary>The funds whose books were wrong when they were last looked at.</summary>
    public override IReadOnlyList<string> Warnings => [.. _warnings, .. base.Warnings];

    protected override async Task Run(CancellationToken stopping)
    {
        var warnings = new List<string>();
        foreach (var id in await db.Read(FundSql.Ids))
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                if (await Check(id) is { } breach)
                {
                    warnings.Add($"Fund {id}: {breach}. Nothing of it moves until its books are right.");
                }
            }
            catch (UnreadableException unreadable)
            {
                Log.LogError(unreadable, "Fund {Fund} cannot be checked", id);
                warnings.Add($"Fund {id} cannot be checked: {unreadable.Message}");
            }
        }

        _warnings = warnings;
    }

    /// <returns>What does not hold; null where everything does.</returns>
    async Task<string?> Check(string id)
    {
        var (before, breach) = await db.Read(async session =>
        {
            await session.FixMoment();
            var fund = (await FundSql.Get(session, id))!;
            return (fund.Breach, await Breach(session, fund));
        });
        if (breach != before)
        {
            Log.LogError("Fund {Fund}: {Breach}", id, breach ?? "the books are right again");
            await db.Write(async session =>
            {
                // Of several servers the first to write it tells it.
                if (await FundSql.SetBreach(session, id, before, breach))
                {
                    await EventSql.Append(session, Clock, breach is null ? "fund.mended" : "fund.breached", id, Lifecycle.Clock, new { breach },
                        Roles.FundManager, Roles.Approver, Roles.Payer, Roles.Reviewer);
                }
            });
        }

        return breach;
    }

    static async Task<string?> Breach(Session session, FundRow fund)
    {
        try
        {
            var broken = (await LedgerCheck.Of(session, fund)).Where(invariant => !invariant.Holds).Select(invariant => $"{invariant.Name} ({invariant.Detail})").ToList();
            // As it is kept: a text that is cut only when it is stored would differ from it, and be told again, each hour.
            var text = string.Join("; ", broken);
            return text.Length == 0 ? null : text[..Math.Min(text.Length, FundSql.LongestBreach)];
        }
        catch (UnreadableException unreadable)
        {
            return $"K8 ({unreadable.Message})";
        }
    }
}
