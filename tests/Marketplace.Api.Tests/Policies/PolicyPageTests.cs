using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Marketplace.Api.Tests.Policies;

/// <summary>The same addresses for people: a browser gets a page, in both languages, that needs nothing but itself.</summary>
public sealed partial class PolicyPageTests
{
    const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    readonly Market market = Market.On(Databases.Sqlite);

    [TestCase(Browser, "text/html")]
    [TestCase("text/html", "text/html")]
    [TestCase("text/*", "text/html")]
    [TestCase("application/json;q=0.5, text/html", "text/html")]
    [TestCase("application/json, text/html;q=0.9", "application/json")]
    [TestCase("application/json", "application/json")]
    [TestCase("text/html, application/json", "application/json")]
    [TestCase("text/html;q=0, */*", "application/json")]
    [TestCase("*/*", "application/json")]
    [TestCase(null, "application/json")]
    public async Task The_callers_preference_decides_between_page_and_JSON(string? accept, string answered)
    {
        foreach (var address in new[] { "policies/xining-2020", "policies" })
        {
            using var response = accept is null ? await market.Anonymous.GetAsync(address) : await Get(address, accept);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo(answered));
            Assert.That(response.Headers.Vary, Does.Contain("Accept"));
        }
    }

    [Test]
    public Task Neither_is_refused() => Get("policies/xining-2020", "text/plain").AssertProblem(406, "not-acceptable");

    [Test]
    public Task A_page_of_nothing_is_not_found() => Get("policies/nowhere-1999").AssertProblem(404, "not-found");

    [Test]
    public async Task Each_representation_and_each_language_has_its_own_tag()
    {
        using var page = await Get("policies/xining-2020");
        using var chinese = await Get("policies/xining-2020", Browser, "zh-CN");
        var json = await market.Anonymous.ETag("policies/xining-2020");
        Assert.That(new[] { page.Headers.ETag!.ToString(), chinese.Headers.ETag!.ToString(), json }, Is.Unique);
        using var again = await market.Anonymous.Send(
            HttpMethod.Get, "policies/xining-2020", headers: [("Accept", Browser), ("If-None-Match", page.Headers.ETag.ToString())]);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        using var other = await market.Anonymous.Send(HttpMethod.Get, "policies/xining-2020", headers: [("Accept", Browser), ("If-None-Match", json)]);
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK), "The tag of the JSON is none of the page.");
    }

    [TestCase("en", "en", "zh-CN")]
    [TestCase("zh-CN", "zh-CN", "en")]
    public async Task The_page_says_all_that_the_document_says_in_both_languages(string language, string first, string other)
    {
        var policy = await market.Anonymous.GetJson("policies/xining-2020");
        using var response = await Get("policies/xining-2020", Browser, language);
        var html = await response.Content.ReadAsStringAsync();
        var text = WebUtility.HtmlDecode(html);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(html, Does.Contain($"<html lang=\"{first}\">").And.Contain($"class=\"other\" lang=\"{other}\""));
            Assert.That(text, Does.Contain("西宁市加强产学研合作").And.Contain("Xining measures").And.Contain("2020-08-19"));
            foreach (var clause in policy.GetProperty("clauses").EnumerateArray())
            {
                Assert.That(text, Does.Contain(clause.Text("quote")).And.Contain($"id=\"clause-{clause.Text("id")}\""));
            }

            foreach (var parameter in policy.GetProperty("parameters").EnumerateArray())
            {
                Assert.That(text, Does.Contain($"<b>{parameter.Text("value")}</b> <code>{parameter.Text("path")}</code>"));
            }

            foreach (var interpretation in policy.GetProperty("interpretations").EnumerateArray())
            {
                Assert.That(text, Does.Contain(interpretation.Text("question")));
                Assert.That(interpretation.GetProperty("readings").EnumerateArray().Select(reading => reading.Text("label")), Is.All.Matches<string>(text.Contains));
            }

            Assert.That(policy.GetProperty("unencoded").EnumerateArray().Select(clause => clause.Text("why")), Is.All.Matches<string>(text.Contains));
            Assert.That(policy.GetProperty("awards").EnumerateArray().Select(award => award.Text("label")), Is.All.Matches<string>(text.Contains));
            Assert.That(text, Does.Contain("尚无人决定").And.Contain("nobody yet"));
            Assert.That(text, Does.Contain("最高 10万元（按单个合同）").And.Contain("at most 100000.00 yuan (per contract)"));
        }

        var targets = Target().Matches(html).Select(match => match.Groups[1].Value).Distinct();
        Assert.That(targets.Where(target => !html.Contains($"id=\"{target}\"", StringComparison.Ordinal)), Is.Empty, "Every reference leads somewhere.");
    }

    [Test]
    public async Task Each_computed_award_is_drawn_with_its_exact_break_points()
    {
        using var response = await Get("policies/xining-2020");
        var charts = Chart().Matches(await response.Content.ReadAsStringAsync()).Select(match => XElement.Parse(match.Value)).ToList();
        Assert.That(charts, Has.Count.EqualTo(3), "buyer, broker and pilot platform; persons decide about some, others are fixed sums");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Texts(charts[0]), Is.SupersetOf(new[] { "0", "333.333334", "10" }));
            Assert.That(Texts(charts[1]), Is.SupersetOf(new[] { "0", "500", "5" }));
            foreach (var chart in charts)
            {
                var labelled = chart.Attribute("aria-labelledby")!.Value.Split(' ');
                Assert.That(chart.Attribute("role")!.Value, Is.EqualTo("img"));
                Assert.That(chart.Elements().Take(2).Select(element => element.Attribute("id")!.Value), Is.EqualTo(labelled));
                Assert.That(chart.Elements().Take(2).Select(element => element.Value), Is.All.Not.Empty);
            }
        }

        static IEnumerable<string> Texts(XElement chart) => chart.Elements("text").Select(text => text.Value);
    }

    [Test]
    public async Task Scales_of_every_form_are_drawn_where_they_bend_and_jump()
    {
        await InAMarketWith(async other =>
        {
            Assert.That(await BreakPoints(other, "brackets-2024"), Is.EqualTo(new[]
            {
                // 1 % to 100,000, 0.5 % to 1,000,000, 0.1 % above: 5,500 at 1,000,000; the cap of 100,000 at 95,500,000.
                ("100000.00 元", "1000.00 元"), ("1000000.00 元", "5500.00 元"), ("95500000.00 元", "100000.00 元"),
            }));
            Assert.That(await BreakPoints(other, "bands-2024"), Is.EqualTo(new[] { ("200000.00 元", "20000.00 元"), ("1000000.00 元", "50000.00 元") }));
            // 1 万 at 100 万 and 5,000 for each further 50 万: nineteen steps, the last where the cap of 10 万 is reached.
            Assert.That(await BreakPoints(other, "step-2024"), Has.Length.EqualTo(19).And.Member(("1500000.00 元", "15000.00 元")));
            Assert.That((await BreakPoints(other, "step-2024"))[^1], Is.EqualTo(("10000000.00 元", "100000.00 元")));
        },
            ("c.yaml", Documents.Of("step-2024").BuyerPaid("step: { from: 100万元, fixed: 1万元, per: 50万元, add: 5000元 }", "达到100万元的给予1万元,每增加50万元加5000元")),
            ("a.yaml", Documents.Of("brackets-2024").BuyerPaid(
                "brackets: [ { upTo: 10万元, rate: 1% }, { upTo: 100万元, rate: 0.5% }, { rate: 0.1% } ]", "10万元以内按1%、10万元至100万元按0.5%、以上按0.1%")),
            ("b.yaml", Documents.Of("bands-2024").BuyerPaid(
                "bands: [ { from: 20万元, below: 100万元, fixed: 2万元 }, { from: 100万元, fixed: 5万元 } ]", "20万元以上给予2万元、100万元以上给予5万元")));

        async Task<(string, string)[]> BreakPoints(Market other, string policy)
        {
            using var response = await other.Anonymous.Send(HttpMethod.Get, $"policies/{policy}", headers: ("Accept", Browser));
            var html = await response.Content.ReadAsStringAsync();
            var buyer = html[html.IndexOf("<article id=\"award-buyer\"", StringComparison.Ordinal)..html.IndexOf("<article id=\"award-broker\"", StringComparison.Ordinal)];
            return [.. BreakPoint().Matches(buyer).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
        }
    }

    [Test]
    public async Task A_page_needs_no_script_and_nothing_from_elsewhere()
    {
        foreach (var address in new[] { "policies/xining-2020", "policies", "/problems/not-found" })
        {
            using var response = await Get(address);
            var html = await response.Content.ReadAsStringAsync();
            var style = html[(html.IndexOf("<style>", StringComparison.Ordinal) + 7)..html.IndexOf("</style>", StringComparison.Ordinal)];
            var security = response.Headers.GetValues("Content-Security-Policy").Single();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(html, Does.Not.Contain("<script").And.Not.Contain(" src=").And.Not.Contain("<link").And.Not.Contain("url(").And.Not.Contain(" style=").And.Not.Contain("@import"));
                Assert.That(html, Does.Contain("prefers-color-scheme:dark"));
                Assert.That(security, Does.StartWith("default-src 'none';").And.Contain(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))));
                Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
            }
        }
    }

    [Test]
    public async Task What_a_document_says_is_shown_as_text_and_never_as_markup() => await InAMarketWith(
        async other =>
        {
            using var response = await other.Anonymous.Send(HttpMethod.Get, "policies/markup-2024", headers: ("Accept", Browser));
            var html = await response.Content.ReadAsStringAsync();
            Assert.That(html, Does.Contain("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;").And.Not.Contain("<img"));
        },
        ("a.yaml", Documents.Of("markup-2024").Replace("en: \"buyer's subsidy\"", "en: \"<img src=x onerror=alert(1)>&\\\"\"").Replace("en: buyer's subsidy", "en: '<img src=x onerror=alert(1)>&\"'")));

    [Test]
    public async Task The_list_leads_to_each_policy_and_to_its_next_page() => await InAMarketWith(
        async other =>
        {
            var (address, seen) = ("policies?region=630102&limit=2", new List<string>());
            for (; address is not null; address = Next(await Page(other, address)))
            {
                seen.AddRange(Listed().Matches(await Page(other, address)).Select(match => match.Groups[1].Value));
            }

            Assert.That(seen, Is.EqualTo(new[] { "a-2024", "b-2024", "c-2024", "xining-2020" }));
        },
        ("a.yaml", Documents.Of("a-2024")), ("b.yaml", Documents.Of("b-2024")), ("c.yaml", Documents.Of("c-2024")), ("d.yaml", Documents.Of("d-2024", region: "630200")));

    static string? Next(string html) => NextPage().Match(html) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    static async Task<string> Page(Market market, string address)
    {
        using var response = await market.Anonymous.Send(HttpMethod.Get, address, headers: ("Accept", Browser));
        return await response.Content.ReadAsStringAsync();
    }

    static async Task InAMarketWith(Func<Market, Task> test, params (string Name, string Text)[] documents)
    {
        var folder = Directory.CreateTempSubdirectory("policies-").FullName;
        try
        {
            await using var market = await Documents.Market(folder, documents);
            await test(market);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    Task<HttpResponseMessage> Get(string address, string accept = Browser, string language = "en") =>
        market.Anonymous.Send(HttpMethod.Get, address, headers: [("Accept", accept), ("Accept-Language", language)]);

    [GeneratedRegex("href=\"#([^\"]+)\"")]
    private static partial Regex Target();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Chart();

    [GeneratedRegex("<tr><td>([^<]+ 元)</td><td>([^<]+ 元)</td></tr>")]
    private static partial Regex BreakPoint();

    [GeneratedRegex("<a href=\"policies/([^\"]+)\"")]
    private static partial Regex Listed();

    [GeneratedRegex("<a rel=\"next\" href=\"([^\"]+)\"")]
    private static partial Regex NextPage();
}
