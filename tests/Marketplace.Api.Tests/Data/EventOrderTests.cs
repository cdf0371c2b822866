using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests.Data;

/// <summary>The feed is what others keep their copies by: an event that a cursor has passed unseen is lost to them for ever.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class EventOrderTests(Database database)
{
    const int Writers = 64;

    static readonly int Units = 5 * Races.Rounds / 20;

    [Test]
    public async Task Readers_that_follow_while_64_write_see_every_committed_event_once_in_order_and_the_chain_holds()
    {
        await using var market = await Market.Apart(database);
        var auditor = await market.As("auditor");
        var db = market.Services.GetRequiredService<Db>();
        var committed = new ConcurrentDictionary<string, int>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(db, market.Clock, writer, committed))));
        var readers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Follow(auditor, writing, committed))));
        await writing;

        foreach (var seen in readers)
        {
            Assert.That(seen.Select(e => e.GetProperty("sequence").GetInt64()), Is.EqualTo(Enumerable.Range(1, seen.Count)), "no gap, no repetition");
            Assert.That(seen.Where(e => e.Text("type") == "test.written").Select(e => e.Text("subject")).Order(),
                Is.EqualTo(committed.Keys.Order()), "what was committed, and nothing else");
            var previous = "";
            foreach (var e in seen)
            {
                Assert.That(e.Text("hash"), Is.EqualTo(Hash(previous, e)), $"event {e.GetProperty("sequence")}");
                previous = e.Text("hash");
            }
        }

        // The writers' own order is kept: what one wrote after another's commit comes after it.
        foreach (var own in readers[0].Where(e => e.Text("type") == "test.written").GroupBy(e => e.Text("actor")))
        {
            Assert.That(own.Select(e => committed[e.Text("subject")]), Is.Ordered);
        }
    }

    [Test]
    public async Task A_reader_that_filters_pages_through_everything_it_asked_for()
    {
        var market = Market.On(database);
        var party = await market.Party();
        var demands = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            demands.Add(await market.PublishedDemand(party));
        }

        var auditor = await market.As("auditor");
        var seen = new List<string>();
        await Eventually.Holds(async () =>
        {
            seen.Clear();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = await auditor.GetJson($"events?types=demand.submitted,demand.published&limit=50{(cursor.Length > 0 ? "&cursor=" + cursor : "")}");
                seen.AddRange(page.GetProperty("data").EnumerateArray().Select(e => $"{e.Text("subject")} {e.Text("type")}"));
                cursor = page.GetProperty("nextCursor").GetString();
            }

            return seen.Contains($"{demands[^1]} demand.published");
        }, "the last publication is in the feed");
        Assert.That(seen.Where(line => demands.Contains(line.Split(' ')[0])),
            Is.EqualTo(demands.SelectMany(id => new[] { $"{id} demand.submitted", $"{id} demand.published" })));
    }

    [Test]
    public async Task An_event_that_was_written_early_and_committed_late_comes_after_the_cursor()
    {
        if (database == Databases.Sqlite)
        {
            Assert.Ignore("One writer: nothing else is written while a unit is open.");
        }

        var market = Market.On(database);
        var auditor = await market.As("auditor");
        var db = market.Services.GetRequiredService<Db>();
        var (early, late) = ($"early {Guid.NewGuid():n}", $"late {Guid.NewGuid():n}");
        var written = new TaskCompletionSource();
        var mayCommit = new TaskCompletionSource();
        var open = db.Write(async session =>
        {
            await EventSql.Append(session, market.Clock, "test.open", early, "writer", new { }, Readers.Everybody);
            written.TrySetResult();
            await mayCommit.Task;
        });
        await written.Task;
        await db.Write(session => EventSql.Append(session, market.Clock, "test.open", late, "writer", new { }, Readers.Everybody));

        var cursor = 0L;
        await Eventually.Holds(async () => (await After(0)).Contains(late), "the later event is numbered");
        Assert.That(await After(0), Has.None.EqualTo(early));
        var passed = cursor;
        mayCommit.SetResult();
        await open;
        await Eventually.Holds(async () => (await After(passed)).Contains(early), "the earlier event comes after the cursor");

        async Task<List<string>> After(long after)
        {
            var data = (await auditor.GetJson($"events?after={after}&types=test.open&limit=100")).GetProperty("data").EnumerateArray().ToList();
            cursor = data.Count > 0 ? data[^1].GetProperty("sequence").GetInt64() : after;
            return [.. data.Select(e => e.Text("subject"))];
        }
    }

    [Test]
    public async Task A_publication_is_found_by_the_matching_index_at_once()
    {
        var market = Market.On(database);
        var owner = await market.Party("university");
        var latencies = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            var word = $"quokka{Guid.NewGuid():n}";
            var id = await market.PublishedAchievement(owner, new { title = $"{word} 技术" });
            var clock = Stopwatch.StartNew();
            await Eventually.Holds(async () => (await market.Anonymous.PostJson("matches", new { text = word, side = "achievements" }).Json())
                .GetRawText().Contains(id, StringComparison.Ordinal), "found", TimeSpan.FromSeconds(5));
            latencies.Add(clock.Elapsed.TotalMilliseconds);
        }

        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"publication to match on {database}: worst of {latencies.Count} {latencies.Max():f0} ms"));
    }

    [Test]
    public async Task A_market_at_rest_leaves_its_database_alone()
    {
        await using var market = await Market.Apart(database);
        await market.Party();
        // The sweeps go on and find nothing; one that finds nothing must not be a commit, or it would wake itself for ever.
        var writer = market.Services.GetRequiredService<Db>().Writer;
        await Eventually.Holds(async () =>
        {
            var next = writer.NextCommit;
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(1.5)));
            return !next.IsCompleted;
        }, "a second and a half without a commit");
    }

    static async Task Write(Db db, TimeProvider clock, int writer, ConcurrentDictionary<string, int> committed)
    {
        var random = new Random(writer);
        for (var unit = 0; unit < Units; unit++)
        {
            var subjects = Enumerable.Range(0, random.Next(1, 4)).Select(i => $"{writer}/{unit}/{i}").ToList();
            var (before, after, kept) = (random.Next(12), random.Next(12), random.Next(5) > 0);
            try
            {
                await db.Write(async session =>
                {
                    // Long and short units, with their events early or late in them.
                    await Linger(session, before);
                    foreach (var subject in subjects)
                    {
                        await EventSql.Append(session, clock, "test.written", subject, $"writer {writer}", new { text = "长短不一 \"<&>\" é", unit }, Readers.Everybody);
                    }

                    if (random.Next(3) == 0)
                    {
                        await session.Savepoint("part");
                        await EventSql.Append(session, clock, "test.written", "given up", $"writer {writer}", new { }, Readers.Everybody);
                        await session.RollbackTo("part");
                    }

                    await Linger(session, after);
                    if (!kept)
                    {
                        throw new FormatException("changed its mind");
                    }
                });
                subjects.ForEach(subject => committed[subject] = (unit * 10) + subjects.IndexOf(subject));
            }
            catch (FormatException)
            {
            }
        }

        static async Task Linger(Session session, int statements)
        {
            for (var i = 0; i < statements; i++)
            {
                await session.Single<int>("SELECT COUNT(*) FROM parties");
            }
        }
    }

    static async Task<List<JsonElement>> Follow(HttpClient auditor, Task writing, ConcurrentDictionary<string, int> committed)
    {
        var seen = new List<JsonElement>();
        var subjects = new HashSet<string>();
        var after = 0L;
        await Eventually.Holds(async () =>
        {
            var isOver = writing.IsCompleted;
            var data = (await auditor.GetJson($"events?after={after}&limit={Random.Shared.Next(1, 101)}")).GetProperty("data").EnumerateArray().ToList();
            seen.AddRange(data);
            subjects.UnionWith(data.Select(e => e.Text("subject")));
            after = data.Count > 0 ? data[^1].GetProperty("sequence").GetInt64() : after;
            return isOver && data.Count == 0 && (committed.Keys.All(subjects.Contains));
        }, "the reader has seen all that was committed", TimeSpan.FromSeconds(60));
        return seen;
    }

    /// <summary>As an auditor can compute it, from what the feed says.</summary>
    static string Hash(string previous, JsonElement e)
    {
        var text = string.Join('\n', previous, e.GetProperty("sequence").GetRawText(), e.Text("id"), e.Text("type"), e.Text("subject"), e.Text("actor"),
            e.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), e.Text("readers"), e.GetProperty("data").GetRawText());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
