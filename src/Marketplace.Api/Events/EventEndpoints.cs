using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

/// <summary>The change feed: commit-ordered, and no committed event is ever skipped by a reader that goes on after the last it saw.</summary>
static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder api) =>
        api.MapGet("/events", List).NeedsKey().WithSummary("Changes in commit order; go on with after = the last sequence seen.").WithTags("events");

    internal sealed record EventQuery
    {
        /// <summary>The sequence number of the last event already seen.</summary>
        [System.ComponentModel.DataAnnotations.Range(0, long.MaxValue)]
        public long? After { get; init; }

        /// <summary>The same as <c>after</c>: what <c>nextCursor</c> gave.</summary>
        public string? Cursor { get; init; }

        /// <summary>Event types, separated by commas.</summary>
        public string? Types { get; init; }

        [System.ComponentModel.DataAnnotations.Range(1, 100)]
        public int Limit { get; init; } = 20;
    }

    static async Task<IResult> List(Query<EventQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var after = q.After ?? (q.Cursor is null ? 0
            : long.TryParse(q.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? cursor : throw Problems.CursorInvalid());
        var types = q.Types?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<string>? readers = caller.Is(Roles.Auditor) ? null : [Readers.Everybody, caller.Party, .. caller.Roles];
        var rows = await EventSql.After(session, after, readers, types is { Length: > 0 } ? types : null, q.Limit + 1);
        string? next = null;
        if (rows.Count > q.Limit)
        {
            rows.RemoveRange(q.Limit, rows.Count - q.Limit);
            next = rows[^1].Sequence!.Value.ToString(CultureInfo.InvariantCulture);
            var link = QueryString.Create((IEnumerable<KeyValuePair<string, string?>>)[new("after", next), new("types", q.Types), new("limit", q.Limit.ToString(CultureInfo.InvariantCulture))]);
            http.Response.Headers.Link = $"<{http.Request.Path}{link}>; rel=\"next\"";
        }

        return Results.Json(new Page<Event>([.. rows.Select(row => row.View())], next), Json.Options);
    }
}
