namespace Marketplace.Api.Tests;

/// <summary>The test host itself: it is the real program, and its stories end where they say.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class HarnessTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task The_host_is_ready_and_keeps_the_clock_of_the_tests()
    {
        await market.Anonymous.GetJson("/health/ready");
        var before = market.Clock.GetUtcNow();
        var party = await market.Party("university");
        var created = (await party.Client.GetJson($"parties/{party.Id}")).GetProperty("createdAt").GetDateTimeOffset();
        Assert.That(created, Is.InRange(before, market.Clock.GetUtcNow()));
    }

    [Test]
    public async Task A_deal_can_be_told_from_the_introduction_to_the_recognition()
    {
        var introduction = await market.MutualIntroduction();
        var contract = await market.RecognisedContract(
            introduction.DemandSide, introduction.AchievementSide, new { introduction = introduction.Id, amount = 3000000.50 });
        var seen = await contract.Seller.Client.GetJson($"contracts/{contract.Id}");
        Assert.That(seen.Text("state"), Is.EqualTo("recognised"));
        Assert.That(seen.GetProperty("amount").GetRawText(), Is.EqualTo("3000000.50"));
    }

    [Test]
    public Task A_refusal_is_a_whole_problem_document() =>
        market.Anonymous.GetAsync("demands/dem_00000000000000000000000000").AssertProblem(404, "not-found");
}
