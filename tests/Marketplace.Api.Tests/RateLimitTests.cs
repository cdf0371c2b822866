using System.Globalization;
using Marketplace.Api.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Marketplace.Api.Tests;

/// <summary>Row E9: what a key and an address may ask. The buckets here fill so slowly that no test sees it.</summary>
public sealed class RateLimitTests
{
    static readonly TimeSpan Slowly = TimeSpan.FromHours(1);

    [Test]
    public async Task A_key_may_ask_so_much_and_then_waits_while_others_go_on()
    {
        await using var market = await Limited(new(true) { Key = new("key", 100, Slowly) });
        var (one, two) = (await Party(market), await Party(market));
        await one.GetJson("demands");
        using var first = await one.GetAsync("demands");
        Assert.That(Left(first), Is.EqualTo(98));
        Assert.That(first.Headers.GetValues("RateLimit-Policy").Single(), Is.EqualTo("\"key\";q=100;w=3600"));
        Assert.That(first.Headers.GetValues("RateLimit").Single(), Is.EqualTo("\"key\";r=98;t=72"));
        using var writing = await one.PostJson("demands", Market.DemandBody());
        Assert.That(Left(writing), Is.EqualTo(93), "a write costs more");
        using var computing = await one.PostJson("evaluations", new { policy = "xining-2020", facts = new { } });
        Assert.That(Left(computing), Is.EqualTo(83), "a computation costs most");
        using var refused = await one.GetAsync("no-such-thing");
        Assert.That(Left(refused), Is.EqualTo(82), "what is refused costs too");
        for (var i = 0; i < 82; i++)
        {
            using var asked = await one.GetAsync("codes");
            Assert.That((int)asked.StatusCode, Is.EqualTo(200));
        }

        using var more = await one.GetAsync("demands");
        await Task.FromResult(more).AssertProblem(429, "rate-limited");
        Assert.That(more.Headers.RetryAfter!.Delta, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(Left(more), Is.Zero);
        await two.GetJson("demands");
        await market.Anonymous.GetJson("demands");
    }

    [Test]
    public async Task A_write_that_is_refused_for_its_number_leaves_its_key_free_and_does_nothing()
    {
        await using var market = await Limited(new(true) { Key = new("key", 12, Slowly) });
        var party = await Party(market);
        var key = Guid.NewGuid().ToString();
        await party.PostJson("demands", Market.DemandBody(), key).Json(201);
        await party.PostJson("demands", Market.DemandBody(), Guid.NewGuid().ToString()).Json(201);
        await party.PostJson("demands", Market.DemandBody(), Guid.NewGuid().ToString()).AssertProblem(429, "rate-limited");
        Assert.That((await party.GetJson("demands")).Ids(), Has.Length.EqualTo(0).Or.Length.EqualTo(2));
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM idempotency_keys WHERE key_value <> ''"), Is.EqualTo(2));
    }

    [Test]
    public async Task An_address_may_ask_so_much_without_a_key_and_keys_go_on()
    {
        await using var market = await Limited(new(true) { Address = new("address", 25, Slowly) });
        var party = await Party(market);
        using var first = await market.Anonymous.PostJson("matches", new { text = "a" });
        Assert.That(Left(first), Is.EqualTo(15));
        await market.Anonymous.PostJson("matches", new { text = "a" }).Json();
        await market.Anonymous.PostJson("matches", new { text = "a" }).AssertProblem(429, "rate-limited");
        await market.Anonymous.GetJson("codes");
        for (var i = 0; i < 4; i++)
        {
            await market.Anonymous.GetJson("codes");
        }

        await market.Anonymous.GetAsync("codes").AssertProblem(429, "rate-limited");
        await market.Anonymous.GetJson("/health/live");
        await party.PostJson("matches", new { text = "a" }).Json();
    }

    [Test]
    public async Task Wrong_keys_are_counted_harder_and_right_ones_go_on()
    {
        await using var market = await Limited(new(true) { WrongKeys = new("wrong-keys", 5, Slowly) });
        var party = await Party(market);
        for (var i = 0; i < 5; i++)
        {
            await market.Client($"tm_{i:d43}").GetAsync("demands").AssertProblem(401, "unauthenticated");
        }

        using var sixth = await market.Client($"tm_{6:d43}").GetAsync("demands");
        await Task.FromResult(sixth).AssertProblem(429, "rate-limited");
        Assert.That(sixth.Headers.GetValues("RateLimit-Policy").Single(), Does.StartWith("\"wrong-keys\""));
        await market.Client("short").GetAsync("demands").AssertProblem(429, "rate-limited");
        await party.GetJson("demands");
        await market.Anonymous.GetJson("demands");
    }

    [Test]
    public async Task A_caller_has_eight_streams_at_once()
    {
        await using var market = await Limited(new(true) { Address = new("address", 10_000, Slowly) });
        var streams = new List<RawPost>();
        for (var i = 0; i < 8; i++)
        {
            streams.Add(await RawPost.To(market.Anonymous, "evaluations/batch"));
            await streams[i].Chunk("{}\n");
            Assert.That(await streams[i].Line(), Does.Contain("errors"));
        }

        await market.Anonymous.Send(HttpMethod.Post, "evaluations/batch", Requests.Content("{}", "application/x-ndjson")).AssertProblem(429, "rate-limited");
        await market.Anonymous.GetJson("demands");
        streams.ForEach(stream => stream.Dispose());
        await Eventually.Holds(async () =>
        {
            using var again = await market.Anonymous.Send(HttpMethod.Post, "evaluations/batch", Requests.Content("{}", "application/x-ndjson"));
            return again.IsSuccessStatusCode;
        }, "a place is free again");
    }

    [Test]
    public async Task Who_calls_is_believed_of_a_known_proxy_alone()
    {
        await using var behind = await Limited(new(true) { Address = new("address", 2, Slowly) }, ("Marketplace:Proxies", "127.0.0.1, 10.0.0.0/8"));
        await using var open = await Limited(new(true) { Address = new("address", 2, Slowly) });
        foreach (var (market, second) in new[] { (behind, 200), (open, 429) })
        {
            for (var i = 0; i < 2; i++)
            {
                await From(market, "203.0.113.1, 10.3.4.5").Json();
            }

            await From(market, "203.0.113.1, 10.3.4.5").AssertProblem(429, "rate-limited");
            using var other = await From(market, "203.0.113.2");
            Assert.That((int)other.StatusCode, Is.EqualTo(second));
        }

        static Task<HttpResponseMessage> From(Market market, string addresses) =>
            market.Anonymous.Send(HttpMethod.Get, "codes", headers: ("X-Forwarded-For", addresses));
    }

    static Task<Market> Limited(RateLimits limits, params (string Key, string Value)[] settings) => Market.Apart(Databases.Sqlite, host =>
    {
        host.ConfigureAppConfiguration((_, configuration) => configuration.AddInMemoryCollection(
            settings.Append(("Marketplace:RateLimit:Enabled", "true")).Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))));
        host.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton(limits)));
    });

    static async Task<HttpClient> Party(Market market) => (await market.Party("university")).Client;

    static int Left(HttpResponseMessage response) =>
        int.Parse(response.Headers.GetValues("RateLimit").Single().Split("r=")[1].Split(';')[0], CultureInfo.InvariantCulture);
}
