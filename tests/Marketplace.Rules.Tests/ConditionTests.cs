namespace Marketplace.Rules.Tests;

/// <summary>Each condition, three-valued.</summary>
public sealed class ConditionTests
{
    private static Policy When(string quote, params string[] conditions) =>
        Sample.Of(quote + " 1元", ["when:", .. conditions.Select(c => "  - " + c), "amount: { fixed: 1元, cite: a }"]);

    private static string Outcome(Policy policy, Facts facts) => policy.Evaluate(facts) is var answer && answer.Outcome == Rules.Outcome.Open
        ? "open " + string.Join(',', answer.MissingFacts.Select(f => f.Wire())) : answer.Codes()[0];

    [Test]
    public void Bounds_say_whether_they_are_included()
    {
        var policy = When("20万元 30万元", "{ amount: { from: 20万元, below: 30万元 }, cite: a }");
        string Of(string yuan) => Outcome(policy, Sample.Facts with { Amount = Xining.Yuan(yuan) });
        Assert.That(new[] { Of("199999.99"), Of("200000"), Of("299999.99"), Of("300000") },
            Is.EqualTo(new[] { "refused.belowMinimum", "granted.fixed", "granted.fixed", "refused.aboveMaximum" }));
        var outer = When("20万元 30万元", "{ amount: { above: 20万元, upTo: 30万元 }, cite: a }");
        Assert.That(new[] { Outcome(outer, Sample.Facts with { Amount = Fen.FromYuan(200_000) }), Outcome(outer, Sample.Facts with { Amount = Fen.FromYuan(300_000) }) },
            Is.EqualTo(new[] { "refused.belowMinimum", "granted.fixed" }));
        Assert.That(Outcome(policy, Sample.Facts), Is.EqualTo("open amount"));
    }

    [TestCase("2024-10-31", "refused.date")]
    [TestCase("2024-11-01", "granted.fixed")]
    [TestCase("2025-10-31", "granted.fixed")]
    [TestCase("2025-11-01", "refused.date")]
    public void A_window_includes_both_its_days(string paidOn, string code) => Assert.That(
        Outcome(When("x", "{ paidOn: { from: 2024-11-01, to: 2025-10-31 }, cite: a }"), Sample.Facts with { PaidOn = DateOnly.ParseExact(paidOn, "yyyy-MM-dd") }), Is.EqualTo(code));

    [Test]
    public void Days_must_follow_each_other_as_far_as_they_are_known()
    {
        var policy = When("x", "{ order: [listedOn, signedOn, paidOn], cite: a }");
        var facts = Sample.Facts with { ListedOn = new(2023, 1, 1), SignedOn = new(2023, 1, 1), PaidOn = new(2023, 2, 1) };
        Assert.That(Outcome(policy, facts), Is.EqualTo("granted.fixed"));
        Assert.That(Outcome(policy, facts with { SignedOn = new(2022, 12, 31) }), Is.EqualTo("refused.order"));
        Assert.That(Outcome(policy, facts with { SignedOn = null }), Is.EqualTo("open signedOn"));
        Assert.That(Outcome(policy, facts with { SignedOn = null, PaidOn = new(2022, 12, 31) }), Is.EqualTo("refused.order"));
    }

    [Test]
    public void Flags_refuse_by_what_was_found()
    {
        var policy = When("x", "{ publiclyFunded: false, cite: a }", "{ landedLocally: true, cite: a }");
        Assert.That(policy.Evaluate(Sample.Facts with { PubliclyFunded = true, LandedLocally = false }).Codes(), Is.EqualTo(new[] { "refused.publiclyFunded", "refused.notLandedLocally" }));
        Assert.That(Outcome(policy, Sample.Facts with { PubliclyFunded = false, LandedLocally = true }), Is.EqualTo("granted.fixed"));
    }

    [Test]
    public void Kinds_of_parties_titles_and_findings_are_tested()
    {
        var policy = When("x", "{ buyerKind: [enterprise], cite: a }", "{ title: [国家级], cite: a }", "{ assessed: marked-effect, cite: a }");
        var facts = Sample.Facts with { BuyerKind = EntityKind.Enterprise, Title = "国家级", Findings = [new("marked-effect", true)] };
        Assert.That(Outcome(policy, facts), Is.EqualTo("granted.fixed"));
        Assert.That(policy.Evaluate(facts with { BuyerKind = EntityKind.University, Title = "省级", Findings = [new("marked-effect", false)] }).Codes(),
            Is.EqualTo(new[] { "refused.party", "refused.word", "refused.assessment" }));
        Assert.That(Outcome(policy, facts with { Findings = [new("other", true)] }), Is.EqualTo("open findings"));
    }

    [Test]
    public void Any_needs_one_and_not_excludes()
    {
        var policy = When("x", "{ any: [ { auctioned: true }, { onPlatform: true } ], cite: a }", "{ not: { sellerRegion: \"350100\" }, cite: a }");
        var facts = Sample.Facts with { Auctioned = true, SellerRegion = "350200" };
        Assert.That(Outcome(policy, facts), Is.EqualTo("granted.fixed"), "one part that holds is enough");
        Assert.That(Outcome(policy, facts with { Auctioned = false }), Is.EqualTo("open onPlatform"));
        Assert.That(policy.Evaluate(facts with { Auctioned = false, OnPlatform = false, SellerRegion = "350102" }).Codes(),
            Is.EqualTo(new[] { "refused.notAuctioned", "refused.notOnPlatform", "refused.excluded" }));
    }

    [Test]
    public void Awards_about_another_subject_do_not_turn_up()
    {
        Assert.That(Evaluator.Evaluate(Xining.Policy, Xining.Eligible, []).Awards.Select(a => a.Award), Is.EqualTo(new[] { "buyer", "broker", "major" }));
        Assert.That(Evaluator.Evaluate(Xining.Policy, new Facts { Subject = Subject.Platform }, []).Awards.Select(a => a.Award), Is.EqualTo(new[] { "lab", "pilot" }));
    }
}
