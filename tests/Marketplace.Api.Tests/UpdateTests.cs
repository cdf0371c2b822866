using System.Net;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests;

/// <summary>Rows C1 to C5: nobody's change is lost, and nobody writes what is the server's.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class UpdateTests(Database database)
{
    readonly Market market = Market.On(database);

    /// <summary>A resource, who reads and who may patch it, the list to which a new one is posted, and a body for that.</summary>
    sealed record Resource(string Address, HttpClient Client, string List, JsonObject Body, object Patch);

    [Test]
    public async Task One_resource_has_a_strong_tag_and_is_not_sent_again_to_who_has_it()
    {
        foreach (var resource in await Resources())
        {
            var tag = await resource.Client.ETag(resource.Address);
            Assert.That(tag, Does.StartWith("\"").And.EndWith("\""), resource.Address);
            foreach (var known in new[] { tag, $"\"x\", {tag}", $"W/{tag}", "*" })
            {
                using var same = await resource.Client.Send(HttpMethod.Get, resource.Address, headers: ("If-None-Match", known));
                Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified), $"{resource.Address} {known}");
                Assert.That(same.Headers.ETag!.ToString(), Is.EqualTo(tag));
                Assert.That(await same.Content.ReadAsStringAsync(), Is.Empty);
            }

            using var other = await resource.Client.Send(HttpMethod.Get, resource.Address, headers: ("If-None-Match", "\"1-000000000000\""));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task Whatever_answers_GET_answers_HEAD_with_the_same_tag()
    {
        foreach (var resource in await Resources())
        {
            using var head = await resource.Client.Send(HttpMethod.Head, resource.Address);
            Assert.That(head.StatusCode, Is.EqualTo(HttpStatusCode.OK), resource.Address);
            var tag = head.Headers.ETag!.ToString();
            Assert.That(tag, Is.EqualTo(await resource.Client.ETag(resource.Address)));
            using var same = await resource.Client.Send(HttpMethod.Head, resource.Address, headers: ("If-None-Match", tag));
            Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        }

        foreach (var address in new[] { "/health/live", "/health/ready", "/problems/not-found", "/openapi/v1.json" })
        {
            using var head = await market.Anonymous.Send(HttpMethod.Head, address);
            Assert.That(head.StatusCode, Is.EqualTo(HttpStatusCode.OK), address);
        }
    }

    [Test]
    public async Task A_patch_without_If_Match_is_refused_and_changes_nothing()
    {
        foreach (var resource in await Resources())
        {
            var tag = await resource.Client.ETag(resource.Address);
            await resource.Client.PatchJson(resource.Address, resource.Patch, null).AssertProblem(428, "precondition-required");
            Assert.That(await resource.Client.ETag(resource.Address), Is.EqualTo(tag));
        }
    }

    [Test]
    public async Task A_patch_of_an_older_version_is_refused_with_the_tag_of_now()
    {
        foreach (var resource in await Resources())
        {
            var old = await resource.Client.ETag(resource.Address);
            using var changed = await resource.Client.PatchJson(resource.Address, resource.Patch, old);
            var now = (await changed.Json()).GetProperty("version").GetInt32();
            Assert.That(now, Is.EqualTo(2), resource.Address);
            var current = await resource.Client.ETag(resource.Address);
            Assert.That(changed.Headers.ETag!.ToString(), Is.EqualTo(current).And.Not.EqualTo(old));
            foreach (var stale in new[] { old, $"W/{current}", "\"x\"", "1", "\"\"" })
            {
                using var refused = await resource.Client.PatchJson(resource.Address, resource.Patch, stale);
                await Task.FromResult(refused).AssertProblem(412, "precondition-failed");
                Assert.That(refused.Headers.ETag!.ToString(), Is.EqualTo(current), $"{resource.Address} {stale}");
            }

            await resource.Client.PatchJson(resource.Address, resource.Patch, $"{old}, {current}").Json();
            await resource.Client.PatchJson(resource.Address, resource.Patch, "*").Json();
        }
    }

    [Test]
    public async Task Of_sixty_four_patches_at_once_one_is_made_and_the_others_get_the_tag_of_now()
    {
        foreach (var resource in await Resources())
        {
            var tag = await resource.Client.ETag(resource.Address);
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
            {
                using var response = await resource.Client.PatchJson(resource.Address, resource.Patch, tag);
                return ((int)response.StatusCode, Tag: response.Headers.ETag?.ToString(), Text: await response.Content.ReadAsStringAsync());
            }));
            Assert.That(answers.Select(a => a.Item1).Order(), Is.EqualTo(Enumerable.Repeat(412, 63).Prepend(200)), $"{resource.Address} {answers.FirstOrDefault(a => a.Item1 is not (200 or 412)).Text}");
            Assert.That(answers.Select(a => a.Tag).Distinct(), Is.EqualTo(new[] { await resource.Client.ETag(resource.Address) }), resource.Address);
        }
    }

    [Test]
    public async Task An_action_with_a_stale_tag_is_refused_with_the_tag_of_now_and_without_one_is_guarded_by_the_state()
    {
        var (enterprise, university) = (await market.Party(), await market.Party("university"));
        var demand = $"demands/{await enterprise.Demand(new { confidential = "secret" })}";
        var contract = $"contracts/{(await market.DraftContract(enterprise, university)).Id}";
        foreach (var (address, action) in new[] { (demand, "submit"), (contract, "sign") })
        {
            var old = await enterprise.Client.ETag(address);
            await enterprise.Client.PatchJson(address, new { title = "b" }, old).Json();
            using var refused = await enterprise.Client.Act($"{address}/{action}", ifMatch: old);
            await Task.FromResult(refused).AssertProblem(412, "precondition-failed");
            Assert.That(refused.Headers.ETag!.ToString(), Is.EqualTo(await enterprise.Client.ETag(address)));
            await enterprise.Client.Act($"{address}/{action}", ifMatch: await enterprise.Client.ETag(address)).Json();
        }

        var moderator = await market.As("moderator");
        using var stale = await moderator.Act($"{demand}/publish", ifMatch: "\"1-000000000000\"");
        await Task.FromResult(stale).AssertProblem(412, "precondition-failed");
        Assert.That(stale.Headers.ETag!.ToString(), Is.EqualTo(await moderator.ETag(demand)), "each caller gets the tag of what it sees");
        await moderator.Act($"{demand}/publish").Json();
    }

    [Test]
    public async Task Of_two_actions_at_once_one_is_made()
    {
        var party = await market.Party();
        var id = await market.PublishedDemand(party);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            using var response = await party.Client.Act($"demands/{id}/{(i % 2 == 0 ? "fulfil" : "withdraw")}");
            return response.StatusCode;
        }));
        Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Count(status => status == HttpStatusCode.Conflict), Is.EqualTo(15));
    }

    [Test]
    public async Task A_merge_patch_replaces_what_it_names_removes_what_it_nulls_and_keeps_the_rest()
    {
        var party = await market.Party();
        var address = $"demands/{await party.Demand(new { confidential = "secret", deadline = "2030-01-01" })}";
        var before = await party.Client.GetJson(address);
        var after = await party.Client.PatchJson(address, """{"budget":{"min":null},"keywords":["盐湖"],"confidential":null,"deadline":null,"minTrl":null}""", "*").Json();
        Assert.That(after.GetProperty("budget").GetRawText(), Is.EqualTo("""{"max":2000000}"""));
        Assert.That(after.Texts("keywords"), Is.EqualTo(new[] { "盐湖" }), "an array is replaced, not merged");
        Assert.That(after.Has("confidential") || after.Has("deadline") || after.Has("minTrl"), Is.False);
        Assert.That(after.Text("title"), Is.EqualTo(before.Text("title")));
        await party.Client.PatchJson(address, """{"title":null}""", "*").AssertProblem(400, "validation-failed", "/title");
        await party.Client.PatchJson(address, """{"budget":{"min":3000000}}""", "*").AssertProblem(422, "amount-order", "/budget/min");
        Assert.That((await party.Client.PatchJson(address, """{"keywords":null,"budget":null}""", "*").Json()).Texts("keywords"), Is.Empty);
        Assert.That((await party.Client.PatchJson(address, "{}", "*").Json()).Has("budget"), Is.False);
    }

    [Test]
    public async Task Whatever_the_server_adds_to_a_resource_cannot_be_sent()
    {
        foreach (var resource in await Resources())
        {
            var seen = await resource.Client.GetJson(resource.Address);
            var own = seen.EnumerateObject().Select(member => member.Name).Where(name => !resource.Body.ContainsKey(name) && IsServers(name)).ToArray();
            Assert.That(own, Is.SupersetOf(new[] { "id", "version", "createdAt", "updatedAt", "availableActions" }), resource.Address);
            foreach (var name in own.Union(resource.List == "contracts" ? ["state", "owner", "recognisedAmount", "recognition", "signatures", "termsVersion"] : []))
            {
                var body = (JsonObject)resource.Body.DeepClone();
                body[name] = seen.Has(name) ? JsonNode.Parse(seen.GetProperty(name).GetRawText()) : 1;
                await resource.Client.PostJson(resource.List, body).AssertProblem(400, "read-only-field", $"/{name}");
                await resource.Client.PatchJson(resource.Address, new JsonObject { [name] = body[name]!.DeepClone() }, "*").AssertProblem(400, "read-only-field", $"/{name}");
                await resource.Client.PatchJson(resource.Address, new JsonObject { [name] = null }, "*").AssertProblem(400, "read-only-field", $"/{name}");
            }
        }

        var introduction = await market.MutualIntroduction();
        await introduction.DemandSide.Client.PostJson("introductions", new { demand = introduction.Demand, message = "a", state = "mutual", owner = "a" })
            .AssertProblem(400, "read-only-field", "/state", "/owner");

        static bool IsServers(string name) => name is "id" or "state" or "owner" or "version" or "createdAt" or "updatedAt" or "availableActions";
    }

    async Task<Resource[]> Resources()
    {
        var (enterprise, university) = (await market.Party(), await market.Party("university"));
        return
        [
            new($"parties/{university.Id}", market.Admin, "parties", new() { ["kind"] = "broker", ["name"] = "a", ["region"] = "630102" }, new { name = "b" }),
            new($"demands/{await enterprise.Demand()}", enterprise.Client, "demands", Market.DemandBody(), new { title = "b" }),
            new($"achievements/{await university.Achievement()}", university.Client, "achievements", Market.AchievementBody(), new { title = "b" }),
            new($"contracts/{(await market.DraftContract(enterprise, university)).Id}", enterprise.Client, "contracts", market.ContractBody(enterprise, university), new { title = "b" }),
            new($"subscriptions/{(await enterprise.Client.PostJson("subscriptions", new { name = "a", text = "b" }).Json(201)).Text("id")}", enterprise.Client,
                "subscriptions", new() { ["name"] = "a", ["text"] = "b" }, new { name = "b" }),
        ];
    }
}
