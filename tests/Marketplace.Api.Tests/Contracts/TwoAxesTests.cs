namespace Marketplace.Api.Tests.Contracts;

/// <summary>A contract lives and is recognised on two axes; neither waits for the other.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class TwoAxesTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_contract_shows_its_life_and_its_recognition_beside_its_state()
    {
        var contract = await market.DraftContract();
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        await Shows("draft", "draft", "none");
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await Shows("draft", "signing", "none");
        await contract.Seller.Client.Act($"{address}/sign").Json();
        await Shows("signed", "signed", "none");
        await contract.Seller.Client.Act($"{address}/submit").Json();
        await Shows("submitted", "signed", "submitted");
        await registrar.PostJson($"{address}/recognise", market.RecognitionBody()).Json();
        await Shows("recognised", "signed", "recognised");
        await contract.Seller.Client.Act($"{address}/amend").Json();
        await Shows("recognised", "signed", "recognised");
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await Shows("recognised", "signed", "recognised");
        await contract.Seller.Client.Act($"{address}/sign").Json();
        await Shows("signed", "signed", "lapsed");
        await contract.Buyer.Client.Act($"{address}/complete").Json();
        await Shows("completed", "performed", "lapsed");
        await registrar.PostJson($"{address}/deregister", new { reason = "解除" }).Json();
        await Shows("deregistered", "performed", "deregistered");

        async Task Shows(string state, string life, string recognition)
        {
            var seen = await contract.Buyer.Client.GetJson(address);
            Assert.That((seen.Text("state"), seen.Text("life"), seen.Text("recognitionState")), Is.EqualTo((state, life, recognition)));
            foreach (var filter in new[] { $"state={state}", $"life={life}", $"recognitionState={recognition}" })
            {
                Assert.That((await contract.Buyer.Client.GetJson($"contracts?{filter}")).Ids(), Is.EqualTo(new[] { contract.Id }), filter);
            }
        }
    }

    [Test]
    public async Task A_performed_contract_is_still_submitted_supplemented_recognised_amended_and_struck_off()
    {
        var contract = await market.SignedContract();
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        await contract.Buyer.Client.Act($"{address}/complete").Json();
        Assert.That(await After(contract.Seller.Client.Act($"{address}/submit")), Is.EqualTo(("completed", "submitted")));
        Assert.That(await After(registrar.PostJson($"{address}/request-supplement", new { reason = "缺附件" })), Is.EqualTo(("completed", "supplement")));
        Assert.That(await After(contract.Seller.Client.Act($"{address}/submit")), Is.EqualTo(("completed", "submitted")));
        Assert.That(await After(registrar.PostJson($"{address}/recognise", market.RecognitionBody())), Is.EqualTo(("completed", "recognised")));
        Assert.That((await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, Market.NewKey()).Json(201)).Text("contract"),
            Is.EqualTo(contract.Id), "its award is due");
        Assert.That(await After(contract.Seller.Client.Act($"{address}/amend")), Is.EqualTo(("completed", "recognised")));
        Assert.That(await After(contract.Seller.Client.Act($"{address}/sign")), Is.EqualTo(("completed", "recognised")));
        Assert.That(await After(contract.Buyer.Client.Act($"{address}/sign")), Is.EqualTo(("signed", "lapsed")), "other terms are to be performed");
        Assert.That(await After(registrar.PostJson($"{address}/deregister", new { reason = "不再履行" })), Is.EqualTo(("deregistered", "deregistered")));
        await contract.Seller.Client.Act($"{address}/amend").AssertProblem(409, "invalid-transition");
    }

    [Test]
    public async Task A_contract_is_performed_while_the_office_still_decides_and_is_recognised_then()
    {
        var contract = await market.SubmittedContract();
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        Assert.That(await After(contract.Seller.Client.Act($"{address}/complete")), Is.EqualTo(("completed", "submitted")));
        Assert.That(await After(registrar.PostJson($"{address}/recognise", market.RecognitionBody())), Is.EqualTo(("completed", "recognised")));
        await Eventually.Holds(async () => (await contract.Buyer.Client.GetJson("events?types=contract.completed,contract.recognised"))
            .GetProperty("data").EnumerateArray().Select(e => e.Text("type")).SequenceEqual(["contract.completed", "contract.recognised"]), "each step is an event");
    }

    [Test]
    public async Task An_application_ends_with_its_contract_but_a_registration_stays_until_it_is_struck_off()
    {
        var (waiting, done, registrar) = (await market.SubmittedContract(), await market.RecognisedContract(), await market.As("registrar"));
        Assert.That(await After(waiting.Buyer.Client.PostJson($"contracts/{waiting.Id}/terminate", new { reason = "解除" })), Is.EqualTo(("terminated", "none")));
        await registrar.PostJson($"contracts/{waiting.Id}/recognise", market.RecognitionBody()).AssertProblem(409, "invalid-transition");
        Assert.That(await After(done.Buyer.Client.PostJson($"contracts/{done.Id}/terminate", new { reason = "解除" })), Is.EqualTo(("terminated", "recognised")));
        await done.Buyer.Client.PostJson("claims", new { contract = done.Id, award = "buyer" }, Market.NewKey()).AssertProblem(422, "contract-not-recognised");
        Assert.That(await After(registrar.PostJson($"contracts/{done.Id}/deregister", new { reason = "合同已解除" })), Is.EqualTo(("deregistered", "deregistered")));
    }

    [Test]
    public async Task Only_what_was_recognised_is_struck_off()
    {
        var contract = await market.SignedContract();
        await contract.Buyer.Client.Act($"contracts/{contract.Id}/amend").Json();
        var problem = await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/deregister", new { reason = "x" }).AssertProblem(409, "invalid-transition");
        Assert.That((problem.Text("currentState"), problem.Texts("availableActions")), Is.EqualTo(("signed", new[] { "record-recognition", "separate" })));
    }

    static async Task<(string State, string Recognition)> After(Task<HttpResponseMessage> step)
    {
        var contract = await step.Json();
        return (contract.Text("state"), contract.Text("recognitionState"));
    }
}
