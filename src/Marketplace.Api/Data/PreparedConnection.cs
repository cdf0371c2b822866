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

    /// <summary>A command whose text finds the compiled one; while it is in use nobody else finds it.</summary>
    sealed class Statement(PreparedConnection connection) : DbCommand
    {
        SqliteCommand? _command;
        SqliteTransaction? _transaction;

        SqliteCommand Command => _command ?? throw new InvalidOperationException("The command has no text.");

        [AllowNull]
        public override string CommandText
        {
            get => _command?.CommandText ?? "";
            set
            {
                if (_command is not null)
                {
                    // Dapper writes a list into the text while it goes on adding to the parameters: they have to stay the same.
                    _command.CommandText = value;
                    return;
                }

                if (connection._compiled.Remove(value!, out _command))
                {
                    _command.Parameters.Clear();
                }

                _command ??= new(value, connection);
                _command.Transaction = _transaction;
            }
        }

        public override int CommandTimeout { get => Command.CommandTimeout; set => Command.CommandTimeout = value; }

        public override CommandType CommandType { get => CommandType.Text; set { } }

        public override bool DesignTimeVisible { get => false; set { } }

        public override UpdateRowSource UpdatedRowSource { get => UpdateRowSource.None; set { } }

        protected override DbConnection? DbConnection { get => connection; set { } }

        protected override DbParameterCollection DbParameterCollection => Command.Parameters;

        protected override DbTransaction? DbTransaction { get => _transaction; set => _transaction = (SqliteTransaction?)value; }

        public override void Cancel() => Command.Cancel();

        public override void Prepare() => Command.Prepare();

        public override int ExecuteNonQuery() => Command.ExecuteNonQuery();

        public override object? ExecuteScalar() => Command.ExecuteScalar();

        protected override DbParameter CreateDbParameter() => new SqliteParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Command.ExecuteReader(behavior);

        protected override void Dispose(bool disposing)
        {
            if (disposing && _command is not null && connection.State == ConnectionState.Open)
            {
                if (connection._compiled.Count >= Most)
                {
                    connection.Forget();
                }

                if (!connection._compiled.TryAdd(_command.CommandText, _command))
                {
                    _command.Dispose();
                }

                _command = null;
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>Open connections that wait for the next reader, the last used first.</summary>
sealed class IdleConnections : IDisposable
{
    /// <summary>Readers run on the threads of the pool, so more would hardly be used.</summary>
    const int Most = 64;

    readonly Stack<PreparedConnection> _waiting = new();
    bool _closed;

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
            if (_closed || _waiting.Count >= Most)
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

        while (Take() is { } connection)
        {
            connection.Dispose();
        }
    }
}
