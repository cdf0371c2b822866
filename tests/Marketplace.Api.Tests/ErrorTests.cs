using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests;

/// <summary>Rows E1 to E4 of the contract: what is wrong with a body or a query, said completely and never as a 500.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ErrorTests(Database database)
{
    readonly Market market = Market.On(database);

    /// <summary>Bodies for the operations that read one before their query.</summary>
    static readonly Dictionary<string, object> Bodies = new()
    {
        ["/api/v1/evaluations"] = new { policy = "xining-2020", facts = new { } },
    };

    static readonly (string Fault, byte[] Body)[] Malformed =
    [
        ("not JSON", Utf8("hello")),
        ("nothing but space", Utf8(" ")),
        ("truncated", Utf8("""{"title":"a""")),
        ("a comment", Utf8("""{"title":"a"/*b*/}""")),
        ("a trailing comma", Utf8("""{"title":"a",}""")),
        ("two roots", Utf8("{}{}")),
        ("a duplicate member", Utf8("""{"title":"a","title":"b"}""")),
        ("a duplicate member, once escaped", Utf8("""{"title":"a","\u0074itle":"b"}""")),
        ("a duplicate member inside", Utf8("""{"budget":{"min":1,"min":2}}""")),
        ("an array as root", Utf8("[]")),
        ("a text as root", Utf8("\"title\"")),
        ("null as root", Utf8("null")),
        ("65 levels", Utf8(string.Concat(Enumerable.Repeat("{\"a\":", 64)) + "{}" + new string('}', 64))),
        ("100,000 levels", Utf8(new string('[', 100_000))),
        ("NaN", Utf8("""{"amount":NaN}""")),
        ("a name that is not UTF-8", [.. "{\"a"u8, 0xff, .. "\":1}"u8]),
        ("half a surrogate pair in a name", Utf8("""{"\ud800":1}""")),
    ];

    [Test]
    public async Task A_body_that_is_not_well_formed_is_malformed_everywhere()
    {
        var caller = await market.InEveryRole();
        var operations = Operation.Of(market).Where(operation => operation.TakesJson).ToList();
        Assert.That(operations, Has.Count.GreaterThan(15));
        foreach (var (fault, body) in Malformed)
        {
            foreach (var operation in operations)
            {
                TestContext.Out.WriteLine($"{operation}: {fault}");
                await caller.Send(new(operation.Method), operation.Address, Raw(body, operation.BodyType!)).AssertProblem(400, "malformed-json");
            }
        }
    }

    [Test]
    public async Task A_patch_that_is_not_well_formed_is_malformed()
    {
        foreach (var (client, address) in await Patchable())
        {
            var tag = await client.ETag(address);
            foreach (var (fault, body) in Malformed)
            {
                TestContext.Out.WriteLine($"{address}: {fault}");
                await client.Send(HttpMethod.Patch, address, Raw(body, "application/merge-patch+json"), null, tag).AssertProblem(400, "malformed-json");
            }
        }
    }

    [Test]
    public async Task Sixty_four_levels_are_well_formed()
    {
        var party = await market.Party();
        var deep = new string('[', 63) + new string(']', 63);
        await party.Client.PostJson("demands", $$"""{"title":"a","description":"b","field":"newMaterials","keywords":{{deep}}}""")
            .AssertProblem(400, "validation-failed", "/keywords/0");
    }

    [Test]
    public async Task A_byte_order_mark_before_the_body_is_let_pass()
    {
        var party = await market.Party();
        await party.Client.Send(HttpMethod.Post, "demands", Raw([.. "\uFEFF"u8, .. Utf8(Market.DemandBody().ToJsonString())], "application/json")).Json(201);
    }

    [Test]
    public async Task An_unknown_member_is_named_by_its_pointer_in_every_body()
    {
        var caller = await market.InEveryRole();
        foreach (var operation in Operation.Of(market).Where(operation => operation.TakesJson))
        {
            var problem = await caller.Send(new(operation.Method), operation.Address, Requests.Content("""{"sur/pr~ise":1}""")).AssertProblem(400, "unknown-field");
            Assert.That(problem.Places(), Does.Contain("/sur~1pr~0ise"), operation.ToString());
        }
    }

    [Test]
    public async Task An_unknown_member_is_named_inside_objects_and_lists()
    {
        var party = await market.Party("university");
        await party.Client.PostJson("demands", Market.DemandBody(new { budget = new { mni = 1 } })).AssertProblem(400, "unknown-field", "/budget/mni");
        await party.Client.PostJson("achievements", Market.AchievementBody(new { holders = new object[] { new { name = "a", share = 100 }, new { nmae = "b", share = 0 } } }))
            .AssertProblem(400, "unknown-field", "/holders/1/nmae", "/holders/1/name");
    }

    [Test]
    public async Task An_unknown_member_of_a_patch_is_named_even_where_it_is_null()
    {
        foreach (var (client, address) in await Patchable())
        {
            var tag = await client.ETag(address);
            await client.PatchJson(address, """{"surprise":1}""", tag).AssertProblem(400, "unknown-field", "/surprise");
            await client.PatchJson(address, """{"surprise":null}""", tag).AssertProblem(400, "unknown-field", "/surprise");
        }
    }

    [Test]
    public async Task An_unknown_query_parameter_is_named_everywhere()
    {
        var caller = await market.InEveryRole();
        foreach (var operation in Operation.Of(market))
        {
            var body = operation.HasQuery && operation.TakesJson
                ? Requests.Content(Bodies.GetValueOrDefault(operation.Route, new { }))
                : null;
            var problem = await caller.Send(new(operation.Method), operation.Address + "?surprise=1", body).AssertProblem(400, "unknown-field");
            Assert.That(problem.Places(), Is.EqualTo(new[] { "surprise" }), operation.ToString());
            Assert.That(problem.GetProperty("errors")[0].Has("parameter"), Is.True, operation.ToString());
        }
    }

    [Test]
    public async Task All_faults_come_in_one_answer()
    {
        var party = await market.Party();
        var problem = await party.Client.PostJson("demands", new
        {
            title = new string('长', 201), keywords = "提锂", field = "alchemy", deadline = "2026-02-30", minTrl = 10, budget = new { min = "5", max = 1.005 },
            modes = new[] { "licence", "gift" }, region = "6301",
        }).AssertProblem(400, "validation-failed");
        Assert.That(problem.GetProperty("errors").EnumerateArray().Select(e => $"{e.Text("pointer")} {e.Text("code")}"), Is.EquivalentTo(new[]
        {
            "/title too-long", "/keywords wrong-type", "/field unknown-code", "/deadline invalid-date", "/minTrl out-of-range",
            "/budget/min wrong-type", "/budget/max invalid-money", "/modes/1 unknown-code", "/region invalid-format", "/description required",
        }));
    }

    [TestCase("1.005")]
    [TestCase("1.101")]
    [TestCase("1000000000000000")]
    [TestCase("100000000000000")]
    [TestCase("99999999999999.999")]
    [TestCase("1e15")]
    [TestCase("1e-3")]
    [TestCase("-1")]
    [TestCase("-0.01")]
    [TestCase("\"100\"")]
    [TestCase("true")]
    [TestCase("[1]")]
    [TestCase("123456789012345678901234567890")]
    public async Task Money_is_a_number_of_yuan_with_at_most_two_decimals(string amount)
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        var body = market.ContractBody(buyer, seller).ToJsonString().Replace("\"amount\":1000000", $"\"amount\":{amount}", StringComparison.Ordinal);
        await buyer.Client.PostJson("contracts", body).AssertProblem(400, "validation-failed", "/amount");
    }

    [TestCase("0", "0")]
    [TestCase("0.5", "0.50")]
    [TestCase("99999.99", "99999.99")]
    [TestCase("99999999999999.99", "99999999999999.99")]
    [TestCase("3000000.00", "3000000")]
    public async Task Money_comes_back_to_the_fen(string sent, string answered)
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        var body = market.ContractBody(buyer, seller).ToJsonString().Replace("\"amount\":1000000", $"\"amount\":{sent}", StringComparison.Ordinal);
        var contract = await buyer.Client.PostJson("contracts", body).Json(201);
        Assert.That(contract.GetProperty("amount").GetRawText(), Is.EqualTo(answered));
    }

    [TestCase("""{"title":"a\u0000b"}""", "/title")]
    [TestCase("""{"title":"\ud800"}""", "/title")]
    [TestCase("""{"title":"\udc00\ud800"}""", "/title")]
    [TestCase("""{"title":"\uffff"}""", "/title")]
    [TestCase("""{"title":"\u0007"}""", "/title")]
    [TestCase("""{"field":"\ud800"}""", "/field")]
    [TestCase("""{"field":"\u0000"}""", "/field")]
    [TestCase("""{"deadline":"\ud800"}""", "/deadline")]
    [TestCase("""{"region":"\ud800"}""", "/region")]
    [TestCase("""{"keywords":["a","\ud800"]}""", "/keywords/1")]
    [TestCase("""{"modes":["\ud800"]}""", "/modes/0")]
    public async Task Text_that_no_database_can_keep_is_a_fault(string change, string pointer)
    {
        var party = await market.Party();
        var body = Market.DemandBody();
        var changed = change.TrimEnd('}') + "," + string.Join(',', body.Where(m => !change.Contains($"\"{m.Key}\"", StringComparison.Ordinal))
            .Select(m => $"\"{m.Key}\":{m.Value!.ToJsonString()}")) + "}";
        await party.Client.PostJson("demands", changed).AssertProblem(400, "validation-failed", pointer);
        await party.Client.PatchJson($"demands/{await party.Demand()}", change, "*").AssertProblem(400, "validation-failed", pointer);
    }

    [Test]
    public async Task Null_says_the_same_as_leaving_a_member_out()
    {
        var party = await market.Party("university");
        foreach (var name in new[] { "title", "description", "field" })
        {
            await party.Client.PostJson("demands", Null(Market.DemandBody(), name)).AssertProblem(400, "validation-failed", $"/{name}");
        }

        foreach (var name in new[] { "keywords", "modes", "kind", "budget", "region" })
        {
            var (without, with) = (Market.DemandBody(), Null(Market.DemandBody(), name));
            without.Remove(name);
            var (one, two) = (await party.Client.PostJson("demands", without).Json(201), await party.Client.PostJson("demands", with).Json(201));
            Assert.That(two.EnumerateObject().Select(m => m.Name), Is.EquivalentTo(one.EnumerateObject().Select(m => m.Name)));
        }

        foreach (var name in new[] { "rights", "holders", "publiclyFunded" })
        {
            await party.Client.PostJson("achievements", Null(Market.AchievementBody(), name)).Json(201);
        }

        await party.Client.PostJson("demands", Market.DemandBody(new { keywords = new string?[] { null } })).AssertProblem(400, "validation-failed", "/keywords/0");

        static JsonObject Null(JsonObject body, string name)
        {
            body[name] = null;
            return body;
        }
    }

    [Test]
    public async Task A_query_is_judged_by_the_same_rules()
    {
        var problem = await market.Anonymous.GetAsync("demands?limit=0&field=alchemy&region=x&owner=me&state=sold&mode=gift&q=%00").AssertProblem(400, "validation-failed");
        Assert.That(problem.Places(), Is.EquivalentTo(new[] { "limit", "field", "region", "owner", "state", "mode", "q" }));
        await market.Anonymous.GetAsync("demands?field=newMaterials&field=electronics").AssertProblem(400, "validation-failed", "field");
        await market.Anonymous.GetAsync("demands?limit=ten").AssertProblem(400, "validation-failed", "limit");
        await market.Anonymous.GetAsync("demands?limit=99999999999").AssertProblem(400, "validation-failed", "limit");
        await market.Anonymous.GetAsync("demands?limit=").AssertProblem(400, "validation-failed", "limit");
        await market.Anonymous.GetAsync("policies?on=2026-02-30").AssertProblem(400, "validation-failed", "on");
    }

    [Test]
    public async Task What_breaks_a_rule_of_the_market_names_the_limit_and_the_value()
    {
        var (party, other) = (await market.Party("university"), await market.Party());
        var order = await party.Client.PostJson("demands", Market.DemandBody(new { budget = new { min = 200, max = 100.5 } })).AssertProblem(422, "amount-order", "/budget/min");
        Assert.That(order.Text("detail"), Does.Contain("200").And.Contain("100.50"));
        await party.Client.PostJson("achievements", Market.AchievementBody(new { holders = new[] { new { name = "a", share = 99.5 } } })).AssertProblem(422, "shares-not-100", "/holders");
        await party.Client.PostJson("achievements", Market.AchievementBody(new { price = new { mode = "listed" } })).AssertProblem(422, "price-amount", "/price/amount");
        await party.Client.PostJson("contracts", market.ContractBody(other, party, new { technologyAmount = 1000001 })).AssertProblem(422, "technology-amount-above-amount", "/technologyAmount");
        await party.Client.PostJson("contracts", market.ContractBody(party, party)).AssertProblem(422, "same-party", "/seller");
        await party.Client.PostJson("contracts", market.ContractBody(other, party, new { startsOn = "2026-05-02", endsOn = "2026-05-01" })).AssertProblem(422, "dates-order", "/endsOn");
        await party.Client.PostJson("contracts", market.ContractBody(other, party, new { buyer = "pty_00000000000000000000000000" })).AssertProblem(422, "unknown-reference", "/buyer");
        await market.Admin.PostJson("parties", new { kind = "enterprise", name = "a", region = "630102" }).AssertProblem(422, "credit-code-required", "/creditCode");
    }

    [Test]
    public async Task A_check_digit_that_fails_is_a_fault_of_the_value()
    {
        var code = CreditCodes.New();
        foreach (var place in new[] { 16, 17 })
        {
            var broken = code[..place] + (code[place] == '0' ? '1' : '0') + code[(place + 1)..];
            await market.Admin.PostJson("parties", new { kind = "enterprise", name = "a", creditCode = broken, region = "630102" })
                .AssertProblem(400, "validation-failed", "/creditCode");
        }

        var party = await market.Party("university");
        await party.Client.PostJson("achievements", Market.AchievementBody(new { rights = new[] { new { kind = "inventionPatent", number = "ZL201710601862.4" } } }))
            .AssertProblem(400, "validation-failed", "/rights/0/number");
        await party.Client.PostJson("achievements", Market.AchievementBody(new { rights = new[] { new { kind = "inventionPatent", number = "ZL201710601862.3" } } })).Json(201);
    }

    [Test]
    public async Task An_id_of_another_kind_names_nothing()
    {
        var caller = await market.InEveryRole();
        var party = await market.Party();
        var demand = await market.PublishedDemand(party);
        foreach (var operation in Operation.Of(market).Where(o => o.Method == "GET" && o.Route.Contains("{id}", StringComparison.Ordinal)))
        {
            foreach (var id in new[] { demand, party.Id, "1", "dem_", "%F0%9F%92%A7", new string('x', 300), "..%2f..%2fparties" })
            {
                if (!operation.Route.StartsWith("/api/v1/" + (id == demand ? "demands" : "parties"), StringComparison.Ordinal))
                {
                    await caller.GetAsync(operation.Route.Replace("{id}", id, StringComparison.Ordinal)).AssertProblem(404, "not-found");
                }
            }
        }

        await party.Client.PostJson("introductions", new { demand = party.Id, message = "a" }).AssertProblem(400, "validation-failed", "/demand");
        await market.Anonymous.GetAsync($"demands?owner={demand}").AssertProblem(400, "validation-failed", "owner");
    }

    /// <summary>One resource of each kind that can be patched, and who may.</summary>
    async Task<(HttpClient Client, string Address)[]> Patchable()
    {
        var (enterprise, university) = (await market.Party(), await market.Party("university"));
        return
        [
            (market.Admin, $"parties/{enterprise.Id}"),
            (enterprise.Client, $"demands/{await enterprise.Demand()}"),
            (university.Client, $"achievements/{await university.Achievement()}"),
            (enterprise.Client, $"contracts/{(await market.DraftContract(enterprise, university)).Id}"),
            (enterprise.Client, $"subscriptions/{(await enterprise.Client.PostJson("subscriptions", new { name = "a", text = "b" }).Json(201)).Text("id")}"),
        ];
    }

    static ByteArrayContent Raw(byte[] body, string mediaType) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
