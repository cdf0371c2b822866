namespace Marketplace.Rules.Tests;

/// <summary>How awards of one policy bear on each other.</summary>
public sealed class StackingTests
{
    private static readonly Facts Facts = Sample.Facts with { Amount = Fen.FromYuan(1_000_000), Paid = Fen.FromYuan(100_000) };

    private static Policy Two(string rule) => Sample.Policy("1% 5% 1.2万元",
        Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }") + "\n" + Sample.Award("y", "base: paid", "amount: { rate: 5%, cite: a }"),
        $"stacking: [ {{ {rule}, cite: a }} ]");

    private static string[] Amounts(Policy policy, Facts facts, params Grant[] history) =>
        [.. policy.EvaluateAll(facts, history).Select(a => a.Amount?.ToString() ?? $"{a.Low}—{a.High}")];

    [Test]
    public void Of_exclusive_awards_the_first_that_is_due_is_paid()
    {
        var policy = Two("exclusive: [y, x]");
        Assert.That(Amounts(policy, Facts), Is.EqualTo(new[] { "0.00", "5000.00" }));
        Assert.That(policy.EvaluateAll(Facts)[0].Codes(), Is.EqualTo(new[] { "refused.excludedByStacking" }));
        Assert.That(Amounts(policy, Facts with { Paid = Fen.Zero }), Is.EqualTo(new[] { "10000.00", "0.00" }));
        Assert.That(Amounts(policy, Facts with { Paid = null }), Is.EqualTo(new[] { "0.00—10000.00", "0.00—" }));
    }

    [Test]
    public void What_was_granted_for_the_contract_before_excludes_the_other() =>
        Assert.That(Amounts(Two("exclusive: [y, x]"), Facts, new Grant("x", Fen.FromYuan(1)) { Contract = "C1" })[1], Is.EqualTo("0.00"));

    [Test]
    public void Of_several_the_higher_is_paid()
    {
        Assert.That(Amounts(Two("higherOf: [x, y]"), Facts), Is.EqualTo(new[] { "10000.00", "0.00" }));
        Assert.That(Amounts(Two("higherOf: [x, y]"), Facts with { Paid = Fen.FromYuan(900_000) }), Is.EqualTo(new[] { "0.00", "45000.00" }));
        Assert.That(Amounts(Two("higherOf: [y, x]"), Facts with { Paid = Fen.FromYuan(200_000) }), Is.EqualTo(new[] { "0.00", "10000.00" }), "equal: the first listed");
    }

    [Test]
    public void The_parties_choose_and_until_they_do_either_may_be_paid()
    {
        var policy = Two("chosenByParties: [x, y]");
        Assert.That(Amounts(policy, Facts with { ChosenAward = "y" }), Is.EqualTo(new[] { "0.00", "5000.00" }));
        Assert.That(Amounts(policy, Facts), Is.EqualTo(new[] { "0.00—10000.00", "0.00—5000.00" }));
        Assert.That(policy.EvaluateAll(Facts)[0].MissingFacts, Is.EqualTo(new[] { Fact.ChosenAward }));
        Assert.That(Amounts(policy, Facts with { Paid = Fen.Zero }), Is.EqualTo(new[] { "10000.00", "0.00" }), "nothing to choose between");
    }

    [Test]
    public void A_choice_of_the_parties_that_names_none_of_the_awards_does_not_pay_them_all()
    {
        var policy = Two("chosenByParties: [x, y]");
        Assert.That(Amounts(policy, Facts with { ChosenAward = "other" }), Is.EqualTo(new[] { "0.00—10000.00", "0.00—5000.00" }));
        Assert.That(policy.EvaluateAll(Facts with { ChosenAward = "other" })[0].MissingFacts, Is.EqualTo(new[] { Fact.ChosenAward }));
    }

    [Test]
    public void What_other_levels_paid_is_taken_off_once()
    {
        var policy = Two("deduct: paidElsewhere, from: [x, y]");
        Assert.That(Amounts(policy, Facts with { PaidElsewhere = Fen.FromYuan(4_000) }), Is.EqualTo(new[] { "6000.00", "5000.00" }));
        Assert.That(Amounts(policy, Facts with { PaidElsewhere = Fen.FromYuan(12_000) }), Is.EqualTo(new[] { "0.00", "3000.00" }));
        Assert.That(Amounts(policy, Facts with { PaidElsewhere = Fen.Zero }), Is.EqualTo(new[] { "10000.00", "5000.00" }));
        Assert.That(Amounts(policy, Facts), Is.EqualTo(new[] { "0.00—10000.00", "0.00—5000.00" }));
    }

    [Test]
    public void A_combined_cap_is_drawn_on_in_the_listed_order_and_by_the_history()
    {
        var policy = Two("combinedCap: 1.2万元, of: [x, y], scope: project");
        Assert.That(Amounts(policy, Facts), Is.EqualTo(new[] { "10000.00", "2000.00" }));
        Assert.That(Amounts(policy, Facts, new Grant("y", Fen.FromYuan(3_000)) { Project = "P1", Contract = "C0" }), Is.EqualTo(new[] { "9000.00", "0.00" }));
        Assert.That(policy.EvaluateAll(Facts)[1].Codes(), Does.Contain("limited.combinedCap"));
    }

    [Test]
    public void A_rule_about_an_award_that_does_not_exist_is_refused()
    {
        var result = Sample.Read("1%", Sample.Award("x", "base: amount", "amount: { rate: 1%, cite: a }"), "stacking: [ { exclusive: [x, yy], cite: a } ]");
        Assert.That(result.Diagnostics.Select(d => d.Code), Does.Contain("POL208"));
    }
}
