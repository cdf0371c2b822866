namespace Marketplace.Rules.Tests;

/// <summary>Which limits an award was held to, as whoever keeps the books of what was paid must know.</summary>
public sealed class LimitUseTests
{
    private static readonly Facts Facts = Sample.Facts with { Amount = Fen.FromYuan(1_000_000) };

    private static Policy Capped(string limits, string more = "") => Sample.Policy("10% 10万元 5万元 三年",
        Sample.Award("x", "base: amount", "amount: { rate: 10%, cite: a }", $"limits: [ {limits} ]") + "\n" + Sample.Award("y", "base: amount", "amount: { rate: 10%, cite: a }"), more);

    private static string[] Keys(Policy policy, Facts facts, params Grant[] history) =>
        [.. Evaluator.Evaluate(policy, facts, history).Awards[0].Limits.Select(use => $"{use.Key}={use.Ceiling}{(use.From is null ? "" : $" {use.From:yyyy-MM-dd}..{use.Until:yyyy-MM-dd}")}")];

    [TestCase("contract", "sample|x|contract|0||c1=100000.00")]
    [TestCase("achievement", "sample|x|achievement|0||a1=100000.00")]
    [TestCase("partyYear", "sample|x|partyYear|0|2023|s1=100000.00")]
    [TestCase("partyLifetime", "sample|x|partyLifetime|0||s1=100000.00")]
    [TestCase("officeYear", "sample|x|officeYear|0|2023|o1=100000.00")]
    [TestCase("nYears, years: 三年", "sample|x|nYears|0||s1=100000.00 2021-01-01..2023-12-31")]
    public void A_cap_says_what_it_counts_over(string scope, string key) =>
        Assert.That(Keys(Capped($"{{ cap: 10万元, scope: {scope}, cite: a }}"), Facts), Is.EqualTo(new[] { key }));

    [Test]
    public void A_project_counts_under_its_buyer_and_under_its_seller() => Assert.That(
        Keys(Capped("{ cap: 10万元, scope: project, cite: a }"), Facts),
        Is.EqualTo(new[] { "sample|x|project|0||buyer:b1:project:p1=100000.00", "sample|x|project|0||seller:s1:project:p1=100000.00" }));

    [Test]
    public void Spellings_of_one_name_have_one_key() => Assert.That(
        Keys(Capped("{ cap: 10万元, scope: achievement, cite: a }"), Facts with { Achievement = "“Ａ1” " }), Is.EqualTo(Keys(Capped("{ cap: 10万元, scope: achievement, cite: a }"), Facts)));

    [Test]
    public void Caps_of_one_scope_and_caps_over_several_awards_are_told_apart() => Assert.That(
        Keys(Capped("{ cap: 10万元, scope: contract, cite: a }, { cap: 5万元, scope: contract, cite: a }", "stacking: [ { combinedCap: 10万元, of: [y, x], scope: contract, cite: a } ]"), Facts),
        Is.EqualTo(new[] { "sample|x|contract|0||c1=100000.00", "sample|x|contract|1||c1=50000.00", "sample|x+y|contract|0||c1=100000.00" }));

    [Test]
    public void A_cap_whose_ceiling_or_scope_is_unknown_is_left_out()
    {
        Assert.That(Keys(Capped("{ cap: paid, scope: contract, cite: a }"), Facts), Is.Empty);
        Assert.That(Keys(Capped("{ cap: paid, scope: contract, cite: a }"), Facts with { Paid = Fen.FromYuan(3) }), Is.EqualTo(new[] { "sample|x|contract|0||c1=3.00" }));
        Assert.That(Keys(Capped("{ cap: 10万元, scope: achievement, cite: a }"), Facts with { Achievement = null }), Is.Empty);
        Assert.That(Keys(Capped("{ cap: 10万元, scope: partyYear, cite: a }"), Facts with { RecognisedOn = null }), Is.Empty);
    }

    [Test]
    public void A_long_name_has_a_short_key() => Assert.That(
        Keys(Capped("{ cap: 10万元, scope: achievement, cite: a }"), Facts with { Achievement = new('长', 5_000) })[0], Has.Length.LessThan(150));
}
