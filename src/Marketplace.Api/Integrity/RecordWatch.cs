using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;

namespace Marketplace.Api.Integrity;

/// <summary>
/// A minute after the start and each hour walks a piece of the chain of events and of the claims, goes on the next hour where it stopped, and begins again at the end.
/// What was altered is told to operators until a whole walk finds it right again; the event that says so is written once.
/// </summary>
public sealed class RecordWatch(Db db, Listening listening, TimeProvider clock, ILogger<RecordWatch> log)
    : Recurring(TimeSpan.FromHours(1), listening, clock, log)
{
    /// <summary>Pages an hour of each: some seconds of one core, and a million events in a working day.</summary>
    const int Pages = 200;

    const int LongestDetail = 2000;

    readonly EventChain _chain = new();
    readonly Watched _events = new("events"), _claims = new("claims");
    string _claimsAfter = "";

    /// <summary>What is not as the market wrote it.</summary>
    public override IReadOnlyList<string> Warnings => [.. _events.Warnings, .. _claims.Warnings, .. base.Warnings];

    /// <summary>A start has other things to do with its processors.</summary>
    protected override TimeSpan FirstAfter => TimeSpan.FromMinutes(1);

    protected override async Task Run(CancellationToken stopping)
    {
        await Look(_events, (session, found) => Verification.WalkEvents(session, _chain, found), stopping);
        await Look(_claims, async (session, found) =>
        {
            var (last, _) = await Verification.CheckClaims(session, _claimsAfter, found);
            _claimsAfter = last ?? "";
            return last is null;
        }, stopping);
    }

    /// <param name="look">Looks at a page; whether it was the last.</param>
    async Task Look(Watched watched, Func<Session, List<AlteredRecord>, Task<bool>> look, CancellationToken stopping)
    {
        var ended = false;
        for (var page = 0; page < Pages && !ended; page++)
        {
            stopping.ThrowIfCancellationRequested();
            ended = await db.Read(session => look(session, watched.Found));
        }

        if (watched.Conclude(ended))
        {
            await Tell(watched);
        }
    }

    /// <summary>Writes what was found, unless the last event about it says the same: another server may have told it, or this one before its start.</summary>
    async Task Tell(Watched watched)
    {
        var detail = string.Join(" ", watched.Warnings) is { Length: > LongestDetail } text ? text[..LongestDetail] : string.Join(" ", watched.Warnings);
        await db.Write(async session =>
        {
            if ((await EventSql.LastData(session, watched.Table, ["records.altered", "records.restored"]) is { } last ? DetailOf(last) : "") == detail)
            {
                return;
            }

            Log.LogError("{Table}: {Detail}", watched.Table, detail.Length == 0 ? "all records are right again" : detail);
            await EventSql.Append(session, Clock, detail.Length == 0 ? "records.restored" : "records.altered", watched.Table, Lifecycle.Clock,
                new { detail = detail.Length == 0 ? null : detail }, Roles.FundManager, Roles.Admin);
        });
    }

    static string DetailOf(string data)
    {
        try
        {
            return Json.Read<JsonElement>(data, "events").TryGetProperty("detail", out var detail) ? detail.GetString()! : "";
        }
        catch (UnreadableException)
        {
            return "";
        }
    }

    /// <summary>A table on its walk.</summary>
    sealed class Watched(string table)
    {
        const int MostWarnings = 10;

        volatile IReadOnlyList<string> _warnings = [];

        public string Table => table;

        public List<AlteredRecord> Found { get; } = [];

        public IReadOnlyList<string> Warnings => _warnings;

        /// <param name="ended">Whether the walk is complete, so that what it did not find is right again.</param>
        /// <returns>Whether there is something to tell.</returns>
        public bool Conclude(bool ended)
        {
            var found = Found.Select(altered => $"{altered.Record}: {altered.Message.En}").Take(MostWarnings).ToList();
            var more = Found.Count - found.Count;
            if (more > 0)
            {
                found.Add($"{more} more; 'Marketplace.Api verify' names them all.");
            }

            _warnings = ended ? found : [.. _warnings.Union(found).Take(MostWarnings + 1)];
            if (ended)
            {
                Found.Clear();
            }

            return ended || found.Count > 0;
        }
    }
}
