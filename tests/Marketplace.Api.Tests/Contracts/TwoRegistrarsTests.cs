using Marketplace.Api.Tests.Data;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>Where the market asks for it, a large or disputed contract needs an expert opinion and two registrars who approve the same.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class TwoRegistrarsTests(Database database)
{
    Market market = null!;
    HttpClient registrar = null!;
    HttpClient second = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        market = await Market.Apart(database, host => host.ConfigureAppConfiguration((_, configuration) => configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Marketplace:Recognition:TwoRegistrars"] = "true", ["Marketplace:Recognition:StrictNumbers"] = "true" })));
        (registrar, second) = (await market.As("registrar"), await market.SecondRegistrar());
    }

    [OneTimeTearDown]
    public async Task Stop() => await market.DisposeAsync();

    [Test]
    public async Task The_first_registrar_proposes_and_the_second_who_sends_the_same_makes_it_so()
    {
        var address = await Opined(await market.SubmittedContract(change: new { amount = 5000000 }));
        var body = Body();
        var proposed = await registrar.PostJson($"{address}/recognise", body).Json();
        Assert.That((proposed.Text("state"), proposed.GetProperty("proposal").Text("by")), Is.EqualTo(("submitted", "the registrar")));
        Assert.That(proposed.Has("dueAt"), Is.True, "the period runs on");
        Assert.That((await registrar.PostJson($"{address}/recognise", body).Json()).Text("state"), Is.EqualTo("submitted"), "the same person twice is one person");

        var differs = await second.PostJson($"{address}/recognise", Body()).AssertProblem(422, "proposal-differs");
        Assert.That(differs.Text("detail"), Does.Contain("the registrar"));
        var recognised = await second.PostJson($"{address}/recognise", body).Json();
        Assert.That((recognised.Text("state"), recognised.Has("proposal")), Is.EqualTo(("recognised", false)));
        Assert.That(recognised.GetProperty("recognition").Text("number"), Is.EqualTo(body["number"]!.GetValue<string>()));
    }

    [Test]
    public async Task Nobody_recognises_a_large_contract_before_an_expert_has_spoken()
    {
        var contract = await market.SubmittedContract(change: new { amount = 5000000 });
        var address = $"contracts/{contract.Id}";
        await registrar.PostJson($"{address}/recognise", Body()).AssertProblem(422, "opinion-required");
        await contract.Seller.Client.PostJson($"{address}/record-opinion", new { expert = "李工", text = "属于技术开发" }).AssertProblem(403, "forbidden");
        await registrar.PostJson($"{address}/record-opinion", new { expert = "李工", party = "pty_00000000000000000000000000", text = "属于技术开发" })
            .AssertProblem(422, "unknown-reference", "/party");
        await Opined(contract);
        await registrar.PostJson($"{address}/recognise", Body()).Json();
        var steps = (await registrar.GetJson($"{address}/steps")).GetProperty("data").EnumerateArray().ToList();
        Assert.That(steps.Single(step => step.Text("step") == "record-opinion").GetProperty("content").Text("expert"), Is.EqualTo("李工"));
    }

    [Test]
    public async Task A_smaller_contract_needs_one_registrar_unless_it_is_disputed()
    {
        var small = await market.SubmittedContract(change: new { amount = 9000000, technologyAmount = 4999999.99m });
        Assert.That((await registrar.PostJson($"contracts/{small.Id}/recognise", Body()).Json()).Text("state"), Is.EqualTo("recognised"));
        var disputed = await market.SubmittedContract();
        await registrar.PostJson($"contracts/{disputed.Id}/dispute", new { reason = "性质有争议" }).Json();
        await registrar.PostJson($"contracts/{disputed.Id}/recognise", Body()).AssertProblem(422, "opinion-required");
    }

    [Test]
    public async Task A_proposal_ends_with_another_decision()
    {
        var contract = await market.SubmittedContract(change: new { amount = 5000000 });
        var (address, body) = (await Opined(contract), Body());
        await registrar.PostJson($"{address}/recognise", body).Json();
        await registrar.PostJson($"{address}/request-supplement", new { reason = "缺附件" }).Json();
        Assert.That((await contract.Seller.Client.Act($"{address}/submit").Json()).Has("proposal"), Is.False);
        Assert.That((await second.PostJson($"{address}/recognise", body).Json()).Text("state"), Is.EqualTo("submitted"), "the second is the first now");
    }

    [Test]
    public async Task A_proposal_that_another_registrar_refused_does_not_count_in_the_review()
    {
        var contract = await market.SubmittedContract(change: new { amount = 5000000 });
        var (address, body) = (await Opined(contract), Body());
        await registrar.PostJson($"{address}/recognise", body).Json();
        await second.PostJson($"{address}/refuse", new { reason = "不符" }).Json();
        await contract.Seller.Client.PostJson($"{address}/appeal", new { reason = "不服" }).Json();
        var third = await market.SecondRegistrar();
        Assert.That((await third.PostJson($"{address}/recognise", body).Json()).Text("state"), Is.EqualTo("appealed"));
        Assert.That((await registrar.PostJson($"{address}/recognise", body).Json()).Text("state"), Is.EqualTo("recognised"));
    }

    [Test]
    public async Task In_a_review_two_others_than_the_one_who_refused_approve()
    {
        var contract = await market.SubmittedContract(change: new { amount = 5000000 });
        var (address, body) = (await Opined(contract), Body());
        await registrar.PostJson($"{address}/refuse", new { reason = "不符" }).Json();
        await contract.Seller.Client.PostJson($"{address}/appeal", new { reason = "不服" }).Json();
        Assert.That((await second.PostJson($"{address}/recognise", body).Json()).Text("state"), Is.EqualTo("appealed"));
        await registrar.PostJson($"{address}/recognise", body).AssertProblem(403, "separation-of-duty");
        Assert.That((await (await market.SecondRegistrar()).PostJson($"{address}/recognise", body).Json()).Text("state"), Is.EqualTo("recognised"));
    }

    [Test]
    public async Task Of_sixty_four_registrars_at_once_one_proposes_and_one_makes_it_so()
    {
        var others = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => market.SecondRegistrar()));
        for (var round = 0; round < Races.Rounds / 4; round++)
        {
            var contract = await market.SubmittedContract(change: new { amount = 5000000 });
            var (address, body) = (await Opined(contract), Body());
            var answers = await Races.Run(64, i => others[i % 4].PostJson($"{address}/recognise", body));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).Distinct(), Is.SubsetOf(new[] { "invalid-transition" }));
            var persons = await market.Database.Scalar<int>(
                "SELECT COUNT(*) FROM contracts WHERE id = @id AND state = 'recognised' AND proposed_by <> recognised_by", new { id = contract.Id });
            Assert.That(persons, Is.EqualTo(1), "two persons, who differ");
        }
    }

    [Test]
    public async Task A_number_that_has_no_form_in_force_is_refused_where_the_market_is_strict()
    {
        var contract = await market.SubmittedContract();
        var problem = await registrar.PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody(new { number = "2026-6301-1" }))
            .AssertProblem(422, "number-form", "/number");
        Assert.That(problem.Text("detail"), Does.Contain("2026-6301-1").And.Contain(market.Today.Iso()));
        await registrar.PostJson($"contracts/{contract.Id}/recognise", Body()).Json();
    }

    System.Text.Json.Nodes.JsonObject Body() => market.RecognitionBody(new { number = $"{market.Today.Year}620100{Interlocked.Increment(ref _serial):000000}" });

    int _serial;

    async Task<string> Opined(TestContract contract)
    {
        await registrar.PostJson($"contracts/{contract.Id}/record-opinion", new { expert = "李工", text = "属于技术开发，技术交易额合理。" }).Json();
        return $"contracts/{contract.Id}";
    }
}
