using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Data;

/// <summary>The embedded default: one file, WAL, readers beside one writer.</summary>
public sealed class SqliteDialect : Dialect
{
    readonly string _reading;
    readonly string _writing;
    readonly string _writingAgain;
    readonly string _file;
    readonly IdleConnections _idle = new();

    static SqliteDialect()
    {
        SQLitePCL.Batteries_V2.Init();
        // Nobody asks how much memory is in use; to know it, every allocation of every connection takes one lock.
        SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public SqliteDialect(string connectionString)
    {
        var settings = new SqliteConnectionStringBuilder(connectionString) { ForeignKeys = true };
        _file = settings.DataSource;
        if (Path.GetDirectoryName(settings.DataSource) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        if (!settings.ShouldSerialize("Default Timeout"))
        {
            settings.DefaultTimeout = 5;
        }

        // The one connection to write with is closed when it is not trusted any more, and reading ones wait open in a pool of our own.
        settings.Pooling = false;
        _writing = settings.ToString();
        // What was there once is never made anew: an empty database in the place of one that was moved would take writes that are lost with it.
        settings.Mode = settings.Mode == SqliteOpenMode.ReadWriteCreate ? SqliteOpenMode.ReadWrite : settings.Mode;
        _writingAgain = settings.ToString();
        // Keys between tables matter to writers alone, and cost a statement at each opening.
        settings.ForeignKeys = null;
        settings.Mode = SqliteOpenMode.ReadOnly;
        _reading = settings.ToString();
    }

    public override string Name => "sqlite";

    public override string PathBeside(string contentRoot) => _file;

    public override DbConnection Connect(bool readOnly) => readOnly ? _idle.Take() ?? new(_reading, _idle) : new PreparedConnection(_writing);

    /// <summary>The connection that takes the place of one that failed.</summary>
    internal SqliteConnection ConnectAgain() => new PreparedConnection(_writingAgain);

    /// <summary>Readers that wait open may still read a file that is no longer in its place.</summary>
    internal void ForgetReaders() => _idle.Forget();

    public override async Task<Dialect> BackUp(string file)
    {
        await using var source = (SqliteConnection)await Open(readOnly: true);
        using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        copy.Open();
        source.BackupDatabase(copy);
        // One file that can be carried away: without this the copy is in WAL mode too, and would have two more beside it.
        await Run(copy, "PRAGMA journal_mode=DELETE");
        using var command = copy.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        if (command.ExecuteScalar() is not "ok" and var fault)
        {
            throw new StartupException($"The copy is damaged: {fault}");
        }

        return new SqliteDialect(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly }.ToString());
    }

    public override Writer CreateWriter(ILoggerFactory loggers) =>
        new GroupCommitWriter(this, loggers.CreateLogger<GroupCommitWriter>());

    // 19 alone is every constraint; only the extended codes tell a duplicate from a CHECK or a foreign key.
    public override bool IsDuplicate(DbException error) =>
        error is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 };

    public override bool IsRetryable(DbException error) => error is SqliteException { SqliteErrorCode: 5 or 6 };

    // Busy, locked, read-only, I/O error, damaged, disk full, cannot open, not a database.
    public override bool IsUnavailable(DbException error) =>
        error is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    public override Task<DbTransaction> BeginSnapshot(DbConnection connection) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public override Task<DbTransaction> BeginMigration(DbConnection connection)
    {
        Harden((SqliteConnection)connection);
        return Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: false));
    }

    public override string CountTables => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = @name";

    public override void Dispose() => _idle.Dispose();

    /// <summary>
    /// Sets what durability rests on and reads it back, for SQLite ignores a pragma it cannot honour.
    /// FULL, not NORMAL: in WAL mode NORMAL loses acknowledged commits when the power fails.
    /// </summary>
    public static void Harden(SqliteConnection connection)
    {
        Require("journal_mode", "WAL", "wal");
        Require("synchronous", "FULL", "2");
        Require("foreign_keys", "ON", "1");
        // What undoes a unit of a large batch: each batch would make a file for it, and remove it again.
        Require("temp_store", "MEMORY", "2");
        var wait = (connection.DefaultTimeout * 1000).ToString(CultureInfo.InvariantCulture);
        Require("busy_timeout", wait, wait);

        void Require(string pragma, string value, string expected)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA {pragma}={value}";
            command.ExecuteNonQuery();
            command.CommandText = $"PRAGMA {pragma}";
            var actual = Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
            if (actual != expected)
            {
                throw new InvalidOperationException($"SQLite answers {pragma} = {actual} where {expected} is required.");
            }
        }
    }
}
