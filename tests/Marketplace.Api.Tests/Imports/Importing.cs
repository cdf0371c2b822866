using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Marketplace.Api.Tests.Imports;

/// <summary>The lines of an import's answer.</summary>
public sealed record ImportAnswer(IReadOnlyList<JsonElement> Lines, JsonElement Summary)
{
    public JsonElement this[int line] => Lines.Single(outcome => outcome.GetProperty("line").GetInt32() == line);

    public string[] Outcomes => [.. Lines.Select(line => line.Text("outcome"))];

    public int Count(string outcome) => Summary.GetProperty(outcome).GetInt32();
}

/// <summary>Sending files to the imports and reading what became of them.</summary>
public static class Importing
{
    public const string Ndjson = "application/x-ndjson";

    public static Task<HttpResponseMessage> PostFile(this HttpClient client, string address, byte[] file, string mediaType = Ndjson)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return client.Send(HttpMethod.Post, "imports/" + address, content);
    }

    public static async Task<ImportAnswer> Import(this HttpClient client, string address, byte[] file, string mediaType = Ndjson)
    {
        using var response = await client.PostFile(address, file, mediaType);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), text);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo(Ndjson));
        return Read(text);
    }

    public static Task<ImportAnswer> Import(this HttpClient client, string address, string file, string mediaType = Ndjson) =>
        client.Import(address, Encoding.UTF8.GetBytes(file), mediaType);

    public static ImportAnswer Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.That(lines[^1].TryGetProperty("summary", out var summary), Is.True, text);
        lines.RemoveAt(lines.Count - 1);
        Assert.That(summary.GetProperty("lines").GetInt32(), Is.EqualTo(lines.Count), text);
        return new(lines, summary);
    }

    public static string Line(string externalId, object? change = null) => $"{Market.AchievementBody(change).With("externalId", externalId).ToJsonString()}\n";

    public static string[] Codes(this JsonElement outcome) => [.. outcome.GetProperty("errors").EnumerateArray().Select(error => error.Text("code"))];

    static System.Text.Json.Nodes.JsonObject With(this System.Text.Json.Nodes.JsonObject body, string member, string value)
    {
        body[member] = value;
        return body;
    }
}
