namespace Marketplace.Api.Tests;

/// <summary>Each filter of each list reaches the statement: it keeps what it names and drops the rest.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class FilterTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task Demands_by_state_owner_field_region_and_mode()
    {
        var owner = await market.Party();
        var kept = await owner.Demand(new { field = "aerospace", region = "630123", modes = new[] { "equity" } });
        var dropped = await owner.Demand(new { field = "electronics", region = "630102", modes = new[] { "service" } });
        await owner.Client.Act($"demands/{kept}/submit").Json();
        foreach (var filter in new[] { "state=submitted", "field=aerospace", "region=630123", "mode=equity" })
        {
            var found = (await owner.Client.GetJson($"demands?owner={owner.Id}&{filter}&limit=100")).Ids();
            Assert.That(found, Does.Contain(kept).And.Not.Contain(dropped), filter);
        }
    }

    [Test]
    public async Task Introductions_by_state_demand_and_achievement()
    {
        var kept = await market.MutualIntroduction();
        var other = await market.MutualIntroduction();
        foreach (var filter in new[] { $"demand={kept.Demand}", $"achievement={kept.Achievement}", "state=mutual" })
        {
            var found = (await kept.DemandSide.Client.GetJson($"introductions?{filter}&limit=100")).Ids();
            Assert.That(found, Does.Contain(kept.Id).And.Not.Contain(other.Id), filter);
        }

        Assert.That((await kept.DemandSide.Client.GetJson("introductions?state=sent")).Ids(), Is.Empty);
    }

    [Test]
    public async Task Contracts_by_state_kind_buyer_seller_and_project()
    {
        var buyer = await market.Party();
        var seller = await market.Party("university");
        var kept = await market.RecognisedContract(buyer, seller, new { kind = "licence", project = "甲" });
        foreach (var filter in new[] { "state=recognised", "kind=licence", $"buyer={buyer.Id}", $"seller={seller.Id}", "project=甲" })
        {
            Assert.That((await buyer.Client.GetJson($"contracts?{filter}")).Ids(), Is.EqualTo(new[] { kept.Id }), filter);
        }

        foreach (var filter in new[] { "state=draft", "kind=service", $"buyer={seller.Id}", $"seller={buyer.Id}", "project=乙" })
        {
            Assert.That((await buyer.Client.GetJson($"contracts?{filter}")).Ids(), Is.Empty, filter);
        }
    }
}
