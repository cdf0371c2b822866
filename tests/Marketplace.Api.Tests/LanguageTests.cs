using System.Text.Json;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests;

/// <summary>Texts for people come in the language that the caller asks for; codes never change.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class LanguageTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase(null, "zh-CN")]
    [TestCase("zh-CN", "zh-CN")]
    [TestCase("zh-Hant-TW,zh;q=0.9", "zh-CN")]
    [TestCase("en", "en")]
    [TestCase("en-GB,en;q=0.9,zh;q=0.8", "en")]
    [TestCase("zh;q=0.5,en;q=0.7", "en")]
    [TestCase("en;q=0,zh", "zh-CN")]
    [TestCase("fr,de;q=0.9", "zh-CN")]
    [TestCase("fr,en;q=0.1", "en")]
    [TestCase("*", "zh-CN")]
    [TestCase(";;;", "zh-CN")]
    public async Task A_refusal_speaks_the_language_asked_for(string? asked, string answered)
    {
        using var response = await Ask("demands?limit=0", asked);
        var problem = await Task.FromResult(response).AssertProblem(400, "validation-failed", "limit");
        Assert.That(response.Content.Headers.ContentLanguage, Is.EqualTo(new[] { answered }));
        foreach (var text in new[] { problem.Text("title"), problem.Text("detail"), problem.GetProperty("errors")[0].Text("detail") })
        {
            Assert.That(IsChinese(text), Is.EqualTo(answered == "zh-CN"), text);
        }
    }

    [Test]
    public async Task Every_label_is_there_in_both_languages_and_no_code_changes()
    {
        var (zh, en) = (await Codes("zh-CN"), await Codes("en"));
        Assert.That(zh.Select(code => (code.Text("list"), code.Text("code"))), Is.EqualTo(en.Select(code => (code.Text("list"), code.Text("code")))));
        Assert.That(zh.Select(code => code.Text("label")), Is.All.Matches<string>(IsChinese));
        Assert.That(en.Select(code => code.Text("label")), Is.All.Not.Empty.And.None.Matches<string>(IsChinese));
        Assert.That(zh.Select(code => code.Text("zh")), Is.EqualTo(zh.Select(code => code.Text("label"))));
        Assert.That(zh.Select(code => (code.Text("list"), code.Text("code"))), Is.Unique);

        async Task<List<JsonElement>> Codes(string language)
        {
            using var response = await Ask("codes", language);
            return [.. (await response.Json()).GetProperty("data").EnumerateArray()];
        }
    }

    [Test]
    public async Task The_reasons_of_an_evaluation_and_of_a_match_speak_the_language_asked_for()
    {
        var owner = await market.Party("university");
        await market.PublishedAchievement(owner);
        foreach (var (language, chinese) in new[] { ("zh-CN", true), ("en", false) })
        {
            var evaluation = await Post("evaluations?explain=true", new { policy = "xining-2020", facts = new { kind = "development", amount = 3000000 } }, language);
            var reasons = evaluation.GetProperty("awards").EnumerateArray().SelectMany(award => award.GetProperty("reasons").EnumerateArray()).ToList();
            Assert.That(reasons, Is.Not.Empty);
            Assert.That(reasons.Select(reason => IsChinese(reason.Text("detail"))), Is.All.EqualTo(chinese));
            await Eventually.Holds(async () => (await Post("matches", new { text = "提锂" }, language)).GetProperty("data").GetArrayLength() > 0, "a match");
            var match = (await Post("matches", new { text = "提锂 离子筛", field = "newMaterials" }, language)).GetProperty("data")[0].GetProperty("reasons").EnumerateArray();
            var field = match.Single(reason => reason.Text("kind") == "field");
            Assert.That(IsChinese(field.Text("detail")), Is.EqualTo(chinese), field.Text("detail"));
        }
    }

    [Test]
    public async Task The_page_of_every_problem_answers_in_both_languages_the_one_asked_for_first()
    {
        foreach (var type in Problems.All)
        {
            using var zh = await Ask($"/problems/{type.Code}", "zh-CN");
            using var en = await Ask($"/problems/{type.Code}", "en");
            var (first, second) = (await zh.Content.ReadAsStringAsync(), await en.Content.ReadAsStringAsync());
            Assert.That(zh.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
            Assert.That(first.IndexOf(type.Title.Zh, StringComparison.Ordinal), Is.InRange(0, first.IndexOf("lang=\"en\"", StringComparison.Ordinal)), type.Code);
            Assert.That(second, Does.Contain("<html lang=\"en\">").And.Contain($"HTTP {type.Status}"), type.Code);
        }
    }

    async Task<JsonElement> Post(string address, object body, string language) =>
        await market.Anonymous.Send(HttpMethod.Post, address, Requests.Content(body), headers: ("Accept-Language", language)).Json();

    async Task<HttpResponseMessage> Ask(string address, string? language)
    {
        using var client = market.Client(null);
        client.DefaultRequestHeaders.Remove("Accept-Language");
        if (language is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", language);
        }

        return await client.GetAsync(address);
    }

    static bool IsChinese(string text) => text.Any(c => c is >= '\u4E00' and <= '\u9FFF');
}
