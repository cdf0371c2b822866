using System.Text.Json;
using Marketplace.Api.Contracts;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Api.Subscriptions;

namespace Marketplace.Api.Tests.Codes;

/// <summary>The list of codes is whole: what the API document calls a code has a name in both languages.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class CodeTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task Every_code_has_a_name_in_both_languages_and_stands_once_in_its_list()
    {
        var codes = await All("en");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(codes.Select(code => (code.Text("list"), code.Text("code"))), Is.Unique);
            Assert.That(codes.Select(code => code.Text("zh")), Has.All.Match("\\p{IsCJKUnifiedIdeographs}"));
            Assert.That(codes.Select(code => code.Text("en")), Has.All.Not.Empty.And.All.Not.Match("\\p{IsCJKUnifiedIdeographs}"));
        }
    }

    [TestCase("en", "en")]
    [TestCase("zh-CN", "zh")]
    public async Task The_label_is_the_name_in_the_readers_language(string language, string member)
    {
        foreach (var code in await All(language))
        {
            Assert.That(code.Text("label"), Is.EqualTo(code.Text(member)));
        }
    }

    [Test]
    public async Task Every_enumeration_of_the_API_document_is_in_the_list()
    {
        var known = (await All("en")).Select(code => code.Text("code")).ToHashSet();
        var document = await market.Anonymous.GetJson("/openapi/v1.json");
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        Walk(document.GetProperty("components").GetProperty("schemas"), "");
        Walk(document.GetProperty("paths"), "");
        Assert.That(missing, Is.Empty);

        void Walk(JsonElement json, string at)
        {
            if (json.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in json.EnumerateArray())
                {
                    Walk(item, at);
                }
            }
            else if (json.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in json.EnumerateObject())
                {
                    if (member.NameEquals("enum") && member.Value.ValueKind == JsonValueKind.Array)
                    {
                        missing.UnionWith(member.Value.EnumerateArray().Where(value => value.ValueKind == JsonValueKind.String)
                            .Select(value => value.GetString()!).Where(code => !known.Contains(code)).Select(code => $"{at}: {code}"));
                    }
                    else
                    {
                        Walk(member.Value, $"{at}/{member.Name}");
                    }
                }
            }
        }
    }

    [Test]
    public async Task Every_state_of_every_resource_is_in_the_list()
    {
        var codes = (await All("en")).Select(code => (code.Text("list"), code.Text("code"))).ToList();
        Lifecycle[] machines = [ListingLifecycle.Demands, ListingLifecycle.Achievements, IntroductionLifecycle.Machine, ContractLifecycle.Machine, SubscriptionLifecycle.Machine];
        Assert.That(codes, Is.SupersetOf(machines.SelectMany(machine => machine.States.Select(state => ($"{machine.Resource}State", state)))));
    }

    [Test]
    public async Task Patents_and_regions_carry_their_national_numbers()
    {
        var codes = await All("en");
        Assert.That(codes.Single(code => code.Text("list") == "rightKind" && code.Text("code") == "utilityModel").Text("nationalCode"), Is.EqualTo("2"));
        Assert.That(codes.Single(code => code.Text("list") == "region" && code.Text("code") == "630100").Text("zh"), Is.EqualTo("西宁市"));
    }

    async Task<List<JsonElement>> All(string language) =>
        [.. (await market.Anonymous.Send(HttpMethod.Get, "codes", headers: ("Accept-Language", language)).Json()).GetProperty("data").EnumerateArray()];
}
