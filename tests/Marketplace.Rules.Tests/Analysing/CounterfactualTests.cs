namespace Marketplace.Rules.Tests.Analysing;

/// <summary>What would make a refused award due.</summary>
public sealed class CounterfactualTests
{
    private static readonly string[] Recognise = ["recognition: no → yes"];

    [Test]
    public void What_is_not_recognised_is_to_be_recognised_and_the_sum_is_promised()
    {
        var found = Find("buyer", Xining.Eligible with { Recognised = false }).Found.Single();
        Assert.Multiple(() =>
        {
            Assert.That(found.Changes.Select(c => c.TextEn), Is.EqualTo(Recognise));
            Assert.That(found.Changes[0].TextZh, Is.EqualTo("是否认定登记：否 → 是"));
            Assert.That((found.Outcome, found.Low, found.High), Is.EqualTo((Outcome.Granted, Fen.FromYuan(90_000), (Fen?)Fen.FromYuan(90_000))));
        });
    }

    [Test]
    public void Everything_that_stands_in_the_way_changes_together() => Assert.That(
        Texts("broker", Xining.Eligible with { Kind = ContractKind.Service, Recognised = false, Brokered = false, BuyerRegion = "632100" }), Is.EqualTo(new[]
        {
            "contract kind: service → development, recognition: no → yes, brokerage: no → yes, buyer's region: 632100 → 630100",
        }));

    [Test]
    public void What_a_person_decides_is_promised_as_a_range()
    {
        var found = Find("major", Xining.Eligible with { Recognised = false, Findings = [new("majorProject", true), new("dealCompleted", true), new("remarkableEffect", true)] }).Found;
        Assert.That(found.Select(f => (f.Outcome, f.Low, f.High)), Is.All.EqualTo((Outcome.NeedsDecision, Fen.FromYuan(500_000), (Fen?)Fen.FromYuan(1_000_000))));
        Assert.That(found, Is.Not.Empty);
    }

    [Test]
    public void What_the_parties_are_and_days_that_have_passed_are_never_suggested() => Assert.Multiple(() =>
    {
        Assert.That(Find("buyer", Xining.Eligible with { RelatedParties = true }), Has.Property("Fixed").EqualTo(new[] { Fact.RelatedParties }).And.Property("Found").Empty);
        Assert.That(Find("buyer", Xining.Eligible with { RecognisedOn = new DateOnly(2020, 8, 18) }), Has.Property("Fixed").EqualTo(new[] { Fact.RecognisedOn }).And.Property("Found").Empty);
    });

    [Test]
    public void What_is_granted_or_open_needs_no_change() => Assert.Multiple(() =>
    {
        Assert.That(Find("buyer", Xining.Eligible).Found, Is.Empty);
        Assert.That(Find("buyer", Xining.Eligible with { Kind = null }).Found, Is.Empty);
    });

    [Test]
    public void A_cap_that_earlier_grants_have_used_up_is_not_got_round() => Assert.That(
        Find("broker", Xining.Eligible, new Grant("broker", Fen.FromYuan(50_000)) { Project = "P1" }).Found, Is.Empty);

    [Test]
    public void A_threshold_is_met_by_its_own_value_or_more()
    {
        var policy = Sample.Of("20万元以上10%", "when: [ { technologyAmount: { from: 20万元 }, cite: a } ]", "base: technologyAmount", "amount: { rate: 10%, cite: a }");
        var found = Counterfactuals.Find(policy, Sample.Facts with { TechnologyAmount = Fen.FromYuan(150_000) }, [], "x").Found.Single();
        Assert.That(found.Changes.Single().TextEn, Is.EqualTo("technology amount: 150000.00 yuan → at least 200000.00 yuan"));
        Assert.That(found.Low, Is.EqualTo(Fen.FromYuan(20_000)));
    }

    [Test]
    public void A_sum_above_what_is_allowed_is_not_to_be_cut()
    {
        var policy = Sample.Of("20万元以下10%", "when: [ { technologyAmount: { upTo: 20万元 }, cite: a } ]", "base: technologyAmount", "amount: { rate: 10%, cite: a }");
        var answer = Counterfactuals.Find(policy, Sample.Facts with { TechnologyAmount = Fen.FromYuan(200_001) }, [], "x");
        Assert.That((answer.Found.Count, answer.Fixed.Single()), Is.EqualTo((0, Fact.TechnologyAmount)));
    }

    [Test]
    public void A_least_sum_to_pay_asks_for_the_least_base_that_reaches_it()
    {
        var policy = Sample.Of("3%,不足1万元的不补", "base: technologyAmount", "amount: { rate: 3%, cite: a }", "limits: [ { minimumToPay: 1万元, scope: contract, cite: a } ]");
        var found = Counterfactuals.Find(policy, Sample.Facts with { TechnologyAmount = Fen.FromYuan(100_000) }, [], "x").Found.Single();
        Assert.That((found.Changes.Single().To.ToString(), found.Low), Is.EqualTo(("333333.34", Fen.FromYuan(10_000))));
    }

    [Test]
    public void Either_of_two_ways_is_shown_and_neither_holds_more_than_it_needs()
    {
        var policy = Sample.Of("3%", "when: [ { any: [ { title: [甲] }, { all: [ { landedLocally: true }, { auctioned: true } ] } ], cite: a }, { recognised: true, cite: a } ]",
            "base: technologyAmount", "amount: { rate: 3%, cite: a }");
        var facts = Sample.Facts with { TechnologyAmount = Fen.FromYuan(100_000), Title = "乙", LandedLocally = false, Auctioned = false, Recognised = false };
        Assert.That(Counterfactuals.Find(policy, facts, [], "x").Found.Select(f => string.Join(", ", f.Changes.Select(c => c.TextEn))), Is.EqualTo(new[]
        {
            "recognition: no → yes, title: “乙” → “甲”", "recognition: no → yes, local use: no → yes, auction: no → yes",
        }));
    }

    [Test]
    public void A_person_may_still_find_so()
    {
        var policy = Sample.Of("5万元", "when: [ { assessed: marked-effect, cite: a } ]", "amount: { fixed: 5万元, cite: a }");
        var found = Counterfactuals.Find(policy, Sample.Facts with { Findings = [new Finding("marked-effect", false)] }, [], "x").Found.Single();
        Assert.That(found.Changes.Single().TextEn, Is.EqualTo("“marked-effect”: no → yes"));
    }

    [Test]
    public void Every_found_set_is_due_when_made_and_not_due_with_a_part_left_out() => Arbitrary.Always(c =>
    {
        foreach (var award in Evaluator.Evaluate(c.Policy, c.Facts, c.History).Awards)
        {
            foreach (var found in Counterfactuals.Find(c.Policy, c.Facts, c.History, award.Award).Found)
            {
                var then = After(c, award.Award, found.ApplyTo(c.Facts));
                if (!IsDue(then) || (then.Outcome, then.Low, then.High) != (found.Outcome, found.Low, found.High)) return false;
                foreach (var left in found.Changes)
                    if (IsDue(After(c, award.Award, (found with { Changes = [.. found.Changes.Where(change => change != left)] }).ApplyTo(c.Facts))))
                        return false;
            }
        }

        return true;
    });

    [Test]
    public void No_day_that_is_known_no_party_and_no_smaller_sum_is_ever_suggested() => Arbitrary.Always(c =>
        Evaluator.Evaluate(c.Policy, c.Facts, c.History).Awards.SelectMany(a => Counterfactuals.Find(c.Policy, c.Facts, c.History, a.Award).Found).SelectMany(f => f.Changes).All(change =>
            change.Fact.Type() is not (FactType.Date or FactType.Identity or FactType.Entity or FactType.Subject)
            && (change.Fact.Type() is not (FactType.Money or FactType.Count) || change.To.Numerator > change.From.Numerator)));

    [Test]
    public void Enough_of_what_is_refused_can_be_helped()
    {
        var counts = Enumerable.Range(0, 300).Select(Arbitrary.PolicyCase).SelectMany(c => Evaluator.Evaluate(c.Policy, c.Facts, c.History).Awards
            .Where(a => a.Outcome == Outcome.Refused).Select(a => Counterfactuals.Find(c.Policy, c.Facts, c.History, a.Award))).CountBy(a => a.Found.Count > 0).ToDictionary();
        Assert.That((counts[true], counts[false]), Is.GreaterThan((50, 20)));
    }

    private static CounterfactualAnswer Find(string award, Facts facts, params Grant[] history) => Counterfactuals.Find(Xining.Policy, facts, history, award);

    private static string[] Texts(string award, Facts facts) => [.. Find(award, facts).Found.Select(f => string.Join(", ", f.Changes.Select(c => c.TextEn)))];

    private static AwardEvaluation After(PolicyCase c, string award, Facts facts) => Evaluator.Evaluate(c.Policy, facts, c.History).Awards.Single(a => a.Award == award);

    private static bool IsDue(AwardEvaluation award) => award is { Outcome: Outcome.Granted or Outcome.NeedsDecision, High: null or { Value: > 0 } };
}
