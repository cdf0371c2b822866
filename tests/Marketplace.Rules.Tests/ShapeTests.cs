namespace Marketplace.Rules.Tests;

/// <summary>Each shape of the vocabulary by itself, with sums worked out by hand.</summary>
public sealed class ShapeTests
{
    private static Facts Yearly(string yuan) => Sample.Facts with { YearlyAmount = Xining.Yuan(yuan) };

    [TestCase("100000", "1000.00")]
    [TestCase("1000000", "5500.00")]
    [TestCase("1000001", "5500.00")]
    [TestCase("45500000", "50000.00")]
    [TestCase("45499990", "49999.99")]
    public void Brackets_rate_each_part_of_the_base(string yearly, string amount)
    {
        var policy = Sample.Of("10万元 1% 100万元 0.5% 0.1% 5万元", "base: yearlyAmount",
            "amount: { brackets: [ { upTo: 10万元, rate: 1% }, { upTo: 100万元, rate: 0.5% }, { rate: 0.1% } ], cite: a }",
            "limits: [ { cap: 5万元, scope: partyYear, cite: a } ]");
        Assert.That(policy.Yuan(Yearly(yearly)), Is.EqualTo(amount));
    }

    [TestCase("4999999.99", "0.00", "refused.belowMinimum")]
    [TestCase("5000000", "100000.00", "granted.scale")]
    [TestCase("9999999.99", "199999.99", "granted.scale")]
    [TestCase("10000000", "150000.00", "granted.scale")]
    [TestCase("50000000", "500000.00", "granted.scale")]
    [TestCase("99900000", "500000.00", "granted.scale")]
    public void Bands_rate_the_whole_of_the_base_or_give_one_sum(string yearly, string amount, string reason)
    {
        var policy = Sample.Of("500万元 1000万元 5000万元 2% 1.5% 50万元", "base: yearlyAmount",
            "amount: { bands: [ { from: 500万元, below: 1000万元, rate: 2% }, { from: 1000万元, below: 5000万元, rate: 1.5% }, { from: 5000万元, fixed: 50万元 } ], cite: a }");
        var answer = policy.Evaluate(Yearly(yearly));
        Assert.That((answer.Amount.ToString(), answer.Codes()[0]), Is.EqualTo((amount, reason)));
    }

    [TestCase("499999999.99", "0.00")]
    [TestCase("500000000", "200000.00")]
    [TestCase("600000000", "260000.00")]
    public void A_base_sum_grows_with_the_excess_over_its_threshold(string yearly, string amount)
    {
        var policy = Sample.Of("5亿元 20万元 0.6‰", "base: yearlyAmount", "amount: { basePlusRate: { from: 5亿元, fixed: 20万元, rate: 0.6‰ }, cite: a }");
        Assert.That(policy.Yuan(Yearly(yearly)), Is.EqualTo(amount));
    }

    [TestCase("99999999.99", "0.00")]
    [TestCase("100000000", "30000.00")]
    [TestCase("149999999.99", "30000.00")]
    [TestCase("150000000", "40000.00")]
    [TestCase("900000000", "100000.00")]
    public void A_step_pays_for_each_full_unit(string yearly, string amount)
    {
        var policy = Sample.Of("1亿元 3万元 0.5亿元 1万元 10万元", "base: yearlyAmount",
            "amount: { step: { from: 1亿元, fixed: 3万元, per: 0.5亿元, add: 1万元 }, cite: a }", "limits: [ { cap: 10万元, scope: officeYear, cite: a } ]");
        Assert.That(policy.Yuan(Yearly(yearly)), Is.EqualTo(amount));
    }

    [TestCase("100", "80", "0.00")]
    [TestCase("5000000", "4000000", "100.00")]
    [TestCase("4000000", "5000000", "0.00")]
    public void Growth_pays_on_what_was_added_since_last_year(string now, string before, string amount)
    {
        var policy = Sample.Of("1‱", "base: { growth: yearlyAmount, since: lastYearAmount }", "amount: { rate: 1‱, cite: a }");
        Assert.That(policy.Yuan(Yearly(now) with { LastYearAmount = Xining.Yuan(before) }), Is.EqualTo(amount));
    }

    [Test]
    public void The_lesser_of_two_sums_is_the_base()
    {
        var policy = Sample.Of("2%", "base: { lesserOf: [received, technologyAmount] }", "amount: { rate: 2%, cite: a }");
        var facts = Sample.Facts with { Received = Fen.FromYuan(100), TechnologyAmount = Fen.FromYuan(300) };
        Assert.That(policy.Yuan(facts), Is.EqualTo("2.00"));
        var open = policy.Evaluate(facts with { Received = null });
        Assert.That((open.Outcome, open.High.ToString()), Is.EqualTo((Outcome.Open, "6.00")));
        Assert.That(open.MissingFacts, Is.EqualTo(new[] { Fact.Received }));
    }

    [TestCase(3, "60000.00")]
    [TestCase(0, "0.00")]
    public void A_sum_per_unit_is_multiplied(int count, string amount) =>
        Assert.That(Sample.Of("2万元", "base: count", "amount: { perUnit: 2万元, cite: a }").Yuan(Sample.Facts with { Count = count }), Is.EqualTo(amount));

    [Test]
    public void An_upper_rate_never_becomes_a_sum()
    {
        var answer = Sample.Of("25% 500万元", "base: amount", "amount: { rateMax: 25%, cite: a }", "limits: [ { cap: 500万元, scope: contract, cite: a } ]")
            .Evaluate(Sample.Facts with { Amount = Fen.FromYuan(1_000_000) });
        Assert.That((answer.Outcome, answer.Amount, answer.Low, answer.High.ToString()), Is.EqualTo((Outcome.NeedsDecision, (Fen?)null, Fen.Zero, "250000.00")));
        Assert.That(answer.Codes(), Is.EqualTo(new[] { "open.upperRate" }));
    }

    [TestCase("350100", "350200", "50000.00")]
    [TestCase("350100", "110000", "15000.00")]
    [TestCase("110000", "110000", "0.00")]
    public void The_first_case_that_holds_gives_the_rate(string seller, string buyer, string amount)
    {
        var policy = Sample.Of("5% 1.5%", "base: amount", """
            amount:
              cases:
                - { when: [ { sellerRegion: "350000" }, { buyerRegion: "350000" } ], rate: 5% }
                - { when: [ { sellerRegion: "350000" } ], rate: 1.5% }
              cite: a
            """);
        var facts = Sample.Facts with { Amount = Fen.FromYuan(1_000_000), SellerRegion = seller, BuyerRegion = buyer };
        Assert.That(policy.Yuan(facts), Is.EqualTo(amount));
        var open = policy.Evaluate(facts with { BuyerRegion = null, SellerRegion = null });
        Assert.That((open.Low, open.High.ToString()), Is.EqualTo((Fen.Zero, "50000.00")));
        Assert.That(open.MissingFacts, Is.EqualTo(new[] { Fact.BuyerRegion, Fact.SellerRegion }));
    }

    [TestCase("4999999", "0.00")]
    [TestCase("5000000", "100000.00")]
    [TestCase("50000000", "200000.00")]
    public void The_band_of_another_quantity_chooses_the_cap(string yearly, string amount)
    {
        var policy = Sample.Of("1% 500万元 5000万元 10万元 20万元", "base: received", "amount: { rate: 1%, cite: a }",
            "limits: [ { cap: { by: yearlyAmount, bands: [ { from: 500万元, below: 5000万元, fixed: 10万元 }, { from: 5000万元, fixed: 20万元 } ] }, scope: partyYear, cite: a } ]");
        Assert.That(policy.Yuan(Yearly(yearly) with { Received = Fen.FromYuan(900_000_000) }), Is.EqualTo(amount));
    }

    [Test]
    public void Another_quantity_can_be_the_cap_and_unknown_it_leaves_a_range()
    {
        var policy = Sample.Of("80%", "base: taxPayable", "amount: { rate: 80%, cite: a }", "limits: [ { cap: taxPaid, scope: partyYear, cite: a } ]");
        var facts = Sample.Facts with { TaxPayable = Fen.FromYuan(100), TaxPaid = Fen.FromYuan(50) };
        Assert.That(policy.Yuan(facts), Is.EqualTo("50.00"));
        var open = policy.Evaluate(facts with { TaxPaid = null });
        Assert.That((open.Low.ToString(), open.High.ToString()), Is.EqualTo(("0.00", "80.00")));
        Assert.That(open.MissingFacts, Is.EqualTo(new[] { Fact.TaxPaid }));
    }

    [TestCase("999999", "0.00", "refused.belowMinimumToPay")]
    [TestCase("1000000", "10000.00", "granted.rate")]
    public void What_comes_to_less_than_the_minimum_is_not_paid(string amount, string paid, string reason)
    {
        var answer = Sample.Of("1% 1万元", "base: amount", "amount: { rate: 1%, cite: a }", "limits: [ { minimumToPay: 1万元, scope: contract, cite: a } ]")
            .Evaluate(Sample.Facts with { Amount = Xining.Yuan(amount) });
        Assert.That((answer.Amount.ToString(), answer.Codes()[0]), Is.EqualTo((paid, reason)));
    }

    [Test]
    public void A_floor_lifts_what_is_less()
    {
        var answer = Sample.Of("1% 1万元", "base: amount", "amount: { rate: 1%, cite: a }", "limits: [ { floor: 1万元, scope: contract, cite: a } ]")
            .Evaluate(Sample.Facts with { Amount = Fen.FromYuan(100) });
        Assert.That((answer.Amount.ToString(), answer.Codes()[^1]), Is.EqualTo(("10000.00", "granted.floor")));
    }

    [TestCase("down", "元", "1234.00")]
    [TestCase("halfUp", "元", "1235.00")]
    [TestCase("up", "百元", "1300.00")]
    [TestCase("down", "百元", "1200.00")]
    [TestCase("halfUp", "千元", "1000.00")]
    [TestCase("up", "千元", "1000.00")]
    public void A_sum_is_rounded_once_to_the_unit_and_never_above_a_cap(string mode, string unit, string amount)
    {
        var policy = Sample.Of("100% 1500元", "base: amount", "amount: { rate: 100%, cite: a }", "limits: [ { cap: 1500元, scope: contract, cite: a } ]",
            $"round: {{ to: {unit}, mode: {mode}, cite: a }}");
        Assert.That(policy.Yuan(Sample.Facts with { Amount = Xining.Yuan("1234.50") }), Is.EqualTo(amount));
    }
}
