namespace Marketplace.Api.Tests.Contracts;

/// <summary>What the terms of a contract must agree with; every refusal names the limit and what was sent.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ContractRuleTests(Database database)
{
    readonly Market market = Market.On(database);

    TestParty buyer = null!;
    TestParty seller = null!;
    TestParty agent = null!;

    [OneTimeSetUp]
    public async Task Make_the_parties() =>
        (buyer, seller, agent) = (await market.Party(), await market.Party("university"), await market.Party("broker"));

    [Test]
    public Task The_technology_amount_is_not_above_the_contract_amount() =>
        Refused(new { amount = 1000000, technologyAmount = 1000000.01m }, "technology-amount-above-amount", "/technologyAmount", "1000000.01", "1000000.00");

    [Test]
    public Task Buyer_and_seller_are_two_parties() => Refused(new { seller = buyer.Id }, "same-party", "/seller");

    [Test]
    public Task A_contract_does_not_end_before_it_starts() =>
        Refused(new { startsOn = "2026-05-02", endsOn = "2026-05-01" }, "dates-order", "/endsOn", "2026-05-02", "2026-05-01");

    [Test]
    public async Task A_contract_may_start_and_end_on_one_day()
    {
        var contract = await market.DraftContract(buyer, seller, new { startsOn = "2026-05-01", endsOn = "2026-05-01" });
        Assert.That((await buyer.Client.GetJson($"contracts/{contract.Id}")).Text("endsOn"), Is.EqualTo("2026-05-01"));
    }

    [TestCase("99.5")]
    [TestCase("100", "0.01")]
    public async Task The_brokers_shares_add_up_to_a_hundred(params string[] shares)
    {
        var others = new[] { agent, await market.Party("agency") };
        var brokers = shares.Select((share, i) => new { party = others[i].Id, share = decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture) });
        var sum = brokers.Sum(broker => broker.share).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await Refused(new { brokers }, "shares-not-100", "/brokers", "100", sum);
    }

    [Test]
    public Task A_broker_is_not_a_side_of_the_contract() =>
        Refused(new { brokers = new[] { new { party = seller.Id, share = 100 } } }, "same-party", "/brokers/0/party");

    [Test]
    public Task A_broker_is_named_once() =>
        Refused(new { brokers = new[] { new { party = agent.Id, share = 50 }, new { party = agent.Id, share = 50 } } }, "same-party", "/brokers/1/party");

    [Test]
    public async Task A_broker_is_a_broker_or_an_agency()
    {
        var expert = await market.Party("expert");
        await Refused(new { brokers = new[] { new { party = expert.Id, share = 100 } } }, "not-a-broker", "/brokers/0/party", "broker", "agency", "expert");
        var agency = await market.Party("agency");
        await market.DraftContract(buyer, seller, new { brokers = new[] { new { party = agency.Id, share = 100 } } });
    }

    [Test]
    public async Task All_broken_rules_come_in_one_answer()
    {
        var problem = await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller, new
        {
            seller = buyer.Id, amount = 100, technologyAmount = 101, startsOn = "2026-05-02", endsOn = "2026-05-01",
            brokers = new[] { new { party = agent.Id, share = 10 } },
        })).AssertProblem(422, "technology-amount-above-amount", "/technologyAmount", "/seller", "/endsOn", "/brokers");
        Assert.That(problem.GetProperty("errors").GetArrayLength(), Is.EqualTo(4));
    }

    [TestCase("seller", "/seller")]
    [TestCase("introduction", "/introduction", "itr")]
    [TestCase("demand", "/demand", "dem")]
    [TestCase("achievement", "/achievement", "ach")]
    public Task What_is_not_there_cannot_be_named(string member, string pointer, string prefix = "pty")
    {
        var id = $"{prefix}_00000000000000000000000000";
        return Refused(new Dictionary<string, object> { [member] = id }, "unknown-reference", pointer, id);
    }

    [Test]
    public Task A_broker_that_is_not_there_cannot_be_named() =>
        Refused(new { brokers = new[] { new { party = "pty_00000000000000000000000000", share = 100 } } }, "unknown-reference", "/brokers/0/party");

    [Test]
    public async Task Nobody_writes_contracts_between_others()
    {
        await agent.Client.PostJson("contracts", market.ContractBody(buyer, seller)).AssertProblem(403, "forbidden");
        await (await market.Party()).Client.PostJson("contracts", market.ContractBody(buyer, seller)).AssertProblem(403, "forbidden");
        var drafted = await agent.Client.PostJson("contracts",
            market.ContractBody(buyer, seller, new { brokers = new[] { new { party = agent.Id, share = 100 } } })).Json(201);
        Assert.That(drafted.Text("owner"), Is.EqualTo(agent.Id));
    }

    [Test]
    public async Task The_demand_is_the_buyers_and_the_achievement_the_sellers()
    {
        var (demand, achievement) = (await market.PublishedDemand(await market.Party()), await market.PublishedAchievement(await market.Party("institute")));
        await Refused(new { demand }, "listing-mismatch", "/demand", buyer.Id);
        await Refused(new { achievement }, "listing-mismatch", "/achievement", seller.Id);
        var own = new { demand = await market.PublishedDemand(buyer), achievement = await market.PublishedAchievement(seller) };
        var contract = await market.DraftContract(buyer, seller, own);
        Assert.That((await seller.Client.GetJson($"contracts/{contract.Id}")).Text("demand"), Is.EqualTo(own.demand));
    }

    [Test]
    public async Task A_draft_of_somebody_else_is_no_more_known_than_what_does_not_exist()
    {
        var draft = await seller.Achievement();
        await Refused(new { achievement = draft }, "unknown-reference", "/achievement");
        await seller.Client.PostJson("contracts", market.ContractBody(buyer, seller, new { achievement = draft })).Json(201);
    }

    [Test]
    public async Task An_introduction_leads_to_a_contract_only_once_it_is_mutual()
    {
        var demand = await market.PublishedDemand(buyer);
        var achievement = await market.PublishedAchievement(seller);
        var sent = (await buyer.Client.PostJson("introductions", new { demand, achievement, message = "请联系" }).Json(201)).Text("id");
        await Refused(new { introduction = sent }, "introduction-not-mutual", "/introduction", "sent");
        await seller.Client.Act($"introductions/{sent}/accept").Json();
        await market.DraftContract(buyer, seller, new { introduction = sent });
    }

    [Test]
    public async Task An_introduction_of_others_is_unknown_and_one_with_another_party_does_not_fit()
    {
        var others = await market.MutualIntroduction();
        await Refused(new { introduction = others.Id }, "unknown-reference", "/introduction");
        var mine = await market.MutualIntroduction(buyer);
        await Refused(new { introduction = mine.Id }, "introduction-mismatch", "/introduction");
    }

    [Test]
    public async Task A_brokered_introduction_leads_to_a_contract_with_that_broker_among_its_brokers()
    {
        var demand = await market.PublishedDemand(buyer);
        var achievement = await market.PublishedAchievement(seller);
        var introduction = (await agent.Client.PostJson("introductions", new { demand, achievement, message = "推荐" }).Json(201)).Text("id");
        await buyer.Client.Act($"introductions/{introduction}/accept").Json();
        await seller.Client.Act($"introductions/{introduction}/accept").Json();
        var other = await market.Party("broker");
        await Refused(new { introduction, brokers = new[] { new { party = other.Id, share = 100 } } }, "introduction-mismatch", "/introduction");
        await market.DraftContract(buyer, seller, new { introduction, brokers = new[] { new { party = agent.Id, share = 100 } } });
    }

    [Test]
    public async Task A_change_of_the_terms_keeps_to_the_same_rules()
    {
        var contract = await market.DraftContract(buyer, seller);
        var address = $"contracts/{contract.Id}";
        await buyer.Client.PatchJson(address, new { technologyAmount = 1000000.01m }, await buyer.Client.ETag(address))
            .AssertProblem(422, "technology-amount-above-amount", "/technologyAmount");
        await buyer.Client.PatchJson(address, new { buyer = seller.Id, seller = buyer.Id, demand = await market.PublishedDemand(buyer) }, await buyer.Client.ETag(address))
            .AssertProblem(422, "listing-mismatch", "/demand");
        Assert.That((await buyer.Client.GetJson(address)).GetProperty("version").GetInt32(), Is.EqualTo(1));
    }

    async Task Refused(object change, string code, string pointer, params string[] named)
    {
        var problem = await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller, change)).AssertProblem(422, code, pointer);
        var detail = problem.GetProperty("errors").EnumerateArray().First(error => error.Text("pointer") == pointer).Text("detail");
        foreach (var word in named)
        {
            Assert.That(detail, Does.Contain(word));
        }
    }
}
