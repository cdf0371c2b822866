namespace Marketplace.Api.Tests.Contracts;

/// <summary>A refusal is appealed against and reviewed by somebody else, once; and who took which step is on record.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ReviewTests(Database database)
{
    readonly Market market = Market.On(database);

    HttpClient registrar = null!;
    HttpClient second = null!;

    [OneTimeSetUp]
    public async Task Make_the_registrars() => (registrar, second) = (await market.As("registrar"), await market.SecondRegistrar());

    [Test]
    public async Task Whoever_refused_does_not_decide_on_the_appeal()
    {
        var address = await Appealed();
        foreach (var (action, body) in new (string, object)[] { ("recognise", market.RecognitionBody()), ("refuse", new { reason = "仍不符" }) })
        {
            var problem = await registrar.PostJson($"{address}/{action}", body).AssertProblem(403, "separation-of-duty");
            Assert.That(problem.Text("detail"), Does.Contain("the registrar"));
        }

        Assert.That((await second.PostJson($"{address}/recognise", market.RecognitionBody()).Json()).Text("state"), Is.EqualTo("recognised"));
    }

    [Test]
    public async Task A_refusal_in_the_review_is_final_until_the_terms_are_amended()
    {
        var contract = await market.SubmittedContract();
        var address = await Appealed(contract);
        var refused = await second.PostJson($"{address}/refuse", new { reason = "维持原决定" }).Json();
        Assert.That((refused.Text("state"), refused.Text("recognitionState"), refused.Text("reason")), Is.EqualTo(("refused", "reviewed", "维持原决定")));
        await contract.Seller.Client.PostJson($"{address}/appeal", new { reason = "再申请" }).AssertProblem(409, "invalid-transition");
        await contract.Seller.Client.Act($"{address}/amend").Json();
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await contract.Seller.Client.Act($"{address}/sign").Json();
        await contract.Seller.Client.Act($"{address}/submit").Json();
        await registrar.PostJson($"{address}/recognise", market.RecognitionBody()).Json();
    }

    [Test]
    public async Task Only_the_registrant_appeals_and_says_why()
    {
        var contract = await market.SubmittedContract();
        var address = $"contracts/{contract.Id}";
        await registrar.PostJson($"{address}/refuse", new { reason = "不属于技术合同" }).Json();
        await contract.Seller.Client.PostJson($"{address}/appeal", new { }).AssertProblem(400, "validation-failed", "/reason");
        await contract.Buyer.Client.PostJson($"{address}/appeal", new { reason = "不服" }).AssertProblem(403, "forbidden");
        var seen = await contract.Seller.Client.PostJson($"{address}/appeal", new { reason = "不服" }).Json();
        Assert.That((seen.Text("state"), seen.Text("reason")), Is.EqualTo(("appealed", "不服")));
    }

    [Test]
    public async Task Every_step_is_on_record_with_its_person_whom_officials_see()
    {
        var contract = await market.SubmittedContract();
        var address = await Appealed(contract);
        await second.PostJson($"{address}/recognise", market.RecognitionBody(new { number = "X-1-" + Guid.NewGuid().ToString("n")[..20] })).Json();
        var auditor = await (await market.As("auditor")).GetJson($"{address}/steps?limit=100");
        var steps = auditor.GetProperty("data").EnumerateArray().ToList();
        Assert.That(steps.Select(step => step.Text("step")), Is.EqualTo(new[] { "create", "sign", "sign", "submit", "refuse", "appeal", "recognise" }));
        Assert.That(steps.Select(step => step.GetProperty("version").GetInt32()), Is.EqualTo(Enumerable.Range(1, 7)));
        Assert.That(steps[4].Text("person"), Is.EqualTo("the registrar"));
        Assert.That(steps[6].Text("person"), Is.Not.EqualTo("the registrar"));
        Assert.That(steps[4].GetProperty("content").Text("reason"), Is.EqualTo("不属于技术合同"));
        Assert.That(steps[6].GetProperty("content").Text("number"), Does.StartWith("X-1-"));

        var own = (await contract.Seller.Client.GetJson($"{address}/steps?limit=100")).GetProperty("data").EnumerateArray().ToList();
        Assert.That(own[2].Text("person"), Does.StartWith("person"), "the seller's own signatory");
        Assert.That(own[4].Has("person"), Is.False, "an official's name is the officials'");
        await (await market.Party()).Client.GetAsync($"{address}/steps").AssertProblem(404, "not-found");
    }

    [Test]
    public async Task Steps_are_read_page_by_page()
    {
        var contract = await market.SubmittedContract();
        var (seen, address) = (new List<string>(), $"contracts/{contract.Id}/steps?limit=3");
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await contract.Buyer.Client.GetJson(address + (cursor.Length == 0 ? "" : $"&cursor={cursor}"));
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(step => step.Text("step")));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.That(seen, Is.EqualTo(new[] { "create", "sign", "sign", "submit" }));
    }

    async Task<string> Appealed(TestContract? contract = null)
    {
        contract ??= await market.SubmittedContract();
        var address = $"contracts/{contract.Id}";
        await registrar.PostJson($"{address}/refuse", new { reason = "不属于技术合同" }).Json();
        await contract.Seller.Client.PostJson($"{address}/appeal", new { reason = "请复核" }).Json();
        return address;
    }
}
