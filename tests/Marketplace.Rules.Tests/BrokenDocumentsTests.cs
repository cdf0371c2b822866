namespace Marketplace.Rules.Tests;

public sealed class BrokenDocumentsTests
{
    private static readonly TestCaseData[] Faults =
    [
        Case("an unknown key", "    limits:\n      - cap: 10万元", "    limit:\n      - cap: 10万元", "POL101", "Did you mean \"limits\"?"),
        Case("an unknown key with nothing near", "governedBy: recognisedOn", "governedBy: recognisedOn\nbackground: none", "POL101", "Allowed here: schema"),
        Case("a comma in unquoted text", "{ zh: \"含技术许可\"", "{ zh: 含技术许可, 不含其他", "POL113", "double quotes"),
        Case("a missing key", "governedBy: recognisedOn\n", "", "POL201", "governedBy"),
        Case("a cap without a unit", "{ cap: 5万元,", "{ cap: 5万,", "POL301", "10万元"),
        Case("a rate without a unit", "rate: 3%", "rate: 3", "POL301", "3%"),
        Case("a rate in words", "rate: 3%", "rate: three", "POL302", "3%"),
        Case("a sum finer than a fen", "cap: 5万元", "cap: 0.001元", "POL303", "10万元"),
        Case("a sum beyond all money", "cap: 5万元", "cap: 9999999999999999999亿元", "POL304", "10万元"),
        Case("a rate above the whole", "rate: 3%", "rate: 300%", "POL305", "100%"),
        Case("a range upside down", "from: 50万元, to: 100万元", "from: 100万元, to: 50万元", "POL306", "Swap"),
        Case("a number that the quote lacks", "rate: 3%", "rate: 3.5%", "POL403", "3%, 10万元"),
        Case("a sum that the quote lacks", "cap: 5万元", "cap: 6万元", "POL403", "1%, 5万元"),
        Case("a first day that no quote holds", "from: 2020-08-19", "from: 2020-08-20", "POL403", "holds the date"),
        Case("a ratio that the quote lacks", "ratio: \"1:1\"", "ratio: \"1:2\"", "POL403", "Check"),
        Case("a clause that is not there", "amount: { rate: 1%, cite: broker }", "amount: { rate: 1%, cite: brokr }", "POL401", "\"broker\""),
        Case("an erratum of other words", "printed: 50100万元", "printed: 50200万元", "POL404", "exactly"),
        Case("a rule without foundation", "{ brokered: true, cite: broker }", "{ brokered: true }", "POL210", "cite"),
        Case("an unknown amount shape", "amount: { rate: 1%, cite: broker }", "amount: { ratio: 1%, cite: broker }", "POL204", "discretionary"),
        Case("two amount shapes", "amount: { rate: 1%, cite: broker }", "amount: { rate: 1%, discretionary: { from: 1元, to: 2元 }, cite: broker }", "POL204", "discretionary"),
        Case("an unknown kind", "include: [development, transfer, licence]", "include: [developement, transfer, licence]", "POL203", "\"development\""),
        Case("an empty list of kinds", "exclude: [development, transfer]", "exclude: []", "POL205", "at least one"),
        Case("an unknown scope", "scope: project, cite: broker", "scope: projects, cite: broker", "POL203", "\"project\""),
        Case("a condition on two facts", "{ recognised: true, cite: kinds }", "{ recognised: true, brokered: true, cite: kinds }", "POL204", "one"),
        Case("a condition that cannot be", "{ recognised: true, cite: kinds }", "{ recognised: maybe, cite: kinds }", "POL203", "true"),
        Case("an unknown interpretation", "reading: buyer-seat, inside", "reading: buyers-seat, inside", "POL207", "\"buyer-seat\""),
        Case("a reading left out", "inside: \"630100\", anywhere: any", "inside: \"630100\"", "POL201", "anywhere"),
        Case("a fault under a reading not chosen", "exclude: [development, transfer]", "exclude: [development, transfr]", "POL203", "\"transfer\""),
        Case("a choice that is no reading", "chosen: inside", "chosen: outside", "POL203", "inside, anywhere"),
        Case("a region of five digits", "region: \"630100\"\ntitle", "region: \"63010\"\ntitle", "POL206", "630100"),
        Case("an id with a space", "id: xining-2020", "id: xining 2020", "POL206", "letter"),
        Case("an id in capitals", "id: xining-2020", "id: Xining-2020", "POL206", "xining-2020"),
        Case("another schema", "schema: policy/1", "schema: policy/2", "POL212", "policy/1"),
        Case("an empty text", "version: \"1\"", "version: \"\"", "POL211", "Fill"),
        Case("a list for a text", "version: \"1\"", "version: [1]", "POL202", "existing"),
        Case("a day that is none", "from: 2020-08-19", "from: 2020-02-30", "POL501", "2020-08-19"),
        Case("an end before the beginning", "from: 2020-08-19,", "from: 2020-08-19, to: 2020-08-18,", "POL503", "both ends"),
        Case("nothing cited for the dates", "cite: [end, page]", "cite: []", "POL205", "at least one"),
        Case("a duplicate key", "governedBy: recognisedOn", "governedBy: recognisedOn\ngovernedBy: signedOn", "POL103", "Remove"),
        Case("an anchor", "authority:\n", "authority: &a\n", "POL102", "Write the content out"),
        Case("a tag", "version: \"1\"", "version: !!str \"1\"", "POL102", "Write the content out"),
        Case("a merge key", "governedBy: recognisedOn", "governedBy: recognisedOn\n<<: { version: 2 }", "POL102", "Write the content out"),
        Case("a directive", "schema: policy/1", "%YAML 1.2\n---\nschema: policy/1", "POL102", "Remove"),
        Case("a second document", "unencoded:", "---\nunencoded:", "POL107", "one document"),
        Case("a tab for indentation", "  file: 001", "\tfile: 001", "POL105", "two spaces"),
        Case("a colon inside unquoted text", "  zh: 市委(市委印发稿)", "  zh: 印发: 市委", "POL104", "double quotes"),
        Case("a full-width colon after a key", "governedBy: recognisedOn", "governedBy：recognisedOn", "POL112", "ASCII colon"),
        Case("an unclosed bracket", "payers: [city, park]", "payers: [city, park", "POL100", "brackets"),
        Case("a control character", "version: \"1\"", "version: \"\u0001\"", "POL111", "UTF-8"),
        Case("half a surrogate pair", "version: \"1\"", "version: \"\uD83D\"", "POL111", "UTF-8"),
        Case("shares for a third payer", "payers: [city, park]", "payers: [city, park, county]", "POL302", "1:1"),
        Case("a sum assumed out of nothing", "    fact: amount\n", "    value: 1元\n", "POL204", "fact: amount"),
        Case("a key that is a list", "governedBy: recognisedOn", "governedBy: recognisedOn\n? [a, b]\n: c", "POL110", "key: value"),
    ];

    [TestCaseSource(nameof(Faults))]
    public void A_fault_is_named_where_it_stands_with_what_to_do(string whole, string broken, string code, string fix)
    {
        var text = Xining.Yaml.Replace(whole, broken);
        Assert.That(text, Is.Not.EqualTo(Xining.Yaml), "the fault was not planted");
        var result = PolicyDocument.Load("x.yaml", text);
        Assert.That(result.Policy, Is.Null);
        var found = result.Diagnostics.Where(d => d.Code == code).ToArray();
        Assert.That(found, Is.Not.Empty, string.Join('\n', result.Diagnostics));
        var lines = text.Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(found.Select(d => d.FixEn), Has.Some.Contains(fix));
            foreach (var diagnostic in result.Diagnostics)
            {
                Assert.That(diagnostic.File, Is.EqualTo("x.yaml"));
                Assert.That(diagnostic.Line, Is.InRange(1, lines.Length));
                Assert.That(diagnostic.Column, Is.InRange(1, lines[diagnostic.Line - 1].Length + 1), diagnostic.ToString());
                Assert.That(diagnostic.MessageZh + diagnostic.FixZh, Does.Match("\\p{IsCJKUnifiedIdeographs}"));
            }
        });
    }

    [Test]
    public void A_diagnostic_points_at_the_very_value()
    {
        var text = Xining.Yaml.Replace("{ cap: 5万元,", "{ cap: 5万,");
        var diagnostic = PolicyDocument.Load("x.yaml", text).Diagnostics.Single();
        var line = text.Split('\n')[diagnostic.Line - 1];
        Assert.That(line[(diagnostic.Column - 1)..], Does.StartWith("5万,"));
        Assert.That(diagnostic.ToString(), Does.StartWith($"x.yaml:{diagnostic.Line}:{diagnostic.Column} error POL301 “5万”没有单位 / \"5万\" has no unit."));
    }

    [Test]
    public void All_faults_come_in_one_pass_and_each_once()
    {
        var text = Xining.Yaml.Replace("rate: 3%", "rate: 4%").Replace("cap: 5万元", "cap: 5万").Replace("governedBy: recognisedOn", "governedBy: yesterday")
            .Replace("from: 2020-08-19", "from: today");
        var codes = PolicyDocument.Load("x.yaml", text).Diagnostics.Select(d => d.Code);
        Assert.That(codes, Is.EqualTo(new[] { "POL501", "POL203", "POL403", "POL301" }));
    }

    [TestCase("chosen: include", "chosen: included")]
    [TestCase("kinds: { article: \"6\", quote: \"对技术开发、技术转让两类合同,经认定后\" }", "kinds: { article: \"6\" }")]
    [TestCase("    label: { zh: \"买方技术合同补贴\", en: \"buyer's subsidy\" }\n", "")]
    public void One_fault_does_not_drag_others_along(string whole, string broken)
    {
        var diagnostics = PolicyDocument.Load("x.yaml", Xining.Yaml.Replace(whole, broken)).Diagnostics;
        Assert.That(diagnostics, Has.Count.EqualTo(1), string.Join('\n', diagnostics));
    }

    [Test]
    public void Full_width_numbers_are_read_as_their_narrow_twins()
    {
        var policy = Xining.Load(Xining.Yaml.Replace("rate: 3%", "rate: ３％").Replace("cap: 5万元", "cap: ５万元"));
        Assert.That(Evaluator.Evaluate(policy, Xining.Of("8000000"), []).Awards.Take(2).Select(a => a.Amount.ToString()),
            Is.EqualTo(new[] { "100000.00", "50000.00" }));
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("# only a comment")]
    [TestCase("just text")]
    [TestCase("- a\n- b")]
    [TestCase("\uFEFF")]
    [TestCase("{}")]
    [TestCase("---\n...\n---\n...")]
    [TestCase("&a [*a]")]
    [TestCase("*a")]
    [TestCase("\"\\U00110000\"")]
    [TestCase("? ")]
    [TestCase("- : 2020-08-19")]
    [TestCase("%YAML 99999999999.1\n---\n")]
    [TestCase("a: |999999999999\n  b")]
    [TestCase("awards: { x: { label: { zh: a, en: b }, payee: buyer, amount: {} } }")]
    public void A_text_that_is_no_policy_gives_an_error(string text) =>
        Assert.That(PolicyDocument.Load("x.yaml", text).Diagnostics.Select(d => d.Severity), Has.Some.EqualTo(Severity.Error));

    private static readonly TestCaseData[] Monsters =
    [
        Monster("ten million characters", () => new string('a', 10_000_000)),
        Monster("ten thousand brackets", () => new string('[', 10_000)),
        Monster("ten thousand closed brackets", () => new string('[', 10_000) + new string(']', 10_000)),
        Monster("ten thousand nested keys", () => string.Concat(Enumerable.Range(0, 900).Select(i => new string(' ', i) + "a:\n"))),
        Monster("a million dashes", () => string.Concat(Enumerable.Repeat("- ", 500_000))),
        Monster("a million question marks", () => string.Concat(Enumerable.Repeat("? ", 500_000))),
        Monster("a million open braces", () => new string('{', 1_000_000)),
        Monster("a long flow list", () => "a: [" + string.Concat(Enumerable.Repeat("b,", 250_000)) + "]"),
        Monster("a hundred thousand unknown keys", () => string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}: 1\n"))),
        Monster("a hundred thousand tabs", () => string.Concat(Enumerable.Repeat("\ta\n", 100_000))),
        Monster("a million quotes", () => new string('"', 1_000_000)),
        Monster("a long id", () => Xining.Yaml.Replace("id: xining-2020", "id: " + new string('x', 900_000))),
        Monster("a long reading", () => Xining.Yaml.Replace("chosen: inside", "chosen: " + new string('x', 900_000))),
        Monster("a billion laughs", () => "a: &a [x,x]\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"b{i}: &b{i} [*a,*a]\n"))),
    ];

    [TestCaseSource(nameof(Monsters))]
    [CancelAfter(20_000)]
    public void Huge_and_deep_texts_give_errors_in_good_time(Func<string> text, CancellationToken inTime)
    {
        var diagnostics = PolicyDocument.Load("x.yaml", text()).Diagnostics;
        Assert.That(diagnostics.Select(d => d.Severity), Has.Some.EqualTo(Severity.Error));
        Assert.That(diagnostics, Has.Count.LessThanOrEqualTo(500));
        Assert.That(inTime.IsCancellationRequested, Is.False);
    }

    [Test]
    public void Two_versions_in_force_on_one_day_are_reported()
    {
        var first = Xining.Policy;
        var second = Xining.Load(Xining.Yaml.Replace("version: \"1\"", "version: \"2\""));
        var overlap = PolicyDocument.CheckVersions([first, second]).Single();
        Assert.That((overlap.Code, overlap.Severity), Is.EqualTo(("POL502", Severity.Error)));
        Assert.That(overlap.MessageEn, Does.Contain("2020-08-19"));
    }

    [Test]
    public void Versions_that_follow_each_other_are_not()
    {
        var first = Xining.Load(Xining.Yaml.Replace("from: 2020-08-19,", "from: 2020-08-19, to: 2020-12-31,").Replace("创建时间:2020-08-19", "2020-08-19到2020-12-31"));
        var second = Xining.Load(Later("2"));
        var other = Xining.Load(Xining.Yaml.Replace("id: xining-2020", "id: another"));
        Assert.That(PolicyDocument.CheckVersions([second, first, other]), Is.Empty);
    }

    [Test]
    public void One_version_in_two_documents_is_reported_also_where_their_days_differ()
    {
        var first = Xining.Load(Xining.Yaml.Replace("from: 2020-08-19,", "from: 2020-08-19, to: 2020-12-31,").Replace("创建时间:2020-08-19", "2020-08-19到2020-12-31"));
        Assert.That(PolicyDocument.CheckVersions([first, Xining.Load(Later("1"))]).Single().Code, Is.EqualTo("POL504"));
    }

    private static string Later(string version) => Xining.Yaml.Replace("version: \"1\"", $"version: \"{version}\"")
        .Replace("from: 2020-08-19,", "from: 2021-01-01,").Replace("创建时间:2020-08-19", "2021年1月1日");

    private static TestCaseData Case(string name, string whole, string broken, string code, string fix) =>
        new TestCaseData(whole, broken, code, fix).SetArgDisplayNames(name);

    private static TestCaseData Monster(string name, Func<string> text) => new TestCaseData(text).SetArgDisplayNames(name);
}
