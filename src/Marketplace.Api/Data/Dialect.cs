using System.Data;
using System.Data.Common;

namespace Marketplace.Api.Data;

/// <summary>
/// What one database engine does differently. Everything else is written once, in the SQL that all three share
/// (db-migrations/README.md); no other folder asks which engine it runs on.
/// </summary>
public abstract class Dialect : IDisposable
{
    public static Dialect For(string database, string connectionString) => database switch
    {
        "sqlite" => new SqliteDialect(connectionString),
        "sqlserver" => new SqlServerDialect(connectionString),
        "postgresql" => new PostgreSqlDialect(connectionString),
        _ => throw new ArgumentException($"'{database}' is not one of sqlite, sqlserver, postgresql.", nameof(database)),
    };

    /// <summary>The engine's name in configuration, and its script's name in db-migrations.</summary>
    public abstract string Name { get; }

    /// <summary>Closes what it keeps open between uses.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>The path, without an extension, for files that belong to the database: beside it where it is a file itself.</summary>
    public virtual string PathBeside(string contentRoot) => Path.Combine(contentRoot, "data", Name);

    /// <summary>A connection that may be closed yet; a read-only one may refuse every write. <see cref="Open"/> is what opens it.</summary>
    public abstract DbConnection Connect(bool readOnly);

    /// <summary>The one way to an open connection.</summary>
    /// <exception cref="NoConnectionException">The driver has none to give: as many as it may open are in use.</exception>
    public async Task<DbConnection> Open(bool readOnly, CancellationToken cancellation = default)
    {
        var connection = Connect(readOnly);
        try
        {
            await Prepare(connection, cancellation);
            return connection;
        }
        catch (InvalidOperationException error)
        {
            // SQL Server's driver says so with this type, which else would look like a fault of the program.
            await connection.DisposeAsync();
            throw new NoConnectionException(error);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>How the database is set up that an operator should mend, a line each.</summary>
    public virtual Task<IReadOnlyList<string>> Warnings() => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Copies the database, as it is at one moment, to a file of its own while the market runs.</summary>
    /// <param name="file">Does not exist.</param>
    /// <returns>What reads the copy.</returns>
    /// <exception cref="StartupException">The engine has a tool of its own, which the message names.</exception>
    public abstract Task<Dialect> BackUp(string file);

    /// <summary>The one way in for writes: begins, commits, and retries what this engine asks to have retried.</summary>
    public abstract Writer CreateWriter(ILoggerFactory loggers);

    /// <summary>Limits an ordered SELECT to its first <c>@take</c> rows.</summary>
    public virtual string FirstRows(string orderedSelect) => orderedSelect + " LIMIT @take";

    /// <summary>The statement as it is sent: <c>x IN @list</c> is the one form that not every driver takes.</summary>
    public virtual string Sent(string sql) => sql;

    public virtual string Savepoint(string name) => $"SAVEPOINT {name}";

    public virtual string RollbackTo(string savepoint) => $"ROLLBACK TO SAVEPOINT {savepoint}";

    /// <summary>Forgets a savepoint and keeps what was done since; null where a new one of the same name takes its place anyway.</summary>
    public virtual string? Release(string savepoint) => $"RELEASE SAVEPOINT {savepoint}";

    /// <summary>Whether a failed statement spoils its transaction, so that an insert that may collide needs a savepoint.</summary>
    public virtual bool FailureSpoilsTransaction => false;

    /// <summary>A unique index or primary key refused the row; any other constraint is not a duplicate.</summary>
    public abstract bool IsDuplicate(DbException error);

    /// <summary>The engine gave up this transaction in favour of another: doing the whole again may succeed.</summary>
    public abstract bool IsRetryable(DbException error);

    /// <summary>The database cannot be reached or cannot be written just now.</summary>
    public abstract bool IsUnavailable(DbException error);

    /// <summary>Begins a transaction that only reads, and whose statements all see the database as it is at one moment.</summary>
    public virtual async Task<DbTransaction> BeginSnapshot(DbConnection connection) =>
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);

    /// <summary>Begins the transaction in which one process at a time brings the schema up to date.</summary>
    public abstract Task<DbTransaction> BeginMigration(DbConnection connection);

    /// <summary>How many tables are called <c>@name</c>; in capitals, for SQL Server may tell them apart.</summary>
    public virtual string CountTables => "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = @name";

    /// <summary>Splits a migration script where the engine cannot run it as one batch.</summary>
    public virtual IEnumerable<string> SplitScript(string script) => [script];

    /// <summary>Opens a connection and gives it the settings that every statement relies on.</summary>
    protected virtual Task Prepare(DbConnection connection, CancellationToken cancellation) => connection.OpenAsync(cancellation);

    /// <summary>Runs a statement in the engine's own words, without a limit of time.</summary>
    protected static async Task Run(DbConnection connection, string sql, DbTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction, command.CommandTimeout) = (sql, transaction, 0);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>As many connections as may be open are in use, and none came back in time.</summary>
public sealed class NoConnectionException(Exception inner) : DbException("No connection to the database is free.", inner);
