using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests.Subscriptions;

/// <summary>Saved searches: who may have them, and what they tell of. Each test's own words keep it apart from the others.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class SubscriptionTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task What_is_published_later_is_found_once_and_told_by_an_event_that_its_party_alone_reads()
    {
        var (word, owner, university) = (Word(), await market.Party(), await market.Party("university"));
        var id = await Subscribe(owner, new { text = $"寻求 {word} 制备技术" });
        var achievement = await market.PublishedAchievement(university, new { title = $"{word} 制备方法" });
        var match = (await Matches(owner, id, 1))[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(match.Text("listing"), Is.EqualTo(achievement));
            Assert.That(match.GetProperty("achievement").Text("title"), Is.EqualTo($"{word} 制备方法"));
            Assert.That(match.GetProperty("score").GetDouble(), Is.InRange(0.0, 1.0));
            Assert.That(match.Has("foundAt"), Is.True);
        }

        var told = (await Told(owner, id, 1)).Single();
        Assert.That(told.GetProperty("data").Text("listing"), Is.EqualTo(achievement));
        Assert.That(told.GetProperty("data").Text("subscription"), Is.EqualTo(id));
        Assert.That(told.GetProperty("data").GetProperty("score").GetDouble(), Is.EqualTo(match.GetProperty("score").GetDouble()));
        foreach (var outsider in new[] { university.Client, await market.As("moderator"), await market.As("admin") })
        {
            Assert.That(await outsider.GetStringAsync("events?limit=100&types=subscription.matched,subscription.created"), Does.Not.Contain(id));
        }

        await Told(owner, id, 1, await market.As("auditor"));
    }

    [Test]
    public async Task A_demand_is_told_of_achievements_and_an_achievement_of_demands()
    {
        var (word, enterprise, university) = (Word(), await market.Party(), await market.Party("university"));
        var demand = await market.PublishedDemand(enterprise, new { title = $"寻求 {word}" });
        var achievement = await university.Achievement(new { title = $"{word} 方法" });
        var (ofDemand, ofAchievement) = (await Subscribe(enterprise, new { demand }), await Subscribe(university, new { achievement }));
        await university.Client.Act($"achievements/{achievement}/submit").Json();
        await (await market.As("moderator")).Act($"achievements/{achievement}/publish").Json();
        var later = await market.PublishedDemand(await market.Party(), new { title = $"需要 {word}" });
        Assert.That((await Matches(enterprise, ofDemand, 1)).Select(match => match.Text("listing")), Is.EqualTo(new[] { achievement }));
        Assert.That((await Matches(university, ofAchievement, 1)).Select(match => match.GetProperty("demand").Text("id")), Is.EqualTo(new[] { later }),
            "the demand that was there before is no news");
    }

    [Test]
    public async Task A_change_that_makes_a_listing_a_match_is_told_and_a_further_one_is_not()
    {
        var (word, owner, university) = (Word(), await market.Party(), await market.Party("university"));
        var achievement = await market.PublishedAchievement(university);
        var id = await Subscribe(owner, new { text = word });
        await market.Revise(university, $"achievements/{achievement}", new { title = $"{word} 方法" });
        await Matches(owner, id, 1);
        await market.Revise(university, $"achievements/{achievement}", new { title = $"{word} {word} 方法" });
        await Passed(owner, word, id);
        // The achievement once, and what marks the end of this test.
        await Told(owner, id, 2);
    }

    [Test]
    public async Task A_text_without_a_word_finds_nothing_and_one_as_long_as_can_be_is_served()
    {
        var (word, owner) = (Word(), await market.Party());
        var (none, huge) = (await Subscribe(owner, new { text = "！！ 🙂 。" }), await Subscribe(owner, new { text = $"{word} {new string('锂', 20_000 - 33)}" }));
        var achievement = await market.PublishedAchievement(await market.Party("university"), new { title = word });
        await Passed(owner, word);
        Assert.That(await Matches(owner, none), Is.Empty);
        Assert.That((await Matches(owner, huge)).Select(match => match.Text("listing")), Does.Contain(achievement));
    }

    [Test]
    public async Task Nobody_is_told_of_its_own_listings()
    {
        var (word, owner) = (Word(), await market.Party());
        var id = await Subscribe(owner, new { text = word });
        await market.PublishedAchievement(owner, new { title = word });
        var other = await market.PublishedAchievement(await market.Party("university"), new { title = word });
        Assert.That((await Matches(owner, id, 1)).Single().Text("listing"), Is.EqualTo(other));
    }

    [Test]
    public async Task Conditions_exclude_what_does_not_meet_them()
    {
        var (word, owner, university) = (Word(), await market.Party(), await market.Party("university", "630102"));
        var all = await Subscribe(owner, new { text = word });
        (string, object)[] conditions =
        [
            ("field", new { text = word, field = "biomedicine" }), ("region", new { text = word, region = "6302" }),
            ("mode", new { text = word, mode = "equity" }), ("minScore", new { text = word, minScore = 1.0 }),
            ("minTrl", new { text = word, minTrl = 7 }), ("budget", new { text = word, budget = new { max = 100 } }),
        ];
        var narrow = new List<(string, string)>();
        foreach (var (name, body) in conditions)
        {
            narrow.Add((name, await Subscribe(owner, body)));
        }

        var wide = await Subscribe(owner, new { text = word, field = "newMaterials", region = "6301", mode = "licence", minTrl = 6, budget = new { max = 1000 }, minScore = 0.0 });
        await market.PublishedAchievement(university, new { title = word, price = new { mode = "listed", amount = 900 } });
        await Matches(owner, all, 1);
        await Matches(owner, wide, 1);
        await Passed(owner, word, all);
        foreach (var (name, id) in narrow)
        {
            Assert.That(await Matches(owner, id), Is.Empty, name);
        }
    }

    [Test]
    public async Task While_paused_or_cancelled_nothing_is_found_and_afterwards_nothing_is_made_up_for()
    {
        var (word, owner, university) = (Word(), await market.Party(), await market.Party("university"));
        var (paused, cancelled) = (await Subscribe(owner, new { text = word }), await Subscribe(owner, new { text = word }));
        await owner.Client.Act($"subscriptions/{paused}/pause").Json();
        await owner.Client.Act($"subscriptions/{cancelled}/cancel").Json();
        await market.PublishedAchievement(university, new { title = $"{word} 甲" });
        await Passed(owner, word);
        Assert.That((await owner.Client.Act($"subscriptions/{paused}/resume").Json()).Text("state"), Is.EqualTo("active"));
        var later = await market.PublishedAchievement(university, new { title = $"{word} 乙" });
        Assert.That((await Matches(owner, paused, 1)).Single().Text("listing"), Is.EqualTo(later));
        Assert.That(await Matches(owner, cancelled), Is.Empty);
        await owner.Client.PatchJson($"subscriptions/{cancelled}", new { name = "b" }, "*").AssertProblem(409, "invalid-transition");
    }

    [Test]
    public async Task What_is_looked_for_can_be_changed_and_what_was_found_stays()
    {
        var (one, two, owner, university) = (Word(), Word(), await market.Party(), await market.Party("university"));
        var id = await Subscribe(owner, new { text = one });
        var first = await market.PublishedAchievement(university, new { title = one });
        await Matches(owner, id, 1);
        Assert.That((await owner.Client.PatchJson($"subscriptions/{id}", new { text = two, side = "achievements" }, "*").Json()).GetProperty("version").GetInt32(), Is.EqualTo(2));
        await market.PublishedAchievement(university, new { title = one });
        var second = await market.PublishedAchievement(university, new { title = two });
        Assert.That((await Matches(owner, id, 2)).Select(match => match.Text("listing")), Is.EqualTo(new[] { second, first }), "newest first");
    }

    [Test]
    public async Task What_left_publication_is_named_and_no_longer_shown()
    {
        var (word, owner, university) = (Word(), await market.Party(), await market.Party("university"));
        var id = await Subscribe(owner, new { text = word });
        var achievement = await market.PublishedAchievement(university, new { title = word, confidential = "配方" });
        Assert.That((await Matches(owner, id, 1))[0].GetProperty("achievement").Has("confidential"), Is.False);
        await university.Client.Act($"achievements/{achievement}/withdraw").Json();
        var match = (await Matches(owner, id, 1))[0];
        Assert.That((match.Text("listing"), match.Has("achievement")), Is.EqualTo((achievement, false)));
    }

    [Test]
    public async Task Found_listings_come_in_pages_newest_first()
    {
        var (word, owner, university) = (Word(), await market.Party(), await market.Party("university"));
        var id = await Subscribe(owner, new { text = word });
        var published = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            published.Insert(0, await market.PublishedAchievement(university, new { title = $"{word} {i}" }));
            await Matches(owner, id, i + 1);
        }

        var seen = new List<string>();
        for (var address = $"subscriptions/{id}/matches?limit=2"; address is not null;)
        {
            var page = await owner.Client.GetJson(address);
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(match => match.Text("listing")));
            address = page.GetProperty("nextCursor").GetString() is { } cursor ? $"subscriptions/{id}/matches?limit=2&cursor={cursor}" : null;
        }

        Assert.That(seen, Is.EqualTo(published));
        await owner.Client.GetAsync($"subscriptions/{await Subscribe(owner, new { text = word })}/matches?cursor=x").AssertProblem(400, "cursor-invalid");
        await owner.Client.GetAsync($"subscriptions/{id}/matches?limit=0").AssertProblem(400, "validation-failed", "limit");
    }

    [Test]
    public async Task Nobody_else_learns_of_a_subscription()
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var id = await Subscribe(owner, new { text = Word() });
        foreach (var outsider in new[] { other.Client, await market.As("moderator"), await market.As("admin") })
        {
            await outsider.GetAsync($"subscriptions/{id}").AssertProblem(404, "not-found");
            await outsider.GetAsync($"subscriptions/{id}/matches").AssertProblem(404, "not-found");
            await outsider.PatchJson($"subscriptions/{id}", new { name = "b" }, "*").AssertProblem(404, "not-found");
            await outsider.Act($"subscriptions/{id}/cancel").AssertProblem(404, "not-found");
            Assert.That((await outsider.GetJson("subscriptions")).Ids(), Does.Not.Contain(id));
        }

        var auditor = await market.As("auditor");
        Assert.That((await auditor.GetJson($"subscriptions/{id}")).Texts("availableActions"), Is.Empty);
        await auditor.Act($"subscriptions/{id}/pause").AssertProblem(403, "forbidden");
        await auditor.PatchJson($"subscriptions/{id}", new { name = "b" }, "*").AssertProblem(403, "forbidden");
        Assert.That((await owner.Client.GetJson("subscriptions?state=active")).Ids(), Is.EqualTo(new[] { id }));
        Assert.That((await owner.Client.GetJson("subscriptions?state=paused")).Ids(), Is.Empty);
        foreach (var unknown in new[] { "sub_00000000000000000000000000", owner.Id, "sub_" })
        {
            await owner.Client.GetAsync($"subscriptions/{unknown}").AssertProblem(404, "not-found");
        }
    }

    [Test]
    public async Task It_has_one_subject_of_its_own()
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var (mine, hidden, theirs) = (await owner.Demand(), await other.Demand(), await market.PublishedDemand(other));
        await owner.Client.PostJson("subscriptions", new { name = "a" }).AssertProblem(422, "one-subject-needed");
        await owner.Client.PostJson("subscriptions", new { name = "a", text = "b", demand = mine }).AssertProblem(422, "one-subject-needed");
        await owner.Client.PostJson("subscriptions", new { name = "a", demand = mine, side = "demands" }).AssertProblem(422, "one-subject-needed", "/side");
        await owner.Client.PostJson("subscriptions", new { name = "a", demand = hidden }).AssertProblem(422, "unknown-reference", "/demand");
        await owner.Client.PostJson("subscriptions", new { name = "a", demand = theirs }).AssertProblem(422, "listing-mismatch", "/demand");
        await owner.Client.PostJson("subscriptions", new { name = "a", achievement = "ach_00000000000000000000000000" }).AssertProblem(422, "unknown-reference", "/achievement");
        await owner.Client.PostJson("subscriptions", new { name = "", achievement = mine, field = "alchemy", region = "x", mode = "gift", minTrl = 10, minScore = 1.5, side = "both" })
            .AssertProblem(400, "validation-failed", "/name", "/achievement", "/field", "/region", "/mode", "/minTrl", "/minScore", "/side");
        await owner.Client.PostJson("subscriptions", new { name = "a", text = "b", budget = new { min = 2, max = 1 } }).AssertProblem(422, "amount-order", "/budget/min");
        var id = await Subscribe(owner, new { demand = mine });
        await owner.Client.PatchJson($"subscriptions/{id}", new { text = "b" }, "*").AssertProblem(422, "one-subject-needed");
        await owner.Client.PatchJson($"subscriptions/{id}", """{"demand":null,"text":"b"}""", "*").Json();
    }

    [Test]
    public async Task A_party_has_a_hundred_at_most_and_a_cancelled_one_makes_room()
    {
        var owner = await market.Party();
        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(await Subscribe(owner, new { text = "b" }));
        }

        var problem = await owner.Client.PostJson("subscriptions", new { name = "a", text = "b" }).AssertProblem(422, "too-many-subscriptions");
        Assert.That(problem.Text("detail"), Does.Contain("100"));
        await owner.Client.Act($"subscriptions/{ids[0]}/cancel").Json();
        await Subscribe(owner, new { text = "b" });
    }

    [Test]
    public async Task Two_processes_on_one_database_record_each_match_once()
    {
        await using var empty = await database.Create();
        await using var first = Market.Apart(Lasting(empty));
        await using var second = Market.Apart(Lasting(empty));
        var (word, owner) = (Word(), await second.Party());
        var id = await Subscribe(owner, new { text = word });
        var published = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i => await second.PublishedAchievement(await second.Party("university"), new { title = $"{word} {i}" })));
        Assert.That((await Matches(owner, id, published.Length)).Select(match => match.Text("listing")), Is.EquivalentTo(published));
        Assert.That((await Told(owner, id, published.Length)).Select(told => told.GetProperty("data").Text("listing")), Is.EquivalentTo(published));
    }

    /// <summary>Of letters alone: a word with digits is found by its parts too.</summary>
    static string Word() => string.Concat(Guid.NewGuid().ToString("n").Select(c => (char)(c + (char.IsAsciiDigit(c) ? 'k' - '0' : 0))));

    /// <summary>For hosts that share it: none of them drops it.</summary>
    static EmptyDatabase Lasting(EmptyDatabase shared) => new(shared.Database, shared.Name, shared.ConnectionString, () => Task.CompletedTask);

    static async Task<string> Subscribe(TestParty owner, object body)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(body)!;
        json["name"] = "新材料动态";
        return (await owner.Client.PostJson("subscriptions", json).Json(201)).Text("id");
    }

    static async Task<List<JsonElement>> Matches(TestParty owner, string subscription) =>
        [.. (await owner.Client.GetJson($"subscriptions/{subscription}/matches?limit=100")).GetProperty("data").EnumerateArray()];

    static async Task<List<JsonElement>> Matches(TestParty owner, string subscription, int count)
    {
        List<JsonElement> matches = [];
        await Eventually.Holds(async () => (matches = await Matches(owner, subscription)).Count >= count, $"{subscription} finds {count}");
        Assert.That(matches, Has.Count.EqualTo(count));
        return matches;
    }

    /// <summary>The events about a subscription; on servers one is seen a moment after its commit.</summary>
    static async Task<List<JsonElement>> Told(TestParty owner, string subscription, int count, HttpClient? reader = null)
    {
        List<JsonElement> told = [];
        await Eventually.Holds(async () => (told = await Told(reader ?? owner.Client, subscription)).Count >= count, $"{subscription} is told of {count}");
        Assert.That(told, Has.Count.EqualTo(count));
        return told;
    }

    static async Task<List<JsonElement>> Told(HttpClient reader, string subscription)
    {
        var told = new List<JsonElement>();
        for (var address = "events?limit=100&types=subscription.matched"; address is not null;)
        {
            var page = await reader.GetJson(address);
            told.AddRange(page.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == subscription));
            address = page.GetProperty("nextCursor").GetString() is { } cursor ? $"events?limit=100&types=subscription.matched&cursor={cursor}" : null;
        }

        return told;
    }

    /// <summary>Waits until the subscriptions have been served with everything so far: one more listing is published and told of.</summary>
    async Task Passed(TestParty owner, string word, string? subscription = null)
    {
        subscription ??= await Subscribe(owner, new { text = word });
        var before = (await Matches(owner, subscription)).Count;
        await market.PublishedAchievement(await market.Party("university"), new { title = $"{word} 末" });
        await Matches(owner, subscription, before + 1);
    }
}
