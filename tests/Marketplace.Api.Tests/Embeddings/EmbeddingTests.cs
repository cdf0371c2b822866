using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Embeddings;

/// <summary>An engine of meaning from outside: what it adds to matches, and that nothing depends on it.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class EmbeddingTests(Database database)
{
    [Test]
    public async Task What_is_nearer_in_meaning_rises_and_a_reason_says_by_how_much()
    {
        await using var endpoint = await FakeEndpoint.Start();
        await using var market = await With(endpoint);
        var seller = await market.Party("university");
        // The same words shared with the need; only the endpoint knows that solar is 光伏.
        var near = await market.PublishedAchievement(seller, Texts("组件检测装置 solar"));
        var far = await market.PublishedAchievement(seller, Texts("组件检测装置 vaccine"));
        await Vectors(market, 2);

        var matches = await TwoFor(market, "光伏 组件检测装置");
        Assert.That(matches.Select(Id), Is.EqualTo(new[] { near, far }));
        Assert.That(Meaning(matches[0]), Is.GreaterThan(0));
        Assert.That(Meaning(matches[1]), Is.LessThan(0));
        foreach (var match in matches)
        {
            Assert.That(match.GetProperty("reasons").EnumerateArray().Sum(reason => reason.GetProperty("weight").GetDouble()),
                Is.EqualTo(match.GetProperty("score").GetDouble()).Within(1e-9));
            Assert.That(match.GetProperty("score").GetDouble(), Is.InRange(0.0, 1.0));
        }

        // The other way round, so that it was the meaning that decided.
        Assert.That((await TwoFor(market, "疫苗 组件检测装置")).Select(Id), Is.EqualTo(new[] { far, near }));
    }

    [Test]
    public async Task The_endpoint_is_asked_as_it_expects_and_never_for_what_is_confidential()
    {
        await using var endpoint = await FakeEndpoint.Start();
        await using var market = await With(endpoint);
        await market.PublishedAchievement(await market.Party("university"), new { title = "提锂 吸附剂", confidential = "保密配方" });
        await Vectors(market, 1);
        Assert.That(endpoint.Requests, Is.Not.Empty);
        foreach (var asked in endpoint.Requests)
        {
            Assert.That(asked.Path, Is.EqualTo("/v1/embeddings"));
            Assert.That(asked.Authorization, Is.EqualTo($"Bearer {FakeEndpoint.Key}"));
            Assert.That(asked.Model, Is.EqualTo(FakeEndpoint.Model));
            Assert.That(asked.Texts, Has.All.Contains("提锂").And.None.Contains("保密配方"));
        }
    }

    [Test]
    public async Task A_listing_is_asked_for_again_when_its_words_change_and_not_when_it_merely_moves()
    {
        await using var endpoint = await FakeEndpoint.Start();
        await using var market = await With(endpoint);
        var seller = await market.Party("university");
        var id = await market.PublishedAchievement(seller, Texts("提锂 吸附剂"));
        await Vectors(market, 1);
        var before = endpoint.Requests.Count;
        await seller.Client.Act($"achievements/{id}/pause").Json();
        await seller.Client.Act($"achievements/{id}/resume").Json();
        // Behind it in the feed: when this one has its vector, that one has been looked at.
        await market.PublishedAchievement(seller, Texts("光伏 组件"));
        await Vectors(market, 2);
        Assert.That(endpoint.Requests.Skip(before).SelectMany(asked => asked.Texts), Has.All.Contains("光伏"));
    }

    [Test]
    public async Task A_registered_demand_is_matched_by_the_vector_that_it_has()
    {
        await using var endpoint = await FakeEndpoint.Start();
        await using var market = await With(endpoint);
        var demand = await market.PublishedDemand(await market.Party(), new { title = "光伏 组件检测装置", description = "组件检测", keywords = Array.Empty<string>() });
        var near = await market.PublishedAchievement(await market.Party("university"), Texts("组件检测装置 solar"));
        var far = await market.PublishedAchievement(await market.Party("university"), Texts("组件检测装置 lithium"));
        await Vectors(market, 3);
        endpoint.Answers = (_, _) => throw new InvalidOperationException("Nobody needs to ask.");
        var before = endpoint.Requests.Count;
        var matches = await Two(() => market.Anonymous.GetAsync($"demands/{demand}/matches"));
        Assert.That(matches.Select(Id), Is.EqualTo(new[] { near, far }));
        Assert.That(matches, Has.All.Matches<JsonElement>(HasMeaning));
        Assert.That(endpoint.Requests, Has.Count.EqualTo(before));
    }

    static readonly TestCaseData[] Illnesses =
    [
        Ill("Says_500", context => Status(context, 500)),
        Ill("Says_401", context => Status(context, 401)),
        Ill("Sends_a_page", context => context.Response.WriteAsync("<html><body>Welcome</body></html>")),
        Ill("Sends_other_JSON", context => context.Response.WriteAsJsonAsync(new { data = "none" })),
        Ill("Sends_fewer_vectors", context => FakeEndpoint.Vectors(context, [])),
        Ill("Sends_one_too_many", (context, texts) => FakeEndpoint.Vectors(context, texts.Append("").Select(FakeEndpoint.Vector))),
        Ill("Sends_zeros", (context, texts) => FakeEndpoint.Vectors(context, texts.Select(_ => new double[3]))),
        Ill("Sends_NaN", context => context.Response.WriteAsync("""{"data":[{"index":0,"embedding":[NaN,1]}]}""")),
        Ill("Sends_what_no_float_holds", context => context.Response.WriteAsync("""{"data":[{"index":0,"embedding":[1e999,1]}]}""")),
        Ill("Sends_another_length", (context, texts) => FakeEndpoint.Vectors(context, texts.Select(_ => new double[] { 1, 2 }))),
        Ill("Redirects", context => { context.Response.Redirect("http://127.0.0.1:1/"); return Task.CompletedTask; }),
        Ill("Breaks_off", context => { context.Abort(); return Task.CompletedTask; }),
        Ill("Does_not_answer", context => Task.Delay(Timeout.Infinite, context.RequestAborted)),
    ];

    [TestCaseSource(nameof(Illnesses))]
    public async Task While_the_endpoint_is_ill_matches_are_as_without_it(Func<HttpContext, List<string>, Task> ill)
    {
        await using var endpoint = await FakeEndpoint.Start();
        await using var market = await With(endpoint);
        var seller = await market.Party("university");
        await market.PublishedAchievement(seller, Texts("组件检测装置 solar"));
        await Vectors(market, 1);
        endpoint.Answers = ill;
        await market.PublishedAchievement(seller, Texts("组件检测装置 vaccine"));
        var asking = TwoFor(market, "光伏 组件检测装置");
        await WhileTimePasses(market, asking);
        var matches = await asking;
        Assert.That(matches, Has.None.Matches<JsonElement>(HasMeaning));
        endpoint.Answers = null;
        await WhileTimePasses(market, Vectors(market, 2));
    }

    [Test]
    public async Task An_endpoint_that_is_busy_is_left_alone_as_long_as_it_asks()
    {
        Market? market = null;
        var times = new ConcurrentQueue<DateTimeOffset>();
        await using var endpoint = await FakeEndpoint.Start((context, texts) =>
        {
            times.Enqueue(market!.Clock.GetUtcNow());
            context.Response.Headers.RetryAfter = "20";
            return times.Count == 1 ? Status(context, 429) : FakeEndpoint.Well(context, texts);
        });
        await using (market = await With(endpoint))
        {
            await market.PublishedAchievement(await market.Party("university"), Texts("提锂 吸附剂"));
            await WhileTimePasses(market, Vectors(market, 1));
        }

        Assert.That(times.ElementAt(1) - times.First(), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task One_text_that_the_endpoint_does_not_take_holds_up_no_other()
    {
        await using var endpoint = await FakeEndpoint.Start((context, texts) =>
            texts.Exists(text => text.Contains("疫苗", StringComparison.Ordinal)) ? Status(context, 400) : FakeEndpoint.Well(context, texts));
        await using var market = await With(endpoint);
        var seller = await market.Party("university");
        var refused = await market.PublishedAchievement(seller, Texts("疫苗 佐剂"));
        await market.PublishedAchievement(seller, Texts("提锂 吸附剂"));
        await market.PublishedAchievement(seller, Texts("光伏 组件"));
        await Vectors(market, 2);
        Assert.That(market.Log.Entries.Select(entry => entry.Text), Has.Some.Contains(refused));
    }

    [Test]
    public async Task What_was_published_while_nobody_was_there_gets_its_vector_at_the_start()
    {
        await using var endpoint = await FakeEndpoint.Start();
        await using var market = await Market.Apart(database);
        await market.PublishedAchievement(await market.Party("university"), Texts("提锂 吸附剂"));
        Assert.That(await Count(market), Is.Zero);
        await using var later = market.Beside(host => Configure(host, endpoint.Address));
        await Vectors(market, 1);
    }

    [Test]
    public async Task Health_says_that_vectors_wait()
    {
        await using var endpoint = await FakeEndpoint.Start((context, _) => Status(context, 503));
        await using var market = await With(endpoint);
        await market.PublishedAchievement(await market.Party("university"), Texts("提锂 吸附剂"));
        await WhileTimePasses(market, Eventually.Holds(async () => (await market.Anonymous.GetJson("/health/ready")) is var health && health.Has("warnings")
            && health.Texts("warnings").Any(warning => warning.Contains("Embeddings", StringComparison.Ordinal)), "a warning"));
    }

    static TestCaseData Ill(string name, Func<HttpContext, Task> answer) => Ill(name, (context, _) => answer(context));

    static TestCaseData Ill(string name, Func<HttpContext, List<string>, Task> answer) => new TestCaseData(answer).SetArgDisplayNames(name);

    static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    static object Texts(string title) => new { title, summary = "装置", keywords = Array.Empty<string>() };

    Task<Market> With(FakeEndpoint endpoint) => Market.Apart(database, host => Configure(host, endpoint.Address));

    static void Configure(IWebHostBuilder host, string address) => host.ConfigureAppConfiguration((_, configuration) =>
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Marketplace:Embeddings:Url"] = address,
            ["Marketplace:Embeddings:Model"] = FakeEndpoint.Model,
            ["Marketplace:Embeddings:Key"] = FakeEndpoint.Key,
        }));

    static Task<int> Count(Market market) => market.Database.Scalar<int>("SELECT COUNT(*) FROM listing_embeddings");

    static Task Vectors(Market market, int count) => Eventually.Holds(async () => await Count(market) == count, $"{count} vectors");

    /// <summary>Moves the market's clock until a task is done: retries, breakers and timeouts go by it.</summary>
    static async Task WhileTimePasses(Market market, Task task)
    {
        while (await Task.WhenAny(task, Task.Delay(10)) != task)
        {
            market.Clock.Advance(TimeSpan.FromMilliseconds(250));
        }

        await task;
    }

    static Task<List<JsonElement>> TwoFor(Market market, string text) => Two(() => market.Anonymous.PostJson("matches", new { text }));

    /// <summary>The index and the vectors follow the same feed, but not each other.</summary>
    static async Task<List<JsonElement>> Two(Func<Task<HttpResponseMessage>> ask)
    {
        List<JsonElement> matches = [];
        await Eventually.Holds(async () => (matches = [.. (await (await ask()).Json()).GetProperty("data").EnumerateArray()]).Count == 2, "both are found");
        return matches;
    }

    static string Id(JsonElement match) => match.GetProperty("achievement").Text("id");

    static bool HasMeaning(JsonElement match) => match.GetProperty("reasons").EnumerateArray().Any(reason => reason.Text("kind") == "meaning");

    static double Meaning(JsonElement match) =>
        match.GetProperty("reasons").EnumerateArray().Single(reason => reason.Text("kind") == "meaning").GetProperty("weight").GetDouble();
}
