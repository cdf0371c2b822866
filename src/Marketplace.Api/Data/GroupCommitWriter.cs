using System.Data.Common;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Data;

/// <summary>
/// SQLite: one connection, and one thread at a time on it. The units that waited while the last commit was being synced to disk share
/// the next one, each in a savepoint of its own. A sync costs milliseconds and a unit microseconds, so this is where the throughput is.
/// Who writes alone does it where he is: to wake the thread that serves the queue, and be woken by it, costs as much as the write.
/// </summary>
sealed class GroupCommitWriter : Writer
{
    /// <summary>Bounds how long the first unit of a batch waits for its commit.</summary>
    const int LargestBatch = 256;

    sealed record Unit(Session Session, Func<Task<bool>> Work)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    readonly SqliteDialect _dialect;
    readonly ILogger _log;
    readonly Channel<Unit> _queue = Channel.CreateUnbounded<Unit>();
    readonly List<Unit> _batch = [];
    readonly Lock _turn = new();
    readonly Thread _thread;
    SqliteConnection? _connection;

    /// <summary>Whether the last batch was one unit.</summary>
    volatile bool _wasAlone;

    bool _isClosed;

    /// <summary>Of the batch at hand, with the session of the last unit that was kept: it waits for the commit, so nobody else uses it.</summary>
    (Shared? Value, Session? Session) _shared;

    public GroupCommitWriter(SqliteDialect dialect, ILogger log)
    {
        _dialect = dialect;
        _log = log;
        _thread = new Thread(Loop) { IsBackground = true, Name = "writer" };
        _thread.Start();
    }

    public override bool CommitsInOrder => true;

    public override Task Run(Session session, Func<Task<bool>> unit, bool repeatable = false)
    {
        var waiting = new Unit(session, unit);
        if (!_wasAlone || _queue.Reader.Count > 0 || !_turn.TryEnter())
        {
            ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(waiting), this);
            return waiting.Done.Task;
        }

        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            Serve(waiting);
        }
        finally
        {
            _turn.Exit();
        }

        return waiting.Done.Task;
    }

    /// <summary>Commits what has been handed in, then stops.</summary>
    public override ValueTask DisposeAsync()
    {
        lock (_turn)
        {
            _queue.Writer.TryComplete();
            _isClosed = true;
        }

        _thread.Join();
        _connection?.Dispose();
        return ValueTask.CompletedTask;
    }

    void Loop()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            lock (_turn)
            {
                // Who had the turn may have served all that waited.
                if (_queue.Reader.TryRead(out var first))
                {
                    Serve(first);
                }
            }
        }
    }

    /// <summary>Commits a unit with those that wait behind it; its caller has the turn.</summary>
    void Serve(Unit first)
    {
        _batch.Clear();
        _batch.Add(first);
        _shared = default;
        var isOpen = false;
        try
        {
            var connection = Open();
            Statement(connection, "BEGIN IMMEDIATE");
            isOpen = true;
            // Who comes while the batch runs is for the next: taken along, all clients would soon wait for one commit together, then all
            // send together, with the writer idle meanwhile.
            var size = Math.Min(1 + _queue.Reader.Count, LargestBatch);
            var kept = RunOne(connection, first, isAlone: size == 1);
            while (_batch.Count < size && _queue.Reader.TryRead(out var next))
            {
                _batch.Add(next);
                kept |= RunOne(connection, next, isAlone: false);
            }

            if (kept)
            {
                StoreShared(connection);
                Statement(connection, "COMMIT");
                SignalCommit();
            }
            else
            {
                Statement(connection, "ROLLBACK");
            }

            _wasAlone = _batch.Count == 1;
            _batch.ForEach(unit => unit.Done.TrySetResult());
        }
#pragma warning disable CA1031 // The writer outlives any failure, and no unit is left without an answer.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // Who stood in the queue has waited for the lock as long as the first; one wait each would add up.
            while (!isOpen && _queue.Reader.TryRead(out var waiting))
            {
                _batch.Add(waiting);
            }

            _log.LogError(error, "A batch of {Count} writes was not committed", _batch.Count);
            Close();
            _wasAlone = false;
            _batch.ForEach(unit => unit.Done.TrySetException(error));
        }
    }

    void StoreShared(SqliteConnection connection)
    {
        if (_shared is not { Value: { } value, Session: { } session })
        {
            return;
        }

        session.Lend(connection, transaction: null).AsTask().Wait();
        try
        {
            value.Store(session).GetAwaiter().GetResult();
        }
        finally
        {
            session.TakeBack();
        }
    }

    /// <param name="isAlone">Whether the transaction is the unit's own; whoever began it undoes it then.</param>
    /// <returns>Whether there is something to commit. A unit that threw has its answer at once, the others after the commit.</returns>
    bool RunOne(SqliteConnection connection, Unit unit, bool isAlone)
    {
        if (!isAlone)
        {
            Statement(connection, "SAVEPOINT unit");
        }

        var keep = false;
        Exception? failure = null;
        unit.Session.Lend(connection, transaction: null).AsTask().Wait();
        unit.Session.Shared = _shared.Value;
        try
        {
            keep = unit.Work().GetAwaiter().GetResult();
            if (keep)
            {
                _shared = (unit.Session.Shared, unit.Session);
            }
        }
#pragma warning disable CA1031 // Whatever a unit threw is its caller's to see; the others of the batch go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            failure = error;
        }
        finally
        {
            unit.Session.TakeBack();
        }

        try
        {
            if (!isAlone)
            {
                if (!keep)
                {
                    Statement(connection, "ROLLBACK TO unit");
                }

                Statement(connection, "RELEASE unit");
            }
        }
        catch (SqliteException) when (failure is SqliteException)
        {
            // SQLite gave up the whole transaction (disk full, I/O error): every unit of the batch is told why.
            ExceptionDispatchInfo.Throw(failure);
        }

        if (failure is not null)
        {
            unit.Done.TrySetException(failure);
        }

        return keep;
    }

    SqliteConnection Open()
    {
        if (_connection is null)
        {
            var connection = (SqliteConnection)_dialect.Connect(readOnly: false);
            try
            {
                connection.Open();
                SqliteDialect.Harden(connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }

            _connection = connection;
        }

        return _connection;
    }

    /// <summary>A connection that failed to commit is not trusted again; closing it rolls back what it held.</summary>
    void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    static void Statement(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
