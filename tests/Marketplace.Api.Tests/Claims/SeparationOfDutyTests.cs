namespace Marketplace.Api.Tests.Claims;

/// <summary>Who may not decide: one person under several spellings or several keys, whoever acted for a party, an office with a stake.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class SeparationOfDutyTests(Database database)
{
    /// <summary>Each name beside the spelling under which the same person comes again.</summary>
    static readonly (string Name, string Spelling)[] Spellings =
    [
        ("李 雷", "李  雷"), ("李 雷", " 李 雷"), ("李 雷", "李 雷 "), ("李 雷", "李\u3000雷"), ("李 雷", "李\u00a0雷"), ("李 雷", "李\u200b 雷"),
        ("Li Lei", "li lei"), ("Li Lei", "LI LEI"), ("Li Lei", "Ｌｉ Lei"), ("Li Lei", "Li Lei\u200d"),
    ];

    readonly Market market = Market.On(database);

    [Test]
    public async Task None_of_ten_spellings_makes_another_person_of_whoever_reviewed()
    {
        var office = await market.Party("government");
        foreach (var (name, spelling) in Spellings)
        {
            var own = Guid.NewGuid().ToString("n")[..8];
            var reviewer = market.Client(await market.Key(office.Id, ["reviewer"], $"{name}{own}"));
            var approver = await market.Official($"{spelling}{own}", "approver");
            var claim = await market.SubmittedClaim(await market.RecognisedContract());
            await reviewer.Act($"claims/{claim.Id}/recommend", Market.NewKey()).Json();
            await approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(403, "separation-of-duty");
        }
    }

    [Test]
    public async Task A_spelling_on_record_from_before_is_the_same_person()
    {
        var name = $"Li {Guid.NewGuid():n}";
        var (other, contract) = (await market.Official(name, "registrar"), await market.SubmittedContract());
        await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/refuse", new { reason = "不符" }).Json();
        await contract.Seller.Client.PostJson($"contracts/{contract.Id}/appeal", new { reason = "复核" }).Json();
        await market.Database.Execute("UPDATE contracts SET refused_by = @old WHERE id = @Id", new { old = name.ToUpperInvariant() + " ", contract.Id });
        await other.PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody()).AssertProblem(403, "separation-of-duty");
    }

    [Test]
    public async Task Who_acted_for_a_party_decides_nothing_in_the_matter_whichever_comes_first()
    {
        var name = $"王五 {Guid.NewGuid():n}";
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        var member = market.Client(await market.Key(buyer.Id, ["member"], name));
        var official = await market.Official(name.ToUpperInvariant(), "registrar", "reviewer", "approver", "payer", "fundManager");
        var contract = await market.DraftContract(buyer, seller);
        await member.Act($"contracts/{contract.Id}/sign").Json();
        await seller.Client.Act($"contracts/{contract.Id}/sign").Json();
        await seller.Client.Act($"contracts/{contract.Id}/submit").Json();
        foreach (var (action, body) in new (string, object)[]
        {
            ("recognise", market.RecognitionBody()), ("refuse", new { reason = "否" }), ("request-supplement", new { reason = "补" }), ("dispute", new { reason = "议" }),
            ("record-opinion", new { expert = "李工", text = "意见" }), ("separate", new { reason = "单独" }),
            ("record-recognition", new { number = "X1", recognisedOn = market.Today.Iso(), office = "别处" }),
        })
        {
            await official.PostJson($"contracts/{contract.Id}/{action}", body).AssertProblem(403, "separation-of-duty");
        }

        await market.Recognise(contract);
        await official.PostJson($"contracts/{contract.Id}/deregister", new { reason = "注销" }).AssertProblem(403, "separation-of-duty");
        var payment = await seller.Client.PostJson($"contracts/{contract.Id}/payments", new { amount = 10, paidOn = market.Today.Iso(), reference = "R-1" }).Json(201);
        await official.Act($"contracts/{contract.Id}/payments/{payment.Text("id")}/confirm").AssertProblem(403, "separation-of-duty");
        var claim = await market.SubmittedClaim(contract);
        foreach (var (action, body) in new (string, object)[] { ("recommend", new { }), ("return", new { reason = "退" }), ("reject", new { reason = "否" }) })
        {
            await official.PostJson($"claims/{claim.Id}/{action}", body, Market.NewKey()).AssertProblem(403, "separation-of-duty");
        }

        // The other way round: who has decided does not act for a party afterwards.
        var decided = await market.SubmittedClaim();
        var reviewerName = $"reviewer {Guid.NewGuid():n}"[..40];
        await (await market.Official(reviewerName, "reviewer")).Act($"claims/{decided.Id}/recommend", Market.NewKey()).Json();
        var mole = market.Client(await market.Key(decided.Contract.Buyer.Id, ["member"], reviewerName));
        await mole.PostJson($"claims/{decided.Id}/withdraw", new { reason = "撤" }, Market.NewKey()).AssertProblem(403, "separation-of-duty");
    }

    [Test]
    public async Task Who_filed_or_recorded_a_payment_neither_reviews_nor_approves_nor_pays()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(100_000, district);
        var (filer, recorder) = ($"filer {Guid.NewGuid():n}"[..30], $"recorder {Guid.NewGuid():n}"[..30]);
        var contract = await market.RecognisedContract(await market.Party(region: district));
        var member = market.Client(await market.Key(contract.Buyer.Id, ["member"], filer));
        var seller = market.Client(await market.Key(contract.Seller.Id, ["member"], recorder));
        await seller.PostJson($"contracts/{contract.Id}/payments", new { amount = 10, paidOn = market.Today.Iso(), reference = "R-1" }).Json(201);
        var claim = (await member.PostJson("claims", new { contract = contract.Id, award = "buyer" }, Market.NewKey()).Json(201)).Text("id");
        var officials = new[] { await market.Official(filer, "reviewer", "approver", "payer"), await market.Official(recorder, "reviewer", "approver", "payer") };
        foreach (var (action, next) in new[] { ("recommend", office.Reviewer), ("approve", office.Approver), ("order", office.Payer) })
        {
            foreach (var official in officials)
            {
                await official.Act($"claims/{claim}/{action}", Market.NewKey()).AssertProblem(403, "separation-of-duty");
            }

            await next.Act($"claims/{claim}/{action}", Market.NewKey()).Json();
        }

        foreach (var official in officials)
        {
            await official.PostJson($"claims/{claim}/confirm-paid", new { reference = "B-1" }, Market.NewKey()).AssertProblem(403, "separation-of-duty");
        }

        Assert.That((await office.Manager.GetJson($"claims/{claim}")).GetProperty("persons").Text("filedBy"), Is.EqualTo(filer));
    }

    [Test]
    public async Task One_person_does_not_sign_for_both_sides()
    {
        var name = $"双面 {Guid.NewGuid():n}";
        var contract = await market.DraftContract();
        await market.Client(await market.Key(contract.Buyer.Id, ["member"], name)).Act($"contracts/{contract.Id}/sign").Json();
        await market.Client(await market.Key(contract.Seller.Id, ["member"], " " + name)).Act($"contracts/{contract.Id}/sign").AssertProblem(403, "separation-of-duty");
        await contract.Seller.Client.Act($"contracts/{contract.Id}/sign").Json();
    }

    [Test]
    public async Task An_office_with_a_stake_decides_neither_on_the_contract_nor_on_its_payments_nor_on_its_own_listings()
    {
        var (buyer, seller, broker) = (await market.Party("government"), await market.Party("university"), await market.Party("agency"));
        var contract = await market.SubmittedContract(buyer, seller, new { brokers = new[] { new { party = broker.Id, share = 100 } } });
        var payment = await buyer.Client.PostJson($"contracts/{contract.Id}/payments", new { amount = 10, paidOn = market.Today.Iso(), reference = "R-1" }).Json(201);
        foreach (var party in new[] { buyer, seller, broker })
        {
            if (party != buyer)
            {
                await market.MakeOffice(party);
            }

            var registrar = market.Client(await market.Key(party.Id, ["registrar"], $"registrar {Guid.NewGuid():n}"[..30]));
            foreach (var (action, body) in new (string, object)[]
            {
                ("recognise", market.RecognitionBody()), ("refuse", new { reason = "否" }), ("request-supplement", new { reason = "补" }), ("dispute", new { reason = "议" }),
                ("record-opinion", new { expert = "李工", text = "意见" }), ("separate", new { reason = "单独" }),
                ("record-recognition", new { number = "X1", recognisedOn = market.Today.Iso(), office = "别处" }),
            })
            {
                await registrar.PostJson($"contracts/{contract.Id}/{action}", body).AssertProblem(403, "conflict-of-interest");
            }

            foreach (var action in new[] { "confirm", "reject" })
            {
                await registrar.PostJson($"contracts/{contract.Id}/payments/{payment.Text("id")}/{action}", new { reason = "核" }).AssertProblem(403, "conflict-of-interest");
            }
        }

        await market.Recognise(contract);
        var demand = await buyer.Demand();
        await buyer.Client.Act($"demands/{demand}/submit").Json();
        var moderator = market.Client(await market.Key(buyer.Id, ["moderator", "member"], "审核员"));
        foreach (var action in new[] { "publish", "return", "reject" })
        {
            await moderator.PostJson($"demands/{demand}/{action}", new { reason = "自审" }).AssertProblem(403, "conflict-of-interest");
        }

        await moderator.PostAsync("imports/demands?publish=true", Requests.Content("{}", "application/x-ndjson")).AssertProblem(403, "conflict-of-interest");
        await (await market.As("moderator")).Act($"demands/{demand}/publish").Json();
    }

    [Test]
    public async Task Who_opened_a_recovery_does_not_decide_it()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(200_000, district);
        foreach (var decision in new[] { "waive", "claw-back" })
        {
            var claim = await market.ReviewedClaim(region: district);
            await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
            await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
            await office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"W-{claim.Id}" }, Market.NewKey()).Json();
            var both = await market.Official($"opener {Guid.NewGuid():n}"[..30], "fundManager", "approver");
            await both.PostJson($"claims/{claim.Id}/open-clawback", new { reason = "复查" }, Market.NewKey()).Json();
            await both.PostJson($"claims/{claim.Id}/{decision}", new { reason = "自决" }, Market.NewKey()).AssertProblem(403, "separation-of-duty");
            await office.OtherApprover.PostJson($"claims/{claim.Id}/{decision}", new { reason = "决定" }, Market.NewKey()).Json();
        }
    }

    [Test]
    public async Task Two_payments_never_have_one_reference_in_two_spellings()
    {
        var (district, office) = (market.District(), await market.Office());
        await market.OpenFund(200_000, district);
        var reference = $"Same-{Guid.NewGuid():n}";
        var claims = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var claim = await market.ReviewedClaim(region: district);
            await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
            await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
            claims.Add(claim.Id);
        }

        await office.Payer.PostJson($"claims/{claims[0]}/confirm-paid", new { reference }, Market.NewKey()).Json();
        foreach (var spelling in new[] { reference, reference.ToUpperInvariant(), reference + ".", "-" + reference.ToLowerInvariant() })
        {
            await office.Payer.PostJson($"claims/{claims[1]}/confirm-paid", new { reference = spelling }, Market.NewKey()).AssertProblem(409, "already-exists", "/reference");
        }

        await office.Payer.PostJson($"claims/{claims[1]}/confirm-paid", new { reference = reference + "2" }, Market.NewKey()).Json();
        var contract = await market.SignedContract();
        await contract.Buyer.Client.PostJson($"contracts/{contract.Id}/payments", new { amount = 10, paidOn = market.Today.Iso(), reference = "SAME" }).Json(201);
        await contract.Buyer.Client.PostJson($"contracts/{contract.Id}/payments", new { amount = 10, paidOn = market.Today.Iso(), reference = "same" }).AssertProblem(409, "already-exists", "/reference");
    }
}
