using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Claims;

/// <summary>Everybody at once at one fund, one claim or one payment: the books are right afterwards and nobody got more than there was.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MoneyRaceTests(Database database)
{
    const int Workers = 64;

    readonly Market market = Market.On(database);

    [Test]
    public async Task X1_one_approval_sent_64_times_under_one_key_reserves_once_and_is_answered_alike()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(10_000_000, district);
        var buyer = await market.Party(region: district);
        for (var round = 0; round < Races.Rounds; round++)
        {
            var (claim, key) = (await market.ReviewedClaim(await market.RecognisedContract(buyer)), Market.NewKey());
            var answers = await Races.Run(Workers, _ => office.Approver.Act($"claims/{claim.Id}/approve", key));
            var done = answers.Where(answer => answer.Succeeded).ToList();
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code), Is.All.EqualTo("idempotency-in-progress"));
            Assert.That((done.Count(answer => !answer.IsReplay), done.Select(answer => answer.Body).Distinct().Count()), Is.EqualTo((1, 1)));
            Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("reserved").GetDecimal(), Is.EqualTo(30_000 * (round + 1)));
        }

        await market.AssertBooks(fund);
    }

    [Test]
    public async Task X2_of_two_payments_under_one_key_one_is_recorded_and_the_other_never()
    {
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(10_000_000, district);
        var buyer = await market.Party(region: district);
        for (var round = 0; round < Races.Rounds; round++)
        {
            var (claim, key) = (await market.ReviewedClaim(await market.RecognisedContract(buyer)), Market.NewKey());
            await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
            await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
            var answers = await Races.Run(Workers, i => office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"R-{claim.Id}-{i % 2}" }, key));
            Assert.That(answers.Where(answer => answer.Succeeded).Select(answer => answer.Body).Distinct().Count(), Is.EqualTo(1));
            var refused = answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).ToList();
            Assert.That(refused, Is.All.AnyOf("idempotency-key-reused", "idempotency-in-progress"));
            Assert.That(refused, Does.Contain("idempotency-key-reused"));
        }

        Assert.That((await office.Manager.GetJson($"funds/{fund}")).GetProperty("paid").GetDecimal(), Is.EqualTo(30_000 * Races.Rounds));
        await market.AssertBooks(fund);
    }

    [Test]
    public async Task X3_exactly_as_many_claims_are_approved_as_the_fund_covers()
    {
        const int covered = 40;
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(covered * 30_000m, district);
        var buyer = await market.Party(region: district);
        var waiting = new List<string>();
        for (var round = 1; round <= Races.FewRounds; round++)
        {
            while (waiting.Count < Workers)
            {
                waiting.Add((await market.ReviewedClaim(await market.RecognisedContract(buyer))).Id);
            }

            var answers = await Races.Run(Workers, i => office.Approver.Act($"claims/{waiting[i]}/approve", Market.NewKey()));
            Assert.That(answers.Count(answer => answer.Succeeded), Is.EqualTo(covered));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code), Is.All.EqualTo("fund-insufficient"));
            var seen = await office.Manager.GetJson($"funds/{fund}");
            Assert.That((seen.GetProperty("available").GetDecimal(), seen.GetProperty("reserved").GetDecimal()), Is.EqualTo((0m, round * covered * 30_000m)));
            await market.AssertBooks(fund);

            // Who was refused takes part in the next round.
            waiting = [.. waiting.Where((_, i) => !answers[i].Succeeded)];
            await Adjust(office, fund, covered * 30_000m);
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
            var answers = await Races.Run(Workers, i => (i % 3) switch
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
            var answers = await Races.Run(Workers, i => i % 4 == 3
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
        var (district, office) = (market.District(), await market.Office());
        var fund = await market.OpenFund(90_000, district);
        var buyer = await market.Party(region: district);
        var waiting = new List<string>();
        for (var round = 0; round < Races.Rounds; round++)
        {
            while (waiting.Count < 4)
            {
                waiting.Add((await market.ReviewedClaim(await market.RecognisedContract(buyer))).Id);
            }

            await office.Manager.PostJson($"funds/{fund}/adjust", new { amount = -60_000, reason = "核减" }, Market.NewKey()).Json();
            var answers = await Races.Run(Workers, i => i < Workers - 1
                ? office.Approver.Act($"claims/{waiting[i % 4]}/approve", Market.NewKey())
                : office.SecondManager.PostJson($"funds/{fund}/adjust", new { amount = -60_000, reason = "同意" }, Market.NewKey()));
            await market.AssertBooks(fund);
            var seen = await office.Manager.GetJson($"funds/{fund}");
            Assert.That(seen.GetProperty("reserved").GetDecimal() + seen.GetProperty("available").GetDecimal(), Is.EqualTo(seen.GetProperty("appropriation").GetDecimal()));
            var approved = answers[..^1].Count(answer => answer.Succeeded);
            Assert.That(approved, Is.EqualTo(answers[^1].Succeeded ? 1 : 3), "the cut leaves money for one, and comes too late after the second");
            waiting = [.. waiting.Where((_, claim) => !answers.Where((answer, i) => i < Workers - 1 && i % 4 == claim && answer.Succeeded).Any())];
            await Adjust(office, fund, 90_000 - seen.GetProperty("available").GetDecimal());
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
            var answers = await Races.Run(Workers, i => i == Workers / 2
                ? market.Admin.DeleteAsync($"keys/{key.Text("id")}")
                : approver.Act($"claims/{claim.Id}/approve", Market.NewKey()));
            await approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).AssertProblem(401, "unauthenticated");
            Assert.That(answers[Workers / 2].Succeeded, Is.True);
            var approvals = answers.Where((_, i) => i != Workers / 2).ToList();
            var approved = (await market.Admin.GetJson($"claims/{claim.Id}")).Text("state") == "approved";
            Assert.That(approvals.Count(answer => answer.Succeeded), Is.EqualTo(approved ? 1 : 0));
            Assert.That(approvals.Where(answer => !answer.Succeeded).Select(answer => answer.Code), Is.All.AnyOf("unauthenticated", "invalid-transition"));
        }

        await market.AssertBooks(fund);
    }

    static async Task Adjust(TestOffice office, string fund, decimal amount)
    {
        foreach (var manager in amount == 0 ? [] : new[] { office.Manager, office.SecondManager })
        {
            await manager.PostJson($"funds/{fund}/adjust", new { amount, reason = "下一轮" }, Market.NewKey()).Json();
        }
    }
}
