using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>An amendment is a proposal beside the terms in force: it takes nothing from anybody until both sides have signed it.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class AmendmentTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_side_alone_cannot_put_another_party_in_the_place_of_one_that_has_signed()
    {
        var (contract, other) = (await market.RecognisedContract(), await market.Party());
        var address = $"contracts/{contract.Id}";
        var (buyer, seller) = (contract.Buyer.Client, contract.Seller.Client);
        await seller.PatchJson(address, new { buyer = other.Id }, await seller.ETag(address)).AssertProblem(422, "party-is-fixed", "/buyer");
        await seller.Act($"{address}/amend").Json();
        var problem = await seller.PatchJson(address, new { buyer = other.Id, amount = 900000 }, await seller.ETag(address)).AssertProblem(422, "party-is-fixed", "/buyer");
        Assert.That(problem.Text("detail"), Does.Contain(other.Id).And.Contain(contract.Buyer.Id));
        await buyer.PatchJson(address, new { seller = other.Id }, await buyer.ETag(address)).AssertProblem(422, "party-is-fixed", "/seller");
        var third = await market.Party();
        await buyer.PatchJson(address, new { seller = other.Id, buyer = third.Id }, await buyer.ETag(address)).AssertProblem(422, "party-is-fixed", "/buyer", "/seller");
        await buyer.PatchJson(address, new { buyer = contract.Buyer.Id, title = "补充后的合同" }, await buyer.ETag(address)).Json();
        foreach (var outsider in new[] { other.Client, third.Client })
        {
            await outsider.Act($"{address}/sign").AssertProblem(404, "not-found");
            await outsider.GetAsync(address).AssertProblem(404, "not-found");
        }
    }

    [Test]
    public async Task What_one_side_proposes_leaves_the_terms_the_recognition_and_the_claims_as_they_are()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(100_000, district);
        var claim = await market.ReviewedClaim(amount: 1_000_000, region: district);
        var (contract, address) = (claim.Contract, $"contracts/{claim.Contract.Id}");
        var before = Outside(await contract.Buyer.Client.GetJson(address));
        var opened = await contract.Seller.Client.PostJson($"{address}/amend", new { reason = "增加设备" }).Json();
        Assert.That(opened.GetProperty("amendment").Text("by"), Is.EqualTo(contract.Seller.Id));
        await contract.Seller.Client.PatchJson(address, new { amount = 500_000 }, await contract.Seller.Client.ETag(address)).Json();
        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 3 }).Json();
        await contract.Seller.Client.Act($"{address}/sign").AssertProblem(409, "invalid-transition");
        var seen = await contract.Buyer.Client.GetJson(address);
        Assert.That(Outside(seen), Is.EqualTo(before));
        var amendment = seen.GetProperty("amendment");
        Assert.That((amendment.GetProperty("terms").GetProperty("amount").GetRawText(), amendment.GetProperty("version").GetInt32()), Is.EqualTo(("500000", 3)));
        Assert.That(amendment.GetProperty("signatures").EnumerateArray().Select(s => s.Text("side")), Is.EqualTo(new[] { "seller" }));
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();

        // The proposer may cancel it, the other side refuse it.
        await contract.Buyer.Client.Act($"{address}/cancel-amendment").AssertProblem(403, "forbidden");
        await contract.Seller.Client.PostJson($"{address}/refuse-amendment", new { reason = "x" }).AssertProblem(403, "forbidden");
        await contract.Buyer.Client.PostJson($"{address}/refuse-amendment", new { }).AssertProblem(400, "validation-failed", "/reason");
        var refused = await contract.Buyer.Client.PostJson($"{address}/refuse-amendment", new { reason = "不同意降价" }).Json();
        Assert.That((Outside(refused), refused.Has("amendment")), Is.EqualTo((before, false)));
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}")).GetProperty("amount").GetRawText(), Is.EqualTo("30000"));
        foreach (var late in new[] { "sign", "cancel-amendment", "refuse-amendment" })
        {
            await contract.Seller.Client.PostJson($"{address}/{late}", late == "sign" ? new { } : new { reason = "x" }).AssertProblem(409, "invalid-transition");
        }

        var last = (await contract.Seller.Client.GetJson($"{address}/steps?limit=100")).GetProperty("data").EnumerateArray().Last();
        Assert.That((last.Text("step"), last.GetProperty("content").Text("reason"), last.GetProperty("amendmentVersion").GetInt32()), Is.EqualTo(("refuse-amendment", "不同意降价", 3)));
    }

    [Test]
    public async Task Both_signatures_put_it_in_force_and_then_it_is_recognised_anew()
    {
        var contract = await market.RecognisedContract();
        var address = $"contracts/{contract.Id}";
        await Market.OpenAmendment(contract, new { amount = 1_200_000, title = "补充后的合同" });
        await contract.Buyer.Client.PostJson($"{address}/sign", new { termsVersion = 3 }).Json();
        var signed = await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 3 }).Json();
        Assert.That((signed.Text("state"), signed.Text("recognitionState"), signed.GetProperty("termsVersion").GetInt32(), signed.GetProperty("amount").GetRawText()),
            Is.EqualTo(("signed", "lapsed", 3, "1200000")));
        Assert.That((signed.GetProperty("signatures").GetArrayLength(), signed.Has("amendment")), Is.EqualTo((2, false)));
        await contract.Seller.Client.Act($"{address}/submit").Json();
        await market.Recognise(contract);
        Assert.That((await contract.Buyer.Client.GetJson(address)).GetProperty("recognisedAmount").GetRawText(), Is.EqualTo("1200000"));
        await Eventually.Holds(async () => (await Events(contract.Buyer.Client, contract.Id)).SequenceEqual(
        [
            "contract.created", "contract.sign", "contract.signed", "contract.submitted", "contract.recognised", "contract.amendmentOpened", "contract.amendmentChanged",
            "contract.amendmentSigned", "contract.amended", "contract.submitted", "contract.recognised",
        ]), "each step is an event");
        var told = await (await market.As("registrar")).GetJson("events?types=contract.amendmentOpened,contract.amendmentChanged,contract.amendmentSigned,contract.amended&limit=100");
        Assert.That(told.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == contract.Id).Select(e => e.Text("type")),
            Is.EqualTo(new[] { "contract.amended" }), "what is proposed is told to the two sides alone");
    }

    [TestCase("submit")]
    [TestCase("request-supplement")]
    [TestCase("refuse", "appeal")]
    public async Task An_application_that_is_not_decided_is_made_anew_for_other_terms(params string[] course)
    {
        var contract = await market.SignedContract();
        var (address, registrar) = ($"contracts/{contract.Id}", await market.As("registrar"));
        await contract.Seller.Client.Act($"{address}/submit").Json();
        foreach (var step in course.Where(step => step != "submit"))
        {
            await (step == "appeal" ? contract.Seller.Client : registrar).PostJson($"{address}/{step}", new { reason = "理由" }).Json();
        }

        var pending = (await contract.Buyer.Client.GetJson(address)).Text("recognitionState");
        await Market.OpenAmendment(contract, new { amount = 1_200_000 });
        Assert.That((await contract.Buyer.Client.GetJson(address)).Text("recognitionState"), Is.EqualTo(pending));
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        var signed = await contract.Seller.Client.Act($"{address}/sign").Json();
        Assert.That((signed.Text("state"), signed.Text("recognitionState"), signed.Has("due")), Is.EqualTo(("signed", "none", false)));
        await registrar.PostJson($"{address}/recognise", market.RecognitionBody()).AssertProblem(409, "invalid-transition");
        await contract.Seller.Client.Act($"{address}/submit").Json();
        await market.Recognise(contract);
    }

    [Test]
    public async Task There_is_one_at_a_time_and_no_number_of_terms_is_used_twice()
    {
        var contract = await market.SignedContract();
        var address = $"contracts/{contract.Id}";
        Assert.That((await contract.Buyer.Client.Act($"{address}/amend").Json()).GetProperty("amendment").GetProperty("version").GetInt32(), Is.EqualTo(2));
        foreach (var side in new[] { contract.Buyer.Client, contract.Seller.Client })
        {
            await side.Act($"{address}/amend").AssertProblem(409, "invalid-transition");
        }

        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 2 }).Json();
        await contract.Buyer.Client.Act($"{address}/cancel-amendment").Json();
        var again = await contract.Seller.Client.Act($"{address}/amend").Json();
        Assert.That((again.GetProperty("amendment").GetProperty("version").GetInt32(), again.GetProperty("amendment").GetProperty("signatures").GetArrayLength()), Is.EqualTo((3, 0)));
        foreach (var seen in new[] { 1, 2 })
        {
            await contract.Buyer.Client.PostJson($"{address}/sign", new { termsVersion = seen }).AssertProblem(412, "precondition-failed");
        }

        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 3 }).Json();
        var changed = await contract.Buyer.Client.PatchJson(address, new { amount = 900_000 }, await contract.Buyer.Client.ETag(address)).Json();
        Assert.That((changed.GetProperty("amendment").GetProperty("version").GetInt32(), changed.GetProperty("amendment").GetProperty("signatures").GetArrayLength()), Is.EqualTo((4, 0)));
        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 3 }).AssertProblem(412, "precondition-failed");
    }

    [TestCase("complete", "completed")]
    [TestCase("terminate", "terminated")]
    [TestCase("deregister", "deregistered")]
    public async Task It_ends_with_its_contract(string end, string state)
    {
        var contract = await market.RecognisedContract();
        var address = $"contracts/{contract.Id}";
        await Market.OpenAmendment(contract, new { amount = 900_000 });
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        var by = end == "deregister" ? await market.As("registrar") : contract.Seller.Client;
        Assert.That((await by.PostJson($"{address}/{end}", new { reason = "理由" }).Json()).Text("state"), Is.EqualTo(state));
        var seen = await contract.Seller.Client.GetJson(address);
        Assert.That((seen.Has("amendment"), seen.GetProperty("amount").GetRawText()), Is.EqualTo((false, "1000000")));
        await contract.Seller.Client.PostJson($"{address}/sign", new { termsVersion = 3 }).AssertProblem(409, "invalid-transition");
        await contract.Seller.Client.PatchJson(address, new { amount = 800_000 }, await contract.Seller.Client.ETag(address)).AssertProblem(409, "invalid-transition");
    }

    [Test]
    public async Task It_comes_into_force_for_no_less_than_what_is_received_meanwhile()
    {
        var contract = await market.SignedContract(change: new { amount = 1_000_000 });
        var address = $"contracts/{contract.Id}";
        await Receive(400_000, "INV-1");
        await Market.OpenAmendment(contract, new { technologyAmount = 500_000 });
        await contract.Seller.Client.PatchJson(address, new { technologyAmount = 399_999 }, await contract.Seller.Client.ETag(address))
            .AssertProblem(422, "technology-amount-below-received", "/technologyAmount");
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await Receive(200_000, "INV-2");
        await contract.Seller.Client.Act($"{address}/sign").AssertProblem(422, "technology-amount-below-received", "/technologyAmount");
        var seen = await contract.Seller.Client.GetJson(address);
        Assert.That((seen.GetProperty("termsVersion").GetInt32(), seen.GetProperty("amendment").GetProperty("signatures").GetArrayLength()), Is.EqualTo((1, 1)));

        async Task Receive(decimal amount, string reference)
        {
            var payment = await contract.Seller.Client.PostJson($"{address}/payments", new { amount, paidOn = market.Today.Iso(), reference }).Json(201);
            await contract.Buyer.Client.Act($"{address}/payments/{payment.Text("id")}/confirm").Json();
        }
    }

    [Test]
    public async Task Whoever_races_signs_what_it_saw_or_nothing()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        for (var round = 0; round < Races.FewRounds; round++)
        {
            var contract = await market.SignedContract(buyer, seller);
            var address = $"contracts/{contract.Id}";
            await Market.OpenAmendment(contract, new { amount = 900_000 });
            var (buyers, sellers) = (await buyer.Client.ETag(address), await seller.Client.ETag(address));
            var patched = await Races.Run(8, i => (i % 2 == 0 ? buyer : seller).Client.PatchJson(address, new { amount = 800_000 + i }, i % 2 == 0 ? buyers : sellers));
            Assert.That(patched.Select(answer => (int)answer.Status).Order(), Is.EqualTo(new[] { 200, 412, 412, 412, 412, 412, 412, 412 }));

            // The buyer has signed; the seller's signature races with the buyer's change and its giving up.
            await buyer.Client.PostJson($"{address}/sign", new { termsVersion = 4 }).Json();
            buyers = await buyer.Client.ETag(address);
            var answers = await Races.Run(9, i => (i % 3) switch
            {
                0 => seller.Client.PostJson($"{address}/sign", new { termsVersion = 4 }),
                1 => buyer.Client.PatchJson(address, new { amount = 700_000 }, buyers),
                _ => buyer.Client.Act($"{address}/cancel-amendment"),
            });
            Assert.That(answers.Select(answer => (int)answer.Status).Distinct(), Is.SubsetOf(new[] { 200, 403, 409, 412 }));
            var signed = answers.Where((answer, i) => i % 3 == 0 && answer.Succeeded).Count();
            var final = await seller.Client.GetJson(address);
            Assert.That(signed, Is.LessThanOrEqualTo(1));
            Assert.That(final.GetProperty("termsVersion").GetInt32(), Is.EqualTo(signed == 1 ? 4 : 1));
            Assert.That(final.GetProperty("amount").GetDecimal(), signed == 1 ? Is.InRange(800_000, 800_007) : Is.EqualTo(1_000_000));
            Assert.That(final.Has("amendment"), Is.False, "put in force or given up");
        }
    }

    [Test]
    public async Task A_broker_that_an_amendment_replaces_keeps_reading_the_terms_that_named_it_and_no_later_ones()
    {
        var (first, second) = (await market.Party("broker"), await market.Party("broker"));
        var contract = await market.RecognisedContract(change: new { brokers = Of(first) });
        var address = $"contracts/{contract.Id}";
        await Market.OpenAmendment(contract, new { amount = 777_777, brokers = Of(second) });
        await second.Client.GetAsync(address).AssertProblem(404, "not-found");
        Assert.That((await second.Client.GetJson("contracts")).Ids(), Is.Empty);
        await contract.Buyer.Client.Act($"{address}/sign").Json();
        await contract.Seller.Client.Act($"{address}/sign").Json();
        Assert.That((await second.Client.GetJson(address)).GetProperty("amount").GetRawText(), Is.EqualTo("777777"));

        var seen = await first.Client.GetJson(address);
        Assert.That((seen.Text("state"), seen.GetProperty("amount").GetRawText(), seen.GetProperty("termsVersion").GetInt32(), seen.GetProperty("brokers")[0].Text("party")),
            Is.EqualTo(("signed", "1000000", 1, first.Id)));
        Assert.That(seen.GetProperty("recognition").GetProperty("termsVersion").GetInt32(), Is.EqualTo(1));
        Assert.That((await first.Client.GetJson("contracts")).Ids(), Is.EqualTo(new[] { contract.Id }));
        var written = (await first.Client.GetJson($"{address}/steps?limit=100")).GetProperty("data").EnumerateArray().Where(step => step.Text("step") is "create" or "update").ToList();
        Assert.That(written.Select(step => step.Has("content")), Is.EqualTo(new[] { true, false }));
        await first.Client.GetAsync($"{address}/evaluation").AssertProblem(403, "forbidden");
        await first.Client.PatchJson(address, new { amount = 1 }, await first.Client.ETag(address)).AssertProblem(403, "forbidden");
        await Eventually.Holds(async () => (await Events(first.Client, contract.Id)).Contains("contract.amended"), "it is told that it was replaced");
        var dossier = await Dossiers.DossierFiles.Of(first.Client, contract.Id);
        Assert.That((Dossiers.DossierFiles.Faults(dossier), dossier), Is.EqualTo(("", dossier)));
        Assert.That(dossier, Does.Not.Contain("777777"));
        Assert.That(await Texts(first.Client, contract), Does.Not.Contain("777777"));

        static object Of(TestParty broker) => new[] { new { party = broker.Id, share = 100 } };
    }

    [Test]
    public async Task A_party_that_signed_a_draft_and_was_replaced_keeps_reading_what_it_signed()
    {
        var (contract, other) = (await market.DraftContract(change: new { amount = 600_000 }), await market.Party());
        var address = $"contracts/{contract.Id}";
        var (left, seller) = (contract.Buyer.Client, contract.Seller.Client);
        await left.Act($"{address}/sign").Json();
        await seller.PatchJson(address, new { buyer = other.Id, amount = 777_777 }, await seller.ETag(address)).Json();
        await Reads("draft");
        await seller.Act($"{address}/sign").Json();
        await other.Client.Act($"{address}/sign").Json();
        await Reads("signed");
        Assert.That((await seller.GetJson($"{address}/steps")).GetProperty("data").GetArrayLength(), Is.EqualTo(5));
        Assert.That(await Texts(other.Client, contract), Does.Not.Contain("600000"), "who came later was no side of the earlier terms");

        async Task Reads(string state)
        {
            var seen = await left.GetJson(address);
            Assert.That((seen.Text("state"), seen.Text("buyer"), seen.Has("amount")), Is.EqualTo((state, other.Id, false)));
            Assert.That((await left.GetJson("contracts")).Ids(), Is.EqualTo(new[] { contract.Id }));
            Assert.That((await left.GetJson("contracts?kind=development")).Ids(), Is.Empty, "a filter tells nothing of terms that it may not read");
            var steps = (await left.GetJson($"{address}/steps")).GetProperty("data").EnumerateArray().ToList();
            Assert.That(steps[0].GetProperty("content").GetProperty("amount").GetRawText(), Is.EqualTo("600000"));
            Assert.That(await Texts(left, contract), Does.Not.Contain("777777"));
            Assert.That(Dossiers.DossierFiles.Faults(await Dossiers.DossierFiles.Of(left, contract.Id)), Is.Empty);
            await left.Act($"{address}/sign").AssertProblem(403, "forbidden");
            await left.GetAsync($"{address}/payments").AssertProblem(403, "forbidden");
            await left.GetAsync($"{address}/evaluation").AssertProblem(403, "forbidden");
        }
    }

    [Test]
    public async Task The_dossier_of_amendments_that_were_cancelled_refused_and_signed_verifies_for_each_reader()
    {
        var broker = await market.Party("broker");
        var contract = await market.RecognisedContract(change: new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var address = $"contracts/{contract.Id}";
        await Market.OpenAmendment(contract, new { amount = 777_777 });
        await Verifies(without: "777777");
        await contract.Buyer.Client.Act($"{address}/cancel-amendment").Json();
        await Market.OpenAmendment(contract, new { amount = 888_888 });
        await contract.Seller.Client.PostJson($"{address}/refuse-amendment", new { reason = "不同意" }).Json();
        await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, Market.NewKey()).Json(201);
        await market.Amend(contract, new { amount = 1_100_000 });
        await Verifies(without: "888888");
        await Market.OpenAmendment(contract, new { amount = 999_999 });
        await contract.Buyer.Client.PostJson($"{address}/complete", new { }).Json();
        await Verifies(without: "999999");

        async Task Verifies(string without)
        {
            foreach (var client in new[] { await market.As("auditor"), contract.Buyer.Client, broker.Client })
            {
                var file = await Dossiers.DossierFiles.Of(client, contract.Id);
                Assert.That(Dossiers.DossierFiles.Faults(file), Is.Empty);
                Assert.That(file.Contains($":{without},", StringComparison.Ordinal), Is.EqualTo(client == contract.Buyer.Client), without);
            }
        }
    }

    /// <summary>Everything but what an open amendment adds.</summary>
    static string Outside(JsonElement contract)
    {
        var members = JsonNode.Parse(contract.GetRawText())!.AsObject();
        foreach (var name in new[] { "amendment", "version", "updatedAt", "availableActions" })
        {
            members.Remove(name);
        }

        // Each reads the persons of its own party alone.
        members["signatures"] = members["signatures"]!.AsArray().Count;
        return members.ToJsonString();
    }

    static async Task<List<string>> Events(HttpClient reader, string subject) =>
    [
        .. (await reader.GetJson("events?types=contract.created,contract.updated,contract.sign,contract.signed,contract.submitted,contract.recognised,contract.amendmentOpened,"
                + "contract.amendmentChanged,contract.amendmentSigned,contract.amendmentCancelled,contract.amendmentRefused,contract.amended&limit=100"))
            .GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == subject).Select(e => e.Text("type")),
    ];

    /// <summary>All that a reader is told of a contract.</summary>
    internal static async Task<string> Texts(HttpClient reader, TestContract contract)
    {
        var (texts, address) = (new List<string>(), $"contracts/{contract.Id}");
        foreach (var part in new[] { address, $"contracts?seller={contract.Seller.Id}", $"{address}/steps?limit=100", $"{address}/dossier", $"{address}/evaluation?explain=true", $"{address}/payments" })
        {
            using var response = await reader.GetAsync(part);
            texts.Add(await response.Content.ReadAsStringAsync());
        }

        var page = await reader.GetJson("events?limit=100&types=contract.created,contract.updated,contract.amendmentOpened,contract.amendmentChanged,contract.amendmentRefused");
        texts.AddRange(page.GetProperty("data").EnumerateArray().Where(e => e.Text("subject") == contract.Id).Select(e => e.GetRawText()));
        return string.Join('\n', texts);
    }
}
