using System.Text.Json.Nodes;
using Npgsql;

namespace Marketplace.Benchmarks;

/// <summary>Reading one achievement, against a bare minimal API that reads the same row by raw ADO.NET and writes the same JSON.</summary>
static class HttpGetGate
{
    public const string PostgreSql = "MARKETPLACE_TEST_POSTGRESQL";

    public static async Task<Measured?> Sqlite()
    {
        using var folder = new Folder();
        return await Measure("sqlite", $"Data Source={folder.File("market.db")}", need: 0.8);
    }

    public static async Task<Measured?> Postgres()
    {
        if (Environment.GetEnvironmentVariable(PostgreSql) is not { Length: > 0 } server)
        {
            Gates.Say($"pg-http-get was skipped: {PostgreSql} names no server.");
            return null;
        }

        var name = $"marketplace_gates_{Environment.ProcessId}";
        await using var source = NpgsqlDataSource.Create(server);
        await Execute(source, $"CREATE DATABASE {name}");
        try
        {
            return await Measure("postgresql", new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString(), need: 0.7);
        }
        finally
        {
            await Execute(source, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    static async Task<Measured> Measure(string database, string connection, double need)
    {
        await using var ours = await Server.Market(database, connection);
        using var market = await Market.Of(ours);
        var ids = await market.Publish(Texts.Achievements.Take(200));
        await using var baseline = await Server.Bare("bare-reads", database, connection);

        using var http = new HttpClient();
        foreach (var id in ids)
        {
            var (a, b) = (await Read(ours, id), await Read(baseline, id));
            if (!JsonNode.DeepEquals(a, b))
            {
                throw new InvalidOperationException($"Not the same work:\n{a}\n{b}");
            }
        }

        byte[][] requests = [.. ids.Select(id => Load.Get($"/api/v1/achievements/{id}"))];
        Load.Warm(Ours);
        Load.Warm(Baseline);
        return await Gates.InTurns(rounds: 15, need, () => Task.FromResult(Ours().PerSecond), () => Task.FromResult(Baseline().PerSecond));

        Loaded Ours() => Load.Run("ours", ours, clients: 32, requests, status: 200);

        Loaded Baseline() => Load.Run("baseline", baseline, clients: 32, requests, status: 200);

        async Task<JsonNode?> Read(Server server, string id) =>
            JsonNode.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/api/v1/achievements/{id}")));
    }

    static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
