using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;

namespace Marketplace.Api.Data;

public sealed partial class PostgreSqlDialect(string connectionString) : Dialect
{
    public override string Name => "postgresql";

    public override DbConnection Connect(bool readOnly) => new NpgsqlConnection(connectionString);

    public override Writer CreateWriter(ILoggerFactory loggers) => new TransactionWriter(this);

    // Dapper hands a list to this driver as one array parameter instead of spelling it out.
    public override string Sent(string sql) =>
        sql.Contains(" IN @", StringComparison.Ordinal) ? List().Replace(sql, "= ANY($1)") : sql;

    public override bool FailureSpoilsTransaction => true;

    public override bool IsDuplicate(DbException error) => error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override bool IsRetryable(DbException error) =>
        error is PostgresException
        {
            SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable,
        };

    // FATAL refused or ended the connection: shutting down, no such database, not accepting connections, too many of them. Class 08 is
    // the connection, 53 the server's resources, 25006 a standby that takes no writes; else the socket broke.
    public override bool IsUnavailable(DbException error) => error switch
    {
        PostgresException e => e.InvariantSeverity is "FATAL" or "PANIC" || e.SqlState is ['0', '8', ..] or ['5', '3', ..] or PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException e => e.InnerException is not null || e.IsTransient,
        _ => false,
    };

    public override async Task<DbTransaction> BeginMigration(DbConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync();
        // The role or the database may have limits that are meant for requests.
        await Run(connection, "SET LOCAL statement_timeout = 0", transaction);
        await Run(connection, "SET LOCAL lock_timeout = 0", transaction);
        await Run(connection, "SELECT pg_advisory_xact_lock(630100)", transaction);
        return transaction;
    }

    public override Task<Dialect> BackUp(string file) =>
        throw new StartupException("PostgreSQL has its own tool: 'pg_dump -Fc -d NAME -f FILE', and 'pg_restore -d NAME FILE' into an empty database.");

    [GeneratedRegex(@"\bIN (@\w+)")]
    private static partial Regex List();
}
