using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>Terms that both sides have not signed are shown to the two sides, and to who wrote them, by every way that leads to a contract.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class UnsignedTermsTests(Database database)
{
    static readonly string[] Officials = ["registrar", "reviewer", "approver", "payer", "fundManager", "auditor", "admin"];

    readonly Market market = Market.On(database);

    [Test]
    public async Task A_broker_that_is_named_in_a_draft_knows_of_the_contract_and_of_none_of_its_terms()
    {
        var broker = await market.Party("broker");
        var contract = await market.DraftContract(change: new { amount = 777_777, title = "未签的标题", project = "未签的项目", brokers = new[] { new { party = broker.Id, share = 100 } } });
        var address = $"contracts/{contract.Id}";
        var seen = await broker.Client.GetJson(address);
        Assert.That((seen.Text("state"), seen.Text("buyer"), seen.Text("seller"), seen.Text("owner")), Is.EqualTo(("draft", contract.Buyer.Id, contract.Seller.Id, contract.Buyer.Id)));
        foreach (var term in new[] { "kind", "title", "brokers", "project", "amount", "technologyAmount", "signedOn", "relatedParties", "received", "amendment" })
        {
            Assert.That(seen.Has(term), Is.False, term);
        }

        await Hides(broker.Client, contract);
        Assert.That((await broker.Client.GetJson("contracts")).Ids(), Is.EqualTo(new[] { contract.Id }));
        foreach (var filter in new[] { "kind=development", $"project={Uri.EscapeDataString("未签的项目")}" })
        {
            Assert.That((await broker.Client.GetJson($"contracts?{filter}")).Ids(), Is.Empty, filter);
            Assert.That((await contract.Seller.Client.GetJson($"contracts?{filter}")).Ids(), Is.EqualTo(new[] { contract.Id }), filter);
        }

        await broker.Client.GetAsync($"{address}/evaluation").AssertProblem(403, "forbidden");
        await broker.Client.PatchJson(address, new { technologyAmount = 99_999_999 }, await broker.Client.ETag(address)).AssertProblem(403, "forbidden");
        Assert.That(Dossiers.DossierFiles.Faults(await Dossiers.DossierFiles.Of(broker.Client, contract.Id)), Is.Empty);
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await Hides(broker.Client, contract);
        await contract.Seller.Client.Act($"{address}/sign").Json();
        Assert.That((await broker.Client.GetJson(address)).GetProperty("amount").GetRawText(), Is.EqualTo("777777"));
        Assert.That((await broker.Client.GetJson("contracts?kind=development")).Ids(), Is.EqualTo(new[] { contract.Id }));
    }

    [Test]
    public async Task A_broker_reads_and_changes_the_draft_that_it_wrote_until_a_side_has_changed_it()
    {
        var (buyer, seller, broker) = (await market.Party(), await market.Party("university"), await market.Party("agency"));
        var body = market.ContractBody(buyer, seller, new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var id = (await broker.Client.PostJson("contracts", body).Json(201)).Text("id");
        var (address, contract) = ($"contracts/{id}", new TestContract(id, buyer, seller));
        var changed = await broker.Client.PatchJson(address, new { amount = 600_000 }, await broker.Client.ETag(address)).Json();
        Assert.That(changed.GetProperty("amount").GetRawText(), Is.EqualTo("600000"));
        await buyer.Client.PatchJson(address, new { amount = 777_777, title = "未签的标题" }, await buyer.Client.ETag(address)).Json();
        await Hides(broker.Client, contract);
        await broker.Client.PatchJson(address, new { technologyAmount = 99_999_999 }, await broker.Client.ETag(address)).AssertProblem(403, "forbidden");
        var steps = (await broker.Client.GetJson($"{address}/steps")).GetProperty("data").EnumerateArray().Select(step => step.Has("content"));
        Assert.That(steps, Is.EqualTo(new[] { true, true, false }), "what it wrote itself it may read");
    }

    [Test]
    public async Task What_a_side_proposes_for_a_signed_contract_is_shown_to_the_two_sides_alone()
    {
        var broker = await market.Party("broker");
        var contract = await market.RecognisedContract(change: new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.PostJson($"{address}/amend", new { reason = "改为未签的标题" }).Json();
        await contract.Buyer.Client.PatchJson(address, new { amount = 777_777, title = "未签的标题" }, await contract.Buyer.Client.ETag(address)).Json();
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        foreach (var side in new[] { contract.Buyer.Client, contract.Seller.Client })
        {
            Assert.That(await AmendmentTests.Texts(side, contract), Does.Contain("777777").And.Contain("未签的标题"));
        }

        await Hides(broker.Client, contract);
        foreach (var role in Officials)
        {
            var official = await market.As(role);
            await Hides(official, contract);
            Assert.That((await official.GetJson(address)).GetProperty("amount").GetRawText(), Is.EqualTo("1000000"), role);
        }

        await contract.Seller.Client.PostJson($"{address}/refuse-amendment", new { reason = "不要未签的标题" }).Json();
        await Hides(broker.Client, contract);
        await Hides(await market.As("auditor"), contract);
    }

    [Test]
    public async Task Officials_read_no_terms_of_a_contract_that_was_given_up_before_both_had_signed()
    {
        var contract = await market.DraftContract(change: new { amount = 777_777, title = "未签的标题" });
        await contract.Buyer.Client.Act($"contracts/{contract.Id}/sign").Json();
        await contract.Seller.Client.PostJson($"contracts/{contract.Id}/terminate", new { reason = "未签的标题谈不成" }).Json();
        foreach (var role in Officials)
        {
            var official = await market.As(role);
            Assert.That((await official.GetJson($"contracts/{contract.Id}")).Text("life"), Is.EqualTo("abandoned"), role);
            await Hides(official, contract);
            Assert.That((await official.GetJson($"contracts?kind=development&buyer={contract.Buyer.Id}")).Ids(), Is.Empty, role);
        }

        Assert.That(await AmendmentTests.Texts(contract.Seller.Client, contract), Does.Contain("777777"));
    }

    [Test]
    public async Task Persons_are_named_to_officials_and_to_their_own_party()
    {
        await using var own = await Market.Apart(database, host => host.ConfigureAppConfiguration((_, configuration) =>
            configuration.AddInMemoryCollection([new("Marketplace:Recognition:TwoRegistrars", "true")])));
        var broker = await own.Party("broker");
        var contract = await own.SubmittedContract(change: new { amount = 9_000_000, brokers = new[] { new { party = broker.Id, share = 100 } } });
        var (address, registrar) = ($"contracts/{contract.Id}", await own.As("registrar"));
        await registrar.PostJson($"{address}/record-opinion", new { expert = "张教授", text = "属于技术开发合同" }).Json();
        await registrar.PostJson($"{address}/recognise", own.RecognitionBody()).Json();
        await contract.Buyer.Client.Act($"{address}/amend").Json();
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        var seen = await contract.Seller.Client.GetJson(address);
        Assert.That(seen.GetProperty("signatures").EnumerateArray().Select(s => (s.Text("side"), s.Has("person"))), Is.EqualTo(new[] { ("buyer", false), ("seller", true) }));
        Assert.That(seen.GetProperty("amendment").GetProperty("signatures")[0].Has("person"), Is.False);
        Assert.That(seen.GetProperty("proposal").Has("by"), Is.False);
        Assert.That((await contract.Buyer.Client.GetJson(address)).GetProperty("amendment").GetProperty("signatures")[0].Has("person"), Is.True);
        Assert.That((await broker.Client.GetJson(address)).GetProperty("signatures").EnumerateArray().Any(s => s.Has("person")), Is.False);
        var official = await registrar.GetJson(address);
        Assert.That(official.GetProperty("signatures").EnumerateArray().All(s => s.Has("person")) && official.GetProperty("proposal").Has("by"), Is.True);
    }

    static async Task Hides(HttpClient reader, TestContract contract) =>
        Assert.That(await AmendmentTests.Texts(reader, contract), Does.Not.Contain("777777").And.Not.Contain("未签的"));
}
