using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Api.Tests;

/// <summary>A party with a member key of its own.</summary>
public sealed record TestParty(string Id, string Kind, HttpClient Client)
{
    /// <summary>A draft demand of this party.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> Demand(object? change = null) =>
        (await Client.PostJson("demands", Market.DemandBody(change)).Json(201)).Text("id");

    /// <summary>A draft achievement of this party.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> Achievement(object? change = null) =>
        (await Client.PostJson("achievements", Market.AchievementBody(change)).Json(201)).Text("id");
}

/// <summary>A contract and the clients that act on it.</summary>
public sealed record TestContract(string Id, TestParty Buyer, TestParty Seller);

/// <summary>An introduction and the two sides that it brought together.</summary>
public sealed record TestIntroduction(string Id, string Demand, string Achievement, TestParty DemandSide, TestParty AchievementSide);

// What a test starts from. Each method goes through the API, as anybody would, and fails the test when a step is refused.
public sealed partial class Market
{
    int _parties, _contracts;

    /// <param name="kind">As in the contract: enterprise, university, institute, agency, broker, expert, government.</param>
    /// <param name="region">Six digits; 630102 is a district of Xining.</param>
    /// <param name="park">The industrial park that it belongs to.</param>
    public async Task<TestParty> Party(string kind = "enterprise", string region = "630102", string? park = null)
    {
        var number = Interlocked.Increment(ref _parties);
        var party = await Admin.PostJson("parties", new
        {
            kind,
            name = $"{kind} {number}",
            creditCode = kind is "broker" or "expert" ? null : CreditCodes.New(region),
            region,
            park,
            contact = new { name = $"联系人 {number}", phone = "0971-0000000", email = $"contact{number}@example.com" },
        }).Json(201);
        var id = party.Text("id");
        return new(id, kind, Client(await Key(id, ["member"], $"person {number}")));
    }

    /// <summary>Marks a party as an office, so that its keys may hold official roles.</summary>
    public async Task MakeOffice(TestParty party)
    {
        var address = $"parties/{party.Id}";
        await Admin.PatchJson(address, new { office = true, officeReason = "受市科技局委托" }, await Admin.ETag(address)).Json();
    }

    /// <summary>A caller with a key of an office of their own.</summary>
    public async Task<HttpClient> Official(string person, params string[] roles) => Client(await Key((await Party("government")).Id, roles, person));

    /// <summary>A new key of a party.</summary>
    public async Task<string> Key(string party, string[] roles, string person) =>
        (await Admin.PostJson($"parties/{party}/keys", new { roles, person }).Json(201)).Text("key");

    /// <summary>A body that a demand may be made of; <paramref name="change"/>'s members replace or add.</summary>
    public static JsonObject DemandBody(object? change = null) => Merged(new()
    {
        ["title"] = "盐湖卤水提锂吸附材料",
        ["description"] = "寻求适用于高镁锂比盐湖卤水的提锂吸附材料，要求循环寿命超过五百次。",
        ["field"] = "newMaterials",
        ["keywords"] = new JsonArray("提锂", "吸附"),
        ["modes"] = new JsonArray("development", "licence"),
        ["budget"] = new JsonObject { ["min"] = 500000, ["max"] = 2000000 },
        ["minTrl"] = 4,
    }, change);

    public static JsonObject AchievementBody(object? change = null) => Merged(new()
    {
        ["title"] = "锂离子筛吸附剂制备技术",
        ["summary"] = "一种用于高镁锂比盐湖卤水提锂的吸附材料及其制备方法，循环寿命超过一千次。",
        ["field"] = "newMaterials",
        ["keywords"] = new JsonArray("提锂", "离子筛"),
        ["modes"] = new JsonArray("licence"),
        ["trl"] = 6,
        ["price"] = new JsonObject { ["mode"] = "negotiated" },
        ["publiclyFunded"] = true,
    }, change);

    public JsonObject ContractBody(TestParty buyer, TestParty seller, object? change = null) => Merged(new()
    {
        ["kind"] = "development",
        ["title"] = $"盐湖提锂吸附材料技术开发合同 {Interlocked.Increment(ref _contracts)}",
        ["buyer"] = buyer.Id,
        ["seller"] = seller.Id,
        ["amount"] = 1000000,
        ["signedOn"] = Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    }, change);

    public async Task<string> PublishedDemand(TestParty owner, object? change = null) =>
        await Publish(owner, "demands", await owner.Demand(change));

    public async Task<string> PublishedAchievement(TestParty owner, object? change = null) =>
        await Publish(owner, "achievements", await owner.Achievement(change));

    /// <summary>Changes what is published: revised by its owner, submitted, and put in force by the moderator.</summary>
    public async Task Revise(TestParty owner, string address, object change)
    {
        await owner.Client.PatchJson(address, change, "*").Json();
        await owner.Client.Act($"{address}/submit").Json();
        await (await As("moderator")).Act($"{address}/publish").Json();
    }

    /// <summary>The demand's owner introduced, the achievement's accepted; what is not given is made.</summary>
    public async Task<TestIntroduction> MutualIntroduction(
        TestParty? demandSide = null, TestParty? achievementSide = null, string? demand = null, string? achievement = null)
    {
        demandSide ??= await Party("enterprise");
        achievementSide ??= await Party("university");
        demand ??= await PublishedDemand(demandSide);
        achievement ??= await PublishedAchievement(achievementSide);
        var made = await demandSide.Client.PostJson("introductions", new { demand, achievement, message = "希望当面交流。" }).Json(201);
        var introduction = await achievementSide.Client.Act($"introductions/{made.Text("id")}/accept").Json();
        Assert.That(introduction.Text("state"), Is.EqualTo("mutual"));
        return new(introduction.Text("id"), demand, achievement, demandSide, achievementSide);
    }

    public async Task<TestContract> DraftContract(TestParty? buyer = null, TestParty? seller = null, object? change = null)
    {
        buyer ??= await Party("enterprise");
        seller ??= await Party("university");
        var contract = await buyer.Client.PostJson("contracts", ContractBody(buyer, seller, change)).Json(201);
        return new(contract.Text("id"), buyer, seller);
    }

    /// <summary>Signed by both sides.</summary>
    public async Task<TestContract> SignedContract(TestParty? buyer = null, TestParty? seller = null, object? change = null)
    {
        var contract = await DraftContract(buyer, seller, change);
        await contract.Buyer.Client.Act($"contracts/{contract.Id}/sign").Json();
        var signed = await contract.Seller.Client.Act($"contracts/{contract.Id}/sign").Json();
        Assert.That(signed.Text("state"), Is.EqualTo("signed"));
        return contract;
    }

    /// <summary>Signed, submitted by the seller and waiting for the registrar.</summary>
    public async Task<TestContract> SubmittedContract(TestParty? buyer = null, TestParty? seller = null, object? change = null)
    {
        var contract = await SignedContract(buyer, seller, change);
        await contract.Seller.Client.Act($"contracts/{contract.Id}/submit").Json();
        return contract;
    }

    /// <summary>Recognised today by this market's registrar.</summary>
    public async Task<TestContract> RecognisedContract(
        TestParty? buyer = null, TestParty? seller = null, object? change = null, object? recognition = null)
    {
        var contract = await SubmittedContract(buyer, seller, change);
        await Recognise(contract, recognition);
        return contract;
    }

    public async Task Recognise(TestContract contract, object? recognition = null) =>
        await (await As("registrar")).PostJson($"contracts/{contract.Id}/recognise", RecognitionBody(recognition)).Json();

    /// <summary>A registrar who is another person than the one of <see cref="As"/>.</summary>
    public async Task<HttpClient> SecondRegistrar() =>
        Client(await Key((await Party("government")).Id, ["registrar"], $"second registrar {Guid.NewGuid():n}"[..40]));

    /// <summary>Amended by the buyer, signed by both sides, submitted and recognised anew.</summary>
    public async Task Amend(TestContract contract, object change, object? recognition = null)
    {
        await SignAmendment(contract, change);
        await RecogniseAnew(contract, recognition);
    }

    /// <summary>Proposed by the buyer.</summary>
    public static async Task OpenAmendment(TestContract contract, object change)
    {
        var (buyer, address) = (contract.Buyer.Client, $"contracts/{contract.Id}");
        await buyer.PostJson($"{address}/amend", new { reason = "补充协议" }).Json();
        await buyer.PatchJson(address, change, await buyer.ETag(address)).Json();
    }

    /// <summary>Proposed by the buyer and signed by both: in force, and to be recognised anew.</summary>
    public static async Task SignAmendment(TestContract contract, object change)
    {
        await OpenAmendment(contract, change);
        await contract.Buyer.Client.Act($"contracts/{contract.Id}/sign").Json();
        await contract.Seller.Client.Act($"contracts/{contract.Id}/sign").Json();
    }

    public async Task RecogniseAnew(TestContract contract, object? recognition = null)
    {
        await contract.Seller.Client.Act($"contracts/{contract.Id}/submit").Json();
        await Recognise(contract, recognition);
    }

    public JsonObject RecognitionBody(object? change = null) => Merged(new()
    {
        ["number"] = $"2026-6301-{Guid.NewGuid():n}"[..30],
        ["recognisedOn"] = Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    }, change);

    async Task<string> Publish(TestParty owner, string list, string id)
    {
        await owner.Client.Act($"{list}/{id}/submit").Json();
        await (await As("moderator")).Act($"{list}/{id}/publish").Json();
        return id;
    }

    static JsonObject Merged(JsonObject body, object? change)
    {
        foreach (var (name, value) in (JsonSerializer.SerializeToNode(change, Requests.Options) as JsonObject) ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }
}

/// <summary>New credit codes (GB 32100) with both check characters, computed here independently of the program.</summary>
public static class CreditCodes
{
    const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    public static string New(string region = "630102")
    {
        var organisation = string.Concat(Random.Shared.GetItems<char>(Alphabet, 8));
        int[] weights = [3, 7, 9, 10, 5, 8, 4, 2];
        // GB 11714 counts the letters I, O, S, V and Z too: A is 10 … Z is 35.
        var rest = organisation.Select((c, i) => (char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10) * weights[i]).Sum() % 11;
        var code = $"91{region}{organisation}{(rest == 0 ? "0" : rest == 1 ? "X" : (11 - rest).ToString(CultureInfo.InvariantCulture))}";
        var (sum, weight) = (0, 1);
        foreach (var c in code)
        {
            sum += Alphabet.IndexOf(c, StringComparison.Ordinal) * weight;
            weight = weight * 3 % 31;
        }

        return code + Alphabet[(31 - (sum % 31)) % 31];
    }
}
