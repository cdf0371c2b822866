using System.Text.Json;

namespace Marketplace.Api.Tests.Claims;

/// <summary>What becomes of claims and paid awards when their contract is amended, ends or is struck from the register.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class CorrectionTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_contract_that_grew_adds_a_part_to_what_was_paid_within_the_cap()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var claim = await Paid(office, district, amount: 1_000_000);
        await Amend(claim.Contract, 2_000_000);
        Assert.That(await Seen(claim), Is.EqualTo(("paid", "30000")));
        var part = await Claim(claim).Json(201);
        Assert.That((part.GetProperty("part").GetInt32(), part.GetProperty("amount").GetRawText()), Is.EqualTo((1, "30000")));
        await Claim(claim).AssertProblem(409, "already-exists");

        // Up to the cap of the award, whatever it has come to by then.
        await Amend(claim.Contract, 9_000_000);
        Assert.That((await Claim(claim).Json(201)).GetProperty("amount").GetRawText(), Is.EqualTo("40000"));
        await Amend(claim.Contract, 9_500_000);
        await Claim(claim).AssertProblem(409, "already-exists");
        await Approve(office, part.Text("id"));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task A_contract_that_shrank_opens_the_recovery_of_the_difference()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var claim = await Paid(office, district, amount: 2_000_000);
        await Amend(claim.Contract, 1_500_000.50m);
        var opened = await claim.Claimant.GetJson($"claims/{claim.Id}");
        Assert.That((opened.Text("state"), opened.GetProperty("recover").GetRawText()), Is.EqualTo(("clawbackOpened", "14999.99")));
        Assert.That(opened.Text("reason"), Does.Contain("14999.99"));
        await market.AssertBooks(fund);
        await office.OtherApprover.PostJson($"claims/{claim.Id}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        var back = await claim.Claimant.GetJson($"claims/{claim.Id}");
        Assert.That((back.Text("state"), back.GetProperty("recovered").GetRawText(), back.Has("recover")), Is.EqualTo(("clawedBack", "14999.99", false)));
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("returned").GetRawText(), Is.EqualTo("14999.99"));
        await market.AssertBooks(fund);

        // The rest follows when the contract falls.
        await Deregister(claim.Contract);
        Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}")).GetProperty("recover").GetRawText(), Is.EqualTo("45000.01"));
        await office.OtherApprover.PostJson($"claims/{claim.Id}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("returned").GetRawText(), Is.EqualTo("60000"));
        await office.Manager.PostJson($"claims/{claim.Id}/open-clawback", new { reason = "再次" }, Market.NewKey()).AssertProblem(409, "invalid-transition");
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task Claims_rest_while_changed_terms_wait_for_recognition_and_go_on_afterwards()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var claim = await market.ReviewedClaim(amount: 1_000_000, region: district);
        await Market.SignAmendment(claim.Contract, new { title = "补充协议后的合同" });
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(409, "claim-frozen");
        await market.RecogniseAnew(claim.Contract);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        await Market.SignAmendment(claim.Contract, new { title = "再次补充" });
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).AssertProblem(409, "claim-frozen");
        await market.RecogniseAnew(claim.Contract);
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task An_approved_claim_of_a_contract_that_shrank_is_released_and_reviewed_anew_at_what_is_left()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var claim = await Approved(office, district, amount: 2_000_000);
        await Amend(claim.Contract, 1_000_000);
        Assert.That(await Seen(claim), Is.EqualTo(("submitted", "30000")));
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetRawText(), Is.EqualTo("0"));
        var explanation = await claim.Claimant.GetJson($"claims/{claim.Id}/explanation");
        Assert.That((explanation.GetProperty("computed").GetRawText(), explanation.GetProperty("amount").GetRawText()), Is.EqualTo(("60000", "30000")));
        Assert.That(explanation.Text("reason"), Does.Contain("30000"));
        await office.Reviewer.Act($"claims/{claim.Id}/recommend", Market.NewKey()).Json();
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetRawText(), Is.EqualTo("30000"));
        await market.AssertBooks(fund);
    }

    [TestCase("deregister")]
    [TestCase("terminate")]
    public async Task A_contract_that_falls_lets_unpaid_claims_lapse_and_has_paid_ones_recovered(string fall)
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var broker = await market.Party("broker");
        var contract = await market.RecognisedContract(buyer: await market.Party(region: district), change: new
        {
            amount = 1_000_000, brokers = new[] { new { party = broker.Id, share = 100 } },
        });
        var (bought, brokered) = (await market.ReviewedClaim(contract), await BrokersClaim(contract, broker));
        await Approve(office, brokered, reviewed: false);
        await Fall(contract, fall);
        Assert.That(await Seen(bought), Is.EqualTo(("lapsed", "30000")));
        Assert.That((await broker.Client.GetJson($"claims/{brokered}")).Text("state"), Is.EqualTo("lapsed"));
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetRawText(), Is.EqualTo("0"));

        var paid = await Paid(office, district, amount: 1_000_000);
        await Fall(paid.Contract, fall);
        Assert.That(await Seen(paid), Is.EqualTo(("clawbackOpened", "30000")));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task What_the_bank_pays_after_the_contract_fell_is_demanded_back_at_once_and_what_it_refuses_lapses()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var (one, two) = (await Ordered(office, district), await Ordered(office, district));
        await Deregister(one.Contract);
        await Deregister(two.Contract);
        Assert.That(await Seen(one), Is.EqualTo(("ordered", "30000")));
        var paid = await office.Payer.PostJson($"claims/{one.Id}/confirm-paid", new { reference = $"REF-{one.Id}" }, Market.NewKey()).Json();
        Assert.That((paid.Text("state"), paid.GetProperty("recover").GetRawText()), Is.EqualTo(("clawbackOpened", "30000")));
        var failed = await office.Payer.PostJson($"claims/{two.Id}/fail-payment", new { reason = "账户已注销" }, Market.NewKey()).Json();
        Assert.That(failed.Text("state"), Is.EqualTo("lapsed"));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task While_a_recovery_is_undecided_nothing_is_added_and_the_next_correction_waits_for_the_decision()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var claim = await Paid(office, district, amount: 2_000_000);
        await office.Manager.PostJson($"claims/{claim.Id}/open-clawback", new { reason = "核查", amount = 10_000 }, Market.NewKey()).Json();
        await Amend(claim.Contract, 3_000_000);
        await Claim(claim).AssertProblem(409, "claim-frozen");
        await Amend(claim.Contract, 1_000_000);
        Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}")).GetProperty("recover").GetRawText(), Is.EqualTo("10000"));
        await office.OtherApprover.PostJson($"claims/{claim.Id}/waive", new { reason = "核查无误" }, Market.NewKey()).Json();
        // 60,000 were paid, 10,000 of them waived; 30,000 are due now.
        var seen = await claim.Claimant.GetJson($"claims/{claim.Id}");
        Assert.That((seen.Text("state"), seen.GetProperty("recover").GetRawText(), seen.GetProperty("waived").GetRawText()), Is.EqualTo(("clawbackOpened", "20000", "10000")));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task What_was_waived_is_not_claimed_once_more()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(200_000, district);
        var claim = await Paid(office, district, amount: 1_000_000);
        await office.Manager.PostJson($"claims/{claim.Id}/open-clawback", new { amount = 10_000, reason = "复查" }, Market.NewKey()).Json();
        await office.OtherApprover.PostJson($"claims/{claim.Id}/waive", new { reason = "核查无误" }, Market.NewKey()).Json();
        await Claim(claim).AssertProblem(409, "already-exists");
        await Amend(claim.Contract, 2_000_000);
        Assert.That((await Claim(claim).Json(201)).GetProperty("amount").GetRawText(), Is.EqualTo("30000"));
    }

    [Test]
    public async Task No_more_is_demanded_back_than_the_payee_holds()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(200_000, district);
        var claim = await Paid(office, district, amount: 1_000_000);
        foreach (var amount in new[] { 30_000.01m, 0m })
        {
            await office.Manager.PostJson($"claims/{claim.Id}/open-clawback", new { reason = "核查", amount }, Market.NewKey()).AssertProblem(422, "amount-above-held", "/amount");
        }
    }

    [Test]
    public async Task What_is_recovered_after_the_fund_has_closed_goes_to_the_treasury()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var claim = await Paid(office, district, amount: 1_000_000);
        await office.Manager.PostJson($"funds/{fund}/close", new { }, Market.NewKey()).Json();
        await Deregister(claim.Contract);
        await office.OtherApprover.PostJson($"claims/{claim.Id}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        var seen = await office.Manager.GetJson($"funds/{fund}");
        Assert.That((seen.GetProperty("available").GetRawText(), seen.GetProperty("returned").GetRawText(), seen.GetProperty("appropriation").GetRawText()),
            Is.EqualTo(("0", "30000", "0")));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task Contracts_of_one_project_never_get_more_than_its_cap_in_whatever_order_they_are_recognised_claimed_and_amended()
    {
        var (district, broker) = (market.District(), await market.Party("broker"));
        var buyer = await market.Party(region: district);
        var project = $"project {Guid.NewGuid():n}";
        var (one, two) = (await Contract(3_000_000), await Contract(3_000_000));
        Assert.That((await Share(one), await Share(two)), Is.EqualTo((30_000m, 20_000m)));

        // Dated before the two, it finds the cap used up by what they hold, and so does an amendment that comes later.
        var dated = await Contract(3_000_000, market.Today.AddDays(-20));
        await Claim(dated).AssertProblem(422, "award-not-due");
        await Amend(two, 5_000_000);
        await Claim(two).AssertProblem(409, "already-exists");

        // What one gives up is for whoever was recognised first.
        await Amend(one, 1_000_000);
        await Claim(two).AssertProblem(409, "already-exists");
        Assert.That(await Share(dated), Is.EqualTo(20_000));
        Assert.That((await broker.Client.GetJson("claims")).GetProperty("data").EnumerateArray()
            .Where(claim => claim.Text("state") != "lapsed").Sum(claim => claim.GetProperty("amount").GetDecimal()), Is.EqualTo(50_000));

        async Task<TestContract> Contract(decimal amount, DateOnly? recognisedOn = null) => await market.RecognisedContract(buyer, change: new
        {
            amount, project, signedOn = market.Today.AddDays(-30), brokers = new[] { new { party = broker.Id, share = 100 } },
        }, recognition: new { recognisedOn = recognisedOn ?? market.Today.AddDays(-10) });

        Task<HttpResponseMessage> Claim(TestContract contract) =>
            broker.Client.PostJson("claims", new { contract = contract.Id, award = "broker" }, Market.NewKey());

        async Task<decimal> Share(TestContract contract) => (await Claim(contract).Json(201)).GetProperty("amount").GetDecimal();
    }

    [Test]
    public async Task The_event_of_a_correction_says_the_difference()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(100_000, district);
        var claim = await Paid(office, district, amount: 2_000_000);
        await Amend(claim.Contract, 1_000_000);
        var told = default(JsonElement);
        await Eventually.Holds(async () =>
        {
            var events = (await claim.Claimant.GetJson("events?types=claim.clawbackOpened&limit=100")).GetProperty("data").EnumerateArray();
            told = events.SingleOrDefault(e => e.Text("subject") == claim.Id);
            return told.ValueKind == JsonValueKind.Object;
        }, "the event is told");
        Assert.That(told.GetProperty("data").GetProperty("correction").GetProperty("difference").GetRawText(), Is.EqualTo("-30000"));
    }

    static Task<HttpResponseMessage> Claim(TestClaim claim) =>
        claim.Claimant.PostJson("claims", new { contract = claim.Contract.Id, award = "buyer" }, Market.NewKey());

    static async Task<(string State, string Amount)> Seen(TestClaim claim)
    {
        var seen = await claim.Claimant.GetJson($"claims/{claim.Id}");
        return (seen.Text("state"), seen.GetProperty("amount").GetRawText());
    }

    Task Amend(TestContract contract, decimal amount) => market.Amend(contract, new { amount });

    Task Deregister(TestContract contract) => Fall(contract, "deregister");

    async Task Fall(TestContract contract, string action)
    {
        var client = action == "deregister" ? await market.As("registrar") : contract.Buyer.Client;
        await client.PostJson($"contracts/{contract.Id}/{action}", new { reason = "合同无效" }).Json();
    }

    static async Task<string> BrokersClaim(TestContract contract, TestParty broker) =>
        (await broker.Client.PostJson("claims", new { contract = contract.Id, award = "broker" }, Market.NewKey()).Json(201)).Text("id");

    static async Task Approve(TestOffice office, string claim, bool reviewed = false)
    {
        if (!reviewed)
        {
            await office.Reviewer.Act($"claims/{claim}/recommend", Market.NewKey()).Json();
        }

        await office.Approver.Act($"claims/{claim}/approve", Market.NewKey()).Json();
    }

    async Task<TestClaim> Approved(TestOffice office, string district, decimal amount)
    {
        var claim = await market.ReviewedClaim(amount: amount, region: district);
        await Approve(office, claim.Id, reviewed: true);
        return claim;
    }

    async Task<TestClaim> Ordered(TestOffice office, string district, decimal amount = 1_000_000)
    {
        var claim = await Approved(office, district, amount);
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        return claim;
    }

    async Task<TestClaim> Paid(TestOffice office, string district, decimal amount)
    {
        var claim = await Ordered(office, district, amount);
        await office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"REF-{claim.Id}" }, Market.NewKey()).Json();
        return claim;
    }
}
