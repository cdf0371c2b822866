using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Benchmarks;

/// <summary>
/// The least that answers a batch with sums: each line read by System.Text.Json into a plain struct, two awards by hand-written arithmetic,
/// and a line of the same bytes written. It knows one policy and no faults.
/// </summary>
static class BareBatch
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    static readonly DateOnly FirstDay = new(2020, 8, 19);

    record struct Line(string Id, string Policy, Contract Facts, Earlier[]? History);

    record struct Contract(
        ContractKind Kind, decimal TechnologyAmount, bool Recognised, DateOnly RecognisedOn, bool Brokered, bool RelatedParties, string BuyerRegion, string Project);

    record struct Earlier(string Award, string Project, string Contract, decimal Amount);

    public static async Task Serve(string[] args)
    {
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/", () => "up");
        app.MapPost("/api/v1/evaluations/batch", Answer);
        await app.RunAsync();
    }

    static async Task Answer(HttpContext http)
    {
        http.Response.ContentType = "application/x-ndjson; charset=utf-8";
        var (reader, writer, number) = (http.Request.BodyReader, http.Response.BodyWriter, 0);
        using var json = new Utf8JsonWriter(writer, Writing);
        while (true)
        {
            var read = await reader.ReadAsync();
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                Write(json, ++number, Read(rest.Slice(0, end)));
                writer.Write("\n"u8);
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            reader.AdvanceTo(rest.Start, rest.End);
            await writer.FlushAsync();
            if (read.IsCompleted)
            {
                return;
            }

            json.Reset(writer);
        }
    }

    static Line Read(ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        return JsonSerializer.Deserialize<Line>(ref reader, Options);
    }

    static void Write(Utf8JsonWriter json, int number, in Line line)
    {
        var facts = line.Facts;
        var isEligible = facts.RecognisedOn >= FirstDay && facts.Recognised && !facts.RelatedParties && facts.BuyerRegion.StartsWith("6301", StringComparison.Ordinal)
            && facts.Kind is ContractKind.Development or ContractKind.Transfer or ContractKind.Licence;
        var fen = (long)(facts.TechnologyAmount * 100);
        long? buyer = isEligible ? Math.Min(fen * 3 / 100, 10_000_000) : null;
        long? broker = isEligible && facts.Brokered ? Math.Min(fen / 100, 5_000_000) : null;
        if (broker is not null && line.History is { } history)
        {
            var before = 0L;
            foreach (var earlier in history)
            {
                before += earlier.Award == "broker" && earlier.Project == facts.Project ? (long)(earlier.Amount * 100) : 0;
            }

            broker = before >= 5_000_000 ? null : Math.Min(broker.Value, 5_000_000 - before);
        }

        json.Reset();
        json.WriteStartObject();
        json.WriteNumber("line", number);
        json.WriteString("id", line.Id);
        json.WriteStartArray("awards");
        Write(json, "buyer", buyer);
        Write(json, "broker", broker);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    static void Write(Utf8JsonWriter json, string award, long? fen)
    {
        json.WriteStartObject();
        json.WriteString("award", award);
        json.WriteString("outcome", fen is null ? "refused" : "granted");
        var (yuan, rest) = Math.DivRem(fen ?? 0, 100);
        if (rest == 0)
        {
            json.WriteNumber("amount", yuan);
        }
        else
        {
            json.WriteNumber("amount", new decimal((int)fen!.Value, 0, 0, false, 2));
        }

        json.WriteEndObject();
    }
}
