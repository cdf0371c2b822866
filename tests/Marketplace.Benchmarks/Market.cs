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

    Market(HttpClient http, string key) => (_http, Key) = (http, key);

    /// <summary>Of the institute: it may write and publish.</summary>
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
        var key = await Post(http, $"parties/{party["id"]}/keys", new JsonObject
        {
            ["roles"] = new JsonArray("member", "moderator"), ["person"] = "gates",
        });
        var market = new Market(http, (string)key["key"]!);
        http.DefaultRequestHeaders.Authorization = new("Bearer", market.Key);
        return market;
    }

    /// <summary>Publishes achievements.</summary>
    /// <param name="lines">Each a JSON document.</param>
    /// <returns>Their ids.</returns>
    public async Task<string[]> Publish(IReadOnlyList<string> lines)
    {
        var ids = new string[lines.Count];
        await Parallel.ForAsync(0, lines.Count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
        {
            var id = ids[i] = (string)(await Post(_http, "achievements", JsonNode.Parse(lines[i])))["id"]!;
            await Post(_http, $"achievements/{id}/submit", null);
            await Post(_http, $"achievements/{id}/publish", null);
        });
        return ids;
    }

    public void Dispose() => _http.Dispose();

    static async Task<JsonNode> Post(HttpClient http, string path, JsonNode? body)
    {
        using var content = new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await http.PostAsync(path, content);
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<JsonNode>())!
            : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
