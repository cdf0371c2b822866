using Marketplace.Api.Http;

namespace Marketplace.Api.Tests.Listings;

/// <summary>A demand is open through the last second of its last day in Beijing. It has a host of its own, for it moves days.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ListingExpiryTests(Database database)
{
    Market market = null!;

    [OneTimeSetUp]
    public async Task Start() => market = await Market.Apart(database);

    [OneTimeTearDown]
    public async Task Stop() => await market.DisposeAsync();

    [Test]
    public async Task A_demand_is_open_on_its_last_day_and_expires_when_the_day_is_over_in_Beijing()
    {
        var owner = await market.Party();
        var title = $"限期 {Guid.NewGuid():n}";
        var lastDay = market.Today;
        var due = await market.PublishedDemand(owner, new { title, deadline = lastDay.Iso() });
        var paused = await market.PublishedDemand(owner, new { title, deadline = lastDay.Iso() });
        await owner.Client.Act($"demands/{paused}/pause").Json();
        var draft = await owner.Demand(new { title, deadline = lastDay.Iso() });
        var later = await market.PublishedDemand(owner, new { title, deadline = lastDay.AddDays(1).Iso() });
        var endless = await market.PublishedDemand(owner, new { title });
        var search = $"demands?q={Uri.EscapeDataString(title)}";
        await Eventually.Holds(async () => (await market.Anonymous.GetJson(search)).Ids().Contains(due), "the demand is found");

        var midnight = new DateTimeOffset(lastDay.AddDays(1), default, TimeSpan.FromHours(8));
        market.Clock.Advance(midnight.AddSeconds(-1) - market.Clock.GetUtcNow());
        Assert.That((await market.Anonymous.GetJson($"demands/{due}")).Text("state"), Is.EqualTo("published"));
        Assert.That((await owner.Client.GetJson($"demands/{paused}")).Texts("availableActions"), Does.Contain("resume"));

        market.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(market.Today, Is.EqualTo(lastDay.AddDays(1)));
        market.Clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.Holds(async () => await State(due) == "expired" && await State(paused) == "expired", "both expire");
        Assert.That(await State(draft), Is.EqualTo("draft"), "a draft has no public day to miss");
        Assert.That(await State(later), Is.EqualTo("published"));
        Assert.That(await State(endless), Is.EqualTo("published"));
        await market.Anonymous.GetAsync($"demands/{due}").AssertProblem(404, "not-found");
        Assert.That((await market.Anonymous.GetJson("demands")).Ids(), Is.EquivalentTo(new[] { later, endless }));
        Assert.That((await market.Anonymous.GetJson(search)).Ids(), Does.Not.Contain(due));
        var problem = await owner.Client.Act($"demands/{paused}/resume").AssertProblem(409, "invalid-transition");
        Assert.That(problem.Text("currentState"), Is.EqualTo("expired"));

        await Eventually.Holds(async () =>
        {
            var events = (await market.Admin.GetJson("events?types=demand.expired&limit=100")).GetProperty("data").EnumerateArray();
            return events.Where(e => e.Text("actor") == Lifecycle.Clock).Select(e => e.Text("subject")).ToHashSet().SetEquals([due, paused]);
        }, "each expiry is one event of the clock");

        async Task<string> State(string id) => (await owner.Client.GetJson($"demands/{id}")).Text("state");
    }
}
