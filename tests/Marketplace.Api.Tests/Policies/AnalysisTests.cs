using System.Text.Json;

namespace Marketplace.Api.Tests.Policies;

/// <summary>What holds of a policy without a case at hand, and what would help a case that is refused.</summary>
public sealed class AnalysisTests
{
    readonly Market market = Market.On(Databases.Sqlite);

    [Test]
    public async Task An_analysis_names_the_bend_the_proof_and_what_cutting_gains()
    {
        var analysis = await market.Anonymous.GetJson("policies/xining-2020/analysis");
        var (buyer, broker) = (Award(analysis, "buyer"), Award(analysis, "broker"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(buyer.GetProperty("monotone").GetRawText(), Is.EqualTo("""{"status":"proven"}"""));
            Assert.That(buyer.GetProperty("most").GetRawText(), Is.EqualTo("100000"));
            Assert.That(buyer.GetProperty("curves")[0].GetProperty("over").GetRawText(), Is.EqualTo("""["technologyAmount"]"""));
            Assert.That(buyer.GetProperty("curves")[0].GetProperty("stretches").EnumerateArray().Select(s => (s.Text("from"), s.Text("marginal"))),
                Is.EqualTo(new[] { ("0.00", "3%"), ("3333333.34", "0%") }));
            Assert.That(buyer.GetProperty("splitting").GetProperty("cuts")[0].GetProperty("together").GetRawText(), Is.EqualTo("3000000"));
            Assert.That(broker.GetProperty("splitting").Text("status"), Is.EqualTo("proven"));
            Assert.That(analysis.GetProperty("remarks").EnumerateArray().Select(r => r.Text("code")), Does.Contain("POL703"));
        }
    }

    [Test]
    public async Task The_sums_of_an_analysis_are_evaluations()
    {
        var curve = Award(await market.Anonymous.GetJson("policies/xining-2020/analysis"), "buyer").GetProperty("curves")[0];
        var facts = JsonSerializer.Deserialize<Dictionary<string, object>>(curve.GetProperty("given").GetRawText())!;
        foreach (var stretch in curve.GetProperty("stretches").EnumerateArray())
        {
            facts["technologyAmount"] = decimal.Parse(stretch.Text("from"), System.Globalization.CultureInfo.InvariantCulture);
            var answer = await market.Anonymous.PostJson("evaluations", new { policy = "xining-2020", facts }).Json();
            Assert.That(Award(answer, "buyer").GetProperty("amount").GetRawText(), Is.EqualTo(stretch.GetProperty("low").GetRawText()));
        }
    }

    [Test]
    public async Task An_unknown_policy_has_no_analysis()
    {
        using var answer = await market.Anonymous.GetAsync("policies/nowhere-1999/analysis");
        Assert.That(answer.StatusCode, Is.EqualTo(System.Net.HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_refused_award_is_told_what_would_make_it_due_and_a_granted_one_nothing()
    {
        var answer = await Evaluate(new { kind = "transfer", technologyAmount = 2_000_000, recognised = true, recognisedOn = "2021-03-01", brokered = false });
        Assert.That(Award(answer, "broker").GetProperty("counterfactuals").GetRawText(), Does.StartWith("""[{"changes":[{"fact":"brokered","from":"false","to":"true","orMore":false,"text":""")
            .And.Contain("\"outcome\":\"granted\",\"amount\":20000}"));
        Assert.That(Award(answer, "buyer").Has("counterfactuals"), Is.False);
    }

    [Test]
    public async Task What_cannot_change_is_named_and_not_suggested()
    {
        var buyer = Award(await Evaluate(new { kind = "transfer", technologyAmount = 2_000_000, recognised = true, recognisedOn = "2020-08-18" }), "buyer");
        Assert.That((buyer.GetProperty("counterfactuals").GetRawText(), buyer.GetProperty("fixedFacts").GetRawText()), Is.EqualTo(("[]", """["recognisedOn"]""")));
    }

    Task<JsonElement> Evaluate(object facts) => market.Anonymous.PostJson("evaluations?counterfactuals=true", new { policy = "xining-2020", facts }).Json();

    static JsonElement Award(JsonElement answer, string award) => answer.GetProperty("awards").EnumerateArray().Last(a => a.Text("award") == award);
}
