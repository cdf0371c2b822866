using System.Globalization;
using System.Text.Json;

namespace Marketplace.Api.Tests.Matches;

/// <summary>What the market proposes to whom, and the reasons that it gives. Each test's own words keep it apart from the others.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MatchTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_demand_finds_the_achievement_and_the_achievement_the_demand()
    {
        var word = Word();
        var demand = await market.PublishedDemand(await market.Party(), new { title = $"寻求 {word} 制备技术" });
        var achievement = await market.PublishedAchievement(await market.Party("university"), new { title = $"{word} 制备方法" });
        var found = await Until($"demands/{demand}/matches", "achievement", achievement);
        Assert.That(found.Has("demand"), Is.False);
        Assert.That(found.GetProperty("achievement").Text("title"), Is.EqualTo($"{word} 制备方法"));
        Assert.That((await Until($"achievements/{achievement}/matches", "demand", demand)).Has("achievement"), Is.False);
    }

    [Test]
    public async Task The_weights_add_up_to_the_score_and_the_terms_stand_in_both_texts()
    {
        var word = Word();
        var demand = await market.PublishedDemand(await market.Party(), new { title = $"寻求 {word} 提锂吸附材料" });
        var achievement = await market.PublishedAchievement(await market.Party("university"), new { title = $"{word} 提锂吸附剂" });
        await Until($"demands/{demand}/matches", "achievement", achievement);
        var answer = await market.Anonymous.GetJson($"demands/{demand}/matches?limit=100");
        Assert.That(answer.Text("algorithm"), Is.EqualTo(Matching.MarketIndex.Algorithm));
        var matches = answer.GetProperty("data").EnumerateArray().ToList();
        Assert.That(matches.Select(match => match.GetProperty("score").GetDouble()), Is.Ordered.Descending.And.All.InRange(0.0, 1.0));
        foreach (var match in matches)
        {
            var reasons = match.GetProperty("reasons").EnumerateArray().ToList();
            Assert.That(reasons.Aggregate(0.0, (sum, reason) => sum + reason.GetProperty("weight").GetDouble()), Is.EqualTo(match.GetProperty("score").GetDouble()));
            var (mine, theirs) = (Text(await market.Anonymous.GetJson($"demands/{demand}")), Text(match.GetProperty("achievement")));
            foreach (var term in reasons.Where(reason => reason.Text("kind") == "terms").SelectMany(reason => reason.Texts("terms")))
            {
                Assert.That(mine, Does.Contain(term).IgnoreCase);
                Assert.That(theirs, Does.Contain(term).IgnoreCase);
            }
        }

        var best = matches.Single(match => match.GetProperty("achievement").Text("id") == achievement);
        Assert.That(best.GetProperty("reasons").EnumerateArray().Single(reason => reason.Text("kind") == "terms").Texts("terms"), Has.Some.Contains(word).IgnoreCase);
    }

    [Test]
    public async Task Each_term_is_marked_in_both_texts_by_member_start_and_length()
    {
        var word = Word();
        var demand = await market.PublishedDemand(await market.Party(), new { title = $"求 {word} 工艺", description = "在高原盐湖提锂", keywords = new[] { "其他", word } });
        var achievement = await market.PublishedAchievement(await market.Party("university"),
            new { title = $"一种{word.ToUpperInvariant()}方法", summary = $"用于高原盐湖，采用 {Wide(word)} 工艺。", keywords = new[] { word } });
        var found = await Until($"demands/{demand}/matches", "achievement", achievement);
        var terms = found.GetProperty("reasons").EnumerateArray().Single(reason => reason.Text("kind") == "terms");
        var place = Array.IndexOf(terms.Texts("terms"), word);
        Assert.That(place, Is.GreaterThanOrEqualTo(0));
        Assert.That(Marked(terms, "querySpans", place, await market.Anonymous.GetJson($"demands/{demand}")),
            Is.EquivalentTo(new[] { $"title  {word}", $"keywords 1 {word}" }));
        Assert.That(Marked(terms, "spans", place, found.GetProperty("achievement")),
            Is.EquivalentTo(new[] { $"title  {word.ToUpperInvariant()}", $"summary  {Wide(word)}", $"keywords 0 {word}" }));
        Assert.That(terms.GetProperty("spans").EnumerateArray().Select(span => span.Text("member")), Does.Contain("summary"));

        var text = $"想找 {word}";
        var asked = (await market.Anonymous.PostJson("matches", new { text, limit = 1 }).Json()).GetProperty("data")[0].GetProperty("reasons")[0];
        Assert.That(Marked(asked, "querySpans", Array.IndexOf(asked.Texts("terms"), word), JsonSerializer.SerializeToElement(new { text })), Is.EqualTo(new[] { $"text  {word}" }));

        static string Wide(string text) => string.Concat(text.Select(c => (char)(c + 0xFEE0)));

        static IEnumerable<string> Marked(JsonElement reason, string side, int term, JsonElement resource) =>
            reason.GetProperty(side).EnumerateArray().Where(span => span.GetProperty("term").GetInt32() == term).Select(span =>
            {
                var member = resource.GetProperty(span.Text("member"));
                var item = span.Has("item") ? span.GetProperty("item").GetInt32().ToString(CultureInfo.InvariantCulture) : "";
                var whole = item.Length > 0 ? member[span.GetProperty("item").GetInt32()].GetString()! : member.GetString()!;
                return $"{span.Text("member")} {item} {whole.Substring(span.GetProperty("start").GetInt32(), span.GetProperty("length").GetInt32())}";
            });
    }

    [TestCase("en", "New materials")]
    [TestCase("zh-CN", "新材料")]
    public async Task Each_verdict_is_said_in_the_readers_language_with_the_name_of_the_code(string language, string field)
    {
        var word = Word();
        await market.PublishedAchievement(await market.Party("university"), new { title = word, trl = 3, price = new { mode = "listed", amount = 900 } });
        var body = new { text = word, field = "newMaterials", region = "110108", budget = new { max = 100 }, modes = new[] { "licence" } };
        List<JsonElement> matches = [];
        await Eventually.Holds(async () =>
        {
            var answer = await market.Anonymous.Send(HttpMethod.Post, "matches", Requests.Content(body), headers: ("Accept-Language", language)).Json();
            matches = [.. answer.GetProperty("data").EnumerateArray().Where(match => match.GetProperty("achievement").Text("title") == word)];
            return matches.Count == 1;
        }, "the achievement is found");
        var reasons = matches[0].GetProperty("reasons").EnumerateArray().ToDictionary(reason => reason.Text("kind"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reasons["field"].Text("verdict"), Is.EqualTo("met"));
            Assert.That(reasons["field"].Text("detail"), Does.Contain(field));
            Assert.That(reasons["budget"].Text("verdict"), Is.EqualTo("unmet"));
            Assert.That(reasons["mode"].Text("verdict"), Is.EqualTo("met"));
            Assert.That(reasons.Values.Select(reason => reason.Text("detail")!),
                Has.All.Matches<string>(detail => language == "en" ? !detail.Contains("newMaterials") : detail.Any(c => c is >= '一' and <= '鿿')));
        }
    }

    [Test]
    public async Task An_owner_is_never_matched_with_its_own()
    {
        var (word, owner) = (Word(), await market.Party());
        var demand = await market.PublishedDemand(owner, new { title = word });
        var own = await market.PublishedAchievement(owner, new { title = word });
        var other = await market.PublishedAchievement(await market.Party("university"), new { title = word });
        await Eventually.Holds(async () => (await market.Anonymous.GetJson($"achievements?q={word}")).Ids().Contains(own), "its own is in the index");
        await Until($"demands/{demand}/matches", "achievement", other);
        Assert.That(await market.Anonymous.GetStringAsync($"demands/{demand}/matches?limit=100"), Does.Not.Contain(own));
        Assert.That(await owner.Client.GetStringAsync($"achievements/{own}/matches?limit=100"), Does.Not.Contain(demand));
    }

    [Test]
    public async Task A_text_that_is_not_registered_is_matched_on_either_side()
    {
        var word = Word();
        var demand = await market.PublishedDemand(await market.Party(), new { title = word });
        var achievement = await market.PublishedAchievement(await market.Party("university"), new { title = word });
        foreach (var (side, member, id) in new[] { ("demands", "demand", demand), ("achievements", "achievement", achievement) })
        {
            await Eventually.Holds(async () =>
            {
                var data = (await market.Anonymous.PostJson("matches", new { text = $"我们关心{word}的应用", side, limit = 5 }).Json()).GetProperty("data");
                return data.EnumerateArray().Any(match => match.GetProperty(member).Text("id") == id);
            }, $"the {member} is found");
        }
    }

    [Test]
    public async Task A_draft_is_matched_for_its_owner_and_for_nobody_else()
    {
        var (word, owner) = (Word(), await market.Party());
        var draft = await owner.Demand(new { title = word });
        var achievement = await market.PublishedAchievement(await market.Party("university"), new { title = word });
        await Eventually.Holds(
            async () => (await owner.Client.GetStringAsync($"demands/{draft}/matches")).Contains(achievement), "the owner sees its matches");
        await market.Anonymous.GetAsync($"demands/{draft}/matches").AssertProblem(404, "not-found");
        Assert.That(await market.Anonymous.GetStringAsync($"achievements/{achievement}/matches?limit=100"), Does.Not.Contain(draft));
    }

    [Test]
    public async Task Since_an_instant_only_what_was_published_or_changed_then_is_shown()
    {
        // A clock of its own: it is moved.
        await using var own = await Market.Apart(database);
        var (word, university) = (Word(), await own.Party("university"));
        var demand = await own.PublishedDemand(await own.Party(), new { title = word });
        var (old, changed) = (await own.PublishedAchievement(university, new { title = word }), await own.PublishedAchievement(university, new { title = word }));
        own.Clock.Advance(TimeSpan.FromDays(1));
        var since = Iso(own.Clock.GetUtcNow());
        var added = await own.PublishedAchievement(university, new { title = word });
        await own.Revise(university, $"achievements/{changed}", new { title = $"{word} 二" });
        await Eventually.Holds(async () => (await Found("")).Length == 3, "all three are found");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Found(""), Is.EquivalentTo(new[] { old, changed, added }));
            Assert.That(await Found($"&since={since}"), Is.EquivalentTo(new[] { changed, added }));
            Assert.That(await Found($"&since={Uri.EscapeDataString("2026-03-02T12:00:00.000+08:00")}"), Is.EquivalentTo(new[] { old, changed, added }));
        }

        var achieved = await own.Anonymous.GetJson($"achievements/{old}/matches?since={since}");
        Assert.That(achieved.GetProperty("data").GetArrayLength(), Is.Zero, "the demand was not touched since");
        own.Clock.Advance(TimeSpan.FromDays(1));
        Assert.That(await Found($"&since={Iso(own.Clock.GetUtcNow())}"), Is.Empty);

        static string Iso(DateTimeOffset instant) => instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

        async Task<string[]> Found(string more) =>
            [.. (await own.Anonymous.GetJson($"demands/{demand}/matches?limit=100{more}")).GetProperty("data").EnumerateArray().Select(match => match.GetProperty("achievement").Text("id"))];
    }

    [TestCase("since=yesterday")]
    [TestCase("since=2026-03-02")]
    [TestCase("since=2026-03-02T04:00:00")]
    [TestCase("since=2026-02-30T04:00:00Z")]
    [TestCase("since=2026-03-02T04:00:00+08:00")]
    [TestCase("since=1")]
    [TestCase("since=")]
    [TestCase("since=9999-12-31T00:00:00Z")]
    public async Task Since_is_an_instant_that_has_been(string query) =>
        await market.Anonymous.GetAsync($"demands/{await market.PublishedDemand(await market.Party())}/matches?{query}").AssertProblem(400, "validation-failed", "since");

    [TestCase("limit=0")]
    [TestCase("limit=101")]
    public async Task A_limit_is_one_to_a_hundred(string query) =>
        await market.Anonymous.GetAsync($"demands/{await market.PublishedDemand(await market.Party())}/matches?{query}").AssertProblem(400, "validation-failed", "limit");

    [Test]
    public Task A_text_is_needed_and_the_budget_is_in_order()
    {
        return Task.WhenAll(
            market.Anonymous.PostJson("matches", new { side = "demands" }).AssertProblem(400, "validation-failed", "/text"),
            market.Anonymous.PostJson("matches", new { text = "x", budget = new { min = 2, max = 1 } }).AssertProblem(422, "amount-order", "/budget/min"));
    }

    static string Word() => $"qz{Guid.NewGuid():n}"[..14];

    static string Text(JsonElement listing) => string.Join('\n',
        [listing.Text("title"), listing.Text(listing.Has("description") ? "description" : "summary"), .. listing.Texts("keywords")]);

    async Task<JsonElement> Until(string address, string member, string id)
    {
        JsonElement found = default;
        await Eventually.Holds(async () =>
        {
            var data = (await market.Anonymous.GetJson($"{address}?limit=100")).GetProperty("data").EnumerateArray();
            found = data.FirstOrDefault(match => match.GetProperty(member).Text("id") == id);
            return found.ValueKind == JsonValueKind.Object;
        }, $"{address} finds {id}");
        return found;
    }
}
