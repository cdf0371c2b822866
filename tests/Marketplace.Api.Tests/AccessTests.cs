using System.Net;
using System.Text.Json;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests;

/// <summary>Rows A1 to A3 and A5: who may do what, and what nobody else may so much as notice.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class AccessTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public void What_needs_no_key_is_exactly_what_the_contract_opens() =>
        Assert.That(Operation.Of(market).Where(operation => !operation.NeedsKey).Select(operation => operation.ToString()), Is.EquivalentTo(new[]
        {
            "GET /api/v1/demands", "GET /api/v1/demands/{id}", "GET /api/v1/demands/{id}/matches",
            "GET /api/v1/achievements", "GET /api/v1/achievements/{id}", "GET /api/v1/achievements/{id}/matches",
            "GET /api/v1/policies", "GET /api/v1/policies/{id}", "GET /api/v1/policies/{id}/analysis", "GET /api/v1/codes", "GET /api/v1/funds/{id}/invariants", "GET /api/v1/subsidies",
            "POST /api/v1/matches", "POST /api/v1/evaluations", "POST /api/v1/evaluations/batch", "POST /api/v1/evaluations/compare", "POST /api/v1/evaluations/verify", "POST /api/v1/policies/validate",
        }));

    [Test]
    public void Every_operation_but_a_reading_one_runs_in_a_write_unit_or_says_why_not()
    {
        var others = Operation.Of(market).Where(operation => operation.Method != "GET").ToList();
        Assert.That(others, Has.Count.GreaterThan(20));
        foreach (var operation in others)
        {
            bool[] kinds = [operation.Writes, operation.Computes, operation.Metadata.GetMetadata<Routes.StreamsMetadata>() is not null];
            Assert.That(kinds.Count(kind => kind), Is.EqualTo(1), operation.ToString());
        }

        Assert.That(Operation.Of(market).Where(operation => operation.Method == "GET" && operation.Writes), Is.Empty);
    }

    [Test]
    public async Task Without_a_key_what_needs_one_is_401()
    {
        foreach (var operation in Operation.Of(market).Where(operation => operation.NeedsKey))
        {
            using var response = await market.Anonymous.Send(new(operation.Method), operation.Address);
            await Task.FromResult(response).AssertProblem(401, "unauthenticated");
            Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"), operation.ToString());
        }
    }

    [TestCase("Bearer tm_short")]
    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Basic YTpi")]
    [TestCase("tm_0000000000000000000000000000000000000000000")]
    [TestCase("Bearer tm_0000000000000000000000000000000000000000000")]
    public async Task A_key_that_is_none_is_401_also_where_none_is_needed(string authorization)
    {
        foreach (var operation in Operation.Of(market).Where(operation => operation.Method == "GET"))
        {
            await market.Anonymous.Send(HttpMethod.Get, operation.Address, headers: ("Authorization", authorization)).AssertProblem(401, "unauthenticated");
        }
    }

    [Test]
    public async Task A_revoked_key_is_401_at_once_and_the_party_goes_on_with_another()
    {
        var party = await market.Party();
        var issued = await market.Admin.PostJson($"parties/{party.Id}/keys", new { roles = new[] { "member" }, person = "second" }).Json(201);
        var second = market.Client(issued.Text("key"));
        await second.GetJson("contracts");
        using (var revoked = await market.Admin.DeleteAsync($"keys/{issued.Text("id")}"))
        {
            Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        }

        await second.GetAsync("contracts").AssertProblem(401, "unauthenticated");
        await party.Client.GetJson("contracts");
    }

    [Test]
    public async Task A_key_is_stored_as_a_hash_only()
    {
        var party = await market.Party();
        var key = await market.Key(party.Id, ["member"], "a");
        Assert.That(key, Does.Match("^tm_[A-Za-z0-9_-]{43}$"));
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM api_keys WHERE key_hash = @key", new { key }), Is.Zero);
        Assert.That(await market.Key(party.Id, ["member"], "a"), Is.Not.EqualTo(key));
    }

    [Test]
    public async Task A_role_that_is_missing_is_named()
    {
        foreach (var operation in Operation.Of(market).Where(operation => operation.Roles.Length > 0))
        {
            foreach (var role in Roles.All.Except(operation.Roles))
            {
                var problem = await (await market.As(role)).Send(new(operation.Method), operation.Address).AssertProblem(403, "forbidden");
                Assert.That(problem.Texts("requiredRoles"), Is.EquivalentTo(operation.Roles), $"{operation} as {role}");
                Assert.That(problem.Text("detail"), Does.Contain(LifecycleLabels.OfCapacity(operation.Roles[0]).En));
            }
        }
    }

    [Test]
    public async Task What_is_visible_but_anothers_to_do_is_403_naming_who_may()
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var demand = await market.PublishedDemand(owner);
        var pause = await other.Client.Act($"demands/{demand}/pause").AssertProblem(403, "forbidden");
        Assert.That(pause.Texts("requiredRoles"), Is.EqualTo(new[] { "owner" }));
        await other.Client.PatchJson($"demands/{demand}", new { title = "b" }, "*").AssertProblem(403, "forbidden");
        var publish = await owner.Client.Act($"demands/{demand}/publish").AssertProblem(403, "forbidden");
        Assert.That(publish.Texts("requiredRoles"), Is.EqualTo(new[] { "moderator" }));
        var contract = await market.SubmittedContract();
        var recognise = await contract.Seller.Client.PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody()).AssertProblem(403, "forbidden");
        Assert.That(recognise.Texts("requiredRoles"), Is.EqualTo(new[] { "registrar" }));
        var expert = await market.Party("expert");
        await expert.Client.PostJson("demands", Market.DemandBody()).AssertProblem(403, "forbidden");
    }

    [Test]
    public async Task What_is_hidden_answers_as_what_does_not_exist()
    {
        var (owner, outsider) = (await market.Party(), await market.Party("university"));
        var (demand, contract, introduction) = (await owner.Demand(), await market.DraftContract(owner), await market.MutualIntroduction(owner));
        foreach (var (hidden, unknown) in new[]
        {
            ($"demands/{demand}", "demands/dem_00000000000000000000000000"),
            ($"contracts/{contract.Id}", "contracts/con_00000000000000000000000000"),
            ($"introductions/{introduction.Id}", "introductions/itr_00000000000000000000000000"),
        })
        {
            await owner.Client.GetJson(hidden);
            foreach (var operation in Operation.Of(market).Where(o => o.Route.StartsWith($"/api/v1/{hidden.Split('/')[0]}/{{id}}", StringComparison.Ordinal)))
            {
                var rest = operation.Route[(operation.Route.IndexOf('}', StringComparison.Ordinal) + 1)..];
                var (one, two) = (await Ask(operation, hidden + rest), await Ask(operation, unknown + rest));
                Assert.That(one, Is.EqualTo(two), operation.ToString());
                Assert.That(one, Does.StartWith("404 "), operation.ToString());
            }
        }

        async Task<string> Ask(Operation operation, string address)
        {
            object body = operation.Route.EndsWith("/decline", StringComparison.Ordinal) ? new { reason = "other" }
                : operation.Route.EndsWith("/recognise", StringComparison.Ordinal) ? market.RecognitionBody()
                : operation.Route.EndsWith("/record-recognition", StringComparison.Ordinal) ? market.RecognitionBody(new { office = "a" })
                : operation.Route.EndsWith("/record-opinion", StringComparison.Ordinal) ? new { expert = "a", text = "a" }
                : operation.Route.EndsWith("/payments", StringComparison.Ordinal) && operation.Method == "POST" ? new { amount = 1, paidOn = "2026-01-01", reference = "a" }
                : operation.RequiresBody && operation.TakesJson ? new { reason = "a" } : new { };
            using var response = await outsider.Client.Send(
                new(operation.Method), address, operation.BodyType is { } type ? Requests.Content(body, type) : null, null, operation.Method == "PATCH" ? "*" : null);
            var problem = await response.Content.ReadAsStringAsync();
            var members = JsonDocument.Parse(problem).RootElement.EnumerateObject().Where(member => member.Name is not ("requestId" or "instance"));
            return $"{(int)response.StatusCode} {string.Join(", ", members)} {response.Headers.ETag}";
        }
    }

    [Test]
    public async Task What_is_confidential_reaches_its_owner_and_mutual_introductions_alone()
    {
        var (enterprise, university, broker) = (await market.Party(), await market.Party("university"), await market.Party("broker"));
        var secret = $"机密{Guid.NewGuid():n}";
        var (demand, achievement) = (
            await market.PublishedDemand(enterprise, new { confidential = secret }), await market.PublishedAchievement(university, new { confidential = secret }));
        var made = await broker.Client.PostJson("introductions", new { demand, achievement, message = "a" }).Json(201);
        string[] addresses =
        [
            $"demands/{demand}", $"achievements/{achievement}", $"demands?owner={enterprise.Id}", $"achievements?owner={university.Id}",
            $"demands?q={secret}", $"demands?q=提锂&owner={enterprise.Id}", $"demands/{demand}/matches?limit=100", $"achievements/{achievement}/matches?limit=100",
        ];
        string[] keyed = [$"introductions/{made.Text("id")}", "introductions", "events?limit=100", $"parties/{enterprise.Id}", "parties?limit=100"];
        var outsiders = new List<HttpClient> { (await market.Party()).Client, broker.Client };
        foreach (var role in Roles.All)
        {
            outsiders.Add(await market.As(role));
        }

        await Hidden(market.Anonymous, addresses);
        foreach (var outsider in outsiders)
        {
            await Hidden(outsider, [.. addresses, .. keyed]);
        }

        await Hidden(university.Client, [$"demands/{demand}"]);
        Assert.That((await enterprise.Client.GetJson($"demands/{demand}")).Text("confidential"), Is.EqualTo(secret));
        await enterprise.Client.Act($"introductions/{made.Text("id")}/accept").Json();
        await Hidden(university.Client, [$"demands/{demand}"]);
        await university.Client.Act($"introductions/{made.Text("id")}/accept").Json();
        Assert.That((await university.Client.GetJson($"demands/{demand}")).Text("confidential"), Is.EqualTo(secret));
        Assert.That((await enterprise.Client.GetJson($"achievements/{achievement}")).Text("confidential"), Is.EqualTo(secret));
        foreach (var outsider in outsiders)
        {
            await Hidden(outsider, [.. addresses, .. keyed]);
        }

        async Task Hidden(HttpClient caller, string[] from)
        {
            foreach (var address in from)
            {
                using var response = await caller.GetAsync(address);
                Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain(secret), address);
            }
        }
    }

    [Test]
    public async Task A_contact_is_for_its_own_party_and_for_mutual_introductions()
    {
        var introduction = await market.MutualIntroduction();
        var (one, other, outsider) = (introduction.DemandSide, introduction.AchievementSide, await market.Party());
        Assert.That((await one.Client.GetJson($"parties/{one.Id}")).Has("contact"), Is.True);
        Assert.That((await other.Client.GetJson($"parties/{one.Id}")).Has("contact"), Is.True);
        Assert.That((await outsider.Client.GetJson($"parties/{one.Id}")).Has("contact"), Is.False);
        foreach (var role in new[] { "moderator", "auditor", "registrar" })
        {
            var official = await market.As(role);
            Assert.That((await official.GetJson($"parties/{one.Id}")).Has("contact"), Is.False, role);
            Assert.That((await official.GetAsync($"introductions/{introduction.Id}").ContinueWith(t => t.Result.Content.ReadAsStringAsync()).Unwrap()), Does.Not.Contain("0971"), role);
        }

        var sides = (await one.Client.GetJson($"introductions/{introduction.Id}")).GetProperty("sides").EnumerateArray();
        Assert.That(sides.Select(side => side.GetProperty("contact").Text("phone")), Is.All.StartsWith("0971"));
    }

    [Test]
    public async Task An_auditor_reads_all_but_drafts_and_writes_nothing()
    {
        var auditor = await market.As("auditor");
        var party = await market.Party();
        var (draft, submitted) = (await party.Demand(), await party.Demand());
        await party.Client.Act($"demands/{submitted}/submit").Json();
        var contract = await market.SignedContract(party);
        await auditor.GetJson($"demands/{submitted}");
        await auditor.GetJson($"contracts/{contract.Id}");
        await auditor.GetAsync($"demands/{draft}").AssertProblem(404, "not-found");
        foreach (var operation in Operation.Of(market).Where(operation => operation.Writes))
        {
            var address = operation.Address.Replace("dem_00000000000000000000000000", submitted, StringComparison.Ordinal).Replace("con_00000000000000000000000000", contract.Id, StringComparison.Ordinal);
            using var response = await auditor.Send(new(operation.Method), address, operation.BodyType is { } type ? Requests.Content("{}", type) : null, null, operation.Method == "PATCH" ? "*" : null);
            Assert.That((int)response.StatusCode, Is.AnyOf(400, 403, 404), operation.ToString());
        }
    }
}
