namespace Marketplace.Rules.Tests;

/// <summary>Policies of other cities, as far as a table of figures tells: they show that the vocabulary can say what cities say.</summary>
public sealed class SpecimenTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Specimens");

    public static IEnumerable<TestCaseData> Specimens =>
        Directory.EnumerateFiles(Folder).Where(PolicyFile.IsPolicy).Order(StringComparer.Ordinal).Select(path => new TestCaseData(path).SetArgDisplayNames(Path.GetFileName(path)));

    [Test]
    public void There_are_specimens_of_most_of_the_table() => Assert.That(Specimens.Count(), Is.GreaterThanOrEqualTo(20));

    [TestCaseSource(nameof(Specimens))]
    public void A_specimen_bears_out_its_examples_and_they_notice_every_change(string path)
    {
        var result = PolicyCheck.Run(Read(path), Read(PolicyFile.ExamplesOf(path)));
        // That a policy has cliffs, or pays more for a deal cut in parts, is told of it and not against it.
        Assert.That(result.Diagnostics.Where(d => !d.Code.StartsWith("POL7", StringComparison.Ordinal) && d.Severity != Severity.Info), Is.Empty);
        Assert.That((result.Mutants, result.Noticed), Is.EqualTo((result.Noticed, result.Mutants)).And.Not.EqualTo((0, 0)));
    }

    [TestCaseSource(nameof(Specimens))]
    public void A_specimen_is_refused_as_a_policy_in_force(string path)
    {
        var result = PolicyDocument.Load(Path.GetFileName(path), File.ReadAllText(path));
        Assert.That(result.Policy, Is.Null);
        Assert.That(result.Diagnostics.Select(d => d.Code), Is.EqualTo(new[] { "POL602" }));
    }

    // 10万 × 1% + 90万 × 0.5% = 5,500; 50,000 is reached where 0.1% of what exceeds 100万 comes to 44,500.
    [TestCase("1000000.00", "5500.00")]
    [TestCase("45499999.99", "49999.99")]
    [TestCase("45500000.00", "50000.00")]
    [TestCase("45500000.01", "50000.00")]
    public void Sanming_pays_each_part_of_the_volume_at_the_rate_of_its_bracket(string volume, string award) =>
        Assert.That(Amount("sanming-2023", "registrant", new Facts { RecognisedOn = new(2023, 5, 1), YearlyAmount = Xining.Yuan(volume) }), Is.EqualTo(award));

    // 3万 at 1亿, 1万 more for each further 0.5亿, so that 10万 is reached at 1亿 + 7 × 0.5亿 = 4.5亿.
    [TestCase("99999999.99", "0.00")]
    [TestCase("100000000.00", "30000.00")]
    [TestCase("149999999.99", "30000.00")]
    [TestCase("150000000.00", "40000.00")]
    [TestCase("450000000.00", "100000.00")]
    [TestCase("500000000.00", "100000.00")]
    public void Sanming_pays_its_office_in_full_steps(string volume, string award) =>
        Assert.That(Amount("sanming-2023", "office", new Facts { Subject = Subject.Office, RecognisedOn = new(2023, 5, 1), YearlyAmount = Xining.Yuan(volume) }), Is.EqualTo(award));

    // 3000万 × 0.5% = 150,000; the other 850,000 are 0.3% of 283,333,333.33….
    [TestCase("registrant", "30000000.00", "150000.00")]
    [TestCase("registrant", "313333333.33", "999999.99")]
    [TestCase("registrant", "313333333.34", "1000000.00")]
    [TestCase("buyer", "199999.99", "0.00")]
    [TestCase("buyer", "200000.00", "20000.00")]
    public void Fuqing_has_a_real_cliff_and_a_slope_with_a_bend(string award, string volume, string amount) =>
        Assert.That(Amount("fuqing-2024", award, new Facts { RecognisedOn = new(2024, 5, 1), YearlyAmount = Xining.Yuan(volume) }), Is.EqualTo(amount));

    // Under 1000万: 2%, at most 15万. From 1000万 on: 1.5% of the whole, at most 50万.
    [TestCase("9999999.99", "150000.00")]
    [TestCase("10000000.00", "150000.00")]
    [TestCase("33333333.33", "499999.99")]
    [TestCase("50000000.00", "500000.00")]
    [TestCase("80000000.00", "800000.00")]
    public void Shanghai_pays_the_whole_volume_at_the_rate_of_its_band(string volume, string award) =>
        Assert.That(Amount("shanghai-2016", "agency", new Facts
        {
            Subject = Subject.Agency, AppliedOn = new(2016, 5, 1), LastYearAmount = Xining.Yuan(volume), Findings = [new Finding("expert-review", true)],
        }), Is.EqualTo(award));

    [Test]
    public void Ningxia_caps_a_university_over_the_life_of_an_achievement()
    {
        var facts = new Facts { RecognisedOn = new(2023, 5, 1), SellerKind = EntityKind.University, Seller = "S1", Achievement = "A1", Paid = Fen.Zero, Received = Fen.FromYuan(4_000_000) };
        var earlier = new Grant("university", Fen.FromYuan(900_000)) { Achievement = "A1", Party = "S2", On = new(2019, 1, 1) };
        var answer = Evaluator.Evaluate(Load("ningxia-2023"), facts, [earlier]).Awards.Single(a => a.Award == "university");
        Assert.That((answer.Outcome, answer.High), Is.EqualTo((Outcome.NeedsDecision, (Fen?)Fen.FromYuan(100_000))));
    }

    private static string? Amount(string id, string award, Facts facts) =>
        Evaluator.Evaluate(Load(id), facts, []).Awards.Single(a => a.Award == award).Amount?.ToString();

    private static Policy Load(string id)
    {
        var result = PolicyDocument.LoadSpecimen(id, File.ReadAllText(Path.Combine(Folder, id + ".yaml")));
        Assert.That(result.Policy, Is.Not.Null, string.Join('\n', result.Diagnostics));
        return result.Policy!;
    }

    private static PolicyFile Read(string path) => new(Path.GetFileName(path), File.ReadAllBytes(path));
}
