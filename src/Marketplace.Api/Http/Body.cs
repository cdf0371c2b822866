using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Api.Http;

/// <summary>A resource's answer type names the members that only the server writes: all that its input type lacks.</summary>
public interface IAnswers<TInput>;

/// <summary>A JSON request body, read whole and found free of faults before the handler runs.</summary>
public sealed class Body<T>(T value) : IEndpointParameterMetadataProvider
    where T : class
{
    /// <summary>
    /// The body, once it keeps its own rules. They are asked here and not while it is read, for a refusal by a rule is an outcome that
    /// an idempotency key keeps: it has to happen inside the write unit.
    /// </summary>
    public T Value => Bodies.Checked(value);

    public static async ValueTask<Body<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false && context.Request.ContentLength is not 0;
        if (!hasBody && (context.Request.ContentType is null || !Validation.Requires(typeof(T))))
        {
            // Nothing was sent: whatever is required is missing.
            using var nothing = JsonDocument.Parse("{}");
            return new(Bodies.Read<T>(nothing.RootElement));
        }

        return new(await Bodies.Parsed(context, "application/json", Bodies.Read<T>));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), isOptional: !Validation.Requires(typeof(T))));
}

/// <summary>A JSON merge patch (RFC 7396) of the members that callers write.</summary>
public sealed class Patch<T>(JsonElement change) : IEndpointParameterMetadataProvider
    where T : class
{
    const string MediaType = "application/merge-patch+json";

    public static async ValueTask<Patch<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        return new(await Bodies.Parsed(context, MediaType, root => root.ValueKind == JsonValueKind.Object ? root.Clone()
            : throw Problems.MalformedJson(new("补丁的根应为对象。", "The root of a patch must be an object."))));
    }

    /// <summary>The current members with the patch applied, as free of faults as a new body.</summary>
    public T Apply(T current)
    {
        using var merged = new MemoryStream();
        using (var writer = new Utf8JsonWriter(merged))
        {
            Merge(writer, JsonSerializer.SerializeToElement(current, Json.Options), change);
        }

        using var document = JsonDocument.Parse(merged.GetBuffer().AsMemory(0, (int)merged.Length), Json.Strict);
        return Bodies.Checked(Bodies.Read<T>(document.RootElement));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([MediaType], typeof(T)));

    /// <summary>Values are copied as they were sent, faults and all; null stays, which says absent, so that no unknown name slips through.</summary>
    static void Merge(Utf8JsonWriter writer, JsonElement target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            writer.WriteRawValue(patch.GetRawText());
            return;
        }

        writer.WriteStartObject();
        var isObject = target.ValueKind == JsonValueKind.Object;
        if (isObject)
        {
            foreach (var kept in target.EnumerateObject().Where(member => !patch.TryGetProperty(member.Name, out _)))
            {
                kept.WriteTo(writer);
            }
        }

        foreach (var changed in patch.EnumerateObject())
        {
            writer.WritePropertyName(changed.Name);
            Merge(writer, isObject && target.TryGetProperty(changed.Name, out var before) ? before : default, changed.Value);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A body that is a document of another kind than JSON, read whole before the handler runs.</summary>
public sealed class YamlBody(ReadOnlyMemory<byte> bytes)
{
    public const string MediaType = "application/yaml";

    /// <summary>Decoded where it is asked for: of those that wait for their turn none holds its text as well.</summary>
    public string Text()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span);
        }
        catch (DecoderFallbackException error)
        {
            throw Problems.Invalid([new("", "invalid-text", new($"第 {error.Index} 字节处不是 UTF-8。", $"Not UTF-8 at byte {error.Index}."))]);
        }
    }

    public static async ValueTask<YamlBody> BindAsync(HttpContext context, ParameterInfo parameter) => new(await Bodies.Bytes(context, MediaType));
}

/// <summary>What identifies a request's content, for telling a repetition from another request under the same key.</summary>
public sealed record RequestContent(ReadOnlyMemory<byte> Bytes);

static class Bodies
{
    const int Large = 64 << 10;

    public static readonly Rules.Wording HalfName = new("成员名含有不成对的代理字符。", "A member's name holds half of a surrogate pair.");

    public static T Read<T>(JsonElement json)
        where T : class
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Problems.MalformedJson(new("请求体的根应为对象。", "The root of the body must be an object."));
        }

        var faults = new List<Fault>();
        return Validation.Read<T>(json, faults, ServerOwned.Of(typeof(T))) ?? throw Problems.Invalid(faults);
    }

    public static T Checked<T>(T value) =>
        value is IChecked rules && rules.Check().Take(Validation.MostFaults + 1).ToList() is { Count: > 0 } broken ? throw Problems.Refused(broken) : value;

    /// <summary>What a body is read into, when it has come; large ones take turns, so that their number keeps no small one waiting.</summary>
    public static async Task<T> Parsed<T>(HttpContext context, string mediaType, Func<JsonElement, T> read)
    {
        var bytes = await Bytes(context, mediaType);
        using var turn = bytes.Length > Large ? await context.RequestServices.GetRequiredService<ComputeGate>().Read(context.RequestAborted) : null;
        using var document = Parse(bytes);
        return read(document.RootElement);
    }

    static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            throw Problems.MalformedJson(new("请求体不是 UTF-8。", "The body is not UTF-8."));
        }

        try
        {
            if (bytes.Length > Large)
            {
                // To look for duplicates costs several times the body where an object has very many members.
                using var lenient = JsonDocument.Parse(bytes, new() { MaxDepth = Json.Strict.MaxDepth });
                if (Crowded(lenient.RootElement) is { } fault)
                {
                    throw Problems.Invalid([fault]);
                }
            }

            var document = JsonDocument.Parse(bytes, Json.Strict);
            RequireNames(document.RootElement, bytes.Span);
            return document;
        }
        catch (InvalidOperationException)
        {
            throw Problems.MalformedJson(HalfName);
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

    /// <summary>The first object, however deep, that has too many members; null where none has.</summary>
    static Fault? Crowded(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            if (json.GetPropertyCount() > Validation.MostMembers)
            {
                return Validation.TooManyMembers(json, "");
            }

            foreach (var member in json.EnumerateObject())
            {
                if (Crowded(member.Value) is { } inside)
                {
                    return inside with { Place = $"/{Validation.Escape(member.Name)}{inside.Place}" };
                }
            }
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            var i = 0;
            foreach (var item in json.EnumerateArray())
            {
                if (Crowded(item) is { } inside)
                {
                    return inside with { Place = string.Create(CultureInfo.InvariantCulture, $"/{i}{inside.Place}") };
                }

                i++;
            }
        }

        return null;
    }

    /// <summary>Reads each name, which fails where an escape in it is half of a surrogate pair.</summary>
    public static void RequireNames(JsonElement json, ReadOnlySpan<byte> source)
    {
        if (source.Contains((byte)'\\'))
        {
            RequireNames(json);
        }
    }

    static void RequireNames(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in json.EnumerateObject())
            {
                _ = member.Name;
                RequireNames(member.Value);
            }
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
            {
                RequireNames(item);
            }
        }
    }

    /// <summary>The type with whatever parameters; of charsets UTF-8 alone.</summary>
    public static void RequireType(HttpRequest request, string mediaType)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var sent) || !sent.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            || (sent.Charset.HasValue && !HeaderUtilities.RemoveQuotes(sent.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw Problems.UnsupportedMediaType(request.ContentType, mediaType);
        }
    }

    /// <summary>The whole body, once it has come.</summary>
    public static async Task<ReadOnlyMemory<byte>> Bytes(HttpContext context, string mediaType)
    {
        RequireType(context.Request, mediaType);
        Memory<byte> bytes;
        try
        {
            if (context.Request.ContentLength > Large)
            {
                // Many of them at once would each leave an array that is collected last of all: they share a few.
                var lent = MemoryPool<byte>.Shared.Rent((int)Math.Min(context.Request.ContentLength.Value, 1 << 20));
                context.Response.RegisterForDispose(lent);
                bytes = lent.Memory[..await context.Request.Body.ReadAtLeastAsync(lent.Memory, lent.Memory.Length, throwOnEndOfStream: false, context.RequestAborted)];
            }
            else
            {
                using var buffer = new MemoryStream((int)(context.Request.ContentLength ?? 0));
                await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
                bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
            }
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            // Nothing but the connection is read here.
            throw Problems.BrokenBody();
        }

        context.Features.Set(new RequestContent(bytes));
        // A byte order mark is allowed to be ignored (RFC 8259, 8.1).
        return bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }
}
