using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

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

    /// <summary>The awards of the ordinary answer without all that is not a sum.</summary>
    static JsonNode Sums(JsonElement evaluation) => new JsonArray([.. evaluation.GetProperty("awards").EnumerateArray().Select(award =>
    {
        var sum = JsonNode.Parse(award.GetRawText())!.AsObject();
        foreach (var name in sum.Select(member => member.Key).Except(["award", "outcome", "amount", "range"]).ToList())
        {
            sum.Remove(name);
        }

        return sum;
    })]);

    [Test]
    public async Task Sums_alone_are_those_of_the_ordinary_answer_line_by_line()
    {
        var lines = string.Concat(Enumerable.Range(0, 3_000).Select(Any));
        var (whole, sums) = (await Batch(lines), await Batch(lines, "?detail=sums"));
        Assert.That(sums, Has.Length.EqualTo(whole.Length));
        var (answered, refused) = (0, 0);
        foreach (var (ordinary, sum) in whole.Zip(sums))
        {
            var expected = JsonNode.Parse(ordinary.GetRawText())!.AsObject();
            answered += expected.Remove("evaluation") ? 1 : 0;
            refused += ordinary.Has("errors") ? 1 : 0;
            if (ordinary.Has("evaluation"))
            {
                expected["awards"] = Sums(ordinary.GetProperty("evaluation"));
            }

            Assert.That(JsonNode.DeepEquals(JsonNode.Parse(sum.GetRawText()), expected), Is.True, $"{sum.GetRawText()}\n{expected.ToJsonString()}");
        }

        Assert.That(answered, Is.GreaterThan(2_000));
        Assert.That(refused, Is.GreaterThan(50));
    }

    /// <summary>A line of any kind: plain, out of the ordinary, or faulty; the same for a seed in every run.</summary>
    static string Any(int seed)
    {
        var random = new Random(seed);
        var members = new List<string>();
        Add("kind", 9, One("\"development\"", "\"transfer\"", "\"licence\"", "\"consulting\"", "\"service\""));
        Add("technologyAmount", 9, One("5000", "1999999.99", "3333333.3", "0", "8000000.00", "99999999999999.99", "12345678901234", random.NextInt64(20_000_000).ToString(CultureInfo.InvariantCulture)));
        Add("amount", 3, One("99999999999999.99", random.Next(5) == 0 ? "100.5" : "99999999999999"));
        Add("recognised", 9, One("true", "true", "true", "false"));
        Add("recognisedOn", 9, One("\"2021-03-01\"", "\"2020-08-18\"", "\"2020-08-19\"", "\"2024-02-29\""));
        Add("brokered", 8, One("true", "false"));
        Add("relatedParties", 3, One("true", "false"));
        Add("buyerRegion", 6, One("\"630102\"", "\"630100\"", "\"620102\"", random.Next(10) == 0 ? "\"000001\"" : "\"810001\""));
        Add("project", 6, One("\"P1\"", "\"盐湖提锂\"", "\"\\u76d0\"", "\"e\\u0301\"", "\"e\u0301\"", "\"a\\tb\"", "\"\""));
        Add("contract", 5, "\"C1\"");
        Add("subject", 1, One("\"contract\"", "\"platform\"", "\"enterprise\""));
        Add("title", 1, One("\"高新技术企业\"", "\"别的\""));
        Add("count", 1, One("3", "0", random.Next(3) == 0 ? "-1" : "1"));
        Add("findings", 1, One("[{\"name\":\"effect\",\"holds\":true},{\"holds\":false,\"name\":\"重大\"}]", "[]", "[{\"name\":\"effect\",\"holds\":1}]", "[{\"name\":\"effect\"}]"));
        if (random.Next(12) == 0)
        {
            Add("x", 10, One("1", "null"), One("amount", "kind", "technologyAmounts", "colour"));
            Add("y", 5, One("-1", "1e3", "1.234", "\"5\"", "100000000000000", "99999999999999999"), "received");
            Add("z", 5, One("\"2021-02-29\"", "\"2021-3-1\"", "\"0000-01-01\"", "7"), "signedOn");
            Add("v", 5, One("\"63\"", "\"６３０１００\"", "630100"), "sellerRegion");
            Add("w", 5, One("\"\\ud800\"", "\"\\u0001\"", "\"\u0085\"", "5", "null"), "office");
            Add("t", 3, One("\"Transfer\"", "\"gift\"", "\"enterprise\""), "buyerKind");
        }

        var line = new List<string>
        {
            $"\"policy\":{(random.Next(30) == 0 ? One("\"nowhere\"", "\"\"", "null", "\"xining\\u002d2020\"") : "\"xining-2020\"")}",
            $"\"facts\":{{{string.Join(random.Next(2) == 0 ? "," : " , ", members)}}}",
        };
        if (random.Next(3) == 0) line.Add($"\"id\":{One("\"a\"", "\"第一\"", "\"\"", random.Next(10) == 0 ? "7" : "\"b\"")}");
        if (random.Next(3) == 0)
        {
            line.Add($"\"history\":[{One("", "{\"award\":\"broker\",\"project\":\"P1\",\"amount\":45000.5}", "{\"amount\":1,\"award\":\"buyer\",\"contract\":\"C1\",\"on\":\"2021-01-01\",\"party\":\"某\"},{\"award\":\"broker\",\"amount\":50000}",
                "{\"award\":\"buyer\",\"amount\":100000,\"contract\":\"C1\",\"office\":\"o\",\"achievement\":\"a\"}", random.Next(5) == 0 ? "{\"award\":\"broker\"}" : "")}]");
        }

        if (random.Next(2) == 0) line.Reverse();
        return random.Next(60) switch
        {
            0 => $"{{{string.Join(",", line)}}} x\n",
            1 => $"{{{string.Join(",", line)},\"policy\":\"xining-2020\"}}\n",
            2 => "[1]\n",
            3 => "{\"policy\":\"xining-2020\"}\n",
            _ => $"{{{string.Join(",", line)}}}\r\n",
        };

        void Add(string own, int inTen, string value, string? name = null)
        {
            if (random.Next(10) < inTen)
            {
                members.Add($"\"{name ?? own}\":{value}");
            }
        }

        string One(params string[] values) => values[random.Next(values.Length)];
    }

    [TestCase("?detail=sums&explain=true")]
    [TestCase("?detail=sums&readings=all")]
    [TestCase("?detail=some")]
    public Task Sums_have_neither_steps_nor_other_readings(string query) => Post("", query).AssertProblem(400, "validation-failed", "detail");

    [TestCase("")]
    [TestCase("?detail=sums")]
    public async Task Sums_beyond_what_money_can_be_are_a_fault_of_their_line(string query)
    {
        var grants = string.Join(",", Enumerable.Repeat("""{"award":"broker","project":"P1","amount":99999999999999.99}""", 1_000));
        var answers = await Batch(Line(Facts) + Line(Facts, $"\"history\":[{grants}]") + Line(Facts), query);
        Assert.That(answers.Select(answer => answer.Has("errors")), Is.EqualTo(new[] { false, true, false }));
        Assert.That(answers[1].GetProperty("errors")[0].Text("code"), Is.EqualTo("out-of-range"));
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

    [TestCase("", "evaluation")]
    [TestCase("?detail=sums", "awards")]
    public async Task A_line_is_answered_before_the_next_is_sent(string query, string member)
    {
        using var socket = await RawPost.To(market.Anonymous, "evaluations/batch" + query);
        for (var line = 1; line <= 3; line++)
        {
            await socket.Chunk(Line(Facts));
            Assert.That(await socket.Line(), Does.StartWith($"{{\"line\":{line.ToString(CultureInfo.InvariantCulture)},\"{member}\":"));
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
