using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Marketplace.Api.Http;

/// <summary>The query parameters of every list; a list with filters derives from it.</summary>
public record PageQuery
{
    [Range(1, 100)]
    public int Limit { get; init; } = 20;

    public string? Cursor { get; init; }
}

/// <summary>One page of a list, and how to go on.</summary>
public sealed record Page<T>(IReadOnlyList<T> Data, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>
/// Keyset paging: a cursor holds the sort key of the last row seen and a digest of it, the list and its filters, so it can neither be
/// carried to another list nor come back damaged. Rows that stay are seen exactly once, and a late page costs what the first does.
/// </summary>
public static class Paging
{
    const int DigestLength = 12;

    /// <summary>The sort key after which to go on, or null for the first page.</summary>
    /// <param name="query">The list's query; everything but limit and cursor counts as filter.</param>
    /// <param name="list">The list's path.</param>
    public static string? After(this PageQuery query, string list)
    {
        if (query.Cursor is null)
        {
            return null;
        }

        try
        {
            var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(query.Cursor));
            if (text.Length > DigestLength && text[DigestLength..] is var key && text.StartsWith(Digest(query, list, key), StringComparison.Ordinal))
            {
                return key;
            }
        }
        catch (FormatException)
        {
        }

        throw Problems.CursorInvalid();
    }

    /// <summary>The answer from rows of which one more than the limit was asked for.</summary>
    public static Page<TView> ToPage<TRow, TView>(
        this PageQuery query, HttpContext context, List<TRow> rows, Func<TRow, string> key, Func<TRow, TView> view)
    {
        string? next = null;
        if (rows.Count > query.Limit)
        {
            rows.RemoveRange(query.Limit, rows.Count - query.Limit);
            var (list, last) = (context.Request.Path.Value!, key(rows[^1]));
            next = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Digest(query, list, last) + last));
            context.Response.Headers.Link = $"<{Following(context.Request, next)}>; rel=\"next\"";
        }

        return new([.. rows.Select(view)], next);
    }

    /// <summary>The address of the page that a cursor leads to, under the same filters.</summary>
    public static string Following(HttpRequest request, string cursor)
    {
        var others = request.Query.Where(p => p.Key != "cursor").Select(p => KeyValuePair.Create(p.Key, (string?)p.Value.ToString()));
        return request.Path + QueryString.Create(others.Append(new("cursor", cursor)));
    }

    static string Digest(PageQuery query, string list, string key)
    {
        var filters = Json.Write<object>(query with { Limit = 20, Cursor = null });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{list}?{filters}\n{key}")))[..DigestLength];
    }
}
