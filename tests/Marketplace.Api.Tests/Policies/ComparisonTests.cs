using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests.Policies;

/// <summary>One deal under every policy of a place and a day: what each pays, and what may be had together.</summary>
public sealed class ComparisonTests
{
    string folder = null!;
    Market market = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = Directory.CreateTempSubdirectory("policies-").FullName;
        var asks = Documents.Of("county-2024", region: "630103").Replace("rate: 3%", "rate: 5%").Replace("给予3%的", "给予5%的");
        market = await Documents.Market(folder,
            ("province.yaml", Documents.Of("province-2024", region: "630000").Replace("rate: 3%", "rate: 1%").Replace("给予3%的", "给予1%的")),
            ("neighbour.yaml", Documents.Of("neighbour-2024", region: "630200").Replace("rate: 3%", "rate: 4%").Replace("给予3%的", "给予4%的")),
            // The county pays the buyer only where nobody else does.
            ("county.yaml", asks.Replace("    base: { reading: base, technologyAmount", "      - { subsidisedElsewhere: false, cite: buyer }\n    base: { reading: base, technologyAmount")),
            // The district pays what others have not paid already.
            ("district.yaml", Documents.Of("district-2024", region: "630104").Replace("stacking:\n", "stacking:\n  - { deduct: paidElsewhere, from: [buyer], cite: buyer }\n")),
            ("old.yaml", Documents.Of("lapsed-2021", from: "2021-01-01", to: "2021-12-31")));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await market.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [TestCase("""{"region":"630102"}""", "xining-2020", "province-2024")]
    [TestCase("""{"region":"630200"}""", "neighbour-2024", "province-2024")]
    [TestCase("""{"region":"110108"}""")]
    [TestCase("""{"region":"630102","on":"2021-06-30"}""", "lapsed-2021", "xining-2020")]
    [TestCase("""{"region":"630102","on":"2020-08-18"}""")]
    [TestCase("""{}""", "county-2024", "neighbour-2024", "district-2024", "xining-2020", "province-2024")]
    public async Task The_policies_in_force_at_the_place_on_the_day_are_compared_and_no_others(string asked, params string[] policies)
    {
        var answer = await Compare(asked, new { buyerRegion = (string?)null });
        Assert.That(Policies(answer), Is.EquivalentTo(policies));
        Assert.That(answer.Has("best"), Is.EqualTo(policies.Length > 0));
    }

    [Test]
    public async Task Without_a_region_the_buyers_is_the_place_and_without_a_day_the_recognition_is()
    {
        var answer = await Compare("{}", new { buyerRegion = "630102", recognisedOn = "2021-03-01" });
        Assert.That((answer.Text("on"), answer.Text("region")), Is.EqualTo(("2021-03-01", "630102")));
        Assert.That(Policies(answer), Is.EquivalentTo(new[] { "xining-2020", "lapsed-2021" }));
        var undated = await Compare("""{"region":"630102"}""", new { recognisedOn = (string?)null });
        Assert.That(undated.Text("on"), Is.EqualTo(market.Today.Iso()));
    }

    [Test]
    public async Task The_one_that_grants_most_comes_first_and_every_zero_has_its_reasons()
    {
        var answer = await Compare("{}", new { buyerRegion = "630102", recognisedOn = "2024-03-01" }, """{"region":"630102","on":"2024-06-01"}""");
        var rows = answer.GetProperty("data").EnumerateArray().ToList();
        Assert.That(rows.Select(row => (row.Text("policy"), row.GetProperty("amount").GetDecimal())), Is.EqualTo(new[] { ("xining-2020", 80000m), ("province-2024", 40000m) }));
        Assert.That(rows[0].GetProperty("range").GetRawText(), Is.EqualTo("""{"low":80000,"high":1080000}"""), "The major project waits for a decision and may be refused.");
        Assert.That(rows.Select(row => row.Text("certainty")), Is.All.EqualTo("provisional"));
        var refused = await Compare("""{"region":"630102"}""", new { kind = "consulting" });
        foreach (var award in refused.GetProperty("data").EnumerateArray().SelectMany(row => row.GetProperty("awards").EnumerateArray()))
        {
            Assert.That(award.GetProperty("amount").GetDecimal(), Is.Zero);
            Assert.That(award.GetProperty("reasons").EnumerateArray().Select(reason => reason.Text("code")), Does.Contain("refused.kind"));
        }

        Assert.That(refused.Has("best"), Is.False, "Nothing is to be had.");
    }

    [TestCase("""{"technologyAmount":5000}""", "200", """{"low":200,"high":1000200}""", TestName = "a decision that nobody has taken")]
    [TestCase("""{"technologyAmount":5000,"brokered":null}""", "150", """{"low":150,"high":1000200}""", TestName = "a fact that is missing")]
    public async Task What_may_yet_be_refused_counts_as_nothing_in_the_low_end(string change, string amount, string range)
    {
        var answer = await Compare("{}", JsonNode.Parse(change)!, """{"region":"630102","on":"2020-11-01"}""");
        var best = answer.GetProperty("best");
        Assert.That(best.GetProperty("amount").GetRawText(), Is.EqualTo(amount));
        Assert.That(best.GetProperty("range").GetRawText(), Is.EqualTo(range));
        Assert.That(best.GetProperty("awards").EnumerateArray().Where(award => award.Has("range")).Select(award => award.GetProperty("range").GetProperty("low").GetDecimal()), Is.All.Zero);
        Assert.That(answer.GetProperty("data")[0].GetProperty("range").GetRawText(), Is.EqualTo(range));
    }

    [Test]
    public async Task What_one_payee_gets_under_the_policies_of_one_place_adds_up_and_that_is_said()
    {
        var best = (await Compare("""{"region":"630102"}""", new { })).GetProperty("best");
        Assert.That(best.GetProperty("amount").GetDecimal(), Is.EqualTo(60000 + 20000 + 20000 + 20000));
        Assert.That(Claimed(best), Is.EquivalentTo(new[]
        {
            ("xining-2020", "buyer"), ("xining-2020", "broker"), ("xining-2020", "major"), ("province-2024", "buyer"), ("province-2024", "broker"), ("province-2024", "major"),
        }));
        Assert.That(Assumptions(best), Is.EqualTo(new[] { "assumed.added" }));
    }

    [Test]
    public async Task Policies_of_different_places_are_never_combined()
    {
        var best = (await Compare("{}", new { buyerRegion = (string?)null })).GetProperty("best");
        Assert.That(best.Text("region"), Is.EqualTo("630104"), "Three brokers' awards, and the city's with the province's for the buyer.");
        Assert.That(Claimed(best).Select(claim => claim.Policy).Distinct(), Is.EquivalentTo(new[] { "district-2024", "xining-2020", "province-2024" }));
    }

    [TestCase("1000000", "county-2024 50000")]
    [TestCase("2200000", "county-2024 100000")]
    [TestCase("8000000", "xining-2020 100000", "province-2024 80000")]
    public async Task A_policy_that_pays_only_where_nobody_else_does_is_taken_alone_or_left(string amount, params string[] expected)
    {
        // In the county the city's and the province's measures hold as well: 3 % and 1 % beside the county's 5 %, each to 100,000.
        var answer = await Compare("""{"region":"630103"}""", new { technologyAmount = JsonNode.Parse(amount), buyerRegion = "630103" });
        var best = answer.GetProperty("best");
        var paid = best.GetProperty("awards").EnumerateArray().Where(award => award.Text("award") == "buyer")
            .Select(award => $"{award.Text("policy")} {award.GetProperty("amount").GetRawText()}");
        Assert.That(paid, Is.EquivalentTo(expected));
        Assert.That(Assumptions(best), Does.Contain("assumed.nothingElsewhere"));
    }

    [Test]
    public async Task What_others_pay_is_taken_off_where_a_policy_says_so()
    {
        var best = (await Compare("""{"region":"630104"}""", new { buyerRegion = "630104" })).GetProperty("best");
        var buyer = best.GetProperty("awards").EnumerateArray().Where(award => award.Text("award") == "buyer").ToDictionary(award => award.Text("policy"), award => award.GetProperty("amount").GetDecimal());
        // The district's 60,000 are used up by the city's 60,000 and the province's 20,000.
        Assert.That(buyer, Is.EquivalentTo(new Dictionary<string, decimal> { ["xining-2020"] = 60000, ["province-2024"] = 20000 }));
    }

    [Test]
    public async Task An_earlier_grant_counts_under_the_policy_that_it_names_or_under_each()
    {
        Assert.That(await Broker("""[{"award":"broker","policy":"province-2024","project":"P1","amount":50000}]"""), Is.EqualTo((20000m, 0m)));
        Assert.That(await Broker("""[{"award":"broker","project":"P1","amount":50000}]"""), Is.EqualTo((0m, 0m)));

        async Task<(decimal, decimal)> Broker(string history)
        {
            var answer = await Compare($$"""{"region":"630102","history":{{history}}}""", new { });
            return (Of("xining-2020"), Of("province-2024"));

            decimal Of(string policy) => answer.GetProperty("data").EnumerateArray().Single(row => row.Text("policy") == policy)
                .GetProperty("awards").EnumerateArray().Single(award => award.Text("award") == "broker").GetProperty("amount").GetDecimal();
        }
    }

    [TestCase("""{}""", "validation-failed", "/facts")]
    [TestCase("""{"facts":{},"region":"63"}""", "validation-failed", "/region")]
    [TestCase("""{"facts":{"buyerRegion":"63"}}""", "validation-failed", "/facts/buyerRegion")]
    [TestCase("""{"facts":{},"policy":"xining-2020"}""", "unknown-field", "/policy")]
    public Task What_cannot_be_is_refused(string body, string code, string place) =>
        market.Anonymous.PostJson("evaluations/compare", body).AssertProblem(400, code, place);

    static string[] Policies(JsonElement answer) => [.. answer.GetProperty("data").EnumerateArray().Select(row => row.Text("policy"))];

    static (string Policy, string Award)[] Claimed(JsonElement best) => [.. best.GetProperty("awards").EnumerateArray().Select(award => (award.Text("policy"), award.Text("award")))];

    static string[] Assumptions(JsonElement best) => [.. best.GetProperty("assumptions").EnumerateArray().Select(assumed => assumed.Text("code"))];

    /// <summary>A brokered transfer of 2,000,000 yuan, recognised on 1 March 2024.</summary>
    Task<JsonElement> Compare(string asked, object change, string? instead = null)
    {
        var facts = new JsonObject
        {
            ["kind"] = "transfer", ["technologyAmount"] = 2000000, ["recognised"] = true, ["recognisedOn"] = "2024-03-01",
            ["brokered"] = true, ["project"] = "P1", ["contract"] = "C1",
        };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(change, Requests.Options)!.AsObject())
        {
            facts[name] = value?.DeepClone();
        }

        var body = JsonNode.Parse(instead ?? asked)!.AsObject();
        body["facts"] = facts;
        return market.Anonymous.PostJson("evaluations/compare", body.ToJsonString()).Json();
    }
}
