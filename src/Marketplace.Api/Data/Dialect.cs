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

    /// <summary>A connection that may be closed yet; a read-only one may refuse every write.</summary>
    public abstract DbConnection Connect(bool readOnly);

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
}
