using System.Globalization;
using Dapper;
using Marketplace.Api.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Marketplace.Api.Tests.Data;

/// <summary>The three scripts of a change make one schema: SQL Server's is read by its parser, the others' from their catalogues.</summary>
[TestFixtureSource(nameof(Catalogues))]
public sealed class SchemaEqualityTests(Database database)
{
    public static IEnumerable<TestFixtureData> Catalogues => Databases.Only(Databases.Sqlite, Databases.PostgreSql);

    [Test]
    public async Task The_scripts_declare_the_same_tables_columns_and_unique_indexes_as_those_for_SQL_Server()
    {
        var declared = Declared();
        Assert.That(declared, Has.Some.StartsWith("events."), "the parser sees the columns");
        Assert.That(declared, Has.Some.StartsWith("unique contracts"), "the parser sees the indexes");
        Assert.That(await Catalogue(), Is.EquivalentTo(declared));
    }

    /// <summary>One line for each column and each unique index.</summary>
    static List<string> Declared()
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var batch in Migrator.Scripts("sqlserver").SelectMany(script => new SqlServerDialect("Server=nowhere").SplitScript(script.Sql)))
        {
            foreach (var statement in ((TSqlScript)TSql.Parse(batch, out _)).Batches.SelectMany(parsed => parsed.Statements))
            {
                switch (statement)
                {
                    case CreateTableStatement create:
                        Table(create.SchemaObjectName, create.Definition);
                        break;
                    case AlterTableAddTableElementStatement alter:
                        Table(alter.SchemaObjectName, alter.Definition);
                        break;
                    case CreateIndexStatement { Unique: true } index:
                        lines.Add(Unique(index.OnName.BaseIdentifier.Value, index.Columns, index.FilterPredicate is not null));
                        break;
                    case CreateIndexStatement or CreateTriggerStatement or InsertStatement or UpdateStatement or DeleteStatement:
                        break;
                    // Neither what a column is compared by nor a CHECK is held here; no index that is dropped is a unique one.
                    case DeclareVariableStatement or SelectStatement or ExecuteStatement or AlterTableAlterColumnStatement:
                        break;
                    case DropIndexStatement drop:
                        Assert.That(drop.DropIndexClauses.Cast<DropIndexClause>().Select(clause => clause.Index.Value), Has.All.StartsWith("ix_"));
                        break;
                    case AlterTableDropTableElementStatement drop:
                        foreach (var gone in drop.AlterTableDropTableElements)
                        {
                            Assert.That(gone.TableElementType, Is.EqualTo(TableElementType.Column));
                            lines.RemoveWhere(line => line.Split(' ')[0] == $"{drop.SchemaObjectName.BaseIdentifier.Value}.{gone.Name.Value}");
                        }

                        break;
                    default:
                        Assert.Fail($"This test does not know what {statement.GetType().Name} does to the schema.");
                        break;
                }
            }
        }

        return [.. lines];

        void Table(SchemaObjectName name, TableDefinition definition)
        {
            var table = name.BaseIdentifier.Value;
            foreach (var column in definition.ColumnDefinitions)
            {
                var isNullable = column.Constraints.OfType<NullableConstraintDefinition>().SingleOrDefault()?.Nullable ?? true;
                lines.Add(Column(table, column.ColumnIdentifier.Value, isNullable));
                foreach (var _ in column.Constraints.OfType<UniqueConstraintDefinition>())
                {
                    lines.Add(UniqueLine(table, [column.ColumnIdentifier.Value], filtered: false));
                }
            }

            foreach (var constraint in definition.TableConstraints.OfType<UniqueConstraintDefinition>())
            {
                lines.Add(Unique(table, constraint.Columns, filtered: false));
            }
        }

        static string Unique(string table, IEnumerable<ColumnWithSortOrder> columns, bool filtered) =>
            UniqueLine(table, columns.Select(column => column.Column.MultiPartIdentifier.Identifiers[^1].Value), filtered);
    }

    async Task<List<string>> Catalogue()
    {
        await using var empty = await database.Create();
        await using var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System);
        await using var connection = await empty.Open();
        var (columns, unique) = database == Databases.Sqlite
            ? ("""
               SELECT m.name AS tab, c.name AS col, c."notnull" = 0 AS nullable FROM sqlite_master m, pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
               """,
               """
               SELECT m.name AS tab, i.partial AS filtered, (SELECT group_concat(x.name) FROM pragma_index_info(i.name) x) AS cols
               FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i."unique" = 1
               UNION ALL -- a whole number as the key is the row's own address and has no index
               SELECT m.name, 0, c.name FROM sqlite_master m, pragma_table_info(m.name) c
               WHERE m.type = 'table' AND c.pk = 1 AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i WHERE i.origin = 'pk')
               """)
            : ("""
               SELECT table_name AS tab, column_name AS col, CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END AS nullable
               FROM information_schema.columns WHERE table_schema = 'public'
               """,
               """
               SELECT i.indrelid::regclass::text AS tab, CASE WHEN i.indpred IS NULL THEN 0 ELSE 1 END AS filtered,
                 (SELECT string_agg(a.attname, ',' ORDER BY x.place) FROM unnest(i.indkey) WITH ORDINALITY x (num, place)
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = x.num) AS cols
               FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE i.indisunique AND n.nspname = 'public'
               """);
        var lines = new List<string>();
        foreach (var row in await connection.QueryAsync(columns))
        {
            lines.Add(Column(row.tab, row.col, Convert.ToInt32(row.nullable, CultureInfo.InvariantCulture) == 1));
        }

        foreach (var row in await connection.QueryAsync(unique))
        {
            lines.Add(UniqueLine(row.tab, ((string)row.cols).Split(','), Convert.ToInt32(row.filtered, CultureInfo.InvariantCulture) == 1));
        }

        return lines;
    }

    static string Column(string table, string column, bool isNullable) => $"{table}.{column}{(isNullable ? " may be empty" : "")}";

    static string UniqueLine(string table, IEnumerable<string> columns, bool filtered) =>
        $"unique {table} ({string.Join(", ", columns)}){(filtered ? " where not empty" : "")}";
}
