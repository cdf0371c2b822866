using System.Security.Cryptography;

namespace Marketplace.Rules.Tests;

public sealed class XiningDocumentTests
{
    [Test]
    public void The_document_says_what_it_is()
    {
        var policy = Xining.Policy;
        Assert.Multiple(() =>
        {
            Assert.That((policy.Id, policy.Region, policy.Version), Is.EqualTo(("xining-2020", "630100", "1")));
            Assert.That(policy.InForce.From, Is.EqualTo(new DateOnly(2020, 8, 19)));
            Assert.That(policy.InForce.To, Is.Null);
            Assert.That(policy.GovernedBy, Is.EqualTo(Fact.RecognisedOn));
            Assert.That(policy.Awards.Select(a => a.Id), Is.EqualTo(new[]
            {
                "buyer", "broker", "major", "lab", "station", "pilot", "incubator", "association", "enterprise",
            }));
            Assert.That(policy.Unencoded.Select(u => u.Article), Does.Contain("3").And.Contain("17"));
            Assert.That(PolicyDocument.Load("x.yaml", Xining.Yaml).Diagnostics, Is.Empty);
        });
    }

    [Test]
    public void Every_number_is_listed_with_its_clause()
    {
        var numbers = Xining.Policy.Parameters.Select(p => (p.Path, p.Literal, p.Numerator, p.Denominator, p.Clause));
        Assert.That(numbers, Is.EqualTo(new[]
        {
            ("awards.buyer.amount.rate", "3%", 3L, 100L, "buyer"),
            ("awards.buyer.limits.0.cap", "10万元", 10_000_000L, 1L, "buyer"),
            ("awards.broker.amount.rate", "1%", 1L, 100L, "broker"),
            ("awards.broker.limits.0.cap", "5万元", 5_000_000L, 1L, "broker"),
            ("awards.major.amount.discretionary.from", "50万元", 50_000_000L, 1L, "major"),
            ("awards.major.amount.discretionary.to", "100万元", 100_000_000L, 1L, "major"),
            ("awards.lab.amount.discretionary.to", "400万元", 400_000_000L, 1L, "lab-cap"),
            ("awards.station.amount.discretionary.to", "100万元", 100_000_000L, 1L, "station-cap"),
            ("awards.pilot.amount.instalments.rate", "10%", 1L, 10L, "pilot-rate"),
            ("awards.pilot.amount.instalments.years", "两年", 2L, 1L, "pilot-rate"),
            ("awards.pilot.limits.0.cap", "400万元", 400_000_000L, 1L, "pilot-rate"),
            ("awards.incubator.amount.fixed", "20万元", 20_000_000L, 1L, "incubator"),
            ("awards.incubator.limits.0.cap", "20万元", 20_000_000L, 1L, "incubator"),
            ("awards.association.when.1.yearsInOperation.from", "一年", 1L, 1L, "association"),
            ("awards.association.amount.fixed", "10万元", 10_000_000L, 1L, "association"),
            ("awards.association.limits.0.cap", "10万元", 10_000_000L, 1L, "association"),
            ("awards.enterprise.amount.fixedByLevel.科技成果转化示范基地", "10万元", 10_000_000L, 1L, "titles"),
            ("awards.enterprise.amount.fixedByLevel.市级科技型企业", "10万元", 10_000_000L, 1L, "titles"),
            ("awards.enterprise.amount.fixedByLevel.高新技术企业", "30万元", 30_000_000L, 1L, "titles"),
            ("awards.enterprise.amount.fixedByLevel.小巨人企业", "40万元", 40_000_000L, 1L, "titles"),
            ("awards.enterprise.amount.fixedByLevel.“瞪羚”企业", "50万元", 50_000_000L, 1L, "titles"),
            ("sharing.ratio", "1:1", 1L, 2L, "match"),
            ("funds.main.yearly", "1000万元", 1_000_000_000L, 1L, "fund"),
        }));
    }

    [Test]
    public void The_facts_it_reads_are_listed() => Assert.That(Xining.Policy.Facts, Is.EqualTo(new[]
    {
        Fact.Kind, Fact.Amount, Fact.TechnologyAmount, Fact.Paid, Fact.Recognised, Fact.RecognisedOn, Fact.SignedOn, Fact.Project, Fact.Contract,
        Fact.Brokered, Fact.RelatedParties, Fact.BuyerRegion, Fact.Subject, Fact.LastYearResearchSpend, Fact.SupportYear, Fact.YearsInOperation,
        Fact.NewlyBuilt, Fact.AppliedOn, Fact.Title, Fact.Grade, Fact.ProjectClass, Fact.Buyer, Fact.Seller, Fact.Applicant, Fact.Platform, Fact.Findings,
    }));

    [Test]
    public void The_lost_dash_stays_in_the_quote_and_is_corrected_beside_it()
    {
        var clause = Xining.Policy.Clause("major")!;
        Assert.That(clause.Quote, Does.Contain("50100万元"));
        Assert.That(clause.Corrected, Does.Contain("50—100万元"));
    }

    [Test]
    public void Every_open_question_is_computed()
    {
        Assert.That(Xining.Policy.Interpretations.Select(i => (i.Id, i.Chosen)), Is.EqualTo(new[]
        {
            ("licence", "include"), ("kinds-scope", "all"), ("base", "technologyAmount"), ("governing-day", "recognised"), ("buyer-cap-scope", "contract"), ("unnamed-project", "parties"),
            ("related-parties", "excluded"), ("buyer-seat", "inside"), ("broker-seat", "inside"), ("major-and-rate", "in-place"), ("rounding", "down"), ("platform-kinds", "open"),
            ("pilot-cap-scope", "platform"), ("maker-level", "any-level"), ("entities", "any-firm"), ("title-awards", "each"), ("fund-scope", "all"), ("share-of-total", "total"), ("shared-awards", "all"),
        }));
        Assert.That(Xining.Policy.Interpretations.All(i => i.Computed));
    }

    [Test]
    public void Every_reading_not_chosen_changes_an_answer_of_an_example()
    {
        var examples = File.ReadAllText(PolicyFile.ExamplesOf(Xining.Path));
        foreach (var interpretation in Xining.Policy.Interpretations)
            foreach (var reading in interpretation.Readings.Where(reading => reading.Id != interpretation.Chosen))
                Assert.That(examples, Does.Contain($"readings: {{ {interpretation.Id}: {reading.Id} }}"));
    }

    [Test]
    public void No_body_is_named_that_the_text_does_not_name()
    {
        Assert.That(Xining.Policy.Authority.Zh, Is.EqualTo("市委(市委印发稿)"));
        Assert.That(((Discretionary)Xining.Policy.Award("major")!.Amount).Decider?.Zh, Is.EqualTo("“一事一议”"));
    }

    [Test]
    public void Every_quote_stands_verbatim_in_the_text_it_was_taken_from()
    {
        var text = File.ReadAllText(Seed());
        foreach (var clause in Xining.Policy.Clauses)
            Assert.That(text, Does.Contain(clause.Quote), clause.Id);
    }

    [Test]
    public void The_source_is_the_very_file_that_was_read() =>
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Seed()))), Is.EqualTo(Xining.Policy.Source.Sha256));

    private static string Seed()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Marketplace.sln"))) folder = folder.Parent;
        var seed = Path.Combine(folder!.FullName, "..", "shared", "seeds", Xining.Policy.Source.File);
        if (!File.Exists(seed)) Assert.Ignore($"The source text is not here: ../shared/seeds/{Xining.Policy.Source.File}");
        return seed;
    }
}
