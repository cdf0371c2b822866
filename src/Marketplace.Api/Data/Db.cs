using System.Data.Common;
using Dapper;

namespace Marketplace.Api.Data;

/// <summary>The configured database: opens sessions to read, and holds the one way to write.</summary>
public sealed class Db : IAsyncDisposable
{
    static Db() => DapperTypes.Register();

    public Db(Dialect dialect, ILoggerFactory loggers)
    {
        Dialect = dialect;
        Writer = dialect.CreateWriter(loggers);
    }

    public Dialect Dialect { get; }

    public Writer Writer { get; }

    public async Task<T> Read<T>(Func<Session, Task<T>> read)
    {
        await using var session = new Session(this);
        return await read(session);
    }

    public async Task<T> Write<T>(Func<Session, Task<T>> write)
    {
        await using var session = new Session(this);
        var result = default(T)!;
        await Writer.Run(session, async () =>
        {
            result = await write(session);
            return true;
        });
        return result;
    }

    public Task Write(Func<Session, Task> write) => Write(async session =>
    {
        await write(session);
        return true;
    });

    public ValueTask DisposeAsync() => Writer.DisposeAsync();
}

/// <summary>
/// How a request's statements run: one per request. Outside a write unit it opens a read-only connection on first use;
/// inside one, <see cref="Writer"/> lends it the connection and transaction of the unit.
/// </summary>
public sealed class Session(Db db) : IAsyncDisposable
{
    /// <summary>Hears each statement, in any dialect's words; the tests parse them all with SQL Server's own grammar.</summary>
    public static event Action<Func<Dialect, string>>? Executing;

    readonly Dictionary<string, Shared?> _marks = [];
    DbConnection? _connection;
    DbTransaction? _transaction;
    bool _lent;

    /// <inheritdoc cref="Writer.CommitsInOrder"/>
    public bool CommitsInOrder => db.Writer.CommitsInOrder;

    public Dialect Dialect => db.Dialect;

    /// <summary>
    /// What the units that are committed together hand on from one to the next, where the writer commits several at once. A unit or
    /// savepoint that is rolled back leaves what was there before it.
    /// </summary>
    public Shared? Shared { get; set; }

    /// <summary>When what is read is not wanted any more. A write unit is not ended by it: what is begun there is done whole.</summary>
    public CancellationToken Ends { get; set; }

    /// <summary>The unit's connection, inside one.</summary>
    internal DbConnection? Lent => _lent ? _connection : null;

    public Task<T?> Find<T>(string sql, object? parameters = null) =>
        Read<T, T?>(Command(sql, parameters), static (connection, command) => connection.QueryFirstOrDefaultAsync<T>(command));

    public Task<T> Single<T>(string sql, object? parameters = null) =>
        Read<T, T>(Command(sql, parameters), static (connection, command) => connection.QuerySingleAsync<T>(command));

    public async Task<List<T>> List<T>(string sql, object? parameters = null) =>
        (await Read<T, IEnumerable<T>>(Command(sql, parameters), static (connection, command) => connection.QueryAsync<T>(command))).AsList();

    /// <summary>The first rows of an ordered SELECT; the parameters must hold <c>take</c>.</summary>
    public async Task<List<T>> First<T>(string orderedSelect, object parameters) =>
        (await Read<T, IEnumerable<T>>(Command(orderedSelect, parameters, firstRows: true), static (connection, command) => connection.QueryAsync<T>(command))).AsList();

    /// <returns>How many rows changed; a guarded statement that found its guard false changes none.</returns>
    public async Task<int> Execute(string sql, object? parameters = null) =>
        await (await Connection()).ExecuteAsync(Command(sql, parameters));

    /// <summary>
    /// Runs an UPDATE that changes nothing, for the lock on its rows. Where units are committed one after the other nothing that a unit
    /// has read can change under it, and nothing is run.
    /// </summary>
    /// <returns>False when the statement's guard found no row: somebody has changed it since it was read.</returns>
    public async Task<bool> Lock(string update, object parameters) => CommitsInOrder || await Execute(update, parameters) > 0;

    /// <returns>False when a unique index refused the row; the transaction goes on either way.</returns>
    public async Task<bool> TryInsert(string sql, object parameters) => await TryExecute(sql, parameters) is not null;

    /// <returns>How many rows changed, or null when a unique index refused it; the transaction goes on either way.</returns>
    public async Task<int?> TryExecute(string sql, object parameters)
    {
        if (Dialect.FailureSpoilsTransaction)
        {
            await Savepoint("attempt");
        }

        int? changed = null;
        try
        {
            changed = await Execute(sql, parameters);
        }
        catch (DbException error) when (Dialect.IsDuplicate(error))
        {
            if (Dialect.FailureSpoilsTransaction)
            {
                await RollbackTo("attempt");
            }
        }

        if (Dialect.FailureSpoilsTransaction)
        {
            await Release("attempt");
        }

        return changed;
    }

    /// <summary>From here on, all that the session reads is of one moment. For sessions that only read.</summary>
    public async Task FixMoment()
    {
        if (_transaction is null)
        {
            _transaction = await Dialect.BeginSnapshot(await Connection());
        }
    }

    public Task Savepoint(string name)
    {
        _marks[name] = Shared;
        return Own(Dialect.Savepoint(name));
    }

    public Task RollbackTo(string savepoint)
    {
        Shared = _marks[savepoint];
        return Own(Dialect.RollbackTo(savepoint));
    }

    /// <summary>Open savepoints pile up, and every page or row that is written costs more for each of them.</summary>
    public Task Release(string savepoint) => Dialect.Release(savepoint) is { } sql ? Own(sql) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (!_lent && _connection is { } own)
        {
            if (_transaction is not null)
            {
                await _transaction.DisposeAsync();
            }

            (_connection, _transaction) = (null, null);
            await own.DisposeAsync();
        }
    }

    internal async ValueTask Lend(DbConnection connection, DbTransaction? transaction)
    {
        await DisposeAsync();
        (_connection, _transaction, _lent) = (connection, transaction, true);
    }

    internal void TakeBack() => (_connection, _transaction, _lent, Shared) = (null, null, false, null);

    CommandDefinition Command(string sql, object? parameters, bool firstRows = false)
    {
        Executing?.Invoke(In);
        return new(In(Dialect), parameters, _transaction, cancellationToken: _lent ? CancellationToken.None : Ends);

        string In(Dialect dialect) => dialect.Sent(firstRows ? dialect.FirstRows(sql) : sql);
    }

    /// <exception cref="UnreadableException">A row holds a value that is not of its column's kind.</exception>
    async Task<TResult> Read<T, TResult>(CommandDefinition command, Func<DbConnection, CommandDefinition, Task<TResult>> read)
    {
        try
        {
            try
            {
                return await read(await Connection(), command);
            }
            catch (DbException error) when (_transaction is null && !_lent && Dialect.IsRetryable(error))
            {
                // Given up in favour of a writer; a statement outside a transaction is the whole of what must be done again.
                return await read(await Connection(), command);
            }
        }
        catch (Exception error) when (UnreadableException.IsCause(error))
        {
            throw new UnreadableException(await Unreadable<T>(command), error);
        }
    }

    /// <summary>The first row of a statement's result that cannot be read, by its table and key.</summary>
    async Task<string> Unreadable<T>(CommandDefinition command)
    {
        await using var rows = await (await Connection()).ExecuteReaderAsync(command);
        while (await rows.ReadAsync())
        {
            try
            {
                rows.GetRowParser<T>()(rows);
            }
            catch (Exception error) when (UnreadableException.IsCause(error))
            {
                return UnreadableException.NameOf(command.CommandText, rows);
            }
        }

        return UnreadableException.NameOf(command.CommandText, null);
    }

    /// <summary>A statement that is the dialect's own already.</summary>
    async Task Own(string statement) => await (await Connection()).ExecuteAsync(new CommandDefinition(statement, transaction: _transaction));

    async ValueTask<DbConnection> Connection()
    {
        if (_connection is null)
        {
            _connection = await Dialect.Open(readOnly: true, _lent ? CancellationToken.None : Ends);
        }

        return _connection;
    }
}
