namespace Marketplace.Api.Tests.Contracts;

/// <summary>What can become of a contract before and after it is recognised, and who may know of it.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ContractCourseTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_supplement_is_asked_for_with_a_reason_and_submitted_again()
    {
        var contract = await market.SubmittedContract();
        var (registrar, address) = (await market.As("registrar"), $"contracts/{contract.Id}");
        await registrar.PostJson($"{address}/request-supplement", new { }).AssertProblem(400, "validation-failed", "/reason");
        var asked = await registrar.PostJson($"{address}/request-supplement", new { reason = "请补充技术附件" }).Json();
        Assert.That((asked.Text("state"), asked.Text("reason")), Is.EqualTo(("supplement", "请补充技术附件")));
        await registrar.PostJson($"{address}/recognise", market.RecognitionBody()).AssertProblem(409, "invalid-transition");
        Assert.That((await contract.Seller.Client.Act($"{address}/submit").Json()).Text("state"), Is.EqualTo("submitted"));
    }

    [Test]
    public async Task A_refused_contract_says_why_and_may_be_amended_or_performed_all_the_same()
    {
        var contract = await market.SubmittedContract();
        var (registrar, address) = (await market.As("registrar"), $"contracts/{contract.Id}");
        await registrar.PostJson($"{address}/refuse", new { reason = "" }).AssertProblem(400, "validation-failed", "/reason");
        await registrar.PostJson($"{address}/refuse", new { reason = "不属于技术合同" }).Json();
        var seen = await contract.Buyer.Client.GetJson(address);
        Assert.That((seen.Text("state"), seen.Text("reason")), Is.EqualTo(("refused", "不属于技术合同")));
        Assert.That(seen.Texts("availableActions"), Is.EquivalentTo(new[] { "amend", "complete", "terminate" }));
    }

    [Test]
    public async Task The_certificate_of_another_citys_office_is_recorded_with_its_office()
    {
        var contract = await market.SignedContract(change: new { signedOn = "2026-01-05" });
        var (registrar, address) = (await market.As("registrar"), $"contracts/{contract.Id}/record-recognition");
        await registrar.PostJson(address, market.RecognitionBody()).AssertProblem(400, "validation-failed", "/office");
        await contract.Seller.Client.PostJson(address, market.RecognitionBody(new { office = "兰州市技术市场" })).AssertProblem(403, "forbidden");
        var recorded = await registrar.PostJson(address, market.RecognitionBody(new { office = "兰州市技术市场", recognisedOn = "2026-01-20" })).Json();
        Assert.That(recorded.Text("state"), Is.EqualTo("recognised"));
        Assert.That(recorded.GetProperty("recognition").Text("office"), Is.EqualTo("兰州市技术市场"));
    }

    [Test]
    public async Task An_amended_contract_is_signed_and_recognised_anew()
    {
        var contract = await market.RecognisedContract();
        var (registrar, address) = (await market.As("registrar"), $"contracts/{contract.Id}");
        await contract.Seller.Client.Act($"{address}/amend").Json();
        await contract.Buyer.Client.PatchJson(address, new { amount = 1200000 }, await contract.Buyer.Client.ETag(address)).Json();
        Assert.That((await contract.Buyer.Client.Act($"{address}/sign").Json()).Text("state"), Is.EqualTo("recognised"));
        Assert.That((await contract.Seller.Client.Act($"{address}/sign").Json()).Text("state"), Is.EqualTo("signed"));
        await contract.Seller.Client.Act($"{address}/submit").Json();
        var again = await registrar.PostJson($"{address}/recognise", market.RecognitionBody()).Json();
        Assert.That(again.GetProperty("recognition").GetProperty("termsVersion").GetInt32(), Is.EqualTo(again.GetProperty("termsVersion").GetInt32()));
        Assert.That(again.GetProperty("recognisedAmount").GetRawText(), Is.EqualTo("1200000"));

        // Each version of the terms stays on record.
        var written = (await registrar.GetJson($"{address}/steps?limit=100")).GetProperty("data").EnumerateArray()
            .Where(step => step.Text("step") is "create" or "update")
            .Select(step => ((step.Has("amendmentVersion") ? step.GetProperty("amendmentVersion") : step.GetProperty("termsVersion")).GetInt32(), step.GetProperty("content").GetProperty("amount").GetRawText())).ToList();
        Assert.That(written, Is.EqualTo(new[] { (1, "1000000"), (3, "1200000") }));
    }

    [Test]
    public async Task Terms_that_were_never_signed_are_on_record_for_the_two_sides_alone()
    {
        var contract = await market.DraftContract(change: new { amount = 900000 });
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.PatchJson(address, new { amount = 800000 }, await contract.Buyer.Client.ETag(address)).Json();
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await contract.Seller.Client.Act($"{address}/sign").Json();
        Assert.That(await Amounts(contract.Seller.Client), Is.EqualTo(new[] { "900000", "800000" }));
        Assert.That(await Amounts(await market.As("registrar")), Is.EqualTo(new[] { null, "800000" }));

        async Task<IEnumerable<string?>> Amounts(HttpClient reader) =>
            (await reader.GetJson($"{address}/steps")).GetProperty("data").EnumerateArray().Where(step => step.Text("step") is "create" or "update")
            .Select(step => step.Has("content") ? step.GetProperty("content").GetProperty("amount").GetRawText() : null);
    }

    [Test]
    public async Task A_performed_contract_ends_and_can_only_be_struck_off()
    {
        var contract = await market.RecognisedContract();
        var address = $"contracts/{contract.Id}";
        Assert.That((await contract.Buyer.Client.Act($"{address}/complete").Json()).Text("state"), Is.EqualTo("completed"));
        await contract.Buyer.Client.PostJson($"{address}/terminate", new { reason = "太迟" }).AssertProblem(409, "invalid-transition");
        var registrar = await market.As("registrar");
        await registrar.PostJson($"{address}/deregister", new { }).AssertProblem(400, "validation-failed", "/reason");
        var struck = await registrar.PostJson($"{address}/deregister", new { reason = "材料不实" }).Json();
        Assert.That((struck.Text("state"), struck.Text("reason")), Is.EqualTo(("deregistered", "材料不实")));
        Assert.That(struck.Texts("availableActions"), Is.Empty);
    }

    [Test]
    public async Task A_side_ends_a_contract_early_with_a_reason()
    {
        var contract = await market.SignedContract();
        var address = $"contracts/{contract.Id}/terminate";
        await contract.Seller.Client.PostJson(address, new { }).AssertProblem(400, "validation-failed", "/reason");
        await (await market.As("registrar")).PostJson(address, new { reason = "x" }).AssertProblem(403, "forbidden");
        var ended = await contract.Seller.Client.PostJson(address, new { reason = "资金未到位" }).Json();
        Assert.That((ended.Text("state"), ended.Text("reason")), Is.EqualTo(("terminated", "资金未到位")));
    }

    [Test]
    public async Task A_draft_is_known_to_its_sides_and_brokers_alone()
    {
        var agent = await market.Party("broker");
        var contract = await market.DraftContract(change: new { brokers = new[] { new { party = agent.Id, share = 100 } } });
        foreach (var reader in new[] { contract.Buyer.Client, contract.Seller.Client, agent.Client })
        {
            Assert.That((await reader.GetJson("contracts")).Ids(), Does.Contain(contract.Id));
            await reader.GetJson($"contracts/{contract.Id}");
        }

        foreach (var role in new[] { "registrar", "reviewer", "approver", "payer", "fundManager", "auditor", "moderator" })
        {
            await (await market.As(role)).GetAsync($"contracts/{contract.Id}").AssertProblem(404, "not-found");
            Assert.That((await (await market.As(role)).GetJson($"contracts?buyer={contract.Buyer.Id}")).Ids(), Is.Empty, role);
        }
    }

    [Test]
    public async Task Officials_see_a_contract_from_its_signing_on_and_outsiders_never()
    {
        var contract = await market.SignedContract();
        foreach (var role in new[] { "registrar", "reviewer", "approver", "payer", "fundManager", "auditor" })
        {
            await (await market.As(role)).GetJson($"contracts/{contract.Id}");
            Assert.That((await (await market.As(role)).GetJson($"contracts?buyer={contract.Buyer.Id}")).Ids(), Is.EqualTo(new[] { contract.Id }), role);
        }

        foreach (var outsider in new[] { (await market.Party()).Client, (await market.Party("broker")).Client, await market.As("moderator") })
        {
            await outsider.GetAsync($"contracts/{contract.Id}").AssertProblem(404, "not-found");
            await outsider.PostJson($"contracts/{contract.Id}/terminate", new { reason = "x" }).AssertProblem(404, "not-found");
            Assert.That((await outsider.GetJson($"contracts?buyer={contract.Buyer.Id}")).Ids(), Is.Empty);
        }
    }

    [Test]
    public async Task A_broker_that_is_taken_out_of_the_terms_knows_the_contract_no_more()
    {
        var agent = await market.Party("broker");
        var contract = await market.DraftContract(change: new { brokers = new[] { new { party = agent.Id, share = 100 } } });
        var address = $"contracts/{contract.Id}";
        await contract.Buyer.Client.PatchJson(address, new { brokers = Array.Empty<object>() }, await contract.Buyer.Client.ETag(address)).Json();
        await agent.Client.GetAsync(address).AssertProblem(404, "not-found");
        Assert.That((await agent.Client.GetJson("contracts")).Ids(), Is.Empty);
    }

    [Test]
    public async Task Contracts_are_found_by_state_kind_side_and_project()
    {
        var buyer = await market.Party();
        var project = $"项目 {Guid.NewGuid():n}";
        var draft = await market.DraftContract(buyer, change: new { kind = "service", project });
        var signed = await market.SignedContract(buyer);
        Assert.That((await buyer.Client.GetJson("contracts")).Ids(), Is.EqualTo(new[] { signed.Id, draft.Id }));
        foreach (var (query, id) in new[]
        {
            ("state=signed", signed.Id), ("state=draft", draft.Id), ("kind=service", draft.Id), ($"seller={signed.Seller.Id}", signed.Id),
            ($"project={Uri.EscapeDataString(project)}", draft.Id),
        })
        {
            Assert.That((await buyer.Client.GetJson($"contracts?{query}")).Ids(), Is.EqualTo(new[] { id }), query);
        }
    }
}
