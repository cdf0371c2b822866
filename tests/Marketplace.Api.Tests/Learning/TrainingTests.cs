using System.Text.Json;
using Marketplace.Api.Http;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Learning;

/// <summary>Who may have the market learn, one training at a time, and what becomes of one that nobody ends.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class TrainingTests(Database database)
{
    Market market = null!;

    [OneTimeSetUp]
    public async Task Start() => market = await Market.Apart(database);

    [OneTimeTearDown]
    public ValueTask Stop() => market.DisposeAsync();

    [Test]
    public async Task A_market_of_few_texts_has_nothing_to_learn_from_and_says_so()
    {
        await market.PublishedAchievement(await market.Party("university"));
        var (id, ended) = await Train();
        Assert.That(ended.Text("state"), Is.EqualTo("notEnoughData"));
        Assert.That(ended.GetProperty("report").Text("reason"), Is.EqualTo("tooFewTexts"));
        Assert.That(ended.GetProperty("report").GetProperty("texts").GetInt32(), Is.LessThan(100));
        Assert.That(await Events(id), Is.EqualTo(new[] { "matchModel.created", "matchModel.notEnoughData" }));
        var listed = await (await market.As(Roles.Auditor)).GetJson("match-models");
        Assert.That(listed.GetProperty("data").EnumerateArray().Select(entry => entry.Text("id")), Does.Contain(id));
    }

    [Test]
    public async Task Only_an_admin_starts_a_training_and_only_admins_and_auditors_read_of_it()
    {
        var member = (await market.Party()).Client;
        await member.PostJson("match-models", new { }).Json(403);
        await member.GetJson("match-models", 403);
        await (await market.As(Roles.Auditor)).PostJson("match-models", new { }).Json(403);
        await market.Anonymous.GetJson("match-models", 401);
        await market.Admin.GetJson("match-models/mdl_00000000000000000000000000", 404);
        await market.Admin.GetJson("match-models/nonsense", 404);
        await market.Admin.PostJson("match-models", new { seed = -1 }).Json(400);
    }

    [Test]
    public async Task Who_asks_while_one_waits_or_runs_is_told_of_that_one()
    {
        // Held up, so that it cannot end before the last has asked.
        var at = market.Clock.GetUtcNow();
        const string held = "mdl_0000000000000000000000000a";
        await Insert(held, "training", at);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => market.Admin.PostJson("match-models", new { }).Json(202)));
        Assert.That(answers.Select(answer => answer.Text("id")), Is.All.EqualTo(held));
        await market.Database.Execute("UPDATE match_models SET state = 'failed', running = NULL WHERE id = @held", new { held });
    }

    [Test]
    public async Task Of_many_that_ask_at_once_one_starts_a_training()
    {
        var before = await Count();
        var ids = (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Request()))).Distinct().ToList();
        foreach (var id in ids)
        {
            await Ended(id);
        }

        // As many as were started; each that asked was told of one of them.
        Assert.That(await Count() - before, Is.EqualTo(ids.Count));
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM match_models WHERE running = 1"), Is.Zero);
    }

    [Test]
    public async Task A_training_whose_process_is_gone_makes_room_for_the_next()
    {
        const string gone = "mdl_0000000000000000000000000b";
        await Insert(gone, "training", market.Clock.GetUtcNow().AddMinutes(-10));
        var (id, _) = await Train();
        Assert.That(id, Is.Not.EqualTo(gone));
        var entry = await market.Admin.GetJson($"match-models/{gone}");
        Assert.That(entry.Text("state"), Is.EqualTo("failed"));
        Assert.That(entry.GetProperty("report").Text("reason"), Is.EqualTo("interrupted"));
    }

    [Test]
    public async Task The_same_request_sent_again_starts_no_second_training()
    {
        var key = Guid.NewGuid().ToString();
        var first = await market.Admin.PostJson("match-models", new { seed = 7 }, idempotencyKey: key).Json(202);
        await Ended(first.Text("id"));
        Assert.That((await market.Admin.PostJson("match-models", new { seed = 7 }, idempotencyKey: key).Json(202)).Text("id"), Is.EqualTo(first.Text("id")));
    }

    [Test]
    public async Task Each_night_has_one_training_however_many_processes_there_are()
    {
        await using var nightly = await Market.Apart(database, host => host.ConfigureAppConfiguration((_, configuration) =>
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Marketplace:TrainAt"] = "03:00" })));
        await using var other = nightly.Beside(host => host.ConfigureAppConfiguration((_, configuration) =>
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Marketplace:TrainAt"] = "03:00" })));
        // Noon; at three in the morning the first night's, and a day later the second's.
        for (var night = 1; night <= 2; night++)
        {
            var hours = TimeSpan.FromHours(night == 1 ? 15.5 : 24);
            nightly.Clock.Advance(hours);
            other.Clock.Advance(hours);
            await Eventually.Holds(
                async () => await nightly.Database.Scalar<int>("SELECT COUNT(*) FROM match_models WHERE running IS NULL") == night, $"night {night}");
            // Both have looked since: a look is a second.
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            Assert.That(await nightly.Database.Scalar<int>("SELECT COUNT(*) FROM match_models"), Is.EqualTo(night));
        }
    }

    async Task<(string Id, JsonElement Ended)> Train()
    {
        var id = await Request();
        return (id, await Ended(id));
    }

    async Task<string> Request() => (await market.Admin.PostJson("match-models", new { }).Json(202)).Text("id");

    Task<JsonElement> Ended(string id) => Ended(market, id);

    internal static async Task<JsonElement> Ended(Market market, string id)
    {
        JsonElement entry = default;
        await Eventually.Holds(
            async () => (entry = await market.Admin.GetJson($"match-models/{id}")).Text("state") is not ("waiting" or "training"), $"the end of {id}",
            TimeSpan.FromMinutes(2));
        return entry;
    }

    Task Insert(string id, string state, DateTimeOffset beat) => market.Database.Execute(
        """
        INSERT INTO match_models (id, state, version, running, content, beat_at, created_at)
        VALUES (@id, @state, 1, 1, '{"seed":1}', @beat, @beat)
        """,
        new { id, state, beat });

    Task<int> Count() => market.Database.Scalar<int>("SELECT COUNT(*) FROM match_models");

    async Task<List<string>> Events(string subject)
    {
        List<string> types = [];
        await Eventually.Holds(async () =>
        {
            var page = await market.Admin.GetJson("events?limit=100");
            types = [.. page.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == subject).Select(e => e.Text("type"))];
            return types.Count >= 2;
        }, "its events");
        return types;
    }
}
