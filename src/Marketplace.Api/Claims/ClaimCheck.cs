using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>A claim that was held against its last event.</summary>
/// <param name="Fault">What is wrong; null where nothing is.</param>
/// <param name="HasDigest">False for a claim whose last event is from before events held digests: what the event says of it was compared, and no more.</param>
sealed record CheckedClaim(string Id, Wording? Fault, bool HasDigest);

/// <summary>Whether the rows of claims and their bases are what their last events recorded.</summary>
static class ClaimCheck
{
    /// <summary>Refuses to go on with a claim that was altered past the market.</summary>
    public static async Task Require(Session session, ClaimRow row)
    {
        var basis = (await ClaimSql.BasisTexts(session, [row.Id])).GetValueOrDefault(row.Id);
        var limits = (await ClaimLimits.Hashes(session, [row.Id])).GetValueOrDefault(row.Id);
        if (Check(row, await EventSql.DataAbout(session, [row.Id]), basis, limits).Fault is { } fault)
        {
            throw Problems.RecordAltered(fault);
        }
    }

    /// <summary>The next claims in the order of their ids.</summary>
    /// <param name="fund">Of this fund alone, or null for all.</param>
    /// <param name="after">The last claim that was checked.</param>
    public static async Task<List<CheckedClaim>> Next(Session session, string? fund, string after, int take)
    {
        var ids = await ClaimSql.Ids(session, fund, after, take);
        var (rows, found) = (await Readable(session, ids), new List<CheckedClaim>());
        var events = (await EventSql.DataAbout(session, ids)).ToLookup(happened => happened.Subject);
        var (bases, limits) = (await ClaimSql.BasisTexts(session, ids), await Limits(session, ids));
        foreach (var id in ids)
        {
            found.Add(rows.TryGetValue(id, out var row) ? Check(row, events[id], bases.GetValueOrDefault(id), limits.GetValueOrDefault(id))
                : new(id, new($"申领 {id} 无法读取。", $"The claim {id} cannot be read."), HasDigest: true));
        }

        return found;
    }

    static async Task<Dictionary<string, ClaimRow>> Readable(Session session, List<string> ids) =>
        (await OneByOne(ids, some => ClaimSql.Of(session, some))).ToDictionary(row => row.Id);

    /// <summary>Of limits that cannot be read there is no hash, which is not what any event says.</summary>
    static async Task<Dictionary<string, string>> Limits(Session session, List<string> ids) =>
        (await OneByOne(ids, async some => (await ClaimLimits.Hashes(session, some)).ToList())).ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>What is read of some ids; where that fails of each by itself, so that one row that cannot be read does not hide the others.</summary>
    static async Task<List<T>> OneByOne<T>(List<string> ids, Func<List<string>, Task<List<T>>> read)
    {
        try
        {
            return await read(ids);
        }
        catch (UnreadableException)
        {
            var found = new List<T>();
            foreach (var id in ids.Count > 1 ? ids : [])
            {
                found.AddRange(await OneByOne([id], read));
            }

            return found;
        }
    }

    static CheckedClaim Check(ClaimRow row, IEnumerable<EventRow> events, string? basis, string? limits)
    {
        (EventRow Event, JsonElement Data, int Version)? last = null;
        foreach (var happened in events)
        {
            if (Data(happened) is not { } data || !data.TryGetProperty("version", out var member) || !member.TryGetInt32(out var version))
            {
                return Wrong(new($"关于申领 {row.Id} 的事件 {happened.Id} 无法读取。", $"The event {happened.Id} about the claim {row.Id} cannot be read."));
            }

            // By the version: on the servers the last events have no number yet.
            last = last is null || last.Value.Version < version ? (happened, data, version) : last;
        }

        if (last is not { } recorded)
        {
            return Wrong(new($"没有关于申领 {row.Id} 的事件。", $"No event is about the claim {row.Id}."));
        }

        var digest = Text(recorded.Data, "digest");
        try
        {
            if (digest is not null && digest != ClaimDigest.Of(row))
            {
                var member = Differing(row, recorded.Data);
                return Wrong(new(
                    $"申领 {row.Id} 与其最后的事件 {recorded.Event.Id} 不符（{member ?? "收款人、经办人或其他"}）。",
                    $"The claim {row.Id} is not what its last event, {recorded.Event.Id}, recorded ({member ?? "the payee, a person or another member"})."));
            }

            if (digest is null && Differing(row, recorded.Data) is { } differing)
            {
                return Wrong(new(
                    $"申领 {row.Id} 的 {differing} 与其最后的事件 {recorded.Event.Id} 不符。", $"The {differing} of the claim {row.Id} is not what its last event, {recorded.Event.Id}, says."));
            }

            if (basis is null || Fingerprint.Of(basis) != row.BasisHash)
            {
                return Wrong(new($"申领 {row.Id} 的计算依据被改动。", $"The basis of the claim {row.Id} was altered."));
            }

            // Events from before this member say nothing of the limits.
            if (Text(recorded.Data, "limits") is { } told && told != limits)
            {
                return Wrong(new($"申领 {row.Id} 的限额与其最后的事件 {recorded.Event.Id} 不符。", $"The limits of the claim {row.Id} are not those that its last event, {recorded.Event.Id}, recorded."));
            }
        }
        catch (UnreadableException)
        {
            return Wrong(new($"申领 {row.Id} 无法读取。", $"The claim {row.Id} cannot be read."));
        }

        return new(row.Id, null, digest is not null);

        CheckedClaim Wrong(Wording fault) => new(row.Id, fault, HasDigest: true);
    }

    /// <summary>A member that is a hash; one that is no text was altered, and is no hash of anything.</summary>
    static string? Text(JsonElement data, string member) =>
        !data.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : "";

    static JsonElement? Data(EventRow happened)
    {
        try
        {
            return Json.Read<JsonElement>(happened.Data, happened.Id) is { ValueKind: JsonValueKind.Object } data ? data : null;
        }
        catch (UnreadableException)
        {
            return null;
        }
    }

    /// <summary>The first member that an event says otherwise than the row.</summary>
    static string? Differing(ClaimRow row, JsonElement recorded)
    {
        var now = JsonSerializer.SerializeToElement(ClaimEndpoints.EventData(row, before: null, limits: null), Json.Options);
        return ClaimEndpoints.EventMembers.FirstOrDefault(member => Raw(now, member) != Raw(recorded, member));

        static string? Raw(JsonElement data, string member) => data.TryGetProperty(member, out var value) ? value.GetRawText() : null;
    }
}
