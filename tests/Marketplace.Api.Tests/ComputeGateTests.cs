using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Marketplace.Api.Tests;

/// <summary>So many computations run at once, a few wait, and work ends when the caller has gone.</summary>
public sealed class ComputeGateTests
{
    [Test]
    public void What_computes_more_than_it_reads_passes_the_gate() =>
        Assert.That(Operation.Of(Market.On(Databases.Sqlite)).Where(operation => operation.Computes).Select(operation => operation.ToString()), Is.EquivalentTo(new[]
        {
            "GET /api/v1/demands/{id}/matches", "GET /api/v1/achievements/{id}/matches", "POST /api/v1/matches", "GET /api/v1/policies/{id}/analysis",
            "POST /api/v1/policies/validate", "POST /api/v1/evaluations", "POST /api/v1/evaluations/verify", "POST /api/v1/evaluations/compare",
            "GET /api/v1/contracts/{id}/evaluation", "GET /api/v1/funds/{id}/invariants", "GET /api/v1/funds/{id}/balances", "GET /api/v1/contracts/{id}/dossier", "GET /api/v1/claims/{id}/explanation",
        }));

    [Test]
    public async Task When_all_places_are_taken_a_computation_is_refused_and_reading_goes_on()
    {
        var gate = new ComputeGate(places: 1, waiting: 0);
        await using var market = await Market.Apart(Databases.Sqlite, host => host.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton(gate))));
        var demand = await market.PublishedDemand(await market.Party());
        using (await gate.Enter(CancellationToken.None))
        {
            foreach (var asked in new Func<Task<HttpResponseMessage>>[]
            {
                () => market.Anonymous.PostJson("matches", new { text = "a" }),
                () => market.Anonymous.GetAsync($"demands/{demand}/matches"),
                () => market.Anonymous.GetAsync("policies/xining-2020/analysis"),
                () => market.Anonymous.Send(HttpMethod.Post, "policies/validate", Requests.Content("schema: policy/1", "application/yaml")),
            })
            {
                using var response = await asked();
                await Task.FromResult(response).AssertProblem(503, "server-busy");
                Assert.That(response.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
            }

            await market.Anonymous.GetJson("demands");
            await market.Anonymous.PostJson("matches", new { text = "a", mode = 1 }).AssertProblem(400, "unknown-field", "/mode");
        }

        await market.Anonymous.PostJson("matches", new { text = "a" }).Json();
    }

    [Test]
    public async Task Who_waits_comes_in_when_a_place_is_free_and_leaves_the_queue_when_it_goes_away()
    {
        using var gate = new ComputeGate(places: 1, waiting: 1);
        var first = await gate.Enter(CancellationToken.None);
        using var gone = new CancellationTokenSource();
        var second = gate.Enter(gone.Token).AsTask();
        Assert.That(async () => await gate.Enter(CancellationToken.None), Throws.TypeOf<Refusal>());
        await gone.CancelAsync();
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        var third = gate.Enter(CancellationToken.None).AsTask();
        Assert.That(third.IsCompleted, Is.False);
        first.Dispose();
        (await third).Dispose();
    }

    [TestFixtureSource(typeof(Databases), nameof(Databases.All))]
    public sealed class SessionTests(Database database)
    {
        [Test]
        public async Task Reading_ends_with_the_request_and_a_write_unit_does_not()
        {
            var db = Market.On(database).Services.GetRequiredService<Db>();
            await using var reading = new Session(db) { Ends = new(canceled: true) };
            Assert.That(async () => await reading.Single<int>("SELECT 1"), Throws.InstanceOf<OperationCanceledException>());
            await using var writing = new Session(db) { Ends = new(canceled: true) };
            var read = 0;
            await db.Writer.Run(writing, async () =>
            {
                read = await writing.Single<int>("SELECT 1");
                return false;
            });
            Assert.That(read, Is.EqualTo(1));
        }
    }
}
