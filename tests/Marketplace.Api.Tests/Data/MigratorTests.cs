using System.Data.Common;
using Dapper;
using Marketplace.Api.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Data;

[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MigratorTests(Database database)
{
    EmptyDatabase empty = null!;
    Db db = null!;

    // Scripts that mean the same everywhere, after the real first one, which makes the migrator's own table.
    IReadOnlyList<Migrator.Script> Shipped => Migrator.Scripts(database.Name);

    static Migrator.Script Good => new("0900_good", "CREATE TABLE good (id int NOT NULL PRIMARY KEY);\nINSERT INTO good (id) VALUES (1);");

    static Migrator.Script Broken => new("0901_broken", "CREATE TABLE half (id int NOT NULL PRIMARY KEY);\nINSERT INTO nowhere (id) VALUES (1);");

    [SetUp]
    public async Task Empty_database()
    {
        empty = await database.Create();
        db = New();
    }

    [TearDown]
    public async Task Drop()
    {
        await db.DisposeAsync();
        await empty.DisposeAsync();
    }

    [Test]
    public async Task A_fresh_database_gets_every_script_once_and_a_second_start_changes_nothing()
    {
        await Migrator.Run(db, TimeProvider.System);
        var first = await Applied();
        await Migrator.Run(db, TimeProvider.System);
        Assert.That(first.Select(row => row.Change), Is.EqualTo(Shipped.Select(script => script.Change)));
        Assert.That(await Applied(), Is.EqualTo(first));
    }

    [Test]
    public async Task A_script_that_was_changed_after_it_was_applied_stops_the_start_and_is_named()
    {
        await Migrator.Run(db, TimeProvider.System, [.. Shipped, Good]);
        var changed = Good with { Sql = Good.Sql + " " };
        var error = Assert.ThrowsAsync<StartupException>(() => Migrator.Run(db, TimeProvider.System, [.. Shipped, new(changed.Change, changed.Sql), Broken]));
        Assert.That(error!.Message, Does.Contain($"0900_good/{database.Name}.sql"));
        Assert.That(await Exists("half"), Is.False, "nothing after it was run");
    }

    [Test]
    public async Task A_database_that_a_newer_program_has_changed_is_left_alone()
    {
        await Migrator.Run(db, TimeProvider.System, [.. Shipped, Good]);
        var error = Assert.ThrowsAsync<StartupException>(() => Migrator.Run(db, TimeProvider.System));
        Assert.That(error!.Message, Does.Contain("newer program").And.Contain("0900_good").And.Not.Contain("\n"));
    }

    [Test]
    public async Task A_script_that_comes_before_one_that_was_applied_is_refused()
    {
        await Migrator.Run(db, TimeProvider.System, [.. Shipped, Good]);
        Migrator.Script late = new("0899_late", "CREATE TABLE late (id int NOT NULL PRIMARY KEY);");
        var error = Assert.ThrowsAsync<StartupException>(() => Migrator.Run(db, TimeProvider.System, [.. Shipped, late, Good]));
        Assert.That(error!.Message, Does.Contain("0899_late").And.Contain("0900_good").And.Not.Contain("\n"));
        Assert.That(await Exists("late"), Is.False);
    }

    [Test]
    public async Task A_script_may_take_longer_than_the_connection_gives_a_command()
    {
        if (database != Databases.PostgreSql)
        {
            Assert.Ignore("SQLite ends no statement for its time, and SQL Server is told the same way.");
        }

        await empty.Execute($"ALTER DATABASE {empty.Name} SET statement_timeout = '1s'");
        await using var hasty = new Db(Dialect.For(database.Name, empty.ConnectionString + ";Command Timeout=1"), NullLoggerFactory.Instance);
        await Migrator.Run(hasty, TimeProvider.System, [.. Shipped, new("0900_slow", "SELECT pg_sleep(1.5)")]);
        Assert.That((await Applied())[^1].Change, Is.EqualTo("0900_slow"));
    }

    [Test]
    public async Task Two_processes_that_start_at_once_apply_each_script_once()
    {
        Migrator.Script[] scripts = [.. Shipped, Good];
        await using var other = New();
        await Task.WhenAll(new[] { db, other, db, other }.Select(one => Task.Run(() => Migrator.Run(one, TimeProvider.System, scripts))));
        Assert.That((await Applied()).Select(row => row.Change), Is.EqualTo(scripts.Select(script => script.Change)));
        Assert.That(await empty.Scalar<int>("SELECT COUNT(*) FROM good"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_script_that_fails_is_undone_whole_and_those_before_it_stay()
    {
        Assert.CatchAsync<DbException>(() => Migrator.Run(db, TimeProvider.System, [.. Shipped, Good, Broken]));
        Assert.That((await Applied()).Select(row => row.Change), Is.EqualTo(Shipped.Append(Good).Select(script => script.Change)));
        Assert.That(await Exists("half"), Is.False);

        await Migrator.Run(db, TimeProvider.System, [.. Shipped, Good, new(Broken.Change, Broken.Sql.Replace("nowhere", "half"))]);
        Assert.That(await empty.Scalar<int>("SELECT COUNT(*) FROM half"), Is.EqualTo(1), "the mended script was taken");
    }

    [Test]
    public async Task A_process_that_dies_between_a_scripts_statements_and_its_commit_leaves_nothing_of_it()
    {
        await Migrator.Run(db, TimeProvider.System);
        var dies = new DiesWhenAsked(database == Databases.Sqlite ? null : KillConnections);
        Assert.CatchAsync(() => Migrator.Run(db, dies, [.. Shipped, Good]));
        Assert.That(dies.Died, Is.True);
        Assert.That(await Exists("good"), Is.False);
        await Migrator.Run(db, TimeProvider.System, [.. Shipped, Good]);
        Assert.That(await empty.Scalar<int>("SELECT COUNT(*) FROM good"), Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_killed_process_leaves_on_disk_in_the_middle_of_a_script_is_the_database_without_it()
    {
        if (database != Databases.Sqlite)
        {
            Assert.Ignore("The other databases run in a process of their own.");
        }

        await Migrator.Run(db, TimeProvider.System);
        var file = new SqliteConnectionStringBuilder(empty.ConnectionString).DataSource;
        var copy = file + "-copy";
        var snapshot = new DiesWhenAsked(() =>
        {
            // The files as the kernel has them, which is what kill -9 leaves.
            foreach (var end in new[] { "", "-wal" })
            {
                File.Copy(file + end, copy + end);
            }
        });
        Assert.CatchAsync(() => Migrator.Run(db, snapshot, [.. Shipped, Good]));

        await using var left = new Db(new SqliteDialect($"Data Source={copy}"), NullLoggerFactory.Instance);
        await Migrator.Run(left, TimeProvider.System, [.. Shipped, Good]);
        Assert.That(await left.Read(session => session.Single<int>("SELECT COUNT(*) FROM good")), Is.EqualTo(1));
    }

    [Test]
    public void A_checkout_with_other_line_ends_has_the_same_hash() =>
        Assert.That(new Migrator.Script("a", "one\r\ntwo\r\n").Hash, Is.EqualTo(new Migrator.Script("a", "one\ntwo\n").Hash));

    [Test]
    public void Another_text_has_another_hash() =>
        Assert.That(new Migrator.Script("a", "one").Hash, Is.Not.EqualTo(new Migrator.Script("a", "two").Hash));

    [Test]
    public void Every_change_is_written_for_every_database() => Assert.That(
        Shipped.Select(script => script.Change), Is.Not.Empty.And.EqualTo(Migrator.Scripts("sqlite").Select(script => script.Change)));

    Db New() => new(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);

    async Task<List<(string Change, string Hash, string At)>> Applied()
    {
        await using var connection = await empty.Open();
        return (await connection.QueryAsync<(string, string, string)>(
            "SELECT change_name, script_hash, CAST(applied_at AS varchar(40)) FROM schema_changes ORDER BY change_name")).AsList();
    }

    async Task<bool> Exists(string table) => await empty.Scalar<int>(db.Dialect.CountTables, new { name = table }) == 1;

    void KillConnections() => database.Run(database == Databases.PostgreSql
        ? $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{empty.Name}'"
        : $"ALTER DATABASE {empty.Name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; ALTER DATABASE {empty.Name} SET MULTI_USER").Wait();

    /// <summary>The migrator asks for the time once a script has run and before it remembers it; this is where the process ends.</summary>
    sealed class DiesWhenAsked(Action? how) : TimeProvider
    {
        public bool Died { get; private set; }

        public override DateTimeOffset GetUtcNow()
        {
            Died = true;
            how?.Invoke();
            throw new OperationCanceledException("killed");
        }
    }
}
