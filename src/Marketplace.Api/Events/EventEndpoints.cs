using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

/// <summary>The change feed: commit-ordered, and no committed event is ever skipped by a reader that goes on after the last it saw.</summary>
static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder api) =>
        api.MapGet("/events", List).NeedsKey().WithSummary("Changes in commit order; go on with after = the last sequence seen.").WithTags("events");

    internal sealed record EventQuery : PageQuery
    {
        /// <summary>The sequence number of the last event already seen.</summary>
        [System.ComponentModel.DataAnnotations.Range(0, long.MaxValue)]
        public long? After { get; init; }

        /// <summary>Event types, separated by commas.</summary>
        public string? Types { get; init; }
    }

    static async Task<IResult> List(Query<EventQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var after = q.After(http.Request.Path) is not { } cursor ? q.After ?? 0
            : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : throw Problems.CursorInvalid();
        var types = q.Types?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<string>? readers = caller.Is(Roles.Auditor) ? null : [Readers.Everybody, caller.Party, .. caller.Roles];
        var rows = await EventSql.After(session, after, readers, types is { Length: > 0 } ? types : null, q.Limit + 1);
        return Results.Json(
            q.ToPage(http, rows, row => row.Sequence!.Value.ToString(CultureInfo.InvariantCulture), row => row.View()), Json.Options);
    }
}
