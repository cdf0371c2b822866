namespace Marketplace.Rules.Tests;

/// <summary>Numbers that change while a policy is in force; specimens; receipts.</summary>
public sealed class DatedValuesTests
{
    private const string Rates = "[ { to: 2021-12-31, value: 1% }, { from: 2022-01-01, to: 2022-12-31, value: none }, { from: 2023-01-01, value: 3%, cite: a } ]";

    private static Policy Dated { get; } = Sample.Of("1% 3%", "base: amount", $"amount: {{ rate: {Rates}, cite: a }}");

    private static Facts On(int year, int month, int day) => Sample.Facts with { Amount = Fen.FromYuan(100), RecognisedOn = new DateOnly(year, month, day) };

    [TestCase(2021, 12, 31, "1.00", "granted.rate")]
    [TestCase(2022, 1, 1, "0.00", "refused.noValue")]
    [TestCase(2022, 12, 31, "0.00", "refused.noValue")]
    [TestCase(2023, 1, 1, "3.00", "granted.rate")]
    public void The_value_of_the_governing_day_counts(int year, int month, int day, string amount, string code)
    {
        var answer = Dated.Evaluate(On(year, month, day));
        Assert.That((answer.Amount.ToString(), answer.Codes()[0]), Is.EqualTo((amount, code)));
    }

    [Test]
    public void Without_the_day_the_answer_spans_all_values()
    {
        var answer = Dated.Evaluate(On(2023, 1, 1) with { RecognisedOn = null });
        Assert.That((answer.Outcome, answer.Low, answer.High.ToString()), Is.EqualTo((Outcome.Open, Fen.Zero, "3.00")));
        Assert.That(answer.MissingFacts, Is.EqualTo(new[] { Fact.RecognisedOn }));
    }

    [Test]
    public void Each_value_is_a_parameter_with_its_days() =>
        Assert.That(Dated.Parameters.Select(p => (p.Literal, p.From, p.To)),
            Is.EqualTo(new[] { ("1%", (DateOnly?)null, (DateOnly?)new DateOnly(2021, 12, 31)), ("3%", new DateOnly(2023, 1, 1), null) }));

    [TestCase("[ { to: 2022-01-01, value: 1% }, { from: 2022-01-01, value: 3% } ]", "POL502")]
    [TestCase("[ { to: 2021-12-30, value: 1% }, { from: 2022-01-01, value: 3% } ]", "POL505")]
    [TestCase("[ { from: 2020-01-02, value: 1% } ]", "POL505")]
    [TestCase("[ { to: 2024-01-01, value: 1% } ]", "POL505")]
    [TestCase("[ { from: 2023-01-01, to: 2022-01-01, value: 1% } ]", "POL503")]
    [TestCase("[]", "POL205")]
    [TestCase("[ { value: 2% } ]", "POL403")]
    public void Overlaps_and_gaps_are_refused(string dated, string code) =>
        Assert.That(Sample.Read("1% 3%", Sample.Award("x", "base: amount", $"amount: {{ rate: {dated}, cite: a }}")).Diagnostics.Select(d => d.Code), Does.Contain(code));

    [Test]
    public void A_specimen_is_never_law()
    {
        var specimen = Xining.Yaml.Replace("schema: policy/1", "schema: policy/1\nspecimen: true");
        Assert.That(PolicyDocument.Load("x.yaml", specimen).Diagnostics.Select(d => d.Code), Is.EqualTo(new[] { "POL602" }));
        Assert.That(PolicyDocument.LoadSpecimen("x.yaml", specimen).Policy!.IsSpecimen, Is.True);
        Assert.That(PolicyDocument.LoadSpecimen("x.yaml", Xining.Yaml).Diagnostics.Select(d => d.Code), Is.EqualTo(new[] { "POL605" }));
    }

    [Test]
    public void A_receipt_is_borne_out_by_the_same_and_names_what_is_not()
    {
        Grant[] history = [new("broker", new Fen(1)) { Project = "P1" }, new("buyer", new Fen(2)) { Project = "P2", Contract = "C2" }];
        var receipt = Receipt.Of(Xining.Policy, Xining.Eligible, history);
        Assert.Multiple(() =>
        {
            Assert.That(receipt.Hash, Does.Match("^[0-9a-f]{64}$"));
            Assert.That(receipt.Replay(Xining.Policy, Xining.Eligible, [history[1], history[0]]), Is.Null);
            Assert.That(receipt.Replay(Xining.Policy, Xining.Eligible with { TechnologyAmount = new Fen(1) }, history), Is.EqualTo("facts"));
            Assert.That(receipt.Replay(Xining.Policy, Xining.Eligible, []), Is.EqualTo("history"));
            Assert.That(receipt.Replay(Xining.Load(Xining.Yaml.Replace("version: \"1\"", "version: \"2\"")), Xining.Eligible, history), Is.EqualTo("policy"));
            Assert.That((receipt with { Answer = receipt.Facts }).Replay(Xining.Policy, Xining.Eligible, history), Is.EqualTo("hash"));
        });
    }
}
