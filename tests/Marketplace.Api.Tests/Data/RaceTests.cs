using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Marketplace.Api.Tests.Data;

/// <summary>How often each race is run; a nightly run takes more.</summary>
static class Races
{
    public static readonly int Rounds = Asked ?? 20;

    /// <summary>For a race that takes long to prepare.</summary>
    public static readonly int FewRounds = Asked ?? 2;

    static int? Asked => int.TryParse(Environment.GetEnvironmentVariable("MARKETPLACE_RACE_ROUNDS"), out var rounds) ? rounds : null;

    /// <summary>Starts so many requests at once and gives every answer, in their order.</summary>
    public static async Task<Outcome[]> Run(int workers, Func<int, Task<HttpResponseMessage>> request)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Enumerable.Range(0, workers).Select(async worker =>
        {
            await start.Task;
            using var response = await request(worker);
            return new Outcome(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Contains("Idempotent-Replayed"));
        }).ToList();
        start.SetResult();
        return await Task.WhenAll(running);
    }
}

sealed record Outcome(HttpStatusCode Status, string Body, bool IsReplay)
{
    public bool Succeeded => (int)Status is >= 200 and < 300;

    public string Code => JsonDocument.Parse(Body).RootElement.Text("code");
}

[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RaceTests(Database database)
{
    const int Workers = 64;

    readonly Market market = Market.On(database);

    [Test]
    public async Task X1_one_key_sent_64_times_at_once_is_done_once_and_answered_alike()
    {
        var party = await market.Party();
        for (var round = 0; round < Races.Rounds; round++)
        {
            var body = Market.DemandBody(new { title = Unique() });
            var key = $"x1-{round}";
            var answers = await Races.Run(Workers, _ => party.Client.PostJson("demands", body, idempotencyKey: key));
            var made = answers.Where(answer => answer.Succeeded).ToList();
            Assert.That(answers.Where(answer => !answer.Succeeded && (answer.Status != HttpStatusCode.Conflict || answer.Code != "idempotency-in-progress")), Is.Empty);
            Assert.That(made.Count(answer => !answer.IsReplay), Is.EqualTo(1));
            Assert.That(made.Select(answer => answer.Body).Distinct().Count(), Is.EqualTo(1));
            var id = JsonDocument.Parse(made[0].Body).RootElement.Text("id");
            Assert.That(await Count("SELECT COUNT(*) FROM events WHERE subject = @id", id), Is.EqualTo(1));
        }

        Assert.That(await Count("SELECT COUNT(*) FROM listings WHERE owner_id = @id", party.Id), Is.EqualTo(Races.Rounds));
    }

    [Test]
    public async Task X2_of_two_bodies_under_one_key_one_is_done_and_the_other_never()
    {
        var party = await market.Party();
        for (var round = 0; round < Races.Rounds; round++)
        {
            var key = $"x2-{round}";
            object[] bodies = [Market.DemandBody(new { title = Unique() }), Market.DemandBody(new { title = Unique() })];
            var answers = await Races.Run(Workers, i => party.Client.PostJson("demands", bodies[i % 2], idempotencyKey: key));
            Assert.That(answers.Where(answer => answer.Succeeded).Select(answer => answer.Body).Distinct().Count(), Is.EqualTo(1));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).Distinct(),
                Is.SubsetOf(new[] { "idempotency-key-reused", "idempotency-in-progress" }));
            Assert.That(answers.Count(answer => !answer.Succeeded && answer.Code == "idempotency-key-reused"), Is.Positive);
        }

        Assert.That(await Count("SELECT COUNT(*) FROM listings WHERE owner_id = @id", party.Id), Is.EqualTo(Races.Rounds));
    }

    [Test]
    public async Task C4_of_64_changes_of_one_version_one_is_made()
    {
        var party = await market.Party();
        for (var round = 0; round < Races.Rounds; round++)
        {
            var address = $"demands/{await party.Demand()}";
            var tag = await party.Client.ETag(address);
            var answers = await Races.Run(Workers, i => party.Client.PatchJson(address, new { title = $"第 {i} 稿" }, tag));
            Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.OK), Is.EqualTo(1));
            Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed), Is.EqualTo(Workers - 1));
        }
    }

    [Test]
    public async Task X12_nobody_signs_terms_that_he_did_not_see()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var contract = await market.DraftContract(buyer, seller, new { amount = 1000 });
            var address = $"contracts/{contract.Id}";
            var seen = await seller.Client.GetJson(address);
            var tag = await seller.Client.ETag(address);
            var buyersTag = await buyer.Client.ETag(address);
            var terms = seen.GetProperty("termsVersion").GetInt32();
            // 16 changes, each of which one party may take further; the seller signs what it saw, in both ways of saying so.
            var answers = await Races.Run(Workers, i => i < 16
                ? buyer.Client.PatchJson(address, new { amount = 2000 + i }, buyersTag)
                : i % 2 == 0
                    ? seller.Client.PostJson($"{address}/sign", new { termsVersion = terms })
                    : seller.Client.Act($"{address}/sign", ifMatch: tag));
            var edits = answers[..16].Count(answer => answer.Succeeded);
            var signatures = answers[16..].Where(answer => answer.Succeeded).ToList();
            Assert.That(answers.Select(answer => (int)answer.Status).Distinct(), Is.SubsetOf(new[] { 200, 403, 409, 412 }), "403: has signed already");
            Assert.That(edits, Is.LessThanOrEqualTo(1));
            Assert.That(signatures, Has.Count.LessThanOrEqualTo(1));
            foreach (var signed in signatures.Select(answer => JsonDocument.Parse(answer.Body).RootElement))
            {
                Assert.That(signed.GetProperty("amount").GetDecimal(), Is.EqualTo(1000), "signed what it saw");
            }

            var final = await seller.Client.GetJson(address);
            var isSigned = final.GetProperty("signatures").GetArrayLength() > 0;
            Assert.That(edits + signatures.Count, Is.Positive, "somebody came first");
            Assert.That(isSigned && final.GetProperty("amount").GetDecimal() != 1000, Is.False, "a signature stands under other terms");
        }
    }

    [Test]
    public async Task An_introduction_is_accepted_or_withdrawn_and_never_both()
    {
        var (demandSide, achievementSide) = (await market.Party(), await market.Party("university"));
        var (demand, achievement) = (await market.PublishedDemand(demandSide), await market.PublishedAchievement(achievementSide));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var id = (await demandSide.Client.PostJson("introductions", new { demand, achievement, message = "见面" }).Json(201)).Text("id");
            var answers = await Races.Run(Workers, i => i % 2 == 0
                ? achievementSide.Client.Act($"introductions/{id}/accept")
                : demandSide.Client.Act($"introductions/{id}/withdraw"));
            var done = answers.Where(answer => answer.Succeeded).ToList();
            Assert.That(done, Has.Count.EqualTo(1));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => (int)answer.Status).Distinct(), Is.SubsetOf(new[] { 403, 409 }));
            var state = (await demandSide.Client.GetJson($"introductions/{id}")).Text("state");
            Assert.That(JsonDocument.Parse(done[0].Body).RootElement.Text("state"), Is.EqualTo(state));
            Assert.That(await Count("SELECT COUNT(*) FROM events WHERE subject = @id", id), Is.EqualTo(2), "made, and done with once");
        }
    }

    [Test]
    public async Task One_registration_number_goes_to_one_contract()
    {
        var (buyer, seller, registrar) = (await market.Party(), await market.Party("university"), await market.As("registrar"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var one = await market.SubmittedContract(buyer, seller);
            var two = await market.SubmittedContract(buyer, seller);
            var number = Unique();
            var answers = await Races.Run(8, i =>
                registrar.PostJson($"contracts/{(i % 2 == 0 ? one : two).Id}/recognise", market.RecognitionBody(new { number })));
            Assert.That(answers.Count(answer => answer.Succeeded), Is.EqualTo(1));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).Distinct(),
                Is.SubsetOf(new[] { "already-exists", "invalid-transition" }));
            Assert.That(await Count("SELECT COUNT(*) FROM contracts WHERE registration_number = @id", number), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_contract_is_recognised_once_whoever_asks()
    {
        var (buyer, seller, registrar) = (await market.Party(), await market.Party("university"), await market.As("registrar"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var contract = await market.SubmittedContract(buyer, seller);
            var answers = await Races.Run(Workers, _ =>
                registrar.PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody(new { number = Unique() })));
            var done = answers.Single(answer => answer.Succeeded);
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).Distinct(), Is.EqualTo(new[] { "invalid-transition" }));
            Assert.That((await seller.Client.GetJson($"contracts/{contract.Id}")).GetProperty("recognition").GetRawText(),
                Is.EqualTo(JsonDocument.Parse(done.Body).RootElement.GetProperty("recognition").GetRawText()));
            Assert.That(await Count("SELECT COUNT(*) FROM events WHERE subject = @id AND event_type = 'contract.recognised'", contract.Id), Is.EqualTo(1));
        }
    }

    static string Unique() => Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture);

    Task<int> Count(string sql, string id) => market.Database.Scalar<int>(sql, new { id });
}
