using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Claims;

/// <summary>Money that is short, sums that need two approvers, who bears which share, and who may not decide on whose claim.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ClaimOperationTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task The_queue_lists_who_waits_for_a_fund_in_the_order_of_their_reviews_and_how_far_its_money_goes()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(60_000, district);
        var waiting = await Waiting(district, 3);
        await market.ReviewedClaim(region: market.District());

        var places = (await office.Manager.GetJson($"funds/{fund}/queue")).GetProperty("data").EnumerateArray().ToList();
        Assert.That(places.Select(place => place.Text("claim")), Is.EqualTo(waiting.Select(claim => claim.Id)));
        Assert.That(places.Select(place => place.GetProperty("together").GetRawText()), Is.EqualTo(new[] { "30000", "60000", "90000" }));
        Assert.That(places.Select(place => place.GetProperty("covered").GetBoolean()), Is.EqualTo(new[] { true, true, false }));
        var first = await office.Manager.GetJson($"funds/{fund}/queue?limit=2");
        var second = await office.Manager.GetJson($"funds/{fund}/queue?limit=2&cursor={first.Text("nextCursor")}");
        Assert.That(second.GetProperty("data").EnumerateArray().Single().GetProperty("place").GetInt32(), Is.EqualTo(3));
        await waiting[0].Claimant.GetAsync($"funds/{fund}/queue").AssertProblem(403, "forbidden");

        // Who is approved has left the queue.
        await office.Approver.Act($"claims/{waiting[1].Id}/approve", Market.NewKey()).Json();
        places = [.. (await office.Manager.GetJson($"funds/{fund}/queue")).GetProperty("data").EnumerateArray()];
        Assert.That(places.Select(place => place.Text("claim")), Is.EqualTo(new[] { waiting[0].Id, waiting[2].Id }));
    }

    [Test]
    public async Task A_fund_that_serves_in_turn_leaves_nobody_out_who_was_complete_earlier_but_by_a_recorded_decision()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(60_000, district, inTurn: true);
        var waiting = await Waiting(district, 3);
        await office.Approver.Act($"claims/{waiting[2].Id}/approve", Market.NewKey()).AssertProblem(409, "not-in-turn");
        // The second takes nothing from the first: both are covered.
        var covered = await office.Approver.PostJson($"claims/{waiting[1].Id}/approve", new { outOfTurn = "不需要" }, Market.NewKey()).Json();
        Assert.That(covered.Has("outOfTurn"), Is.False);

        var decided = await office.Approver.PostJson($"claims/{waiting[2].Id}/approve", new { outOfTurn = "市政府专题会议纪要〔2026〕3号" }, Market.NewKey()).Json();
        Assert.That((decided.Text("state"), decided.Text("outOfTurn")), Is.EqualTo(("approved", "市政府专题会议纪要〔2026〕3号")));
        var entries = (await office.Manager.GetJson($"funds/{fund}/entries")).GetProperty("data").EnumerateArray().ToList();
        Assert.That(entries[^1].Text("reason"), Is.EqualTo("市政府专题会议纪要〔2026〕3号"));
        await office.Approver.PostJson($"claims/{waiting[0].Id}/approve", new { outOfTurn = "无余额" }, Market.NewKey()).AssertProblem(409, "fund-insufficient");
        Assert.That((await waiting[0].Claimant.GetJson($"claims/{waiting[0].Id}")).Text("state"), Is.EqualTo("reviewed"));
    }

    [Test]
    public async Task A_large_sum_is_approved_by_two_people_who_did_not_review_it()
    {
        await using var own = await Market.Apart(database, host => host.ConfigureAppConfiguration((_, configuration) =>
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Marketplace:Claims:SecondApproverFrom"] = "30000" })));
        var office = await own.Office();
        var fund = await own.OpenFund(100_000, "630102");
        var (large, small) = (await own.ReviewedClaim(amount: 1_000_000), await own.ReviewedClaim(amount: 999_999.99m));
        Assert.That((await office.Approver.Act($"claims/{small.Id}/approve", Market.NewKey()).Json()).Text("state"), Is.EqualTo("approved"));

        var first = await office.Approver.Act($"claims/{large.Id}/approve", Market.NewKey()).Json();
        Assert.That((first.Text("state"), first.GetProperty("approvals").GetInt32(), first.Has("fund")), Is.EqualTo(("reviewed", 1, false)));
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("available").GetRawText(), Is.EqualTo("70000.01"));
        await office.Approver.Act($"claims/{large.Id}/approve", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        var reviewerToo = own.Client(await own.Key((await own.Party("government")).Id, ["approver", "payer"], "the reviewer"));
        await reviewerToo.Act($"claims/{large.Id}/approve", Market.NewKey()).AssertProblem(403, "separation-of-duty");

        var second = await office.OtherApprover.Act($"claims/{large.Id}/approve", Market.NewKey()).Json();
        Assert.That((second.Text("state"), second.GetProperty("approvals").GetInt32()), Is.EqualTo(("approved", 2)));
        Assert.That(second.GetProperty("persons").Text("firstApprover"), Is.EqualTo("the approver"));
        var firstAsPayer = own.Client(await own.Key((await own.Party("government")).Id, ["payer"], "the approver"));
        await firstAsPayer.Act($"claims/{large.Id}/order", Market.NewKey()).AssertProblem(403, "separation-of-duty");

        // The database refuses it too.
        Assert.That(() => own.Database.Execute("UPDATE claims SET approver = first_approver WHERE id = @Id", large), Throws.InstanceOf<System.Data.Common.DbException>());
    }

    [Test]
    public async Task City_and_park_bear_an_approved_claim_in_halves_to_the_fen()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(1_000_000, district);
        var inPark = await Approved(await market.Party(region: district, park: "生物科技产业园区"), 1_000_000.50m);
        Assert.That(inPark.GetProperty("amount").GetRawText(), Is.EqualTo("30000.01"));
        Assert.That(Shares(inPark), Is.EqualTo(new[] { "city  15000 False", "park 生物科技产业园区 15000.01 False" }));
        var outside = await Approved(await market.Party(region: district), 1_000_000);
        Assert.That(Shares(outside), Is.EqualTo(new[] { "city  30000 True" }));
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetRawText(), Is.EqualTo("60000.01"), "the fund pays the whole");

        async Task<System.Text.Json.JsonElement> Approved(TestParty buyer, decimal amount)
        {
            var claim = await market.ReviewedClaim(await market.RecognisedContract(buyer, change: new { amount }));
            return await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        }

        static IEnumerable<string> Shares(System.Text.Json.JsonElement claim) => claim.GetProperty("shares").EnumerateArray().Select(share =>
            $"{share.Text("payer")} {(share.Has("name") ? share.Text("name") : "")} {share.GetProperty("amount").GetRawText()} {share.GetProperty("unmatched").GetBoolean()}");
    }

    [Test]
    public async Task Nobody_decides_on_a_claim_of_their_own_organisation_or_of_the_contracts_other_side()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(100_000, district);
        var (buyer, seller, broker) = (await market.Party(region: district), await market.Party("university"), await market.Party("agency"));
        var contract = await market.RecognisedContract(buyer, seller, new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var claim = $"claims/{(await market.SubmittedClaim(contract)).Id}";
        foreach (var party in new[] { buyer, seller, broker })
        {
            await market.MakeOffice(party);
            await (await Official(party)).Act($"{claim}/recommend", Market.NewKey()).AssertProblem(403, "conflict-of-interest");
        }

        await office.Reviewer.Act($"{claim}/recommend", Market.NewKey()).Json();
        await (await Official(seller)).Act($"{claim}/approve", Market.NewKey()).AssertProblem(403, "conflict-of-interest");
        await office.Approver.Act($"{claim}/approve", Market.NewKey()).Json();
        await (await Official(broker)).Act($"{claim}/order", Market.NewKey()).AssertProblem(403, "conflict-of-interest");
        await (await Official(await market.Party("government"))).Act($"{claim}/order", Market.NewKey()).Json();

        async Task<HttpClient> Official(TestParty party) =>
            market.Client(await market.Key(party.Id, ["reviewer", "approver", "payer"], $"official {Guid.NewGuid():n}"[..30]));
    }

    [Test]
    public async Task What_was_paid_is_public_with_its_clause_and_without_who_received_it()
    {
        await using var own = await Market.Apart(database);
        var office = await own.Office();
        await own.OpenFund(1_000_000, "630102");
        var broker = await own.Party("broker");
        var contract = await own.RecognisedContract(change: new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var buyers = await Pay(contract.Buyer, contract, "buyer");
        own.Clock.Advance(TimeSpan.FromMinutes(1));
        await Pay(broker, contract, "broker");
        await own.SubmittedClaim();

        var all = await own.Anonymous.GetJson("subsidies");
        var (newest, oldest) = (all.GetProperty("data")[0], all.GetProperty("data")[1]);
        Assert.That(all.GetProperty("data").GetArrayLength(), Is.EqualTo(2));
        Assert.That((newest.Text("award"), newest.Text("payee"), newest.GetProperty("amount").GetRawText()), Is.EqualTo(("broker", "**", "10000")));
        Assert.That((oldest.Text("award"), oldest.Text("paidOn"), oldest.Text("region")), Is.EqualTo(("buyer", own.Today.Iso(), "630102")));
        var name = (await own.Admin.GetJson($"parties/{contract.Buyer.Id}")).Text("name");
        Assert.That(oldest.Text("payee"), Is.EqualTo($"{name[..2]}**{name[^2..]}"));
        Assert.That((oldest.GetProperty("clause").Text("id"), oldest.GetProperty("clause").Text("quote")), Is.EqualTo(("buyer", "对买方给予3%的技术合同补贴,最高不超过10万元")));
        foreach (var id in new[] { buyers, contract.Id, contract.Buyer.Id, broker.Id, "con_", "clm_", "pty_", "fnd_" })
        {
            Assert.That(all.GetRawText(), Does.Not.Contain(id));
        }

        Assert.That(await Count("region=6301"), Is.EqualTo(2));
        Assert.That(await Count("region=630103"), Is.Zero);
        Assert.That(await Count($"year={own.Today.Year}&policy=xining-2020"), Is.EqualTo(2));
        Assert.That(await Count($"year={own.Today.Year - 1}"), Is.Zero);
        var first = await own.Anonymous.GetJson("subsidies?limit=1");
        Assert.That((await own.Anonymous.GetJson($"subsidies?limit=1&cursor={first.Text("nextCursor")}")).Ids(), Is.EqualTo(new[] { oldest.Text("id") }));
        using var page = await own.Anonymous.Send(HttpMethod.Get, "subsidies", headers: ("Accept", "text/html"));
        Assert.That(await page.Content.ReadAsStringAsync(), Does.Contain("30000.00").And.Contain("最高不超过10万元").And.Contain("Chengdong"));

        // Given back in whole, it is no longer a subsidy that was paid.
        await office.Manager.PostJson($"claims/{buyers}/open-clawback", new { reason = "合同无效" }, Market.NewKey()).Json();
        await office.OtherApprover.PostJson($"claims/{buyers}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        Assert.That(await Count("year=2026"), Is.EqualTo(1));

        async Task<int> Count(string query) => (await own.Anonymous.GetJson($"subsidies?{query}")).GetProperty("data").GetArrayLength();

        async Task<string> Pay(TestParty payee, TestContract contract, string award)
        {
            var claim = (await payee.Client.PostJson("claims", new { contract = contract.Id, award }, Market.NewKey()).Json(201)).Text("id");
            await office.Reviewer.Act($"claims/{claim}/recommend", Market.NewKey()).Json();
            await office.Approver.Act($"claims/{claim}/approve", Market.NewKey()).Json();
            await office.Payer.Act($"claims/{claim}/order", Market.NewKey()).Json();
            await office.Payer.PostJson($"claims/{claim}/confirm-paid", new { reference = $"REF-{claim}" }, Market.NewKey()).Json();
            return claim;
        }
    }

    async Task<List<TestClaim>> Waiting(string district, int count)
    {
        var buyer = await market.Party(region: district);
        var waiting = new List<TestClaim>();
        for (var i = 0; i < count; i++)
        {
            market.Clock.Advance(TimeSpan.FromMilliseconds(1));
            waiting.Add(await market.ReviewedClaim(await market.RecognisedContract(buyer)));
        }

        return waiting;
    }
}
