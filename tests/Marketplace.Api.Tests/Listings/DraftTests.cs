namespace Marketplace.Api.Tests.Listings;

/// <summary>A draft that nobody else has seen can be taken away; everything later is kept.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class DraftTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase("demands")]
    [TestCase("achievements")]
    public async Task Its_owner_deletes_a_draft_and_the_events_stay(string list)
    {
        var (owner, other) = (await market.Party(), await market.Party());
        var externalId = Guid.NewGuid().ToString("n");
        var id = list == "demands" ? await owner.Demand(new { externalId }) : await owner.Achievement(new { externalId });
        var address = $"{list}/{id}";
        await Delete(other.Client, address).AssertProblem(404, "not-found");
        await Delete(market.Anonymous, address).AssertProblem(401, "unauthenticated");
        await Delete(owner.Client, address, "\"7\"").AssertProblem(412, "precondition-failed");
        using (var deleted = await Delete(owner.Client, address, await owner.Client.ETag(address)))
        {
            Assert.That((int)deleted.StatusCode, Is.EqualTo(204));
        }

        await owner.Client.GetAsync(address).AssertProblem(404, "not-found");
        await Delete(owner.Client, address).AssertProblem(404, "not-found");
        Assert.That((await owner.Client.GetJson(list)).Ids(), Does.Not.Contain(id));
        await Eventually.Holds(async () => (await owner.Client.GetJson($"events?limit=100&types={list[..^1]}.created,{list[..^1]}.deleted"))
            .GetProperty("data").EnumerateArray().Count(e => e.Text("subject") == id) == 2, "both events are there");
        // What identified it is free again.
        _ = list == "demands" ? await owner.Demand(new { externalId }) : await owner.Achievement(new { externalId });
    }

    [Test]
    public async Task What_was_submitted_is_deleted_after_it_was_recalled_and_what_was_published_never()
    {
        var owner = await market.Party();
        var address = $"demands/{await owner.Demand()}";
        await owner.Client.Act($"{address}/submit").Json();
        var refused = await Delete(owner.Client, address).AssertProblem(409, "invalid-transition");
        Assert.That(refused.Text("currentState"), Is.EqualTo("submitted"));
        await owner.Client.Act($"{address}/recall").Json();
        using (var deleted = await Delete(owner.Client, address))
        {
            Assert.That((int)deleted.StatusCode, Is.EqualTo(204));
        }

        var published = $"demands/{await market.PublishedDemand(owner)}";
        await Delete(owner.Client, published).AssertProblem(409, "invalid-transition");
        await Delete((await market.Party()).Client, published).AssertProblem(403, "forbidden");
        await owner.Client.Act($"{published}/withdraw").Json();
        await Delete(owner.Client, published).AssertProblem(409, "invalid-transition");
    }

    [Test]
    public async Task A_contract_that_names_a_deleted_draft_stays_readable()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        var demand = await buyer.Demand();
        var contract = await market.SignedContract(buyer, seller, new { demand });
        using (var deleted = await Delete(buyer.Client, $"demands/{demand}"))
        {
            Assert.That((int)deleted.StatusCode, Is.EqualTo(204));
        }

        Assert.That((await seller.Client.GetJson($"contracts/{contract.Id}")).Text("demand"), Is.EqualTo(demand));
        await seller.Client.GetJson($"contracts/{contract.Id}/dossier");
    }

    static Task<HttpResponseMessage> Delete(HttpClient client, string address, string? ifMatch = null) =>
        client.Send(HttpMethod.Delete, address, ifMatch: ifMatch);
}
