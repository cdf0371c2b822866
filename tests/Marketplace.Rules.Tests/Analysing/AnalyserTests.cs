namespace Marketplace.Rules.Tests.Analysing;

/// <summary>The analysis against figures worked out by hand from the texts.</summary>
public sealed class AnalyserTests
{
    private const string Technology = "base: technologyAmount";

    [Test]
    public void The_buyer_of_Xining_bends_where_three_per_cent_reach_the_cap()
    {
        var curve = Claims.Of(Xining.Policy, "buyer").Curves.Single();
        Assert.That(curve.Stretches.Select(s => (s.From, s.To, s.Low!.Value.Value, s.High!.Value.Value, s.Marginal.ToString(), s.Clause)), Is.EqualTo(new (long, long?, long, long, string, string?)[]
        {
            (0, 333_333_333, 0, 9_999_999, "3%", null), (333_333_334, null, 10_000_000, 10_000_000, "0%", "buyer"),
        }));
        Assert.That(curve.Jumps, Is.Empty);
    }

    [Test]
    public void Cutting_a_contract_of_Xining_pays_the_buyer_and_never_the_broker()
    {
        var buyer = Claims.Of(Xining.Policy, "buyer");
        Assert.That(buyer.Splitting.Status, Is.EqualTo(ProofStatus.Refuted));
        var thirty = buyer.Splitting.Cuts.Single(c => c.Count == 30);
        Assert.Multiple(() =>
        {
            Assert.That((thirty.Whole.ToYuanText(), thirty.Uncut.ToYuanText(), thirty.Together.ToYuanText()), Is.EqualTo(("100000000.00", "100000.00", "2999999.99")));
            Assert.That((buyer.Splitting.Cuts[0].Count, buyer.Splitting.Cuts[0].Together.ToYuanText(), buyer.Splitting.Cuts[0].Gain.ToYuanText()), Is.EqualTo((31, "3000000.00", "2900000.00")));
            Assert.That(Claims.Of(Xining.Policy, "broker").Splitting.Status, Is.EqualTo(ProofStatus.Proven));
            Assert.That(Claims.Of(Xining.Policy, "major").Splitting.Status, Is.EqualTo(ProofStatus.NotApplicable));
        });
    }

    [Test]
    public void Counting_the_cap_of_Xining_per_project_ends_the_gain()
    {
        var yaml = Xining.Yaml.Replace("    chosen: contract", "    chosen: project", StringComparison.Ordinal);
        Assert.That(Claims.Of(Xining.Load(yaml), "buyer").Splitting.Status, Is.EqualTo(ProofStatus.Proven));
    }

    [Test]
    public void The_warning_of_splitting_stands_at_the_cap_that_does_not_span_the_parts()
    {
        var warning = Checking.Checked.Run(Xining.Yaml, null).Diagnostics.Single(d => d.Code == "POL703");
        Assert.That(Checking.Checked.At(Xining.Yaml, warning), Does.StartWith("10万元"));
        Assert.That(warning.MessageEn, Is.EqualTo("Splitting pays: 100000000.00 yuan as 30 contracts gives 2999999.99 yuan instead of 100000.00 yuan."));
        Assert.That(warning.MessageZh, Does.Contain("拆成 30 份可得 2999999.99元"));
    }

    [Test]
    public void Brackets_bend_at_each_bound_and_at_the_cap()
    {
        var policy = Sample.Of("10万元以内1%,10万元至100万元0.5%,100万元以上0.1%,最高5万元", Technology,
            "amount: { brackets: [ { upTo: 10万元, rate: 1% }, { upTo: 100万元, rate: 0.5% }, { rate: 0.1% } ], cite: a }", "limits: [ { cap: 5万元, scope: partyYear, cite: a } ]");
        var analysis = Claims.Of(policy);
        Assert.That(analysis.Curves.Single().Stretches.Select(s => (s.From, s.Marginal.ToString())), Is.EqualTo(new[]
        {
            (0L, "1%"), (10_000_000L, "0.5%"), (100_000_000L, "0.1%"), (4_550_000_000L, "0%"),
        }));
        Assert.That((analysis.Monotone.Status, analysis.Most), Is.EqualTo((ProofStatus.Proven, (Fen?)Fen.FromYuan(50_000))));
        // The first 100,000 yuan of each part earn one per cent again.
        Assert.That(analysis.Splitting.Status, Is.EqualTo(ProofStatus.Refuted));
    }

    [Test]
    public void A_threshold_of_a_condition_is_a_cliff_with_both_sums()
    {
        var policy = Sample.Of("20万元以上10%,最高20万元", Technology, "when: [ { technologyAmount: { from: 20万元 }, cite: a } ]", "amount: { rate: 10%, cite: a }",
            "limits: [ { cap: 20万元, scope: contract, cite: a } ]");
        var curve = Claims.Of(policy).Curves.Single();
        Assert.That(curve.Jumps.Select(j => (j.At, j.Before, j.After, j.Clause)), Is.EqualTo(new[] { (20_000_000L, (Fen?)Fen.Zero, (Fen?)Fen.FromYuan(20_000), "a") }));
        Assert.That(curve.Stretches.Select(s => s.From), Is.EqualTo(new[] { 0L, 20_000_000, 200_000_000 }));
    }

    [Test]
    public void Steps_jump_again_and_again_until_the_cap()
    {
        var policy = Sample.Of("达到1亿元奖励3万元,每增加0.5亿元增加1万元,最高10万元", "base: yearlyAmount",
            "amount: { step: { from: 1亿元, fixed: 3万元, per: 0.5亿元, add: 1万元 }, cite: a }", "limits: [ { cap: 10万元, scope: officeYear, cite: a } ]");
        var jumps = Claims.Of(policy).Curves.Single().Jumps;
        Assert.That(jumps.Select(j => (j.At, j.Before!.Value.Value, j.After!.Value.Value, j.Every, j.Until)), Is.EqualTo(new (long, long, long, long?, long?)[]
        {
            (10_000_000_000, 0, 3_000_000, null, null), (15_000_000_000, 3_000_000, 4_000_000, 5_000_000_000, 45_000_000_000),
        }));
        Assert.That(jumps[1].Covers(45_000_000_000) && !jumps[1].Covers(50_000_000_000) && !jumps[1].Covers(20_000_000_001));
    }

    [Test]
    public void A_higher_band_that_pays_less_is_shown_by_two_bases()
    {
        var policy = Sample.Of("3000万元以下0.5%,3000万元以上0.3%", Technology,
            "amount: { bands: [ { upTo: 3000万元, rate: 0.5% }, { above: 3000万元, rate: 0.3% } ], cite: a }");
        var monotone = Claims.Of(policy).Monotone;
        Assert.That(monotone.Status, Is.EqualTo(ProofStatus.Refuted));
        Assert.That((monotone.Witness!.At, monotone.Witness.Before, monotone.Witness.After), Is.EqualTo((3_000_000_001, (Fen?)Fen.FromYuan(150_000), (Fen?)Fen.FromYuan(90_000))));
        Assert.That(Claims.Codes(policy), Does.Contain("POL701").And.Contain("POL703"));
    }

    [Test]
    public void A_minimum_to_pay_is_a_cliff_where_the_sum_reaches_it()
    {
        var policy = Sample.Of("3%,不足1万元的不补", Technology, "amount: { rate: 3%, cite: a }", "limits: [ { minimumToPay: 1万元, scope: contract, cite: a } ]");
        Assert.That(Claims.Of(policy).Curves.Single().Jumps.Select(j => (j.At, j.Before, j.After)), Is.EqualTo(new[] { (33_333_334L, (Fen?)Fen.Zero, (Fen?)Fen.FromYuan(10_000)) }));
    }

    [Test]
    public void A_threshold_on_another_sum_is_a_cliff_up_to_all_that_the_award_can_come_to()
    {
        var policy = Sample.Of("年度累计500万元以上,3%,最高10万元", Technology, "when: [ { yearlyAmount: { from: 500万元 }, cite: a } ]", "amount: { rate: 3%, cite: a }",
            "limits: [ { cap: 10万元, scope: partyYear, cite: a } ]");
        var curve = Claims.Of(policy).Curves.Single(c => !c.IsBase);
        Assert.That((curve.Over.Single(), curve.Jumps.Single().At, curve.Jumps.Single().After), Is.EqualTo((Fact.YearlyAmount, 500_000_000L, (Fen?)Fen.FromYuan(100_000))));
    }

    [TestCase("fixed: 5万元", "", ProofStatus.Refuted, TestName = "A sum for each contract")]
    [TestCase("fixed: 5万元", "{ cap: 5万元, scope: project, cite: a }", ProofStatus.Proven, TestName = "A sum for each project")]
    [TestCase("rate: 3%", "", ProofStatus.Proven, TestName = "A rate without a cap")]
    [TestCase("rate: 3%", "{ cap: 10万元, scope: partyYear, cite: a }", ProofStatus.Proven, TestName = "A cap on the party's year")]
    [TestCase("rate: 3%", "{ cap: 10万元, scope: contract, cite: a }, { cap: 20万元, scope: project, cite: a }", ProofStatus.Refuted, TestName = "A wider cap that is larger")]
    [TestCase("rate: 3%", "{ cap: 20万元, scope: contract, cite: a }, { cap: 10万元, scope: project, cite: a }", ProofStatus.Proven, TestName = "A wider cap that is less")]
    [TestCase("rate: 3%", "{ floor: 5万元, scope: contract, cite: a }", ProofStatus.Refuted, TestName = "A floor of each contract")]
    [TestCase("rate: 3%", "{ minimumToPay: 1万元, scope: contract, cite: a }", ProofStatus.Proven, TestName = "A least sum that is paid")]
    [TestCase("basePlusRate: { from: 100万元, fixed: 5万元, rate: 3% }", "", ProofStatus.Refuted, TestName = "A base sum that is more than the rate")]
    [TestCase("basePlusRate: { from: 200万元, fixed: 5万元, rate: 3% }", "", ProofStatus.Proven, TestName = "A base sum that the threshold earns")]
    public void Cutting_is_judged_by_the_shape_and_the_scope(string amount, string limits, ProofStatus status)
    {
        var policy = Sample.Of("5万元 1万元 3% 10万元 20万元 100万元 200万元", Technology, $"amount: {{ {amount}, cite: a }}", $"limits: [ {limits} ]");
        var analysis = Claims.Of(policy);
        Assert.That(analysis.Splitting.Status, Is.EqualTo(status));
        foreach (var cut in analysis.Splitting.Cuts)
            Assert.That(Claims.Together(policy, analysis, analysis.Splitting.Given!, analysis.Splitting.Over, cut.Parts), Is.EqualTo(cut.Together.Value));
    }

    [TestCase("halfUp")]
    [TestCase("up")]
    public void Rounding_that_lifts_is_a_gain_of_cutting(string mode)
    {
        var policy = Sample.Of("3%", Technology, "amount: { rate: 3%, cite: a }", $"round: {{ to: 分, mode: {mode}, cite: a }}");
        Assert.That(Claims.Of(policy).Splitting.Status, Is.EqualTo(ProofStatus.Refuted));
    }

    [Test]
    public void Conditions_that_exclude_each_other_are_named() => Assert.That(Claims.Codes(Sample.Of("3%", Technology,
        "when: [ { kind: [transfer], cite: a }, { not: { any: [ { kind: [transfer, licence] } ] }, cite: a } ]", "amount: { rate: 3%, cite: a }")), Is.EqualTo(new[] { "POL606" }));

    [Test]
    public void A_window_that_ends_before_the_policy_begins_is_named() => Assert.That(Claims.Codes(Sample.Of("3%", Technology,
        "when: [ { recognisedOn: { to: 2019-12-31 }, cite: a } ]", "amount: { rate: 3%, cite: a }")), Is.EqualTo(new[] { "POL606" }));

    [Test]
    public void A_case_that_an_earlier_one_takes_up_is_named()
    {
        var remark = Analyser.Analyse(Sample.Of("3% 5% 1%", Technology,
            "amount: { cases: [ { when: [ { sellerRegion: \"350000\" } ], rate: 3% }, { when: [ { sellerRegion: \"350100\" } ], rate: 5% }, { rate: 1% } ], cite: a }")).Remarks.Single(r => r.Code == "POL607");
        Assert.That(remark.Detail, Is.EqualTo("cases.1"));
    }

    [Test]
    public void A_cap_above_everything_never_binds_and_one_of_a_project_may() => Assert.Multiple(() =>
    {
        Assert.That(Claims.Codes(Sample.Of("5万元 10万元", "amount: { fixed: 5万元, cite: a }", "limits: [ { cap: 10万元, scope: contract, cite: a } ]")), Does.Contain("POL704"));
        Assert.That(Claims.Codes(Sample.Of("5万元 10万元", "amount: { fixed: 5万元, cite: a }", "limits: [ { cap: 10万元, scope: project, cite: a } ]")), Does.Not.Contain("POL704"));
        Assert.That(Claims.Codes(Sample.Of("3% 10万元", Technology, "amount: { rate: 3%, cite: a }", "limits: [ { cap: 10万元, scope: contract, cite: a } ]")), Does.Not.Contain("POL704"));
    });

    [Test]
    public void A_rate_behind_the_cap_never_counts()
    {
        var policy = Sample.Of("100万元以内5%,最高5万元,超出1%", Technology, "amount: { brackets: [ { upTo: 100万元, rate: 5% }, { rate: 1% } ], cite: a }", "limits: [ { cap: 5万元, scope: contract, cite: a } ]");
        var remark = Analyser.Analyse(policy).Remarks.Single(r => r.Code == "POL705");
        Assert.That(remark.TextEn, Does.StartWith("1% never counts"));
    }

    [Test]
    public void A_sum_that_never_reaches_what_is_paid_at_all_is_named() => Assert.That(
        Claims.Codes(Sample.Of("5万元 10万元", "amount: { fixed: 5万元, cite: a }", "limits: [ { minimumToPay: 10万元, scope: contract, cite: a } ]")), Does.Contain("POL707"));

    [Test]
    public void A_fund_smaller_than_one_award_is_named()
    {
        var policy = Sample.Policy("20万元 10万元", Sample.Award("x", "amount: { fixed: 20万元, cite: a }"), "funds: { main: { yearly: 10万元, onShortage: queue, pays: [x], cite: a } }");
        var remark = Analyser.Analyse(policy).Remarks.Single(r => r.Code == "POL706");
        Assert.That(remark.TextEn, Is.EqualTo("The fund \"main\" has 100000.00 yuan a year, less than one award \"x\" can come to (200000.00 yuan)."));
    }

    [Test]
    public void Days_without_a_value_are_named_and_every_period_is_analysed()
    {
        var policy = Sample.Of("3%", Technology, "amount: { rate: [ { to: 2021-12-31, value: 3% }, { from: 2022-01-01, value: none } ], cite: a }");
        var analysis = Analyser.Analyse(policy);
        Assert.That(analysis.Awards.Select(a => (a.From, a.To)), Is.EqualTo(new (DateOnly, DateOnly?)[] { (new(2020, 1, 1), new(2021, 12, 31)), (new(2022, 1, 1), null) }));
        Assert.That(analysis.Remarks.Select(r => r.Code), Is.EqualTo(new[] { "POL608" }));
    }

    [Test]
    public void Every_remark_speaks_both_languages()
    {
        foreach (var kind in Enum.GetValues<RemarkKind>())
        {
            var remark = new Remark(kind, "x", Severity.Info, null, null, Fact.Amount, default, default, default, "");
            Assert.That(remark.TextZh + remark.FixZh, Does.Match("\\p{IsCJKUnifiedIdeographs}"), kind.ToString());
            Assert.That(remark.TextEn + remark.FixEn, Does.Match("^[\\x20-\\x7E]+$"), kind.ToString());
        }
    }
}
