using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Data;

/// <summary>
/// An SQLite connection that keeps the statements it has run compiled. Compiling costs several times what a short statement takes to run,
/// and Dapper makes a command anew for each.
/// </summary>
/// <param name="idle">Where it waits, open, when it is disposed of; null for one that closes.</param>
sealed class PreparedConnection(string connectionString, IdleConnections? idle = null) : SqliteConnection(connectionString)
{
    /// <summary>Lists and filters make texts without end; at this many all are forgotten.</summary>
    const int Most = 200;

    readonly Dictionary<string, SqliteCommand> _compiled = [];

    /// <summary>Of <see cref="IdleConnections"/> when it was made: those of an earlier one are not kept.</summary>
    public int Generation { get; } = idle?.Generation ?? 0;

    public void Forget()
    {
        foreach (var command in _compiled.Values)
        {
            command.Dispose();
        }

        _compiled.Clear();
    }

    protected override DbCommand CreateDbCommand() => new Statement(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (State == ConnectionState.Open && idle?.Keep(this) == true)
            {
                return;
            }

            Forget();
        }

        base.Dispose(disposing);
    }

    /// <summary>Finds the compiled statement when it runs; while that is in use nobody else finds it.</summary>
    sealed class Statement(PreparedConnection connection) : DbCommand
    {
        // Dapper writes the values of a list into the text between adding parameters, so text and parameters are final only at the end.
        readonly SqliteCommand _given = new() { CommandTimeout = connection.DefaultTimeout };
        SqliteCommand? _compiled;

        [AllowNull]
        public override string CommandText
        {
            get => _given.CommandText;
            set
            {
                GiveBack();
                _given.CommandText = value;
            }
        }

        public override int CommandTimeout { get => _given.CommandTimeout; set => _given.CommandTimeout = value; }

        public override CommandType CommandType { get => _given.CommandType; set => _given.CommandType = value; }

        public override bool DesignTimeVisible { get => false; set { } }

        public override UpdateRowSource UpdatedRowSource { get => UpdateRowSource.None; set { } }

        protected override DbConnection? DbConnection { get => connection; set { } }

        protected override DbParameterCollection DbParameterCollection => _given.Parameters;

        protected override DbTransaction? DbTransaction { get => _given.Transaction; set => _given.Transaction = (SqliteTransaction?)value; }

        public override void Cancel() => _compiled?.Cancel();

        public override void Prepare() => Compiled().Prepare();

        public override int ExecuteNonQuery() => Run(command => command.ExecuteNonQuery());

        public override object? ExecuteScalar() => Run(command => command.ExecuteScalar());

        protected override DbParameter CreateDbParameter() => _given.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Run(command => command.ExecuteReader(behavior));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                GiveBack();
                _given.Dispose();
            }

            base.Dispose(disposing);
        }

        T Run<T>(Func<SqliteCommand, T> run)
        {
            try
            {
                return run(Compiled());
            }
            catch
            {
                // What failed may stand half-way.
                _compiled?.Dispose();
                _compiled = null;
                throw;
            }
        }

        SqliteCommand Compiled()
        {
            if (_compiled is null && !connection._compiled.Remove(_given.CommandText, out _compiled))
            {
                _compiled = new(_given.CommandText, connection);
            }

            _compiled.Transaction = _given.Transaction;
            _compiled.CommandTimeout = _given.CommandTimeout;
            _compiled.Parameters.Clear();
            foreach (SqliteParameter parameter in _given.Parameters)
            {
                // Dapper leaves the sign out, and the driver would look for each name with every sign there is.
                parameter.ParameterName = parameter.ParameterName is ['@', ..] ? parameter.ParameterName : "@" + parameter.ParameterName;
                _compiled.Parameters.Add(parameter);
            }

            return _compiled;
        }

        void GiveBack()
        {
            if (_compiled is not { } command)
            {
                return;
            }

            _compiled = null;
            if (connection._compiled.Count >= Most)
            {
                connection.Forget();
            }

            if (connection.State != ConnectionState.Open || !connection._compiled.TryAdd(command.CommandText, command))
            {
                command.Dispose();
            }
        }
    }
}

/// <summary>Open connections that wait for the next reader, the last used first.</summary>
sealed class IdleConnections : IDisposable
{
    /// <summary>Readers run on the threads of the pool, so more would hardly be used.</summary>
    const int Most = 64;

    readonly Stack<PreparedConnection> _waiting = new();
    int _generation;
    bool _closed;

    public int Generation => Volatile.Read(ref _generation);

    public PreparedConnection? Take()
    {
        lock (_waiting)
        {
            return _waiting.TryPop(out var connection) ? connection : null;
        }
    }

    /// <returns>False when there are enough: the connection closes.</returns>
    public bool Keep(PreparedConnection connection)
    {
        lock (_waiting)
        {
            if (_closed || _waiting.Count >= Most || connection.Generation != _generation)
            {
                return false;
            }

            _waiting.Push(connection);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_waiting)
        {
            _closed = true;
        }

        Forget();
    }

    /// <summary>Closes those that wait; those in use close when they come back.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        while (Take() is { } connection)
        {
            connection.Dispose();
        }
    }
}
