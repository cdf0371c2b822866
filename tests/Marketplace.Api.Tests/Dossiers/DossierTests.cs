using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Dossiers;
using Marketplace.Api.Policies;

namespace Marketplace.Api.Tests.Dossiers;

/// <summary>A contract's whole record as one file, and its check without the market.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class DossierTests(Database database)
{
    readonly Market market = Market.On(database);
    readonly string folder = Directory.CreateTempSubdirectory("dossiers-").FullName;

    /// <summary>From a demand to a payment that was recovered, with a broker who is paid too.</summary>
    sealed record Chain(TestContract Contract, TestParty Broker, string BuyerClaim, string BrokerClaim);

    Lazy<Task<Chain>> paid = null!;

    [OneTimeSetUp]
    public void Make_the_chain_once() => paid = new(MakeChain);

    [OneTimeTearDown]
    public void Remove_the_files() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task The_dossier_of_a_paid_contract_holds_the_whole_chain_and_verifies()
    {
        var chain = await paid.Value;
        var file = await Dossier(await market.As("auditor"), chain.Contract);
        var (code, output, errors) = Verify(file);
        Assert.That((code, errors), Is.EqualTo((0, "")), output);
        var lines = output.TrimEnd().Split('\n');
        Assert.That(lines[..^1], Is.All.Contains("无误 / ok").And.None.Contains("withheld"));
        Assert.That(lines[^1], Does.StartWith($"合同 {chain.Contract.Id}").And.EndsWith(", 0 faults"));

        var links = Links(file);
        Assert.That(links.Select(link => link.Text("kind")).Distinct(), Is.EqualTo(new[] { "listing", "event", "introduction", "terms", "step", "payment", "claim", "entry" }));
        var events = links.Where(link => link.Text("kind") == "event").Select(link => link.GetProperty("content").Text("type")).ToList();
        Assert.That(events, Is.SupersetOf(new[]
        {
            "demand.published", "achievement.published", "subscription.matched", "introduction.mutual", "contract.signed", "contract.recognised", "payment.confirmed", "claim.submitted",
            "claim.approved", "claim.paid", "claim.clawedBack",
        }));
        Assert.That(links.Where(link => link.Text("kind") == "entry").Select(link => link.GetProperty("content").Text("kind")),
            Is.EqualTo(new[] { "reserve", "order", "pay", "return", "reserve", "order", "fail", "order", "pay" }));
    }

    [Test]
    public async Task Each_sees_of_the_chain_what_is_its_own_and_nobody_contacts_messages_or_confidential_parts()
    {
        var chain = await paid.Value;
        var (buyer, seller, broker) = (chain.Contract.Buyer, chain.Contract.Seller, chain.Broker);
        Assert.That(await Claims(buyer.Client), Is.EqualTo(new[] { chain.BuyerClaim }));
        Assert.That(await Claims(broker.Client), Is.EqualTo(new[] { chain.BrokerClaim }));
        Assert.That(await Claims(seller.Client), Is.Empty);
        foreach (var role in new[] { "registrar", "reviewer", "approver", "payer", "fundManager", "auditor", "admin" })
        {
            Assert.That(await Claims(await market.As(role)), Is.EquivalentTo(new[] { chain.BuyerClaim, chain.BrokerClaim }), role);
        }

        await (await market.Party()).Client.GetAsync($"contracts/{chain.Contract.Id}/dossier").AssertProblem(404, "not-found");
        await market.Anonymous.GetAsync($"contracts/{chain.Contract.Id}/dossier").AssertProblem(401, "unauthenticated");

        foreach (var client in new[] { buyer.Client, seller.Client, broker.Client, await market.As("auditor") })
        {
            var file = Encoding.UTF8.GetString(await Dossier(client, chain.Contract));
            Assert.That(file, Does.Not.Contain("example.com").And.Not.Contain("0971-").And.Not.Contain("联系人").And.Not.Contain("私下的话").And.Not.Contain("秘密参数"));
        }

        // A payee's file names no official, in the ledger neither; the check says what it could not compute.
        var own = await Dossier(buyer.Client, chain.Contract);
        Assert.That(Encoding.UTF8.GetString(own), Does.Not.Contain("the reviewer").And.Not.Contain("the approver").And.Not.Contain("the payer"));
        var (code, output, _) = Verify(own);
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("withheld"));

        async Task<IEnumerable<string>> Claims(HttpClient client)
        {
            var file = await Dossier(client, chain.Contract);
            Assert.That(Verify(file).Code, Is.Zero, Verify(file).Output);
            return Links(file).Where(link => link.Text("kind") == "claim").Select(link => link.GetProperty("content").Text("id"));
        }
    }

    [Test]
    public async Task Any_changed_byte_is_found_and_its_link_named()
    {
        var file = await Dossier(await market.As("auditor"), (await paid.Value).Contract);
        var places = Places(file);
        var policies = PolicyReading.Of(null).Catalogue!;
        var random = new Random(20260302);
        for (var i = 0; i < 1000; i++)
        {
            var (at, changed) = (random.Next(file.Length), file.ToArray());
            changed[at] ^= (byte)random.Next(1, 256);
            var faults = new DossierCheck(policies).Run(changed, out _);
            var link = places.FindIndex(place => at >= place.Start && at < place.End);
            Assert.That(link < 0 ? faults.Count > 0 : faults.Any(fault => fault.Link == link), Is.True,
                $"byte {at} of link {link}, '{(char)file[at]}' to '{(char)changed[at]}': {string.Join("; ", faults)}");
        }
    }

    [Test]
    public async Task What_was_changed_and_sealed_anew_is_found_by_its_hashes_its_neighbours_and_the_rules()
    {
        var file = await Dossier(await market.As("auditor"), (await paid.Value).Contract);
        (string Kind, Func<JsonObject, bool> Where, Action<JsonObject> Change, string Member)[] forgeries =
        [
            ("event", c => c.Text("type") == "contract.recognised", c => c["data"]!["number"] = "2026-6301-9", "/hash"),
            ("event", c => c.Text("type") == "contract.recognised", c => c["actor"] = "pty_00000000000000000000000000", "/hash"),
            ("entry", c => c.Text("kind") == "pay", c => c["amount"] = 1, "/amount"),
            ("entry", c => c.Text("kind") == "pay", c => c["person"] = "somebody else", "/hash"),
            ("entry", c => c.Text("kind") == "pay", c => c["credit"] = "paid:pty_00000000000000000000000000", "/kind"),
            ("claim", c => c.Text("award") == "buyer", c => c["amount"] = 99_999, "/amount"),
            ("claim", c => c.Text("award") == "broker", c => c["state"] = "approved", "/state"),
            ("claim", c => c.Text("award") == "broker", c => c["termsVersion"] = 2, "/termsVersion"),
            ("claim", c => c.Text("award") == "buyer", c => c["basis"]!["facts"]!["technologyAmount"] = 999_999, "/basis"),
            ("claim", c => c.Text("award") == "buyer", c => c["persons"]!["payer"] = c["persons"]!["reviewer"]!.DeepClone(), "/persons"),
            ("claim", c => c.Text("award") == "buyer", c => c["persons"]!["reviewer"] = "somebody else", "/persons"),
            ("claim", c => c.Text("award") == "broker", c => c["persons"]!["approver"] = "somebody else", "/persons"),
            ("claim", c => c.Text("award") == "buyer", c => c["payee"] = "pty_00000000000000000000000000", "/payee"),
            ("claim", c => c.Text("award") == "buyer", c => (c["persons"]!["reviewer"], c["row"]!["reviewer"]) = ("somebody else", "somebody else"), "/row"),
            ("event", c => c.Text("type") == "claim.paid", c => c["readers"] = "|everybody|", "/hash"),
            ("terms", _ => true, c => c["terms"]!["amount"] = 9_000_000, "/terms"),
            ("terms", _ => true, c => c["recognition"]!["number"] = "2026-6301-9", "/recognition/number"),
            ("listing", c => c.Text("id").StartsWith("dem_", StringComparison.Ordinal), c => c["owner"] = "pty_00000000000000000000000000", "/id"),
            ("step", c => c.Text("step") == "create", c => c["content"]!["amount"] = 5, "/content"),
            ("payment", c => c.Text("state") == "confirmed", c => c["amount"] = 200_000, "/amount"),
            ("terms", _ => true, c => c["received"] = 600_000, "/received"),
            ("step", c => c.Text("step") == "recognise", c => c["party"] = "pty_00000000000000000000000000", "/version"),
            ("introduction", _ => true, c => c["state"] = "sent", "/state"),
        ];
        foreach (var (kind, where, change, member) in forgeries)
        {
            var contents = Contents(file);
            var place = contents.FindIndex(link => link.Kind == kind && where(link.Content));
            change(contents[place].Content);
            AssertFound(contents, place + 1, member, $"{kind} {member}");
        }

        foreach (var without in new[] { "contract.recognised", "claim.reviewed" })
        {
            var contents = Contents(file);
            contents.RemoveAt(contents.FindIndex(link => link.Kind == "event" && link.Content.Text("type") == without));
            Assert.That(Verify(Sealed(file, contents)).Code, Is.EqualTo(1), without);
        }

        void AssertFound(List<(string Kind, JsonObject Content)> contents, int place, string member, string what)
        {
            var (code, output, _) = Verify(Sealed(file, contents), "--json");
            var faults = JsonDocument.Parse(output).RootElement.GetProperty("links")[place - 1].GetProperty("faults").EnumerateArray().Select(fault => fault.Text("member"));
            Assert.That((code, faults.Contains(member)), Is.EqualTo((1, true)), $"{what}: {output}");
        }
    }

    [Test]
    public async Task The_dossier_of_a_contract_that_shrank_grew_and_fell_verifies_after_each_step()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(1_000_000, district);
        var broker = await market.Party("broker");
        var contract = await market.RecognisedContract(await market.Party(region: district), change: new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var (bought, brokered) = (await Claim(contract.Buyer, "buyer"), await Claim(broker, "broker"));
        await Step(bought, "recommend", "approve", "order", "confirm-paid");
        await Step(brokered, "recommend", "approve");
        await market.Amend(contract, new { amount = 600_000 });
        Assert.That((await State(bought), await State(brokered)), Is.EqualTo(("clawbackOpened", "submitted")));
        await AssertVerifies("shrunk");
        await Step(bought, "claw-back");
        await Step(brokered, "recommend", "approve", "order");
        await AssertVerifies("recovered in part, reserved again");
        await market.Amend(contract, new { amount = 900_000 });
        var part = await Claim(contract.Buyer, "buyer");
        await Step(part, "return");
        await contract.Buyer.Client.Act($"claims/{part}/submit", Market.NewKey()).Json();
        await AssertVerifies("grown");
        await Step(brokered, "confirm-paid");
        await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/deregister", new { reason = "虚假登记" }).Json();
        Assert.That((await State(bought), await State(part), await State(brokered)), Is.EqualTo(("clawbackOpened", "lapsed", "clawbackOpened")));
        await AssertVerifies("fallen");
        await Step(bought, "claw-back");
        await Step(brokered, "waive");
        await AssertVerifies("recovered in whole");

        async Task<string> Claim(TestParty claimant, string award) =>
            (await claimant.Client.PostJson("claims", new { contract = contract.Id, award }, Market.NewKey()).Json(201)).Text("id");

        async Task Step(string claim, params string[] actions)
        {
            foreach (var action in actions)
            {
                var person = action switch
                {
                    "recommend" or "return" => office.Reviewer,
                    "approve" => office.Approver,
                    "claw-back" or "waive" => office.OtherApprover,
                    _ => office.Payer,
                };
                object? body = action == "confirm-paid" ? new { reference = $"E-{claim}" } : action is "recommend" or "approve" or "order" ? new { } : new { reason = "按规定办理" };
                await person.PostJson($"claims/{claim}/{action}", body, Market.NewKey()).Json();
            }
        }

        async Task<string> State(string claim) => (await office.Manager.GetJson($"claims/{claim}")).Text("state");

        async Task AssertVerifies(string when)
        {
            foreach (var client in new[] { await market.As("auditor"), contract.Buyer.Client, broker.Client })
            {
                var (code, output, _) = Verify(await Dossier(client, contract));
                Assert.That(code, Is.Zero, $"{when}: {output}");
            }
        }
    }

    [Test]
    public async Task A_file_that_is_no_dossier_or_not_all_of_one_is_refused_with_the_place()
    {
        var file = await Dossier(await market.As("auditor"), (await paid.Value).Contract);
        var text = Encoding.UTF8.GetString(file);
        var half = Verify(file[..(file.Length / 2)]);
        Assert.That(half.Code, Is.EqualTo(1));
        Assert.That(half.Output, Does.Contain($"The file ends at byte {file.Length / 2}").And.Contain("文件在第").And.Match(@"^\d+ \? \? 有误 / wrong at #byte="));
        Assert.That(Verify(Encoding.UTF8.GetBytes(text.Replace("marketplace-dossier/1", "marketplace-dossier/2"))).Output, Does.Contain("marketplace-dossier/2; this program reads marketplace-dossier/1"));
        foreach (var (content, reason) in new[]
        {
            ("", "The file ends at byte 0"), ("id,name\n1,2", "not JSON from byte 0"), ("{}", "is no dossier"), ("[1]", "is no dossier"), ("null", "is no dossier"),
            ("""{"format":"marketplace-dossier/1"}""", "not in the layout"),
            ("""{"format":"marketplace-dossier/1","contract":"con_1","issuedAt":"2026-03-02T04:00:00.000Z","links":[null],"seal":""}""", "not in the layout"),
            ("""{"format":"marketplace-dossier/1","contract":"con_1","issuedAt":"2026-03-02T04:00:00.000Z","links":[],"seal":""}""", "terms are missing"),
        })
        {
            var (code, output, _) = Verify(Encoding.UTF8.GetBytes(content));
            Assert.That(code, Is.EqualTo(1), content);
            Assert.That(output, Does.Contain(reason), content);
        }

        foreach (var (arguments, reason) in new (string[], string)[]
        {
            ([], "Usage"), (["verify"], "Usage"), (["check", "x"], "Usage"), (["verify", "missing.json"], "missing.json"), (["verify", "x", "--jsno"], "--jsno"),
            (["verify", Saved(file), "--policies", "missing"], "missing"),
        })
        {
            using StringWriter output = new(), errors = new();
            Assert.That((DossierVerifyCommand.Run(arguments, output, errors), output.ToString()), Is.EqualTo((2, "")));
            Assert.That(errors.ToString(), Does.Contain(reason));
        }
    }

    async Task<Chain> MakeChain()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(1_000_000, district);
        var (buyer, seller, broker) = (await market.Party(region: district), await market.Party("university"), await market.Party("broker"));
        var demand = await market.PublishedDemand(buyer, new { confidential = "秘密参数" });
        await buyer.Client.PostJson("subscriptions", new { name = "提锂材料", demand }).Json(201);
        var achievement = await market.PublishedAchievement(seller, new { confidential = "秘密参数" });
        await Eventually.Holds(async () => (await buyer.Client.GetJson("events?types=subscription.matched&limit=100")).GetProperty("data").EnumerateArray()
            .Any(told => told.GetProperty("data").Text("listing") == achievement), "the buyer is told of the achievement");
        var made = await broker.Client.PostJson("introductions", new { demand, achievement, message = "私下的话" }).Json(201);
        await buyer.Client.Act($"introductions/{made.Text("id")}/accept").Json();
        await seller.Client.Act($"introductions/{made.Text("id")}/accept").Json();
        var contract = await market.RecognisedContract(buyer, seller, new
        {
            demand, achievement, introduction = made.Text("id"), technologyAmount = 900_000, brokers = new[] { new { party = broker.Id, share = 100 } },
        });
        await Received(300_000, "INV-1", "reject");
        await Received(300_000, "INV-2", "confirm");
        var first = await Paid(buyer.Client, "buyer", fails: false);
        await office.Manager.PostJson($"claims/{first}/open-clawback", new { reason = "复查" }, Market.NewKey()).Json();
        await office.OtherApprover.PostJson($"claims/{first}/claw-back", new { reason = "已追回" }, Market.NewKey()).Json();
        return new(contract, broker, first, await Paid(broker.Client, "broker", fails: true));

        async Task Received(decimal amount, string reference, string decision)
        {
            var payment = await seller.Client.PostJson($"contracts/{contract.Id}/payments", new { amount, paidOn = market.Today.Iso(), reference }).Json(201);
            await buyer.Client.PostJson($"contracts/{contract.Id}/payments/{payment.Text("id")}/{decision}", new { reason = "核对银行流水" }).Json();
        }

        async Task<string> Paid(HttpClient claimant, string award, bool fails)
        {
            var claim = (await claimant.PostJson("claims", new { contract = contract.Id, award }, Market.NewKey()).Json(201)).Text("id");
            await office.Reviewer.Act($"claims/{claim}/recommend", Market.NewKey()).Json();
            await office.Approver.PostJson($"claims/{claim}/approve", new { reason = "符合条件" }, Market.NewKey()).Json();
            await office.Payer.Act($"claims/{claim}/order", Market.NewKey()).Json();
            if (fails)
            {
                await office.Payer.PostJson($"claims/{claim}/fail-payment", new { reason = "退汇" }, Market.NewKey()).Json();
                await office.Payer.Act($"claims/{claim}/order", Market.NewKey()).Json();
            }

            await office.Payer.PostJson($"claims/{claim}/confirm-paid", new { reference = $"D-{claim}" }, Market.NewKey()).Json();
            return claim;
        }
    }

    static async Task<byte[]> Dossier(HttpClient client, TestContract contract)
    {
        using var response = await client.GetAsync($"contracts/{contract.Id}/dossier");
        Assert.That((int)response.StatusCode, Is.EqualTo(200), TestLog.About(response));
        Assert.That(response.Content.Headers.ContentDisposition!.FileName, Is.EqualTo($"{contract.Id}.dossier.json"));
        return await response.Content.ReadAsByteArrayAsync();
    }

    static JsonElement[] Links(byte[] file) => [.. JsonDocument.Parse(file).RootElement.GetProperty("links").EnumerateArray()];

    static List<(string Kind, JsonObject Content)> Contents(byte[] file) =>
        [.. Links(file).Select(link => (link.Text("kind"), JsonNode.Parse(link.GetProperty("content").GetRawText())!.AsObject()))];

    /// <summary>As a forger would write it, who knows the format.</summary>
    static byte[] Sealed(byte[] original, List<(string Kind, JsonObject Content)> links) => Marketplace.Api.Dossiers.Dossier.Write(
        JsonDocument.Parse(original).RootElement.Text("contract"), DateTimeOffset.UnixEpoch,
        links.Select(link => JsonSerializer.Deserialize(link.Content, DossierLink.Kinds[link.Kind], Marketplace.Api.Dossiers.Dossier.Strict)!));

    /// <summary>Where each link stands in the file.</summary>
    static List<(int Start, int End)> Places(byte[] file)
    {
        var (at, places) = (0, new List<(int, int)>());
        foreach (var link in Links(file))
        {
            var bytes = Encoding.UTF8.GetBytes(link.GetRawText());
            at += file.AsSpan(at).IndexOf(bytes);
            places.Add((at, at + bytes.Length));
            at += bytes.Length;
        }

        return places;
    }

    (int Code, string Output, string Errors) Verify(byte[] file, params string[] options)
    {
        using StringWriter output = new() { NewLine = "\n" }, errors = new() { NewLine = "\n" };
        var code = DossierVerifyCommand.Run(["verify", Saved(file), .. options], output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    string Saved(byte[] file)
    {
        var path = Path.Combine(folder, "dossier.json");
        File.WriteAllBytes(path, file);
        return path;
    }
}

static class JsonObjects
{
    public static string Text(this JsonObject json, string member) => json[member]!.GetValue<string>();
}
