using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Marketplace.Api.Data;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Data;

/// <summary>What can be known of SQL Server without one: how its driver is set up, and what is made of what it says.</summary>
public sealed class SqlServerDialectTests
{
    [Test]
    public void A_pool_that_has_no_connection_left_is_a_database_that_is_away_and_nobody_waits_for_it_twice()
    {
        using var full = new FullPool();
        var error = Assert.ThrowsAsync<NoConnectionException>(() => full.Open(readOnly: true));
        Assert.That(new SqlServerDialect("Server=nowhere").IsUnavailable(error!), Is.True);
        Assert.That(full.Disposed, Is.True);

        full.Opened = 0;
        var db = new Db(full, NullLoggerFactory.Instance);
        Assert.ThrowsAsync<NoConnectionException>(() => db.Write(session => session.Execute("UPDATE parties SET version = 1")));
        Assert.ThrowsAsync<NoConnectionException>(() => db.Read(session => session.Single<int>("SELECT 1")));
        Assert.That(full.Opened, Is.EqualTo(2));
    }

    [Test]
    public void A_server_that_is_away_is_given_up_soon_and_asked_again_each_time_unless_the_configuration_says_otherwise()
    {
        var silent = Opened("Server=nowhere;Database=m");
        Assert.That((silent.ConnectTimeout, silent.PoolBlockingPeriod), Is.EqualTo((3, PoolBlockingPeriod.NeverBlock)));
        Assert.That(Opened("Server=nowhere;Connect Timeout=20").ConnectTimeout, Is.EqualTo(20));
        Assert.That(Opened("Server=nowhere;Connection Timeout=20").PoolBlockingPeriod, Is.EqualTo(PoolBlockingPeriod.Auto));
        Assert.That(Opened("Server=nowhere;Pool Blocking Period=AlwaysBlock").ConnectTimeout, Is.EqualTo(15));

        static SqlConnectionStringBuilder Opened(string text)
        {
            using var connection = new SqlServerDialect(text).Connect(readOnly: true);
            return new(connection.ConnectionString);
        }
    }

    [TestCase(true, true)]
    [TestCase(false, true, "READ_COMMITTED_SNAPSHOT")]
    [TestCase(true, false, "ALLOW_SNAPSHOT_ISOLATION")]
    [TestCase(false, false, "READ_COMMITTED_SNAPSHOT", "ALLOW_SNAPSHOT_ISOLATION")]
    public void A_database_without_row_versions_is_warned_of(bool readVersions, bool snapshots, params string[] named)
    {
        var warnings = SqlServerDialect.Missing(readVersions, snapshots);
        Assert.That(warnings, Has.Count.EqualTo(named.Length));
        foreach (var (warning, name) in warnings.Zip(named))
        {
            Assert.That(warning, Does.Contain(name));
        }
    }

    [Test]
    public void What_a_standby_a_restart_and_a_full_server_say_is_a_database_that_is_away()
    {
        int[] away = [-2, 701, 802, 921, 945, 976, 978, 983, 1204, 3906, 4060, 6005, 8645, 8651, 9001, 10928, 10929, 17142, 17143, 40613, 49918, 49919, 49920];
        Assert.That(away.Where(number => !SqlServerDialect.IsUnavailable(number)), Is.Empty);
        int[] faults = [547, 2601, 2627, 102, 207, 208, 8152, 50000];
        Assert.That(faults.Where(SqlServerDialect.IsUnavailable), Is.Empty);
    }

    [Test]
    public void A_day_goes_as_a_day_however_long_ago_it_was()
    {
        var parameter = new SqlParameter();
        new DapperTypes.Dates().SetValue(parameter, new(1700, 12, 20));
        Assert.That((parameter.SqlDbType, parameter.Value), Is.EqualTo((SqlDbType.Date, (object)new DateTime(1700, 12, 20))));
    }

    /// <summary>A server whose connections are all in use, as SQL Server's driver tells it.</summary>
    sealed class FullPool : Dialect
    {
        public bool Disposed { get; private set; }

        public int Opened { get; set; }

        public override string Name => "full";

        public override DbConnection Connect(bool readOnly) => new Connection(this);

        public override Writer CreateWriter(ILoggerFactory loggers) => new TransactionWriter(this);

        public override Task<Dialect> BackUp(string file) => throw new NotSupportedException();

        public override bool IsDuplicate(DbException error) => false;

        public override bool IsRetryable(DbException error) => false;

        public override bool IsUnavailable(DbException error) => true;

        public override Task<DbTransaction> BeginMigration(DbConnection connection) => throw new NotSupportedException();

        sealed class Connection(FullPool pool) : DbConnection
        {
            [AllowNull]
            public override string ConnectionString { get; set; } = "";

            public override string Database => "";

            public override string DataSource => "";

            public override string ServerVersion => "";

            public override ConnectionState State => ConnectionState.Closed;

            public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

            public override void Close()
            {
            }

            public override void Open()
            {
                pool.Opened++;
                throw new InvalidOperationException("Timeout expired. The timeout period elapsed prior to obtaining a connection from the pool.");
            }

            protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException();

            protected override DbCommand CreateDbCommand() => throw new NotSupportedException();

            protected override void Dispose(bool disposing)
            {
                pool.Disposed = true;
                base.Dispose(disposing);
            }
        }
    }
}

/// <summary>Keys that are a week old are forgotten some at a time.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ForgottenKeyTests(Database database)
{
    [Test]
    public async Task A_week_after_a_burst_no_statement_deletes_them_all()
    {
        await using var empty = await database.Create();
        await using var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System);
        var now = new DateTimeOffset(2026, 3, 2, 4, 0, 0, TimeSpan.Zero);
        await db.Write(async session =>
        {
            await session.Execute(
                """
                INSERT INTO parties (id, kind, name, region, version, content, created_at, updated_at)
                VALUES ('pty_a', 'broker', 'a', '630102', 1, '{}', @now, @now)
                """,
                new { now });
            for (var key = 0; key < 1100; key++)
            {
                await session.Execute("INSERT INTO idempotency_keys (party_id, key_value, request_hash, created_at) VALUES ('pty_a', @value, '', @at)",
                    new { value = $"key-{key}", at = now.AddDays(key < 1090 ? -8 : -1).AddMilliseconds(key) });
            }
        });
        var left = new List<int>();
        bool more;
        do
        {
            more = await db.Write(session => Marketplace.Api.Http.Idempotency.Purge(session, now));
            left.Add(await db.Read(session => session.Single<int>("SELECT COUNT(*) FROM idempotency_keys")));
        }
        while (more);
        Assert.That(left, Is.EqualTo(new[] { 600, 100, 10 }));
    }
}
