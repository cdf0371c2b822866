using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Tests.Data;

/// <summary>The built program in a process of its own, killed without warning in the middle of writing.</summary>
public sealed class KilledProcessTests
{
    static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("MARKETPLACE_KILL_ROUNDS"), out var rounds) ? rounds : 12;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Whatever_was_answered_before_a_kill_is_there_after_the_next_start()
    {
        await using var database = await Databases.Sqlite.Create();
        var acknowledged = new ConcurrentBag<string>();
        string? owner = null;
        for (var round = 0; round < Rounds; round++)
        {
            using var program = await Program.Start(database.ConnectionString);
            Assert.That(await Missing(), Is.Empty, $"lost in round {round}");
            owner ??= await Enterprise(program.Client);
            var before = acknowledged.Count;
            var enough = Random.Shared.Next(1, 60);
            var killed = new TaskCompletionSource();
            await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
            {
                try
                {
                    while (true)
                    {
                        var party = await program.Client.PostJson("parties", new { kind = "expert", name = "某专家", region = "630102" }).Json(201);
                        acknowledged.Add(party.Text("id"));
                        if (acknowledged.Count - before >= enough && killed.TrySetResult())
                        {
                            program.Kill();
                        }
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed. A request on its way may have been committed or not: its client does not know either.
                }
            }));
            Assert.That(killed.Task.IsCompleted, Is.True, "the process ended before it was killed");
        }

        Assert.That(await Missing(), Is.Empty);
        Assert.That(await database.Scalar<string>("PRAGMA integrity_check"), Is.EqualTo("ok"));
        Assert.That(await database.Scalar<int>("SELECT COUNT(*) FROM events"),
            Is.EqualTo(await database.Scalar<int>("SELECT last_sequence FROM event_head")), "each event has its number");
        Assert.That(await database.Scalar<int>("SELECT COUNT(*) FROM parties WHERE kind = 'expert'"),
            Is.EqualTo(await database.Scalar<int>(
                "SELECT COUNT(DISTINCT subject) FROM events WHERE event_type = 'party.created' AND subject IN (SELECT id FROM parties WHERE kind = 'expert')")),
            "no row without its event");

        async Task<List<string>> Missing()
        {
            await using var connection = (SqliteConnection)await database.Open();
            var there = acknowledged.IsEmpty ? [] : (await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT id FROM parties")).ToHashSet();
            return [.. acknowledged.Where(id => !there.Contains(id))];
        }

        static async Task<string> Enterprise(HttpClient admin) => (await admin.PostJson(
            "parties", new { kind = "enterprise", name = "某公司", creditCode = CreditCodes.New(), region = "630102" }).Json(201)).Text("id");
    }

    internal sealed class Program : IDisposable
    {
        readonly Process _process;

        Program(Process process, HttpClient client) => (_process, Client) = (process, client);

        public HttpClient Client { get; }

        public static async Task<Program> Start(string connectionString)
        {
            var port = FreePort();
            var key = "tm_" + new string('k', 48);
            var assembly = typeof(Marketplace.Api.Settings).Assembly.Location;
            var process = Process.Start(new ProcessStartInfo("dotnet", [assembly])
            {
                WorkingDirectory = Path.GetDirectoryName(assembly),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Production",
                    ["Urls"] = $"http://127.0.0.1:{port}",
                    ["ConnectionStrings__Marketplace"] = connectionString,
                    ["Marketplace__AdminKey"] = key,
                    ["Marketplace__DemoData"] = "false",
                    ["Logging__LogLevel__Default"] = "Warning",
                },
            })!;
            process.BeginOutputReadLine();
            var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}/api/v1/") };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var deadline = new CancellationTokenSource(Patience);
            while (true)
            {
                try
                {
                    using var ready = await client.GetAsync("/health/ready");
                    if (ready.StatusCode == HttpStatusCode.OK)
                    {
                        return new(process, client);
                    }
                }
                catch (HttpRequestException) when (!deadline.IsCancellationRequested)
                {
                    Assert.That(process.HasExited, Is.False, () => $"The program did not start: {process.StandardError.ReadToEnd()}");
                    await Task.Delay(20);
                }
            }
        }

        /// <summary>A caller with this key.</summary>
        public HttpClient As(string key) => new()
        {
            BaseAddress = Client.BaseAddress, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };

        /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                Kill();
            }

            _process.Dispose();
            Client.Dispose();
        }

        static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
