using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Marketplace.Api.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Data;

/// <summary>What a server gives up in favour of another transaction is done again as a whole, and its caller never knows.</summary>
[TestFixtureSource(nameof(Servers))]
public sealed class RetryTests(Database database)
{
    public static IEnumerable<TestFixtureData> Servers => Databases.Only(Databases.PostgreSql, Databases.SqlServer);

    EmptyDatabase empty = null!;

    [SetUp]
    public async Task Two_accounts()
    {
        empty = await database.Create();
        await using var connection = await empty.Open();
        await connection.ExecuteAsync("CREATE TABLE accounts (id int NOT NULL PRIMARY KEY, amount int NOT NULL)");
        await connection.ExecuteAsync("INSERT INTO accounts (id, amount) VALUES (1, 0), (2, 0)");
    }

    [TearDown]
    public async Task Drop() => await empty.DisposeAsync();

    [Test]
    public async Task Two_units_that_lock_each_other_out_both_succeed()
    {
        await using var db = New(empty.ConnectionString);
        var runs = new ConcurrentDictionary<string, int>();
        using var bothHold = new Barrier(2);
        await Task.WhenAll(Cross("up", 1, 2), Cross("down", 2, 1)).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.That(runs.Values.Sum(), Is.GreaterThanOrEqualTo(3), "one of them was the victim");
        Assert.That(await empty.Scalar<int>("SELECT SUM(amount) FROM accounts"), Is.EqualTo(4));
        Assert.That(await empty.Scalar<int>("SELECT COUNT(*) FROM accounts WHERE amount = 2"), Is.EqualTo(2), "nothing was added twice");

        Task Cross(string name, int first, int second) => Task.Run(() => db.Write(async session =>
        {
            await Add(session, first);
            if (runs.AddOrUpdate(name, 1, (_, before) => before + 1) == 1)
            {
                bothHold.SignalAndWait();
            }

            await Add(session, second);
        }));
    }

    [Test]
    public async Task A_unit_that_could_not_be_put_in_a_serial_order_is_run_again()
    {
        if (database != Databases.PostgreSql)
        {
            Assert.Ignore("SQL Server locks where PostgreSQL gives up.");
        }

        await using var db = New(empty.ConnectionString);
        var runs = 0;
        using var bothRead = new Barrier(2);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => db.Write(async session =>
        {
            await session.Lent!.ExecuteAsync("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
            var amount = await session.Single<int>("SELECT amount FROM accounts WHERE id = 1");
            if (Interlocked.Increment(ref runs) <= 2)
            {
                bothRead.SignalAndWait();
            }

            await session.Execute("UPDATE accounts SET amount = @next WHERE id = 1", new { next = amount + 1 });
        })))).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(runs, Is.EqualTo(3));
        Assert.That(await empty.Scalar<int>("SELECT amount FROM accounts WHERE id = 1"), Is.EqualTo(2), "no update was lost");
    }

    [Test]
    public async Task A_unit_that_throws_is_not_run_again_and_leaves_nothing()
    {
        await using var db = New(empty.ConnectionString);
        var runs = 0;
        Assert.CatchAsync<DbException>(() => db.Write(async session =>
        {
            runs++;
            await Add(session, 1);
            await session.Execute("INSERT INTO accounts (id, amount) VALUES (1, 0)");
        }));
        Assert.That(runs, Is.EqualTo(1));
        Assert.That(await empty.Scalar<int>("SELECT SUM(amount) FROM accounts"), Is.Zero);
    }

    [Test]
    public async Task More_units_than_connections_wait_for_their_turn()
    {
        var connections = database == Databases.PostgreSql ? "Maximum Pool Size" : "Max Pool Size";
        await using var db = New($"{empty.ConnectionString};{connections}=4");
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            // As a request does: it looks up its caller, then writes.
            await using var session = new Session(db);
            await session.Single<int>("SELECT COUNT(*) FROM accounts");
            await db.Writer.Run(session, async () => await Add(session, 1) == 1);
        }))).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(await empty.Scalar<int>("SELECT amount FROM accounts WHERE id = 1"), Is.EqualTo(64));
    }

    static Task<int> Add(Session session, int id) => session.Execute("UPDATE accounts SET amount = amount + 1 WHERE id = @id", new { id });

    Db New(string connectionString) => new(Dialect.For(database.Name, connectionString), NullLoggerFactory.Instance);
}
