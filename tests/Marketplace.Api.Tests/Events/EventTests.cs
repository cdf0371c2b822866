using System.Text.Json;

namespace Marketplace.Api.Tests.Events;

/// <summary>The feed: what was committed, in order, and to whom it is told.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class EventTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task Each_step_of_a_listing_is_one_event_in_the_order_of_the_steps()
    {
        var owner = await market.Party();
        var demand = await market.PublishedDemand(owner);
        await owner.Client.Act($"demands/{demand}/pause").Json();
        await owner.Client.Act($"demands/{demand}/resume").Json();
        await owner.Client.Act($"demands/{demand}/fulfil").Json();
        var events = await About(owner.Client, demand, 6);
        Assert.That(events.Select(e => e.Text("type")), Is.EqualTo(new[]
        {
            "demand.created", "demand.submitted", "demand.published", "demand.paused", "demand.published", "demand.fulfilled",
        }));
        Assert.That(events.Select(e => e.GetProperty("sequence").GetInt64()), Is.Ordered.Ascending.And.Unique);
        Assert.That(events.Select(e => e.Text("actor")).Where(actor => actor == owner.Id).Count(), Is.EqualTo(5));
        Assert.That(events.Select(e => e.Text("hash")), Is.Unique.And.All.Match("^[0-9a-f]{64}$"));
    }

    [Test]
    public async Task What_is_not_public_is_told_to_its_owner_and_from_submission_on_to_the_moderators()
    {
        var owner = await market.Party();
        var demand = await owner.Demand();
        await owner.Client.Act($"demands/{demand}/submit").Json();
        await (await market.As("moderator")).PostJson($"demands/{demand}/return", new { reason = "请写明指标" }).Json();
        Assert.That(Types(await About(owner.Client, demand, 3)), Is.EqualTo(new[] { "demand.created", "demand.submitted", "demand.returned" }));
        Assert.That(Types(await About(await market.As("auditor"), demand, 3)), Has.Length.EqualTo(3));
        Assert.That(Types(await About(await market.As("moderator"), demand, 2)), Is.EqualTo(new[] { "demand.submitted", "demand.returned" }));
        Assert.That(await About((await market.Party()).Client, demand, 0), Is.Empty);
        Assert.That((await About(owner.Client, demand, 3))[^1].GetProperty("data").Text("reason"), Is.EqualTo("请写明指标"));
    }

    [TestCase("pause", "paused")]
    [TestCase("withdraw", "withdrawn")]
    [TestCase("fulfil", "fulfilled")]
    public async Task Whoever_was_told_of_a_publication_is_told_of_its_end(string action, string state)
    {
        var owner = await market.Party();
        var demand = await market.PublishedDemand(owner);
        await owner.Client.PostJson($"demands/{demand}/{action}", new { reason = "内部原因" }).Json();
        var told = await About((await market.Party()).Client, demand, 2);
        Assert.That(Types(told), Is.EqualTo(new[] { "demand.published", $"demand.{state}" }));
        Assert.That(told.Select(e => e.GetRawText()), Has.None.Contain("内部原因"));
    }

    [Test]
    public async Task An_introduction_is_told_to_those_it_concerns()
    {
        var introduction = await market.MutualIntroduction();
        foreach (var side in new[] { introduction.DemandSide, introduction.AchievementSide })
        {
            Assert.That(Types(await About(side.Client, introduction.Id, 2)), Is.EqualTo(new[] { "introduction.sent", "introduction.mutual" }));
        }

        Assert.That(await About((await market.Party()).Client, introduction.Id, 0), Is.Empty);
        Assert.That(await About(await market.As("registrar"), introduction.Id, 0), Is.Empty);
    }

    [Test]
    public async Task A_contract_is_told_to_its_sides_and_from_its_signing_on_to_the_registrar()
    {
        var contract = await market.RecognisedContract();
        var all = new[] { "contract.created", "contract.sign", "contract.signed", "contract.submitted", "contract.recognised" };
        Assert.That(Types(await About(contract.Buyer.Client, contract.Id, 5)), Is.EqualTo(all));
        Assert.That(Types(await About(contract.Seller.Client, contract.Id, 5)), Is.EqualTo(all));
        Assert.That(Types(await About(await market.As("registrar"), contract.Id, 3)), Is.EqualTo(all[2..]));
        Assert.That(await About((await market.Party()).Client, contract.Id, 0), Is.Empty);
        Assert.That(await About(await market.As("moderator"), contract.Id, 0), Is.Empty);
    }

    [Test]
    public async Task Types_select_and_the_cursor_goes_on_where_it_stopped()
    {
        var owner = await market.Party();
        var first = await market.PublishedDemand(owner);
        var second = await market.PublishedDemand(owner);
        await About(owner.Client, second, 3);
        var start = (await About(owner.Client, first, 3))[0].GetProperty("sequence").GetInt64() - 1;
        var (seen, next) = (new List<string>(), $"events?after={start}&types=demand.created,demand.submitted&limit=1");
        while (next is not null)
        {
            using var response = await owner.Client.GetAsync(next);
            var page = await response.Json();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(e => $"{e.Text("type")} {e.Text("subject")}"));
            next = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
            Assert.That(page.Text("nextCursor") is null, Is.EqualTo(next is null));
        }

        Assert.That(seen, Is.EqualTo(new[] { $"demand.created {first}", $"demand.submitted {first}", $"demand.created {second}", $"demand.submitted {second}" }));
    }

    [TestCase("after=-1", "after")]
    [TestCase("limit=0", "limit")]
    [TestCase("limit=101", "limit")]
    public async Task A_place_or_length_that_cannot_be_is_refused(string query, string parameter) =>
        await (await market.Party()).Client.GetAsync($"events?{query}").AssertProblem(400, "validation-failed", parameter);

    [Test]
    public Task The_feed_is_for_those_with_a_key() => market.Anonymous.GetAsync("events").AssertProblem(401, "unauthenticated");

    static string[] Types(List<JsonElement> events) => [.. events.Select(e => e.Text("type"))];

    /// <summary>What the reader is told of one resource, waiting for as many as are due: numbers may be given shortly after the commit.</summary>
    static async Task<List<JsonElement>> About(HttpClient reader, string subject, int due)
    {
        List<JsonElement> found = [];
        await Eventually.Holds(async () =>
        {
            found = await Read(reader, subject);
            return found.Count >= due;
        }, $"{due} events about {subject}");
        return found;
    }

    static async Task<List<JsonElement>> Read(HttpClient reader, string subject)
    {
        var (found, next) = (new List<JsonElement>(), "events?limit=100");
        while (next is not null)
        {
            var page = await reader.GetJson(next);
            found.AddRange(page.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == subject));
            next = page.Text("nextCursor") is { } cursor ? $"events?limit=100&cursor={Uri.EscapeDataString(cursor)}" : null;
        }

        return found;
    }
}
