using Dapper;
using Marketplace.Api.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Marketplace.Api.Tests.Data;

/// <summary>No SQL Server is needed to know that it would understand us: its own parser reads every script and every statement.</summary>
public sealed class StatementTests
{
    public static IEnumerable<TestCaseData> Migrations =>
        Migrator.Scripts("sqlserver").Select(script => new TestCaseData(script).SetArgDisplayNames(script.Change));

    [TestCaseSource(nameof(Migrations))]
    public void Every_batch_of_a_migration_is_T_SQL(Migrator.Script script)
    {
        foreach (var batch in new SqlServerDialect("Server=nowhere").SplitScript(script.Sql))
        {
            TSql.Parse(batch, out var faults);
            Assert.That(faults, Is.Empty, batch);
        }
    }

    [Test]
    public void Every_text_column_of_SQL_Server_is_compared_byte_by_byte()
    {
        var collations = new Dictionary<string, string?>();
        foreach (var batch in Migrator.Scripts("sqlserver").SelectMany(script => new SqlServerDialect("Server=nowhere").SplitScript(script.Sql)))
        {
            TSql.Parse(batch, out _).Accept(new Columns(collations));
        }

        Assert.That(collations, Has.Count.GreaterThan(100), "the parser sees the columns");
        Assert.That(collations.Where(column => column.Value != "Latin1_General_100_BIN2").Select(column => column.Key), Is.Empty);
    }

    /// <summary>The collation that the scripts leave each column of text with, by table and column.</summary>
    sealed class Columns(Dictionary<string, string?> collations) : TSqlFragmentVisitor
    {
        public override void Visit(CreateTableStatement node) => Add(node.SchemaObjectName, node.Definition);

        public override void Visit(AlterTableAddTableElementStatement node) => Add(node.SchemaObjectName, node.Definition);

        public override void Visit(AlterTableAlterColumnStatement node)
        {
            if (IsText(node.DataType))
            {
                collations[$"{node.SchemaObjectName.BaseIdentifier.Value}.{node.ColumnIdentifier.Value}"] = node.Collation?.Value;
            }
        }

        void Add(SchemaObjectName table, TableDefinition definition)
        {
            foreach (var column in definition.ColumnDefinitions.Where(column => IsText(column.DataType)))
            {
                collations[$"{table.BaseIdentifier.Value}.{column.ColumnIdentifier.Value}"] = column.Collation?.Value;
            }
        }

        static bool IsText(DataTypeReference type) => type is SqlDataTypeReference { SqlDataTypeOption: SqlDataTypeOption.NVarChar or SqlDataTypeOption.VarChar };
    }

    [Test]
    public void What_the_dialect_adds_is_T_SQL()
    {
        var dialect = new SqlServerDialect("Server=nowhere");
        foreach (var statement in new[]
        {
            dialect.Savepoint("handler"), dialect.RollbackTo("handler"), dialect.CountTables, SqlServerDialect.Settings, SqlServerDialect.MigrationLock, SqlServerDialect.RowVersions,
        })
        {
            TSql.Parse(statement, out var faults);
            Assert.That(faults, Is.Empty, statement);
        }
    }

    [Test]
    public async Task Every_statement_of_a_whole_deal_is_in_the_part_of_SQL_that_all_databases_share()
    {
        // Whoever tells the story, each statement is read on its way (EveryStatement); a bad one fails the request that sends it.
        var market = Market.On(Databases.Sqlite);
        var meeting = await market.MutualIntroduction();
        var contract = await market.RecognisedContract(meeting.DemandSide, meeting.AchievementSide, new { introduction = meeting.Id });
        var auditor = await market.As("auditor");
        await contract.Buyer.Client.GetJson($"contracts/{contract.Id}/evaluation");
        foreach (var list in new[]
        {
            "demands?state=published&field=newMaterials&region=63&mode=licence", $"achievements?owner={meeting.AchievementSide.Id}",
            $"introductions?state=mutual&demand={meeting.Demand}&achievement={meeting.Achievement}",
            $"contracts?state=recognised&kind=development&buyer={contract.Buyer.Id}&seller={contract.Seller.Id}&project=none",
            "parties?kind=university&region=63", "events?types=demand.published,contract.signed",
        })
        {
            await auditor.GetJson(list);
            await meeting.DemandSide.Client.GetJson(list);
        }

        var statements = EveryStatement.Statements;
        string[] tables = ["parties", "api_keys", "idempotency_keys", "listings", "introductions", "contracts", "contract_brokers", "events", "event_head"];
        using (Assert.EnterMultipleScope())
        {
            foreach (var table in tables)
            {
                Assert.That(statements, Has.Some.Contains(table));
            }

            Assert.That(statements, Has.Some.EndsWith("FETCH NEXT @take ROWS ONLY"), "Session.First in SQL Server's words");
        }
    }

    [TestCase("SELEC id FROM parties")]
    [TestCase("SELECT id FROM parties WHERE")]
    [TestCase("SELECT id FROM parties ORDER BY id LIMIT 5")]
    [TestCase("SELECT TOP 5 id FROM parties")]
    [TestCase("SELECT id FROM parties WITH (UPDLOCK)")]
    [TestCase("SELECT id FROM parties OPTION (RECOMPILE)")]
    [TestCase("SELECT id FROM parties FOR UPDATE")]
    [TestCase("INSERT INTO parties (id) VALUES (@id) RETURNING id")]
    [TestCase("INSERT INTO parties (id) VALUES (@id) ON CONFLICT DO NOTHING")]
    [TestCase("INSERT INTO parties (id) OUTPUT inserted.id VALUES (@id)")]
    [TestCase("MERGE parties AS p USING listings AS l ON p.id = l.id WHEN MATCHED THEN DELETE;")]
    [TestCase("SELECT id AS user FROM parties")]
    [TestCase("SELECT p.id AS window FROM parties p")]
    [TestCase("SELECT id AS [name] FROM parties")]
    [TestCase("SELECT id AS \"name\" FROM parties")]
    [TestCase("SELECT GETUTCDATE() FROM parties")]
    [TestCase("SELECT id FROM parties; DELETE FROM parties")]
    [TestCase("DROP TABLE parties")]
    [TestCase("SELECT 'a' + name FROM parties")]
    [TestCase("SELECT name || 'a' FROM parties")]
    public void A_statement_that_one_of_the_databases_would_refuse_is_found(string bad) => Assert.That(TSql.Faults(_ => bad), Is.Not.Empty);

    [TestCase("SELECT id AS Id FROM parties WHERE id IN @ids")]
    [TestCase("SELECT id, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY id) AS place FROM parties")]
    [TestCase("UPDATE parties SET version = version + 1 WHERE id = @id AND version = COALESCE(@version, version)")]
    [TestCase("SELECT CASE WHEN kind = 'broker' THEN 1 ELSE 0 END AS is_broker FROM parties")]
    public void A_shared_statement_passes(string good) => Assert.That(TSql.Faults(_ => good), Is.Empty);

    [Test]
    public async Task A_bad_statement_does_not_reach_the_database()
    {
        await using var session = new Session(Market.On(Databases.Sqlite).Services.GetRequiredService<Db>());
        Assert.ThrowsAsync<NotSupportedException>(() => session.Find<int>("SELECT 1 LIMIT 1"));
    }

    // The list above, held against the one database that can be asked.
    [Test]
    public async Task The_reserved_words_are_those_that_PostgreSQL_names()
    {
        if (Databases.PostgreSql.IsMissing)
        {
            Assert.Ignore($"{Databases.PostgreSql.Variable} is not set.");
        }

        await using var database = await Databases.PostgreSql.Create();
        await using var connection = await database.Open();
        var words = await connection.QueryAsync<string>("SELECT word FROM pg_get_keywords() WHERE catcode = 'R'");
        Assert.That(words.Where(word => TSql.Faults(_ => $"SELECT p.{word} FROM parties p").Length == 0), Is.Empty);
    }
}
