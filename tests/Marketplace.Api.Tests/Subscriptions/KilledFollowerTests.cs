using System.Collections.Concurrent;
using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Subscriptions;

/// <summary>The built program, killed while it publishes and tells subscribers of it.</summary>
public sealed class KilledFollowerTests
{
    const int Rounds = 4;

    [Test]
    public async Task What_was_published_before_a_kill_is_told_once_after_the_next_start()
    {
        await using var database = await Databases.Sqlite.Create();
        string? subscriber = null, publisher = null, moderator = null;
        var (subscription, published) = ("", new ConcurrentBag<string>());
        for (var round = 0; round <= Rounds; round++)
        {
            using var program = await KilledProcessTests.Program.Start(database.ConnectionString);
            subscriber ??= await Key(program.Client, "enterprise", "member");
            publisher ??= await Key(program.Client, "university", "member");
            moderator ??= await Key(program.Client, "government", "moderator");
            using HttpClient subscribing = program.As(subscriber), publishing = program.As(publisher), moderating = program.As(moderator);
            if (round > 0)
            {
                var found = new List<string>();
                await Eventually.Holds(async () =>
                {
                    found = await Found(subscribing, subscription);
                    return !published.Except(found).Any();
                }, $"all that was published in round {round} is found");
                Assert.That(found, Is.Unique);
                Assert.That(await Told(subscribing, subscription), Is.EquivalentTo(found), "one event for each, in its own transaction");
            }

            if (round == Rounds)
            {
                break;
            }

            // A word of the round's own, and fewer listings than a subscription is told of at once.
            var word = new string((char)('a' + round), 12);
            subscription = (await subscribing.PostJson("subscriptions", new { name = "a", text = word }).Json(201)).Text("id");
            published = [];
            var enough = Random.Shared.Next(1, 10);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
            {
                try
                {
                    for (var i = 0; i < 6; i++)
                    {
                        var id = (await publishing.PostJson("achievements", Market.AchievementBody(new { title = word })).Json(201)).Text("id");
                        await publishing.Act($"achievements/{id}/submit").Json();
                        await moderating.Act($"achievements/{id}/publish").Json();
                        published.Add(id);
                        if (published.Count == enough)
                        {
                            program.Kill();
                        }
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed. What was on its way may have been published or not.
                }
            }));
            Assert.That(published, Has.Count.GreaterThanOrEqualTo(enough));
        }
    }

    static async Task<string> Key(HttpClient admin, string kind, string role)
    {
        var party = await admin.PostJson("parties", new { kind, name = kind, creditCode = CreditCodes.New(), region = "630102" }).Json(201);
        return (await admin.PostJson($"parties/{party.Text("id")}/keys", new { roles = new[] { role }, person = "a" }).Json(201)).Text("key");
    }

    static async Task<List<string>> Found(HttpClient client, string subscription) =>
        [.. (await client.GetJson($"subscriptions/{subscription}/matches?limit=100")).GetProperty("data").EnumerateArray().Select(match => match.Text("listing"))];

    static async Task<List<string>> Told(HttpClient client, string subscription) =>
        [.. (await client.GetJson("events?types=subscription.matched&limit=100")).GetProperty("data").EnumerateArray()
            .Where(e => e.Text("subject") == subscription).Select(e => e.GetProperty("data").Text("listing"))];
}
