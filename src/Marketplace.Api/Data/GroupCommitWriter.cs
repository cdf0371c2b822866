using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
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

    static readonly TimeSpan BetweenProbes = TimeSpan.FromSeconds(1);

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

    bool _hasOpened;

    int _probes = Environment.TickCount & int.MaxValue;

    /// <summary>When something was last committed; 0 before.</summary>
    long _lastCommit;

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

    /// <summary>Commits a change of a number that nobody reads, unless something was committed within a second: a disk that is full shows only when it is written to.</summary>
    public override Task Probe(Session session) => Run(session, () =>
    {
        if (_lastCommit != 0 && Stopwatch.GetElapsedTime(_lastCommit) < BetweenProbes)
        {
            return Task.FromResult(false);
        }

        _probes = (_probes + 1) & int.MaxValue;
        using var change = new SqliteCommand(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {_probes}"), (SqliteConnection)session.Lent!);
        change.ExecuteNonQuery();
        return Task.FromResult(true);
    });

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
            SqlitePlace.Require(connection);
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
                // Again, so that nothing is acknowledged that the file at the path does not hold.
                SqlitePlace.Require(connection);
                _lastCommit = Stopwatch.GetTimestamp();
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

            // Another process writes to the file: that is no fault, and says nothing that a trace would explain.
            if (error is SqliteException { SqliteErrorCode: 5 or 6 })
            {
                _log.LogWarning("A batch of {Count} writes was not committed: another process holds the database", _batch.Count);
            }
            else
            {
                _log.LogError(error, "A batch of {Count} writes was not committed", _batch.Count);
            }

            GiveUp();
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

    /// <param name="isAlone">Whether the transaction is the unit's own; its beginner undoes it then.</param>
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
            var connection = _hasOpened ? _dialect.ConnectAgain() : (SqliteConnection)_dialect.Connect(readOnly: false);
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

            (_connection, _hasOpened) = (connection, true);
        }

        return _connection;
    }

    /// <summary>
    /// A connection that failed to commit is not trusted again; closing it rolls back what it held. One whose file is out of its place is kept, for another
    /// would open what lies there instead. What a log held that is gone goes into the file, where it is not lost with the process.
    /// </summary>
    void GiveUp()
    {
        try
        {
            if (_connection is not null && SqlitePlace.Look(_connection) is { } fault)
            {
                if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
                {
                    Statement(_connection, "ROLLBACK");
                }

                if (fault == SqliteFault.LogGone)
                {
                    Statement(_connection, "PRAGMA wal_checkpoint(PASSIVE)");
                }

                return;
            }
        }
        catch (SqliteException error)
        {
            _log.LogWarning(error, "The connection that writes is closed");
        }

        _connection?.Dispose();
        _connection = null;
        _dialect.ForgetReaders();
    }

    static void Statement(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
