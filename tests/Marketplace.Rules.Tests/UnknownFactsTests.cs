namespace Marketplace.Rules.Tests;

public sealed class UnknownFactsTests
{
    [Test]
    public void With_no_facts_at_all_everything_is_open_up_to_the_caps()
    {
        var awards = Evaluator.Evaluate(Xining.Policy, new Facts(), []).Awards;
        Assert.Multiple(() =>
        {
            Assert.That(awards.Select(a => a.Outcome), Is.All.EqualTo(Outcome.Open));
            Assert.That(awards.Select(a => a.High.ToString()), Is.EqualTo(new[] { "100000.00", "50000.00", "1000000.00" }));
            Assert.That(awards.Select(a => a.Low), Is.All.EqualTo(Fen.Zero));
            Assert.That(awards.Select(a => a.Amount), Is.All.Null);
            Assert.That(awards[0].MissingFacts, Is.EqualTo(new[] { Fact.Kind, Fact.TechnologyAmount, Fact.Recognised, Fact.RecognisedOn }));
            Assert.That(awards[1].MissingFacts, Is.EqualTo(new[] { Fact.Kind, Fact.TechnologyAmount, Fact.Recognised, Fact.RecognisedOn, Fact.Brokered }));
        });
    }

    [Test]
    public void A_known_base_bounds_an_open_award_by_what_it_would_come_to()
    {
        var broker = Xining.Evaluate("broker", Xining.Eligible with { Brokered = null });
        Assert.That((broker.Outcome, broker.Low, broker.High), Is.EqualTo((Outcome.Open, Fen.Zero, (Fen?)Fen.FromYuan(30_000))));
        Assert.That(broker.Codes(), Is.EqualTo(new[] { "open.missingFact" }));
        Assert.That(broker.Reasons[0].DetailEn, Is.EqualTo("The brokerage is missing; the answer depends on it."));
        Assert.That(broker.Certainty, Is.EqualTo(Certainty.Range));
    }

    [Test]
    public void Earlier_grants_narrow_what_an_unknown_base_can_bring()
    {
        var broker = Xining.Evaluate("broker", Xining.Eligible with { TechnologyAmount = null }, new Grant("broker", Fen.FromYuan(20_000)) { Project = "P1" });
        Assert.That((broker.Outcome, broker.High), Is.EqualTo((Outcome.Open, (Fen?)Fen.FromYuan(30_000))));
    }

    [Test]
    public void A_fact_that_cannot_change_a_refusal_is_not_asked_for()
    {
        var buyer = Xining.Evaluate("buyer", new Facts { Kind = ContractKind.Consulting });
        Assert.That(buyer.Outcome, Is.EqualTo(Outcome.Refused));
        Assert.That(buyer.Codes(), Is.EqualTo(new[] { "refused.kind" }));
        Assert.That(buyer.MissingFacts, Is.Empty);
    }

    [Test]
    public void An_open_major_project_may_come_to_nothing()
    {
        var major = Xining.Evaluate("major", Xining.Eligible with { Recognised = null });
        Assert.That((major.Outcome, major.Low, major.High), Is.EqualTo((Outcome.Open, Fen.Zero, (Fen?)Fen.FromYuan(1_000_000))));
        Assert.That(major.Codes(), Is.EqualTo(new[] { "open.caseDecision", "open.missingFact", "open.missingFact" }), "recognition, and what has to be found");
    }

    [Test]
    public void Without_an_assumption_in_the_document_the_fact_opens_the_award()
    {
        var start = Xining.Yaml.IndexOf("  relatedParties:\n    value: false", StringComparison.Ordinal);
        var end = Xining.Yaml.IndexOf("  buyerRegion:\n    value:", StringComparison.Ordinal);
        var policy = Xining.Load(Xining.Yaml.Remove(start, end - start));
        var buyer = Evaluator.Evaluate(policy, Xining.Eligible with { RelatedParties = null }, []).Awards[0];
        Assert.That(buyer.MissingFacts, Is.EqualTo(new[] { Fact.RelatedParties }));
    }

    [Test]
    public void An_answer_is_final_once_every_reading_it_rests_on_was_decided()
    {
        var decided = Xining.Load(Xining.Yaml.Replace("    readings:\n", "    by: { office: 西宁市科技局, on: 2021-01-04, paper: 1号 }\n    readings:\n"));
        Assert.That(Evaluator.Evaluate(decided, Xining.Eligible, []).Awards[0].Certainty, Is.EqualTo(Certainty.Final));
        Assert.That(Evaluator.Evaluate(decided, Xining.Eligible with { BuyerRegion = null }, []).Awards[0].Certainty, Is.EqualTo(Certainty.Provisional));
        Assert.That(Xining.Evaluate("buyer", Xining.Eligible).Certainty, Is.EqualTo(Certainty.Provisional));
    }

    [Test]
    public void Negative_sums_are_refused_at_the_door()
    {
        Assert.That(() => new Facts { Amount = new Fen(-1) }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Grant("buyer", new Fen(-1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase("630100", "630100", true)]
    [TestCase("630100", "630102", true)]
    [TestCase("630100", "630200", false)]
    [TestCase("630100", "630000", false)]
    [TestCase("630000", "630102", true)]
    [TestCase("630102", "630100", false)]
    [TestCase("630102", "630102", true)]
    public void A_region_covers_itself_and_what_lies_below(string outer, string inner, bool covers) =>
        Assert.That(Region.Covers(outer, inner), Is.EqualTo(covers));
}
