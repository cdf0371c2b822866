using System.Text.Json;
using Marketplace.Api.Dossiers;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>The office decides within working days of Beijing. It has a host of its own, for it moves days; it begins on Monday, 2 March 2026.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RecognitionPeriodTests(Database database)
{
    Market market = null!;

    [SetUp]
    public async Task Start() => market = await Market.Apart(database);

    [TearDown]
    public async Task Stop() => await market.DisposeAsync();

    [TestCase(4999999.99, 15, "2026-03-23T15:59:59.000Z")]
    [TestCase(5000000, 30, "2026-04-14T15:59:59.000Z")]
    public async Task A_contract_shows_the_last_second_of_its_period_and_what_happens_then(decimal technologyAmount, int days, string dueAt)
    {
        var contract = await market.SubmittedContract(change: new { amount = 9000000, technologyAmount });
        var seen = await contract.Buyer.Client.GetJson($"contracts/{contract.Id}");
        var due = seen.GetProperty("due");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen.Text("dueAt"), Is.EqualTo(dueAt));
            Assert.That(due.Text("submittedOn"), Is.EqualTo("2026-03-02"));
            Assert.That(due.GetProperty("workingDays").GetInt32(), Is.EqualTo(days));
            Assert.That((due.GetProperty("overdue").GetBoolean(), due.GetProperty("weekendsAlone").GetBoolean()), Is.EqualTo((false, false)));
            Assert.That(due.GetProperty("consequence").Text("zh"), Does.Contain("逾期"));
            Assert.That(due.GetProperty("consequence").Text("en"), Does.Contain("never recognised by lapse of time"));
        }

        await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody()).Json();
        Assert.That((await contract.Buyer.Client.GetJson($"contracts/{contract.Id}")).Has("dueAt"), Is.False, "decided");
    }

    [Test]
    public async Task The_day_of_submission_ends_at_midnight_in_Beijing()
    {
        await MoveTo(new(2026, 12, 31, 23, 59, 59));
        var before = await market.SubmittedContract();
        market.Clock.Advance(TimeSpan.FromSeconds(1));
        var after = await market.SubmittedContract();
        var (one, two) = (await before.Buyer.Client.GetJson($"contracts/{before.Id}"), await after.Buyer.Client.GetJson($"contracts/{after.Id}"));
        Assert.That((one.GetProperty("due").Text("submittedOn"), one.Text("dueAt")), Is.EqualTo(("2026-12-31", "2027-01-21T15:59:59.000Z")));
        Assert.That((two.GetProperty("due").Text("submittedOn"), two.Text("dueAt")), Is.EqualTo(("2027-01-01", "2027-01-22T15:59:59.000Z")));
        Assert.That(one.GetProperty("due").GetProperty("weekendsAlone").GetBoolean(), Is.True, "nobody has arranged the holidays of 2027");
    }

    [Test]
    public async Task A_supplement_stops_the_period_and_its_submission_begins_another()
    {
        var contract = await market.SubmittedContract();
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        await MoveTo(new(2026, 3, 20, 9, 0, 0));
        Assert.That((await registrar.PostJson($"{address}/request-supplement", new { reason = "缺附件" }).Json()).Has("dueAt"), Is.False);
        await MoveTo(new(2026, 3, 27, 9, 0, 0));
        Assert.That((await contract.Seller.Client.Act($"{address}/submit").Json()).Text("dueAt"), Is.EqualTo("2026-04-20T15:59:59.000Z"));
    }

    [Test]
    public async Task A_dispute_and_a_review_take_longer()
    {
        var contract = await market.SubmittedContract();
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        await MoveTo(new(2026, 3, 4, 9, 0, 0));
        await contract.Buyer.Client.PostJson($"{address}/dispute", new { reason = "不同意" }).AssertProblem(403, "forbidden");
        var disputed = await registrar.PostJson($"{address}/dispute", new { reason = "合同性质有争议" }).Json();
        Assert.That((disputed.GetProperty("disputed").GetBoolean(), disputed.Text("dueAt")), Is.EqualTo((true, "2026-04-14T15:59:59.000Z")), "counted from the submission");
        Assert.That(disputed.GetProperty("due").GetProperty("workingDays").GetInt32(), Is.EqualTo(30));

        var refused = await market.SubmittedContract();
        await registrar.PostJson($"contracts/{refused.Id}/refuse", new { reason = "不符" }).Json();
        var appealed = await refused.Seller.Client.PostJson($"contracts/{refused.Id}/appeal", new { reason = "不服" }).Json();
        Assert.That((appealed.GetProperty("due").Text("submittedOn"), appealed.Text("dueAt")), Is.EqualTo(("2026-03-04", "2026-04-16T15:59:59.000Z")));
    }

    [Test]
    public async Task What_is_overdue_is_told_once_and_listed_and_never_recognised_by_itself()
    {
        var (late, decided) = (await market.SubmittedContract(), await market.SubmittedContract());
        var registrar = await market.As("registrar");
        await registrar.PostJson($"contracts/{decided.Id}/recognise", market.RecognitionBody()).Json();
        await MoveTo(new(2026, 3, 23, 23, 59, 59));
        Assert.That((await Seen()).GetProperty("due").GetProperty("overdue").GetBoolean(), Is.False);
        Assert.That((await registrar.GetJson("contracts?dueBefore=2026-03-23")).Ids(), Is.Empty);
        Assert.That((await registrar.GetJson("contracts?dueBefore=2026-03-24")).Ids(), Is.EqualTo(new[] { late.Id }));

        market.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await Seen()).GetProperty("due").GetProperty("overdue").GetBoolean(), Is.True);
        await Eventually.Holds(async () =>
        {
            market.Clock.Advance(TimeSpan.FromMinutes(1));
            return (await Told(registrar)).Count > 0;
        }, "the registrar is told");
        for (var minute = 0; minute < 3; minute++)
        {
            market.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var told = (await Told(late.Seller.Client)).Single();
        Assert.That((told.Text("subject"), told.Text("actor"), told.GetProperty("data").Text("dueOn")), Is.EqualTo((late.Id, Lifecycle.Clock, "2026-03-23")));
        Assert.That((await Seen()).Text("state"), Is.EqualTo("submitted"), "silence is no recognition");
        using var dossier = await registrar.GetAsync($"contracts/{late.Id}/dossier");
        Assert.That(new DossierCheck(PolicyReading.Of(null).Catalogue!).Run(await dossier.Content.ReadAsByteArrayAsync(), out _), Is.Empty);
        await registrar.PostJson($"contracts/{late.Id}/recognise", market.RecognitionBody()).Json();

        Task<JsonElement> Seen() => late.Seller.Client.GetJson($"contracts/{late.Id}");

        static async Task<List<JsonElement>> Told(HttpClient reader) =>
            [.. (await reader.GetJson("events?types=contract.overdue&limit=100")).GetProperty("data").EnumerateArray()];
    }

    Task MoveTo(DateTime inBeijing)
    {
        market.Clock.Advance(new DateTimeOffset(inBeijing, Clock.Beijing) - market.Clock.GetUtcNow());
        return Task.CompletedTask;
    }
}
