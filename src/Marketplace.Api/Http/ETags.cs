using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Api.Http;

/// <summary>
/// A strong ETag names the resource's version and, behind a dash, this representation of it: two callers see different members of one
/// version. Writing compares the version alone; If-None-Match compares the whole.
/// </summary>
public static class ETags
{
    public static string For(int version, ReadOnlySpan<byte> representation)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(representation, hash);
        return string.Create(CultureInfo.InvariantCulture, $"\"{version}-{Convert.ToHexStringLower(hash[..6])}\"");
    }

    /// <summary>The version that an If-Match header demands: null without the header or with <c>*</c>, -1 where no tag names the current one.</summary>
    public static int? IfMatch(this HttpRequest request, int current)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0 || header == "*")
        {
            return null;
        }

        // A weak tag never matches here (RFC 9110, 13.1.1).
        return EntityTagHeaderValue.TryParseList(header, out var tags) && tags.Any(tag => !tag.IsWeak && Version(tag) == current) ? current : -1;
    }

    static int? Version(EntityTagHeaderValue tag) =>
        int.TryParse(tag.Tag.ToString().Trim('"').Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    /// <summary>Whether the caller has this representation already, by its If-None-Match header.</summary>
    public static bool Has(HttpRequest request, string tag)
    {
        var header = request.Headers.IfNoneMatch;
        return header.Count > 0 && (header == "*"
            || (EntityTagHeaderValue.TryParseList(header, out var known) && known.Any(k => k.Tag.Equals(tag, StringComparison.Ordinal))));
    }

    /// <summary>For a PATCH: the version to change, or the refusal that a header is missing.</summary>
    public static int RequireIfMatch(this HttpRequest request, int current) =>
        request.Headers.IfMatch.Count == 0 ? throw Problems.PreconditionRequired() : request.IfMatch(current) ?? current;
}

/// <summary>One resource as the answer: its ETag, 304 where the caller has it already, and its place after a creation.</summary>
public sealed class Resource<T>(T value, int version, int status = StatusCodes.Status200OK, string? location = null)
    : IResult, IStatusCodeHttpResult, Microsoft.AspNetCore.Http.Metadata.IEndpointMetadataProvider
{
    public int? StatusCode => status;

    public T Value => value;

    /// <summary>The ETag that this caller would be given now.</summary>
    public static string TagOf(T value, int version) => ETags.For(version, JsonSerializer.SerializeToUtf8Bytes(value, Json.Options));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, Json.Options);
        var response = httpContext.Response;
        var tag = ETags.For(version, body);
        response.Headers.ETag = tag;
        response.Headers.Append(HeaderNames.Vary, "Authorization, Accept-Language");
        if (location is not null)
        {
            response.Headers.Location = location;
        }

        if (IsRead(httpContext.Request.Method) && ETags.Has(httpContext.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.StatusCode = status;
        response.ContentType = Json.ContentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    public static void PopulateMetadata(System.Reflection.MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));

    static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
