namespace Marketplace.Api.Tests.Http;

/// <summary>Asking what would happen.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ValidateOnlyTests(Database database)
{
    readonly Market market = Market.On(database);

    [Test]
    public async Task An_action_that_is_only_validated_answers_what_would_happen_and_writes_nothing()
    {
        var party = await market.Party();
        var demand = await party.Demand();
        var before = await party.Client.ETag($"demands/{demand}");
        Assert.That((await party.Client.Act($"demands/{demand}/submit?validateOnly=true").Json()).Text("state"), Is.EqualTo("submitted"));
        Assert.That(await party.Client.ETag($"demands/{demand}"), Is.EqualTo(before));
        await party.Client.Act($"demands/{demand}/resume?validateOnly=true").AssertProblem(409, "invalid-transition");
        var made = await party.Client.PostJson("demands?validateOnly=true", Market.DemandBody()).Json(201);
        await party.Client.GetAsync($"demands/{made.Text("id")}").AssertProblem(404, "not-found");
        Assert.That((await party.Client.Act($"demands/{demand}/submit?validateOnly=false").Json()).Text("state"), Is.EqualTo("submitted"));
    }

    [Test]
    public async Task Validating_does_not_use_up_the_idempotency_key()
    {
        var party = await market.Party();
        var demand = await party.Demand();
        var key = Market.NewKey();
        await party.Client.Act($"demands/{demand}/submit?validateOnly=true", key).Json();
        Assert.That((await party.Client.Act($"demands/{demand}/submit", key).Json()).Text("state"), Is.EqualTo("submitted"));
    }

    [Test]
    public async Task A_parameter_that_is_no_parameter_is_refused()
    {
        var party = await market.Party();
        var demand = await party.Demand();
        await party.Client.Act($"demands/{demand}/submit?validate=true").AssertProblem(400, "unknown-field");
        await party.Client.Act($"demands/{demand}/submit?validateOnly=perhaps").AssertProblem(400, "validation-failed");
    }
}
