
namespace Marketplace.Api.Tests.Contracts;

/// <summary>A contract's way: signed by both over the same terms, submitted, recognised, changed and ended; and who sees it.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ContractTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task Both_sides_sign_and_each_signature_names_its_person()
    {
        var contract = await market.DraftContract();
        var first = await contract.Seller.Client.Act($"contracts/{contract.Id}/sign").Json();
        Assert.That(first.Text("state"), Is.EqualTo("draft"));
        Assert.That(first.GetProperty("signatures").EnumerateArray().Select(s => s.Text("side")), Is.EqualTo(new[] { "seller" }));
        var second = await contract.Buyer.Client.Act($"contracts/{contract.Id}/sign").Json();
        Assert.That(second.Text("state"), Is.EqualTo("signed"));
        var signatures = second.GetProperty("signatures").EnumerateArray().ToList();
        Assert.That(signatures.Select(s => (s.Text("side"), s.Text("party"))), Is.EquivalentTo(new[] { ("buyer", contract.Buyer.Id), ("seller", contract.Seller.Id) }));
        Assert.That(signatures.Where(s => s.Has("person")).Select(s => s.Text("side")), Is.EqualTo(new[] { "buyer" }), "each side reads the name of its own person");
        var seen = (await (await market.As("registrar")).GetJson($"contracts/{contract.Id}")).GetProperty("signatures").EnumerateArray().Select(s => s.Text("person"));
        Assert.That(seen, Is.Unique.And.All.StartWith("person"));
        Assert.That(second.GetProperty("termsVersion").GetInt32(), Is.EqualTo(1), "a signature is no change of the terms");
    }

    [Test]
    public async Task A_side_that_has_signed_cannot_sign_again_and_is_told_what_it_can_do()
    {
        var contract = await market.DraftContract();
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        var again = await contract.Buyer.Client.Act($"{address}/sign").AssertProblem(409, "invalid-transition");
        Assert.That((again.Text("currentState"), again.Texts("availableActions")), Is.EqualTo(("draft", new[] { "terminate" })));
        await contract.Seller.Client.Act($"{address}/sign").Json();
        foreach (var side in new[] { contract.Buyer, contract.Seller })
        {
            var late = await side.Client.Act($"{address}/sign").AssertProblem(409, "invalid-transition");
            Assert.That(late.Text("currentState"), Is.EqualTo("signed"));
        }
    }

    [Test]
    public async Task A_change_of_the_terms_voids_the_signature_of_the_other_side()
    {
        var contract = await market.DraftContract();
        var address = $"contracts/{contract.Id}";
        await contract.Seller.Client.Act($"{address}/sign").Json();
        var changed = await contract.Buyer.Client.PatchJson(address, new { amount = 900000 }, await contract.Buyer.Client.ETag(address)).Json();
        Assert.That(changed.GetProperty("signatures").GetArrayLength(), Is.Zero);
        Assert.That(changed.GetProperty("termsVersion").GetInt32(), Is.EqualTo(2));
        Assert.That((await contract.Buyer.Client.Act($"{address}/sign").Json()).Text("state"), Is.EqualTo("draft"));
        Assert.That((await contract.Seller.Client.Act($"{address}/sign").Json()).Text("state"), Is.EqualTo("signed"));
    }

    [Test]
    public async Task Nobody_signs_terms_that_have_changed_since_they_were_read()
    {
        var contract = await market.DraftContract();
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.PatchJson(address, new { amount = 900000 }, await contract.Buyer.Client.ETag(address)).Json();
        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 1 }).AssertProblem(412, "precondition-failed");
        Assert.That((await contract.Seller.Client.GetJson(address)).GetProperty("signatures").GetArrayLength(), Is.Zero);
        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 2 }).Json();
    }

    [Test]
    public async Task The_last_signature_dates_a_contract_that_states_no_day()
    {
        var dated = await market.SignedContract(change: new { signedOn = "2026-01-05" });
        Assert.That((await dated.Buyer.Client.GetJson($"contracts/{dated.Id}")).Text("signedOn"), Is.EqualTo("2026-01-05"));
        var before = market.Today;
        var undated = await market.SignedContract(change: new { signedOn = (string?)null });
        var signedOn = DateOnly.Parse((await undated.Buyer.Client.GetJson($"contracts/{undated.Id}")).Text("signedOn"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(signedOn, Is.InRange(before, market.Today));
    }

    [Test]
    public async Task A_signed_contract_is_not_changed_behind_the_signatures()
    {
        var contract = await market.SignedContract();
        var address = $"contracts/{contract.Id}";
        var problem = await contract.Buyer.Client.PatchJson(address, new { amount = 1 }, await contract.Buyer.Client.ETag(address))
            .AssertProblem(409, "invalid-transition");
        Assert.That(problem.Text("currentState"), Is.EqualTo("signed"));
        Assert.That(problem.Texts("availableActions"), Does.Contain("amend"));
    }

    [Test]
    public async Task A_broker_cancels_the_draft_that_it_made_until_a_side_has_touched_it()
    {
        var (buyer, seller, agent) = (await market.Party(), await market.Party("university"), await market.Party("broker"));
        foreach (var touch in new[] { "none", "change", "sign" })
        {
            var body = market.ContractBody(buyer, seller, new { brokers = new[] { new { party = agent.Id, share = 100 } } });
            var made = await agent.Client.PostJson("contracts", body).Json(201);
            var address = $"contracts/{made.Text("id")}";
            Assert.That(made.Texts("availableActions"), Is.EqualTo(new[] { "terminate" }));
            if (touch == "none")
            {
                Assert.That((await agent.Client.PostJson($"{address}/terminate", new { reason = "双方未谈妥" }).Json()).Text("state"), Is.EqualTo("terminated"));
                Assert.That((await agent.Client.GetJson(address)).Texts("availableActions"), Is.Empty);
                continue;
            }

            _ = touch == "sign" ? await buyer.Client.Act($"{address}/sign").Json()
                : await buyer.Client.PatchJson(address, new { amount = 2000000 }, await buyer.Client.ETag(address)).Json();
            Assert.That((await agent.Client.GetJson(address)).Texts("availableActions"), Is.Empty, touch);
            await agent.Client.PostJson($"{address}/terminate", new { reason = "a" }).AssertProblem(touch == "sign" ? 409 : 403, touch == "sign" ? "invalid-transition" : "forbidden");
        }
    }

    [Test]
    public async Task A_broker_signs_nothing_and_changes_only_what_it_drafted()
    {
        var agent = await market.Party("broker");
        var contract = await market.DraftContract(change: new { brokers = new[] { new { party = agent.Id, share = 100 } } });
        var address = $"contracts/{contract.Id}";
        await agent.Client.Act($"{address}/sign").AssertProblem(403, "forbidden");
        await agent.Client.PatchJson(address, new { amount = 1 }, await agent.Client.ETag(address)).AssertProblem(403, "forbidden");
        Assert.That((await agent.Client.GetJson(address)).Texts("availableActions"), Is.Empty);
    }

    [Test]
    public async Task Only_the_seller_submits_and_only_a_registrar_recognises()
    {
        var contract = await market.SignedContract();
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.Act($"{address}/submit").AssertProblem(403, "forbidden");
        await contract.Seller.Client.Act($"{address}/submit").Json();
        foreach (var caller in new[] { contract.Seller.Client, contract.Buyer.Client, await market.As("approver"), await market.As("auditor") })
        {
            await caller.PostJson($"{address}/recognise", market.RecognitionBody()).AssertProblem(403, "forbidden");
        }

        await (await market.As("registrar")).PostJson($"{address}/recognise", market.RecognitionBody()).Json();
    }

    [Test]
    public async Task The_buyer_submits_an_import_of_technology()
    {
        var contract = await market.SignedContract(seller: await market.Party(region: "810000"));
        await contract.Seller.Client.Act($"contracts/{contract.Id}/submit").AssertProblem(403, "forbidden");
        Assert.That((await contract.Buyer.Client.Act($"contracts/{contract.Id}/submit").Json()).Text("state"), Is.EqualTo("submitted"));
    }

    [Test]
    public async Task Recognition_approves_the_technology_amount_and_the_kind()
    {
        var contract = await market.SubmittedContract(change: new { amount = 3000000.50m, technologyAmount = 2800000 });
        var body = market.RecognitionBody(new { technologyAmount = 2500000.25m, kind = "transfer" });
        var recognised = await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/recognise", body).Json();
        var recognition = recognised.GetProperty("recognition");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(recognised.Text("state"), Is.EqualTo("recognised"));
            Assert.That(recognised.GetProperty("recognisedAmount").GetRawText(), Is.EqualTo("2500000.25"));
            Assert.That(recognised.GetProperty("technologyAmount").GetRawText(), Is.EqualTo("2800000"));
            Assert.That(recognised.Text("kind"), Is.EqualTo("development"));
            Assert.That(recognition.Text("kind"), Is.EqualTo("transfer"));
            Assert.That(recognition.Text("number"), Is.EqualTo(body["number"]!.GetValue<string>()));
            Assert.That(recognition.Has("office"), Is.False);
        }
    }

    [Test]
    public async Task Recognition_is_neither_above_the_contract_nor_before_its_signing_nor_in_the_future()
    {
        var contract = await market.SubmittedContract(change: new { amount = 1000000, signedOn = "2026-02-10" });
        var (registrar, address) = (await market.As("registrar"), $"contracts/{contract.Id}/recognise");
        var above = await registrar.PostJson(address, market.RecognitionBody(new { technologyAmount = 1000000.01m }))
            .AssertProblem(422, "technology-amount-above-amount", "/technologyAmount");
        Assert.That(above.Text("detail"), Does.Contain("1000000.01").And.Contain("1000000.00"));
        await registrar.PostJson(address, market.RecognitionBody(new { recognisedOn = "2026-02-09" })).AssertProblem(422, "dates-order", "/recognisedOn");
        var tomorrow = market.Today.AddDays(30).Iso();
        var future = await registrar.PostJson(address, market.RecognitionBody(new { recognisedOn = tomorrow })).AssertProblem(422, "date-in-future", "/recognisedOn");
        Assert.That(future.Text("detail"), Does.Contain(tomorrow));
        Assert.That((await contract.Buyer.Client.GetJson($"contracts/{contract.Id}")).Text("state"), Is.EqualTo("submitted"));
    }

    [Test]
    public async Task A_registration_number_is_given_once()
    {
        var (one, two) = (await market.SubmittedContract(), await market.SubmittedContract());
        var (registrar, body) = (await market.As("registrar"), market.RecognitionBody());
        await registrar.PostJson($"contracts/{one.Id}/recognise", body).Json();
        var problem = await registrar.PostJson($"contracts/{two.Id}/recognise", body).AssertProblem(409, "already-exists", "/number");
        Assert.That(problem.Text("detail"), Does.Contain(body["number"]!.GetValue<string>()));
        Assert.That((await two.Buyer.Client.GetJson($"contracts/{two.Id}")).Text("state"), Is.EqualTo("submitted"));
    }
}
