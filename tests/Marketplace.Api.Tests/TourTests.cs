using Marketplace.Api.Demo;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests;

/// <summary>The tour of api-specs/examples, clicked through from top to bottom on the demo market, so that it cannot go stale.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class TourTests(Database database)
{
    static readonly string[] Users = ["broker.http", "enterprise.http", "frontend.http", "official.http", "university.http"];

    Market market = null!;

    [OneTimeSetUp]
    public async Task Start() => market = await Market.Apart(database, host => host.ConfigureAppConfiguration(DemoMarketTests.WithDemoData));

    [OneTimeTearDown]
    public async Task Stop() => await market.DisposeAsync();

    [Test]
    public void There_is_one_file_for_each_kind_of_user() => Assert.That(HttpFile.InExamples().Select(file => file.Name), Is.EqualTo(Users));

    [TestCaseSource(nameof(Users))]
    public async Task Every_request_answers_as_its_file_says_and_again_on_a_second_visit(string name)
    {
        var file = HttpFile.InExamples().Single(file => file.Name == name);
        var keys = market.Services.GetRequiredService<DemoMarket>().Keys;
        Assert.That(file.Variables.Where(variable => variable.EndsWith("Key", StringComparison.Ordinal)), Is.SubsetOf(keys.Keys),
            "The files call the keys what the server prints.");
        var given = new Dictionary<string, string>(keys) { ["host"] = Root, ["api"] = $"{Root}/api/v1", ["year"] = $"{market.Today.Year}" };
        using var client = new HttpClient();
        for (var visit = 1; visit <= 2; visit++)
        {
            await foreach (var (request, response, body) in file.Run(client, given))
            {
                Assert.That((int)response.StatusCode, Is.EqualTo(request.Expected), $"{name}:{request.Line} {request.Title}, visit {visit}: {body}");
            }
        }
    }

    string Root => market.Anonymous.BaseAddress!.GetLeftPart(UriPartial.Authority);
}
