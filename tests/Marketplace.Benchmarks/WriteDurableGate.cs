using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Marketplace.Benchmarks;

/// <summary>
/// Creating demands with every answer after its commit is on the disk, against a bare minimal API that runs the same statements under
/// one lock with a commit a request. Afterwards both databases must hold what was acknowledged. What a shared commit saves is the sync, and
/// disks differ in what it costs: each commit of both sides is delayed by the time that a sync of a good disk takes, and the ratio on the disk at
/// hand is told beside it.
/// </summary>
static class WriteDurableGate
{
    public const string Demand =
        """
        {"title":"高原光伏组件低辐照衰减在线检测技术","description":"公司在海南州运营 200 兆瓦光伏电站，海拔 3100 米，紫外强、昼夜温差大，部分组件运行三年后功率衰减超过 8%，人工 EL 检测每年只能抽检百分之二。现需要一种不停机的在线检测方法，能够识别隐裂、热斑和电势诱导衰减，单串检测时间不超过 30 秒，误报率低于 3%，并能与现有的监控平台对接。","kind":"problem","field":"newEnergy","keywords":["光伏组件","在线检测","衰减"],"region":"630100","budget":{"min":300000,"max":800000},"modes":["development","licence"],"minTrl":6,"deadline":"2035-12-31"}
        """;

    public static async Task<Measured?> Measure(int clients, double need)
    {
        var asItIs = await Measure(clients, need, rounds: 5, delayed: false);
        Gates.Say(string.Create(CultureInfo.InvariantCulture, $"  {asItIs.Ratio:0.00} without a delay; each commit is now delayed by {CommitDelay.Microseconds} µs"));
        return await Measure(clients, need, rounds: 15, delayed: true);
    }

    static async Task<Measured> Measure(int clients, double need, int rounds, bool delayed)
    {
        using var folder = new Folder();
        var (ourFile, bareFile) = (folder.File("ours.db"), folder.File("bare.db"));
        string key;
        await using (var seeding = await Server.Market("sqlite", $"Data Source={ourFile}"))
        {
            using var market = await Market.Of(seeding);
            key = market.Key;
        }

        using (var copying = new SqliteConnection($"Data Source={ourFile}"))
        {
            copying.Open();
            using var copy = new SqliteCommand($"VACUUM INTO '{bareFile}'", copying);
            copy.ExecuteNonQuery();
        }

        var (ourEvents, bareEvents) = (Count(ourFile, "events"), Count(bareFile, "events"));
        var (ourAnswers, bareAnswers) = (0, 0);
        await using (var ours = await Server.Market("sqlite", $"Data Source={ourFile}", delaysCommits: delayed))
        await using (var bare = await Server.Bare(delayed, "bare-writes", $"Data Source={bareFile}"))
        {
            byte[][] requests = [Load.Post("/api/v1/demands", key, Demand)];
            Load.Warm(Ours);
            Load.Warm(Baseline);
            var measured = await Gates.InTurns(rounds, need, () => Task.FromResult(Ours().PerSecond), () => Task.FromResult(Baseline().PerSecond));
            Verify(ourFile, ourAnswers, ourEvents);
            Verify(bareFile, bareAnswers, bareEvents);
            return measured;

            Loaded Ours()
            {
                var loaded = Load.Run("ours", ours, clients, requests, status: 201);
                ourAnswers += loaded.Answered;
                return loaded;
            }

            Loaded Baseline()
            {
                var loaded = Load.Run("baseline", bare, clients, requests, status: 201);
                bareAnswers += loaded.Answered;
                return loaded;
            }
        }
    }

    static void Verify(string file, int answers, long eventsBefore)
    {
        // What the market does by itself meanwhile, at whatever hour, has events of its own.
        var (listings, all, events) = (Count(file, "listings"), Count(file, "events"), Query(file, "SELECT COUNT(*) FROM events WHERE event_type = 'demand.created'"));
        if (listings != answers || events != answers || all < eventsBefore + answers || Query(file, "SELECT last_sequence FROM event_head") != all)
        {
            throw new InvalidOperationException($"{file}: {answers} answers, {listings} listings, {events} events of them, {all} in all.");
        }
    }

    static long Count(string file, string table) => Query(file, $"SELECT COUNT(*) FROM {table}");

    static long Query(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }
}
