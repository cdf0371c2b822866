using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Data.SqlClient;

namespace Marketplace.Api.Data;

public sealed partial class SqlServerDialect : Dialect
{
    /// <summary>
    /// What a server may have as its default otherwise: without counts each guarded UPDATE would look lost, and with XACT_ABORT an insert that collides would
    /// end its transaction. The driver hands a connection on with the isolation level that it had. Who waits longer for a lock is told and tries again.
    /// </summary>
    internal const string Settings = "SET NOCOUNT OFF; SET XACT_ABORT OFF; SET LOCK_TIMEOUT 3000; SET TRANSACTION ISOLATION LEVEL READ COMMITTED;";

    internal const string MigrationLock =
        """
        SET LOCK_TIMEOUT -1;
        DECLARE @answer int;
        EXEC @answer = sp_getapplock @Resource = 'marketplace-schema', @LockMode = 'Exclusive', @LockTimeout = -1;
        IF @answer < 0 THROW 50001, 'The lock for bringing the schema up to date was not given.', 1;
        """;

    internal const string RowVersions = "SELECT is_read_committed_snapshot_on AS Reads, snapshot_isolation_state AS Snapshots FROM sys.databases WHERE database_id = DB_ID()";

    readonly string _connectionString;

    /// <summary>Whether the database keeps row versions for snapshots; null before it was asked.</summary>
    bool? _hasSnapshots;

    public SqlServerDialect(string connectionString)
    {
        // A list of another length is another statement, with a plan of its own; padded there are few lengths.
        SqlMapper.Settings.PadListExpansions = true;
        var settings = new SqlConnectionStringBuilder(connectionString);
        if (!settings.ShouldSerialize("Connect Timeout") && !settings.ShouldSerialize("Pool Blocking Period"))
        {
            // The driver's defaults let a first request wait 15 seconds for a server that is away, and then refuse without asking for up to a minute
            // after it is back. Short and asked each time belong together.
            (settings.ConnectTimeout, settings.PoolBlockingPeriod) = (3, PoolBlockingPeriod.NeverBlock);
        }

        _connectionString = settings.ToString();
    }

    sealed record Versions
    {
        public bool Reads { get; init; }
        public byte Snapshots { get; init; }
    }

    public override string Name => "sqlserver";

    public override DbConnection Connect(bool readOnly) => new SqlConnection(_connectionString);

    public override Writer CreateWriter(ILoggerFactory loggers) => new TransactionWriter(this);

    public override string FirstRows(string orderedSelect) => orderedSelect + " OFFSET 0 ROWS FETCH NEXT @take ROWS ONLY";

    public override string Savepoint(string name) => $"SAVE TRANSACTION {name}";

    public override string RollbackTo(string savepoint) => $"ROLLBACK TRANSACTION {savepoint}";

    public override string? Release(string savepoint) => null;

    // A unique index raises 2601, a primary key or unique constraint 2627.
    public override bool IsDuplicate(DbException error) => error is SqlException { Number: 2601 or 2627 };

    // Deadlock victim, lock timeout, snapshot update conflict.
    public override bool IsRetryable(DbException error) => error is SqlException { Number: 1205 or 1222 or 3960 };

    public override bool IsUnavailable(DbException error) =>
        error is NoConnectionException || (error is SqlException e && (e.Class >= 20 || IsUnavailable(e.Number)));

    // Severity 20 and above ends the connection, whatever its number. The rest, a line each: time-outs and refused sockets; a database that is full,
    // not there yet or refuses the login; memory and locks used up; recovering, offline, a secondary or read-only; shutting down or paused; its log gone; Azure.
    internal static bool IsUnavailable(int number) => number
        is -2 or -1 or 0 or 2 or 20 or 53 or 64 or 121 or 233 or 258 or 10053 or 10054 or 10060 or 10061 or 11001
        or 1105 or 9002 or 4060 or 18456
        or 701 or 802 or 1204 or 8645 or 8651
        or 921 or 922 or 926 or 927 or 942 or 945 or 952 or 976 or 978 or 983 or 3906
        or 6005 or 17142 or 17143
        or 9001
        or 10928 or 10929 or 40197 or 40501 or 40613 or 49918 or 49919 or 49920;

    /// <summary>
    /// Row versions where the database keeps them: readers and writers then never wait for one another. Without, only SERIALIZABLE shows one moment, and
    /// it locks what it reads until the session ends.
    /// </summary>
    public override async Task<DbTransaction> BeginSnapshot(DbConnection connection)
    {
        _hasSnapshots ??= (await connection.QuerySingleAsync<Versions>(RowVersions)).Snapshots == 1;
        return await connection.BeginTransactionAsync(_hasSnapshots == true ? IsolationLevel.Snapshot : IsolationLevel.Serializable);
    }

    public override async Task<IReadOnlyList<string>> Warnings()
    {
        await using var connection = await Open(readOnly: true);
        var found = await connection.QuerySingleAsync<Versions>(RowVersions);
        return Missing(found.Reads, found.Snapshots == 1);
    }

    internal static IReadOnlyList<string> Missing(bool readVersions, bool snapshots) => new[]
    {
        readVersions ? null : "SQL Server: READ_COMMITTED_SNAPSHOT is off, so readers wait for writers; see the README.",
        snapshots ? null : "SQL Server: ALLOW_SNAPSHOT_ISOLATION is off, so checking a fund's books holds up its payments; see the README, then start again.",
    }.OfType<string>().ToList();

    public override Task<Dialect> BackUp(string file) => throw new StartupException(
        "SQL Server has its own command: 'BACKUP DATABASE name TO DISK = ''FILE'' WITH CHECKSUM', and RESTORE VERIFYONLY to check it.");

    public override async Task<DbTransaction> BeginMigration(DbConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync();
        await Run(connection, MigrationLock, transaction);
        return transaction;
    }

    /// <summary>GO on a line of its own ends a batch: a trigger or a view must be the first statement of one.</summary>
    public override IEnumerable<string> SplitScript(string script) =>
        BatchEnd().Split(script).Where(batch => !string.IsNullOrWhiteSpace(batch));

    protected override async Task Prepare(DbConnection connection, CancellationToken cancellation)
    {
        await base.Prepare(connection, cancellation);
        await Run(connection, Settings);
    }

    [GeneratedRegex(@"^\s*GO\s*$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex BatchEnd();
}
