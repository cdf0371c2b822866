using Marketplace.Api.Dossiers;
using Marketplace.Api.Policies;
using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>What is paid is recorded with its proof by one side and counts once the other side or a registrar confirms it: received ≤ technology ≤ total.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class PaymentTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_payment_counts_when_the_other_side_has_confirmed_it()
    {
        var contract = await market.SignedContract(change: new { amount = 1000000, technologyAmount = 800000 });
        var recorded = await contract.Buyer.Client.PostJson(Payments(contract), Payment(300000.50m)).Json(201);
        Assert.That((recorded.Text("state"), recorded.Text("owner"), recorded.GetProperty("amount").GetRawText()), Is.EqualTo(("recorded", contract.Buyer.Id, "300000.50")));
        Assert.That(await Received(contract), Is.EqualTo("0"));

        var address = $"{Payments(contract)}/{recorded.Text("id")}";
        Assert.That((await contract.Seller.Client.GetJson(address)).Texts("availableActions"), Is.EqualTo(new[] { "confirm", "reject" }));
        Assert.That((await contract.Seller.Client.Act($"{address}/confirm").Json()).Text("state"), Is.EqualTo("confirmed"));
        Assert.That(await Received(contract), Is.EqualTo("300000.50"));
        await contract.Seller.Client.Act($"{address}/confirm").AssertProblem(409, "invalid-transition");
        Assert.That(await Received(contract), Is.EqualTo("300000.50"), "once");
    }

    [Test]
    public async Task A_registrar_confirms_too_but_the_side_that_recorded_it_does_not()
    {
        var contract = await market.SignedContract();
        var address = await Recorded(contract.Seller, contract, 1000);
        var forbidden = await contract.Seller.Client.Act($"{address}/confirm").AssertProblem(403, "forbidden");
        Assert.That(forbidden.Texts("requiredRoles"), Is.EqualTo(new[] { "otherSide", "registrar" }));
        var samePerson = market.Client(await market.Key((await market.Party("government")).Id, ["registrar"], await PersonOf(contract)));
        await samePerson.Act($"{address}/confirm").AssertProblem(403, "separation-of-duty");
        await (await market.As("registrar")).Act($"{address}/confirm").Json();
        Assert.That(await Received(contract), Is.EqualTo("1000"));
    }

    [Test]
    public async Task What_is_received_never_passes_the_technology_amount()
    {
        var contract = await market.SignedContract(change: new { amount = 1000000, technologyAmount = 800000 });
        var above = await contract.Buyer.Client.PostJson(Payments(contract), Payment(800000.01m)).AssertProblem(422, "payment-above-technology-amount", "/amount");
        Assert.That(above.Text("detail"), Does.Contain("800000.01").And.Contain("800000.00"));
        var (one, two) = (await Recorded(contract.Buyer, contract, 500000), await Recorded(contract.Buyer, contract, 400000));
        await contract.Seller.Client.Act($"{one}/confirm").Json();
        var late = await contract.Seller.Client.Act($"{two}/confirm").AssertProblem(422, "payment-above-technology-amount", "/amount");
        Assert.That(late.Text("detail"), Does.Contain("500000.00").And.Contain("400000.00").And.Contain("800000.00"));
        Assert.That((await contract.Buyer.Client.GetJson(two)).Text("state"), Is.EqualTo("recorded"), "both or neither");
        Assert.That(() => market.Database.Execute("UPDATE contracts SET received_fen = 80000001 WHERE id = @id", new { id = contract.Id }), Throws.Exception, "the database itself");
        Assert.That(() => market.Database.Execute("UPDATE contracts SET technology_fen = 49999999 WHERE id = @id", new { id = contract.Id }), Throws.Exception);
    }

    [Test]
    public async Task Many_confirmations_at_once_never_pass_the_technology_amount()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var contract = await market.SignedContract(buyer, seller, new { amount = 1000000, technologyAmount = 800000 });
            var waiting = new List<string>();
            for (var i = 0; i < 8; i++)
            {
                waiting.Add(await Recorded(buyer, contract, 150000));
            }

            var answers = await Races.Run(64, i => seller.Client.Act($"{waiting[i % 8]}/confirm"));
            Assert.That(answers.Count(answer => answer.Succeeded), Is.EqualTo(5));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).Distinct(),
                Is.SubsetOf(new[] { "invalid-transition", "payment-above-technology-amount" }));
            Assert.That(await Received(contract), Is.EqualTo("750000"));
        }
    }

    [Test]
    public async Task A_proof_proves_one_payment_unless_that_was_rejected()
    {
        var contract = await market.SignedContract();
        var body = Payment(1000);
        var first = $"{Payments(contract)}/{(await contract.Buyer.Client.PostJson(Payments(contract), body).Json(201)).Text("id")}";
        await contract.Seller.Client.PostJson(Payments(contract), body).AssertProblem(409, "already-exists", "/reference");
        await contract.Seller.Client.PostJson($"{first}/reject", new { }).AssertProblem(400, "validation-failed", "/reason");
        var rejected = await contract.Seller.Client.PostJson($"{first}/reject", new { reason = "未到账" }).Json();
        Assert.That((rejected.Text("state"), rejected.Text("reason")), Is.EqualTo(("rejected", "未到账")));
        await contract.Buyer.Client.PostJson(Payments(contract), body).Json(201);
        Assert.That(await Received(contract), Is.EqualTo("0"));
    }

    [Test]
    public async Task A_payment_is_of_a_signed_contract_not_in_the_future_and_not_nothing()
    {
        var (draft, signed) = (await market.DraftContract(), await market.SignedContract());
        await draft.Buyer.Client.PostJson(Payments(draft), Payment(1000)).AssertProblem(422, "contract-not-signed");
        await signed.Buyer.Client.PostJson(Payments(signed), new { amount = 1, paidOn = market.Today.AddDays(30).Iso(), reference = "R" }).AssertProblem(422, "date-in-future", "/paidOn");
        await signed.Buyer.Client.PostJson(Payments(signed), Payment(0)).AssertProblem(422, "amount-zero", "/amount");
        await signed.Buyer.Client.PostJson(Payments(signed), new { amount = 1, paidOn = market.Today.Iso() }).AssertProblem(400, "validation-failed", "/reference");
    }

    [Test]
    public async Task Neither_an_amendment_nor_a_recognition_puts_the_technology_amount_below_what_is_received()
    {
        var contract = await market.SubmittedContract(change: new { amount = 1000000, technologyAmount = 800000 });
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        await registrar.Act($"{await Recorded(contract.Buyer, contract, 500000)}/confirm").Json();
        var low = await registrar.PostJson($"{address}/recognise", market.RecognitionBody(new { technologyAmount = 499999.99m }))
            .AssertProblem(422, "technology-amount-below-received", "/technologyAmount");
        Assert.That(low.Text("detail"), Does.Contain("499999.99").And.Contain("500000.00"));
        await registrar.PostJson($"{address}/recognise", market.RecognitionBody(new { technologyAmount = 500000 })).Json();
        await contract.Buyer.Client.PostJson(Payments(contract), Payment(1)).AssertProblem(422, "payment-above-technology-amount", "/amount");

        await contract.Buyer.Client.Act($"{address}/amend").Json();
        await contract.Buyer.Client.PatchJson(address, new { technologyAmount = 400000 }, await contract.Buyer.Client.ETag(address))
            .AssertProblem(422, "technology-amount-below-received", "/technologyAmount");
        await contract.Buyer.Client.PatchJson(address, new { technologyAmount = 500001 }, await contract.Buyer.Client.ETag(address)).Json();
        await contract.Buyer.Client.PostJson(Payments(contract), Payment(1)).AssertProblem(422, "payment-above-technology-amount", "/amount");
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await contract.Seller.Client.Act($"{address}/sign").Json();
        await contract.Buyer.Client.PostJson(Payments(contract), Payment(1)).Json(201);
    }

    [Test]
    public async Task What_is_received_is_a_fact_that_policies_read()
    {
        var contract = await market.RecognisedContract();
        await contract.Seller.Client.Act($"{await Recorded(contract.Buyer, contract, 250000)}/confirm").Json();
        var claim = await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, Market.NewKey()).Json(201);
        var facts = (await contract.Buyer.Client.GetJson($"claims/{claim.Text("id")}/explanation")).GetProperty("facts");
        Assert.That((facts.GetProperty("paid").GetRawText(), facts.GetProperty("received").GetRawText()), Is.EqualTo(("250000", "250000")));
    }

    [Test]
    public async Task Payments_are_seen_by_whoever_sees_the_contract_and_told_to_both_sides()
    {
        var broker = await market.Party("broker");
        var contract = await market.SignedContract(change: new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var (one, two) = (await Recorded(contract.Buyer, contract, 1000), await Recorded(contract.Seller, contract, 2000));
        await contract.Seller.Client.Act($"{one}/confirm").Json();
        foreach (var reader in new[] { contract.Buyer.Client, broker.Client, await market.As("auditor") })
        {
            Assert.That((await reader.GetJson(Payments(contract))).Ids(), Is.EqualTo(new[] { two.Split('/')[^1], one.Split('/')[^1] }));
            Assert.That((await reader.GetJson($"{Payments(contract)}?limit=1")).Text("nextCursor"), Is.Not.Empty);
        }

        await (await market.Party()).Client.GetAsync(Payments(contract)).AssertProblem(404, "not-found");
        await broker.Client.PostJson(Payments(contract), Payment(1)).AssertProblem(403, "forbidden");
        await contract.Buyer.Client.GetAsync($"{Payments(await market.SignedContract(contract.Buyer))}/{one.Split('/')[^1]}").AssertProblem(404, "not-found");
        await Eventually.Holds(async () => (await contract.Buyer.Client.GetJson("events?types=payment.recorded,payment.confirmed,contract.received"))
            .GetProperty("data").EnumerateArray().Select(e => e.Text("type")).SequenceEqual(["payment.recorded", "payment.recorded", "contract.received", "payment.confirmed"]), "each step is an event");
    }

    [Test]
    public async Task The_dossier_of_a_contract_with_payments_verifies()
    {
        var contract = await market.RecognisedContract();
        await contract.Seller.Client.Act($"{await Recorded(contract.Buyer, contract, 1000)}/confirm").Json();
        await contract.Buyer.Client.Act($"contracts/{contract.Id}/complete").Json();
        using var answer = await contract.Buyer.Client.GetAsync($"contracts/{contract.Id}/dossier");
        var faults = new DossierCheck(PolicyReading.Of(null).Catalogue!).Run(await answer.Content.ReadAsByteArrayAsync(), out _);
        Assert.That(faults, Is.Empty);
    }

    static string Payments(TestContract contract) => $"contracts/{contract.Id}/payments";

    object Payment(decimal amount) => new { amount, paidOn = market.Today.Iso(), reference = $"ICBC-{Guid.NewGuid():n}" };

    async Task<string> Recorded(TestParty side, TestContract contract, decimal amount) =>
        $"{Payments(contract)}/{(await side.Client.PostJson(Payments(contract), Payment(amount)).Json(201)).Text("id")}";

    static async Task<string> PersonOf(TestContract contract) => (await contract.Seller.Client.GetJson($"contracts/{contract.Id}"))
        .GetProperty("signatures").EnumerateArray().Single(signature => signature.Text("side") == "seller").Text("person");

    static async Task<string> Received(TestContract contract) =>
        (await contract.Buyer.Client.GetJson($"contracts/{contract.Id}")).GetProperty("received").GetRawText();
}
