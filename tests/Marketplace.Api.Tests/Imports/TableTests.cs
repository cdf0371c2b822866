using System.Globalization;
using System.IO.Compression;
using System.Text;
using Marketplace.Api.Imports;
using MiniExcelLibs;

namespace Marketplace.Api.Tests.Imports;

/// <summary>Tables as offices have them: what spreadsheets write, in CSV and as workbooks, with Chinese headings, labels and days.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class TableTests(Database database)
{
    const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    const string Header = "externalId,title,description,field,keywords,modes,minTrl,deadline\n";

    static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    readonly Market market = Market.On(database);

    [Test]
    public async Task Cells_that_are_empty_at_the_end_may_be_missing_or_too_many_and_rows_of_commas_are_none()
    {
        var owner = await market.Party();
        var answer = await owner.Client.Import("demands",
            "externalId,title,description,field,keywords,modes,,\na,泵,耐腐蚀泵,newMaterials\n,,,,,,,\nb,泵,耐腐蚀泵,newMaterials,,,,,,\n,,\n\"\",,,\nc,泵,耐腐蚀泵,newMaterials,,,,,x\n", "text/csv");
        Assert.That(answer.Lines.Select(line => (line.GetProperty("line").GetInt32(), line.Text("outcome"))), Is.EqualTo(new[] { (2, "created"), (4, "created"), (7, "rejected") }));
        Assert.That(answer[7].Codes(), Is.EqualTo(new[] { "malformed-csv" }));
    }

    [TestCase("", ';')]
    [TestCase("", '\t')]
    [TestCase("sep=,\r\n", ',')]
    [TestCase("sep=;\n", ';')]
    [TestCase("\"sep=;\"\n", ';')]
    public async Task Cells_are_parted_by_what_the_header_or_its_own_line_says(string line, char mark)
    {
        var owner = await market.Party();
        var file = line + Header.Replace(',', mark) + $"a{mark}\"泵{mark}阀\n二\"{mark}耐腐蚀, 泵{mark}newMaterials\n".Replace(", ", mark == ',' ? "" : ", ", StringComparison.Ordinal);
        var answer = await owner.Client.Import("demands", file, "text/csv");
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created" }));
        Assert.That((await owner.Client.GetJson($"demands/{answer.Lines[0].Text("id")}")).Text("title"), Is.EqualTo($"泵{mark}阀\n二"));
    }

    [TestCase("sep=|\nexternalId|title\n", "")]
    [TestCase("externalId|title|description|field\na|b|c|d\n", "/externalId|title|description|field")]
    public async Task Other_marks_are_refused_once(string file, string place) =>
        await (await market.Party()).Client.PostFile("demands", Encoding.UTF8.GetBytes(file), "text/csv").AssertProblem(400, place.Length == 0 ? "validation-failed" : "unknown-field", place);

    [TestCase("utf-16")]
    [TestCase("utf-16BE")]
    public async Task Utf_16_is_read_by_its_mark(string name)
    {
        var owner = await market.Party();
        var encoding = Encoding.GetEncoding(name);
        byte[] file = [.. encoding.GetPreamble(), .. encoding.GetBytes(Header.Replace(',', '\t') + "a\t泵𠮷\t耐腐蚀泵\tnewMaterials\r\n")];
        var answer = await owner.Client.Import("demands", file, "text/csv");
        Assert.That((await owner.Client.GetJson($"demands/{answer.Lines[0].Text("id")}")).Text("title"), Is.EqualTo("泵𠮷"));
        byte[] broken = [.. encoding.GetPreamble(), .. encoding.GetBytes(Header + "a,"), .. encoding == Encoding.Unicode ? new byte[] { 0, 0xDC } : [0xDC, 0], .. encoding.GetBytes(",b\n")];
        using var refused = await owner.Client.PostFile("demands", broken, "text/csv");
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("UTF-16"));
    }

    [Test]
    public async Task A_short_text_that_could_be_two_encodings_is_the_one_it_makes_sense_in_or_is_refused()
    {
        var owner = await market.Party();
        byte[] File(byte[] title) => [.. Encoding.UTF8.GetBytes("externalId,title,description,field\na,"), .. title, .. Encoding.UTF8.GetBytes(",pump,newMaterials\n")];
        async Task<string> Title(byte[] title)
        {
            var answer = await owner.Client.Import("demands", File(title), "text/csv");
            return (await owner.Client.GetJson($"demands/{answer.Lines[0].Text("id")}")).Text("title");
        }

        Assert.That(await Title(Gb18030.GetBytes("通")), Is.EqualTo("通"));
        Assert.That(await Title(Gb18030.GetBytes("5G通")), Is.EqualTo("5G通"));
        foreach (var text in new[] { "Müller", "25°C pump", "привет", "café" })
        {
            Assert.That(await Title(Encoding.UTF8.GetBytes(text)), Is.EqualTo(text));
        }

        Assert.That((await owner.Client.Import("demands", File(Encoding.UTF8.GetBytes("so-called \u009d")), "text/csv"))[2].Codes(), Is.EqualTo(new[] { "invalid-text" }));
        await owner.Client.PostFile("demands", File(Encoding.UTF8.GetBytes("α-helix")), "text/csv").AssertProblem(400, "validation-failed");
        var problem = await owner.Client.PostFile("demands", File(Gb18030.GetBytes("每")), "text/csv").AssertProblem(400, "validation-failed");
        Assert.That(problem.GetProperty("errors")[0].Text("code"), Is.EqualTo("ambiguous-encoding"));
        Assert.That((await owner.Client.Import("demands", File(Gb18030.GetBytes("每")), "text/csv; charset=gbk")).Outcomes, Is.EqualTo(new[] { "updated" }));
    }

    [TestCase("提锂；吸附", "提锂|吸附")]
    [TestCase("提锂、吸附、膜", "提锂|吸附|膜")]
    [TestCase("提锂，吸附", "提锂|吸附")]
    [TestCase("提锂,吸附", "提锂|吸附")]
    [TestCase("lithium, sorbent", "lithium|sorbent")]
    [TestCase("1,3-丙二醇、N,N-二甲基甲酰胺", "1,3-丙二醇|N,N-二甲基甲酰胺")]
    [TestCase("1,3-丙二醇", "1,3-丙二醇")]
    [TestCase("泵、阀;管", "泵、阀|管")]
    public async Task Lists_are_parted_as_people_part_them(string cell, string parts)
    {
        var owner = await market.Party();
        var answer = await owner.Client.Import("demands", $"externalId,title,description,field,keywords\na,泵,耐腐蚀泵,newMaterials,\"{cell}\"\n", "text/csv");
        Assert.That((await owner.Client.GetJson($"demands/{answer.Lines[0].Text("id")}")).Texts("keywords"), Is.EqualTo(parts.Split('|')));
    }

    [Test]
    public async Task A_chinese_table_is_read_by_its_headings_labels_and_days()
    {
        var owner = await market.Party("university");
        var answer = await owner.Client.Import("achievements",
            "成果编号,成果名称*,简介（必填）,技术领域,关键词,地区,合作方式,技术成熟度,定价方式,价格（元）,是否财政资金,权利人,知识产权\n"
            + "a,提锂吸附剂,用于盐湖,新材料,提锂、吸附,西宁市,技术许可；技术转让,6,挂牌,120000.50,是,某大学：60；某公司：40,发明专利：ZL 2017 1 0601862.3\n", "text/csv");
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created" }), answer.Lines[0].GetRawText());
        var seen = await owner.Client.GetJson($"achievements/{answer.Lines[0].Text("id")}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((seen.Text("field"), seen.Text("region"), seen.GetProperty("publiclyFunded").GetBoolean()), Is.EqualTo(("newMaterials", "630100", true)));
            Assert.That(seen.Texts("modes"), Is.EqualTo(new[] { "licence", "transfer" }));
            Assert.That(seen.GetProperty("price").GetRawText(), Is.EqualTo("""{"mode":"listed","amount":120000.50}"""));
            Assert.That(seen.GetProperty("holders").GetRawText(), Is.EqualTo("""[{"name":"某大学","share":60},{"name":"某公司","share":40}]"""));
            Assert.That(seen.GetProperty("rights").GetRawText(), Is.EqualTo("""[{"kind":"inventionPatent","number":"ZL201710601862.3"}]"""));
        }
    }

    [TestCase("2027/6/30")]
    [TestCase("2027年6月30日")]
    [TestCase("2027-06-30 00:00:00")]
    [TestCase("2027/6/30 0:00")]
    [TestCase("２０２７／６／３０")]
    public async Task Days_are_read_as_excel_writes_them(string day)
    {
        var owner = await market.Party();
        var answer = await owner.Client.Import("demands",
            $"需求编号,需求名称,需求描述,领域,类型,截止日期\na,泵,耐腐蚀泵,新能源,技术难题,{day}\nb,泵,耐腐蚀泵,新,技术,46568\nc,泵,耐腐蚀泵,新材料,应用场景,2027/2/30\nd,泵,耐腐蚀泵,新材料,应用场景,2027-06-30 08:00:00\n", "text/csv");
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created", "rejected", "rejected", "rejected" }));
        var seen = await owner.Client.GetJson($"demands/{answer.Lines[0].Text("id")}");
        Assert.That((seen.Text("deadline"), seen.Text("field"), seen.Text("kind")), Is.EqualTo(("2027-06-30", "newEnergy", "problem")));
        Assert.That(answer[3].Codes(), Is.EquivalentTo(new[] { "unknown-code", "unknown-code", "invalid-date" }));
    }

    [Test]
    public async Task What_is_wrong_with_the_header_is_told_once()
    {
        var owner = await market.Party();
        var rows = string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},泵,耐腐蚀泵,newMaterials,5,published\n"));
        var problem = await owner.Client.PostFile("demands", Encoding.UTF8.GetBytes("externalId,标题,描述,领域,预算(万元),state\n" + rows), "text/csv")
            .AssertProblem(400, "unknown-field", "/预算(万元)", "/state");
        Assert.That(problem.Places(), Has.Length.EqualTo(2));
        Assert.That((await owner.Client.PostFile("demands", Encoding.UTF8.GetBytes("title,descriptio\n" + rows), "text/csv")
            .AssertProblem(400, "unknown-field", "/descriptio", "/description", "/field", "/externalId")).GetRawText(), Does.Contain("Did you mean description"));
        var wide = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"c{i}"));
        await owner.Client.PostFile("demands", Encoding.UTF8.GetBytes(wide + "\n"), "text/csv").AssertProblem(400, "validation-failed");
    }

    [Test]
    public async Task A_column_names_the_owner_of_each_record_for_officials_alone()
    {
        var (one, other, moderator) = (await market.Party(), await market.Party(), await market.As("moderator"));
        var code = (await market.Admin.GetJson($"parties/{other.Id}")).Text("creditCode");
        var file = $"externalId,title,description,field,归属方\na,泵,耐腐蚀泵,newMaterials,{one.Id}\na,阀,耐腐蚀阀,newMaterials,{code}\nb,阀,耐腐蚀阀,newMaterials,\nc,阀,耐腐蚀阀,newMaterials,{(await market.Party("broker")).Id}\n";
        var answer = await moderator.Import("demands?publish=true", file, "text/csv");
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created", "created", "rejected", "rejected" }));
        Assert.That((answer[4].Codes()[0], answer[5].Codes()[0]), Is.EqualTo(("owner-required", "unknown-reference")));
        Assert.That((await market.Anonymous.GetJson($"demands/{answer[3].Text("id")}")).Text("owner"), Is.EqualTo(other.Id));
        Assert.That((await moderator.Import("demands", file, "text/csv")).Outcomes, Is.EqualTo(new[] { "unchanged", "unchanged", "rejected", "rejected" }));
        Assert.That((await moderator.Import($"demands?owner={one.Id}", "externalId,title,description,field,owner\nb,阀,耐腐蚀阀,newMaterials,\n", "text/csv")).Outcomes, Is.EqualTo(new[] { "created" }));
        var own = await one.Client.Import("demands", file, "text/csv");
        Assert.That(own.Outcomes, Is.EqualTo(new[] { "unchanged", "rejected", "unchanged", "rejected" }));
        Assert.That(own[3].Codes(), Is.EqualTo(new[] { "forbidden" }));
        await moderator.PostFile("demands", Encoding.UTF8.GetBytes(Header), "text/csv").AssertProblem(422, "owner-required");
    }

    [Test]
    public async Task The_same_id_twice_in_a_file_is_told_and_overwrites_nothing()
    {
        var owner = await market.Party("university");
        var file = Importing.Line("a") + Importing.Line("b") + Importing.Line("a", new { title = "另一项" }) + Importing.Line("b");
        var answer = await owner.Client.Import("achievements", file);
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created", "created", "rejected", "unchanged" }));
        Assert.That(answer[3].Codes(), Is.EqualTo(new[] { "repeated" }));
        Assert.That((await owner.Client.Import("achievements", file)).Outcomes, Is.EqualTo(new[] { "unchanged", "unchanged", "rejected", "unchanged" }));
    }

    [TestCase("application/vnd.ms-excel")]
    [TestCase("Application/vnd.MS-Excel; charset=gbk")]
    public async Task A_browsers_name_for_csv_is_csv(string mediaType)
    {
        var owner = await market.Party();
        Assert.That((await owner.Client.Import("demands", Gb18030.GetBytes(Header + "a,泵,耐腐蚀泵,newMaterials\n"), mediaType)).Outcomes, Is.EqualTo(new[] { "created" }));
        var problem = await owner.Client.PostFile("demands", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0, 10, 0], mediaType).AssertProblem(400, "validation-failed");
        Assert.That(problem.GetProperty("errors")[0].Text("detail"), Does.Contain(".xls"));
    }

    [Test]
    public async Task A_workbook_says_the_same_as_a_csv_file_by_row()
    {
        var owner = await market.Party();
        var file = Book(
            ["externalId", "标题", "描述", "领域", "预算上限(元)", "最低成熟度", "截止日期", "地区", "关键词"],
            ["a", "泵", "耐腐蚀泵", "新材料", 100000.5, 5, new DateTime(2027, 6, 30), 630102, "泵、阀"],
            [null, null, null, null, null, null, null, null, null],
            ["b", "阀", "耐腐蚀阀", "新材料", "abc", 5.5, "2027/6/30", "西宁市", null],
            [3, "管", "耐腐蚀管", "新材料", 0.001, null, null, null, null]);
        var answer = await owner.Client.Import("demands", file, Xlsx);
        Assert.That(answer.Lines.Select(line => (line.GetProperty("line").GetInt32(), line.Text("outcome"))), Is.EqualTo(new[] { (2, "created"), (4, "rejected"), (5, "rejected") }));
        Assert.That(answer[4].GetProperty("errors").EnumerateArray().Select(error => error.Text("pointer")), Is.EquivalentTo(new[] { "/budget/max", "/minTrl" }));
        Assert.That((answer[5].Text("externalId"), answer[5].Codes()[0]), Is.EqualTo(("3", "invalid-money")));
        var csv = "externalId,title,description,field,budget.max,minTrl,deadline,region,keywords\na,泵,耐腐蚀泵,newMaterials,100000.5,5,2027-06-30,630102,泵;阀\n";
        Assert.That((await owner.Client.Import("demands", csv, "text/csv")).Outcomes, Is.EqualTo(new[] { "unchanged" }));
    }

    [Test]
    public async Task A_workbook_comes_from_the_shell_too()
    {
        var owner = await market.Party();
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.xlsx");
        await File.WriteAllBytesAsync(path, Book(["externalId", "title", "description", "field", "owner"], ["a", "泵", "耐腐蚀泵", "newMaterials", owner.Id], ["b", "泵", "", "newMaterials", owner.Id]));
        try
        {
            using var output = new StringWriter();
            Assert.That(await new ImportCommand(["demands", path]).Run(market.Services, output, TextWriter.Null, onTerminal: false), Is.EqualTo(2));
            Assert.That(output.ToString(), Does.StartWith("3 b: /description required"));
            Assert.That((await owner.Client.GetJson($"demands?owner={owner.Id}")).Ids(), Has.Length.EqualTo(1));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public async Task What_is_no_workbook_or_too_large_a_one_is_refused_with_bounded_work()
    {
        var owner = await market.Party();
        var cells = new byte[1 << 20];
        Array.Fill(cells, (byte)' ');
        using var bomb = new MemoryStream();
        using (var parts = new ZipArchive(bomb, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var sheet = parts.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).Open();
            for (var i = 0; i < 300; i++)
            {
                sheet.Write(cells);
            }
        }

        using var many = new MemoryStream();
        using (var parts = new ZipArchive(many, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < 1_001; i++)
            {
                parts.CreateEntry($"{i}");
            }
        }

        using var empty = new MemoryStream();
        using (new ZipArchive(empty, ZipArchiveMode.Create, leaveOpen: true))
        {
        }

        var wide = Enumerable.Range(0, 501).Select(i => (object?)$"c{i}").ToArray();
        foreach (var (file, code) in new (byte[], string)[]
        {
            ("a,b\n"u8.ToArray(), "malformed-xlsx"), ([], "malformed-xlsx"), (bomb.ToArray(), "too-long"), (many.ToArray(), "too-long"), (empty.ToArray(), "malformed-xlsx"),
            (new byte[33 << 20], "too-long"), (Book(wide), "too-long"), (Book(["externalId", "title"])[..^300], "malformed-xlsx"),
        })
        {
            var problem = await owner.Client.PostFile("demands", file, Xlsx).AssertProblem(400, "validation-failed");
            Assert.That(problem.GetProperty("errors")[0].Text("code"), Is.EqualTo(code));
        }
    }

    [Test]
    public async Task An_import_stops_when_its_key_is_revoked()
    {
        var party = await market.Party("university");
        var key = await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "member" }, person = $"Importer {Guid.NewGuid():n}" }).Json(201);
        using var socket = await RawPost.To(market.Client(key.Text("key")), "imports/achievements");
        await socket.Chunk(Importing.Line("a"));
        Assert.That(await socket.Line(), Does.Contain("created"));
        using var revoked = await market.Admin.DeleteAsync($"keys/{key.Text("id")}");
        Assert.That(revoked.IsSuccessStatusCode, Is.True);
        await socket.Chunk(Importing.Line("b"));
        Assert.That(await socket.Line(), Does.Contain("unauthenticated").And.Contain("\"soFar\":{\"lines\":1,"));
        Assert.That((await party.Client.GetJson($"achievements?owner={party.Id}")).Ids(), Has.Length.EqualTo(1));
    }

    static byte[] Book(params object?[][] rows)
    {
        using var file = new MemoryStream();
        file.SaveAs(
            rows.Select(row => row.Select((cell, i) => (Key: i.ToString("d4", CultureInfo.InvariantCulture), cell)).ToDictionary(pair => pair.Key, pair => pair.cell)),
            printHeader: false);
        return file.ToArray();
    }
}
