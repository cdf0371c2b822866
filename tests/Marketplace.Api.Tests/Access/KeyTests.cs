using System.Net;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Access;

/// <summary>Whose a key is, which roles it may have, and who has to agree.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class KeyTests(Database database)
{
    static readonly string[] Officials = ["moderator", "registrar", "reviewer", "approver", "payer", "fundManager", "auditor", "admin"];

    readonly Market market = Market.On(database);

    [Test]
    public async Task Official_roles_go_to_government_bodies_and_to_parties_that_are_marked_as_offices_for_a_reason()
    {
        var agency = await market.Party("agency");
        foreach (var role in Officials)
        {
            await Issue(agency.Id, "甲", role).AssertProblem(422, "not-an-office", "/roles");
            await Issue(agency.Id, "甲", "member", role).AssertProblem(422, "not-an-office", "/roles");
        }

        var address = $"parties/{agency.Id}";
        await market.Admin.PatchJson(address, new { office = true }, await market.Admin.ETag(address)).AssertProblem(422, "office-reason-required", "/officeReason");
        await market.Admin.PatchJson(address, new { office = true, officeReason = "\u200b" }, await market.Admin.ETag(address)).AssertProblem(400, "validation-failed", "/officeReason");
        await agency.Client.PatchJson(address, new { office = true, officeReason = "自荐" }, await agency.Client.ETag(address)).AssertProblem(403, "forbidden");
        await market.MakeOffice(agency);
        var registrar = market.Client((await Issue(agency.Id, "甲", "registrar").Json(201)).Text("key"));
        var contract = await market.SubmittedContract();
        await registrar.GetJson($"contracts/{contract.Id}");

        // What is no office any more has no official roles any more, whatever its keys say.
        await market.Admin.PatchJson(address, new { office = false }, await market.Admin.ETag(address)).Json();
        await registrar.GetAsync($"contracts/{contract.Id}").AssertProblem(404, "not-found");
    }

    [Test]
    public async Task A_person_needs_a_visible_name_of_a_sane_length_and_not_the_configurations()
    {
        var party = await market.Party();
        foreach (var person in new[] { "\u200b", "\u3000 \ufeff", "\u202e\u2066", string.Concat(Enumerable.Repeat("\ufdfa", 100)), "marketplace：ADMINKEY" })
        {
            await Issue(party.Id, person, "member").AssertProblem(400, "validation-failed", "/person");
        }
    }

    [Test]
    public async Task A_name_in_another_spelling_is_the_person_who_is_known()
    {
        var (party, other) = (await market.Party(), await market.Party());
        var name = $"Li {Guid.NewGuid():n}";
        Assert.That((await Issue(party.Id, name, "member").Json(201)).Text("person"), Is.EqualTo(name));
        Assert.That((await Issue(party.Id, name.ToUpperInvariant() + "\u200d", "member").Json(201)).Text("person"), Is.EqualTo(name));
        Assert.That((await Issue(other.Id, name.Replace(" ", "\u3000"), "member").Json(201)).Text("person"), Is.EqualTo(name));
    }

    [Test]
    public async Task A_partys_keys_are_listed_without_secrets_and_are_no_more_than_a_hundred()
    {
        var party = await market.Party();
        var issued = await Issue(party.Id, "一", "member").Json(201);
        var listed = await market.Admin.GetJson($"parties/{party.Id}/keys");
        Assert.That(listed.Ids(), Has.Length.EqualTo(2).And.Contains(issued.Text("id")));
        Assert.That(listed.GetRawText(), Does.Not.Contain("tm_").And.Not.Contain("hash"));
        var mine = listed.GetProperty("data")[0];
        Assert.That((mine.Text("state"), mine.Text("person"), mine.Text("issuedBy")), Is.EqualTo(("valid", "一", "Marketplace:AdminKey")));
        Assert.That((await party.Client.GetJson($"parties/{party.Id}/keys")).Ids(), Has.Length.EqualTo(2));
        await (await market.Party()).Client.GetAsync($"parties/{party.Id}/keys").AssertProblem(403, "forbidden");

        for (var i = 2; i < 100; i++)
        {
            await Issue(party.Id, $"人 {i}", "member").Json(201);
        }

        await Issue(party.Id, "多", "member").AssertProblem(422, "too-many-keys");
        using var revoked = await market.Admin.DeleteAsync($"keys/{issued.Text("id")}");
        Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        await Issue(party.Id, "多", "member").Json(201);
        Assert.That((await market.Admin.GetJson($"parties/{party.Id}/keys?limit=100")).GetProperty("data").EnumerateArray().Single(key => key.Text("id") == issued.Text("id")).Text("state"), Is.EqualTo("revoked"));
    }

    [Test]
    public async Task Nobody_gives_themselves_an_office()
    {
        var (one, other) = (await market.Party("government"), await market.Party("government"));
        var name = $"Admin {Guid.NewGuid():n}";
        var admin = market.Client((await Issue(one.Id, name, "admin").Json(201)).Text("key"));
        await Issue(admin, other.Id, name, "approver").AssertProblem(403, "separation-of-duty");
        await Issue(admin, other.Id, name.ToUpperInvariant() + " ", "admin").AssertProblem(403, "separation-of-duty");
        await Issue(admin, one.Id, name, "admin", "approver").AssertProblem(403, "separation-of-duty");
        await Issue(admin, one.Id, name, "admin").Json(201);
        await Issue(admin, other.Id, name, "member").Json(201);
    }

    [Test]
    public async Task Where_the_market_asks_for_it_a_second_admin_confirms_a_key_with_an_official_role()
    {
        await using var own = await Market.Apart(database, host => host.ConfigureAppConfiguration((_, configuration) =>
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Marketplace:Keys:SecondAdmin"] = "true" })));
        var office = await own.Party("government");
        // There is nobody yet who could confirm the second admin.
        var second = await own.Admin.PostJson($"parties/{office.Id}/keys", new { roles = new[] { "admin" }, person = "第二管理员" }).Json(201);
        Assert.That(second.Text("state"), Is.EqualTo("valid"));
        var admin = own.Client(second.Text("key"));
        var issued = await own.Admin.PostJson($"parties/{office.Id}/keys", new { roles = new[] { "approver" }, person = "批准人" }).Json(201);
        Assert.That(issued.Text("state"), Is.EqualTo("waiting"));
        var approver = own.Client(issued.Text("key"));
        await approver.GetAsync("contracts").AssertProblem(401, "unauthenticated");
        await own.Admin.Act($"keys/{issued.Text("id")}/confirm").AssertProblem(403, "separation-of-duty");
        await (await Self()).Act($"keys/{issued.Text("id")}/confirm").AssertProblem(401, "unauthenticated");
        Assert.That((await admin.Act($"keys/{issued.Text("id")}/confirm").Json()).Text("state"), Is.EqualTo("valid"));
        await approver.GetJson("contracts");
        await admin.Act($"keys/{issued.Text("id")}/confirm").AssertProblem(409, "invalid-transition");
        // A third admin waits like everybody, and does not confirm their own key.
        var third = await admin.PostJson($"parties/{office.Id}/keys", new { roles = new[] { "admin" }, person = "第三管理员" }).Json(201);
        Assert.That(third.Text("state"), Is.EqualTo("waiting"));
        await own.Admin.Act($"keys/{third.Text("id")}/confirm").Json();
        var member = await own.Admin.PostJson($"parties/{office.Id}/keys", new { roles = new[] { "member" }, person = "成员" }).Json(201);
        Assert.That(member.Text("state"), Is.EqualTo("valid"));

        async Task<HttpClient> Self() => own.Client((await own.Admin.PostJson($"parties/{office.Id}/keys", new { roles = new[] { "admin" }, person = "自己" }).Json(201)).Text("key"));
    }

    Task<HttpResponseMessage> Issue(string party, string person, params string[] roles) => Issue(market.Admin, party, person, roles);

    static Task<HttpResponseMessage> Issue(HttpClient admin, string party, string person, params string[] roles) =>
        admin.PostJson($"parties/{party}/keys", new { roles, person });
}
