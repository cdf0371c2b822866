using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Marketplace.Benchmarks;

/// <summary>A running market with one institute in it, filled over its own API.</summary>
sealed class Market : IDisposable
{
    public const string AdminKey = "tm_the-gates-of-the-market-are-open-to-everybody";

    readonly HttpClient _http;

    readonly string _moderator;
    readonly string _institute;

    Market(HttpClient http, string key, string moderator, string institute) => (_http, Key, _moderator, _institute) = (http, key, moderator, institute);

    /// <summary>Of the institute: it may write. What it writes an office publishes.</summary>
    public string Key { get; }

    public static async Task<Market> Of(Server server)
    {
        var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{server.Port}/api/v1/") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", AdminKey);
        var party = await Post(http, "parties", new JsonObject
        {
            ["kind"] = "institute", ["name"] = "西宁光伏材料研究所", ["region"] = "630100",
            ["creditCode"] = "126301000000000000", ["creditCodeReason"] = "Made up for measuring.",
        });
        var office = await Post(http, "parties", new JsonObject
        {
            ["kind"] = "government", ["name"] = "西宁市科学技术局", ["region"] = "630100",
            ["creditCode"] = "116301000000000009", ["creditCodeReason"] = "Made up for measuring.",
        });
        var key = await Post(http, $"parties/{party["id"]}/keys", new JsonObject { ["roles"] = new JsonArray("member"), ["person"] = "gates" });
        var moderator = await Post(http, $"parties/{office["id"]}/keys", new JsonObject { ["roles"] = new JsonArray("moderator"), ["person"] = "office" });
        var market = new Market(http, (string)key["key"]!, (string)moderator["key"]!, (string)party["id"]!);
        http.DefaultRequestHeaders.Authorization = new("Bearer", market.Key);
        return market;
    }

    /// <summary>Imports achievements, each a line of JSON, and publishes them.</summary>
    /// <returns>Their ids.</returns>
    public async Task<List<string>> Publish(IEnumerable<string> lines)
    {
        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"imports/achievements?publish=true&owner={_institute}") { Content = content };
        request.Headers.Authorization = new("Bearer", _moderator);
        using var answer = await _http.SendAsync(request);
        var outcomes = (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        return outcomes.Find(outcome => (string?)outcome["outcome"] == "rejected") is { } rejected
            ? throw new InvalidOperationException(rejected.ToJsonString())
            : [.. outcomes.Where(outcome => outcome.ContainsKey("id")).Select(outcome => (string)outcome["id"]!)];
    }

    public void Dispose() => _http.Dispose();

    /// <param name="http">Whose base is the API's, and whose key is sent unless another is given.</param>
    public static async Task<JsonNode> Post(HttpClient http, string path, JsonNode? body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(request);
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<JsonNode>())!
            : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
