using System.Text.Json;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests;

/// <summary>The rules of every list: bounded pages, cursors that belong to their list, filters, and rows that are seen exactly once.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ListTests(Database database)
{
    readonly Market market = Market.On(database);

    /// <summary>Every list of the program: a GET without an id that takes limit and cursor.</summary>
    IEnumerable<Operation> Lists => Operation.Of(market).Where(operation => operation.Method == "GET" && !operation.Route.Contains('{', StringComparison.Ordinal)
        && operation.Metadata.GetMetadata<QueryMetadata>() is { } query && Validation.Members(query.Type).IsSupersetOf(["limit", "cursor"]));

    [Test]
    public async Task Every_list_answers_data_and_nextCursor_within_its_bounds()
    {
        var caller = await market.InEveryRole();
        Assert.That(Lists.Select(list => list.Route), Is.SupersetOf(new[] { "/api/v1/demands", "/api/v1/achievements", "/api/v1/parties", "/api/v1/contracts", "/api/v1/introductions", "/api/v1/policies", "/api/v1/events", "/api/v1/subscriptions" }));
        foreach (var list in Lists)
        {
            foreach (var limit in new[] { "0", "-1", "101", "1.5", "a", "" })
            {
                await caller.GetAsync($"{list.Route}?limit={limit}").AssertProblem(400, "validation-failed", "limit");
            }

            foreach (var limit in new[] { 1, 100 })
            {
                var page = await caller.GetJson($"{list.Route}?limit={limit}");
                Assert.That(page.GetProperty("data").GetArrayLength(), Is.LessThanOrEqualTo(limit), list.Route);
                Assert.That(page.GetProperty("nextCursor").ValueKind, Is.AnyOf(JsonValueKind.Null, JsonValueKind.String), list.Route);
            }

            await caller.GetAsync($"{list.Route}?cursor=garbage").AssertProblem(400, "cursor-invalid");
            await caller.GetAsync($"{list.Route}?cursor=").AssertProblem(400, "cursor-invalid");
        }
    }

    [Test]
    public async Task Every_filter_of_every_list_is_understood_by_the_database()
    {
        var caller = await market.InEveryRole();
        var party = await market.Party();
        Dictionary<string, string> samples = new()
        {
            ["field"] = "newMaterials", ["region"] = "630102", ["mode"] = "licence", ["owner"] = party.Id, ["buyer"] = party.Id, ["seller"] = party.Id, ["kind"] = "",
            ["state"] = "", ["demand"] = "dem_00000000000000000000000000", ["achievement"] = "ach_00000000000000000000000000", ["project"] = "a", ["policy"] = "xining-2020", ["q"] = "提锂",
            ["on"] = "2026-03-02", ["contract"] = "con_00000000000000000000000000", ["fund"] = "fnd_00000000000000000000000000", ["year"] = "2026", ["after"] = "0", ["types"] = "demand.created",
            ["life"] = "signed", ["recognitionState"] = "none", ["dueBefore"] = "2026-03-02", ["revision"] = "submitted",
        };
        foreach (var list in Lists)
        {
            foreach (var name in Validation.Members(list.Metadata.GetMetadata<QueryMetadata>()!.Type).Except(["limit", "cursor"]))
            {
                var value = (list.Route, name) switch
                {
                    ("/api/v1/introductions", "state") => "sent",
                    ("/api/v1/subscriptions", "state") => "active",
                    ("/api/v1/claims", "state") => "submitted",
                    ("/api/v1/funds", "state") => "open",
                    (_, "state") => "draft",
                    ("/api/v1/contracts", "kind") => "development",
                    (_, "kind") => "broker",
                    _ => samples.TryGetValue(name, out var sample) ? sample : throw new AssertionException($"{list}: {name} needs a value in this test."),
                };
                await caller.GetJson($"{list.Route}?{name}={Uri.EscapeDataString(value)}");
            }
        }
    }

    [Test]
    public async Task A_list_is_walked_newest_first_by_cursor_and_by_link()
    {
        var party = await market.Party();
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            made.Insert(0, await party.Demand());
        }

        var byCursor = new List<string>();
        var address = $"demands?owner={party.Id}&limit=3";
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await party.Client.GetJson(address + (cursor.Length == 0 ? "" : $"&cursor={cursor}"));
            byCursor.AddRange(page.Ids());
            cursor = page.GetProperty("nextCursor").GetString();
        }

        var byLink = new List<string>();
        for (string? next = address; next is not null;)
        {
            using var response = await party.Client.GetAsync(next);
            byLink.AddRange((await response.Json()).Ids());
            next = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
            Assert.That(next is null || links!.Single().EndsWith("; rel=\"next\"", StringComparison.Ordinal));
        }

        Assert.That(byCursor, Is.EqualTo(made));
        Assert.That(byLink, Is.EqualTo(made));
    }

    [Test]
    public async Task A_cursor_of_another_list_or_filter_or_an_altered_one_is_refused()
    {
        var party = await market.Party("university");
        for (var i = 0; i < 2; i++)
        {
            await market.PublishedDemand(party, new { title = $"提锂 {i}" });
            await market.PublishedAchievement(party);
        }

        await Searchable($"demands?owner={party.Id}&q=提锂", 2);
        foreach (var address in new[] { $"demands?owner={party.Id}", $"demands?owner={party.Id}&q=提锂" })
        {
            var cursor = (await party.Client.GetJson($"{address}&limit=1")).Text("nextCursor");
            await party.Client.GetJson($"{address}&limit=50&cursor={cursor}");
            foreach (var other in new[] { $"demands?state=published&owner={party.Id}", "demands?limit=1", $"achievements?owner={party.Id}", "parties?limit=1", "policies?limit=1", "events?limit=1", "contracts?limit=1" })
            {
                await party.Client.GetAsync($"{other}&cursor={cursor}").AssertProblem(400, "cursor-invalid");
            }

            for (var i = 0; i < cursor.Length; i++)
            {
                var altered = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
                await party.Client.GetAsync($"{address}&cursor={altered}").AssertProblem(400, "cursor-invalid");
            }

            await party.Client.GetAsync($"{address}&cursor={cursor[..^4]}").AssertProblem(400, "cursor-invalid");
        }

        var events = (await party.Client.GetJson("events?limit=1&types=demand.created")).Text("nextCursor");
        await party.Client.GetJson($"events?limit=1&types=demand.created&cursor={events}");
        await party.Client.GetAsync($"events?limit=1&types=demand.published&cursor={events}").AssertProblem(400, "cursor-invalid");
    }

    [Test]
    public async Task Rows_that_stay_are_seen_exactly_once_while_others_come_and_go()
    {
        var party = await market.Party();
        var staying = new List<string>();
        var going = new Queue<string>();
        for (var i = 0; i < 20; i++)
        {
            staying.Add(await party.Demand(new { keywords = new[] { "stays" } }));
            going.Enqueue(await party.Demand());
        }

        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await party.Client.GetJson($"demands?owner={party.Id}&state=draft&limit=4" + (cursor.Length == 0 ? "" : $"&cursor={cursor}"));
            seen.AddRange(page.Ids());
            cursor = page.GetProperty("nextCursor").GetString();
            await party.Demand();
            if (going.TryDequeue(out var leaving))
            {
                await party.Client.Act($"demands/{leaving}/withdraw").Json();
            }
        }

        Assert.That(seen, Is.Unique);
        Assert.That(seen.Where(staying.Contains), Is.EqualTo(Enumerable.Reverse(staying)));
    }

    [Test]
    public async Task Filters_narrow_and_a_region_is_found_by_its_first_digits()
    {
        var party = await market.Party();
        var (near, far, paused) = (
            await market.PublishedDemand(party, new { region = "630102", field = "biomedicine", modes = new[] { "equity" } }),
            await market.PublishedDemand(party, new { region = "632801", field = "environment", modes = new[] { "transfer", "service" } }),
            await market.PublishedDemand(party, new { region = "630121" }));
        await party.Client.Act($"demands/{paused}/pause").Json();
        async Task Finds(string filter, params string[] ids) =>
            Assert.That((await party.Client.GetJson($"demands?owner={party.Id}&{filter}")).Ids(), Is.EquivalentTo(ids), filter);
        await Finds("region=630102", near);
        await Finds("region=6301", near, paused);
        await Finds("region=63", near, far, paused);
        await Finds("region=64");
        await Finds("field=environment", far);
        await Finds("mode=service", far);
        await Finds("mode=transfer", far);
        await Finds("mode=consulting");
        await Finds("state=paused", paused);
        await Finds("state=published&region=6301", near);
        Assert.That((await market.Anonymous.GetJson($"demands?owner={party.Id}")).Ids(), Is.EquivalentTo(new[] { near, far }));
        Assert.That((await market.Anonymous.GetJson($"demands?owner={party.Id}&state=paused")).Ids(), Is.Empty);
    }

    [Test]
    public async Task Full_text_finds_published_listings_whatever_their_case_and_width_best_first_and_page_by_page()
    {
        var party = await market.Party();
        var word = new string(Random.Shared.GetItems<char>("bcdfghjklmnpqrstvwxz", 12));
        var (best, good) = (
            await market.PublishedDemand(party, new { title = $"{word} {word} 提锂", description = word, region = "632801" }),
            await market.PublishedDemand(party, new { description = $"盐湖 {word}" }));
        var draft = await party.Demand(new { title = word });
        await Searchable($"demands?q={word}", 2);
        var wide = string.Concat(word.ToUpperInvariant().Select(c => (char)(c + 0xFEE0)));
        foreach (var q in new[] { word, word.ToUpperInvariant(), wide })
        {
            Assert.That((await market.Anonymous.GetJson($"demands?q={Uri.EscapeDataString(q)}")).Ids(), Is.EqualTo(new[] { best, good }), q);
        }

        Assert.That((await party.Client.GetJson($"demands?q={word}")).Ids(), Does.Not.Contain(draft));
        var first = await market.Anonymous.GetJson($"demands?q={word}&limit=1");
        var second = await market.Anonymous.GetJson($"demands?q={word}&limit=1&cursor={first.Text("nextCursor")}");
        Assert.That(first.Ids().Concat(second.Ids()), Is.EqualTo(new[] { best, good }));
        Assert.That(second.GetProperty("nextCursor").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That((await market.Anonymous.GetJson($"demands?q={word}&region=6328")).Ids(), Is.EqualTo(new[] { best }));
        Assert.That((await market.Anonymous.GetJson($"demands?q={word}&field=electronics")).Ids(), Is.Empty);
        Assert.That((await market.Anonymous.GetJson($"demands?q={word}&owner={party.Id}&mode=licence&state=published")).Ids(), Is.EqualTo(new[] { best, good }));
        await party.Client.Act($"demands/{best}/pause").Json();
        Assert.That((await market.Anonymous.GetJson($"demands?q={word}")).Ids(), Is.EqualTo(new[] { good }), "what left publication is gone at once");
    }

    [Test]
    public async Task Policies_are_filtered_by_region_and_day()
    {
        async Task<string[]> Found(string query) => [.. (await market.Anonymous.GetJson($"policies?{query}")).GetProperty("data").EnumerateArray().Select(p => p.Text("id"))];
        Assert.That(await Found("region=630102"), Does.Contain("xining-2020"));
        Assert.That(await Found("region=640100"), Does.Not.Contain("xining-2020"));
        Assert.That(await Found("on=1999-01-01"), Does.Not.Contain("xining-2020"));
    }

    Task Searchable(string address, int count) => Eventually.Holds(
        async () => (await market.Anonymous.GetJson(address)).Ids().Length == count, $"{count} results of {address}");
}
