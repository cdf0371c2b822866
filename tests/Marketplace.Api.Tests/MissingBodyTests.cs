namespace Marketplace.Api.Tests;

/// <summary>Nothing sent at all is neither a wrong media type nor broken JSON: what the operation requires is missing.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MissingBodyTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task A_missing_body_names_every_required_member()
    {
        var party = await market.Party();
        await party.Client.Act("demands").AssertProblem(400, "validation-failed", "/title", "/description", "/field");
    }

    [Test]
    public async Task A_step_that_owes_a_reason_says_so_when_it_comes_without_a_body()
    {
        var party = await market.Party();
        var id = await party.Demand();
        await party.Client.Act($"demands/{id}/submit").Json();
        await (await market.As("moderator")).Act($"demands/{id}/return").AssertProblem(400, "validation-failed", "/reason");
    }
}
