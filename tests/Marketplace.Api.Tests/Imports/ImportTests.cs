using System.Text.Json;

namespace Marketplace.Api.Tests.Imports;

/// <summary>What becomes of a line, and whose it is.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ImportTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_file_twice_changes_nothing()
    {
        var owner = await market.Party("university");
        var file = Importing.Line("a") + Importing.Line("b");
        var first = await owner.Client.Import("achievements", file);
        var again = await owner.Client.Import("achievements", file);
        Assert.That(first.Outcomes, Is.EqualTo(new[] { "created", "created" }));
        Assert.That(again.Outcomes, Is.EqualTo(new[] { "unchanged", "unchanged" }));
        Assert.That(again[1].Text("id"), Is.EqualTo(first[1].Text("id")));
        Assert.That(again.Summary.GetRawText(), Is.EqualTo("""{"lines":2,"created":0,"unchanged":2,"updated":0,"rejected":0}"""));
        Assert.That((await owner.Client.GetJson($"achievements/{first[1].Text("id")}")).GetProperty("version").GetInt32(), Is.EqualTo(1));
        Assert.That(await Events(first[1].Text("id")), Is.EqualTo(new[] { "achievement.created" }));
    }

    [Test]
    public async Task An_external_id_that_comes_twice_in_one_file_is_one_record()
    {
        var owner = await market.Party("university");
        var answer = await owner.Client.Import("achievements", Importing.Line("a") + Importing.Line("a") + Importing.Line("a", new { trl = 9 }));
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "created", "unchanged", "rejected" }));
        Assert.That(answer[2].Text("id"), Is.EqualTo(answer[1].Text("id")));
        Assert.That((answer[3].Codes()[0], await Owned(owner)), Is.EqualTo(("repeated", 1)));
    }

    [Test]
    public async Task A_changed_line_updates_its_record_and_keeps_its_state()
    {
        var (owner, moderator) = (await market.Party("university"), await market.As("moderator"));
        var id = (await moderator.Import($"achievements?owner={owner.Id}&publish=true", Importing.Line("a")))[1].Text("id");
        var answer = await owner.Client.Import("achievements", Importing.Line("a", new { trl = 9 }));
        var seen = await market.Anonymous.GetJson($"achievements/{id}");
        Assert.That(answer[1].Text("outcome"), Is.EqualTo("updated"));
        Assert.That(answer[1].Text("id"), Is.EqualTo(id));
        Assert.That((seen.GetProperty("trl").GetInt32(), seen.Text("state")), Is.EqualTo((9, "published")));
        Assert.That((await Events(id))[^1], Is.EqualTo("achievement.updated"));
    }

    [Test]
    public async Task A_line_that_changes_what_is_published_is_a_revision_until_a_moderator_publishes_it()
    {
        var (owner, moderator) = (await market.Party("university"), await market.As("moderator"));
        var address = $"achievements?owner={owner.Id}&publish=true";
        var id = (await moderator.Import(address, Importing.Line("a")))[1].Text("id");
        var line = Importing.Line("a", new { title = "改进的离子筛" });
        Assert.That((await owner.Client.Import("achievements", line)).Outcomes, Is.EqualTo(new[] { "updated" }));
        Assert.That((await owner.Client.Import("achievements", line)).Outcomes, Is.EqualTo(new[] { "unchanged" }), "the same file again");
        Assert.That((await market.Anonymous.GetJson($"achievements/{id}")).Text("title"), Is.Not.EqualTo("改进的离子筛"));
        Assert.That((await owner.Client.GetJson($"achievements/{id}")).GetProperty("revision").Text("title"), Is.EqualTo("改进的离子筛"));
        await owner.Client.Act($"achievements/{id}/submit").Json();
        var other = await owner.Client.Import("achievements", Importing.Line("a", new { title = "又改" }));
        Assert.That(other[1].Codes(), Is.EqualTo(new[] { "invalid-transition" }), "what waits does not change");
        Assert.That((await moderator.Import(address, line)).Outcomes, Is.EqualTo(new[] { "unchanged" }));
        var seen = await owner.Client.GetJson($"achievements/{id}");
        Assert.That((seen.Text("title"), seen.Has("revision")), Is.EqualTo(("改进的离子筛", false)));
        Assert.That((await moderator.Import(address, Importing.Line("a", new { title = "再改" }))).Outcomes, Is.EqualTo(new[] { "updated" }));
        Assert.That((await market.Anonymous.GetJson($"achievements/{id}")).Text("title"), Is.EqualTo("再改"));
    }

    [Test]
    public async Task A_record_whose_deadline_is_over_is_not_published()
    {
        var (owner, moderator) = (await market.Party(), await market.As("moderator"));
        var line = Market.DemandBody(new { externalId = "a", deadline = "2020-01-01" }).ToJsonString() + "\n";
        var answer = await moderator.Import($"demands?owner={owner.Id}&publish=true", line);
        Assert.That((answer.Outcomes[0], answer[1].Codes()), Is.EqualTo(("rejected", (string[])["deadline-passed"])));
    }

    [Test]
    public async Task A_record_that_is_closed_is_not_rewritten()
    {
        var owner = await market.Party("university");
        var id = (await owner.Client.Import("achievements", Importing.Line("a")))[1].Text("id");
        await owner.Client.Act($"achievements/{id}/withdraw").Json();
        var same = await owner.Client.Import("achievements", Importing.Line("a"));
        var other = await owner.Client.Import("achievements", Importing.Line("a", new { trl = 9 }));
        Assert.That(same.Outcomes, Is.EqualTo(new[] { "unchanged" }));
        Assert.That(other.Outcomes, Is.EqualTo(new[] { "rejected" }));
        Assert.That(other[1].Codes(), Is.EqualTo(new[] { "invalid-transition" }));
    }

    [Test]
    public async Task A_refused_line_leaves_the_lines_around_it()
    {
        var owner = await market.Party("university");
        var answer = await owner.Client.Import("achievements",
            Importing.Line("a") + "\n" + Importing.Line("b", new { trl = 12 }) + "  \r\n" + "{\"externalId\":\n" + "[]\n" + Importing.Line("c").TrimEnd());
        Assert.That(answer.Lines.Select(line => (line.GetProperty("line").GetInt32(), line.Text("outcome"))), Is.EqualTo(new[]
        {
            (1, "created"), (3, "rejected"), (5, "rejected"), (6, "rejected"), (7, "created"),
        }));
        Assert.That(answer[3].Text("externalId"), Is.EqualTo("b"));
        Assert.That(answer[5].Codes().Concat(answer[6].Codes()), Is.All.EqualTo("malformed-json"));
        Assert.That(answer[5].GetProperty("errors")[0].Text("detail"), Does.Contain("line 5, byte 15"));
        Assert.That(await Owned(owner), Is.EqualTo(2));
    }

    [Test]
    public async Task Every_fault_of_a_line_is_told_at_its_place_and_in_the_callers_language()
    {
        var owner = await market.Party("university");
        var line = """{"title":"","summary":5,"field":"magic","keyword":[],"state":"published","holders":[{"name":"某大学","share":101}]}""";
        var answer = await owner.Client.Import("achievements", line);
        Assert.That(answer[1].GetProperty("externalId").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(answer[1].GetProperty("errors").EnumerateArray().Select(error => (error.Text("pointer"), error.Text("code"))), Is.EquivalentTo(new[]
        {
            ("/title", "too-short"), ("/summary", "wrong-type"), ("/field", "unknown-code"), ("/keyword", "unknown-field"), ("/state", "read-only-field"),
            ("/holders/0/share", "out-of-range"), ("/externalId", "required"),
        }));
        using var chinese = market.Client(null);
        chinese.DefaultRequestHeaders.Authorization = owner.Client.DefaultRequestHeaders.Authorization;
        chinese.DefaultRequestHeaders.Remove("Accept-Language");
        Assert.That((await chinese.Import("achievements", line))[1].GetProperty("errors")[0].Text("detail"), Does.Contain("字符"));
    }

    [Test]
    public async Task Rules_over_several_members_are_kept()
    {
        var owner = await market.Party("university");
        var answer = await owner.Client.Import("achievements", Importing.Line("a", new { price = new { mode = "listed" }, holders = new[] { new { name = "某大学", share = 60 } } }));
        Assert.That(answer[1].Codes(), Is.EquivalentTo(new[] { "price-amount", "shares-not-100" }));
    }

    [Test]
    public async Task Publication_takes_the_steps_of_the_machine_once()
    {
        var (owner, moderator) = (await market.Party("university"), await market.As("moderator"));
        var draft = (await owner.Client.Import("achievements", Importing.Line("a")))[1].Text("id");
        var address = $"achievements?owner={owner.Id}&publish=true";
        var file = Importing.Line("a") + Importing.Line("b") + Importing.Line("c", new { trl = 0 });
        var answer = await moderator.Import(address, file);
        Assert.That(answer.Outcomes, Is.EqualTo(new[] { "unchanged", "created", "rejected" }));
        Assert.That(answer.Count("published"), Is.EqualTo(2));
        Assert.That(await Events(draft), Is.EqualTo(new[] { "achievement.created", "achievement.submitted", "achievement.published" }));
        var again = await moderator.Import(address, file);
        Assert.That((again.Count("unchanged"), again.Count("published")), Is.EqualTo((2, 0)));
        Assert.That(await Events(draft), Has.Length.EqualTo(3));
        Assert.That((await market.Anonymous.GetJson($"achievements/{draft}")).Text("state"), Is.EqualTo("published"));
    }

    [Test]
    public async Task What_its_owner_paused_is_not_published_again()
    {
        var (owner, moderator) = (await market.Party("university"), await market.As("moderator"));
        var address = $"achievements?owner={owner.Id}&publish=true";
        var id = (await moderator.Import(address, Importing.Line("a")))[1].Text("id");
        await owner.Client.Act($"achievements/{id}/pause").Json();
        var answer = await moderator.Import(address, Importing.Line("a"));
        Assert.That((answer.Count("unchanged"), answer.Count("published")), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_member_does_not_publish() =>
        await (await market.Party("university")).Client.PostFile("achievements?publish=true", []).AssertProblem(403, "forbidden");

    [Test]
    public async Task A_member_imports_for_its_own_party_alone()
    {
        var (owner, other) = (await market.Party("university"), await market.Party("university"));
        await owner.Client.PostFile($"achievements?owner={other.Id}", []).AssertProblem(403, "forbidden");
        Assert.That((await owner.Client.Import($"achievements?owner={owner.Id}", Importing.Line("a"))).Outcomes, Is.EqualTo(new[] { "created" }));
    }

    [Test]
    public async Task The_owner_must_be_named_known_and_of_a_kind_that_may_own()
    {
        var moderator = await market.As("moderator");
        var broker = await market.Party("broker");
        await moderator.PostFile("achievements", []).AssertProblem(422, "owner-required", "owner");
        await moderator.PostFile("achievements?owner=pty_00000000000000000000000000", []).AssertProblem(422, "unknown-reference", "owner");
        await moderator.PostFile($"achievements?owner={broker.Id}", []).AssertProblem(422, "unknown-reference", "owner");
        await moderator.PostFile("achievements?owner=x", []).AssertProblem(400, "validation-failed", "owner");
        await broker.Client.PostFile("achievements", []).AssertProblem(403, "forbidden");
    }

    [Test]
    public async Task One_external_id_serves_each_owner_and_each_kind()
    {
        var (one, other) = (await market.Party("university"), await market.Party("university"));
        var demand = Market.DemandBody(new { externalId = "a" }).ToJsonString();
        Assert.That((await one.Client.Import("achievements", Importing.Line("a"))).Outcomes, Is.EqualTo(new[] { "created" }));
        Assert.That((await other.Client.Import("achievements", Importing.Line("a"))).Outcomes, Is.EqualTo(new[] { "created" }));
        Assert.That((await one.Client.Import("demands", demand)).Outcomes, Is.EqualTo(new[] { "created" }));
    }

    [Test]
    public async Task Parties_are_known_again_by_their_external_id()
    {
        var (key, code) = ($"p-{Guid.NewGuid():n}", CreditCodes.New("630102"));
        string Party(string externalId, string name) =>
            JsonSerializer.Serialize(new { externalId, kind = "enterprise", name, creditCode = code, region = "630102" }, Requests.Options) + "\n";
        var first = await market.Admin.Import("parties", Party(key, "一厂") + Party(key, "一厂") + Party(key, "二厂") + Party(key + "x", "三厂"));
        Assert.That(first.Outcomes, Is.EqualTo(new[] { "created", "unchanged", "rejected", "rejected" }));
        Assert.That(first[3].Codes(), Is.EqualTo(new[] { "repeated" }));
        Assert.That(first[3].GetProperty("errors")[0].Text("detail"), Does.StartWith("Line 1 "));
        Assert.That(first[4].Codes(), Is.EqualTo(new[] { "already-exists" }));
        Assert.That((await market.Admin.Import("parties", Party(key, "二厂"))).Outcomes, Is.EqualTo(new[] { "updated" }));
        Assert.That((await market.Admin.GetJson($"parties/{first[1].Text("id")}")).Text("name"), Is.EqualTo("二厂"));
        Assert.That(await Events(first[1].Text("id")), Is.EqualTo(new[] { "party.created", "party.updated" }));
    }

    [Test]
    public async Task Only_an_admin_imports_parties()
    {
        await (await market.Party("university")).Client.PostFile("parties", []).AssertProblem(403, "forbidden");
        await (await market.As("moderator")).PostFile("parties", []).AssertProblem(403, "forbidden");
        await market.Admin.PostFile("parties?publish=true", []).AssertProblem(400, "unknown-field", "publish");
    }

    [Test]
    public async Task Other_media_types_and_callers_without_a_key_are_refused()
    {
        var owner = await market.Party("university");
        await owner.Client.PostFile("achievements", [], "application/json").AssertProblem(415, "unsupported-media-type");
        await owner.Client.PostFile("achievements", [], "text/csv; charset=shift_jis").AssertProblem(415, "unsupported-media-type");
        await market.Anonymous.PostFile("achievements", []).AssertProblem(401, "unauthenticated");
        Assert.That((await owner.Client.Import("achievements", "")).Lines, Is.Empty);
    }

    [Test]
    public async Task Two_imports_of_one_file_at_once_make_each_record_once()
    {
        var owner = await market.Party("university");
        var file = string.Concat(Enumerable.Range(0, 300).Select(i => Importing.Line($"{i}")));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => owner.Client.Import("achievements", file)));
        Assert.That(answers.Sum(answer => answer.Count("created")), Is.EqualTo(300));
        Assert.That(answers.Sum(answer => answer.Count("unchanged")), Is.EqualTo(900));
        Assert.That(await Owned(owner), Is.EqualTo(300));
    }

    Task<int> Owned(TestParty owner) => market.Database.Scalar<int>("SELECT COUNT(*) FROM listings WHERE owner_id = @Id", new { owner.Id });

    async Task<string[]> Events(string subject)
    {
        await using var connection = await market.Database.Open();
        return [.. await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT event_type FROM events WHERE subject = @subject ORDER BY id", new { subject })];
    }
}
