using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests.Policies;

/// <summary>What a contract of the market would be paid, from its draft to the day it is struck off.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ContractEvaluationTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase("2000000", "60000.00", "20000.00")]
    [TestCase("3333333.33", "99999.99", "33333.33")]
    [TestCase("3333333.34", "100000.00", "33333.33")]
    [TestCase("8000000", "100000.00", "50000.00")]
    public async Task A_recognised_brokered_contract_is_granted_what_the_measures_say(string amount, string buyer, string broker)
    {
        var agent = await market.Party("broker");
        var contract = await market.RecognisedContract(change: Brokered(agent, amount));
        foreach (var reader in new[] { contract.Buyer, contract.Seller, agent })
        {
            var evaluation = await Evaluation(contract, reader.Client);
            Assert.That(Granted(evaluation, "buyer"), Is.EqualTo(Yuan(buyer)));
            Assert.That(Granted(evaluation, "broker"), Is.EqualTo(Yuan(broker)));
            Assert.That(Award(evaluation, "major").Text("outcome"), Is.EqualTo("needsDecision"));
        }
    }

    [Test]
    public async Task The_sums_rest_on_what_the_office_approved_and_not_on_what_was_asked()
    {
        var contract = await market.RecognisedContract(
            change: new { amount = 3000000, technologyAmount = 2500000 }, recognition: new { technologyAmount = 2000000 });
        Assert.That(Granted(await Evaluation(contract), "buyer"), Is.EqualTo(60000));
    }

    [Test]
    public async Task The_kind_is_the_one_that_the_office_approved()
    {
        var contract = await market.RecognisedContract(change: new { kind = "development" }, recognition: new { kind = "service" });
        Assert.That(Refused(await Evaluation(contract), "buyer"), Does.Contain("refused.kind"));
    }

    [Test]
    public async Task A_contract_that_is_not_recognised_is_told_so_from_its_draft_on()
    {
        var contract = await market.DraftContract();
        Assert.That(Refused(await Evaluation(contract), "buyer"), Does.Contain("refused.notRecognised"));
        var submitted = await market.SubmittedContract();
        Assert.That(Refused(await Evaluation(submitted), "buyer"), Does.Contain("refused.notRecognised"));
    }

    [Test]
    public async Task Without_a_broker_only_the_broker_goes_empty()
    {
        var evaluation = await Evaluation(await market.RecognisedContract());
        Assert.That(Refused(evaluation, "broker"), Is.EqualTo(new[] { "refused.notBrokered" }));
        Assert.That(Granted(evaluation, "buyer"), Is.EqualTo(30000));
    }

    [Test]
    public async Task A_contract_between_related_parties_is_refused()
    {
        var contract = await market.RecognisedContract(change: new { relatedParties = true });
        Assert.That(Refused(await Evaluation(contract), "buyer"), Is.EqualTo(new[] { "refused.relatedParties" }));
    }

    [Test]
    public async Task A_buyer_elsewhere_has_no_evaluation_by_the_measures_of_Xining()
    {
        var contract = await market.RecognisedContract(buyer: await market.Party(region: "630200"));
        var answer = await contract.Buyer.Client.GetJson($"contracts/{contract.Id}/evaluation");
        Assert.That(answer.GetProperty("data").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Contracts_of_one_project_share_the_brokers_cap_in_the_order_of_their_recognition()
    {
        var (buyer, agent) = (await market.Party(), await market.Party("broker"));
        var project = $"提锂 {Guid.NewGuid():n}";
        var first = await market.RecognisedContract(buyer, change: Brokered(agent, "3000000", project));
        var second = await market.RecognisedContract(buyer, change: Brokered(agent, "3000000", project));
        var third = await market.RecognisedContract(buyer, change: Brokered(agent, "3000000", project));
        var other = await market.RecognisedContract(buyer, change: Brokered(agent, "3000000", project + "二期"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Granted(await Evaluation(first), "broker"), Is.EqualTo(30000));
            Assert.That(Granted(await Evaluation(second), "broker"), Is.EqualTo(20000));
            Assert.That(Refused(await Evaluation(third), "broker"), Is.EqualTo(new[] { "limited.history" }));
            Assert.That(Granted(await Evaluation(third), "buyer"), Is.EqualTo(90000), "the buyer's cap is per contract");
            Assert.That(Granted(await Evaluation(other), "broker"), Is.EqualTo(30000));
        }
    }

    [Test]
    public async Task Another_buyers_project_of_the_same_name_is_another_project()
    {
        var agent = await market.Party("broker");
        await market.RecognisedContract(change: Brokered(agent, "8000000", "示范项目"));
        var contract = await market.RecognisedContract(change: Brokered(agent, "8000000", "示范项目"));
        Assert.That(Granted(await Evaluation(contract), "broker"), Is.EqualTo(50000));
    }

    [Test]
    public async Task A_contract_that_is_struck_off_leaves_its_part_of_the_cap_to_the_others()
    {
        var (buyer, agent) = (await market.Party(), await market.Party("broker"));
        var first = await market.RecognisedContract(buyer, change: Brokered(agent, "8000000", "一号项目"));
        var second = await market.RecognisedContract(buyer, change: Brokered(agent, "8000000", "一号项目"));
        Assert.That(Refused(await Evaluation(second), "broker"), Is.EqualTo(new[] { "limited.history" }));
        await (await market.As("registrar")).PostJson($"contracts/{first.Id}/deregister", new { reason = "材料不实" }).Json();
        Assert.That(Granted(await Evaluation(second), "broker"), Is.EqualTo(50000));
        Assert.That(Refused(await Evaluation(first), "buyer"), Does.Contain("refused.notRecognised"));
    }

    [Test]
    public async Task An_amendment_changes_nothing_until_both_have_signed_it_and_then_nothing_is_granted_until_it_is_recognised()
    {
        var contract = await market.RecognisedContract(change: new { amount = 2000000 });
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.Act($"{address}/amend").Json();
        await contract.Buyer.Client.PatchJson(address, new { amount = 3000000 }, await contract.Buyer.Client.ETag(address)).Json();
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        Assert.That(Granted(await Evaluation(contract), "buyer"), Is.EqualTo(60000));
        await contract.Seller.Client.Act($"{address}/sign").Json();
        Assert.That(Refused(await Evaluation(contract), "buyer"), Does.Contain("refused.notRecognised"));
        await contract.Seller.Client.Act($"{address}/submit").Json();
        Assert.That(Refused(await Evaluation(contract), "buyer"), Does.Contain("refused.notRecognised"));
        await (await market.As("registrar")).PostJson($"{address}/recognise", market.RecognitionBody()).Json();
        Assert.That(Granted(await Evaluation(contract), "buyer"), Is.EqualTo(90000));
    }

    [Test]
    public async Task A_contract_that_is_performed_keeps_its_grant()
    {
        var contract = await market.RecognisedContract(change: new { amount = 2000000 });
        await contract.Seller.Client.Act($"contracts/{contract.Id}/complete").Json();
        Assert.That(Granted(await Evaluation(contract), "buyer"), Is.EqualTo(60000));
    }

    [Test]
    public async Task A_contract_recognised_before_the_measures_began_is_refused_for_that()
    {
        var contract = await market.SignedContract(change: new { signedOn = "2020-08-01", amount = 2000000 });
        await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/record-recognition",
            market.RecognitionBody(new { recognisedOn = "2020-08-18", office = "兰州市技术市场" })).Json();
        Assert.That(Refused(await Evaluation(contract), "buyer"), Does.Contain("refused.beforeInForce"));
    }

    [Test]
    public async Task Whoever_may_not_see_the_contract_may_not_see_what_it_is_paid()
    {
        var contract = await market.RecognisedContract();
        await (await market.Party()).Client.GetAsync($"contracts/{contract.Id}/evaluation").AssertProblem(404, "not-found");
        await market.Anonymous.GetAsync($"contracts/{contract.Id}/evaluation").AssertProblem(401, "unauthenticated");
        await (await market.As("reviewer")).GetJson($"contracts/{contract.Id}/evaluation");
    }

    static JsonObject Brokered(TestParty agent, string amount, string? project = null)
    {
        var change = new JsonObject
        {
            ["kind"] = "transfer", ["amount"] = JsonNode.Parse(amount), ["brokers"] = new JsonArray(new JsonObject { ["party"] = agent.Id, ["share"] = 100 }),
        };
        if (project is not null)
        {
            change["project"] = project;
        }

        return change;
    }

    static async Task<JsonElement> Evaluation(TestContract contract, HttpClient? reader = null)
    {
        var answer = await (reader ?? contract.Buyer.Client).GetJson($"contracts/{contract.Id}/evaluation");
        return answer.GetProperty("data").EnumerateArray().Single(evaluation => evaluation.Text("policy") == "xining-2020");
    }

    static decimal Yuan(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    static JsonElement Award(JsonElement answer, string award) =>
        answer.GetProperty("awards").EnumerateArray().Single(a => a.Text("award") == award);

    static decimal Granted(JsonElement answer, string award)
    {
        Assert.That(Award(answer, award).Text("outcome"), Is.EqualTo("granted"), answer.GetRawText());
        return Award(answer, award).GetProperty("amount").GetDecimal();
    }

    static string[] Refused(JsonElement answer, string award)
    {
        Assert.That(Award(answer, award).Text("outcome"), Is.EqualTo("refused"), answer.GetRawText());
        return [.. Award(answer, award).GetProperty("reasons").EnumerateArray().Select(reason => reason.Text("code"))];
    }
}
