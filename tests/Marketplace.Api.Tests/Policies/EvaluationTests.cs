using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Policies;

namespace Marketplace.Api.Tests.Policies;

/// <summary>What anybody may ask: what a policy would pay for stated facts, and why.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class EvaluationTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase("2000000", "60000.00", "20000.00")]
    [TestCase("3333333.33", "99999.99", "33333.33")]
    [TestCase("3333333.34", "100000.00", "33333.33")]
    [TestCase("8000000", "100000.00", "50000.00")]
    [TestCase("0.33", "0.00", "0.00")]
    [TestCase("99999999999999.99", "100000.00", "50000.00")]
    public async Task Buyer_and_broker_are_granted_what_the_measures_say(string technologyAmount, string buyer, string broker)
    {
        var answer = await Evaluate(Facts(new { technologyAmount = Number(technologyAmount) }));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Granted(answer, "buyer"), Is.EqualTo(Yuan(buyer)));
            Assert.That(Granted(answer, "broker"), Is.EqualTo(Yuan(broker)));
            Assert.That(Award(answer, "buyer").Text("payee"), Is.EqualTo("buyer"));
            Assert.That(Award(answer, "broker").Text("payee"), Is.EqualTo("broker"));
            Assert.That(answer.Text("policy"), Is.EqualTo("xining-2020"));
        }
    }

    [Test]
    public async Task A_receipt_agrees_with_what_it_was_given_for_and_names_what_was_changed_since()
    {
        var given = Facts();
        var receipt = (await market.Anonymous.PostJson("evaluations?receipt=true", new { policy = "xining-2020", facts = given }).Json()).GetProperty("receipt");
        Assert.That((await Verify(given, receipt)).GetRawText(), Is.EqualTo("""{"agrees":true}"""));
        Assert.That((await Verify(Facts(new { technologyAmount = 1_999_999.99m }), receipt)).Text("differs"), Is.EqualTo("facts"));
        var altered = JsonNode.Parse(receipt.GetRawText())!.AsObject();
        altered["answer"] = new string('0', 64);
        Assert.That((await Verify(given, altered)).Text("differs"), Is.EqualTo("hash"));

        Task<JsonElement> Verify(object facts, object claimed) =>
            market.Anonymous.PostJson("evaluations/verify", new { policy = "xining-2020", facts, receipt = claimed }).Json();
    }

    [Test]
    public async Task A_major_project_waits_for_a_decision_between_its_bounds()
    {
        var major = Award(await Evaluate(Facts()), "major");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(major.Text("outcome"), Is.EqualTo("needsDecision"));
            Assert.That(major.Has("amount"), Is.False);
            Assert.That(major.GetProperty("range").GetRawText(), Is.EqualTo("""{"low":0,"high":1000000}"""), "nobody has found yet that it is one");
            Assert.That(Codes(major)[..4], Is.EqualTo(new[] { "open.caseDecision", "open.assessment", "open.assessment", "open.assessment" }));
        }

        object[] Found(bool effect) => [new { name = "majorProject", holds = true }, new { name = "dealCompleted", holds = true }, new { name = "remarkableEffect", holds = effect }];
        Assert.That(Award(await Evaluate(Facts(new { findings = Found(true) })), "major").GetProperty("range").GetRawText(), Is.EqualTo("""{"low":500000,"high":1000000}"""));
        Assert.That(Codes(Award(await Evaluate(Facts(new { findings = Found(false) })), "major")), Is.EqualTo(new[] { "refused.assessment" }));
    }

    [Test]
    public async Task A_grant_of_an_award_that_the_policy_does_not_have_is_refused_where_it_stands()
    {
        object[] history = [new { award = "broker", project = "P1", contract = "C0", amount = 1 }, new { award = "brokers", project = "P1", contract = "C0", amount = 45000 }];
        await market.Anonymous.PostJson("evaluations", new { policy = "xining-2020", facts = Facts(), history }).AssertProblem(422, "unknown-reference", "/history/1/award");
    }

    [TestCase("consulting")]
    [TestCase("service")]
    public async Task A_kind_that_the_measures_do_not_name_is_refused_and_is_an_answer_like_any_other(string kind)
    {
        var answer = await Evaluate(Facts(new { kind }));
        foreach (var award in answer.GetProperty("awards").EnumerateArray())
        {
            Assert.That(award.Text("outcome"), Is.EqualTo("refused"));
            Assert.That(award.GetProperty("amount").GetDecimal(), Is.Zero);
            Assert.That(Codes(award), Does.Contain("refused.kind"));
            Assert.That(award.GetProperty("reasons")[0].Text("clause"), Is.EqualTo("kinds"));
        }
    }

    [Test]
    public async Task Without_a_broker_only_the_broker_goes_empty()
    {
        var answer = await Evaluate(Facts(new { brokered = false }));
        Assert.That(Award(answer, "broker").Text("outcome"), Is.EqualTo("refused"));
        Assert.That(Codes(Award(answer, "broker")), Is.EqualTo(new[] { "refused.notBrokered" }));
        Assert.That(Granted(answer, "buyer"), Is.EqualTo(60000));
    }

    [TestCase("2020-08-18", "refused.beforeInForce")]
    [TestCase("2020-08-19", "granted.rate")]
    public async Task The_measures_pay_from_their_first_day(string recognisedOn, string code)
    {
        Assert.That(Codes(Award(await Evaluate(Facts(new { recognisedOn })), "buyer"))[0], Is.EqualTo(code));
    }

    [TestCase("""{"technologyAmount":2000000}""", "buyer", "kind", "recognised", "recognisedOn")]
    [TestCase("""{"kind":"transfer","recognised":true,"recognisedOn":"2021-03-01","brokered":true}""", "buyer", "technologyAmount")]
    [TestCase("""{"kind":"transfer","technologyAmount":2000000,"recognised":true,"recognisedOn":"2021-03-01"}""", "broker", "brokered")]
    [TestCase("{}", "major", "kind", "recognised", "recognisedOn", "findings")]
    public async Task An_award_stays_open_and_names_the_facts_that_would_settle_it(string facts, string award, params string[] missing)
    {
        var open = Award(await Evaluate(JsonNode.Parse(facts)!.AsObject()), award);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(open.Text("outcome"), Is.EqualTo("open"));
            Assert.That(open.Texts("missingFacts"), Is.EquivalentTo(missing));
            Assert.That(open.Has("amount"), Is.False);
            Assert.That(open.Has("range"), Is.True);
        }
    }

    [Test]
    public async Task A_fact_that_cannot_change_a_refusal_is_not_asked_for()
    {
        var buyer = Award(await Evaluate(JsonNode.Parse("""{"kind":"consulting"}""")!.AsObject()), "buyer");
        Assert.That(buyer.Text("outcome"), Is.EqualTo("refused"));
        Assert.That(buyer.Has("missingFacts"), Is.False);
    }

    [Test]
    public async Task Earlier_grants_of_the_project_leave_the_broker_what_is_left()
    {
        var history = new[] { new { award = "broker", project = "P1", contract = "C0", on = "2021-01-04", amount = 45000 } };
        var answer = await Evaluate(Facts(), history);
        Assert.That(Granted(answer, "broker"), Is.EqualTo(5000));
        Assert.That(Codes(Award(answer, "broker")), Does.Contain("limited.history"));
        Assert.That(Granted(answer, "buyer"), Is.EqualTo(60000));
    }

    [Test]
    public async Task A_project_that_used_up_its_cap_gets_nothing_more_and_is_told_why()
    {
        var history = new[] { new { award = "broker", project = "P1", amount = 50000 } };
        var broker = Award(await Evaluate(Facts(), history), "broker");
        Assert.That(broker.Text("outcome"), Is.EqualTo("refused"));
        Assert.That(Codes(broker), Is.EqualTo(new[] { "limited.history" }));
    }

    [Test]
    public async Task What_other_projects_got_does_not_count()
    {
        var history = new[] { new { award = "broker", project = "P2", contract = "C9", amount = 50000 } };
        Assert.That(Granted(await Evaluate(Facts(), history), "broker"), Is.EqualTo(20000));
    }

    [Test]
    public async Task City_and_park_share_a_grant_to_the_fen()
    {
        var shares = Award(await Evaluate(Facts(new { technologyAmount = 3333333.33m })), "buyer").GetProperty("shares");
        Assert.That(shares.GetRawText(), Is.EqualTo("""[{"payer":"city","amount":49999.99},{"payer":"park","amount":50000}]"""));
    }

    [Test]
    public async Task Steps_are_told_when_asked_for_each_in_the_callers_language_and_resting_on_earlier_ones()
    {
        Assert.That(Award(await Evaluate(Facts()), "buyer").Has("steps"), Is.False);
        var english = Award(await Evaluate(Facts(new { technologyAmount = 8000000 }), query: "?explain=true"), "buyer").GetProperty("steps").EnumerateArray().ToList();
        for (var i = 0; i < english.Count; i++)
        {
            Assert.That(english[i].GetProperty("id").GetInt32(), Is.EqualTo(i + 1));
            Assert.That(english[i].GetProperty("inputs").EnumerateArray().Select(input => input.GetInt32()), Is.All.InRange(1, i));
            Assert.That(english[i].Text("text"), Is.Not.Empty.And.Not.Match("\\p{IsCJKUnifiedIdeographs}"));
        }

        var binding = english.Where(step => step.GetProperty("binding").GetBoolean()).Select(step => step.Text("kind"));
        Assert.That(binding, Does.Contain("cap"));
        Assert.That(english.Last(step => step.Text("kind") == "round").Text("value"), Does.Contain("100000"));

        var chinese = await Chinese(Facts(), "?explain=true");
        Assert.That(Award(chinese, "buyer").GetProperty("steps").EnumerateArray().Select(step => step.Text("text")), Has.All.Match("\\p{IsCJKUnifiedIdeographs}"));
        Assert.That(Award(chinese, "buyer").GetProperty("reasons")[0].Text("detail"), Does.Match("\\p{IsCJKUnifiedIdeographs}"));
    }

    [Test]
    public async Task Every_reading_of_an_unclear_clause_is_on_offer_and_one_of_each_is_chosen()
    {
        Assert.That(Award(await Evaluate(Facts(new { amount = 3000000 })), "buyer").Has("readings"), Is.False);
        var answer = await Evaluate(Facts(new { kind = "licence", amount = 3000000, paid = 1000000 }), query: "?readings=all");
        var readings = Award(answer, "buyer").GetProperty("readings").EnumerateArray().ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Under("licence", "include"), Is.EqualTo(60000));
            Assert.That(Under("licence", "exclude"), Is.EqualTo(0));
            Assert.That(Under("base", "technologyAmount"), Is.EqualTo(60000));
            Assert.That(Under("base", "amount"), Is.EqualTo(90000));
            Assert.That(Under("base", "paid"), Is.EqualTo(30000));
            foreach (var interpretation in readings.GroupBy(reading => reading.Text("interpretation")))
            {
                Assert.That(interpretation.Count(reading => reading.GetProperty("chosen").GetBoolean()), Is.EqualTo(1), interpretation.Key);
            }
        }

        decimal Under(string interpretation, string reading) => readings
            .Single(r => r.Text("interpretation") == interpretation && r.Text("reading") == reading)
            .GetProperty("award").GetProperty("amount").GetDecimal();
    }

    [Test]
    public async Task A_policy_that_is_not_there_is_an_unknown_reference()
    {
        var problem = await market.Anonymous.PostJson("evaluations", new { policy = "xian-1999", facts = Facts() })
            .AssertProblem(422, "unknown-reference", "/policy");
        Assert.That(problem.Text("detail"), Does.Contain("xian-1999"));
    }

    [Test]
    public Task Only_malformed_input_is_a_fault_and_every_fault_is_named() =>
        market.Anonymous.PostJson("evaluations", """
            {"policy":"xining-2020","facts":{"kind":"gift","technologyAmount":-1,"amount":1.005,"recognised":"yes","recognisedOn":"2021-02-30"},"history":[{"award":"broker","amount":-5}]}
            """).AssertProblem(400, "validation-failed",
            "/facts/kind", "/facts/technologyAmount", "/facts/amount", "/facts/recognised", "/facts/recognisedOn", "/history/0/amount");


    [TestCase("")]
    [TestCase("?explain=true")]
    [TestCase("?explain=true&readings=all")]
    public async Task An_answer_has_exactly_the_members_that_the_document_describes(string query)
    {
        var strict = new JsonSerializerOptions(Marketplace.Api.Http.Json.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };
        foreach (var facts in new[] { Facts(), Facts(new { kind = "service" }), new JsonObject(), Facts(new { technologyAmount = 99999999.99m, brokered = false }) })
        {
            var answer = (await Evaluate(facts, new[] { new { award = "broker", amount = 45000.50m } }, query)).GetRawText();
            Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize<EvaluationView>(answer, strict), strict), Is.EqualTo(answer));
        }
    }

    [TestCase("buyerRegion", "6301")]
    [TestCase("sellerRegion", "西宁")]
    public Task A_region_that_is_no_code_is_a_fault_and_not_a_place_elsewhere(string fact, string value) =>
        market.Anonymous.PostJson("evaluations", new { policy = "xining-2020", facts = Facts(new Dictionary<string, string> { [fact] = value }) })
            .AssertProblem(400, "validation-failed", $"/facts/{fact}");

    [Test]
    public Task A_fact_that_no_policy_reads_is_an_unknown_member() =>
        market.Anonymous.PostJson("evaluations", new { policy = "xining-2020", facts = Facts(new { weather = "fine" }) })
            .AssertProblem(400, "unknown-field", "/facts/weather");

    Task<JsonElement> Chinese(JsonObject facts, string query = "") =>
        market.Anonymous.Send(HttpMethod.Post, $"evaluations{query}", Requests.Content(new { policy = "xining-2020", facts }),
            headers: ("Accept-Language", "zh-CN")).Json();

    static JsonNode Number(string text) => JsonNode.Parse(text)!;

    /// <summary>A brokered transfer of 2,000,000 yuan, recognised on 1 March 2021.</summary>
    static JsonObject Facts(object? change = null)
    {
        var facts = new JsonObject
        {
            ["kind"] = "transfer", ["technologyAmount"] = 2000000, ["recognised"] = true, ["recognisedOn"] = "2021-03-01",
            ["brokered"] = true, ["project"] = "P1", ["contract"] = "C1",
        };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(change, Requests.Options) as JsonObject ?? [])
        {
            facts[name] = value?.DeepClone();
        }

        return facts;
    }

    Task<JsonElement> Evaluate(JsonObject facts, object? history = null, string query = "") =>
        market.Anonymous.PostJson($"evaluations{query}", new { policy = "xining-2020", facts, history = history ?? Array.Empty<object>() }).Json();

    static decimal Yuan(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    static JsonElement Award(JsonElement answer, string award) =>
        answer.GetProperty("awards").EnumerateArray().Single(a => a.Text("award") == award);

    static decimal Granted(JsonElement answer, string award)
    {
        var found = Award(answer, award);
        Assert.That(found.Text("outcome"), Is.EqualTo("granted"), found.GetRawText());
        return found.GetProperty("amount").GetDecimal();
    }

    static string[] Codes(JsonElement award) => [.. award.GetProperty("reasons").EnumerateArray().Select(reason => reason.Text("code"))];
}
