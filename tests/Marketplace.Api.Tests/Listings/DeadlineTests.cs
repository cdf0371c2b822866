using System.Text.Json;

namespace Marketplace.Api.Tests.Listings;

/// <summary>A deadline counts from the first moment after it, whether or not the clock has come by. It has a host of its own, for it moves days.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class DeadlineTests(Database database)
{
    Market market = null!;

    [OneTimeSetUp]
    public async Task Start() => market = await Market.Apart(database);

    [OneTimeTearDown]
    public async Task Stop() => await market.DisposeAsync();

    [Test]
    public async Task What_is_over_is_gone_at_once_and_not_when_the_clock_comes_by()
    {
        var (owner, other) = (await market.Party(), await market.Party("university"));
        var title = $"到期 {Guid.NewGuid():n}";
        var due = await market.PublishedDemand(owner, new { title, deadline = market.Today.Iso() });
        var counterpart = await market.PublishedAchievement(other, new { title });
        var subscription = (await other.Client.PostJson("subscriptions", new { name = "到期", text = title, side = "demands" }).Json(201)).Text("id");
        var later = await market.PublishedDemand(owner, new { title, deadline = market.Today.Iso() });
        string[] places = [$"demands?owner={owner.Id}", $"demands?q={Uri.EscapeDataString(title)}", $"achievements/{counterpart}/matches?limit=100"];
        await Eventually.Holds(async () => (await Shown()).Count == places.Length, "it is everywhere");
        await Eventually.Holds(async () => (await Found()).Has("demand"), "the subscription has found the later one");

        market.Clock.AdvanceUnheard(TimeSpan.FromDays(1));
        Assert.That((await owner.Client.GetJson($"demands/{due}")).Text("state"), Is.EqualTo("published"), "the clock has not come by");
        Assert.That(await Shown(), Is.Empty);
        Assert.That((await Found()).Has("demand"), Is.False);
        await market.Anonymous.GetAsync($"demands/{due}").AssertProblem(404, "not-found");
        await other.Client.PostJson("introductions", new { demand = due, message = "a" }).AssertProblem(422, "unknown-reference", "/demand");

        async Task<JsonElement> Found() => (await other.Client.GetJson($"subscriptions/{subscription}/matches")).GetProperty("data").EnumerateArray()
            .FirstOrDefault(match => match.Text("listing") == later, JsonDocument.Parse("{}").RootElement);

        async Task<List<string>> Shown()
        {
            var shown = new List<string>();
            foreach (var place in places)
            {
                if ((await market.Anonymous.GetJson(place)).GetProperty("data").GetRawText().Contains(due, StringComparison.Ordinal))
                {
                    shown.Add(place);
                }
            }

            return shown;
        }
    }

    [TestCase("2020-01-01")]
    [TestCase("0001-01-01")]
    public async Task What_is_over_already_is_neither_submitted_nor_published(string deadline)
    {
        var owner = await market.Party();
        var past = $"demands/{await owner.Demand(new { deadline })}";
        var problem = await owner.Client.Act($"{past}/submit").AssertProblem(422, "deadline-passed", "/deadline");
        Assert.That(problem.Text("detail"), Does.Contain(deadline).And.Contain(market.Today.Iso()));

        var published = $"demands/{await market.PublishedDemand(owner)}";
        await owner.Client.PatchJson(published, new { deadline }, "*").Json();
        await owner.Client.Act($"{published}/submit").AssertProblem(422, "deadline-passed", "/deadline");
    }

    [Test]
    public async Task What_is_over_since_it_was_submitted_is_not_published()
    {
        var (owner, moderator) = (await market.Party(), await market.As("moderator"));
        var deadline = market.Today.Iso();
        var draft = $"demands/{await owner.Demand(new { deadline })}";
        var published = $"demands/{await market.PublishedDemand(owner)}";
        await owner.Client.PatchJson(published, new { deadline }, "*").Json();
        foreach (var address in new[] { draft, published })
        {
            await owner.Client.Act($"{address}/submit").Json();
        }

        market.Clock.Advance(TimeSpan.FromDays(1));
        foreach (var address in new[] { draft, published })
        {
            await moderator.Act($"{address}/publish").AssertProblem(422, "deadline-passed", "/deadline");
            await moderator.PostJson($"{address}/return", new { reason = "已过期" }).Json();
        }
    }
}
