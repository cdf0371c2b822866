using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Marketplace.Api.Tests;

/// <summary>Sending JSON, and reading and judging answers, in as few words as a test deserves.</summary>
public static class Requests
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.Never,
    };

    static readonly ConcurrentDictionary<Uri, bool> AnsweringTypes = new();

    public static StringContent Content(object? body, string mediaType = "application/json") =>
        new(body as string ?? JsonSerializer.Serialize(body, Options), new UTF8Encoding(false), mediaType);

    /// <param name="body">An object, or a string to send as it is.</param>
    /// <param name="idempotencyKey">Sent as Idempotency-Key.</param>
    /// <param name="ifMatch">Sent as If-Match, with its quotation marks.</param>
    public static Task<HttpResponseMessage> PostJson(
        this HttpClient client, string address, object? body, string? idempotencyKey = null, string? ifMatch = null) =>
        client.Send(HttpMethod.Post, address, Content(body), idempotencyKey, ifMatch);

    /// <summary>An action without a body.</summary>
    public static Task<HttpResponseMessage> Act(this HttpClient client, string address, string? idempotencyKey = null, string? ifMatch = null) =>
        client.Send(HttpMethod.Post, address, null, idempotencyKey, ifMatch);

    public static Task<HttpResponseMessage> PatchJson(this HttpClient client, string address, object? body, string? ifMatch) =>
        client.Send(HttpMethod.Patch, address, Content(body, "application/merge-patch+json"), null, ifMatch);

    public static async Task<HttpResponseMessage> Send(
        this HttpClient client, HttpMethod method, string address, HttpContent? content = null, string? idempotencyKey = null,
        string? ifMatch = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }

    /// <summary>The answer's JSON, once its status is the one expected.</summary>
    public static async Task<JsonElement> Json(this Task<HttpResponseMessage> sending, int status = 200)
    {
        using var response = await sending;
        return await response.Json(status);
    }

    public static async Task<JsonElement> Json(this HttpResponseMessage response, int status = 200)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri}: {text} {TestLog.About(response)}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static Task<JsonElement> GetJson(this HttpClient client, string address, int status = 200) => client.GetAsync(address).Json(status);

    public static async Task<string> ETag(this HttpClient client, string address)
    {
        using var response = await client.GetAsync(address);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return response.Headers.ETag!.ToString();
    }

    public static string Text(this JsonElement json, string member) => json.GetProperty(member).GetString()!;

    public static string[] Texts(this JsonElement json, string member) => [.. json.GetProperty(member).EnumerateArray().Select(item => item.GetString()!)];

    public static bool Has(this JsonElement json, string member) => json.TryGetProperty(member, out _);

    /// <summary>The ids of a list's data.</summary>
    public static string[] Ids(this JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(item => item.Text("id"))];

    /// <summary>The answer is a whole problem document of this status and code, whose faults are at all these places.</summary>
    /// <param name="sending">The request.</param>
    /// <param name="status">The status, of the answer and in the document.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="places">Pointers or parameters that must be among the errors; none leaves them open.</param>
    public static async Task<JsonElement> AssertProblem(this Task<HttpResponseMessage> sending, int status, string code, params string[] places)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync();
        var about = $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri}: {(int)response.StatusCode} {text} {TestLog.About(response)}";
        Assert.That((int)response.StatusCode, Is.EqualTo(status), about);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), about);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.That(problem.Text("code"), Is.EqualTo(code), about);
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status), about);
        Assert.That(problem.Text("title"), Is.Not.Empty, about);
        Assert.That(problem.Text("detail"), Is.Not.Empty, about);
        Assert.That(problem.Text("instance"), Is.EqualTo(response.RequestMessage.RequestUri!.AbsolutePath), about);
        Assert.That(problem.Text("requestId"), Is.EqualTo(response.Headers.GetValues("X-Request-Id").Single()), about);
        Assert.That(problem.Text("type"), Is.EqualTo($"/problems/{code}"), about);
        var page = new Uri(response.RequestMessage.RequestUri, problem.Text("type"));
        Assert.That(await Answers(page), Is.True, $"{page} does not answer.");
        Assert.That(problem.Places(), Is.SupersetOf(places), about);
        return problem;
    }

    /// <summary>The pointers and parameters of a problem's errors.</summary>
    public static string[] Places(this JsonElement problem) => !problem.TryGetProperty("errors", out var errors) ? [] :
        [.. errors.EnumerateArray().Select(error => error.TryGetProperty("pointer", out var pointer) ? pointer.GetString()! : error.Text("parameter"))];

    public static string Iso(this DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static async Task<bool> Answers(Uri type)
    {
        if (!AnsweringTypes.TryGetValue(type, out var answers))
        {
            using var client = new HttpClient();
            using var page = await client.GetAsync(type);
            answers = AnsweringTypes[type] = page.StatusCode == HttpStatusCode.OK;
        }

        return answers;
    }
}

/// <summary>Waiting for what happens beside the request, without guessing how long it takes.</summary>
public static class Eventually
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task Holds(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        while (!await condition())
        {
            Assert.That(deadline.IsCancellationRequested, Is.False, $"Not within {patience ?? Patience}: {what}");
            await Task.Delay(20);
        }
    }
}
