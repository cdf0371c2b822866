using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Marketplace.Api.Tests;

/// <summary>What no client library sends: each is refused with a problem document wherever the server can still speak, and never as its own failure.</summary>
public sealed class RawRequestTests
{
    readonly Market market = Market.On(Databases.Sqlite);

    [TestCase("GET /api/v1/demands/%00 HTTP/1.1\r\nHost: x", 400, "malformed-request", TestName = "A_zero_in_the_path")]
    [TestCase("GET /api/v1/demands HTTP/1.1\r\nHost: a b", 400, "malformed-request", TestName = "A_host_with_a_blank")]
    [TestCase("GET /api/v1/demands HTTP/1.1\r\nHost: x\r\nHost: y", 400, "malformed-request", TestName = "Two_hosts")]
    [TestCase("GET /api/v1/demands HTTP/1.1", 400, "malformed-request", TestName = "No_host")]
    [TestCase("GET /api/v1/\u00e9 HTTP/1.1\r\nHost: x", 400, "malformed-request", TestName = "Raw_bytes_in_the_path")]
    [TestCase("GET /api/v1/demands?q=\u00e9 HTTP/1.1\r\nHost: x", 400, "malformed-request", TestName = "Raw_bytes_in_the_query")]
    [TestCase("GET /api/v1/demands HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2", 400, "malformed-request", TestName = "Two_lengths")]
    [TestCase("GET /api/v1/demands HTTP/1.1\r\nHost: x\r\nA b: c", 400, "malformed-request", TestName = "A_header_that_is_none")]
    [TestCase("GET /api/v1/demands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b", 400, "malformed-request", TestName = "Two_keys")]
    [TestCase("POST /api/v1/matches HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Type: application/json\r\nContent-Type: text/plain", 400, "malformed-request", TestName = "Two_media_types")]
    public Task What_breaks_the_grammar_is_a_malformed_request(string head, int status, string code) => IsRefused(head, "", status, code);

    [Test]
    public async Task An_address_or_headers_that_are_too_long_are_told_so()
    {
        await IsRefused($"GET /api/v1/demands?q={new string('a', 9_000)} HTTP/1.1\r\nHost: x", "", 414, "address-too-long");
        await IsRefused($"GET /api/v1/demands HTTP/1.1\r\nHost: x\r\nA: {new string('a', 40_000)}", "", 431, "headers-too-large");
        await IsRefused($"GET /api/v1/demands HTTP/1.1\r\nHost: x{string.Concat(Enumerable.Range(0, 200).Select(i => $"\r\nA{i}: a"))}", "", 431, "headers-too-large");
    }

    [TestCase("FFFFFFFFF\r\n{}", TestName = "A_chunk_beyond_all_numbers")]
    [TestCase("80000000\r\n{}", TestName = "A_chunk_of_two_GiB")]
    [TestCase("zz\r\n{}", TestName = "A_chunk_of_no_size")]
    [TestCase("-1\r\n{}", TestName = "A_chunk_below_nothing")]
    public async Task A_chunk_that_cannot_be_is_the_senders_fault_everywhere(string body)
    {
        foreach (var (address, type) in new[] { ("matches", "application/json"), ("policies/validate", "application/yaml"), ("evaluations/batch", "application/x-ndjson") })
        {
            await IsRefused($"POST /api/v1/{address} HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked", body, 400, "malformed-json");
        }

        Assert.That(market.Log.Entries.Where(entry => entry.Level >= LogLevel.Error && entry.Text.Contains("could not be read", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_key_that_comes_twice_is_refused()
    {
        var party = await market.Party();
        var head = $"POST /api/v1/demands HTTP/1.1\r\nHost: x\r\nAuthorization: {party.Client.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\n"
            + $"Idempotency-Key: a\r\nIdempotency-Key: a\r\nContent-Length: {Encoding.UTF8.GetByteCount(Market.DemandBody().ToJsonString())}";
        await IsRefused(head, Market.DemandBody().ToJsonString(), 400, "idempotency-key-invalid");
        Assert.That((await party.Client.GetJson($"demands?owner={party.Id}")).Ids(), Is.Empty);
    }

    [TestCase("evil.example")]
    [TestCase("evil.example:99")]
    [TestCase("[::1]")]
    public async Task The_type_of_a_problem_is_the_same_whatever_host_is_asked(string host)
    {
        var (_, problem) = await Send($"GET /api/v1/no-such-thing HTTP/1.1\r\nHost: {host}", "");
        Assert.That(problem.Text("type"), Is.EqualTo("/problems/not-found"));
    }

    [TestCase("q=%FF", "q")]
    [TestCase("q=a%C3", "q")]
    [TestCase("q=%ED%A0%80", "q")]
    [TestCase("field=newEnergy&region=%C0%AF", "region")]
    public async Task A_query_that_is_not_UTF8_is_refused_at_its_parameter(string query, string parameter)
    {
        var problem = await market.Anonymous.GetAsync($"demands?{query}").AssertProblem(400, "validation-failed", parameter);
        Assert.That(problem.GetProperty("errors")[0].Text("code"), Is.EqualTo("invalid-text"));
    }

    [Test]
    public async Task A_query_of_characters_beyond_ASCII_is_read() => await market.Anonymous.GetJson("demands?q=%E5%85%89%E4%BC%8F+%F0%A0%80%80");

    [TestCase("gzip")]
    [TestCase("br")]
    [TestCase("identity, gzip")]
    public async Task A_body_in_a_coding_is_refused_with_the_one_that_is_taken(string coding)
    {
        var caller = await market.InEveryRole();
        foreach (var operation in Operation.Of(market).Where(operation => operation.BodyType is not null))
        {
            var content = Requests.Content("{}", operation.BodyType!);
            content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
            using var response = await caller.Send(new(operation.Method), operation.Address, content);
            var problem = await Task.FromResult(response).AssertProblem(415, "unsupported-media-type");
            Assert.That(response.Headers.GetValues("Accept-Encoding").Single(), Is.EqualTo("identity"));
            Assert.That(problem.Text("detail"), Does.Contain(coding));
        }
    }

    [Test]
    public async Task A_media_type_that_is_not_taken_is_named_with_those_that_are()
    {
        var caller = await market.InEveryRole();
        foreach (var operation in Operation.Of(market).Where(operation => operation.BodyType is not null))
        {
            foreach (var sent in new[] { "text/tab-separated-values", "application/vnd.ms-powerpoint", "multipart/form-data; boundary=x", "nonsense" })
            {
                var content = new ByteArrayContent("{}"u8.ToArray());
                content.Headers.TryAddWithoutValidation("Content-Type", sent);
                var problem = await caller.Send(new(operation.Method), operation.Address, content).AssertProblem(415, "unsupported-media-type");
                Assert.That(problem.Text("detail"), Does.Contain(sent).And.Contain(operation.BodyType), operation.ToString());
            }

            var untyped = await caller.Send(new(operation.Method), operation.Address, new ByteArrayContent("{}"u8.ToArray())).AssertProblem(415, "unsupported-media-type");
            Assert.That(untyped.Text("detail"), Does.Contain("none").And.Contain(operation.BodyType), operation.ToString());
        }

        var csv = await caller.Send(HttpMethod.Post, "imports/demands", Requests.Content("{}", "application/vnd.ms-powerpoint")).AssertProblem(415, "unsupported-media-type");
        Assert.That(csv.Text("detail"), Does.Contain("text/csv"));
    }

    [TestCase("application/json; charset=utf-8")]
    [TestCase("application/json;charset=\"UTF-8\"")]
    [TestCase("Application/JSON; profile=a; version=2")]
    public async Task A_media_type_may_have_parameters(string type)
    {
        var content = new ByteArrayContent("""{"text":"a"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        await market.Anonymous.Send(HttpMethod.Post, "matches", content, headers: ("Accept", type)).Json();
    }

    [Test]
    public async Task A_charset_other_than_UTF8_is_refused_by_its_name()
    {
        var content = new ByteArrayContent("""{"text":"a"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=gbk");
        var problem = await market.Anonymous.Send(HttpMethod.Post, "matches", content).AssertProblem(415, "unsupported-media-type");
        Assert.That(problem.Text("detail"), Does.Contain("charset=gbk"));
    }

    async Task IsRefused(string head, string body, int status, string code)
    {
        var (answered, problem) = await Send(head, body);
        Assert.That(answered, Is.EqualTo(status), problem.GetRawText());
        Assert.That(problem.Text("code"), Is.EqualTo(code));
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status));
        Assert.That(problem.Text("type"), Is.EqualTo($"/problems/{code}"));
        Assert.That((problem.Text("title"), problem.Text("detail"), problem.Text("requestId")), Is.Not.EqualTo(("", "", "")));
    }

    async Task<(int Status, JsonElement Problem)> Send(string head, string body)
    {
        var api = market.Anonymous.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(api.Host, api.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{head}\r\nConnection: close\r\nAccept-Language: en\r\n\r\n"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(body));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(deadline.Token);
        Assert.That(text, Does.StartWith("HTTP/1.1 ").And.Contain("Content-Type: application/problem+json").And.Contain("X-Request-Id: "), text);
        return (int.Parse(text[9..12], System.Globalization.CultureInfo.InvariantCulture), JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)]).RootElement);
    }
}
