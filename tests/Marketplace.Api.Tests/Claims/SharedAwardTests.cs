using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests.Claims;

/// <summary>What an award has out counts for all who are paid of it: who takes another's place is paid what has come back, and no fen more.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class SharedAwardTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_broker_who_takes_anothers_place_gets_nothing_of_the_award_until_it_has_come_back()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var (first, second) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(district, 8_000_000, (first, 100));
        var paid = await Paid(office, first, contract);
        await market.Amend(contract, new { brokers = Shares((second, 100)) });
        Assert.That(await State(paid), Is.EqualTo("clawbackOpened"));
        await Claim(second, contract).AssertProblem(409, "claim-frozen");
        await office.OtherApprover.PostJson($"claims/{paid}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        Assert.That((await Claim(second, contract).Json(201)).GetProperty("amount").GetDecimal(), Is.EqualTo(50_000));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task What_one_broker_was_left_with_another_never_gets()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(200_000, district);
        var (first, second) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(district, 8_000_000, (first, 100));
        var paid = await Paid(office, first, contract);
        await market.Amend(contract, new { brokers = Shares((second, 100)) });
        await office.OtherApprover.PostJson($"claims/{paid}/waive", new { reason = "经研究不予追回" }, Market.NewKey()).Json();
        var refused = await Claim(second, contract).AssertProblem(409, "already-exists", "/award");
        Assert.That(refused.GetRawText(), Does.Contain("50000.00").And.Not.Contain(first.Id));
    }

    [Test]
    public async Task What_is_on_its_way_to_one_broker_is_not_another_s()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(200_000, district);
        var (first, second) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(district, 8_000_000, (first, 100));
        var ordered = await Ordered(office, first, contract);
        await market.Amend(contract, new { brokers = Shares((second, 100)) });
        await Claim(second, contract).AssertProblem(409, "already-exists");
        var paid = await office.Payer.PostJson($"claims/{ordered}/confirm-paid", new { reference = $"REF-{ordered}" }, Market.NewKey()).Json();
        Assert.That((paid.Text("state"), paid.GetProperty("recover").GetRawText()), Is.EqualTo(("clawbackOpened", "50000")));
        await Claim(second, contract).AssertProblem(409, "claim-frozen");
    }

    [Test]
    public async Task Shares_that_move_from_one_broker_to_another_add_up_to_the_award()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var (one, two) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(district, 8_000_000, (one, 40), (two, 60));
        var (first, second) = (await Paid(office, one, contract), (await Claim(two, contract).Json(201)).Text("id"));
        Assert.That((await Amount(first), await Amount(second)), Is.EqualTo((20_000m, 30_000m)));

        // The first gets the place of the second, whose claim was not paid yet.
        await market.Amend(contract, new { brokers = Shares((one, 100)) });
        Assert.That(await State(second), Is.EqualTo("lapsed"));
        Assert.That((await Claim(one, contract).Json(201)).GetProperty("amount").GetDecimal(), Is.EqualTo(30_000));

        // And back: what is demanded of the first is not the second's before it came; then it is.
        await market.Amend(contract, new { brokers = Shares((one, 20), (two, 80)) });
        Assert.That(await State(first), Is.EqualTo("clawbackOpened"));
        await Claim(two, contract).AssertProblem(409, "claim-frozen");
        await office.OtherApprover.PostJson($"claims/{first}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        Assert.That((await Claim(two, contract).Json(201)).GetProperty("amount").GetDecimal(), Is.EqualTo(40_000));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task Whoever_became_the_buyer_of_an_old_contract_gets_what_the_award_has_left()
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var (district, office) = (own.District(), await own.Office());
        await own.OpenFund(300_000, district);
        var (old, heir) = (await own.Party(region: district), await own.Party(region: district));
        var contract = await own.RecognisedContract(old, change: new { amount = 2_000_000 });
        await Paid(office, old, contract, "buyer");

        // As amendments could do it before the parties of a signed contract were fixed.
        var content = (await own.Database.Scalar<string>("SELECT content FROM contracts WHERE id = @Id", new { contract.Id }))!;
        var changed = content.Replace(old.Id, heir.Id, StringComparison.Ordinal);
        await own.Database.Execute("UPDATE contracts SET buyer_id = @heir, content = @changed WHERE id = @Id", new { heir = heir.Id, changed, contract.Id });
        await own.LiftTriggers();
        await own.Database.Execute("UPDATE events SET event_data = REPLACE(event_data, @before, @after) WHERE subject = @Id",
            new { before = Fingerprint.Of(content), after = Fingerprint.Of(changed), contract.Id });
        await heir.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, Market.NewKey()).AssertProblem(409, "already-exists");
        await heir.Client.PostJson("claims", new { contract = contract.Id, award = "major" }, Market.NewKey()).Json(201);
    }

    [Test]
    public async Task While_a_project_s_broker_gives_back_nobody_is_granted_more_under_its_cap()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(300_000, district);
        var (buyer, first, second, third) = (await market.Party(region: district), await market.Party("broker"), await market.Party("broker"), await market.Party("broker"));
        var project = $"project {Guid.NewGuid():n}";
        var (one, two, three) = (await Contract(first), await Contract(second), await Contract(third));
        var paid = await Paid(office, first, one);
        var reviewed = await Reviewed(office, second, two);
        await office.Manager.PostJson($"claims/{paid}/open-clawback", new { reason = "核查", amount = 1_000 }, Market.NewKey()).Json();
        await Claim(third, three).AssertProblem(409, "claim-frozen");
        await office.Approver.Act($"claims/{reviewed}/approve", Market.NewKey()).AssertProblem(409, "claim-frozen");
        await office.OtherApprover.PostJson($"claims/{paid}/claw-back", new { reason = "已退回" }, Market.NewKey()).Json();
        await office.Approver.Act($"claims/{reviewed}/approve", Market.NewKey()).Json();

        async Task<TestContract> Contract(TestParty broker) => await market.RecognisedContract(
            buyer, change: new { amount = 1_500_000, project, brokers = Shares((broker, 100)) });
    }

    [Test]
    public async Task A_claim_that_is_more_than_the_award_now_comes_to_is_not_approved()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(200_000, district);
        var (one, two) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(district, 8_000_000, (one, 60), (two, 40));
        var (first, second) = (await Paid(office, one, contract), (await Claim(two, contract).Json(201)).Text("id"));
        await market.Amend(contract, new { amount = 3_000_000 });
        Assert.That((await State(first), await Amount(second)), Is.EqualTo(("clawbackOpened", 12_000m)));
        await office.Reviewer.Act($"claims/{second}/recommend", Market.NewKey()).Json();
        await office.Approver.Act($"claims/{second}/approve", Market.NewKey()).AssertProblem(409, "claim-frozen");

        // 30,000 are the whole award, and stay with the first.
        await office.OtherApprover.PostJson($"claims/{first}/waive", new { reason = "经研究不予追回" }, Market.NewKey()).Json();
        var refused = await office.Approver.Act($"claims/{second}/approve", Market.NewKey()).AssertProblem(409, "entitlement-exceeded", "/amount");
        Assert.That(refused.GetRawText(), Does.Contain("12000.00").And.Contain("0.00"));
        Assert.That(await State(second), Is.EqualTo("reviewed"));
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetRawText(), Is.EqualTo("0"));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task A_sum_that_was_raised_past_the_API_is_not_approved()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(1_000_000, district);
        var claim = await market.ReviewedClaim(amount: 1_000_000, region: district);
        await market.Database.Execute("UPDATE claims SET amount_fen = amount_fen + 1 WHERE id = @Id", claim);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(409, "record-altered");
        await market.Database.Execute("UPDATE claims SET amount_fen = amount_fen - 1 WHERE id = @Id", claim);
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
    }

    [TestCase("related")]
    [TestCase("deregister")]
    [TestCase("terminate")]
    public async Task A_claim_that_waits_for_a_decision_lapses_when_its_award_or_contract_is_gone(string end)
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(2_000_000, district);
        var (undecided, decided, approved) = (await Major(district), await Major(district), await Major(district));
        await Decide(office, decided.Id, 600_000);
        await Decide(office, approved.Id, 600_000);
        await office.Approver.PostJson($"claims/{approved.Id}/approve", new { }, Market.NewKey()).Json();
        foreach (var claim in new[] { undecided, decided, approved })
        {
            await End(claim.Contract, end);
            Assert.That(await State(claim.Id), Is.EqualTo("lapsed"));
            await office.Reviewer.PostJson($"claims/{claim.Id}/recommend", new { amount = 600_000, reason = "重大项目" }, Market.NewKey()).AssertProblem(409, "invalid-transition");
        }
    }

    [Test]
    public async Task A_claim_that_waits_for_a_decision_is_computed_anew_when_its_contract_was_amended()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(2_000_000, district);
        var (undecided, decided, approved) = (await Major(district), await Major(district), await Major(district));
        await Decide(office, decided.Id, 600_000);
        await Decide(office, approved.Id, 600_000);
        await office.Approver.PostJson($"claims/{approved.Id}/approve", new { }, Market.NewKey()).Json();
        foreach (var claim in new[] { undecided, decided })
        {
            var before = await claim.Claimant.GetJson($"claims/{claim.Id}/explanation");
            await market.Amend(claim.Contract, new { amount = 30_000_000 });
            var after = await claim.Claimant.GetJson($"claims/{claim.Id}/explanation");
            Assert.That((before.GetProperty("facts").GetProperty("amount").GetDecimal(), after.GetProperty("facts").GetProperty("amount").GetDecimal()),
                Is.EqualTo((20_000_000m, 30_000_000m)));
        }

        Assert.That((await State(undecided.Id), await State(decided.Id)), Is.EqualTo(("submitted", "reviewed")));
        await office.Approver.PostJson($"claims/{decided.Id}/approve", new { }, Market.NewKey()).Json();

        // What is approved stays so, and its money set apart, where the policy leaves the decision open on the new terms too.
        await market.Amend(approved.Contract, new { amount = 25_000_000 });
        Assert.That(await State(approved.Id), Is.EqualTo("approved"));
        await market.AssertBooks(fund);
        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetRawText(), Is.EqualTo("1200000"));
    }

    [Test]
    public async Task What_a_broker_is_shown_of_others_is_what_they_hold_together()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(1_000_000, district);
        var (buyer, project) = (await market.Party(region: district), $"project {Guid.NewGuid():n}");
        var (first, second, third) = (await market.Party("broker"), await market.Party("broker"), await market.Party("broker"));
        var (one, two) = (await Contract(1_000_000, (first, 100)), await Contract(1_100_000, (second, 100)));
        await Paid(office, first, one);
        await Claim(second, two).Json(201);
        var own = await Contract(8_000_000, (third, 40), (first, 60));
        var claim = (await Claim(third, own).Json(201)).Text("id");
        Assert.That(await Amount(claim), Is.EqualTo(11_600));

        foreach (var address in new[] { $"claims/{claim}/explanation", $"contracts/{own.Id}/evaluation?explain=true", $"contracts/{own.Id}/dossier" })
        {
            foreach (var language in new[] { "zh-CN", "en" })
            {
                using var answer = await third.Client.Send(HttpMethod.Get, address, headers: ("Accept-Language", language));
                var text = await answer.Content.ReadAsStringAsync();
                Assert.That(text, Does.Contain("21000").And.Not.Contain("10000.00").And.Not.Contain("11000.00").And.Not.Contain("\"amount\":10000,").And.Not.Contain("\"amount\":11000,"), address);
                foreach (var other in new[] { one.Id, two.Id, second.Id })
                {
                    Assert.That(text, Does.Not.Contain(other), address);
                }
            }
        }

        var explanation = await third.Client.GetJson($"claims/{claim}/explanation");
        Assert.That((explanation.GetProperty("withheld").GetInt32(), explanation.GetProperty("history").GetArrayLength()), Is.EqualTo((4, 0)));
        Assert.That(Steps(explanation)[^1], Is.EqualTo(("share", "11600.00", "share of 40 %: 11600.00 yuan")));
        Assert.That(Steps(explanation), Has.One.EqualTo(("history", "21000.00", "other grants, together: 21000.00 yuan")));

        // An official sees them one by one, and what the whole rests on can be verified.
        var whole = await office.Reviewer.GetJson($"claims/{claim}/explanation");
        Assert.That((whole.Has("withheld"), whole.GetProperty("history").GetArrayLength()), Is.EqualTo((false, 4)));
        var check = await market.Anonymous.PostJson("evaluations/verify", new
        {
            policy = whole.Text("policy"), facts = whole.GetProperty("facts"), history = whole.GetProperty("history"), receipt = whole.GetProperty("receipt"),
        }).Json();
        Assert.That(check.GetProperty("agrees").GetBoolean(), Is.True, check.GetRawText());

        async Task<TestContract> Contract(decimal amount, params (TestParty Broker, int Share)[] brokers) =>
            await market.RecognisedContract(buyer, change: new { amount, project, brokers = Shares(brokers) });
    }

    [Test]
    public async Task The_steps_of_a_claim_end_in_its_sum()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(1_000_000, district);
        var (one, two) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(district, 1_000_000, (one, 40), (two, 60));
        var first = await Paid(office, one, contract);
        await Paid(office, two, contract);
        Assert.That(Last(await Explained(first)), Is.EqualTo("4000.00"));

        // A further part: 50 % of 30,000 are 15,000, of which the first part holds 4,000 and the other broker leaves 24,000.
        await market.Amend(contract, new { amount = 3_000_000, brokers = Shares((one, 50), (two, 50)) });
        var part = (await Claim(one, contract).Json(201)).Text("id");
        Assert.That(Steps(await Explained(part)).TakeLast(5).Select(step => step.Value), Is.EqualTo(new[] { "15000.00", "6000.00", "15000.00", "4000.00", "11000.00" }));
        Assert.That(await Amount(part), Is.EqualTo(11_000));

        // What a change takes away, and what somebody decided, stand at the end too.
        await market.Amend(contract, new { amount = 2_000_000 });
        Assert.That((await Amount(part), Last(await Explained(part))), Is.EqualTo((6_000m, "6000.00")));
        var major = await Major(district);
        await Decide(office, major.Id, 600_000);
        Assert.That(Last(await Explained(major.Id)), Is.EqualTo("600000.00"));

        async Task<JsonElement> Explained(string claim) => await (await market.As("auditor")).GetJson($"claims/{claim}/explanation");

        static string Last(JsonElement explanation) => Steps(explanation)[^1].Value;
    }

    [Test]
    public async Task An_award_about_something_else_than_a_contract_is_nobody_s_of_the_contract()
    {
        var contract = await market.RecognisedContract();
        await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "incubator" }, Market.NewKey()).AssertProblem(403, "forbidden");
    }

    [Test]
    public async Task A_broker_s_share_of_nothing_is_no_claim()
    {
        var (one, two) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await Contract(market.District(), 1_000_000, (one, 100), (two, 0));
        await Claim(two, contract).AssertProblem(422, "award-not-due");
    }

    async Task<TestContract> Contract(string district, decimal amount, params (TestParty Broker, int Share)[] brokers) => await market.RecognisedContract(
        await market.Party(region: district), change: new { amount, project = $"project {Guid.NewGuid():n}", brokers = Shares(brokers) });

    static JsonArray Shares(params (TestParty Broker, int Share)[] brokers) =>
        [.. brokers.Select(broker => new JsonObject { ["party"] = broker.Broker.Id, ["share"] = broker.Share })];

    static Task<HttpResponseMessage> Claim(TestParty payee, TestContract contract, string award = "broker") =>
        payee.Client.PostJson("claims", new { contract = contract.Id, award }, Market.NewKey());

    static async Task<string> Reviewed(TestOffice office, TestParty payee, TestContract contract, string award = "broker")
    {
        var claim = (await Claim(payee, contract, award).Json(201)).Text("id");
        await office.Reviewer.Act($"claims/{claim}/recommend", Market.NewKey()).Json();
        return claim;
    }

    static async Task<string> Ordered(TestOffice office, TestParty payee, TestContract contract, string award = "broker")
    {
        var claim = await Reviewed(office, payee, contract, award);
        await office.Approver.Act($"claims/{claim}/approve", Market.NewKey()).Json();
        await office.Payer.Act($"claims/{claim}/order", Market.NewKey()).Json();
        return claim;
    }

    static async Task<string> Paid(TestOffice office, TestParty payee, TestContract contract, string award = "broker")
    {
        var claim = await Ordered(office, payee, contract, award);
        await office.Payer.PostJson($"claims/{claim}/confirm-paid", new { reference = $"REF-{claim}" }, Market.NewKey()).Json();
        return claim;
    }

    /// <summary>Of an award that is decided case by case.</summary>
    async Task<TestClaim> Major(string district)
    {
        var contract = await market.RecognisedContract(await market.Party(region: district), change: new { amount = 20_000_000 });
        var claim = await Claim(contract.Buyer, contract, "major").Json(201);
        return new(claim.Text("id"), contract, contract.Buyer.Client);
    }

    static async Task Decide(TestOffice office, string claim, decimal amount) =>
        await office.Reviewer.PostJson($"claims/{claim}/recommend", new { amount, reason = "重大项目" }, Market.NewKey()).Json();

    async Task End(TestContract contract, string end)
    {
        if (end == "related")
        {
            await market.Amend(contract, new { relatedParties = true });
        }
        else
        {
            await (end == "deregister" ? await market.As("registrar") : contract.Buyer.Client).PostJson($"contracts/{contract.Id}/{end}", new { reason = "合同无效" }).Json();
        }
    }

    static List<(string Kind, string Value, string Text)> Steps(JsonElement explanation) =>
        [.. explanation.GetProperty("award").GetProperty("steps").EnumerateArray().Select(step => (step.Text("kind"), step.Text("value"), step.Text("text")))];

    async Task<string> State(string claim) => (await Seen(claim)).Text("state");

    async Task<decimal> Amount(string claim) => (await Seen(claim)).GetProperty("amount").GetDecimal();

    async Task<JsonElement> Seen(string claim) => await (await market.As("auditor")).GetJson($"claims/{claim}");
}
