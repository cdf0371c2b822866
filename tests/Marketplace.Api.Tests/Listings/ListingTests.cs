
namespace Marketplace.Api.Tests.Listings;

/// <summary>Demands and achievements: who may have them, what they hold when little is said, and who reads which part of them.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ListingTests(Database database)
{
    const string Secret = "独家配方编号玄武岩七";

    readonly Market market = Market.On(database);

    [Test]
    public async Task A_demand_of_which_little_is_said_is_a_problem_in_its_owners_region()
    {
        var owner = await market.Party(region: "630104");
        var demand = await owner.Client.PostJson("demands", new { title = "盐湖提锂", description = "寻求吸附材料", field = "newMaterials" }).Json(201);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(demand.Text("state"), Is.EqualTo("draft"));
            Assert.That(demand.Text("kind"), Is.EqualTo("problem"));
            Assert.That(demand.Text("region"), Is.EqualTo("630104"));
            Assert.That(demand.Text("owner"), Is.EqualTo(owner.Id));
            Assert.That(demand.Texts("keywords"), Is.Empty);
            Assert.That(demand.Texts("modes"), Is.Empty);
            Assert.That(demand.Texts("availableActions"), Is.EquivalentTo(new[] { "submit", "withdraw" }));
        }
    }

    [TestCase("enterprise", 201, 201)]
    [TestCase("university", 201, 201)]
    [TestCase("institute", 201, 201)]
    [TestCase("agency", 201, 201)]
    [TestCase("government", 201, 403)]
    [TestCase("expert", 403, 201)]
    [TestCase("broker", 403, 403)]
    public async Task Each_kind_of_party_owns_what_its_kind_may(string kind, int demand, int achievement)
    {
        var party = await market.Party(kind);
        await party.Client.PostJson("demands", Market.DemandBody()).Json(demand);
        await party.Client.PostJson("achievements", Market.AchievementBody()).Json(achievement);
    }

    [TestCase("demands")]
    [TestCase("achievements")]
    public async Task The_owner_writes_while_it_is_open_and_nobody_else_ever(string list)
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var id = list == "demands" ? await market.PublishedDemand(owner) : await market.PublishedAchievement(owner);
        var address = $"{list}/{id}";
        var changed = await owner.Client.PatchJson(address, new { region = "630104" }, await owner.Client.ETag(address)).Json();
        Assert.That((changed.Text("region"), changed.Text("state")), Is.EqualTo(("630104", "published")));
        await other.Client.PatchJson(address, new { title = "x" }, await other.Client.ETag(address)).AssertProblem(403, "forbidden");
        await (await market.As("moderator")).PatchJson(address, new { title = "x" }, "\"1\"").AssertProblem(403, "forbidden");
        await owner.Client.Act($"{address}/fulfil").Json();
        var problem = await owner.Client.PatchJson(address, new { title = "x" }, await owner.Client.ETag(address)).AssertProblem(409, "invalid-transition");
        Assert.That(problem.Text("currentState"), Is.EqualTo("fulfilled"));
    }

    [Test]
    public async Task A_returned_listing_is_mended_and_submitted_again_and_a_rejected_one_is_not()
    {
        var (owner, moderator) = (await market.Party(), await market.As("moderator"));
        var demand = $"demands/{await owner.Demand()}";
        await owner.Client.Act($"{demand}/submit").Json();
        await moderator.PostJson($"{demand}/return", new { }).AssertProblem(400, "validation-failed", "/reason");
        await moderator.PostJson($"{demand}/return", new { reason = "请写明指标" }).Json();
        await owner.Client.PatchJson(demand, new { description = "吸附容量不低于 30 mg/g" }, await owner.Client.ETag(demand)).Json();
        await owner.Client.Act($"{demand}/submit").Json();
        await moderator.PostJson($"{demand}/reject", new { reason = "重复" }).Json();
        await owner.Client.PatchJson(demand, new { title = "x" }, await owner.Client.ETag(demand)).AssertProblem(409, "invalid-transition");
        await owner.Client.Act($"{demand}/submit").AssertProblem(409, "invalid-transition");
    }

    [TestCase("demands")]
    [TestCase("achievements")]
    public async Task A_draft_is_its_owners_alone(string list)
    {
        var owner = await market.Party();
        var id = list == "demands" ? await owner.Demand() : await owner.Achievement();
        Assert.That((await owner.Client.GetJson(list)).Ids(), Does.Contain(id));
        foreach (var reader in new[] { market.Anonymous, (await market.Party()).Client, await market.As("moderator"), await market.As("auditor") })
        {
            await reader.GetAsync($"{list}/{id}").AssertProblem(404, "not-found");
            Assert.That((await reader.GetJson($"{list}?owner={owner.Id}")).Ids(), Is.Empty);
        }
    }

    [TestCase("demands")]
    [TestCase("achievements")]
    public async Task The_confidential_part_is_the_owners_and_appears_nowhere_else(string list)
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var change = new { title = $"玄武岩纤维 {Guid.NewGuid():n}", confidential = Secret };
        var id = list == "demands" ? await market.PublishedDemand(owner, change) : await market.PublishedAchievement(owner, change);
        Assert.That((await owner.Client.GetJson($"{list}/{id}")).Text("confidential"), Is.EqualTo(Secret));
        var opposite = list == "demands" ? "achievements" : "demands";
        var theirs = list == "demands" ? await market.PublishedAchievement(other, new { change.title }) : await market.PublishedDemand(other, new { change.title });
        var search = $"{list}?q={Uri.EscapeDataString(change.title)}&owner={owner.Id}";
        await Eventually.Holds(async () => (await market.Anonymous.GetJson(search)).Ids().Contains(id), "the listing is found");
        foreach (var reader in new[] { market.Anonymous, other.Client, await market.As("moderator"), await market.As("auditor"), market.Admin })
        {
            foreach (var address in new[] { $"{list}/{id}", $"{list}?owner={owner.Id}", search, $"{opposite}/{theirs}/matches" })
            {
                Assert.That(await reader.GetStringAsync(address), Does.Contain(id).And.Not.Contain(Secret), address);
            }
        }

        foreach (var reader in new[] { other.Client, await market.As("auditor") })
        {
            Assert.That(await Feed(reader, id), Is.Not.Empty.And.None.Contain(Secret));
        }
    }

    [Test]
    public async Task What_is_confidential_cannot_be_found_by_searching_for_it()
    {
        var owner = await market.Party();
        var word = $"zq{Guid.NewGuid():n}";
        var hidden = await market.PublishedDemand(owner, new { title = "隐藏", confidential = word });
        var open = await market.PublishedDemand(owner, new { title = $"公开 {word}" });
        await Eventually.Holds(async () => (await market.Anonymous.GetJson($"demands?q={word}")).Ids().Contains(open), "the word is found where it is public");
        Assert.That((await owner.Client.GetJson($"demands?q={word}")).Ids(), Does.Not.Contain(hidden));
    }

    [TestCase("pause")]
    [TestCase("withdraw")]
    [TestCase("fulfil")]
    public async Task What_leaves_publication_leaves_the_list_the_search_and_the_matches(string action)
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var title = $"离网 {Guid.NewGuid():n}";
        var (demand, achievement) = (await market.PublishedDemand(owner, new { title }), await market.PublishedAchievement(other, new { title }));
        string[] addresses = [$"demands?owner={owner.Id}", $"demands?q={Uri.EscapeDataString(title)}&owner={owner.Id}", $"achievements/{achievement}/matches"];
        foreach (var address in addresses)
        {
            await Eventually.Holds(async () => (await market.Anonymous.GetStringAsync(address)).Contains(demand), address);
        }

        await owner.Client.Act($"demands/{demand}/{action}").Json();
        foreach (var address in addresses)
        {
            Assert.That(await market.Anonymous.GetStringAsync(address), Does.Not.Contain(demand), address);
        }

        await market.Anonymous.GetAsync($"demands/{demand}").AssertProblem(404, "not-found");
        Assert.That((await owner.Client.GetJson($"demands?owner={owner.Id}")).Ids(), Does.Contain(demand), "the owner's own list has it");
    }

    [Test]
    public async Task An_achievement_must_be_consistent_in_itself()
    {
        var owner = await market.Party("university");
        await Refuse(new { holders = new[] { new { name = "甲", share = 60 }, new { name = "乙", share = 30 } } }, "shares-not-100", "/holders", "90");
        await Refuse(new { price = new { mode = "listed" } }, "price-amount", "/price/amount");
        await owner.Client.PostJson("achievements", Market.AchievementBody(new { trl = 10 })).AssertProblem(400, "validation-failed", "/trl");
        await owner.Client.PostJson("demands", Market.DemandBody(new { budget = new { min = 2, max = 1 } })).AssertProblem(422, "amount-order", "/budget/min");

        async Task Refuse(object change, string code, string pointer, string named = "") => Assert.That(
            (await owner.Client.PostJson("achievements", Market.AchievementBody(change)).AssertProblem(422, code, pointer)).Text("detail"), Does.Contain(named));
    }

    static async Task<List<string>> Feed(HttpClient reader, string subject)
    {
        var (found, next) = (new List<string>(), "events?limit=100");
        while (next is not null)
        {
            var page = await reader.GetJson(next);
            found.AddRange(page.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == subject).Select(e => e.GetRawText()));
            next = page.Text("nextCursor") is { } cursor ? $"events?limit=100&cursor={Uri.EscapeDataString(cursor)}" : null;
        }

        return found;
    }
}
