using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

/// <summary>The change feed: commit-ordered, and no committed event is ever skipped by a reader that goes on after the last it saw.</summary>
static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder api) =>
        api.MapGet("/events", List).NeedsKey().Produces<Page<Event>>().WithSummary("Changes in commit order; go on with after = the last sequence seen.").WithTags("events");

    internal sealed record EventQuery : PageQuery
    {
        /// <summary>Where to go on: the sequence number of the last event already seen, or the nextCursor of the page before.</summary>
        public string? After { get; init; }

        /// <summary>Event types, separated by commas.</summary>
        public string? Types { get; init; }

        /// <summary>A place in the feed is the same wherever the reading began. A method: a property would be read and written as a filter.</summary>
        public EventQuery Filters() => this with { After = null };
    }

    static async Task<IResult> List(Query<EventQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var after = LastSeen(q, http.Request.Path);
        var types = q.Types?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<string>? readers = caller.Is(Roles.Auditor) ? null : Readers.Of(caller);
        var rows = await EventSql.After(session, after, readers, types is { Length: > 0 } ? types : null, q.Limit + 1);
        return Results.Json(
            q.Filters().ToPage(http, rows, row => row.Sequence!.Value.ToString(CultureInfo.InvariantCulture), row => row.View(withReaders: readers is null)), Json.Options);
    }

    static long LastSeen(EventQuery query, string path)
    {
        if (query is { Cursor: null, After: { } after })
        {
            return long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence
                : after.Any(char.IsAsciiLetter) ? LastSeen(query.Filters() with { Cursor = after }, path)
                : throw Problems.InvalidQuery([new("after", "invalid-number", new("应为事件序号或 nextCursor。", "Must be a sequence number or a nextCursor."))]);
        }

        return query.Filters().After(path) is not { } seen ? 0
            : long.TryParse(seen, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : throw Problems.CursorInvalid();
    }
}
