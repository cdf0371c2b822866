using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Marketplace.Api.Data;

/// <summary>
/// Brings the schema up to date at start: one folder of db-migrations per change, in order of name, each applied once in a
/// transaction, its text remembered by hash. An applied script never changes, none comes before an applied one, and a database that a newer
/// program has changed is left alone: the start stops and names it.
/// </summary>
public static class Migrator
{
    /// <summary>In seconds: a change may rewrite every row of a large market, and one that was cut off would only begin again.</summary>
    const int NoLimit = 0;

    public sealed record Script(string Change, string Sql)
    {
        /// <summary>Of the text with line feeds only, so that a checkout's line ends do not count as a change.</summary>
        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
    }

    public static IReadOnlyList<Script> Scripts(string dialect)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith($"/{dialect}.sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new Script(name.Split('/')[0], text.ReadToEnd());
            })];
    }

    public static async Task Run(Db db, TimeProvider clock, IReadOnlyList<Script>? scripts = null)
    {
        await using var connection = await db.Dialect.Open(readOnly: false);
        while (await ApplyNext(connection, db.Dialect, clock, scripts ?? Scripts(db.Dialect.Name)))
        {
        }
    }

    /// <summary>Applies the first script that the database has not seen, in a transaction that holds back every other process.</summary>
    /// <returns>False when it has seen them all.</returns>
    static async Task<bool> ApplyNext(DbConnection connection, Dialect dialect, TimeProvider clock, IReadOnlyList<Script> scripts)
    {
        await using var transaction = await dialect.BeginMigration(connection);
        var applied = await Applied(connection, transaction, dialect);
        if (scripts.FirstOrDefault(script => applied.TryGetValue(script.Change, out var hash) && hash != script.Hash) is { } changed)
        {
            throw new StartupException(
                $"db-migrations/{changed.Change}/{dialect.Name}.sql was changed after it was applied to this database. Restore it and put the change into a new folder.");
        }

        var last = applied.Keys.Max(StringComparer.Ordinal);
        if (applied.Keys.Except(scripts.Select(script => script.Change)).Order(StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new StartupException(
                $"The database was brought up to date by a newer program: this one does not know its change {unknown}. Start the program that made it, or a later one.");
        }

        if (scripts.FirstOrDefault(script => !applied.ContainsKey(script.Change)) is not { } script)
        {
            return false;
        }

        if (string.CompareOrdinal(script.Change, last) < 0)
        {
            throw new StartupException(
                $"db-migrations/{script.Change} comes before {last}, which was applied to this database without it. Give it a number after {last}.");
        }

        foreach (var batch in dialect.SplitScript(script.Sql))
        {
            await connection.ExecuteAsync(batch, transaction: transaction, commandTimeout: NoLimit);
        }

        await connection.ExecuteAsync(
            "INSERT INTO schema_changes (change_name, script_hash, applied_at) VALUES (@Change, @Hash, @at)",
            new { script.Change, script.Hash, at = clock.GetUtcNow() },
            transaction,
            NoLimit);
        await transaction.CommitAsync();
        return true;
    }

    static async Task<Dictionary<string, string>> Applied(DbConnection connection, DbTransaction transaction, Dialect dialect)
    {
        if (await connection.ExecuteScalarAsync<int>(dialect.CountTables, new { name = "schema_changes" }, transaction, NoLimit) == 0)
        {
            return [];
        }

        var rows = await connection.QueryAsync<(string Change, string Hash)>(
            "SELECT change_name, script_hash FROM schema_changes", transaction: transaction, commandTimeout: NoLimit);
        return rows.ToDictionary(row => row.Change, row => row.Hash);
    }
}
