using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Tests.Data;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NUnit.Framework.Interfaces;

[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: Marketplace.Api.Tests.BooksAddUp]

namespace Marketplace.Api.Tests;

/// <summary>
/// The program as it runs in production, on Kestrel and a database of its own, with a clock that tests move. One host per database serves
/// the whole run (<see cref="On"/>); tests keep apart by making their own parties. What a test is not about it gets from the methods here
/// and in Market.Stories.cs; what it is about it does over HTTP.
/// </summary>
public sealed partial class Market : IAsyncDisposable
{
    static readonly ConcurrentDictionary<Database, Lazy<Market>> Shared = new();

    // Connections are shared by all clients; each client carries its own key.
    readonly DocumentedAnswers _connections = new();
    readonly ConcurrentDictionary<string, Task<HttpClient>> _officials = new();
    readonly WebApplicationFactory<Program> _factory;
    readonly Uri _address;

    Market(EmptyDatabase database, Action<IWebHostBuilder>? change)
    {
        Database = database;
        AdminKey = $"tm_test-{Guid.NewGuid():n}{Guid.NewGuid():n}";
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Production");
            host.ConfigureAppConfiguration((_, configuration) => configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Marketplace:Database"] = database.Database.Name,
                ["ConnectionStrings:Marketplace"] = database.ConnectionString,
                ["Marketplace:AdminKey"] = AdminKey,
                ["Marketplace:DemoData"] = "false",
                // Tests move the clock over many nights.
                ["Marketplace:TrainAt"] = "never",
                ["Marketplace:RateLimit:Enabled"] = "false",
            }));
            host.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
            host.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)));
            change?.Invoke(host);
        });
        _factory.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _factory.StartServer();
        var addresses = _factory.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        _address = new(new Uri(addresses.Single()), Routes.Base + "/");
        Anonymous = Client(null);
        Admin = Client(AdminKey);
    }

    public EmptyDatabase Database { get; }

    public string AdminKey { get; }

    /// <summary>Starts at noon of 2 March 2026 in Beijing.</summary>
    public TestClock Clock { get; } = new(new(2026, 3, 2, 4, 0, 0, TimeSpan.Zero));

    public DateOnly Today => Clock.Today();

    /// <summary>What the program logged.</summary>
    public TestLog Log { get; } = new();

    public IServiceProvider Services => _factory.Services;

    /// <summary>A caller without a key.</summary>
    public HttpClient Anonymous { get; }

    public HttpClient Admin { get; }

    /// <summary>The shared host of a database, started by the first test that asks.</summary>
    public static Market On(Database database) =>
        Shared.GetOrAdd(database, d => new(() => new(d.Create().GetAwaiter().GetResult(), null))).Value;

    /// <summary>A host of a test's own, for what would disturb others.</summary>
    public static async Task<Market> Apart(Database database, Action<IWebHostBuilder>? change = null) => new(await database.Create(), change);

    /// <summary>A host on a database that is there already, perhaps one that another host is using.</summary>
    public static Market Apart(EmptyDatabase database) => new(database, null);

    /// <summary>A second host on this one's database, as a second server beside the first; it leaves the database when it is disposed of.</summary>
    public Market Beside(Action<IWebHostBuilder>? change = null) =>
        new(new(Database.Database, Database.Name, Database.ConnectionString, () => Task.CompletedTask), change);

    /// <summary>A caller whose key has this one role and belongs to the market's operator.</summary>
    public Task<HttpClient> As(string role) => _officials.GetOrAdd(role, async role =>
    {
        var office = await Party("government");
        return Client(await Key(office.Id, [role], $"the {role}"));
    });

    /// <summary>A caller whose key has every role: it gets past the door of every operation.</summary>
    public Task<HttpClient> InEveryRole() => _officials.GetOrAdd("", async _ => Client(await Key((await Party("government")).Id, Roles.All, "everybody")));

    /// <summary>A caller with this key, or without one; addresses are relative to the API's base.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient(_connections, disposeHandler: false) { BaseAddress = _address };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        client.DefaultRequestHeaders.Add("Accept-Language", "en");
        return client;
    }

    /// <summary>A caller of a market whose rows were altered: what it answers then is in no document.</summary>
    public HttpClient PastTheDocument(HttpClient caller)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _address };
        client.DefaultRequestHeaders.Authorization = caller.DefaultRequestHeaders.Authorization;
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await AssertAllBooks();
        }
        finally
        {
            _connections.Dispose();
            await _factory.DisposeAsync();
            await Database.DisposeAsync();
        }
    }

    internal static IEnumerable<Market> AllShared => Shared.Values.Where(market => market.IsValueCreated).Select(market => market.Value);
}

/// <summary>Keeps what was logged, for tests that read it.</summary>
public sealed class TestLog : ILoggerProvider
{
    public sealed record Entry(LogLevel Level, string Category, string Text, Exception? Error);

    static readonly ConcurrentQueue<string> Errors = new();

    readonly ConcurrentQueue<Entry> _entries = new();

    /// <summary>What any host logged as an error about a request, for whoever asks why a test got a 500.</summary>
    public static string? About(HttpResponseMessage response) => !response.Headers.TryGetValues("X-Request-Id", out var ids) ? null
        : Errors.FirstOrDefault(error => error.Contains(ids.First(), StringComparison.Ordinal));

    public IReadOnlyCollection<Entry> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _entries);

    public void Dispose()
    {
    }

    sealed class Logger(string category, ConcurrentQueue<Entry> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && !category.StartsWith("Microsoft", StringComparison.Ordinal);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                entries.Enqueue(new(logLevel, category, formatter(state, exception), exception));
                if (logLevel >= LogLevel.Error)
                {
                    Errors.Enqueue($"{formatter(state, exception)} {exception}");
                }
            }
        }
    }
}

[SetUpFixture]
public sealed class WholeRun
{
    [OneTimeSetUp]
    public void Read_every_statement_with_the_grammar_of_SQL_Server() => Session.Executing += EveryStatement.Hear;

    [OneTimeTearDown]
    public async Task Stop_every_shared_host()
    {
        foreach (var market in Market.AllShared)
        {
            await market.DisposeAsync();
        }
    }
}

/// <summary>After every test the books of every fund add up; a host of a test's own is asked when the test is done with it.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class BooksAddUpAttribute : Attribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
    }

    public void AfterTest(ITest test)
    {
        foreach (var market in Market.AllShared)
        {
            market.AssertBooksMoved().GetAwaiter().GetResult();
        }
    }
}
