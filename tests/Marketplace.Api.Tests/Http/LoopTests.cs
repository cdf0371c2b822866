using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Marketplace.Api.Tests.Http;

/// <summary>What works beside the requests outlives whatever befalls it.</summary>
public sealed class LoopTests
{
    [Test]
    public async Task Whatever_a_piece_throws_is_warned_of_until_one_succeeds_and_the_loop_goes_on()
    {
        using var log = new TestLog();
        var faults = new Queue<Exception>(
            [new OverflowException("of a sum"), new UnreadableException("funds fnd_1"), new NoConnectionException(new InvalidOperationException()), new OperationCanceledException()]);
        using var work = new Work(log.CreateLogger("work"), () => faults.TryDequeue(out var fault) ? fault : null);
        await work.StartAsync(CancellationToken.None);
        await Eventually.Holds(() => Task.FromResult(work.Succeeded > 1), "the loop went on");
        Assert.That(work.Warnings, Is.Empty);
        Assert.That(work.Seen, Has.Some.Contains("after a fault").And.Some.Contains("funds fnd_1 cannot be read").And.Some.Contains("the database"));
        Assert.That(work.Seen, Has.None.Contains("of a sum"), "what a library says is for the log alone");
        Assert.That(log.Entries.Select(entry => entry.Error?.Message), Has.Some.EqualTo("of a sum"));
        Assert.That(work.ExecuteTask!.IsFaulted, Is.False);
        await work.StopAsync(CancellationToken.None);
        Assert.That(work.Ended, Is.True);
    }

    [Test]
    public async Task A_record_that_cannot_be_read_is_left_out_and_told_once()
    {
        using var log = new TestLog();
        using var work = new Work(log.CreateLogger("work"), () => null) { Broken = "listings dem_1" };
        await work.StartAsync(CancellationToken.None);
        await Eventually.Holds(() => Task.FromResult(work.Succeeded > 2), "some rounds");
        Assert.That(work.Warnings, Is.EqualTo(new[] { "Work: listings dem_1 cannot be read and is left out." }));
        Assert.That(log.Entries.Count(entry => entry.Level == LogLevel.Error), Is.EqualTo(1));
        work.Broken = null;
        await Eventually.Holds(() => Task.FromResult(work.Warnings.Count == 0), "it was mended");
        await work.StopAsync(CancellationToken.None);
    }

    [Test]
    public void All_that_the_host_runs_by_itself_is_such_a_loop_or_only_starts_something()
    {
        string[] ends = ["Schema"];
        var services = typeof(Loop).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(BackgroundService)) && !type.IsSubclassOf(typeof(Loop)));
        Assert.That(services.Select(type => type.Name), Is.EquivalentTo(ends));
    }

    sealed class Work(ILogger log, Func<Exception?> fault) : Loop(Begun(), TimeProvider.System, log)
    {
        public int Succeeded { get; private set; }

        public bool Ended { get; private set; }

        public List<string> Seen { get; } = [];

        public string? Broken { get; set; }

        protected override Task<Task> Piece(CancellationToken stopping)
        {
            Seen.AddRange(Warnings);
            Readable("listings dem_1", () => Broken is null ? "" : throw new System.Text.Json.JsonException());
            if (fault() is { } thrown)
            {
                throw thrown;
            }

            Succeeded++;
            return Task.FromResult(Task.Delay(5, stopping));
        }

        protected override Task End()
        {
            Ended = true;
            return Task.CompletedTask;
        }

        static Listening Begun()
        {
            var listening = new Listening();
            listening.StartedAsync(CancellationToken.None);
            return listening;
        }
    }
}

/// <summary>One row that cannot be read stops only itself.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class UnreadableRowTests(Database database)
{
    [Test]
    public async Task The_index_and_the_subscriptions_go_on_beside_a_listing_that_a_newer_program_wrote()
    {
        await using var market = await Market.Apart(database);
        var university = await market.Party("university");
        var owner = await market.Party();
        var broken = await market.PublishedAchievement(university, new { title = "螺旋藻 养殖" });
        var own = await market.PublishedDemand(owner, new { title = "寻求 螺旋藻 养殖" });
        var (ofListing, ofText) = (await Subscribe(owner, new { name = "藻类", demand = own }), await Subscribe(owner, new { name = "藻类", text = "螺旋藻" }));
        var strange = await Subscribe(owner, new { name = "藻类", text = "螺旋藻 养殖" });
        await market.Database.Execute("UPDATE subscriptions SET content = '{\"mode\":\"barter\"}' WHERE id = @strange", new { strange });
        foreach (var id in new[] { broken, own })
        {
            await market.Database.Execute("UPDATE listings SET content = REPLACE(content, '\"title\":', '\"keywords\":7,\"title\":') WHERE id = @id", new { id });
        }

        // By events that tell of it, so that the followers read it again.
        await market.Database.Execute("UPDATE listings SET state = 'paused' WHERE id = @broken", new { broken });
        using var past = market.PastTheDocument(university.Client);
        await past.Act($"achievements/{broken}/resume");

        var other = await market.PublishedAchievement(university, new { title = "螺旋藻 采收" });
        await Eventually.Holds(async () => (await Found(market)).Contains(other, StringComparison.Ordinal), "the index follows");
        Assert.That(await Found(market), Does.Not.Contain(broken));
        await Eventually.Holds(async () => (await owner.Client.GetStringAsync($"subscriptions/{ofText}/matches")).Contains(other, StringComparison.Ordinal), "the subscription is served");
        Assert.That(await owner.Client.GetStringAsync($"subscriptions/{ofListing}/matches"), Does.Not.Contain(other), "what it looks for cannot be read");
        var warnings = (await market.Anonymous.GetJson("/health/ready")).GetProperty("warnings").EnumerateArray().Select(line => line.GetString()).ToList();
        Assert.That(warnings, Has.Some.EqualTo($"MatchIndex: listings {broken} cannot be read and is left out."));
        Assert.That(warnings, Has.Some.EqualTo($"SubscriptionFollower: subscriptions {strange} cannot be read and is left out."));

        // A second start loads it with everything else.
        await using var beside = market.Beside();
        await Eventually.Holds(async () => (await Found(beside)).Contains(other, StringComparison.Ordinal), "the index was loaded");
        await beside.Anonymous.GetJson("/health/ready");
    }

    [Test]
    public async Task A_training_and_a_model_that_cannot_be_read_do_not_end_the_learning()
    {
        await using var market = await Market.Apart(database);
        await Insert("mdl_0000000000000000000000000a", "adopted", null);
        await Insert("mdl_0000000000000000000000000b", "waiting", 1);
        await Eventually.Holds(async () => await market.Database.Scalar<string>("SELECT state FROM match_models WHERE id = 'mdl_0000000000000000000000000b'") == "notEnoughData", "trained");
        var warnings = (await market.Anonymous.GetJson("/health/ready")).GetProperty("warnings").EnumerateArray().Select(line => line.GetString());
        Assert.That(warnings, Has.Some.StartWith("Match model mdl_0000000000000000000000000a cannot be used"));
        var next = (await market.Admin.PostJson("match-models", new { }).Json(202)).Text("id");
        await Eventually.Holds(async () => (await market.Admin.GetJson($"match-models/{next}")).Text("state") == "notEnoughData", "the next was trained");

        Task Insert(string id, string state, int? running) => market.Database.Execute(
            "INSERT INTO match_models (id, state, version, running, content, beat_at, created_at) VALUES (@id, @state, 1, @running, '{\"seed\":\"none\"}', @at, @at)",
            new { id, state, running, at = market.Clock.GetUtcNow() });
    }

    static async Task<string> Subscribe(TestParty owner, object what) => (await owner.Client.PostJson("subscriptions", what).Json(201)).Text("id");

    static async Task<string> Found(Market market) => (await market.Anonymous.PostJson("matches", new { text = "螺旋藻" }).Json()).GetRawText();
}
