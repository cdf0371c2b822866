using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Data;

/// <summary>
/// SQLite: one thread, one connection. Each unit runs in a savepoint; the units that waited while the last commit was being
/// synced to disk share the next one. A sync costs milliseconds and a unit microseconds, so this is where the throughput is.
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
    readonly BlockingCollection<Unit> _queue = [];
    readonly Thread _thread;
    SqliteConnection? _connection;

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
        _queue.Add(waiting);
        return waiting.Done.Task;
    }

    /// <summary>Commits what has been handed in, then stops.</summary>
    public override ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _connection?.Dispose();
        _queue.Dispose();
        return ValueTask.CompletedTask;
    }

    void Loop()
    {
        var batch = new List<Unit>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Clear();
            try
            {
                var connection = Open();
                Statement(connection, "BEGIN IMMEDIATE");
                var kept = false;
                for (var unit = first; unit is not null; unit = batch.Count < LargestBatch && _queue.TryTake(out var next) ? next : null)
                {
                    kept |= RunOne(connection, unit, batch);
                }

                Statement(connection, kept ? "COMMIT" : "ROLLBACK");
                if (kept)
                {
                    SignalCommit();
                }

                batch.ForEach(unit => unit.Done.TrySetResult());
            }
            catch (DbException error)
            {
                _log.LogError(error, "A batch of {Count} writes was not committed", batch.Count);
                Close();
                first.Done.TrySetException(error);
                batch.ForEach(unit => unit.Done.TrySetException(error));
            }
        }
    }

    static bool RunOne(SqliteConnection connection, Unit unit, List<Unit> batch)
    {
        Statement(connection, "SAVEPOINT unit");
        var keep = false;
        Exception? failure = null;
        unit.Session.Lend(connection, transaction: null).AsTask().Wait();
        try
        {
            keep = unit.Work().GetAwaiter().GetResult();
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

        if (!keep)
        {
            Statement(connection, "ROLLBACK TO unit");
        }

        Statement(connection, "RELEASE unit");
        if (failure is null)
        {
            batch.Add(unit);
        }
        else
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
