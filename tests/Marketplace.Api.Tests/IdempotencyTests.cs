using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Marketplace.Api.Tests;

/// <summary>Rows I2 to I6: a request with an Idempotency-Key can be repeated without being done twice.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class IdempotencyTests(Database database)
{
    readonly Market market = Market.On(database);

    static string NewKey() => Guid.NewGuid().ToString();

    [Test]
    public async Task A_repetition_gets_the_first_answer_whole_and_does_nothing()
    {
        var party = await market.Party();
        var key = NewKey();
        using var first = await party.Client.PostJson("demands", Market.DemandBody(), key);
        using var second = await party.Client.PostJson("demands", Market.DemandBody(), key);
        var created = await first.Json(201);
        await AssertReplayed(first, second);
        Assert.That(second.Headers.Location, Is.EqualTo(first.Headers.Location).And.Not.Null);
        Assert.That(second.Headers.ETag, Is.EqualTo(first.Headers.ETag).And.Not.Null);
        Assert.That(first.Headers.Contains("Idempotent-Replayed"), Is.False);
        Assert.That(await Demands(party), Is.EqualTo(new[] { created.Text("id") }));
    }

    [Test]
    public async Task A_repeated_action_is_done_once_and_answers_with_the_state_of_then()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var key = NewKey();
        using var first = await party.Client.Act($"demands/{id}/submit", key);
        await party.Client.Act($"demands/{id}/withdraw").Json();
        using var second = await party.Client.Act($"demands/{id}/submit", key);
        await AssertReplayed(first, second);
        Assert.That((await second.Json()).Text("state"), Is.EqualTo("submitted"));
        Assert.That((await party.Client.GetJson($"demands/{id}")).Text("state"), Is.EqualTo("withdrawn"));
    }

    [Test]
    public async Task A_conflict_is_kept()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var key = NewKey();
        using var first = await party.Client.Act($"demands/{id}/pause", key);
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        await party.Client.Act($"demands/{id}/submit").Json();
        await (await market.As("moderator")).Act($"demands/{id}/publish").Json();
        using var second = await party.Client.Act($"demands/{id}/pause", key);
        await AssertReplayed(first, second);
        Assert.That((await party.Client.GetJson($"demands/{id}")).Text("state"), Is.EqualTo("published"));
    }

    [Test]
    public async Task A_stale_precondition_is_kept()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var old = await party.Client.ETag($"demands/{id}");
        await party.Client.PatchJson($"demands/{id}", new { title = "b" }, old).Json();
        var key = NewKey();
        using var first = await party.Client.Act($"demands/{id}/submit", key, old);
        using var second = await party.Client.Act($"demands/{id}/submit", key, old);
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        await AssertReplayed(first, second);
        Assert.That(second.Headers.ETag, Is.EqualTo(first.Headers.ETag).And.Not.Null);
    }

    [Test]
    public async Task A_refusal_by_a_rule_is_kept_whether_the_body_alone_or_the_data_break_it()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        foreach (var body in new[]
        {
            market.ContractBody(buyer, seller, new { technologyAmount = 2000000 }),
            market.ContractBody(buyer, seller, new { buyer = buyer.Id, seller = "pty_00000000000000000000000000" }),
        })
        {
            var key = NewKey();
            using var first = await buyer.Client.PostJson("contracts", body, key);
            using var second = await buyer.Client.PostJson("contracts", body, key);
            Assert.That((int)first.StatusCode, Is.EqualTo(422));
            await AssertReplayed(first, second);
            await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller), key).AssertProblem(422, "idempotency-key-reused");
        }

        Assert.That((await buyer.Client.GetJson("contracts")).Ids(), Is.Empty);
    }

    [Test]
    public async Task A_key_that_comes_with_another_body_or_address_is_refused_and_does_nothing()
    {
        var party = await market.Party("university");
        var key = NewKey();
        var first = await party.Client.PostJson("demands", Market.DemandBody(), key).Json(201);
        await party.Client.PostJson("demands", Market.DemandBody(new { title = "b" }), key).AssertProblem(422, "idempotency-key-reused");
        await party.Client.PostJson("achievements", Market.AchievementBody(), key).AssertProblem(422, "idempotency-key-reused");
        await party.Client.Act($"demands/{first.Text("id")}/submit", key).AssertProblem(422, "idempotency-key-reused");
        Assert.That(await Demands(party), Has.Length.EqualTo(1));
        Assert.That((await party.Client.GetJson($"achievements?owner={party.Id}")).Ids(), Is.Empty);
        Assert.That((await party.Client.GetJson($"demands/{first.Text("id")}")).Text("state"), Is.EqualTo("draft"));
        using var again = await party.Client.PostJson("demands", Market.DemandBody(), key);
        Assert.That((await again.Json(201)).Text("id"), Is.EqualTo(first.Text("id")), "the first answer stays under the key");
    }

    [Test]
    public async Task A_key_belongs_to_its_person_whichever_valid_key_of_the_market_they_use()
    {
        var party = await market.Party();
        var (mine, others) = (await Colleague("李雷"), await Colleague("韩梅梅"));
        var key = NewKey();
        using var first = await mine.PostJson("demands", Market.DemandBody(), key);
        using var renewed = await (await Colleague("李　雷")).PostJson("demands", Market.DemandBody(), key);
        await AssertReplayed(first, renewed);
        await others.PostJson("demands", Market.DemandBody(), key).AssertProblem(422, "idempotency-key-reused");
        Assert.That(await Demands(party), Has.Length.EqualTo(1));

        async Task<HttpClient> Colleague(string person) => market.Client(await market.Key(party.Id, ["member"], person));
    }

    [Test]
    public async Task A_key_that_comes_with_another_If_Match_is_refused_and_does_nothing()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var old = await party.Client.ETag($"demands/{id}");
        await party.Client.PatchJson($"demands/{id}", new { title = "b" }, old).Json();
        var (key, now) = (NewKey(), await party.Client.ETag($"demands/{id}"));
        await party.Client.Act($"demands/{id}/submit", key, old).AssertProblem(412, "precondition-failed");
        await party.Client.Act($"demands/{id}/submit", key, now).AssertProblem(422, "idempotency-key-reused");
        await party.Client.Act($"demands/{id}/submit", key).AssertProblem(422, "idempotency-key-reused");
        Assert.That((await party.Client.GetJson($"demands/{id}")).Text("state"), Is.EqualTo("draft"));
        await party.Client.Act($"demands/{id}/submit", NewKey(), now).Json();
    }

    [Test]
    public async Task A_request_from_before_the_person_counted_can_still_be_repeated()
    {
        var party = await market.Party();
        var key = NewKey();
        using var first = await party.Client.PostJson("demands", Market.DemandBody(), key);
        var asBefore = SHA256.HashData(Encoding.UTF8.GetBytes("POST /api/v1/demands\n" + JsonSerializer.Serialize(Market.DemandBody(), Requests.Options)));
        await market.Database.Execute("UPDATE idempotency_keys SET request_hash = @hash WHERE key_value = @key", new { hash = Convert.ToHexStringLower(asBefore), key });
        using var second = await party.Client.PostJson("demands", Market.DemandBody(), key);
        await AssertReplayed(first, second);
    }

    [Test]
    public async Task Sixty_four_at_once_run_once()
    {
        var party = await market.Party();
        var key = NewKey();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            using var response = await party.Client.PostJson("demands", Market.DemandBody(), key);
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync(), RetryAfter: response.Headers.RetryAfter?.Delta);
        }));
        var done = answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).ToList();
        Assert.That(done, Is.Not.Empty);
        Assert.That(done.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1));
        foreach (var other in answers.Except(done))
        {
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), other.Text);
            Assert.That(other.Text, Does.Contain("idempotency-in-progress"));
            Assert.That(other.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(1)));
        }

        var id = JsonDocument.Parse(done[0].Text).RootElement.Text("id");
        Assert.That(await Demands(party), Is.EqualTo(new[] { id }));
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM listings WHERE owner_id = @Id", new { party.Id }), Is.EqualTo(1));
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM events WHERE subject = @id", new { id }), Is.EqualTo(1));
    }

    [Test]
    public async Task Sixty_four_at_once_that_are_refused_get_one_refusal_which_is_kept()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var key = NewKey();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            using var response = await party.Client.Act($"demands/{id}/pause", key);
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync(), Replayed: response.Headers.Contains("Idempotent-Replayed"));
        }));
        Assert.That(answers, Has.All.Matches<(HttpStatusCode StatusCode, string, bool)>(answer => answer.StatusCode == HttpStatusCode.Conflict));
        var refused = answers.Where(answer => !answer.Text.Contains("idempotency-in-progress", StringComparison.Ordinal)).ToList();
        Assert.That(refused.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1));
        Assert.That(refused.Count(answer => !answer.Replayed), Is.EqualTo(1));
        await party.Client.Act($"demands/{id}/submit").Json();
        await (await market.As("moderator")).Act($"demands/{id}/publish").Json();
        using var later = await party.Client.Act($"demands/{id}/pause", key);
        Assert.That(await later.Content.ReadAsStringAsync(), Is.EqualTo(refused[0].Text));
    }

    [Test]
    public async Task Two_bodies_at_once_under_one_key_run_one_of_them()
    {
        var party = await market.Party();
        var key = NewKey();
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
        {
            using var response = await party.Client.PostJson("demands", Market.DemandBody(new { title = i % 2 == 0 ? "even" : "odd" }), key);
            return (Title: i % 2 == 0 ? "even" : "odd", response.StatusCode, Text: await response.Content.ReadAsStringAsync());
        }));
        var done = answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).ToList();
        Assert.That(done.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1));
        Assert.That(done.Select(answer => answer.Title).Distinct().Count(), Is.EqualTo(1));
        Assert.That(answers.Except(done).Select(a => JsonDocument.Parse(a.Text).RootElement.Text("code")),
            Is.All.AnyOf("idempotency-key-reused", "idempotency-in-progress"));
        Assert.That(await Demands(party), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_malformed_or_faulty_request_leaves_the_key_free()
    {
        var party = await market.Party("university");
        var key = NewKey();
        await party.Client.PostJson("demands", "{", key).AssertProblem(400, "malformed-json");
        await party.Client.PostJson("demands", Market.DemandBody(new { title = 1 }), key).AssertProblem(400, "validation-failed");
        await party.Client.PostJson("achievements", Market.AchievementBody(new { rights = new[] { new { kind = "design", number = "1" } } }), key)
            .AssertProblem(400, "validation-failed");
        await market.Anonymous.PostJson("demands", Market.DemandBody(), key).AssertProblem(401, "unauthenticated");
        await RunsOnce(party, key);
    }

    [Test]
    public async Task A_forbidden_or_missing_target_leaves_the_key_free()
    {
        var (party, other) = (await market.Party(), await market.Party());
        var (published, draft) = (await market.PublishedDemand(other), await other.Demand());
        var key = NewKey();
        await party.Client.Act($"demands/{published}/pause", key).AssertProblem(403, "forbidden");
        await party.Client.Act($"demands/{draft}/submit", key).AssertProblem(404, "not-found");
        await RunsOnce(party, key);
    }

    [Test]
    public async Task A_failure_inside_leaves_the_key_free()
    {
        await using var broken = await Market.Apart(database);
        var party = await broken.Party();
        var key = NewKey();
        await broken.Database.Execute(database == Databases.Sqlite
            ? "CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'broken'); END"
            : database == Databases.PostgreSql
                ? "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$; CREATE TRIGGER broken BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION broken()"
                : "CREATE TRIGGER broken ON events INSTEAD OF INSERT AS THROW 50000, 'broken', 1");
        await party.Client.PostJson("demands", Market.DemandBody(), key).AssertProblem(500, "internal-error");
        Assert.That((await party.Client.GetJson($"demands?owner={party.Id}")).Ids(), Is.Empty, "nothing of the failed run stays");
        await broken.Database.Execute(database == Databases.PostgreSql ? "DROP TRIGGER broken ON events" : "DROP TRIGGER broken");
        using var response = await party.Client.PostJson("demands", Market.DemandBody(), key);
        await response.Json(201);
        Assert.That(response.Headers.Contains("Idempotent-Replayed"), Is.False);
    }

    [Test]
    public async Task Another_party_has_its_own_keys()
    {
        var (one, two) = (await market.Party(), await market.Party());
        var key = NewKey();
        var mine = await one.Client.PostJson("demands", Market.DemandBody(), key).Json(201);
        using var theirs = await two.Client.PostJson("demands", Market.DemandBody(), key);
        Assert.That((await theirs.Json(201)).Text("owner"), Is.EqualTo(two.Id));
        Assert.That(theirs.Headers.Contains("Idempotent-Replayed"), Is.False);
        Assert.That(mine.Text("owner"), Is.EqualTo(one.Id));
    }

    [Test]
    public async Task Patch_and_delete_do_not_read_the_key()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var key = NewKey();
        foreach (var title in new[] { "a", "b" })
        {
            var changed = await party.Client.Send(HttpMethod.Patch, $"demands/{id}", Requests.Content(new { title }, "application/merge-patch+json"), key, "*").Json();
            Assert.That(changed.Text("title"), Is.EqualTo(title));
        }

        var issued = await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "member" }, person = "a" }, NewKey()).Json(201);
        for (var i = 0; i < 2; i++)
        {
            using var deleted = await market.Admin.Send(HttpMethod.Delete, $"keys/{issued.Text("id")}", null, key);
            Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(deleted.Headers.Contains("Idempotent-Replayed"), Is.False);
        }
    }

    [TestCase("")]
    [TestCase("with space")]
    public async Task A_key_that_is_no_token_is_refused(string key)
    {
        var party = await market.Party();
        await party.Client.Send(HttpMethod.Post, "demands", Requests.Content(Market.DemandBody()), headers: ("Idempotency-Key", key)).AssertProblem(400, "idempotency-key-invalid");
        await party.Client.PostJson("demands", Market.DemandBody(), new string('k', 256)).AssertProblem(400, "idempotency-key-invalid");
        await party.Client.PostJson("demands", Market.DemandBody(), new string('k', 255)).Json(201);
    }

    static async Task RunsOnce(TestParty party, string key)
    {
        using var first = await party.Client.PostJson("demands", Market.DemandBody(), key);
        Assert.That(first.Headers.Contains("Idempotent-Replayed"), Is.False);
        await first.Json(201);
        using var second = await party.Client.PostJson("demands", Market.DemandBody(), key);
        await AssertReplayed(first, second);
        Assert.That(await Demands(party), Has.Length.EqualTo(1));
    }

    static async Task AssertReplayed(HttpResponseMessage first, HttpResponseMessage second)
    {
        Assert.That(second.StatusCode, Is.EqualTo(first.StatusCode));
        Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo(await first.Content.ReadAsStringAsync()));
        Assert.That(second.Content.Headers.ContentType, Is.EqualTo(first.Content.Headers.ContentType));
        Assert.That(second.Headers.GetValues("Idempotent-Replayed").Single(), Is.EqualTo("true"));
    }

    static async Task<string[]> Demands(TestParty party) => (await party.Client.GetJson($"demands?owner={party.Id}")).Ids();
}
