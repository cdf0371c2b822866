using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>What the register takes only for a reason, marks, or does not take at all.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RegisterTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task The_identical_contract_is_recognised_again_only_for_a_reason_that_everybody_who_decides_can_read()
    {
        var (buyer, seller, registrar) = (await market.Party(), await market.Party("university"), await market.As("registrar"));
        var same = new { title = "光伏 P1 转让", project = "光伏P1" };
        var first = await market.RecognisedContract(buyer, seller, same);
        var second = await market.SubmittedContract(buyer, seller, new { title = "光伏Ｐ1转让。", project = " 光伏p1" });
        var address = $"contracts/{second.Id}";
        var before = await market.Database.Scalar<long>("SELECT last_sequence FROM event_head");
        Assert.That(await Similar(registrar, second), Is.EqualTo(new[] { (first.Id, "identical") }));
        var refused = await registrar.PostJson($"{address}/recognise", market.RecognitionBody()).AssertProblem(422, "identical-contract", "/reason");
        Assert.That(refused.Text("detail"), Does.Contain(first.Id));
        await registrar.PostJson($"{address}/record-recognition", new { number = $"Z{Guid.NewGuid():n}"[..30], recognisedOn = market.Today.Iso(), office = "别处" })
            .AssertProblem(422, "identical-contract", "/reason");
        var recognised = await registrar.PostJson($"{address}/recognise", market.RecognitionBody(new { reason = "第二批，另签" })).Json();
        Assert.That((recognised.Text("state"), recognised.Text("reason")), Is.EqualTo(("recognised", "第二批，另签")));
        foreach (var role in new[] { "registrar", "reviewer", "auditor" })
        {
            Assert.That(await Similar(await market.As(role), second), Is.EqualTo(new[] { (first.Id, "identical") }));
            Assert.That(await Similar(await market.As(role), first), Is.EqualTo(new[] { (second.Id, "identical") }));
        }

        Assert.That((await buyer.Client.GetJson(address)).Has("similar"), Is.False);
        var step = (await registrar.GetJson($"{address}/steps?limit=100")).GetProperty("data").EnumerateArray().Single(s => s.Text("step") == "recognise");
        Assert.That(step.GetProperty("content").Text("reason"), Is.EqualTo("第二批，另签"));
        var auditor = await market.As("auditor");
        await Eventually.Holds(async () => (await auditor.GetJson($"events?types=contract.recognised&limit=100&after={before}")).GetProperty("data").EnumerateArray()
            .Any(e => e.Text("subject") == second.Id && e.GetProperty("data").Has("identical") && e.GetProperty("data").Text("reason") == "第二批，另签"), "the event says so");

        // Another one of anything that tells contracts apart is no twin; nor is one whose twin was struck off.
        var other = new { title = "光伏 P1 转让", project = "光伏P1", amount = 1000000.01m };
        await market.RecognisedContract(buyer, seller, other);
        await market.RecognisedContract(buyer, await market.Party("university"), same);
        await market.RecognisedContract(buyer, seller, new { same.title, project = "光伏P2" });
        foreach (var id in new[] { first.Id, second.Id })
        {
            await registrar.PostJson($"contracts/{id}/deregister", new { reason = "注销" }).Json();
        }

        await market.RecognisedContract(buyer, seller, same);
    }

    [Test]
    public async Task Of_identical_contracts_that_are_recognised_at_once_one_needs_no_reason()
    {
        var (buyer, seller, registrar) = (await market.Party(), await market.Party("university"), await market.As("registrar"));
        var contracts = new List<TestContract>();
        for (var i = 0; i < 4; i++)
        {
            contracts.Add(await market.SubmittedContract(buyer, seller, new { title = "同一合同" }));
        }

        var answers = await Task.WhenAll(contracts.Select(contract => registrar.PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody())));
        Assert.That(answers.Select(answer => (int)answer.StatusCode).Order(), Is.EqualTo(new[] { 200, 422, 422, 422 }));
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
        {
            await Task.FromResult(refused).AssertProblem(422, "identical-contract", "/reason");
        }
    }

    [Test]
    public async Task Registration_numbers_are_compared_without_regard_to_case()
    {
        var number = $"Qh-{Guid.NewGuid():n}"[..30];
        await market.RecognisedContract(recognition: new { number });
        var second = await market.SubmittedContract();
        await (await market.As("registrar")).PostJson($"contracts/{second.Id}/recognise", market.RecognitionBody(new { number = number.ToUpperInvariant() }))
            .AssertProblem(409, "already-exists", "/number");
    }

    [Test]
    public async Task A_recognition_of_a_day_before_the_submission_is_marked_wherever_it_counts()
    {
        var yesterday = new { recognisedOn = market.Today.AddDays(-1).Iso() };
        var buyer = await market.Party();
        var contract = await market.RecognisedContract(buyer, change: new { signedOn = market.Today.AddDays(-30).Iso() }, recognition: yesterday);
        var seen = await buyer.Client.GetJson($"contracts/{contract.Id}");
        Assert.That(seen.GetProperty("recognition").GetProperty("backdated").GetBoolean(), Is.True);
        var claim = await market.SubmittedClaim(contract);
        Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}")).GetProperty("backdated").GetBoolean(), Is.True);
        var dossier = await buyer.Client.GetJson($"contracts/{contract.Id}/dossier");
        var links = dossier.GetProperty("links").EnumerateArray().ToList();
        Assert.That(links.Single(link => link.Text("kind") == "terms").GetProperty("content").GetProperty("recognition").GetProperty("backdated").GetBoolean(), Is.True);
        Assert.That(links.Where(link => link.Text("kind") == "event" && link.GetProperty("content").Text("type") == "contract.recognised")
            .Select(link => link.GetProperty("content").GetProperty("data").GetProperty("backdated").GetBoolean()), Is.EqualTo(new[] { true }));

        var plain = await market.SubmittedClaim();
        Assert.That((await plain.Claimant.GetJson($"claims/{plain.Id}")).GetProperty("backdated").GetBoolean(), Is.False);
        Assert.That((await plain.Claimant.GetJson($"contracts/{plain.Contract.Id}")).GetProperty("recognition").GetProperty("backdated").GetBoolean(), Is.False);
    }

    [TestCase("signedOn", "1979-12-31", "date-implausible")]
    [TestCase("signedOn", "0001-01-01", "date-implausible")]
    [TestCase("signedOn", "9999-12-31", "date-in-future")]
    [TestCase("signedOn", "+1", "date-in-future")]
    [TestCase("startsOn", "1979-12-31", "date-implausible")]
    [TestCase("startsOn", "2201-01-01", "date-implausible")]
    [TestCase("endsOn", "1979-12-31", "date-implausible")]
    [TestCase("endsOn", "9999-12-31", "date-implausible")]
    public async Task A_date_that_cannot_be_right_is_refused_where_it_stands(string member, string day, string code)
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        day = day == "+1" ? market.Today.AddDays(1).Iso() : day;
        var body = market.ContractBody(buyer, seller, new JsonObject { [member] = day });
        await buyer.Client.PostJson("contracts", body).AssertProblem(422, code, $"/{member}");
        var draft = await market.DraftContract(buyer, seller, new { signedOn = "1980-01-01", endsOn = "2200-12-31" });
        var address = $"contracts/{draft.Id}";
        await buyer.Client.PatchJson(address, new JsonObject { [member] = day }, await buyer.Client.ETag(address)).AssertProblem(422, code, $"/{member}");
    }

    static async Task<IEnumerable<(string, string)>> Similar(HttpClient reader, TestContract contract) =>
        [.. (await reader.GetJson($"contracts/{contract.Id}")).GetProperty("similar").EnumerateArray().Select(found => (found.Text("contract"), found.Text("because")))];
}
