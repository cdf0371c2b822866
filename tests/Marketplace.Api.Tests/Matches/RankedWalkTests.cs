namespace Marketplace.Api.Tests.Matches;

/// <summary>Whoever pages through a ranking sees each listing that stays exactly once, whatever comes, goes or changes between two pages.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RankedWalkTests(Database database)
{
    Market market = null!;

    [OneTimeSetUp]
    public async Task Start() => market = await Market.Apart(database);

    [OneTimeTearDown]
    public async Task Stop() => await market.DisposeAsync();

    [Test]
    public async Task An_unrelated_listing_is_published_between_two_pages()
    {
        var (owner, word) = (await market.Party(), Word());
        var ids = await Demands(owner, word, 30);
        Assert.That(await Walk(word, async page => await Seen(await market.PublishedDemand(owner, new { title = $"光伏组件清洗机器人 {page}", description = Word() }))), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task Unrelated_listings_are_withdrawn_between_two_pages()
    {
        var (owner, word, other) = (await market.Party(), Word(), Word());
        var unrelated = await Demands(owner, other, 20);
        var ids = await Demands(owner, word, 30);
        Assert.That(await Walk(word, async page =>
        {
            foreach (var id in unrelated.Skip((page - 1) * 10).Take(10))
            {
                await owner.Client.Act($"demands/{id}/withdraw").Json();
            }

            await Seen(await market.PublishedDemand(owner));
        }), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task A_row_of_each_page_is_changed_before_the_next()
    {
        var (owner, word) = (await market.Party(), Word());
        var ids = await Demands(owner, word, 30);
        var shown = new List<string>();
        Assert.That(await Walk(word, async page =>
        {
            // Of those that were seen one falls behind; of the others one rises before what was seen.
            await market.Revise(owner, $"demands/{shown[^10]}", new { description = $"{word} {new string('锂', 2000)}" });
            await market.Revise(owner, $"demands/{ids.Except(shown).Last()}", new { title = $"{word} {word} {word} {page}" });
            await owner.Client.PatchJson($"demands/{shown[^9]}", new { minTrl = 9 }, "*").Json();
            await Seen(await market.PublishedDemand(owner));
        }, shown), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task Better_listings_are_published_after_each_page()
    {
        var (owner, word) = (await market.Party(), Word());
        var ids = await Demands(owner, word, 60);
        var seen = await Walk(word, async page =>
        {
            for (var i = 0; i < 4; i++)
            {
                await Seen(await market.PublishedDemand(owner, new { title = $"{word} {word}", description = word }));
            }
        });
        Assert.That(seen.Where(ids.Contains), Is.EquivalentTo(ids));
        Assert.That(seen, Is.Unique);
    }

    [Test]
    public async Task What_goes_is_not_shown_and_what_does_not_fit_the_filters_any_more_is_not_either()
    {
        var (owner, word) = (await market.Party(region: "630102"), Word());
        var ids = await Demands(owner, word, 30);
        var (gone, moved) = ("", "");
        var first = await market.Anonymous.GetJson($"demands?q={word}&region=630102&limit=10");
        (gone, moved) = (ids.Except(first.Ids()).First(), ids.Except(first.Ids()).Last());
        await owner.Client.Act($"demands/{gone}/pause").Json();
        await owner.Client.PatchJson($"demands/{moved}", new { region = "632801" }, "*").Json();
        var rest = await Walk(word, _ => Task.CompletedTask, start: first, filter: "&region=630102");
        Assert.That(rest, Is.EquivalentTo(ids.Except([gone, moved])));
    }

    [Test]
    public async Task A_cursor_is_bound_to_its_words_and_one_that_was_made_up_is_refused()
    {
        var (owner, word) = (await market.Party(), Word());
        await Demands(owner, word, 3);
        var cursor = (await market.Anonymous.GetJson($"demands?q={word}&limit=1")).Text("nextCursor");
        await market.Anonymous.GetAsync($"demands?q={word}x&limit=1&cursor={cursor}").AssertProblem(400, "cursor-invalid");
        await market.Anonymous.GetAsync($"achievements?q={word}&limit=1&cursor={cursor}").AssertProblem(400, "cursor-invalid");
    }

    [Test]
    public async Task Another_process_goes_on_in_its_own_ranking_from_the_same_place()
    {
        // A host of its own: the other one's admin key takes the place of its own.
        await using var apart = await Market.Apart(database);
        var (owner, word, ids) = (await apart.Party(), Word(), new List<string>());
        for (var i = 0; i < 12; i++)
        {
            ids.Add(await apart.PublishedDemand(owner, new { title = $"{word} {i}" }));
        }

        await Eventually.Holds(async () => (await apart.Anonymous.GetJson($"demands?q={word}&limit=100")).Ids().Length == 12, "it has them");
        await using var beside = apart.Beside();
        await Eventually.Holds(async () => (await beside.Anonymous.GetJson($"demands?q={word}&limit=100")).Ids().Length == 12, "the other process has them");
        var first = await apart.Anonymous.GetJson($"demands?q={word}&limit=6");
        var second = await beside.Anonymous.GetJson($"demands?q={word}&limit=6&cursor={first.Text("nextCursor")}");
        Assert.That(first.Ids().Concat(second.Ids()), Is.EquivalentTo(ids), "while nothing changes");
    }

    /// <summary>All pages of ten, with something that happens after each but the last.</summary>
    async Task<List<string>> Walk(string word, Func<int, Task> between, List<string>? shown = null, System.Text.Json.JsonElement? start = null, string filter = "")
    {
        var seen = new List<string>();
        var page = start ?? await market.Anonymous.GetJson($"demands?q={word}{filter}&limit=10");
        for (var number = 1; ; number++)
        {
            seen.AddRange(page.Ids());
            shown?.AddRange(page.Ids());

            if (page.Text("nextCursor") is not { } cursor)
            {
                return seen;
            }

            await between(number);
            page = await market.Anonymous.GetJson($"demands?q={word}{filter}&limit=10&cursor={cursor}");
        }
    }

    async Task<List<string>> Demands(TestParty owner, string word, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(await market.PublishedDemand(owner, new { title = $"{word} {i}", description = $"光伏组件清洗 {string.Concat(Enumerable.Repeat("除尘设备 ", i % 7))}" }));
        }

        await Seen(ids[^1]);
        return ids;
    }

    /// <summary>Waits until the index holds everything up to this listing.</summary>
    Task Seen(string id) => Eventually.Holds(async () =>
    {
        var words = Uri.EscapeDataString((await market.Anonymous.GetJson($"demands/{id}")).Text("title"));
        return (await market.Anonymous.GetJson($"demands?q={words}&limit=100")).Ids().Contains(id);
    }, $"{id} is in the index");

    static string Word() => new(Random.Shared.GetItems<char>("bcdfghjklmnpqrstvwxz", 12));
}
