using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Marketplace.Api.Tests;

/// <summary>Rows E5 to E7: what the server refuses before or beside the body, and what it says when something breaks.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RefusalTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task An_impossible_action_names_the_state_and_what_is_possible()
    {
        var party = await market.Party();
        var id = await party.Demand();
        var problem = await party.Client.Act($"demands/{id}/pause").AssertProblem(409, "invalid-transition");
        Assert.That(problem.Text("currentState"), Is.EqualTo("draft"));
        Assert.That(problem.Texts("availableActions"), Is.EquivalentTo(new[] { "submit", "withdraw" }));
        Assert.That((await party.Client.GetJson($"demands/{id}")).Text("state"), Is.EqualTo("draft"));
    }

    [TestCase("GET", "no-such-thing")]
    [TestCase("POST", "demands/dem_00000000000000000000000000/dance")]
    [TestCase("GET", "/nothing/here")]
    [TestCase("GET", "/problems/no-such-code")]
    [TestCase("DELETE", "/api")]
    public Task An_unknown_address_is_not_found(string method, string address) =>
        market.Anonymous.Send(new(method), address).AssertProblem(404, "not-found");

    [Test]
    public async Task A_method_that_an_address_does_not_take_is_refused_with_those_it_takes()
    {
        var caller = await market.InEveryRole();
        var operations = Operation.Of(market);
        foreach (var address in operations.Select(operation => operation.Address).Distinct())
        {
            var allowed = operations.Where(operation => operation.Covers(address)).Select(operation => operation.Method).ToArray();
            foreach (var method in new[] { "GET", "POST", "PUT", "PATCH", "DELETE" }.Except(allowed))
            {
                await caller.Send(new(method), address).AssertProblem(405, "method-not-allowed");
                using var response = await caller.Send(new(method), address);
                Assert.That(response.Content.Headers.Allow, Is.EquivalentTo(allowed.Contains("GET") ? allowed.Append("HEAD") : allowed), $"{method} {address}");
            }
        }
    }

    [Test]
    public async Task A_format_that_cannot_be_answered_is_refused_everywhere()
    {
        var caller = await market.InEveryRole();
        foreach (var operation in Operation.Of(market))
        {
            await caller.Send(new(operation.Method), operation.Address, headers: ("Accept", "application/pdf")).AssertProblem(406, "not-acceptable");
            await caller.Send(new(operation.Method), operation.Address, headers: ("Accept", "application/json;q=0, application/x-ndjson;q=0")).AssertProblem(406, "not-acceptable");
        }
    }

    [TestCase("*/*")]
    [TestCase("application/*")]
    [TestCase("text/html, application/xhtml+xml, */*;q=0.8")]
    [TestCase("application/problem+json, application/json")]
    public async Task A_format_that_covers_json_is_answered(string accept) =>
        await market.Anonymous.Send(HttpMethod.Get, "demands", headers: ("Accept", accept)).Json();

    [Test]
    public async Task A_body_of_another_media_type_is_refused_everywhere()
    {
        var caller = await market.InEveryRole();
        var party = await market.Party();
        foreach (var operation in Operation.Of(market).Where(operation => operation.BodyType is not null))
        {
            foreach (var type in new[] { "text/plain", "application/xml", "multipart/form-data; boundary=x" })
            {
                using var content = new StringContent("{}");
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
                await caller.Send(new(operation.Method), operation.Address, content).AssertProblem(415, "unsupported-media-type");
            }
        }

        var id = await party.Demand();
        await party.Client.Send(HttpMethod.Patch, $"demands/{id}", Requests.Content("{}"), null, "*").AssertProblem(415, "unsupported-media-type");
        using var untyped = new ByteArrayContent("{}"u8.ToArray());
        await party.Client.Send(HttpMethod.Post, "demands", untyped).AssertProblem(415, "unsupported-media-type");
    }

    [TestCase(true, TestName = "A_body_over_1_MiB_is_refused_everywhere_when_its_length_is_declared")]
    [TestCase(false, TestName = "A_body_over_1_MiB_is_refused_everywhere_when_it_comes_in_chunks")]
    public async Task A_body_over_1_MiB_is_refused_everywhere(bool declared)
    {
        var caller = await market.InEveryRole();
        var large = Requests.Content(new { title = new string('a', 1 << 20) }).ReadAsByteArrayAsync().Result;
        foreach (var operation in Operation.Of(market).Where(operation => operation.TakesJson))
        {
            using var request = new HttpRequestMessage(new(operation.Method), operation.Address);
            request.Content = new ByteArrayContent(large) { Headers = { ContentType = new("application/json") } };
            request.Headers.TransferEncodingChunked = !declared;
            // Without it the server would answer and close while the client still sends.
            request.Headers.ExpectContinue = declared;
            await caller.SendAsync(request).AssertProblem(413, "body-too-large");
        }
    }

    [Test]
    public async Task A_body_of_1_MiB_is_read()
    {
        var party = await market.Party();
        var body = Market.DemandBody(new { keywords = new[] { "" } }).ToJsonString();
        var filled = body.Replace("\"keywords\":[\"\"]", $"\"keywords\":[\"{new string('a', (1 << 20) - System.Text.Encoding.UTF8.GetByteCount(body))}\"]", StringComparison.Ordinal);
        Assert.That(System.Text.Encoding.UTF8.GetByteCount(filled), Is.EqualTo(1 << 20));
        await party.Client.PostJson("demands", filled).Json(201);
    }

    [Test]
    public async Task What_breaks_inside_shows_nothing_of_the_inside_and_is_logged_under_its_request_id()
    {
        await using var broken = await Market.Apart(database);
        var (enterprise, university) = (await broken.Party(), await broken.Party("university"));
        var (demand, achievement) = (await broken.PublishedDemand(enterprise), await broken.PublishedAchievement(university));
        await broken.Database.Execute("DROP TABLE introductions");
        JsonElement[] problems =
        [
            await enterprise.Client.GetAsync("introductions").AssertProblem(500, "internal-error"),
            await enterprise.Client.PostJson("introductions", new { demand, achievement, message = "a" }).AssertProblem(500, "internal-error"),
            await enterprise.Client.PostJson("introductions", new { demand, achievement, message = "a" }, Guid.NewGuid().ToString()).AssertProblem(500, "internal-error"),
        ];
        foreach (var problem in problems)
        {
            Assert.That(problem.EnumerateObject().Select(m => m.Name), Is.EquivalentTo(new[] { "type", "title", "status", "detail", "instance", "code", "requestId" }));
            Assert.That(problem.GetRawText(), Does.Not.Contain("SELECT").And.Not.Contain("Sqlite").And.Not.Contain("Npgsql").And.Not.Contain("Marketplace.").And.Not.Contain(" at "));
            var logged = broken.Log.Entries.Single(entry => entry.Level == LogLevel.Error && entry.Text.Contains(problem.Text("requestId"), StringComparison.Ordinal));
            Assert.That(logged.Error, Is.Not.Null);
        }
    }

    [Test]
    public async Task Every_answer_carries_a_request_id_of_its_own()
    {
        using var one = await market.Anonymous.GetAsync("demands");
        using var two = await market.Anonymous.GetAsync("demands");
        Assert.That(one.Headers.GetValues("X-Request-Id").Single(), Is.Not.EqualTo(two.Headers.GetValues("X-Request-Id").Single()));
        Assert.That(one.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }
}
