using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Marketplace.Api.Http;

/// <summary>A record of a stream as a line of JSON, or the fault for which there is none.</summary>
/// <param name="Number">Of its first line in the stream, from 1.</param>
/// <param name="Owner">Whom the record names as its owner, beside its own members; only tables do.</param>
readonly record struct JsonLine(long Number, ReadOnlyMemory<byte> Json, Fault? Fault, string? Owner = null)
{
    /// <summary>The line's object, or null and why there is none.</summary>
    public JsonDocument? Parse(out Fault? fault)
    {
        fault = Fault;
        if (fault is not null)
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(Json, Http.Json.Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                Bodies.RequireNames(document.RootElement, Json.Span);
                return document;
            }

            fault = new("", "malformed-json", new("每行应为一个 JSON 对象。", "Each line must be a JSON object."));
        }
        catch (InvalidOperationException)
        {
            fault = new("", "malformed-json", Bodies.HalfName);
        }
        catch (JsonException error)
        {
            var at = (error.BytePositionInLine ?? 0) + 1;
            fault = new("", "malformed-json", new(
                $"第 {Number} 行第 {at} 字节处不是合法的 JSON（包括重复成员和超过 64 层的嵌套）。",
                $"Not JSON at line {Number}, byte {at} (a duplicate member and more than 64 levels count)."));
        }

        return null;
    }
}

/// <summary>One thing wrong with a line.</summary>
/// <param name="Pointer">A JSON pointer into the line's object; empty for the line as a whole.</param>
public sealed record LineFault(string Pointer, string Code, string Detail)
{
    /// <summary>What an answer lists of a line's faults.</summary>
    public static IReadOnlyList<LineFault> First(IReadOnlyList<Fault> faults, Language language) =>
        [.. faults.Take(Validation.MostFaults).Select(fault => new LineFault(fault.Place, fault.Code, fault.Detail.In(language)))];

    /// <summary>Whether there are more than <see cref="First"/> gives.</summary>
    public static bool AreMore(IReadOnlyList<Fault> faults) => faults.Count > Validation.MostFaults;
}

/// <summary>Streams of records: one JSON object a line, in and out.</summary>
static class Ndjson
{
    public const string MediaType = "application/x-ndjson";

    /// <summary>The types of which the last line of an answer is one.</summary>
    public sealed record LastLineMetadata(params Type[] Types);

    public static async IAsyncEnumerable<JsonLine> Lines(
        Stream source, Charset charset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var line in SourceLines.Read(source, cells: null, charset, cancellation))
        {
            var fault = line.Fault;
            var json = fault is null ? charset.ToUtf8(line.Bytes, out fault) : default;
            yield return new(line.Number, json, fault);
        }
    }

    /// <summary>
    /// Begins an answer of lines. The stream may come as slowly as its source writes it, and its answer be read only when all of it was sent.
    /// </summary>
    public static void Begin(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } body)
        {
            body.MinDataRate = null;
        }

        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } answer)
        {
            answer.MinDataRate = null;
        }

        http.Response.ContentType = MediaType + "; charset=utf-8";
    }
}
