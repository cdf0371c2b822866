using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Marketplace.Api.Data;

/// <summary>
/// Brings the schema up to date at start: one folder of db-migrations per change, in order of name, each applied once in a
/// transaction, its text remembered by hash. An applied script never changes: the start stops and names it.
/// </summary>
public static class Migrator
{
    public sealed record Script(string Change, string Sql)
    {
        /// <summary>Of the text with line feeds only, so that a checkout's line ends do not count as a change.</summary>
        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
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
                return new Script(name.Split('/')[0], text.ReadToEnd().ReplaceLineEndings("\n"));
            })];
    }

    public static async Task Run(Db db, TimeProvider clock, IReadOnlyList<Script>? scripts = null)
    {
        var dialect = db.Dialect;
        await using var connection = dialect.Connect(readOnly: false);
        await connection.OpenAsync();
        await using var transaction = await dialect.BeginMigration(connection);
        var applied = await Applied(connection, transaction, dialect);
        foreach (var script in scripts ?? Scripts(dialect.Name))
        {
            if (applied.TryGetValue(script.Change, out var hash))
            {
                if (hash != script.Hash)
                {
                    throw new StartupException(
                        $"db-migrations/{script.Change}/{dialect.Name}.sql was changed after it was applied to this database. Restore it and put the change into a new folder.");
                }

                continue;
            }

            foreach (var batch in dialect.SplitScript(script.Sql))
            {
                await connection.ExecuteAsync(batch, transaction: transaction);
            }

            await connection.ExecuteAsync(
                "INSERT INTO schema_changes (change_name, script_hash, applied_at) VALUES (@Change, @Hash, @at)",
                new { script.Change, script.Hash, at = clock.GetUtcNow() },
                transaction);
        }

        await transaction.CommitAsync();
    }

    static async Task<Dictionary<string, string>> Applied(DbConnection connection, DbTransaction transaction, Dialect dialect)
    {
        if (await connection.ExecuteScalarAsync<int>(dialect.CountTables, new { name = "schema_changes" }, transaction) == 0)
        {
            return [];
        }

        var rows = await connection.QueryAsync<(string Change, string Hash)>(
            "SELECT change_name, script_hash FROM schema_changes", transaction: transaction);
        return rows.ToDictionary(row => row.Change, row => row.Hash);
    }
}
