using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Marketplace.Api.Http;

/// <summary>A resource's answer type names the members that only the server writes: all that its input type lacks.</summary>
public interface IAnswers<TInput>;

/// <summary>A JSON request body, read whole and found free of faults before the handler runs.</summary>
public sealed class Body<T>(T value) : IEndpointParameterMetadataProvider
    where T : class
{
    public T Value => value;

    public static async ValueTask<Body<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false && context.Request.ContentLength is not 0;
        if (!hasBody && !Validation.Requires(typeof(T)))
        {
            return new(Activator.CreateInstance<T>());
        }

        using var document = await Bodies.Parse(context, "application/json");
        return new(Bodies.Read<T>(document.RootElement));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), isOptional: !Validation.Requires(typeof(T))));
}

/// <summary>A JSON merge patch (RFC 7396) of the members that callers write.</summary>
public sealed class Patch<T>(JsonNode change) : IEndpointParameterMetadataProvider
    where T : class
{
    const string MediaType = "application/merge-patch+json";

    public static async ValueTask<Patch<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        using var document = await Bodies.Parse(context, MediaType);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw Problems.MalformedJson(new("补丁的根应为对象。", "The root of a patch must be an object."));
        }

        return new(JsonObject.Create(document.RootElement.Clone())!);
    }

    /// <summary>The current members with the patch applied, as free of faults as a new body.</summary>
    public T Apply(T current)
    {
        var merged = Merge(JsonSerializer.SerializeToNode(current, Json.Options), change);
        using var document = JsonDocument.Parse(merged!.ToJsonString(), Json.Strict);
        return Bodies.Read<T>(document.RootElement);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([MediaType], typeof(T)));

    static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name]?.DeepClone(), value);
            }
        }

        return result;
    }
}

/// <summary>What identifies a request's content, for telling a repetition from another request under the same key.</summary>
public sealed record RequestContent(byte[] Hash);

static class Bodies
{
    public static T Read<T>(JsonElement json)
        where T : class
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Problems.MalformedJson(new("请求体的根应为对象。", "The root of the body must be an object."));
        }

        var faults = new List<Fault>();
        var value = Validation.Read<T>(json, faults, ServerOwned.Of(typeof(T))) ?? throw Problems.Invalid(faults);
        if (value is IChecked rules && rules.Check().ToList() is { Count: > 0 } broken)
        {
            throw Problems.Refused(broken);
        }

        return value;
    }

    public static async Task<JsonDocument> Parse(HttpContext context, string mediaType)
    {
        var bytes = await Bytes(context, mediaType);
        try
        {
            return JsonDocument.Parse(bytes, Json.Strict);
        }
        catch (JsonException error)
        {
            var line = (error.LineNumber ?? 0) + 1;
            var column = (error.BytePositionInLine ?? 0) + 1;
            throw Problems.MalformedJson(new(
                $"第 {line} 行第 {column} 字节处不是合法的 JSON（包括重复成员和超过 64 层的嵌套）。",
                $"Not JSON at line {line}, byte {column} (a duplicate member and more than 64 levels count)."));
        }
    }

    /// <summary>A body that is text in UTF-8.</summary>
    public static async Task<string> Text(HttpContext context, string mediaType)
    {
        var bytes = await Bytes(context, mediaType);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span);
        }
        catch (DecoderFallbackException error)
        {
            throw Problems.Invalid([new("", "invalid-text", new($"第 {error.Index} 字节处不是 UTF-8。", $"Not UTF-8 at byte {error.Index}."))]);
        }
    }

    static async Task<ReadOnlyMemory<byte>> Bytes(HttpContext context, string mediaType)
    {
        var sent = context.Request.ContentType?.Split(';')[0].Trim();
        if (!string.Equals(sent, mediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw Problems.UnsupportedMediaType(sent, mediaType);
        }

        using var buffer = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, 1 << 20));
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        context.Features.Set(new RequestContent(SHA256.HashData(bytes.Span)));
        // A byte order mark is allowed to be ignored (RFC 8259, 8.1).
        return bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }
}
