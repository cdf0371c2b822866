using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Tests.Imports;

namespace Marketplace.Api.Tests.Http;

/// <summary>Texts, numbers and places as strangers send them, by one rule wherever they come in.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class SentValueTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase("0020")]
    [TestCase("3000")]
    [TestCase("00A0 000A")]
    [TestCase("200B")]
    [TestCase("FEFF")]
    [TestCase("2060 00AD")]
    [TestCase("3164")]
    [TestCase("2800")]
    [TestCase("FE0F 200D")]
    public Task A_text_that_shows_nothing_is_none(string characters) => IsRefusedEverywhere(characters, "invisible");

    [TestCase("0061 202E 0062")]
    [TestCase("2066 6CF5 2069")]
    [TestCase("0061 200F 0062")]
    [TestCase("0061 061C 0062")]
    [TestCase("0061 009D 0062")]
    [TestCase("0061 0001 0062")]
    [TestCase("0061 007F 0062")]
    [TestCase("0061 FFFF 0062")]
    public Task A_text_that_turns_others_around_or_holds_controls_is_refused(string characters) => IsRefusedEverywhere(characters, "invalid-text");

    /// <param name="characters">Their code points, for a name of a test can hold few of them.</param>
    async Task IsRefusedEverywhere(string characters, string code)
    {
        var text = string.Concat(characters.Split(' ').Select(point => (char)Convert.ToInt32(point, 16)));
        var owner = await market.Party("university");
        var id = await owner.Achievement();
        var line = Importing.Line("a", new { title = text });
        var batch = JsonSerializer.Serialize(new { policy = "xining-2020", facts = new { project = text } });
        foreach (var (pointer, sending) in new[]
        {
            ("/title", owner.Client.PostJson("achievements", Market.AchievementBody(new { title = text }))),
            ("/keywords/1", owner.Client.PostJson("achievements", Market.AchievementBody(new { keywords = new[] { "泵", text } }))),
            ("/confidential", owner.Client.PatchJson($"achievements/{id}", new { confidential = text }, await owner.Client.ETag($"achievements/{id}"))),
            ("/name", market.Admin.PostJson("parties", new { kind = "expert", name = text, region = "630100" })),
            ("/facts/project", market.Anonymous.Send(HttpMethod.Post, "evaluations", new StringContent(batch, Encoding.UTF8, "application/json"))),
            ("q", market.Anonymous.GetAsync($"achievements?q={Uri.EscapeDataString(text)}")),
        })
        {
            var problem = await sending.AssertProblem(400, "validation-failed", pointer);
            Assert.That(problem.GetProperty("errors")[0].Text("code"), Is.EqualTo(code), pointer);
        }

        Assert.That((await owner.Client.Import("achievements", line))[1].Codes(), Is.EqualTo(new[] { code }));
        foreach (var detail in new[] { "", "?detail=sums" })
        {
            using var answer = await market.Anonymous.Send(
                HttpMethod.Post, $"evaluations/batch{detail}", new StringContent(batch, Encoding.UTF8, "application/x-ndjson"));
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain($"\"/facts/project\",\"code\":\"{code}\""));
        }
    }

    [Test]
    public async Task What_is_invisible_beside_a_visible_character_stays_and_blanks_around_a_text_do_not()
    {
        var owner = await market.Party("university");
        var id = await owner.Achievement(new { title = " \u3000深\ufe00共晶 👨\u200d👩\u200d👧\n", summary = "cafe\u0301 ", keywords = new[] { " 泵 " } });
        var seen = await owner.Client.GetJson($"achievements/{id}");
        Assert.That((seen.Text("title"), seen.Text("summary"), seen.Texts("keywords")[0]), Is.EqualTo(("深\ufe00共晶 👨\u200d👩\u200d👧", "café", "泵")));
        await owner.Client.PostJson("achievements", Market.AchievementBody(new { title = new string('泵', 200) + "  " })).Json(201);
    }

    [Test]
    public async Task A_c1_control_is_named_with_where_it_comes_from()
    {
        var owner = await market.Party("university");
        var problem = await owner.Client.PostJson("achievements", Market.AchievementBody(new { summary = "so-called \u009d" })).AssertProblem(400, "validation-failed", "/summary");
        Assert.That(problem.GetProperty("errors")[0].Text("detail"), Does.Contain("U+009D").And.Contain("Windows-1252"));
    }

    [TestCase("100000.000", "100000")]
    [TestCase("1.000", "1")]
    [TestCase("1e5", "100000")]
    [TestCase("1E+05", "100000")]
    [TestCase("1.5e5", "150000")]
    [TestCase("99999999999999.990", "99999999999999.99")]
    [TestCase("1230e-3", "1.23")]
    public async Task Money_counts_by_its_value(string sent, string kept)
    {
        var owner = await market.Party();
        var body = Market.DemandBody(new { budget = new { } }).ToJsonString().Replace("\"budget\":{}", $$"""
            "budget":{"max":{{sent}}}
            """, StringComparison.Ordinal);
        var demand = await owner.Client.Send(HttpMethod.Post, "demands", new StringContent(body, Encoding.UTF8, "application/json")).Json(201);
        Assert.That(demand.GetProperty("budget").GetProperty("max").GetRawText(), Is.EqualTo(kept).Or.EqualTo(kept + "0"));
        var csv = await owner.Client.Import("demands", $"externalId,title,description,field,budget.max\na,泵,耐腐蚀泵,advancedManufacturing,{sent}\n", "text/csv");
        Assert.That(csv.Outcomes, Is.EqualTo(new[] { "created" }));
    }

    [TestCase("0.001")]
    [TestCase("1e-3")]
    [TestCase("1e14")]
    [TestCase("100000000000000")]
    [TestCase("-1")]
    public async Task Money_finer_than_a_fen_or_out_of_bounds_is_refused(string sent)
    {
        var body = """{"policy":"xining-2020","facts":{"technologyAmount":0}}""".Replace("0}", sent + "}", StringComparison.Ordinal);
        await market.Anonymous.Send(HttpMethod.Post, "evaluations", new StringContent(body, Encoding.UTF8, "application/json"))
            .AssertProblem(400, "validation-failed", "/facts/technologyAmount");
        using var answer = await market.Anonymous.Send(HttpMethod.Post, "evaluations/batch?detail=sums", new StringContent(body, Encoding.UTF8, "application/x-ndjson"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("invalid-money"));
    }

    [TestCase("5.0")]
    [TestCase("5e0")]
    [TestCase("50E-1")]
    public async Task A_whole_number_counts_by_its_value(string sent)
    {
        var owner = await market.Party();
        var body = Market.DemandBody(new { minTrl = 5 }).ToJsonString().Replace("\"minTrl\":5", $"\"minTrl\":{sent}", StringComparison.Ordinal);
        var demand = await owner.Client.Send(HttpMethod.Post, "demands", new StringContent(body, Encoding.UTF8, "application/json")).Json(201);
        Assert.That(demand.GetProperty("minTrl").GetRawText(), Is.EqualTo("5"));
        await market.Anonymous.GetJson($"demands?limit={sent}");
        await market.Anonymous.GetAsync("demands?limit=5.5").AssertProblem(400, "validation-failed", "limit");
        var csv = await owner.Client.Import("demands", $"externalId,title,description,field,minTrl\na,泵,耐腐蚀泵,advancedManufacturing,{sent}\nb,泵,耐腐蚀泵,advancedManufacturing,5.5\n", "text/csv");
        Assert.That(csv.Outcomes, Is.EqualTo(new[] { "created", "rejected" }));
    }

    [TestCase("""{"technologyAmount":2000000.000,"count":2.0}""")]
    [TestCase("""{"technologyAmount":2e6,"count":2e0}""")]
    public async Task Facts_count_by_their_value_alone_and_in_a_batch(string facts)
    {
        static string Sums(string text) => JsonNode.Parse(text)!["awards"]!.ToJsonString();
        async Task<string> Batch(string line)
        {
            using var answer = await market.Anonymous.Send(HttpMethod.Post, "evaluations/batch?detail=sums", new StringContent(line, Encoding.UTF8, "application/x-ndjson"));
            return Sums(await answer.Content.ReadAsStringAsync());
        }

        var plain = await Batch("""{"policy":"xining-2020","facts":{"technologyAmount":2000000,"count":2}}""");
        Assert.That(await Batch($$"""{"policy":"xining-2020","facts":{{facts}}}"""), Is.EqualTo(plain));
        await market.Anonymous.Send(HttpMethod.Post, "evaluations", new StringContent($$"""{"policy":"xining-2020","facts":{{facts}}}""", Encoding.UTF8, "application/json")).Json();
    }

    [TestCase("000000")]
    [TestCase("160000")]
    [TestCase("700000")]
    [TestCase("720000")]
    [TestCase("909999")]
    [TestCase("630001")]
    [TestCase("63010")]
    [TestCase("６３０１０２")]
    public async Task A_region_that_never_was_is_refused_everywhere(string region)
    {
        var owner = await market.Party();
        await market.Admin.PostJson("parties", new { kind = "expert", name = "某人", region }).AssertProblem(400, "validation-failed", "/region");
        await owner.Client.PostJson("demands", Market.DemandBody(new { region })).AssertProblem(400, "validation-failed", "/region");
        var body = JsonSerializer.Serialize(new { policy = "xining-2020", facts = new { buyerRegion = region } });
        await market.Anonymous.Send(HttpMethod.Post, "evaluations", new StringContent(body, Encoding.UTF8, "application/json")).AssertProblem(400, "validation-failed", "/facts/buyerRegion");
        using var answer = await market.Anonymous.Send(HttpMethod.Post, "evaluations/batch?detail=sums", new StringContent(body, Encoding.UTF8, "application/x-ndjson"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"/facts/buyerRegion\""));
    }

    [TestCase("330103")]
    [TestCase("630122")]
    [TestCase("630106")]
    [TestCase("419001")]
    [TestCase("469000")]
    [TestCase("710000")]
    [TestCase("810001")]
    [TestCase("990000")]
    public async Task A_region_that_is_was_or_will_be_is_taken(string region) =>
        await market.Admin.PostJson("parties", new { kind = "expert", name = "某人", region }).Json(201);

    [TestCase("710000")]
    [TestCase("810000")]
    [TestCase("820000")]
    [TestCase("990000")]
    public async Task A_party_outside_the_mainland_needs_no_credit_code_and_its_buyer_registers(string region)
    {
        var made = await market.Admin.PostJson("parties", new { kind = "university", name = $"University {region}", region }).Json(201);
        var seller = new TestParty(made.Text("id"), "university", market.Client(await market.Key(made.Text("id"), ["member"], $"dean {Guid.NewGuid():n}")));
        var buyer = await market.Party();
        var contract = await market.SignedContract(buyer, seller);
        Assert.That((await buyer.Client.GetJson($"contracts/{contract.Id}")).Texts("availableActions"), Does.Contain("submit"));
        Assert.That((await seller.Client.GetJson($"contracts/{contract.Id}")).Texts("availableActions"), Does.Not.Contain("submit"));
        await market.Admin.PostJson("parties", new { kind = "university", name = "a", region, creditCode = "1" }).AssertProblem(400, "validation-failed", "/creditCode");
    }

    [Test]
    public async Task Facts_that_contradict_each_other_are_refused_as_in_a_contract()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller, new { amount = 2_000_000, technologyAmount = 3_000_000 }))
            .AssertProblem(422, "technology-amount-above-amount", "/technologyAmount");
        foreach (var (facts, code, pointer) in new (object, string, string)[]
        {
            (new { amount = 2_000_000, technologyAmount = 3_000_000 }, "technology-amount-above-amount", "/facts/technologyAmount"),
            (new { signedOn = "2021-03-02", recognisedOn = "2021-03-01" }, "dates-order", "/facts/recognisedOn"),
        })
        {
            await market.Anonymous.PostJson("evaluations", new { policy = "xining-2020", facts }).AssertProblem(422, code, pointer);
            await market.Anonymous.PostJson("evaluations/compare", new { region = "630102", facts }).AssertProblem(422, code, pointer);
            foreach (var detail in new[] { "", "?detail=sums" })
            {
                using var answer = await market.Anonymous.Send(HttpMethod.Post, $"evaluations/batch{detail}", new StringContent(
                    JsonSerializer.Serialize(new { policy = "xining-2020", facts }), Encoding.UTF8, "application/x-ndjson"));
                Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain($"\"{pointer}\",\"code\":\"{code}\""));
            }
        }
    }

    [Test]
    public async Task An_award_of_less_than_a_fen_says_so()
    {
        var answer = await market.Anonymous.PostJson("evaluations", new
        {
            policy = "xining-2020", facts = new { kind = "transfer", technologyAmount = 0.01m, recognised = true, recognisedOn = "2021-03-01", brokered = false, contract = "C1" },
        }).Json();
        var award = answer.GetProperty("awards").EnumerateArray().First(one => one.Text("award") == "buyer");
        Assert.That(award.GetProperty("amount").GetDecimal(), Is.Zero);
        Assert.That(award.GetProperty("reasons").EnumerateArray().Select(reason => reason.Text("code")), Does.Contain("limited.rounding"));
        var contract = await market.RecognisedContract(change: new { amount = 0.01m });
        var refused = await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, idempotencyKey: Market.NewKey())
            .AssertProblem(422, "award-not-due", "/award");
        Assert.That(refused.Text("detail"), Does.Contain("Less than a fen is due"));
    }
}
