using System.Globalization;
using System.Text;

namespace Marketplace.Api.Tests.Imports;

/// <summary>Files as they come: their encodings, their CSV, their length, and connections that break.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ImportFileTests(Database database)
{
    const string Header = "externalId,title,summary,field,keywords,trl,price.mode,price.amount,holders,publiclyFunded,modes\r\n";
    const string Row = "csv-1,\"提锂吸附剂，第一代\",\"第一行\n第二行 \"\"引用\"\"\",newMaterials,提锂;吸附,6,listed,120000.5,某大学:60;某公司:40,TRUE,licence;transfer\r\n";

    static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    readonly Market market = Market.On(database);

    public static IEnumerable<TestCaseData> Encodings()
    {
        var text = Header + Row;
        yield return new TestCaseData(Encoding.UTF8.GetBytes(text), "text/csv").SetArgDisplayNames("UTF-8");
        yield return new TestCaseData(Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(text)).ToArray(), "text/csv").SetArgDisplayNames("UTF-8 with BOM");
        yield return new TestCaseData(Gb18030.GetBytes(text), "text/csv").SetArgDisplayNames("GB18030, not stated");
        yield return new TestCaseData(Gb18030.GetBytes(text), "text/csv; charset=gb2312").SetArgDisplayNames("GB18030, stated by its older name");
    }

    [TestCaseSource(nameof(Encodings))]
    public async Task A_csv_record_is_the_same_object_as_a_line(byte[] file, string mediaType)
    {
        var owner = await market.Party("university");
        var answer = await owner.Client.Import("achievements", file, mediaType);
        Assert.That(answer[2].Text("outcome"), Is.EqualTo("created"));
        var seen = await owner.Client.GetJson($"achievements/{answer[2].Text("id")}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen.Text("title"), Is.EqualTo("提锂吸附剂，第一代"));
            Assert.That(seen.Text("summary"), Is.EqualTo("第一行\n第二行 \"引用\""));
            Assert.That(seen.Texts("keywords"), Is.EqualTo(new[] { "提锂", "吸附" }));
            Assert.That(seen.GetProperty("price").GetRawText(), Is.EqualTo("""{"mode":"listed","amount":120000.50}"""));
            Assert.That(seen.GetProperty("holders").GetRawText(), Is.EqualTo("""[{"name":"某大学","share":60},{"name":"某公司","share":40}]"""));
            Assert.That(seen.GetProperty("publiclyFunded").GetBoolean(), Is.True);
            Assert.That(seen.Texts("modes"), Is.EqualTo(new[] { "licence", "transfer" }));
        }

        var line = """{"externalId":"csv-1","title":"提锂吸附剂，第一代","summary":"第一行\n第二行 \"引用\"","field":"newMaterials","keywords":["提锂","吸附"],"trl":6,"price":{"mode":"listed","amount":120000.5},"holders":[{"name":"某大学","share":60},{"name":"某公司","share":40}],"publiclyFunded":true,"modes":["licence","transfer"]}""";
        Assert.That((await owner.Client.Import("achievements", line)).Outcomes, Is.EqualTo(new[] { "unchanged" }));
    }

    [Test]
    public async Task A_csv_cell_may_hold_json_and_an_empty_one_is_nothing()
    {
        var owner = await market.Party("enterprise");
        var answer = await owner.Client.Import("demands",
            "externalId,title,description,field,budget.min,budget.max,minTrl,deadline,keywords\n"
            + "a,泵,耐腐蚀泵,advancedManufacturing,,500000,,2026-12-31,\"[\"\"泵;阀\"\"]\"\n", "text/csv");
        var seen = await owner.Client.GetJson($"demands/{answer[2].Text("id")}");
        Assert.That(seen.GetProperty("budget").GetRawText(), Is.EqualTo("""{"max":500000}"""));
        Assert.That(seen.Texts("keywords"), Is.EqualTo(new[] { "泵;阀" }));
        Assert.That(seen.Has("minTrl"), Is.False);
    }

    [Test]
    public async Task Faults_of_a_csv_record_are_located_by_member_and_first_line()
    {
        var owner = await market.Party("enterprise");
        var answer = await owner.Client.Import("demands",
            "externalId,title,description,field,budget.min,deadline\n"
            + "a,泵,\"两\n行\",advancedManufacturing,一百万,2026-02-30\n"
            + "\n"
            + "b,泵,缺列\n"
            + "c,\"泵\"x,耐腐蚀,advancedManufacturing,,\n"
            + "d,泵,耐腐蚀,advancedManufacturing,1.005,\n"
            + "e,泵,耐腐蚀,advancedManufacturing,1,\n"
            + "f,\"未闭合,耐腐蚀,advancedManufacturing,1,\n", "text/csv");
        Assert.That(answer.Lines.Select(line => line.GetProperty("line").GetInt32()), Is.EqualTo(new[] { 2, 5, 6, 7, 8, 9 }));
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "rejected", "rejected", "rejected", "rejected", "created", "rejected" }));
        Assert.That(answer[2].GetProperty("errors").EnumerateArray().Select(error => (error.Text("pointer"), error.Text("code"))),
            Is.EquivalentTo(new[] { ("/budget/min", "wrong-type"), ("/deadline", "invalid-date") }));
        Assert.That(answer[5].Codes(), Is.EqualTo(new[] { "required" }));
        Assert.That(answer[6].Codes().Concat(answer[9].Codes()), Is.All.EqualTo("malformed-csv"));
        Assert.That(answer[7].Codes(), Is.EqualTo(new[] { "invalid-money" }));
    }

    [TestCase("title,,field\n", TestName = "empty")]
    [TestCase("title,title\n", TestName = "repeated")]
    [TestCase("price,price.mode\n", TestName = "a part of another")]
    public async Task A_header_that_means_nothing_refuses_the_file(string header) =>
        await (await market.Party("university")).Client.PostFile("achievements", Encoding.UTF8.GetBytes(header), "text/csv").AssertProblem(400, "validation-failed");

    [TestCase(Importing.Ndjson)]
    [TestCase("text/csv")]
    public async Task A_line_in_broken_utf8_is_refused_where_it_breaks(string mediaType)
    {
        var owner = await market.Party("university");
        string Record(string id) => mediaType == "text/csv"
            ? $"{id},提锂吸附剂,用于盐湖卤水提锂的吸附材料,newMaterials\n"
            : $$"""{"externalId":"{{id}}","title":"提锂吸附剂","summary":"用于盐湖卤水提锂的吸附材料","field":"newMaterials"}""" + "\n";
        var broken = Encoding.UTF8.GetBytes(Record("b"));
        var at = Array.IndexOf(broken, (byte)0xE6);
        broken[at + 1] = (byte)'?';
        byte[] file =
        [
            .. Encoding.UTF8.GetBytes(mediaType == "text/csv" ? "externalId,title,summary,field\n" : "\n"), .. Encoding.UTF8.GetBytes(Record("a")),
            .. broken, .. Encoding.UTF8.GetBytes(Record("c")),
        ];
        var answer = await owner.Client.Import("achievements", file, mediaType);
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created", "rejected", "created" }));
        Assert.That(answer[3].Codes(), Is.EqualTo(new[] { "invalid-text" }));
        Assert.That(answer[3].GetProperty("errors")[0].Text("detail"), Does.Contain($"offset {at} "));
        Assert.That((await owner.Client.GetJson($"achievements/{answer[2].Text("id")}")).Text("title"), Is.EqualTo("提锂吸附剂"));
    }

    [TestCase(Importing.Ndjson, "{\"externalId\":\"", "\"}\n")]
    [TestCase("text/csv", "\"\n", "\"\n")]
    public async Task Ten_megabytes_in_a_line_are_refused_and_passed_over(string mediaType, string start, string end)
    {
        var owner = await market.Party("university");
        var csv = mediaType == "text/csv";
        string Record(string id) => csv ? $"{id},泵,耐腐蚀泵,advancedManufacturing\n" : Importing.Line(id);
        var file = (csv ? "externalId,title,summary,field\n" : "") + Record("a") + start + new string('x', 10 << 20) + end + Record("b");
        var answer = await owner.Client.Import("achievements", file, mediaType);
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created", "rejected", "created" }));
        Assert.That(answer.Lines[1].Codes(), Is.EqualTo(new[] { "line-too-long" }));
        Assert.That(answer.Lines[2].GetProperty("line").GetInt32(), Is.EqualTo(csv ? 5 : 3));
    }

    [Test]
    public async Task A_line_of_exactly_the_limit_is_read()
    {
        var owner = await market.Party("university");
        var line = Importing.Line("a").TrimEnd();
        var padded = line + new string(' ', (1 << 20) - Encoding.UTF8.GetByteCount(line));
        Assert.That((await owner.Client.Import("achievements", padded)).Outcomes, Is.EqualTo(new[] { "created" }));
        Assert.That((await owner.Client.Import("achievements", padded + " ")).Outcomes, Is.EqualTo(new[] { "rejected" }));
    }

    [Test]
    public async Task Half_a_file_leaves_what_was_acknowledged_and_nothing_else()
    {
        var owner = await market.Party("university");
        using (var socket = await RawPost.To(owner.Client, "imports/achievements"))
        {
            await socket.Chunk(Importing.Line("a") + Importing.Line("b"));
            var (one, other) = (await socket.Line(), await socket.Line());
            Assert.That(one + other, Does.Contain("\"a\"").And.Contain("\"b\"").And.Not.Contain("rejected"));
            await socket.Chunk(Importing.Line("c")[..40]);
        }

        var answer = await owner.Client.Import("achievements", Importing.Line("a") + Importing.Line("b") + Importing.Line("c"));
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "unchanged", "unchanged", "created" }));
    }

    [Test]
    public async Task A_client_that_sends_everything_before_it_reads_is_answered()
    {
        const int Lines = 60_000;
        var owner = await market.Party("university");
        var file = string.Concat(Enumerable.Repeat("{}\n", Lines));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var socket = await RawPost.To(owner.Client, "imports/achievements", $"Content-Length: {file.Length}\r\nConnection: close");
        await socket.Stream.WriteAsync(Encoding.UTF8.GetBytes(file), deadline.Token);
        var text = await socket.Reader.ReadToEndAsync(deadline.Token);
        Assert.That(text, Does.Contain($"\"lines\":{Lines.ToString(CultureInfo.InvariantCulture)},"));
    }
}
