using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests.Parties;

/// <summary>Who is registered, with which code and keys, and who may see whom to call.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class PartyTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task An_admin_registers_a_party_and_everybody_with_a_key_finds_it()
    {
        var code = CreditCodes.New();
        var made = await market.Admin.PostJson("parties", Body(new { creditCode = code, park = "生物园区" })).Json(201);
        var seen = await (await market.Party()).Client.GetJson($"parties/{made.Text("id")}");
        Assert.That((seen.Text("name"), seen.Text("creditCode"), seen.Text("park")), Is.EqualTo(("青海某公司", code, "生物园区")));
        await market.Anonymous.GetAsync($"parties/{made.Text("id")}").AssertProblem(401, "unauthenticated");
        await (await market.Party()).Client.PostJson("parties", Body(new { creditCode = CreditCodes.New() })).AssertProblem(403, "forbidden");
    }

    [TestCase("enterprise", true)]
    [TestCase("university", true)]
    [TestCase("institute", true)]
    [TestCase("agency", true)]
    [TestCase("government", true)]
    [TestCase("broker", false)]
    [TestCase("expert", false)]
    public async Task Every_party_but_a_broker_and_an_expert_has_a_credit_code(string kind, bool needed)
    {
        var sending = market.Admin.PostJson("parties", Body(new { kind }));
        await (needed ? sending.AssertProblem(422, "credit-code-required", "/creditCode") : sending.Json(201));
    }

    [Test]
    public async Task A_credit_code_is_one_partys_alone()
    {
        var code = CreditCodes.New();
        await market.Admin.PostJson("parties", Body(new { creditCode = code })).Json(201);
        await market.Admin.PostJson("parties", Body(new { creditCode = code, name = "另一家" })).AssertProblem(409, "already-exists", "/creditCode");
        var other = (await market.Party()).Id;
        await market.Admin.PatchJson($"parties/{other}", new { creditCode = code }, await market.Admin.ETag($"parties/{other}"))
            .AssertProblem(409, "already-exists", "/creditCode");
    }

    [Test]
    public async Task A_code_whose_check_fails_needs_a_reason_and_one_of_another_form_is_never_taken()
    {
        const string IssuedWrong = "91350211M0000XUF46";
        await market.Admin.PostJson("parties", Body(new { creditCode = IssuedWrong })).AssertProblem(400, "validation-failed", "/creditCode");
        await market.Admin.PostJson("parties", Body(new { creditCode = "91350211M0000XUFI6", creditCodeReason = "原码如此" }))
            .AssertProblem(400, "validation-failed", "/creditCode");
        var made = await market.Admin.PostJson("parties", Body(new { creditCode = IssuedWrong, creditCodeReason = "登记机关发放的原码即如此" })).Json(201);
        Assert.That(made.Text("creditCode"), Is.EqualTo(IssuedWrong));
    }

    [Test]
    public async Task A_contact_is_seen_by_its_own_people_alone_and_is_in_no_list()
    {
        var party = await market.Party("university", "630121");
        Assert.That((await party.Client.GetJson($"parties/{party.Id}")).Has("contact"), Is.True);
        foreach (var reader in new[] { (await market.Party()).Client, market.Admin, await market.As("moderator"), await market.As("auditor"), await market.As("registrar") })
        {
            Assert.That((await reader.GetJson($"parties/{party.Id}")).Has("contact"), Is.False);
        }

        foreach (var reader in new[] { party.Client, market.Admin })
        {
            var list = (await reader.GetJson("parties?region=630121&kind=university&limit=100")).GetProperty("data").EnumerateArray().ToList();
            Assert.That(list.Select(item => item.Text("id")), Does.Contain(party.Id));
            Assert.That(list.Any(item => item.Has("contact")), Is.False);
        }
    }

    [Test]
    public async Task Several_keys_work_at_a_time_and_a_revoked_one_stops_at_once()
    {
        var party = await market.Party();
        var issued = await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "member" }, person = "新同事" }).Json(201);
        Assert.That(issued.Text("key"), Does.Match("^tm_[A-Za-z0-9_-]{43}$"));
        using var colleague = market.Client(issued.Text("key"));
        await colleague.GetJson($"parties/{party.Id}");
        await party.Client.GetJson($"parties/{party.Id}");
        using (var revoked = await market.Admin.DeleteAsync($"keys/{issued.Text("id")}"))
        {
            Assert.That((int)revoked.StatusCode, Is.EqualTo(204));
        }

        await colleague.GetAsync($"parties/{party.Id}").AssertProblem(401, "unauthenticated");
        await colleague.GetAsync("demands").AssertProblem(401, "unauthenticated");
        await party.Client.GetJson($"parties/{party.Id}");
    }

    [Test]
    public async Task A_key_is_kept_as_a_hash_and_shown_once()
    {
        var party = await market.Party();
        var issued = await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "member" }, person = "甲" }).Json(201);
        var stored = await market.Database.Scalar<string>("SELECT key_hash FROM api_keys WHERE id = @id", new { id = issued.Text("id") });
        Assert.That(stored, Is.Not.Empty.And.Not.Contain(issued.Text("key")[3..]));
        Assert.That(await party.Client.GetStringAsync("events?types=key.created&limit=100"), Does.Not.Contain(issued.Text("key")));
    }

    [Test]
    public async Task A_key_needs_roles_that_exist_and_a_person()
    {
        var party = await market.Party();
        await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "emperor" }, person = "" }).AssertProblem(400, "validation-failed", "/roles", "/person");
        await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = Array.Empty<string>(), person = "甲" }).AssertProblem(400, "validation-failed", "/roles");
        await party.Client.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "member" }, person = "甲" }).AssertProblem(403, "forbidden");
    }

    [Test]
    public async Task A_region_filter_takes_all_that_lie_below()
    {
        var (xining, haidong) = (await market.Party("institute", "630123"), await market.Party("institute", "630202"));
        var found = (await market.Admin.GetJson("parties?region=6301&kind=institute&limit=100")).Ids();
        Assert.That(found, Does.Contain(xining.Id).And.Not.Contain(haidong.Id));
    }

    static JsonObject Body(object? change = null)
    {
        var body = new JsonObject { ["kind"] = "enterprise", ["name"] = "青海某公司", ["region"] = "630102" };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(change, Requests.Options) as JsonObject ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }
}
