using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Marketplace.Api.Tests.Policies;

/// <summary>Many contracts in one request: each line is answered by itself, while the rest is still being sent.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class BatchTests(Database database)
{
    const string Facts = """{"kind":"transfer","technologyAmount":2000000,"recognised":true,"recognisedOn":"2021-03-01","brokered":true,"project":"P1","contract":"C1"}""";

    readonly Market market = Market.On(database);

    [TestCase("")]
    [TestCase("?explain=true")]
    [TestCase("?readings=all")]
    public async Task A_line_is_answered_as_it_would_be_alone(string query)
    {
        var history = """[{"award":"broker","project":"P1","amount":45000}]""";
        var lines = new[] { Line(Facts), Line("{}"), Line(Facts, $"\"history\":{history},\"id\":\"third\"") };
        var answers = await Batch(string.Join("", lines), query);
        Assert.That(answers.Select(answer => answer.GetProperty("line").GetInt32()), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(answers[2].Text("id"), Is.EqualTo("third"));
        Assert.That(answers[0].Has("id") || answers[0].Has("errors"), Is.False);
        foreach (var (line, answer) in lines.Zip(answers))
        {
            var alone = await market.Anonymous.PostJson($"evaluations{query}", line.Replace(",\"id\":\"third\"", "")).Json();
            Assert.That(answer.GetProperty("evaluation").GetRawText(), Is.EqualTo(alone.GetRawText()));
        }
    }

    [Test]
    public async Task What_one_line_is_granted_is_no_history_of_the_next()
    {
        var answers = await Batch(string.Concat(Enumerable.Repeat(Line(Facts.Replace("2000000", "8000000")), 3)));
        Assert.That(answers.Select(answer => answer.GetProperty("evaluation").GetProperty("awards")[1].GetProperty("amount").GetDecimal()), Is.All.EqualTo(50000));
    }

    [Test]
    public async Task A_line_with_faults_is_told_all_of_them_and_the_lines_around_it_are_answered()
    {
        var answers = await Batch(
            Line(Facts)
            + """{"policy":"xining-2020","facts":{"kind":"gift","amount":-1},"id":"b","colour":"red"}""" + "\n"
            + "  \r\n\n"
            + "{\"policy\":\n"
            + "[1]\n"
            + """{"facts":{"buyerRegion":"63"},"id":7}""" + "\n"
            + """{"policy":"nowhere-1999","facts":{},"id":"f"}""" + "\n"
            + """{"policy":"xining-2020","facts":{"buyerRegion":"63"}}""" + "\n"
            + "{\"\\ud800\":1}\n"
            + Line(Facts, "\"id\":\"last\"").TrimEnd());
        var found = answers.ToDictionary(answer => answer.GetProperty("line").GetInt32());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Keys, Is.EqualTo(new[] { 1, 2, 5, 6, 7, 8, 9, 10, 11 }));
            Assert.That(Errors(2), Is.EquivalentTo(new[] { ("/facts/kind", "unknown-code"), ("/facts/amount", "invalid-money"), ("/colour", "unknown-field") }));
            Assert.That(found[2].Text("id"), Is.EqualTo("b"));
            Assert.That(Errors(5), Is.EqualTo(new[] { ("", "malformed-json") }));
            Assert.That(found[5].GetProperty("errors")[0].Text("detail"), Does.Contain("line 5, byte 11"));
            Assert.That(Errors(6), Is.EqualTo(new[] { ("", "malformed-json") }));
            Assert.That(Errors(7), Is.EquivalentTo(new[] { ("/policy", "required"), ("/id", "wrong-type") }));
            Assert.That(found[7].Has("id"), Is.False);
            Assert.That(Errors(8), Is.EqualTo(new[] { ("/policy", "unknown-reference") }));
            Assert.That(Errors(9).Select(error => error.Item1), Is.EqualTo(new[] { "/facts/buyerRegion" }));
            Assert.That(Errors(10), Is.EqualTo(new[] { ("", "malformed-json") }));
            Assert.That(found[11].Text("id"), Is.EqualTo("last"));
            Assert.That(found[11].Has("evaluation"), Is.True, "The last line needs no line end.");
            Assert.That(found.Values.Select(answer => answer.Has("evaluation") != answer.Has("errors")), Is.All.True);
        }

        (string, string)[] Errors(int line) => [.. found[line].GetProperty("errors").EnumerateArray().Select(error => (error.Text("pointer"), error.Text("code")))];
    }

    [Test]
    public async Task Ten_megabytes_in_a_line_are_refused_and_passed_over()
    {
        var answers = await Batch(Line(Facts) + "{\"id\":\"" + new string('x', 10 << 20) + "\"}\n" + Line(Facts));
        Assert.That(answers.Select(answer => answer.Has("evaluation")), Is.EqualTo(new[] { true, false, true }));
        Assert.That(answers[1].GetProperty("errors")[0].Text("code"), Is.EqualTo("line-too-long"));
    }

    [Test]
    public async Task A_line_is_answered_before_the_next_is_sent()
    {
        using var socket = await RawPost.To(market.Anonymous, "evaluations/batch");
        for (var line = 1; line <= 3; line++)
        {
            await socket.Chunk(Line(Facts));
            Assert.That(await socket.Line(), Does.StartWith($"{{\"line\":{line.ToString(CultureInfo.InvariantCulture)},\"evaluation\":"));
        }
    }

    [Test]
    public async Task A_client_that_sends_everything_before_it_reads_is_answered()
    {
        const int Lines = 20_000;
        var file = string.Concat(Enumerable.Repeat(Line(Facts), Lines));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var socket = await RawPost.To(market.Anonymous, "evaluations/batch", $"Content-Length: {Encoding.UTF8.GetByteCount(file)}\r\nConnection: close");
        await socket.Stream.WriteAsync(Encoding.UTF8.GetBytes(file), deadline.Token);
        var text = await socket.Reader.ReadToEndAsync(deadline.Token);
        Assert.That(text, Does.Contain($"{{\"line\":{Lines.ToString(CultureInfo.InvariantCulture)},\"evaluation\":"));
    }

    [Test]
    public async Task A_request_that_breaks_off_leaves_the_server_well()
    {
        using (var socket = await RawPost.To(market.Anonymous, "evaluations/batch"))
        {
            await socket.Chunk(Line(Facts));
            await socket.Line();
            await socket.Chunk(Line(Facts)[..40]);
        }

        Assert.That(await Batch(Line(Facts)), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Nothing_sent_is_nothing_answered() => Assert.That(await Batch(""), Is.Empty);

    [TestCase("application/json")]
    [TestCase("application/x-ndjson; charset=gb18030")]
    public Task Other_formats_are_refused(string mediaType) => Post("", "", mediaType).AssertProblem(415, "unsupported-media-type");

    [Test]
    public Task An_unknown_parameter_is_refused() => Post("", "?sharedCaps=true").AssertProblem(400, "unknown-field", "sharedCaps");

    static string Line(string facts, string? more = null) => $$"""{"policy":"xining-2020","facts":{{facts}}{{(more is null ? "" : "," + more)}}}""" + "\n";

    Task<HttpResponseMessage> Post(string lines, string query, string mediaType = "application/x-ndjson")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(lines));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return market.Anonymous.Send(HttpMethod.Post, $"evaluations/batch{query}", content);
    }

    async Task<JsonElement[]> Batch(string lines, string query = "")
    {
        using var response = await Post(lines, query);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), text);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/x-ndjson"));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
