using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Demo;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Marketplace.Api.Tests;

/// <summary>The demo market: there before the host is ready, once, and believable.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class DemoMarketTests(Database database)
{
    readonly Probe probe = new();
    Market market = null!;

    DemoMarket Demo => market.Services.GetRequiredService<DemoMarket>();

    HttpClient Caller(string variable) => market.Client(Demo.Keys[variable]);

    /// <summary>As in Development.</summary>
    public static void WithDemoData(IConfigurationBuilder configuration) =>
        configuration.AddInMemoryCollection([new("Marketplace:DemoData", "true")]);

    [OneTimeSetUp]
    public async Task Start() => market = await Market.Apart(database, host =>
    {
        host.ConfigureAppConfiguration(WithDemoData);
        host.ConfigureTestServices(services => services.AddHostedService(provider => probe.Of(provider)));
    });

    [OneTimeTearDown]
    public async Task Stop()
    {
        await market.DisposeAsync();
        probe.Dispose();
    }

    [Test]
    public async Task It_is_there_before_the_server_says_ready_and_other_requests_need_not_wait()
    {
        Assert.That(probe.ReadyWhileStarting, Is.EqualTo((HttpStatusCode.ServiceUnavailable, "starting")));
        Assert.That(probe.CodesWhileStarting, Is.EqualTo(HttpStatusCode.OK));
        await market.Anonymous.GetJson("/health/ready");
    }

    [Test]
    public async Task It_is_large_enough_to_look_around()
    {
        using var auditor = Caller("auditorKey");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await All(auditor, "parties"), Has.Count.GreaterThanOrEqualTo(30));
            Assert.That(await All(market.Anonymous, "demands"), Has.Count.GreaterThanOrEqualTo(60));
            Assert.That(await All(market.Anonymous, "achievements"), Has.Count.GreaterThanOrEqualTo(120));
        }
    }

    [Test]
    public async Task Every_state_of_listings_introductions_and_contracts_can_be_seen()
    {
        var listings = ListingLifecycle.Demands.States.Except([ListingLifecycle.Expired]).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await States("listings", "kind = 'demand'"), Is.EquivalentTo(listings));
            Assert.That(await States("listings", "kind = 'achievement'"), Is.EquivalentTo(listings));
            Assert.That(await States("introductions", "1 = 1"), Is.EquivalentTo(IntroductionLifecycle.Machine.States));
            Assert.That(await States("contracts", "1 = 1"), Is.EquivalentTo(ContractLifecycle.Machine.States));
            Assert.That(await market.Database.Scalar<long>("SELECT COUNT(*) FROM contracts"), Is.GreaterThanOrEqualTo(12));
        }
    }

    [Test]
    public async Task Public_money_was_claimed_approved_paid_and_demanded_back()
    {
        using var auditor = Caller("auditorKey");
        var claims = await All(auditor, "claims");
        Assert.That(claims.Select(claim => claim.Text("state")).Distinct(), Is.SupersetOf(new[]
        {
            ClaimLifecycle.Submitted, ClaimLifecycle.Returned, ClaimLifecycle.Reviewed, ClaimLifecycle.Rejected, ClaimLifecycle.Approved,
            ClaimLifecycle.Ordered, ClaimLifecycle.Paid, ClaimLifecycle.ClawbackOpened,
        }));
        var subsidies = await All(market.Anonymous, "subsidies");
        Assert.That(subsidies.Sum(subsidy => subsidy.GetProperty("amount").GetDecimal()), Is.EqualTo(
            claims.Where(claim => claim.Text("state") is ClaimLifecycle.Paid or ClaimLifecycle.ClawbackOpened).Sum(claim => claim.GetProperty("amount").GetDecimal())));
        var fund = (await All(auditor, "funds")).Single();
        Assert.That((fund.Text("state"), fund.GetProperty("year").GetInt32()), Is.EqualTo(("open", market.Today.Year)));
    }

    [Test]
    public async Task Most_demands_find_an_achievement_of_somebody_else()
    {
        var answered = 0;
        foreach (var demand in await All(market.Anonymous, "demands"))
        {
            var matches = (await market.Anonymous.GetJson($"demands/{demand.Text("id")}/matches?limit=5")).GetProperty("data");
            Assert.That(matches.EnumerateArray().Select(match => match.GetProperty("achievement").Text("owner")), Has.None.EqualTo(demand.Text("owner")));
            answered += matches.GetArrayLength() > 0 ? 1 : 0;
        }

        Assert.That(answered, Is.GreaterThanOrEqualTo(45));
    }

    [Test]
    public async Task Two_contracts_of_one_project_share_the_limit_of_the_broker_award()
    {
        using var enterprise = Caller("enterpriseKey");
        var contracts = await All(enterprise, "contracts", "&state=recognised&project=" + Uri.EscapeDataString("绿电算力一体化示范工程"));
        var amounts = new List<decimal>();
        foreach (var contract in contracts.OrderBy(contract => contract.GetProperty("recognition").Text("recognisedOn")))
        {
            var evaluation = (await enterprise.GetJson($"contracts/{contract.Text("id")}/evaluation")).GetProperty("data")[0];
            amounts.Add(evaluation.GetProperty("awards").EnumerateArray().Single(award => award.Text("award") == "broker").GetProperty("amount").GetDecimal());
        }

        Assert.That(amounts, Is.EqualTo(new[] { 32000m, 18000m }));
    }

    [Test]
    public async Task Every_date_of_a_deal_is_past_and_every_deadline_lies_ahead()
    {
        using var registrar = Caller("registrarKey");
        var signed = (await All(registrar, "contracts")).Select(contract => Day(contract.Text("signedOn"))).ToList();
        var deadlines = (await All(market.Anonymous, "demands")).Select(demand => Day(demand.Text("deadline"))).ToList();
        Assert.That(signed, Has.All.LessThanOrEqualTo(market.Today).And.Some.GreaterThan(market.Today.AddYears(-1)));
        Assert.That(deadlines, Has.All.GreaterThan(market.Today));
    }

    [Test]
    public async Task The_next_start_loads_nothing_and_prints_the_same_keys()
    {
        var before = await Rows();
        var keys = Demo.Keys.ToList();
        await Demo.StartedAsync(CancellationToken.None);
        Assert.That(await Rows(), Is.EqualTo(before));
        Assert.That(Demo.Keys, Is.EquivalentTo(keys));
        foreach (var key in Demo.Keys.Values)
        {
            using var caller = market.Client(key);
            await caller.GetJson("events?limit=1");
        }
    }

    [Test]
    public async Task Another_demo_market_has_other_keys_and_a_start_without_demo_data_takes_them_back()
    {
        await using var other = await Market.Apart(database, host => host.ConfigureAppConfiguration(WithDemoData));
        var keys = other.Services.GetRequiredService<DemoMarket>().Keys.Values.ToList();
        Assert.That(keys, Has.None.AnyOf(Demo.Keys.Values.ToList()).And.All.Match("^tm_[A-Za-z0-9_-]{43}$"));
        using var before = other.Client(keys[0]);
        await before.GetJson("events?limit=1");

        await using var without = other.Beside();
        foreach (var key in keys)
        {
            using var caller = without.Client(key);
            await caller.GetAsync("events?limit=1").AssertProblem(401, "unauthenticated");
        }

        Assert.That(await other.Database.Scalar<int>("SELECT COUNT(*) FROM demo_seeds"), Is.Zero);
    }

    [Test]
    public async Task A_load_that_was_cut_off_can_go_on_for_a_second_telling_changes_nothing()
    {
        var before = await Rows();
        using var client = new DemoClient(Root);
        var office = await market.Database.Scalar<string>("SELECT id FROM parties WHERE external_id = 'market'");
        await new DemoLoader(client, market.Services.GetRequiredService<Db>(), market.Clock).Load(office);
        Assert.That(await Rows(), Is.EqualTo(before));
        // As at a start: the keys are handed out after the load, which took back all that its persons held.
        await Demo.StartedAsync(CancellationToken.None);
    }

    [Test]
    public async Task Of_the_keys_that_are_valid_only_the_printed_and_the_configured_ones_are_left() =>
        Assert.That(await market.Database.Scalar<long>("SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL"), Is.EqualTo(Demo.Keys.Count + 1));

    [Test]
    public void The_notice_shows_every_key_once_and_three_requests() => Assert.Multiple(() =>
    {
        foreach (var key in Demo.Keys.Values)
        {
            Assert.That(Demo.Notice, Does.Contain(key));
        }

        Assert.That(Demo.Notice.Split("  curl ").Length - 1, Is.EqualTo(3));
        Assert.That(Demo.Notice, Does.Contain($"{Root}swagger"));
    });

    [Test]
    public void What_the_server_refuses_is_told_in_one_line_with_file_line_and_problem()
    {
        using var client = new DemoClient(Root);
        var action = Assert.ThrowsAsync<StartupException>(() =>
            client.Post(new("deals", 7), "x", Demo.Keys["enterpriseKey"], "contracts", new JsonObject { ["kind"] = "wager" }))!.Message;
        var import = Assert.ThrowsAsync<StartupException>(() => client.Import("parties", "", market.AdminKey,
            [(new("parties", 4), new() { ["externalId"] = "x-1", ["kind"] = "broker", ["name"] = "好", ["region"] = "630103" }),
             (new("parties", 9), new() { ["externalId"] = "x-2", ["kind"] = "broker", ["name"] = "坏", ["region"] = "nowhere" })]))!.Message;
        Assert.That(action, Does.Contain("Demo/deals.ndjson, line 7").And.Contain("validation-failed").And.Not.Contain("\n"));
        Assert.That(import, Does.Contain("Demo/parties.ndjson, line 9").And.Contain("/region").And.Not.Contain("\n"));
    }

    static DateOnly Day(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Test]
    public void A_server_that_does_not_answer_is_told_in_one_line_too()
    {
        using var closed = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var nobody = new Uri($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndpoint).Port}/");
        closed.Stop();
        using var client = new DemoClient(nobody);
        var message = Assert.ThrowsAsync<StartupException>(() => client.Get("codes"))!.Message;
        Assert.That(message, Does.Contain("codes").And.Not.Contain("\n"));
    }

    Uri Root => new(market.Anonymous.BaseAddress!, "/");

    async Task<List<string>> States(string table, string where)
    {
        await using var connection = await market.Database.Open();
        return [.. await Dapper.SqlMapper.QueryAsync<string>(connection, $"SELECT DISTINCT state FROM {table} WHERE {where}")];
    }

    async Task<string> Rows()
    {
        var counts = new List<string>();
        foreach (var table in new[] { "parties", "listings", "introductions", "contracts", "claims", "funds", "ledger_entries", "events" })
        {
            counts.Add($"{table} {await market.Database.Scalar<long>($"SELECT COUNT(*) FROM {table}")}");
        }

        return string.Join(", ", counts);
    }

    static async Task<List<JsonElement>> All(HttpClient client, string list, string filters = "")
    {
        var found = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.GetJson($"{list}?limit=100{filters}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            found.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }

        return found;
    }

    /// <summary>Asks the server while its host still starts: after the demo market in order, before the host counts as started.</summary>
    sealed class Probe : IHostedLifecycleService, IDisposable
    {
        readonly HttpClient _http = new();
        IServiceProvider _services = null!;

        public (HttpStatusCode, string) ReadyWhileStarting { get; private set; }

        public HttpStatusCode CodesWhileStarting { get; private set; }

        public Probe Of(IServiceProvider services)
        {
            _services = services;
            return this;
        }

        public async Task StartedAsync(CancellationToken cancellationToken)
        {
            var server = _services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>();
            var address = server.Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses.First();
            using var ready = await _http.GetAsync(new Uri($"{address}/health/ready"), cancellationToken);
            using var codes = await _http.GetAsync(new Uri($"{address}/api/v1/codes"), cancellationToken);
            ReadyWhileStarting = (ready.StatusCode, JsonDocument.Parse(await ready.Content.ReadAsStringAsync(cancellationToken)).RootElement.Text("code"));
            CodesWhileStarting = codes.StatusCode;
        }

        public void Dispose() => _http.Dispose();

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
