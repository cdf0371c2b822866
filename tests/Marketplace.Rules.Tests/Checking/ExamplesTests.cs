namespace Marketplace.Rules.Tests.Checking;

public sealed class ExamplesTests
{
    private const string Granted =
        """
        - name: granted
          given: { kind: 技术转让, technologyAmount: 300万元, recognised: 是, recognisedOn: 2021-03-01, project: P1, contract: C1, brokered: true, relatedParties: 否, buyerRegion: 630102 }
          history: [{ award: broker, project: P1, amount: 1000元 }]
          expect: { buyer: { amount: 9万元, reason: granted.rate, cites: [buyer], shares: { city: 45000元, park: 45000元 } } }
        """;

    private static readonly TestCaseData[] Faults =
    [
        Case("an unknown key", "  history: [", "  histories: [", "POL101", "Did you mean \"history\"?"),
        Case("an unknown fact", "technologyAmount: 300万元", "technologyAmuont: 300万元", "POL101", "Did you mean \"technologyAmount\"?"),
        Case("an unknown award", "expect: { buyer:", "expect: { bayer:", "POL101", "Did you mean \"buyer\"?"),
        Case("an unknown claim", "reason: granted.rate", "reasons: granted.rate", "POL101", "Did you mean \"reason\"?"),
        Case("an unknown reason", "granted.rate", "granted.rates", "POL203", "Did you mean \"granted.rate\"?"),
        Case("an unknown clause", "cites: [buyer]", "cites: [byuer]", "POL203", "Did you mean \"buyer\"?"),
        Case("an unknown kind", "kind: 技术转让", "kind: 技术转移", "POL203", "技术转让"),
        Case("a sum without unit", "amount: 9万元", "amount: 90000", "POL301", "10万元"),
        Case("a day that is none", "2021-03-01", "2021-3-1", "POL501", "2020-08-19"),
        Case("a region of five digits", "630102", "63010", "POL206", "630100"),
        Case("a grant of no award", "award: broker", "award: brokers", "POL203", "Did you mean \"broker\"?"),
        Case("a grant without a sum", ", amount: 1000元", "", "POL201", "amount"),
        Case("nothing expected of an award", "{ amount: 9万元, reason: granted.rate, cites: [buyer], shares: { city: 45000元, park: 45000元 } }", "{}", "POL205", "amount"),
        Case("nothing expected at all", "{ buyer: { amount: 9万元, reason: granted.rate, cites: [buyer], shares: { city: 45000元, park: 45000元 } } }", "{}", "POL205", "amount"),
        Case("an unknown interpretation", "  history:", "  readings: { licences: exclude }\n  history:", "POL101", "Did you mean \"licence\"?"),
        Case("an unknown reading", "  history:", "  readings: { licence: excluded }\n  history:", "POL203", "Did you mean \"exclude\"?"),
        Case("two readings at once", "  history:", "  readings: { licence: exclude, base: paid }\n  history:", "POL204", "interpretation: reading"),
        Case("a wrong sum", "amount: 9万元", "amount: 90000.01元", "POL800", "by hand"),
        Case("a wrong outcome", "amount: 9万元", "outcome: refused", "POL800", "by hand"),
        Case("a wrong reason", "reason: granted.rate", "reason: limited.cap", "POL800", "by hand"),
        Case("one wrong reason of several", "reason: granted.rate", "reason: [granted.rate, assumed.project]", "POL800", "by hand"),
        Case("a wrong clause", "cites: [buyer]", "cites: [buyer, match]", "POL800", "by hand"),
        Case("wrong shares", "city: 45000元", "city: 45000.01元", "POL800", "by hand"),
        Case("a wrong payee", "amount: 9万元", "payee: seller", "POL800", "by hand"),
        Case("a wrong range", "amount: 9万元", "high: 10万元", "POL800", "by hand"),
        Case("a fact missed in vain", "amount: 9万元", "missing: [kind]", "POL800", "by hand"),
        Case("an anchor", "- name: granted", "- name: &a granted", "POL102", "Write"),
        Case("a key twice", "  history:", "  name: again\n  history:", "POL103", "Remove"),
    ];

    [TestCaseSource(nameof(Faults))]
    public void A_fault_is_named_where_it_stands_with_what_to_do(string whole, string broken, string code, string fix)
    {
        var text = Granted.With(whole, broken);
        var faults = Errors(text);
        Assert.That(faults.Select(d => (d.Code, d.File)), Is.EqualTo(new[] { (code, "x.examples.yaml") }), string.Join('\n', faults));
        Assert.That(faults[0].FixEn, Does.Contain(fix));
        Assert.That(faults[0].MessageZh + faults[0].FixZh, Does.Match("\\p{IsCJKUnifiedIdeographs}"));
        Assert.That(text.At(faults[0]), Is.Not.Empty);
    }

    [TestCase("granted.bands", "granted.rate, granted.fixed, granted.scale, granted.perUnit, granted.floor")]
    [TestCase("refused.kinds", "refused.kind")]
    [TestCase("grantd.rate", "granted.rate")]
    public void Of_a_wrong_reason_the_nearest_few_are_named_and_no_other_is_proposed(string wrong, string named)
    {
        var fault = Errors(Granted.With("granted.rate", wrong)).Single();
        Assert.That(fault.FixEn, Does.Contain(named).And.Length.LessThan(300));
        Assert.That(fault.FixZh, Does.Contain(named).And.Length.LessThan(300));
        if (wrong == "granted.bands") Assert.That(fault.FixEn, Does.Not.Contain("Did you mean"));
    }

    [Test]
    public void An_example_about_another_subject_than_it_expects_of_is_a_failing_example_and_no_crash()
    {
        var fault = Errors("- name: a\n  given: { title: 高新技术企业, recognised: true, recognisedOn: 2021-03-01, applicant: E1 }\n  expect: { enterprise: { outcome: granted } }\n").Single();
        Assert.That((fault.Code, fault.MessageEn), Is.EqualTo(("POL800", "Example \"a\" expects granted and got none.")));
    }

    [Test]
    public void The_fund_that_pays_an_award_can_be_expected()
    {
        Assert.That(Errors(Granted.With("reason: granted.rate", "fund: main, yearly: 1000万元, onShortage: caseDecision")), Is.Empty);
        Assert.That(Errors(Granted.With("reason: granted.rate", "fund: other, yearly: 1001万元, onShortage: proRata")).Select(d => d.Code), Is.EqualTo(new[] { "POL800", "POL800", "POL800" }));
    }

    [Test]
    public void An_example_that_forgets_its_subject_fails_and_the_check_goes_on()
    {
        var result = Checked.Run(Xining.Yaml, Checked.Examples
            + "\n- name: no subject\n  given: { title: 高新技术企业, recognised: true, recognisedOn: 2021-03-01, applicant: E1 }\n  expect: { enterprise: { outcome: granted } }\n");
        Assert.That(result.Faults().Select(d => d.Code), Is.EqualTo(new[] { "POL800" }));
    }

    [Test]
    public void A_whole_example_passes() => Assert.That(Errors(Granted), Is.Empty);

    [Test]
    public void A_failing_example_says_what_was_expected_and_what_came_out_at_the_very_claim()
    {
        var text = Granted.With("amount: 9万元", "amount: 90000.01元");
        var fault = Errors(text).Single();
        Assert.That(text.At(fault), Does.StartWith("90000.01元,"));
        Assert.That(fault.MessageEn, Is.EqualTo("Example \"granted\" expects 90000.01元 and got 9万元."));
        Assert.That((fault.EndLine, fault.EndColumn), Is.EqualTo((fault.Line, fault.Column + "90000.01元".Length)));
    }

    [Test]
    public void All_faults_come_in_one_pass()
    {
        var text = Granted.With("kind: 技术转让", "kind: 3").With("cites: [buyer]", "cites: [none]") + "\n" + Granted.With("300万元", "300");
        Assert.That(Errors(text).Select(d => d.Code), Is.EqualTo(new[] { "POL203", "POL203", "POL103", "POL301" }));
    }

    [Test]
    public void Every_failing_claim_is_reported() =>
        Assert.That(Errors(Granted.With("9万元", "8万元").With("granted.rate", "limited.cap")).Select(d => d.Code), Is.EqualTo(new[] { "POL800", "POL800" }));

    [TestCase("")]
    [TestCase("name: granted")]
    [TestCase("just text")]
    public void A_file_that_is_no_list_is_refused(string text) => Assert.That(Errors(text).Single().Code, Is.EqualTo("POL108"));

    [Test]
    public void Examples_are_read_also_when_the_policy_is_faulty()
    {
        var result = Checked.Run(Xining.Yaml.With("rate: 3%", "rate: 3"), Granted.With("300万元", "300"));
        Assert.That(result.Diagnostics.Select(d => (d.File, d.Code)), Is.EqualTo(new[] { ("x.yaml", "POL301"), ("x.examples.yaml", "POL301") }));
        Assert.That(result.Policy, Is.Null);
    }

    [Test]
    public void Without_an_examples_file_there_is_a_warning_alone()
    {
        var result = Checked.Run(Xining.Yaml, null);
        Assert.That(result.Faults().Select(d => (d.Code, d.Severity)), Is.EqualTo(new[] { ("POL804", Severity.Warning) }));
        Assert.That(result.Policy, Is.Not.Null);
    }

    /// <summary>What is wrong with the examples alone; how little they show is another matter.</summary>
    private static Diagnostic[] Errors(string examples) => [.. Checked.Run(Xining.Yaml, examples).Diagnostics.Where(d => d.File == "x.examples.yaml")];

    private static TestCaseData Case(string name, string whole, string broken, string code, string fix) =>
        new TestCaseData(whole, broken, code, fix).SetArgDisplayNames(name);
}
