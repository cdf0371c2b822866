using System.Net;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Marketplace.Api.Tests.Data;

/// <summary>A database server goes away and comes back while requests are under way.</summary>
[TestFixtureSource(nameof(Servers))]
public sealed class ServerLossTests(Database database)
{
    public static IEnumerable<TestFixtureData> Servers => Databases.Only(Databases.PostgreSql, Databases.SqlServer);

    [Test]
    public async Task While_the_database_is_away_every_request_is_told_to_come_back_and_afterwards_all_is_well()
    {
        await using var market = await Market.Apart(database);
        var party = await market.Party();
        await Away(market.Database);

        await IsUnavailable(() => party.Client.PostJson("demands", Market.DemandBody()));
        await IsUnavailable(() => party.Client.PostJson("demands", Market.DemandBody(), idempotencyKey: "while-away"));
        await IsUnavailable(() => party.Client.GetAsync("demands"));
        await IsUnavailable(() => market.Anonymous.GetAsync("achievements"));
        await IsUnavailable(() => market.Anonymous.GetAsync("/health/ready"));
        Assert.That((await market.Anonymous.GetAsync("/health/live")).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        await Back(market.Database);
        await Eventually.Holds(async () => (await market.Anonymous.GetAsync("/health/ready")).IsSuccessStatusCode, "ready again");
        await party.Client.PostJson("demands", Market.DemandBody(), idempotencyKey: "while-away").Json(201);
        var demand = await market.PublishedDemand(party, new { title = "恢复之后" });
        await Eventually.Holds(async () => (await market.Anonymous.PostJson("matches", new { text = "恢复之后", side = "demands" }).Json())
            .GetRawText().Contains(demand, StringComparison.Ordinal), "the index follows again");
    }

    [Test]
    public async Task A_program_started_while_the_database_is_away_answers_so_and_comes_up_by_itself()
    {
        var empty = await database.Create();
        await Away(empty);
        await using var market = Market.Apart(empty);
        await IsUnavailable(() => market.Anonymous.GetAsync("/health/ready"));
        await IsUnavailable(() => market.Admin.GetAsync("parties"));
        await Back(empty);
        await Eventually.Holds(async () => (await market.Anonymous.GetAsync("/health/ready")).IsSuccessStatusCode, "ready");
        await market.MutualIntroduction();
    }

    [Test]
    public async Task Two_programs_started_at_once_on_an_empty_database_both_come_up()
    {
        var empty = await database.Create();
        Market? first = null, second = null;
        await Task.WhenAll(Task.Run(() => first = Market.Apart(empty)), Task.Run(() => second = Market.Apart(new(database, empty.Name, empty.ConnectionString, () => Task.CompletedTask))));
        await using var one = first!;
        await using var other = second!;
        await one.Anonymous.GetJson("/health/ready");
        await other.Anonymous.GetJson("/health/ready");
        Assert.That(await empty.Scalar<int>("SELECT COUNT(*) FROM parties WHERE external_id = 'market'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_request_with_a_key_whose_connections_are_killed_at_any_moment_is_done_exactly_once()
    {
        await using var market = await Market.Apart(database);
        var party = await market.Party();
        var (rounds, away) = (100, 0);
        using var done = new CancellationTokenSource();
        var killing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                // Not a wait for anything: the chaos that the test is about.
                await Task.Delay(Random.Shared.Next(40));
                await database.Run(Kill(market.Database));
            }
        });
        for (var round = 0; round < rounds; round++)
        {
            var (key, body) = ($"round-{round}", Market.DemandBody(new { title = $"第 {round} 轮" }));
            var first = await Insist(key, body);
            var again = await Insist(key, body);
            Assert.That(again, Is.EqualTo(first));
        }

        await done.CancelAsync();
        await killing;
        // This test reads through the same pool, where the last victims still lie.
        NpgsqlConnection.ClearAllPools();
        SqlConnection.ClearAllPools();
        TestContext.Out.WriteLine($"{rounds} rounds, {away} answers of 503 on the way");
        Assert.That(away, Is.Positive, "the killing was felt");
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM listings"), Is.EqualTo(rounds));
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM events WHERE event_type = 'demand.created'"), Is.EqualTo(rounds));
        await Eventually.Holds(async () => await market.Database.Scalar<int>("SELECT COUNT(*) FROM events WHERE sequence IS NULL") == 0, "numbered");

        async Task<string> Insist(string key, object body)
        {
            string? text = null;
            await Eventually.Holds(async () =>
            {
                using var response = await party.Client.PostJson("demands", body, idempotencyKey: key);
                text = await response.Content.ReadAsStringAsync();
                Assert.That((int)response.StatusCode, Is.EqualTo(201).Or.EqualTo(503), text);
                away += response.StatusCode == HttpStatusCode.ServiceUnavailable ? 1 : 0;
                return response.StatusCode == HttpStatusCode.Created;
            }, $"an answer to {key}");
            return text!;
        }
    }

    [Test]
    public async Task A_commit_whose_answer_was_lost_is_not_done_again()
    {
        if (database != Databases.PostgreSql)
        {
            Assert.Ignore("The proxy between speaks PostgreSQL's protocol.");
        }

        var empty = await database.Create();
        var direct = new NpgsqlConnectionStringBuilder(empty.ConnectionString);
        await using var proxy = new LossyProxy(direct.Host!, direct.Port, "INSERT INTO listings");
        var through = new NpgsqlConnectionStringBuilder(empty.ConnectionString) { Host = "127.0.0.1", Port = proxy.Port, SslMode = SslMode.Disable };
        await using var market = Market.Apart(new(database, empty.Name, through.ToString(), () => empty.DisposeAsync().AsTask()));
        var party = await market.Party();
        for (var round = 0; round < 10; round++)
        {
            var withKey = Market.DemandBody(new { title = $"有键 {round}" });
            var lost = proxy.Lost;
            proxy.LoseNextCommit();
            var made = await party.Client.PostJson("demands", withKey, idempotencyKey: $"lost-{round}").Json(201);
            Assert.That(proxy.Lost, Is.EqualTo(lost + 1), "a commit was lost on its way back");
            Assert.That(await Rows(withKey["title"]!.ToString()), Is.EqualTo(1));
            Assert.That((await party.Client.PostJson("demands", withKey, idempotencyKey: $"lost-{round}").Json(201)).Text("id"), Is.EqualTo(made.Text("id")));

            // Without a key nobody can tell the repetition from a second wish, so the program must not repeat it, and says that it cannot know.
            var withoutKey = Market.DemandBody(new { title = $"无键 {round}" });
            proxy.LoseNextCommit();
            await party.Client.PostJson("demands", withoutKey).AssertProblem(503, "database-unavailable");
            Assert.That(await Rows(withoutKey["title"]!.ToString()), Is.EqualTo(1));
        }

        Task<int> Rows(string title) => empty.Scalar<int>("SELECT COUNT(*) FROM listings WHERE content LIKE @like", new { like = $"%{title}\"%" });
    }

    [Test]
    public async Task A_database_that_takes_no_writes_for_the_moment_is_away_for_those_who_write()
    {
        await using var market = await Market.Apart(database);
        var party = await market.Party();
        // As after a failover, until the new primary is found.
        await database.Run(database == Databases.PostgreSql ? $"ALTER DATABASE {market.Database.Name} SET default_transaction_read_only = on"
            : $"ALTER DATABASE {market.Database.Name} SET READ_ONLY WITH ROLLBACK IMMEDIATE");
        await database.Run(Kill(market.Database));
        await IsUnavailable(() => party.Client.PostJson("demands", Market.DemandBody()));
        await Eventually.Holds(async () => (await party.Client.GetAsync("demands")).IsSuccessStatusCode, "reading goes on");

        await database.Run(database == Databases.PostgreSql ? $"ALTER DATABASE {market.Database.Name} SET default_transaction_read_only = off"
            : $"ALTER DATABASE {market.Database.Name} SET READ_WRITE WITH ROLLBACK IMMEDIATE");
        await database.Run(Kill(market.Database));
        await Eventually.Holds(async () => (await party.Client.PostJson("demands", Market.DemandBody())).StatusCode == HttpStatusCode.Created, "writing again");
    }

    async Task Away(EmptyDatabase of)
    {
        await database.Run(database == Databases.PostgreSql ? $"ALTER DATABASE {of.Name} ALLOW_CONNECTIONS false" : $"ALTER DATABASE {of.Name} SET OFFLINE WITH ROLLBACK IMMEDIATE");
        await database.Run(Kill(of));
    }

    Task Back(EmptyDatabase of) =>
        database.Run(database == Databases.PostgreSql ? $"ALTER DATABASE {of.Name} ALLOW_CONNECTIONS true" : $"ALTER DATABASE {of.Name} SET ONLINE");

    string Kill(EmptyDatabase of) => database == Databases.PostgreSql
        ? $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{of.Name}'"
        : $"""
           DECLARE @kill nvarchar(max) = N'';
           SELECT @kill = @kill + N'KILL ' + CONVERT(nvarchar(10), session_id) + N';' FROM sys.dm_exec_sessions WHERE database_id = DB_ID('{of.Name}') AND session_id <> @@SPID;
           EXEC sp_executesql @kill;
           """;

    static async Task IsUnavailable(Func<Task<HttpResponseMessage>> send)
    {
        var response = await send();
        await Task.FromResult(response).AssertProblem(503, "database-unavailable");
        Assert.That(response.Headers.RetryAfter?.Delta, Is.Not.Null.And.GreaterThan(TimeSpan.Zero));
    }
}
