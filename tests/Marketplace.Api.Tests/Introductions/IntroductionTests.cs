using System.Text.Json;

namespace Marketplace.Api.Tests.Introductions;

/// <summary>How a demand and an achievement come together, and what opens when they have.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class IntroductionTests(Database database)
{
    const string Secret = "底价一百八十万元";

    readonly Market market = Market.On(database);

    [Test]
    public async Task The_owner_of_a_demand_introduces_itself_and_has_accepted_by_doing_so()
    {
        var pair = await Pair();
        var made = await Introduce(pair.Buyer, pair);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(made.Text("state"), Is.EqualTo("sent"));
            Assert.That(made.Text("owner"), Is.EqualTo(pair.Buyer.Id));
            Assert.That(Side(made, "demand").Has("acceptedAt"), Is.True);
            Assert.That(Side(made, "achievement").Has("acceptedAt"), Is.False);
            Assert.That(made.Texts("availableActions"), Is.EqualTo(new[] { "withdraw" }));
        }

        Assert.That((await pair.Seller.Client.GetJson($"introductions/{made.Text("id")}")).Texts("availableActions"), Is.EquivalentTo(new[] { "accept", "decline" }));
        Assert.That((await pair.Seller.Client.Act($"introductions/{made.Text("id")}/accept").Json()).Text("state"), Is.EqualTo("mutual"));
    }

    [Test]
    public async Task The_owner_of_an_achievement_introduces_itself_too()
    {
        var pair = await Pair();
        var made = await Introduce(pair.Seller, pair);
        Assert.That(Side(made, "achievement").Has("acceptedAt"), Is.True);
        Assert.That((await pair.Buyer.Client.Act($"introductions/{made.Text("id")}/accept").Json()).Text("state"), Is.EqualTo("mutual"));
    }

    [TestCase("broker")]
    [TestCase("agency")]
    public async Task A_broker_brings_two_together_and_both_have_to_accept(string kind)
    {
        var (pair, agent) = (await Pair(), await market.Party(kind));
        var made = await Introduce(agent, pair);
        var address = $"introductions/{made.Text("id")}";
        Assert.That(made.GetProperty("sides").EnumerateArray().Select(side => side.Text("side")), Is.EqualTo(new[] { "demand", "achievement", "broker" }));
        await agent.Client.Act($"{address}/accept").AssertProblem(403, "forbidden");
        Assert.That((await pair.Seller.Client.Act($"{address}/accept").Json()).Text("state"), Is.EqualTo("accepted"));
        Assert.That((await pair.Buyer.Client.Act($"{address}/accept").Json()).Text("state"), Is.EqualTo("mutual"));
    }

    [Test]
    public async Task One_introduction_of_a_pair_waits_for_an_answer_at_a_time()
    {
        var (pair, agent, other) = (await Pair(), await market.Party("broker"), await market.Party("agency"));
        var body = new { demand = pair.Demand, achievement = pair.Achievement, message = "a" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? pair.Buyer : pair.Seller).Client.PostJson("introductions", body)));
        Assert.That(answers.Select(answer => (int)answer.StatusCode).Order(), Is.EqualTo(Enumerable.Repeat(409, 7).Prepend(201)));
        var open = (await answers.Single(answer => (int)answer.StatusCode == 201).Json(201)).Text("id");
        Assert.That((await pair.Seller.Client.PostJson("introductions", body).AssertProblem(409, "already-exists")).Text("detail"), Does.Contain(open));

        // A broker's is another matter, which the two sides' own does not shut out; each broker has one.
        var brokered = (await agent.Client.PostJson("introductions", body).Json(201)).Text("id");
        Assert.That((await agent.Client.PostJson("introductions", body).AssertProblem(409, "already-exists")).Text("detail"), Does.Contain(brokered));
        await other.Client.PostJson("introductions", body).Json(201);

        await pair.Seller.Client.Act($"introductions/{brokered}/accept").Json();
        await agent.Client.PostJson("introductions", body).AssertProblem(409, "already-exists");
        await pair.Buyer.Client.Act($"introductions/{brokered}/accept").Json();
        await agent.Client.PostJson("introductions", body).Json(201);
        var opener = (await pair.Buyer.Client.GetJson($"introductions/{open}")).Text("owner") == pair.Buyer.Id ? pair.Buyer : pair.Seller;
        await opener.Client.Act($"introductions/{open}/withdraw").Json();
        await pair.Buyer.Client.PostJson("introductions", body).Json(201);
    }

    [Test]
    public async Task An_offer_for_a_demand_waits_for_an_answer_once()
    {
        var (pair, offering) = (await Pair(), await market.Party("university"));
        var body = new { demand = pair.Demand, message = "我校可承接。" };
        var made = (await offering.Client.PostJson("introductions", body).Json(201)).Text("id");
        Assert.That((await offering.Client.PostJson("introductions", body).AssertProblem(409, "already-exists")).Text("detail"), Does.Contain(made));
        await (await market.Party("university")).Client.PostJson("introductions", body).Json(201);
        await offering.Client.Act($"introductions/{made}/withdraw").Json();
        await offering.Client.PostJson("introductions", body).Json(201);
    }

    [Test]
    public async Task Who_was_declined_sees_what_is_no_longer_public_no_more()
    {
        var (pair, agent) = (await Pair(), await market.Party("broker"));
        var made = $"introductions/{(await Introduce(agent, pair)).Text("id")}";
        await pair.Buyer.Client.Act($"demands/{pair.Demand}/pause").Json();
        await agent.Client.GetJson($"demands/{pair.Demand}");
        await pair.Buyer.Client.PostJson($"{made}/decline", new { reason = "tooExpensive" }).Json();
        await agent.Client.GetAsync($"demands/{pair.Demand}").AssertProblem(404, "not-found");
    }

    [Test]
    public async Task A_university_offers_itself_for_a_demand_without_an_achievement()
    {
        var (pair, offering) = (await Pair(), await market.Party("university"));
        var made = await offering.Client.PostJson("introductions", new { demand = pair.Demand, message = "我校可承接。" }).Json(201);
        Assert.That(Side(made, "offer").Text("party"), Is.EqualTo(offering.Id));
        Assert.That(made.Has("achievement"), Is.False);
        await pair.Buyer.Client.Act($"introductions/{made.Text("id")}/accept").Json();
        Assert.That((await offering.Client.GetJson($"demands/{pair.Demand}")).Text("confidential"), Is.EqualTo(Secret));
    }

    [Test]
    public async Task Contacts_and_confidential_parts_open_to_both_sides_when_it_is_mutual_and_not_before()
    {
        var pair = await Pair();
        var address = $"introductions/{(await Introduce(pair.Buyer, pair)).Text("id")}";
        await AssertOpen(pair.Buyer, pair, address, open: false);
        await AssertOpen(pair.Seller, pair, address, open: false);
        await pair.Seller.Client.Act($"{address}/accept").Json();
        await AssertOpen(pair.Buyer, pair, address, open: true);
        await AssertOpen(pair.Seller, pair, address, open: true);
    }

    [Test]
    public async Task A_broker_reaches_both_sides_but_never_reads_their_confidential_parts()
    {
        var (pair, agent) = (await Pair(), await market.Party("broker"));
        var address = $"introductions/{(await Introduce(agent, pair)).Text("id")}";
        await pair.Seller.Client.Act($"{address}/accept").Json();
        await pair.Buyer.Client.Act($"{address}/accept").Json();
        Assert.That((await agent.Client.GetJson($"parties/{pair.Buyer.Id}")).Has("contact"), Is.True);
        Assert.That((await agent.Client.GetJson($"demands/{pair.Demand}")).Has("confidential"), Is.False);
        Assert.That((await agent.Client.GetJson($"achievements/{pair.Achievement}")).Has("confidential"), Is.False);
    }

    [Test]
    public async Task Nobody_else_learns_of_an_introduction_or_of_what_it_opened()
    {
        var pair = await Pair();
        var id = (await Introduce(pair.Buyer, pair)).Text("id");
        await pair.Seller.Client.Act($"introductions/{id}/accept").Json();
        foreach (var outsider in new[] { (await market.Party()).Client, (await market.Party("broker")).Client, await market.As("moderator"), await market.As("registrar") })
        {
            await outsider.GetAsync($"introductions/{id}").AssertProblem(404, "not-found");
            await outsider.Act($"introductions/{id}/accept").AssertProblem(404, "not-found");
            Assert.That((await outsider.GetJson($"introductions?demand={pair.Demand}")).Ids(), Is.Empty);
            Assert.That((await outsider.GetJson($"demands/{pair.Demand}")).Has("confidential"), Is.False);
            Assert.That((await outsider.GetJson($"parties/{pair.Seller.Id}")).Has("contact"), Is.False);
        }

        var auditor = await market.As("auditor");
        Assert.That((await auditor.GetJson($"introductions/{id}")).GetProperty("sides").EnumerateArray().Any(side => side.Has("contact")), Is.False);
        Assert.That((await auditor.GetJson($"demands/{pair.Demand}")).Has("confidential"), Is.False);
    }

    [Test]
    public async Task An_introduction_opens_these_two_listings_and_no_others_of_the_same_owners()
    {
        var pair = await Pair();
        var other = await market.PublishedDemand(pair.Buyer, new { confidential = Secret });
        await market.MutualIntroduction(pair.Buyer, pair.Seller, pair.Demand, pair.Achievement);
        Assert.That((await pair.Seller.Client.GetJson($"demands/{pair.Demand}")).Has("confidential"), Is.True);
        Assert.That((await pair.Seller.Client.GetJson($"demands/{other}")).Has("confidential"), Is.False);
    }

    [Test]
    public async Task Declining_takes_a_coded_reason_and_opens_nothing()
    {
        var pair = await Pair();
        var address = $"introductions/{(await Introduce(pair.Buyer, pair)).Text("id")}";
        await pair.Seller.Client.PostJson($"{address}/decline", new { }).AssertProblem(400, "validation-failed", "/reason");
        await pair.Seller.Client.PostJson($"{address}/decline", new { reason = "no" }).AssertProblem(400, "validation-failed", "/reason");
        await pair.Buyer.Client.PostJson($"{address}/decline", new { reason = "other" }).AssertProblem(409, "invalid-transition");
        var declined = await pair.Seller.Client.PostJson($"{address}/decline", new { reason = "tooEarly", note = "明年再谈" }).Json();
        Assert.That((declined.Text("state"), declined.Text("declineReason"), declined.Text("declineNote")), Is.EqualTo(("declined", "tooEarly", "明年再谈")));
        await pair.Seller.Client.Act($"{address}/accept").AssertProblem(409, "invalid-transition");
        await AssertOpen(pair.Buyer, pair, address, open: false);
    }

    [Test]
    public async Task A_side_that_has_accepted_cannot_accept_again_and_is_told_what_it_can_do()
    {
        var pair = await Pair();
        var address = $"introductions/{(await Introduce(pair.Buyer, pair)).Text("id")}";
        var early = await pair.Buyer.Client.Act($"{address}/accept").AssertProblem(409, "invalid-transition");
        Assert.That((early.Text("currentState"), early.Texts("availableActions")), Is.EqualTo(("sent", new[] { "withdraw" })));
        await pair.Seller.Client.Act($"{address}/accept").Json();
        var late = await pair.Seller.Client.Act($"{address}/accept").AssertProblem(409, "invalid-transition");
        Assert.That((late.Text("currentState"), late.Texts("availableActions")), Is.EqualTo(("mutual", Array.Empty<string>())));
    }

    [Test]
    public async Task Who_introduced_may_withdraw_until_it_is_mutual()
    {
        var pair = await Pair();
        var address = $"introductions/{(await Introduce(pair.Buyer, pair)).Text("id")}";
        await pair.Seller.Client.Act($"{address}/withdraw").AssertProblem(403, "forbidden");
        Assert.That((await pair.Buyer.Client.Act($"{address}/withdraw").Json()).Text("state"), Is.EqualTo("withdrawn"));
        await pair.Seller.Client.Act($"{address}/accept").AssertProblem(409, "invalid-transition");
        var mutual = await market.MutualIntroduction();
        var problem = await mutual.DemandSide.Client.Act($"introductions/{mutual.Id}/withdraw").AssertProblem(409, "invalid-transition");
        Assert.That(problem.Text("currentState"), Is.EqualTo("mutual"));
    }

    [Test]
    public async Task Only_a_side_or_a_broker_introduces()
    {
        var pair = await Pair();
        await Refuse((await market.Party("university")).Client, new { demand = pair.Demand, achievement = pair.Achievement, message = "x" }, "not-a-side", "");
    }

    [Test]
    public async Task The_owner_of_a_demand_names_whom_it_wants_to_meet()
    {
        var pair = await Pair();
        await Refuse(pair.Buyer.Client, new { demand = pair.Demand, message = "x" }, "other-side-needed", "/achievement");
    }

    [Test]
    public async Task Nobody_is_introduced_to_itself()
    {
        var pair = await Pair();
        var own = await market.PublishedAchievement(pair.Buyer);
        await Refuse(pair.Buyer.Client, new { demand = pair.Demand, achievement = own, message = "x" }, "same-party", "/achievement");
        await Refuse((await market.Party("broker")).Client, new { demand = pair.Demand, achievement = own, message = "x" }, "same-party", "/achievement");
    }

    [Test]
    public async Task Only_what_is_published_can_be_introduced()
    {
        var pair = await Pair();
        await pair.Buyer.Client.Act($"demands/{pair.Demand}/pause").Json();
        await Refuse(pair.Buyer.Client, new { demand = pair.Demand, achievement = pair.Achievement, message = "x" }, "not-published", "/demand", "paused");
        await Refuse(pair.Seller.Client, new { demand = pair.Demand, achievement = pair.Achievement, message = "x" }, "unknown-reference", "/demand");
        var draft = await pair.Seller.Achievement();
        await pair.Buyer.Client.Act($"demands/{pair.Demand}/resume").Json();
        await Refuse(pair.Seller.Client, new { demand = pair.Demand, achievement = draft, message = "x" }, "not-published", "/achievement", "draft");
        await Refuse(pair.Buyer.Client, new { demand = pair.Demand, achievement = draft, message = "x" }, "unknown-reference", "/achievement");
    }

    [Test]
    public async Task A_demand_is_no_achievement_and_a_message_says_something()
    {
        var pair = await Pair();
        await pair.Buyer.Client.PostJson("introductions", new { demand = pair.Achievement, achievement = pair.Demand, message = "" })
            .AssertProblem(400, "validation-failed", "/demand", "/achievement", "/message");
        await market.Anonymous.PostJson("introductions", new { demand = pair.Demand, message = "x" }).AssertProblem(401, "unauthenticated");
    }

    sealed record TwoSides(TestParty Buyer, TestParty Seller, string Demand, string Achievement);

    async Task<TwoSides> Pair()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        return new(buyer, seller, await market.PublishedDemand(buyer, new { confidential = Secret }),
            await market.PublishedAchievement(seller, new { confidential = Secret }));
    }

    static Task<JsonElement> Introduce(TestParty by, TwoSides pair) =>
        by.Client.PostJson("introductions", new { demand = pair.Demand, achievement = pair.Achievement, message = "希望当面交流。" }).Json(201);

    static JsonElement Side(JsonElement introduction, string side) =>
        introduction.GetProperty("sides").EnumerateArray().Single(s => s.Text("side") == side);

    static async Task AssertOpen(TestParty reader, TwoSides pair, string introduction, bool open)
    {
        var (listing, other) = reader == pair.Buyer ? ($"achievements/{pair.Achievement}", pair.Seller) : ($"demands/{pair.Demand}", pair.Buyer);
        var sides = (await reader.Client.GetJson(introduction)).GetProperty("sides").EnumerateArray().ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await reader.Client.GetJson(listing)).Has("confidential"), Is.EqualTo(open), listing);
            Assert.That((await reader.Client.GetJson($"parties/{other.Id}")).Has("contact"), Is.EqualTo(open), "the other side's contact");
            Assert.That(sides.Select(side => side.Has("contact")), Is.All.EqualTo(open));
        }
    }

    static async Task Refuse(HttpClient caller, object body, string code, string pointer, string named = "")
    {
        var problem = await caller.PostJson("introductions", body).AssertProblem(422, code, pointer);
        Assert.That(problem.Text("detail"), Does.Contain(named));
    }
}
