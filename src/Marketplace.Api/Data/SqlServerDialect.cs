using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.SqlClient;

namespace Marketplace.Api.Data;

public sealed partial class SqlServerDialect(string connectionString) : Dialect
{
    public override string Name => "sqlserver";

    public override DbConnection Connect(bool readOnly) => new SqlConnection(connectionString);

    public override Writer CreateWriter(ILoggerFactory loggers) => new TransactionWriter(this);

    public override string FirstRows(string orderedSelect) => orderedSelect + " OFFSET 0 ROWS FETCH NEXT @take ROWS ONLY";

    public override string Savepoint(string name) => $"SAVE TRANSACTION {name}";

    public override string RollbackTo(string savepoint) => $"ROLLBACK TRANSACTION {savepoint}";

    public override string? Release(string savepoint) => null;

    // A unique index raises 2601, a primary key or unique constraint 2627.
    public override bool IsDuplicate(DbException error) => error is SqlException { Number: 2601 or 2627 };

    // Deadlock victim, lock timeout, snapshot update conflict.
    public override bool IsRetryable(DbException error) => error is SqlException { Number: 1205 or 1222 or 3960 };

    // Severity 20 and above ends the connection; the rest are time-outs, refused sockets and a database that is starting or full.
    public override bool IsUnavailable(DbException error) =>
        error is SqlException e && (e.Class >= 20 || e.Number is -2 or -1 or 0 or 2 or 20 or 53 or 64 or 121 or 233 or 258
            or 1105 or 9002 or 4060 or 10053 or 10054 or 10060 or 10061 or 11001 or 18456 or 40197 or 40501 or 40613);

    // Row versions are the database's own choice; without them only this level lets nobody write in between.
    public override async Task<DbTransaction> BeginSnapshot(DbConnection connection) =>
        await connection.BeginTransactionAsync(IsolationLevel.Serializable);

    public override async Task<DbTransaction> BeginMigration(DbConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "EXEC sp_getapplock @Resource = 'marketplace-schema', @LockMode = 'Exclusive', @LockTimeout = 60000";
        await command.ExecuteNonQueryAsync();
        return transaction;
    }

    /// <summary>GO on a line of its own ends a batch: a trigger or a view must be the first statement of one.</summary>
    public override IEnumerable<string> SplitScript(string script) =>
        BatchEnd().Split(script).Where(batch => !string.IsNullOrWhiteSpace(batch));

    [GeneratedRegex(@"^\s*GO\s*$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex BatchEnd();
}
