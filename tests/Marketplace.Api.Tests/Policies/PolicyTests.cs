using System.Text.Json;

namespace Marketplace.Api.Tests.Policies;

/// <summary>The policies themselves: found by region and day, read with what they rest on, and checked before they are used.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class PolicyTests(Database database)
{
    static readonly string Document = Documents.Xining;

    readonly Market market = Market.On(database);

    [TestCase("region=630100", true)]
    [TestCase("region=630102", true)]
    [TestCase("region=630102&on=2020-08-19", true)]
    [TestCase("on=2020-08-18", false)]
    [TestCase("region=630200", false)]
    [TestCase("region=630000", false)]
    [TestCase("region=110108", false)]
    public async Task A_policy_is_found_where_and_when_it_holds(string query, bool found)
    {
        var page = await market.Anonymous.GetJson($"policies?{query}");
        Assert.That(page.Ids(), found ? Does.Contain("xining-2020") : Does.Not.Contain("xining-2020"));
    }

    [TestCase("region=6301")]
    [TestCase("on=2020-02-30")]
    public Task A_filter_that_cannot_be_is_refused(string query) =>
        market.Anonymous.GetAsync($"policies?{query}").AssertProblem(400, "validation-failed", query.Split('=')[0]);

    [Test]
    public async Task A_policy_shows_the_words_that_each_number_stands_in()
    {
        var policy = await market.Anonymous.GetJson("policies/xining-2020");
        var quotes = policy.GetProperty("clauses").EnumerateArray().ToDictionary(
            clause => clause.Text("id"), clause => clause.Has("corrected") ? clause.Text("corrected") : clause.Text("quote"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(policy.Text("region"), Is.EqualTo("630100"));
            Assert.That(policy.GetProperty("inForce").Text("from"), Is.EqualTo("2020-08-19"));
            Assert.That(policy.Texts("facts"), Is.SupersetOf(new[] { "kind", "technologyAmount", "recognised", "brokered" }));
            Assert.That(policy.GetProperty("awards").EnumerateArray().Select(award => award.Text("id")), Is.SupersetOf(new[] { "buyer", "broker", "major" }));
            Assert.That(policy.GetProperty("unencoded").GetArrayLength(), Is.GreaterThan(0));
            foreach (var parameter in policy.GetProperty("parameters").EnumerateArray())
            {
                // "10万元" may stand in a list of sums; "两年" stands as it is written.
                var value = parameter.Text("value");
                var digits = new string([.. value.TakeWhile(char.IsAsciiDigit)]);
                Assert.That(quotes[parameter.Text("clause")], Does.Contain(digits.Length > 0 ? digits : value), parameter.GetRawText());
            }

            foreach (var interpretation in policy.GetProperty("interpretations").EnumerateArray())
            {
                Assert.That(interpretation.GetProperty("readings").EnumerateArray().Select(reading => reading.Text("id")), Does.Contain(interpretation.Text("chosen")));
            }
        }
    }

    [TestCase("en", "Xining measures")]
    [TestCase("zh-CN", "西宁市加强产学研合作")]
    public async Task A_policy_is_told_in_the_readers_language_and_each_language_has_its_own_tag(string language, string title)
    {
        using var response = await market.Anonymous.Send(HttpMethod.Get, "policies/xining-2020", headers: ("Accept-Language", language));
        Assert.That((await response.Json()).Text("title"), Does.StartWith(title));
        using var other = await market.Anonymous.Send(HttpMethod.Get, "policies/xining-2020", headers: ("Accept-Language", language == "en" ? "zh-CN" : "en"));
        Assert.That(other.Headers.ETag, Is.Not.EqualTo(response.Headers.ETag));
    }

    [Test]
    public Task A_policy_that_is_not_there_is_not_found() => market.Anonymous.GetAsync("policies/xian-1999").AssertProblem(404, "not-found");

    [Test]
    public async Task A_good_document_has_no_errors()
    {
        var diagnostics = (await Validate(Document)).GetProperty("diagnostics").EnumerateArray();
        Assert.That(diagnostics.Where(diagnostic => diagnostic.Text("severity") == "error"), Is.Empty);
    }

    [TestCase("en", "unit")]
    [TestCase("zh-CN", "单位")]
    public async Task A_fault_in_a_document_is_named_where_it_stands_with_what_to_do(string language, string word)
    {
        var text = Document.Replace("{ cap: 5万元,", "{ cap: 5万,");
        var fault = (await Validate(text, language)).GetProperty("diagnostics").EnumerateArray().Single(d => d.Text("severity") == "error");
        var line = text.Split('\n')[fault.GetProperty("line").GetInt32() - 1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(line[(fault.GetProperty("column").GetInt32() - 1)..], Does.StartWith("5万,"));
            Assert.That(fault.Text("code"), Is.EqualTo("POL301"));
            Assert.That(fault.Text("message"), Does.Contain(word));
            Assert.That(fault.Text("fix"), Does.Contain("10万元"));
        }
    }

    [Test]
    public async Task All_faults_of_a_document_come_at_once()
    {
        var text = Document.Replace("rate: 3%", "rate: 4%").Replace("cap: 5万元", "cap: 5万").Replace("from: 2020-08-19", "from: today");
        var codes = (await Validate(text)).GetProperty("diagnostics").EnumerateArray().Select(d => d.Text("code"));
        Assert.That(codes, Is.SupersetOf(new[] { "POL301", "POL403", "POL501" }));
    }

    [Test]
    public Task What_is_not_sent_as_a_document_is_not_taken() =>
        market.Anonymous.PostJson("policies/validate", new { id = "x" }).AssertProblem(415, "unsupported-media-type");

    Task<JsonElement> Validate(string yaml, string language = "en") => market.Anonymous.Send(
        HttpMethod.Post, "policies/validate", Requests.Content(yaml, "application/yaml"), headers: ("Accept-Language", language)).Json();
}
