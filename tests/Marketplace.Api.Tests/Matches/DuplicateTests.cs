using System.Text.Json;

namespace Marketplace.Api.Tests.Matches;

/// <summary>The same listing twice: who is told, of what, and why.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class DuplicateTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task Whoever_submits_what_is_published_already_is_told_and_it_is_submitted_all_the_same()
    {
        var (first, second) = (await market.Party("university"), await market.Party("institute"));
        var (title, summary) = (Word(), Summary());
        var published = await Published(first, new { title, summary });
        var again = await second.Achievement(new { title, summary = $"本项目面向全国征集合作单位。{summary}" });
        Assert.That((await second.Client.GetJson($"achievements/{again}")).Has("duplicates"), Is.False);
        var submitted = await second.Client.Act($"achievements/{again}/submit", idempotencyKey: again).Json();
        Assert.That(submitted.Text("state"), Is.EqualTo("submitted"));
        AssertFound(submitted.GetProperty("duplicates"), published, title, first.Id);
        Assert.That((await second.Client.Act($"achievements/{again}/submit", idempotencyKey: again).Json()).Has("duplicates"), Is.True, "a repetition is answered alike");
        foreach (var client in new[] { second.Client, await market.As("moderator"), await market.As("auditor") })
        {
            AssertFound((await client.GetJson($"achievements/{again}/duplicates")).GetProperty("data"), published, title, first.Id);
        }

        static void AssertFound(JsonElement duplicates, string published, string title, string owner)
        {
            var found = duplicates.EnumerateArray().Single(duplicate => duplicate.Text("listing") == published);
            Assert.That((found.Text("title"), found.Text("owner")), Is.EqualTo((title, owner)));
            Assert.That(found.GetProperty("similarity").GetDouble(), Is.InRange(0.9, 1.0));
            Assert.That(Kinds(found), Is.EqualTo(new[] { "text", "title" }));
        }
    }

    [Test]
    public async Task A_demand_of_ones_own_is_found_too_with_its_owner_named()
    {
        var (owner, description) = (await market.Party(), Summary());
        var published = await market.PublishedDemand(owner, new { title = Word(), description });
        await Indexed("demands", published, description);
        var again = await owner.Demand(new { title = Word(), description });
        var found = (await owner.Client.GetJson($"demands/{again}/duplicates")).GetProperty("data").EnumerateArray().Single(duplicate => duplicate.Text("listing") == published);
        Assert.That(Kinds(found), Is.EqualTo(new[] { "text", "owner" }));
    }

    [Test]
    public async Task One_patent_is_one_right_with_and_without_the_mark_of_the_grant()
    {
        var (first, second, word) = (await market.Party("university"), await market.Party("institute"), Word());
        var rights = new[] { new { kind = "inventionPatent", number = "ZL201710601862.3" } };
        var published = await Published(first, new { title = $"{word}甲", summary = Summary(), rights });
        var other = await second.Achievement(new { title = $"{word} 乙", summary = Summary(), rights = new[] { new { kind = "inventionPatent", number = "201710601862.3" } } });
        await Eventually.Holds(async () => (await Duplicates(second, other)).Any(duplicate => duplicate.Text("listing") == published && Kinds(duplicate).Contains("right")), "the right is found");
        var found = (await Duplicates(second, other)).Single(duplicate => duplicate.Text("listing") == published);
        Assert.That(Kinds(found), Is.EqualTo(new[] { "right" }));
        Assert.That(found.GetProperty("reasons")[0].Text("detail"), Does.Contain("201710601862.3"));
        var chinese = await second.Client.Send(HttpMethod.Get, $"achievements/{other}/duplicates", headers: ("Accept-Language", "zh-CN")).Json();
        Assert.That(chinese.GetRawText(), Does.Contain("知识产权编号相同"));
    }

    [Test]
    public async Task What_is_only_about_the_same_is_no_duplicate_and_neither_is_the_listing_itself()
    {
        var (first, second, word) = (await market.Party("university"), await market.Party("institute"), Word());
        var published = await Published(first, new { title = $"{word} 方法", summary = Summary() });
        var other = await second.Achievement(new { title = $"{word} 装置", summary = Summary() });
        Assert.That((await Duplicates(second, other)).Select(duplicate => duplicate.Text("listing")), Does.Not.Contain(published));
        Assert.That((await Duplicates(first, published)).Select(duplicate => duplicate.Text("listing")), Does.Not.Contain(published));
        Assert.That((await second.Client.Act($"achievements/{other}/submit").Json()).Has("duplicates"), Is.False);
    }

    [Test]
    public async Task Texts_without_words_and_texts_as_long_as_can_be_are_compared_too()
    {
        var (first, second) = (await market.Party("university"), await market.Party("institute"));
        var silent = await first.Achievement(new { title = "——", summary = "。。🙂", keywords = Array.Empty<string>() });
        Assert.That(await Duplicates(first, silent), Is.Empty);
        var summary = string.Concat(Enumerable.Range(0, 200).Select(_ => Summary()));
        var published = await Published(first, new { title = Word(), summary });
        var again = await second.Achievement(new { title = Word(), summary });
        Assert.That((await Duplicates(second, again)).Single(duplicate => duplicate.Text("listing") == published).GetProperty("similarity").GetDouble(), Is.GreaterThan(0.99));
    }

    [Test]
    public async Task What_is_not_published_is_told_to_nobody()
    {
        var (first, second, summary) = (await market.Party("university"), await market.Party("institute"), Summary());
        var (draft, paused) = (await first.Achievement(new { summary }), await Published(first, new { summary }));
        await first.Client.Act($"achievements/{paused}/pause").Json();
        var again = await second.Achievement(new { summary });
        await second.Client.Act($"achievements/{again}/submit").Json();
        Assert.That(await (await market.As("moderator")).GetStringAsync($"achievements/{again}/duplicates"), Does.Not.Contain(draft).And.Not.Contain(paused));
    }

    [Test]
    public async Task Its_owner_and_who_reviews_may_ask_and_nobody_else()
    {
        var (owner, other) = (await market.Party("university"), await market.Party());
        var (draft, published) = (await owner.Achievement(), await market.PublishedAchievement(owner));
        await market.Anonymous.GetAsync($"achievements/{published}/duplicates").AssertProblem(401, "unauthenticated");
        await other.Client.GetAsync($"achievements/{published}/duplicates").AssertProblem(403, "forbidden");
        await other.Client.GetAsync($"achievements/{draft}/duplicates").AssertProblem(404, "not-found");
        await (await market.As("moderator")).GetAsync($"achievements/{draft}/duplicates").AssertProblem(404, "not-found");
        await owner.Client.GetAsync($"demands/{published}/duplicates").AssertProblem(404, "not-found");
        await owner.Client.PostJson("achievements", Market.AchievementBody(new { duplicates = Array.Empty<string>() })).AssertProblem(400, "read-only-field", "/duplicates");
    }

    static string Word() => string.Concat(Guid.NewGuid().ToString("n").Select(c => (char)(c + (char.IsAsciiDigit(c) ? 'k' - '0' : 0))));

    /// <summary>A text of its own: a hundred characters drawn from the common ones.</summary>
    static string Summary() => string.Concat(Enumerable.Range(0, 100).Select(_ => (char)Random.Shared.Next(0x4E00, 0x8000)));

    static string[] Kinds(JsonElement duplicate) => [.. duplicate.GetProperty("reasons").EnumerateArray().Select(reason => reason.Text("kind"))];

    static async Task<List<JsonElement>> Duplicates(TestParty owner, string achievement) =>
        [.. (await owner.Client.GetJson($"achievements/{achievement}/duplicates")).GetProperty("data").EnumerateArray()];

    async Task<string> Published(TestParty owner, object change)
    {
        var id = await market.PublishedAchievement(owner, change);
        await Indexed("achievements", id, (await owner.Client.GetJson($"achievements/{id}")).Text("summary"));
        return id;
    }

    Task Indexed(string list, string id, string text) => Eventually.Holds(
        async () => (await market.Anonymous.GetJson($"{list}?q={text[..20]}")).Ids().Contains(id), $"{id} is in the index");
}
