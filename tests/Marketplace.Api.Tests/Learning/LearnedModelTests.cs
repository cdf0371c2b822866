using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Marketplace.Api.Tests.Learning;

/// <summary>
/// A market whose demands and achievements speak of the same four subjects in other words. Only its deals tell which words belong
/// together.
/// </summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class LearnedModelTests(Database database)
{
    const int Pairs = 200;

    static readonly string[] Asked = ["zorbin hylune", "quelta plorex", "mavrik wisfen", "tundle garbot"];
    static readonly string[] Offered = ["kestov yaptor", "drimna colmey", "bulfic jusket", "noxarp ferwil"];

    Market market = null!;
    JsonElement trained;

    [OneTimeSetUp]
    public async Task Start()
    {
        market = await Market.Apart(database);
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        var demands = await Import(buyer, "demands", i => new { externalId = $"d{i}", title = $"寻求 {Asked[i % 4]} 技术方案", description = $"第{i}号 {Asked[i % 4]} 技术方案", field = "newMaterials" });
        var achievements = await Import(seller, "achievements", i => new { externalId = $"a{i}", title = $"{Offered[i % 4]} 技术方案", summary = $"第{i + 1000}号 {Offered[i % 4]} 技术方案", field = "newMaterials" });
        var at = market.Clock.GetUtcNow();
        for (var i = 0; i < Pairs; i++)
        {
            await market.Database.Execute(
                """
                INSERT INTO introductions (id, state, version, demand_id, achievement_id, message, introducer_id, demand_party_id, other_party_id,
                    demand_accepted_at, other_accepted_at, created_at, updated_at)
                VALUES (@id, 'mutual', 3, @demand, @achievement, 'x', @buyer, @buyer, @seller, @at, @at, @at, @at)
                """,
                new { id = $"itr_{i:d26}", demand = demands[i], achievement = achievements[i], buyer = buyer.Id, seller = seller.Id, at });
        }

        trained = await Train();
    }

    [OneTimeTearDown]
    public ValueTask Stop() => market.DisposeAsync();

    [Test, Order(1)]
    public void What_finds_the_held_back_answers_better_is_adopted_and_the_figures_are_kept()
    {
        var report = trained.GetProperty("report");
        Assert.That(trained.Text("state"), Is.EqualTo("adopted"), trained.GetRawText());
        Assert.That(report.GetProperty("comparedByPairs").GetBoolean(), Is.True);
        Assert.That(report.GetProperty("pairs").GetInt32(), Is.EqualTo(Pairs));
        Assert.That(report.GetProperty("texts").GetInt32(), Is.EqualTo(2 * Pairs));
        Assert.That(report.Text("modelVersion"), Has.Length.EqualTo(16));
        Assert.That(Rank(report, "candidate"), Is.GreaterThan(Rank(report, "without")));
        Assert.That(report.GetProperty("candidate").GetProperty("queries").GetInt32(), Is.GreaterThanOrEqualTo(20));
    }

    [Test, Order(2)]
    public async Task Matches_go_by_what_was_learned()
    {
        // The two share only the words that all share.
        JsonElement answer = default;
        await Eventually.Holds(async () =>
        {
            answer = await market.Anonymous.PostJson("matches", new { text = "quelta plorex 技术方案", limit = 5 }).Json();
            return answer.Has("model");
        }, "the model is in force");
        Assert.That(answer.Text("model"), Is.EqualTo(trained.GetProperty("report").Text("modelVersion")));
        List<JsonElement> best = [.. answer.GetProperty("data").EnumerateArray()];
        // One in four would be chance.
        Assert.That(best.Count(match => match.GetProperty("achievement").Text("title").Contains("drimna", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(4), answer.GetRawText());
        Assert.That(best, Has.All.Matches<JsonElement>(match => match.GetProperty("reasons").EnumerateArray().Any(reason =>
            reason.Text("kind") == "meaning" && reason.GetProperty("weight").GetDouble() > 0)));
    }

    [Test, Order(3)]
    public async Task The_same_texts_deals_and_seed_give_the_same_model_which_need_not_be_adopted_twice()
    {
        var again = await Train();
        Assert.That(again.Text("state"), Is.EqualTo("rejected"));
        Assert.That(again.GetProperty("report").Text("reason"), Is.EqualTo("sameAsTheOneInForce"));
        Assert.That(again.GetProperty("report").Text("modelVersion"), Is.EqualTo(trained.GetProperty("report").Text("modelVersion")));
        Assert.That(Rank(again.GetProperty("report"), "inForce"), Is.EqualTo(Rank(trained.GetProperty("report"), "candidate")));
    }

    [Test, Order(4)]
    public async Task A_process_that_starts_later_takes_the_model_up()
    {
        await using var later = market.Beside();
        await Eventually.Holds(() => Task.FromResult(later.Log.Entries.Any(entry => entry.Text.Contains(trained.Text("id"), StringComparison.Ordinal))), "the model is taken up");
        Assert.That(await Warnings(later), Is.Empty);
    }

    [Test, Order(5)]
    public async Task A_damaged_model_is_reported_and_the_market_works_without()
    {
        await market.Database.Execute("UPDATE match_model_parts SET part_bytes = @damaged", new { damaged = Encoding.ASCII.GetBytes("not a model") });
        await using var later = market.Beside();
        List<string> warnings = [];
        await Eventually.Holds(async () => (warnings = await Warnings(later)).Count > 0, "a warning");
        Assert.That(warnings, Has.One.Contains(trained.Text("id")));
        var answer = await later.Anonymous.PostJson("matches", new { text = "kestov 技术方案", limit = 5 }).Json();
        Assert.That(answer.GetProperty("data").EnumerateArray().First().GetProperty("achievement").Text("title"), Does.Contain("kestov"));
    }

    async Task<JsonElement> Train() => await TrainingTests.Ended(market, (await market.Admin.PostJson("match-models", new { }).Json(202)).Text("id"));

    static double Rank(JsonElement report, string of) => report.GetProperty(of).GetProperty("reciprocalRank").GetDouble();

    static async Task<List<string>> Warnings(Market market) =>
        await market.Anonymous.GetJson("/health/ready") is var health && health.Has("warnings") ? [.. health.Texts("warnings")] : [];

    /// <returns>The ids, in order.</returns>
    async Task<List<string>> Import(TestParty owner, string kind, Func<int, object> listing)
    {
        var lines = string.Join('\n', Enumerable.Range(0, Pairs).Select(i => JsonSerializer.Serialize(listing(i), Requests.Options)));
        using var answer = await (await market.As("moderator")).PostAsync($"imports/{kind}?publish=true&owner={owner.Id}", Requests.Content(lines, "application/x-ndjson"));
        var outcomes = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.Has("id")).ToList();
        Assert.That(outcomes, Has.Count.EqualTo(Pairs), outcomes.FirstOrDefault().ToString());
        return [.. outcomes.OrderBy(outcome => int.Parse(outcome.Text("externalId")[1..], CultureInfo.InvariantCulture)).Select(outcome => outcome.Text("id"))];
    }
}
