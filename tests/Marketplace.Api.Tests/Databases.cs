using System.Data.Common;
using Marketplace.Api.Data;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Marketplace.Api.Tests;

/// <summary>
/// The databases that a run tests on: SQLite always, a server when its variable holds a connection string. A fixture that talks to the
/// API takes each in turn: <c>[TestFixtureSource(typeof(Databases), nameof(Databases.All))]</c>. One that is not configured is skipped by
/// name, unless <c>MARKETPLACE_REQUIRE</c> (a comma list) names it: then its tests fail.
/// </summary>
public static class Databases
{
    public static readonly Database Sqlite = new("sqlite", null);
    public static readonly Database PostgreSql = new("postgresql", "MARKETPLACE_TEST_POSTGRESQL");
    public static readonly Database SqlServer = new("sqlserver", "MARKETPLACE_TEST_SQLSERVER");

    static readonly Database[] Known = [Sqlite, PostgreSql, SqlServer];

    public static IEnumerable<TestFixtureData> All => Only(Known);

    /// <summary>For a fixture that concerns some of them.</summary>
    public static IEnumerable<TestFixtureData> Only(params IEnumerable<Database> databases) => databases.Select(database =>
    {
        var fixture = new TestFixtureData(database).SetArgDisplayNames(database.Name);
        return database.IsMissing && !IsRequired(database) ? (TestFixtureData)fixture.Ignore($"{database.Variable} is not set.") : fixture;
    });

    /// <summary>What <c>MARKETPLACE_REQUIRE</c> names and is not there, a misspelt name among them.</summary>
    public static IEnumerable<string> RequiredButMissing =>
        Required.Where(name => !Known.Any(database => database.Name == name && !database.IsMissing));

    static string[] Required => Environment.GetEnvironmentVariable("MARKETPLACE_REQUIRE")
        ?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    static bool IsRequired(Database database) => Required.Contains(database.Name);
}

/// <param name="Name">As <c>Marketplace:Database</c> has it.</param>
/// <param name="Variable">The environment variable with a connection string to the server; SQLite needs none.</param>
public sealed record Database(string Name, string? Variable)
{
    string? Server => Variable is null ? null : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? text : null;

    public bool IsMissing => Variable is not null && Server is null;

    /// <summary>An empty database of its own: a temporary file, or a new database on the server.</summary>
    public async Task<EmptyDatabase> Create()
    {
        var name = $"marketplace_{Guid.NewGuid():n}";
        if (Variable is null)
        {
            var folder = Directory.CreateTempSubdirectory("marketplace-").FullName;
            return new(this, name, $"Data Source={Path.Combine(folder, name + ".db")}", () =>
            {
                Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
                // Two hosts on one database both dispose of it.
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }

                return Task.CompletedTask;
            });
        }

        await Run($"CREATE DATABASE {name}");
        return this == Databases.PostgreSql
            // Hosts run side by side, and a server's connections are few.
            ? new(this, name, new NpgsqlConnectionStringBuilder(Server) { Database = name, MaxPoolSize = 30 }.ToString(),
                () => Run($"DROP DATABASE {name} WITH (FORCE)"))
            : new(this, name, new SqlConnectionStringBuilder(Server) { InitialCatalog = name }.ToString(),
                () => Run($"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {name}"));
    }

    public override string ToString() => Name;

    /// <summary>Runs a statement of the server's administrator, outside the databases of the tests.</summary>
    public async Task Run(string sql)
    {
        var server = Server ?? throw new InvalidOperationException($"MARKETPLACE_REQUIRE names {Name}, but {Variable} is not set.");
        await using var connection = Dialect.For(Name, server).Connect(readOnly: false);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A database that lasts as long as this.</summary>
public sealed class EmptyDatabase(Database database, string name, string connectionString, Func<Task> drop) : IAsyncDisposable
{
    public Database Database => database;

    public string Name => name;

    public string ConnectionString => connectionString;

    /// <summary>For looking at what a request left behind, past the API.</summary>
    public async Task<T> Scalar<T>(string sql, object? parameters = null)
    {
        await using var connection = await Open();
        return (await Dapper.SqlMapper.ExecuteScalarAsync<T>(connection, sql, parameters))!;
    }

    /// <summary>For breaking what the program relies on.</summary>
    public async Task Execute(string sql, object? parameters = null)
    {
        await using var connection = await Open();
        await Dapper.SqlMapper.ExecuteAsync(connection, sql, parameters);
    }

    public async Task<DbConnection> Open()
    {
        var connection = Dialect.For(database.Name, connectionString).Connect(readOnly: false);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync() => await drop();
}

public sealed class RequiredDatabaseTests
{
    [Test]
    public void Every_required_database_is_configured() => Assert.That(Databases.RequiredButMissing, Is.Empty);
}
