namespace Marketplace.Api.Tests.Claims;

/// <summary>The way of an award from a recognised contract to the bank, and back.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ClaimTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_claim_is_computed_reviewed_approved_ordered_and_paid_by_different_people()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var contract = await market.RecognisedContract(buyer: await market.Party(region: district), change: new { amount = 2_000_000 });
        var claim = await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, idempotencyKey: Market.NewKey()).Json(201);
        Assert.That((claim.Text("state"), claim.GetProperty("amount").GetRawText(), claim.Text("policy")), Is.EqualTo(("submitted", "60000", "xining-2020")));
        var address = $"claims/{claim.Text("id")}";

        await office.Reviewer.Act($"{address}/recommend", Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("100000", "0", "0", "0")));
        await office.Approver.Act($"{address}/approve", Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("40000", "60000", "0", "0")));
        await office.Payer.Act($"{address}/order", Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("40000", "0", "60000", "0")));
        var paid = await office.Payer.PostJson($"{address}/confirm-paid", new { reference = $"ICBC-{claim.Text("id")}" }, Market.NewKey()).Json();
        Assert.That(paid.Text("state"), Is.EqualTo("paid"));
        Assert.That((await Money(fund)), Is.EqualTo(("40000", "0", "0", "60000")));
        await market.AssertBooks(fund);

        var entries = (await office.Manager.GetJson($"funds/{fund}/entries")).GetProperty("data").EnumerateArray().Select(entry => entry.Text("kind"));
        Assert.That(entries, Is.EqualTo(new[] { "appropriate", "reserve", "order", "pay" }));
    }

    [Test]
    public async Task The_steps_of_one_claim_are_for_different_people()
    {
        var district = market.District();
        await market.OpenFund(100_000, district);
        var claim = await market.SubmittedClaim(region: district);
        var office = (await market.Party("government")).Id;
        var one = market.Client(await market.Key(office, ["reviewer", "approver", "payer"], "One Person"));
        var same = market.Client(await market.Key(office, ["reviewer", "approver", "payer"], "One Person"));
        var two = market.Client(await market.Key(office, ["reviewer", "approver", "payer"], "Another Person"));
        await one.Act($"claims/{claim.Id}/recommend", Market.NewKey()).Json();
        await same.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await two.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        await one.Act($"claims/{claim.Id}/order", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await two.Act($"claims/{claim.Id}/order", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await (await market.As("payer")).Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
    }

    [Test]
    public async Task An_approval_that_the_fund_cannot_bear_changes_nothing()
    {
        var (district, office) = (market.District(), await market.Office());
        var claim = await market.ReviewedClaim(amount: 2_000_000, region: district);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(409, "fund-insufficient");
        var fund = await market.OpenFund(59_999.99m, district);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(409, "fund-insufficient");
        Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}")).Text("state"), Is.EqualTo("reviewed"));
        Assert.That((await Money(fund)), Is.EqualTo(("59999.99", "0", "0", "0")));

        // Raised by one cent with two people, it is borne.
        await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = 0.01, reason = "追加" }, Market.NewKey()).Json();
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(409, "fund-insufficient");
        await office.SecondManager.PostJson($"funds/{fund}/adjust", new { amount = 0.01, reason = "同意" }, Market.NewKey()).Json();
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("0", "60000", "0", "0")));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task An_award_is_claimed_once_for_a_contract_and_by_whom_it_is_for()
    {
        var broker = await market.Party("broker");
        var contract = await market.RecognisedContract(change: new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        await Claim(contract.Seller.Client, "buyer").AssertProblem(403, "forbidden");
        await Claim(broker.Client, "buyer").AssertProblem(403, "forbidden");
        await Claim((await market.Party()).Client, "buyer").AssertProblem(404, "not-found");
        await Claim(contract.Buyer.Client, "nothing").AssertProblem(422, "unknown-reference", "/award");
        await Claim(contract.Buyer.Client, "buyer").Json(201);
        await Claim(contract.Buyer.Client, "buyer").AssertProblem(409, "already-exists");
        Assert.That((await Claim(broker.Client, "broker").Json(201)).GetProperty("amount").GetRawText(), Is.EqualTo("10000"));
        await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }).AssertProblem(400, "idempotency-key-required");
        await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer", amount = 5 }, Market.NewKey()).AssertProblem(400, "read-only-field");

        Task<HttpResponseMessage> Claim(HttpClient client, string award) =>
            client.PostJson("claims", new { contract = contract.Id, award }, Market.NewKey());
    }

    [Test]
    public async Task Several_brokers_share_one_award_to_the_fen()
    {
        var brokers = new[] { await market.Party("broker"), await market.Party("agency"), await market.Party("broker") };
        var shares = new[] { 33.33m, 33.33m, 33.34m };
        var contract = await market.RecognisedContract(change: new
        {
            amount = 1_000_000.01m, brokers = brokers.Select((broker, i) => new { party = broker.Id, share = shares[i] }).ToArray(),
        });
        var sums = new List<decimal>();
        foreach (var broker in brokers)
        {
            var claim = await broker.Client.PostJson("claims", new { contract = contract.Id, award = "broker" }, Market.NewKey()).Json(201);
            sums.Add(claim.GetProperty("amount").GetDecimal());
        }

        Assert.That(sums, Is.EqualTo(new[] { 3333m, 3333m, 3334m }));
    }

    [Test]
    public async Task A_case_decision_needs_a_sum_in_the_range_of_the_policy_and_a_reason()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(1_000_000, district);
        var contract = await market.RecognisedContract(buyer: await market.Party(region: district), change: new { amount = 20_000_000 });
        var response = await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "major" }, Market.NewKey());
        var claim = await response.Json(201);
        Assert.That(claim.Has("amount"), Is.False);
        var address = $"claims/{claim.Text("id")}";
        await office.Reviewer.Act($"{address}/recommend", Market.NewKey()).AssertProblem(422, "decision-outside-range", "/amount");
        await office.Reviewer.PostJson($"{address}/recommend", new { amount = 499_999.99, reason = "重大项目" }, Market.NewKey()).AssertProblem(422, "decision-outside-range");
        await office.Reviewer.PostJson($"{address}/recommend", new { amount = 600_000 }, Market.NewKey()).AssertProblem(422, "decision-outside-range");
        await office.Reviewer.PostJson($"{address}/recommend", new { amount = 600_000, reason = "重大项目，成效显著" }, Market.NewKey()).Json();
        var approved = await office.Approver.PostJson($"{address}/approve", new { reason = "同意" }, Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("400000", "600000", "0", "0")));

        // What was decided stays on record beside what came after it.
        var decision = approved.GetProperty("decision");
        Assert.That((decision.GetProperty("amount").GetRawText(), decision.Text("reason"), decision.Has("at"), approved.Text("reason")),
            Is.EqualTo(("600000", "重大项目，成效显著", true, "同意")));
        Assert.That((decision.GetProperty("range").GetProperty("low").GetRawText(), decision.GetProperty("range").GetProperty("high").GetRawText()),
            Is.EqualTo(("500000", "1000000")));
        Assert.That(approved.GetProperty("persons").Text("reviewer"), Is.Not.EqualTo(approved.GetProperty("persons").Text("approver")));
        Assert.That((await contract.Buyer.Client.GetJson(address)).Has("persons"), Is.False);
    }

    [Test]
    public async Task What_the_bank_refuses_is_ordered_again_and_what_is_withdrawn_goes_back()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var claim = await market.ReviewedClaim(region: district);
        var address = $"claims/{claim.Id}";
        await office.Approver.Act($"{address}/approve", Market.NewKey()).Json();
        await office.Payer.Act($"{address}/order", Market.NewKey()).Json();
        await claim.Claimant.PostJson($"{address}/withdraw", new { reason = "放弃" }, Market.NewKey()).AssertProblem(409, "invalid-transition");
        await office.Payer.PostJson($"{address}/fail-payment", new { reason = "账户已注销" }, Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("70000", "30000", "0", "0")));
        await market.AssertBooks(fund);
        await claim.Claimant.PostJson($"{address}/withdraw", new { reason = "放弃" }, Market.NewKey()).Json();
        Assert.That((await Money(fund)), Is.EqualTo(("100000", "0", "0", "0")));
        await market.AssertBooks(fund);

        // Withdrawn, the award can be claimed again.
        await claim.Claimant.PostJson("claims", new { contract = claim.Contract.Id, award = "buyer" }, Market.NewKey()).Json(201);
    }

    [Test]
    public async Task What_was_paid_is_recovered_by_somebody_who_had_no_part_in_it()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(100_000, district);
        var claim = await Paid(office, district);
        await office.Manager.PostJson($"claims/{claim.Id}/open-clawback", new { reason = "合同无效" }, Market.NewKey()).Json();
        await office.Approver.PostJson($"claims/{claim.Id}/claw-back", new { reason = "已退回" }, Market.NewKey()).AssertProblem(403, "separation-of-duty");
        await office.OtherApprover.PostJson($"claims/{claim.Id}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        var seen = await office.Manager.GetJson($"funds/{fund}");
        Assert.That((seen.GetProperty("available").GetRawText(), seen.GetProperty("paid").GetRawText(), seen.GetProperty("returned").GetRawText()),
            Is.EqualTo(("100000", "30000", "30000")));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task The_explanation_gives_what_the_sum_was_computed_from_and_can_be_verified()
    {
        var claim = await market.SubmittedClaim();
        var explanation = await claim.Claimant.GetJson($"claims/{claim.Id}/explanation");
        Assert.That(explanation.GetProperty("award").GetProperty("steps").GetArrayLength(), Is.GreaterThan(2));
        var check = await market.Anonymous.PostJson("evaluations/verify", new
        {
            policy = explanation.Text("policy"), facts = explanation.GetProperty("facts"), history = explanation.GetProperty("history"),
            receipt = explanation.GetProperty("receipt"),
        }).Json();
        Assert.That(check.GetProperty("agrees").GetBoolean(), Is.True, check.GetRawText());
        await (await market.Party()).Client.GetAsync($"claims/{claim.Id}/explanation").AssertProblem(404, "not-found");
    }

    [Test]
    public async Task Two_payments_never_have_one_reference()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(100_000, district);
        var (one, two) = (await Ordered(office, district), await Ordered(office, district));
        var reference = new { reference = $"REF-{Guid.NewGuid():n}" };
        await office.Payer.PostJson($"claims/{one.Id}/confirm-paid", reference, Market.NewKey()).Json();
        await office.Payer.PostJson($"claims/{two.Id}/confirm-paid", reference, Market.NewKey()).AssertProblem(409, "already-exists", "/reference");
        Assert.That((await office.Payer.GetJson($"claims/{two.Id}")).Text("state"), Is.EqualTo("ordered"));
    }

    async Task<TestClaim> Ordered(TestOffice office, string district)
    {
        var claim = await market.ReviewedClaim(region: district);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        return claim;
    }

    async Task<TestClaim> Paid(TestOffice office, string district)
    {
        var claim = await Ordered(office, district);
        await office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"REF-{claim.Id}" }, Market.NewKey()).Json();
        return claim;
    }

    async Task<(string Available, string Reserved, string InFlight, string Paid)> Money(string fund)
    {
        var seen = await (await market.As("fundManager")).GetJson($"funds/{fund}");
        return (Raw("available"), Raw("reserved"), Raw("inFlight"), Raw("paid"));

        string Raw(string member) => seen.GetProperty(member).GetRawText();
    }
}
