using System.Text.Json;

namespace Marketplace.Api.Tests.Listings;

/// <summary>What a moderator has read is what everybody reads: a material change of a published listing is reviewed beside it.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RevisionTests(Database database)
{
    const string Advert = "代开发票加微信";

    readonly Market market = Market.On(database);

    static IEnumerable<TestCaseData> MaterialChanges()
    {
        foreach (var change in new object[]
        {
            new { title = Advert }, new { description = Advert }, new { confidential = Advert }, new { field = "electronics" }, new { keywords = new[] { Advert } },
            new { budget = new { max = 3000000 } }, new { kind = "challenge" }, new { deadline = "2030-01-01" },
        })
        {
            yield return new("demands", change);
        }

        foreach (var change in new object[]
        {
            new { title = Advert }, new { summary = Advert }, new { confidential = Advert }, new { field = "electronics" }, new { keywords = new[] { Advert } },
            new { rights = new[] { new { kind = "knowHow" } } }, new { price = new { mode = "auction" } }, new { holders = new[] { new { name = "甲", share = 100 } } },
        })
        {
            yield return new("achievements", change);
        }
    }

    [TestCaseSource(nameof(MaterialChanges))]
    public async Task A_material_change_is_read_by_nobody_before_a_moderator_has_published_it(string list, object change)
    {
        var (owner, moderator) = (await market.Party(), await market.As("moderator"));
        var address = await Published(list, owner);
        var member = JsonSerializer.SerializeToElement(change).EnumerateObject().Single().Name;
        var before = (await market.Anonymous.GetJson(address)).GetRawText();
        var inForce = Member(await owner.Client.GetJson(address), member);
        var changed = await owner.Client.PatchJson(address, change, "*").Json();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(changed.Text("state"), Is.EqualTo("published"));
            Assert.That(changed.GetProperty("revision").Text("state"), Is.EqualTo("draft"));
            Assert.That(Member(changed, member), Is.EqualTo(inForce), "what is in force");
            Assert.That(Member(changed.GetProperty("revision"), member), Is.Not.EqualTo(inForce), "what is proposed");
            Assert.That(changed.Texts("availableActions"), Is.EquivalentTo(new[] { "pause", "fulfil", "withdraw", "submit" }));
            Assert.That(WithoutVersion(await market.Anonymous.GetJson(address)), Is.EqualTo(WithoutVersion(JsonDocument.Parse(before).RootElement)));
            Assert.That((await moderator.GetJson(address)).Has("revision"), Is.False, "a draft is its owner's alone");
        }

        var submitted = await owner.Client.Act($"{address}/submit").Json();
        Assert.That((submitted.Text("state"), submitted.GetProperty("revision").Text("state")), Is.EqualTo(("published", "submitted")));
        Assert.That((await market.Anonymous.GetJson(address)).Has("revision"), Is.False);
        var read = await moderator.GetJson(address);
        if (member != "confidential")
        {
            Assert.That(Member(read.GetProperty("revision"), member), Is.Not.EqualTo(inForce));
        }

        Assert.That(read.Texts("availableActions"), Is.EquivalentTo(new[] { "publish", "return", "reject", "remove" }));
        Assert.That(read.GetRawText(), member == "confidential" ? Does.Not.Contain(Advert) : Is.Not.Empty, "confidential is for the owner and mutual introductions");
        var published = await moderator.PostJson($"{address}/publish", new { }, ifMatch: await moderator.ETag(address)).Json();
        Assert.That((published.Text("state"), published.Has("revision")), Is.EqualTo(("published", false)));
        Assert.That(Member(await owner.Client.GetJson(address), member), Is.Not.EqualTo(inForce));
    }

    [TestCase("demands", "minTrl")]
    [TestCase("achievements", "trl")]
    public async Task Other_members_change_at_once_for_everybody_and_the_revision_keeps_its_own(string list, string readiness)
    {
        var owner = await market.Party();
        var address = await Published(list, owner);
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        var change = new Dictionary<string, object> { [readiness] = 9, ["region"] = "630104", ["modes"] = new[] { "equity" }, ["externalId"] = Guid.NewGuid().ToString("n") };
        var changed = await owner.Client.PatchJson(address, change, "*").Json();
        var seen = await market.Anonymous.GetJson(address);
        Assert.That((seen.GetProperty(readiness).GetInt32(), seen.Text("region"), seen.Texts("modes")[0]), Is.EqualTo((9, "630104", "equity")));
        Assert.That(seen.Text("title"), Is.Not.EqualTo(Advert));
        var revision = changed.GetProperty("revision");
        Assert.That((revision.Text("title"), revision.Text("region")), Is.EqualTo((Advert, "630104")));
        await owner.Client.Act($"{address}/submit").Json();
        await (await market.As("moderator")).Act($"{address}/publish").Json();
        seen = await market.Anonymous.GetJson(address);
        Assert.That((seen.Text("title"), seen.Text("region")), Is.EqualTo((Advert, "630104")));
    }

    [Test]
    public async Task What_waits_for_a_moderator_does_not_change_until_it_is_recalled()
    {
        var (owner, moderator) = (await market.Party(), await market.As("moderator"));
        var draft = $"demands/{await owner.Demand()}";
        await owner.Client.Act($"{draft}/submit").Json();
        var refused = await owner.Client.PatchJson(draft, new { title = Advert }, "*").AssertProblem(409, "invalid-transition");
        Assert.That((refused.Text("currentState"), refused.Texts("availableActions")), Is.EqualTo(("submitted", (string[])["recall", "withdraw"])));
        var read = await moderator.ETag(draft);
        Assert.That((await owner.Client.Act($"{draft}/recall").Json()).Text("state"), Is.EqualTo("draft"));
        await moderator.GetAsync(draft).AssertProblem(404, "not-found");
        await owner.Client.PatchJson(draft, new { title = Advert }, "*").Json();
        await owner.Client.Act($"{draft}/submit").Json();
        await moderator.PostJson($"{draft}/publish", new { }, ifMatch: read).AssertProblem(412, "precondition-failed");

        var address = await Published("demands", owner);
        await owner.Client.PatchJson(address, new { title = "一" }, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        foreach (var change in new object[] { new { title = Advert }, new { region = "630104" } })
        {
            refused = await owner.Client.PatchJson(address, change, "*").AssertProblem(409, "invalid-transition");
            Assert.That((refused.Text("currentState"), refused.Texts("availableActions").Contains("recall")), Is.EqualTo(("submitted", true)));
        }

        read = await moderator.ETag(address);
        Assert.That((await owner.Client.Act($"{address}/recall").Json()).GetProperty("revision").Text("state"), Is.EqualTo("draft"));
        await moderator.Act($"{address}/publish").AssertProblem(409, "invalid-transition");
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        await moderator.PostJson($"{address}/publish", new { }, ifMatch: read).AssertProblem(412, "precondition-failed");
        await moderator.PostJson($"{address}/publish", new { }, ifMatch: await moderator.ETag(address)).Json();
    }

    [Test]
    public async Task A_returned_revision_is_mended_and_a_rejected_one_is_gone_while_the_listing_stays()
    {
        var (owner, moderator) = (await market.Party(), await market.As("moderator"));
        var address = await Published("achievements", owner);
        var title = (await market.Anonymous.GetJson(address)).Text("title");
        await owner.Client.Act($"{address}/pause").Json();
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        var returned = await moderator.PostJson($"{address}/return", new { reason = "请删去广告" }).Json();
        Assert.That((returned.Text("state"), returned.GetProperty("revision").Text("state"), returned.Text("reason")), Is.EqualTo(("paused", "returned", "请删去广告")));
        await owner.Client.PatchJson(address, new { title = "改好的题目" }, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        var rejected = await moderator.PostJson($"{address}/reject", new { reason = "仍是广告" }).Json();
        Assert.That((rejected.Text("state"), rejected.Has("revision"), rejected.Text("title")), Is.EqualTo(("paused", false, title)));
        Assert.That((await owner.Client.GetJson(address)).Text("reason"), Is.EqualTo("仍是广告"));
        await owner.Client.Act($"{address}/submit").AssertProblem(409, "invalid-transition");
        await owner.Client.Act($"{address}/resume").Json();
        Assert.That((await market.Anonymous.GetJson(address)).Text("title"), Is.EqualTo(title));
    }

    [Test]
    public async Task A_change_back_to_what_is_published_ends_the_revision_and_so_does_the_end_of_the_listing()
    {
        var owner = await market.Party();
        var address = await Published("demands", owner);
        var title = (await market.Anonymous.GetJson(address)).Text("title");
        Assert.That((await owner.Client.PatchJson(address, new { title = Advert }, "*").Json()).Has("revision"));
        Assert.That((await owner.Client.PatchJson(address, new { title }, "*").Json()).Has("revision"), Is.False);
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        var withdrawn = await owner.Client.Act($"{address}/withdraw").Json();
        Assert.That((withdrawn.Text("state"), withdrawn.Has("revision"), withdrawn.Text("title")), Is.EqualTo(("withdrawn", false, title)));
    }

    [Test]
    public async Task The_index_and_the_matches_hold_the_reviewed_version()
    {
        var owner = await market.Party();
        var (before, after) = (Word(), Word());
        var id = await market.PublishedDemand(owner, new { title = before });
        await Eventually.Holds(async () => (await market.Anonymous.GetJson($"demands?q={before}")).Ids().Contains(id), "the demand is found");
        await owner.Client.PatchJson($"demands/{id}", new { title = after }, "*").Json();
        await owner.Client.Act($"demands/{id}/submit").Json();
        // Once this one is found, the index has seen all that was before it.
        var marker = await market.PublishedDemand(owner, new { title = $"{before} {after}" });
        await Eventually.Holds(async () => (await market.Anonymous.GetJson($"demands?q={after}")).Ids().Contains(marker), "the marker is found");
        Assert.That((await market.Anonymous.GetJson($"demands?q={before}")).Ids(), Is.EquivalentTo(new[] { id, marker }));
        Assert.That((await market.Anonymous.GetJson($"demands?q={after}")).Ids(), Is.EqualTo(new[] { marker }));
        await (await market.As("moderator")).Act($"demands/{id}/publish").Json();
        await Eventually.Holds(async () => (await market.Anonymous.GetJson($"demands?q={after}")).Ids().Contains(id), "the published revision is found");
        Assert.That((await market.Anonymous.GetJson($"demands?q={before}")).Ids(), Is.EqualTo(new[] { marker }));
    }

    [Test]
    public async Task Moderators_list_the_revisions_that_wait_and_nobody_lists_anothers_draft()
    {
        var (owner, other, moderator) = (await market.Party(), await market.Party(), await market.As("moderator"));
        var (waiting, drafted) = (await Published("demands", owner), await Published("demands", owner));
        foreach (var address in new[] { waiting, drafted })
        {
            await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        }

        await owner.Client.Act($"{waiting}/submit").Json();
        Assert.That((await moderator.GetJson($"demands?revision=submitted&owner={owner.Id}")).Ids(), Is.EqualTo(new[] { waiting.Split('/')[1] }));
        Assert.That((await moderator.GetJson($"demands?revision=draft&owner={owner.Id}")).Ids(), Is.Empty);
        Assert.That((await owner.Client.GetJson("demands?revision=draft")).Ids(), Is.EqualTo(new[] { drafted.Split('/')[1] }));
        Assert.That((await other.Client.GetJson($"demands?revision=submitted&owner={owner.Id}")).Ids(), Is.Empty);
        Assert.That((await market.Anonymous.GetJson($"demands?revision=submitted&owner={owner.Id}")).Ids(), Is.Empty);
        await market.Anonymous.GetAsync("demands?revision=published_").AssertProblem(400, "validation-failed", "revision");
    }

    [Test]
    public async Task Each_step_of_a_revision_is_an_event_that_only_its_owner_and_moderators_read_until_it_is_in_force()
    {
        var (owner, other, moderator) = (await market.Party(), await market.Party(), await market.As("moderator"));
        var address = await Published("demands", owner);
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        foreach (var (client, action) in new[] { (owner.Client, "submit"), (owner.Client, "recall"), (owner.Client, "submit"), (moderator, "return"), (owner.Client, "submit"), (moderator, "publish") })
        {
            await client.PostJson($"{address}/{action}", new { reason = "理由" }).Json();
        }

        string[] all =
        [
            "demand.created", "demand.submitted", "demand.published", "demand.revisionChanged", "demand.revisionSubmitted", "demand.revisionRecalled",
            "demand.revisionSubmitted", "demand.revisionReturned", "demand.revisionSubmitted", "demand.updated",
        ];
        var id = address.Split('/')[1];
        await Eventually.Holds(async () => (await Types(owner.Client, id)).Count == all.Length, "all events are numbered");
        Assert.That(await Types(owner.Client, id), Is.EqualTo(all));
        Assert.That(await Types(moderator, id), Is.EqualTo(all.Where(type => type is not ("demand.created" or "demand.revisionChanged"))));
        Assert.That(await Types(other.Client, id), Is.EqualTo(new[] { "demand.published", "demand.updated" }));
    }

    [Test]
    public async Task A_revision_that_nobody_reads_does_not_make_the_listing_newer()
    {
        await using var own = await Market.Apart(database);
        var owner = await own.Party();
        var address = $"demands/{await own.PublishedDemand(owner)}";
        var before = (await own.Anonymous.GetJson(address)).Text("updatedAt");
        own.Clock.Advance(TimeSpan.FromHours(1));
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        Assert.That((await own.Anonymous.GetJson(address)).Text("updatedAt"), Is.EqualTo(before));
        await (await own.As("moderator")).Act($"{address}/publish").Json();
        Assert.That((await own.Anonymous.GetJson(address)).Text("updatedAt"), Is.GreaterThan(before));
    }

    [Test]
    public async Task A_moderator_of_the_owner_does_not_decide_about_its_revision()
    {
        var owner = await market.Party("government");
        var moderator = market.Client(await market.Key(owner.Id, ["moderator"], "inside"));
        var address = $"demands/{await market.PublishedDemand(owner)}";
        await owner.Client.PatchJson(address, new { title = Advert }, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        await moderator.Act($"{address}/publish").AssertProblem(403, "conflict-of-interest");
        await owner.Client.Act($"{address}/publish").AssertProblem(403, "forbidden");
    }

    [Test]
    public async Task Of_many_who_change_one_revision_one_is_first()
    {
        var owner = await market.Party();
        var address = await Published("demands", owner);
        await owner.Client.PatchJson(address, new { title = "零" }, "*").Json();
        var tag = await owner.Client.ETag(address);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            using var answer = await owner.Client.PatchJson(address, new { title = $"题目 {i}" }, tag);
            return (int)answer.StatusCode;
        }));
        Assert.That(statuses.Order(), Is.EqualTo(Enumerable.Repeat(412, 15).Prepend(200)));
    }

    async Task<string> Published(string list, TestParty owner) =>
        $"{list}/{(list == "demands" ? await market.PublishedDemand(owner) : await market.PublishedAchievement(owner))}";

    static async Task<List<string>> Types(HttpClient reader, string subject)
    {
        var (found, next) = (new List<string>(), "events?limit=100");
        while (next is not null)
        {
            var page = await reader.GetJson(next);
            found.AddRange(page.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == subject).Select(e => e.Text("type")));
            next = page.Text("nextCursor") is { } cursor ? $"events?limit=100&cursor={Uri.EscapeDataString(cursor)}" : null;
        }

        return found;
    }

    static string? Member(JsonElement listing, string member) => listing.TryGetProperty(member, out var value) ? value.GetRawText() : null;

    static string WithoutVersion(JsonElement listing) =>
        string.Join(',', listing.EnumerateObject().Where(member => member.Name != "version").Select(member => $"{member.Name}:{member.Value.GetRawText()}"));

    static string Word() => new(Random.Shared.GetItems<char>("bcdfghjklmnpqrstvwxz", 12));
}
