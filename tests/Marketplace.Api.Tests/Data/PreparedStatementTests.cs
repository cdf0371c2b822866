using Dapper;

namespace Marketplace.Api.Tests.Data;

/// <summary>Statements that stay compiled must answer as if they were new each time.</summary>
public sealed class PreparedStatementTests
{
    [Test]
    public async Task A_list_and_values_around_it_meet_in_one_statement()
    {
        await using var database = await Databases.Sqlite.Create();
        await using var connection = await database.Open();
        foreach (int[] list in new int[][] { [2], [2, 3], [], [2, 3] })
        {
            var sum = await connection.ExecuteScalarAsync<int>(
                "SELECT @before + (SELECT COUNT(*) FROM (SELECT 2 AS n UNION SELECT 3 UNION SELECT 4) t WHERE n IN @list) + @later",
                new { before = 100, list, later = 1000 });
            Assert.That(sum, Is.EqualTo(1100 + list.Length));
        }
    }

    [Test]
    public async Task A_statement_run_again_sees_its_new_values_and_the_table_as_it_is_now()
    {
        await using var database = await Databases.Sqlite.Create();
        await using var connection = await database.Open();
        await connection.ExecuteAsync("CREATE TABLE t (a INTEGER)");
        for (var i = 1; i <= 3; i++)
        {
            await connection.ExecuteAsync("INSERT INTO t (a) VALUES (@i)", new { i });
            Assert.That(await connection.QuerySingleAsync<int>("SELECT SUM(a) FROM t WHERE a <= @i", new { i }), Is.EqualTo(i * (i + 1) / 2));
        }

        var before = await connection.QueryAsync("SELECT * FROM t");
        await connection.ExecuteAsync("ALTER TABLE t ADD COLUMN b TEXT");
        var after = await connection.QueryAsync("SELECT * FROM t");
        Assert.That(((IDictionary<string, object?>)before.First()).Keys, Is.EqualTo(new[] { "a" }));
        Assert.That(((IDictionary<string, object?>)after.First()).Keys, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task One_text_may_run_twice_at_a_time()
    {
        await using var database = await Databases.Sqlite.Create();
        await using var connection = await database.Open();
        using var outer = connection.CreateCommand();
        outer.CommandText = "SELECT 1 UNION SELECT 2";
        await using var first = await outer.ExecuteReaderAsync();
        Assert.That(await first.ReadAsync(), Is.True);
        using var inner = connection.CreateCommand();
        inner.CommandText = outer.CommandText;
        await using var second = await inner.ExecuteReaderAsync();
        Assert.That(await second.ReadAsync() && second.GetInt32(0) == 1, Is.True);
        Assert.That(await first.ReadAsync() && first.GetInt32(0) == 2, Is.True);
    }
}
