using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Claims;

/// <summary>Everybody at once at one fund, one claim or one payment: the books are right afterwards and nobody got more than there was.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MoneyRaceTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task X3_exactly_as_many_claims_are_approved_as_the_fund_covers()
    {
        const int claims = 64, covered = 40;
        for (var round = 0; round < Math.Min(Races.Rounds / 10, 10); round++)
        {
            var district = market.District();
            var fund = await market.OpenFund(covered * 30_000m, district);
            var buyer = await market.Party(region: district);
            var waiting = new List<string>();
            for (var i = 0; i < claims; i++)
            {
                waiting.Add((await market.ReviewedClaim(await market.RecognisedContract(buyer))).Id);
            }

            var approver = await market.As("approver");
            var answers = await Races.Run(claims, i => approver.Act($"claims/{waiting[i]}/approve", Market.NewKey()));
            Assert.That(answers.Count(answer => answer.Succeeded), Is.EqualTo(covered));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code), Is.All.EqualTo("fund-insufficient"));
            var seen = await approver.GetJson($"funds/{fund}");
            Assert.That((seen.GetProperty("available").GetRawText(), seen.GetProperty("reserved").GetRawText()), Is.EqualTo(("0", "1200000")));
            await market.AssertBooks(fund);
        }
    }

    [Test]
    public async Task X4_one_claim_that_is_approved_withdrawn_and_lapsed_at_once_has_one_outcome()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(10_000_000, district);
        var buyer = await market.Party(region: district);
        for (var round = 0; round < Races.Rounds; round++)
        {
            var claim = await market.ReviewedClaim(await market.RecognisedContract(buyer));
            var answers = await Races.Run(24, i => (i % 3) switch
            {
                0 => office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()),
                1 => claim.Claimant.PostJson($"claims/{claim.Id}/withdraw", new { reason = "放弃" }, Market.NewKey()),
                _ => office.Manager.PostJson($"claims/{claim.Id}/lapse", new { reason = "逾期" }, Market.NewKey()),
            });
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code), Is.All.EqualTo("invalid-transition"));
            Assert.That((await office.Manager.GetJson($"claims/{claim.Id}")).Text("state"), Is.AnyOf("withdrawn", "lapsed", "approved"));
        }

        await market.AssertBooks(fund);
    }

    [Test]
    public async Task X5_one_payment_is_posted_however_often_the_bank_reports_it()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(10_000_000, district);
        var buyer = await market.Party(region: district);
        for (var round = 0; round < Races.Rounds; round++)
        {
            var claim = await market.ReviewedClaim(await market.RecognisedContract(buyer));
            await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
            await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
            var answers = await Races.Run(16, i => i % 4 == 3
                ? office.Payer.PostJson($"claims/{claim.Id}/fail-payment", new { reason = "退汇" }, Market.NewKey())
                : office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"R-{claim.Id}-{i % 2}" }, Market.NewKey()));
            Assert.That(answers.Count(answer => answer.Succeeded), Is.EqualTo(1));
        }

        await market.AssertBooks(fund);
    }

    [Test]
    public async Task X6_what_is_paid_for_a_contract_that_falls_is_always_demanded_back()
    {
        var (district, office, registrar) = (market.District(), await market.Office(), await market.As("registrar"));
        var fund = await market.OpenFund(10_000_000, district);
        var buyer = await market.Party(region: district);
        for (var round = 0; round < Races.Rounds; round++)
        {
            var claim = await market.ReviewedClaim(await market.RecognisedContract(buyer));
            await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
            if (round % 2 == 0)
            {
                await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
            }

            var answers = await Races.Run(2, i => i == 0
                ? registrar.PostJson($"contracts/{claim.Contract.Id}/deregister", new { reason = "材料不实" })
                : round % 2 == 0
                    ? office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"R-{claim.Id}" }, Market.NewKey())
                    : office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()));
            Assert.That(answers[0].Succeeded, Is.True);
            var expected = round % 2 == 0 ? "clawbackOpened" : answers[1].Succeeded ? "ordered" : "lapsed";
            Assert.That((await claim.Claimant.GetJson($"claims/{claim.Id}")).Text("state"), Is.EqualTo(expected));
        }

        await market.AssertBooks(fund);
    }

    [Test]
    public async Task X7_a_cut_and_approvals_never_take_the_same_money()
    {
        var office = await market.Office();
        for (var round = 0; round < Math.Min(Races.Rounds / 2, 10); round++)
        {
            var district = market.District();
            var fund = await market.OpenFund(90_000, district);
            var buyer = await market.Party(region: district);
            var waiting = new List<string>();
            for (var i = 0; i < 4; i++)
            {
                waiting.Add((await market.ReviewedClaim(await market.RecognisedContract(buyer))).Id);
            }

            await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = -60_000, reason = "核减" }, Market.NewKey()).Json();
            await Races.Run(5, i => i < 4
                ? office.Approver.Act($"claims/{waiting[i]}/approve", Market.NewKey())
                : office.SecondManager.PostJson($"funds/{fund}/adjust", new { amount = -60_000, reason = "同意" }, Market.NewKey()));
            await market.AssertBooks(fund);
            var seen = await office.Manager.GetJson($"funds/{fund}");
            Assert.That(seen.GetProperty("reserved").GetDecimal() + seen.GetProperty("available").GetDecimal(), Is.EqualTo(seen.GetProperty("appropriation").GetDecimal()));
        }
    }

    [Test]
    public async Task X17_nothing_is_approved_after_the_key_was_revoked()
    {
        var district = market.District();
        var fund = await market.OpenFund(10_000_000, district);
        var (buyer, office) = (await market.Party(region: district), await market.Party("government"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var claim = await market.ReviewedClaim(await market.RecognisedContract(buyer));
            var key = await market.Admin.PostJson($"parties/{office.Id}/keys", new { roles = new[] { "approver" }, person = $"approver {round}" }).Json(201);
            var approver = market.Client(key.Text("key"));
            var answers = await Races.Run(2, i => i == 0
                ? approver.Act($"claims/{claim.Id}/approve", Market.NewKey())
                : market.Admin.DeleteAsync($"keys/{key.Text("id")}"));
            await approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(401, "unauthenticated");
            Assert.That(answers[1].Succeeded, Is.True);

            var approved = (await market.Admin.GetJson($"claims/{claim.Id}")).Text("state") == "approved";
            Assert.That((approved, answers[0].Succeeded || answers[0].Code == "unauthenticated"), Is.EqualTo((answers[0].Succeeded, true)));
        }

        await market.AssertBooks(fund);
    }
}
