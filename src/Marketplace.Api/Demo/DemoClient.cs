using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Demo;

/// <summary>A line of a data file; every failure names it.</summary>
sealed record DemoLine(string File, int Number)
{
    public override string ToString() => $"Demo/{File}.ndjson, line {Number}";
}

/// <summary>This server as its own client sees it. What it refuses stops the start, in one line that names the data at fault.</summary>
sealed class DemoClient(Uri server) : IDisposable
{
    // A proxy that the environment names is not asked for this machine.
    readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server };

    public Uri Server => server;

    public async Task<JsonElement> Get(string path, string? key = null)
    {
        using var request = Request(HttpMethod.Get, path, key);
        return JsonSerializer.Deserialize<JsonElement>(await Send(request, path));
    }

    /// <summary>A POST that a resumed load may send again: line and step make its idempotency key.</summary>
    public async Task<JsonElement> Post(DemoLine at, string step, string key, string path, JsonNode? body)
    {
        using var request = Request(HttpMethod.Post, path, key);
        request.Headers.Add("Idempotency-Key", $"demo-{at.File}-{at.Number}-{step}");
        request.Content = body is null ? null : Content(body.ToJsonString(), "application/json");
        return JsonSerializer.Deserialize<JsonElement>(await Send(request, path, at));
    }

    /// <summary>Imports records of one kind.</summary>
    /// <returns>The id of each record, in order.</returns>
    public async Task<List<string>> Import(string kind, string query, string key, IReadOnlyList<(DemoLine At, JsonObject Record)> records)
    {
        var path = $"imports/{kind}{query}";
        using var request = Request(HttpMethod.Post, path, key);
        request.Content = Content(string.Join('\n', records.Select(record => record.Record.ToJsonString())), "application/x-ndjson");
        var lines = (await Send(request, path, records[0].At)).Split('\n');
        var ids = new List<string>(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            // An import that breaks off says so in the place of the next outcome.
            var outcome = JsonSerializer.Deserialize<JsonElement>(lines[i]);
            ids.Add(outcome.TryGetProperty("id", out var id) ? id.GetString()! : throw Failure(path, records[i].At, lines[i]));
        }

        return ids;
    }

    public void Dispose() => _http.Dispose();

    static HttpRequestMessage Request(HttpMethod method, string path, string? key)
    {
        var request = new HttpRequestMessage(method, new Uri($"api/v1/{path}", UriKind.Relative));
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("Accept-Language", "en");
        return request;
    }

    static StringContent Content(string text, string type) => new(text, Encoding.UTF8, type);

    async Task<string> Send(HttpRequestMessage request, string path, DemoLine? at = null)
    {
        try
        {
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode ? text : throw Failure(path, at, $"{(int)response.StatusCode} {text}");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            throw Failure(path, at, $"nothing: {error.Message}");
        }
    }

    static StartupException Failure(string path, DemoLine? at, string answer) =>
        new($"The demo market cannot be loaded{(at is null ? "" : $": {at}")}: {path} answered {answer.ReplaceLineEndings(" ")}");
}
