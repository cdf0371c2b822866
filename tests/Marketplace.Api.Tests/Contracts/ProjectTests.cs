namespace Marketplace.Api.Tests.Contracts;

/// <summary>By which name a project counts, whoever spells it how.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ProjectTests(Database database)
{
    static readonly string[] Spellings =
        ["光伏P1", "光伏p1", "光伏Ｐ１", "光伏P1 ", " 光伏P1", "光伏\u200bP1", "光伏 P1", "光伏P1。", "光伏P1\ufe0f"];

    readonly Market market = Market.On(database);

    [Test]
    public async Task Nine_spellings_of_a_project_share_its_one_cap()
    {
        var (buyer, broker) = (await market.Party(), await market.Party("broker"));
        var sums = new List<decimal>();
        foreach (var spelling in Spellings)
        {
            var contract = await market.RecognisedContract(buyer, change: Brokered(broker, spelling, 8_000_000));
            using var claimed = await broker.Client.PostJson("claims", new { contract = contract.Id, award = "broker" }, Market.NewKey());
            if (claimed.IsSuccessStatusCode)
            {
                sums.Add((await claimed.Json(201)).GetProperty("amount").GetDecimal());
            }
            else
            {
                await Task.FromResult(claimed).AssertProblem(422, "award-not-due", "/award");
            }

            var found = await buyer.Client.GetJson($"contracts?limit=100&project={Uri.EscapeDataString(spelling)}");
            Assert.That(found.GetProperty("data").GetArrayLength(), Is.EqualTo(Array.IndexOf(Spellings, spelling) + 1));
        }

        Assert.That(sums, Is.EqualTo(new[] { 50_000m }));
    }

    [Test]
    public async Task What_a_part_took_is_counted_in_whatever_spelling()
    {
        var (buyer, broker) = (await market.Party(), await market.Party("broker"));
        var one = await market.RecognisedContract(buyer, change: Brokered(broker, "提锂 A", 3_000_000));
        var two = await market.RecognisedContract(buyer, change: Brokered(broker, "提锂ａ！", 3_000_000));
        Assert.That(await Claimed(broker, one), Is.EqualTo(30_000m));
        Assert.That(await Claimed(broker, two), Is.EqualTo(20_000m));
    }

    [TestCase("\u200b")]
    [TestCase("\u3000")]
    public async Task A_name_that_cannot_be_seen_is_none(string name)
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller, new { project = name })).AssertProblem(400, "validation-failed", "/project");
        await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller, new { title = name })).AssertProblem(400, "validation-failed", "/title");
    }

    [Test]
    public async Task A_name_that_is_too_long_in_its_canonical_form_is_refused()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        var project = string.Concat(Enumerable.Repeat("\ufdfa", 150));
        await buyer.Client.PostJson("contracts", market.ContractBody(buyer, seller, new { project })).AssertProblem(400, "validation-failed", "/project");
    }

    [Test]
    public async Task A_project_of_which_something_is_claimed_is_not_renamed_by_an_amendment()
    {
        var (buyer, broker) = (await market.Party(), await market.Party("broker"));
        var first = await market.RecognisedContract(buyer, change: Brokered(broker, "光伏P1", 8_000_000));
        var second = await market.RecognisedContract(buyer, change: Brokered(broker, "光伏P1", 8_000_000));
        await Claimed(broker, first);
        var address = $"contracts/{second.Id}";
        await buyer.Client.PostJson($"{address}/amend", new { reason = "更名" }).Json();
        foreach (var renamed in new[] { "光伏P2", null })
        {
            await buyer.Client.PatchJson(address, new { project = renamed }, await buyer.Client.ETag(address)).AssertProblem(422, "project-is-fixed", "/project");
        }

        await buyer.Client.PatchJson(address, new { project = "光伏 p1" }, await buyer.Client.ETag(address)).Json();
    }

    [Test]
    public async Task A_contract_without_a_project_of_which_something_is_claimed_gets_none()
    {
        var (buyer, broker) = (await market.Party(), await market.Party("broker"));
        var contract = await market.RecognisedContract(buyer, change: Brokered(broker, null, 8_000_000));
        await Claimed(broker, contract);
        var address = $"contracts/{contract.Id}";
        await buyer.Client.PostJson($"{address}/amend", new { reason = "更名" }).Json();
        await buyer.Client.PatchJson(address, new { project = "光伏P2" }, await buyer.Client.ETag(address)).AssertProblem(422, "project-is-fixed", "/project");
    }

    [Test]
    public async Task A_registrar_lets_a_contract_without_a_project_count_by_itself_for_a_reason()
    {
        var registrar = await market.As("registrar");
        var contract = await market.RecognisedContract();
        var address = $"contracts/{contract.Id}";
        Assert.That((await registrar.GetJson(address)).Texts("availableActions"), Does.Contain("separate"));
        await registrar.PostJson($"{address}/separate", new { }).AssertProblem(400, "validation-failed", "/reason");
        await contract.Buyer.Client.PostJson($"{address}/separate", new { reason = "单独" }).AssertProblem(403, "forbidden");
        var separated = await registrar.PostJson($"{address}/separate", new { reason = "与其他合同无关" }).Json();
        Assert.That((separated.GetProperty("separated").GetBoolean(), separated.Texts("availableActions").Contains("separate")), Is.EqualTo((true, false)));
        var auditor = await market.As("auditor");
        await Eventually.Holds(async () => (await auditor.GetJson("events?types=contract.separated&limit=100")).GetProperty("data").EnumerateArray()
            .Any(e => e.Text("subject") == contract.Id && e.GetProperty("data").Text("reason") == "与其他合同无关"), "the event");
        var claim = await market.SubmittedClaim(contract);
        Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}/explanation")).GetProperty("facts").Text("project"), Is.EqualTo(contract.Id));
        var named = await market.RecognisedContract(change: new { project = "有名" });
        await registrar.PostJson($"contracts/{named.Id}/separate", new { reason = "单独" }).AssertProblem(403, "forbidden");
    }

    [TestCase("光伏示范工程", "光伏-示范（工程）", true)]
    [TestCase("光伏示范工程", "光伏示范工程2", true)]
    [TestCase("光伏示范工程", "光优示范工程", true)]
    [TestCase("PV Alpha", "РV Аlрhа", true)]
    [TestCase("Beta", "Βετα", true)]
    [TestCase("光伏示范工程", "风电示范工程", false)]
    [TestCase("甲", "乙", false)]
    public async Task A_near_name_of_the_same_buyer_is_shown_to_registrar_and_reviewer_and_to_nobody_else(string one, string other, bool isNear)
    {
        var buyer = await market.Party();
        var first = await market.SubmittedContract(buyer, change: new { project = one });
        var second = await market.SubmittedContract(buyer, change: new { project = other });
        await market.SubmittedContract(change: new { project = one });
        foreach (var role in new[] { "registrar", "reviewer", "auditor" })
        {
            var similar = (await (await market.As(role)).GetJson($"contracts/{second.Id}")).GetProperty("similar").EnumerateArray()
                .Select(found => (found.Text("contract"), found.Text("because"), found.Text("project")));
            Assert.That(similar, Is.EqualTo(isNear ? [(first.Id, "nearProject", one)] : Array.Empty<(string, string, string)>()));
        }

        foreach (var reader in new[] { buyer.Client, second.Seller.Client, await market.As("payer") })
        {
            Assert.That((await reader.GetJson($"contracts/{second.Id}")).Has("similar"), Is.False);
        }
    }

    static object Brokered(TestParty broker, string? project, decimal amount) =>
        new { project, amount, brokers = new[] { new { party = broker.Id, share = 100 } } };

    static async Task<decimal> Claimed(TestParty broker, TestContract contract) =>
        (await broker.Client.PostJson("claims", new { contract = contract.Id, award = "broker" }, Market.NewKey()).Json(201)).GetProperty("amount").GetDecimal();
}
