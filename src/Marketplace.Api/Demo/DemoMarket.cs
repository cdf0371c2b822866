using System.Globalization;
using System.Text;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Marketplace.Api.Demo;

/// <summary>
/// A believable market to try things on (演示市场). It is loaded once, into an empty market, through this server's own API once that
/// listens and before the host counts as started; each start prints one key per role, the same for one database.
/// </summary>
sealed class DemoMarket(
    Settings settings, Schema schema, Db db, TimeProvider clock, IServer server, IHostApplicationLifetime host, ILogger<DemoMarket> log)
    : IHostedLifecycleService
{
    /// <summary>A printed key. The variable is what api-specs/examples call it.</summary>
    public sealed record Holder(string Variable, string Role, string Party, string Person);

    public static readonly Holder[] Holders =
    [
        new("enterpriseKey", Roles.Member, "p-ent-15", "邵一鸣"),
        new("universityKey", Roles.Member, "p-uni-01", "谢玉宽"),
        new("brokerKey", Roles.Member, "p-brk-01", "马静澜"),
        new("moderatorKey", Roles.Moderator, "p-agy-02", "乔安宁"),
        new("registrarKey", Roles.Registrar, "p-agy-02", "冶文博"),
        new("reviewerKey", Roles.Reviewer, "p-gov-01", "祁若兰"),
        new("approverKey", Roles.Approver, "p-gov-01", "严振庭"),
        new("payerKey", Roles.Payer, "p-gov-01", "辛秋禾"),
        new("fundManagerKey", Roles.FundManager, "p-gov-01", "卢静川"),
        new("auditorKey", Roles.Auditor, "p-gov-02", "苏明远"),
        new("adminKey", Roles.Admin, "p-gov-01", "东智才让"),
    ];

    const string Loaded = "demo.loaded";

    /// <summary>The keys of this start, by variable.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; private set; } = new Dictionary<string, string>();

    /// <summary>What is printed when the host has started.</summary>
    public string Notice { get; private set; } = "";

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!settings.DemoData)
        {
            return;
        }

        await schema.Ready.WaitAsync(cancellationToken);
        try
        {
            using var api = new DemoClient(OwnAddress());
            if (await Prepare(api))
            {
                Notice = await Introduce(api);
                host.ApplicationStarted.Register(() => Print(Notice));
            }
        }
        catch (StartupException)
        {
            // What runs already ends in order, so that the one line of this failure stands alone.
            host.StopApplication();
            throw;
        }
    }

    /// <returns>Whether the demo market is there.</returns>
    async Task<bool> Prepare(DemoClient api)
    {
        var market = await db.Write(session => PartySql.EnsureMarket(session, clock));
        var begun = await db.Read(session => PartySql.ByExternalId(session, Holders[0].Party)) is not null;
        if (!begun && (await db.Read(session => PartySql.List(session, new(), null, take: 2))).Count > 1)
        {
            log.LogInformation("The market holds data of its own; the demo data are left out (Marketplace:DemoData)");
            return false;
        }

        if (!begun || !await db.Read(session => EventSql.Any(session, market, Loaded)))
        {
            var started = clock.GetTimestamp();
            await new DemoLoader(api, db, clock).Load(market);
            await db.Write(session => EventSql.Append(session, clock, Loaded, market, market, new { }, Roles.Admin));
            log.LogInformation("The demo market was loaded in {Seconds:0.0} s", clock.GetElapsedTime(started).TotalSeconds);
        }

        Keys = await db.Write(session => DemoKeys.Ensure(session, clock));
        return true;
    }

    /// <summary>The keys as a table, and three requests to try, each found by asking the API.</summary>
    async Task<string> Introduce(DemoClient api)
    {
        var labels = (await api.Get("codes")).GetProperty("data").EnumerateArray()
            .Where(code => code.GetProperty("list").GetString() == "role")
            .ToDictionary(code => code.GetProperty("code").GetString()!, code => code.GetProperty("zh").GetString()!);
        var text = new StringBuilder();
        text.Append(
            """

            Marketplace 科技大市场 · demo data 演示数据
            One key per role, for trying things out; the same at each start of this database.  每个角色一把试用密钥，同一数据库每次启动不变。


            """);
        List<string[]> table = [["name 变量", "role 角色", "party 主体", "person 持有人", "key 密钥"]];
        foreach (var holder in Holders)
        {
            var party = await db.Read(session => PartySql.ByExternalId(session, holder.Party));
            table.Add([holder.Variable, $"{holder.Role} {labels[holder.Role]}", party!.Name, holder.Person, Keys[holder.Variable]]);
        }

        var widths = Enumerable.Range(0, table[0].Length).Select(column => table.Max(row => Width(row[column]))).ToList();
        foreach (var row in table)
        {
            text.Append("  ").AppendLine(string.Join("  ", row.Select((cell, i) => cell + new string(' ', widths[i] - Width(cell)))).TrimEnd());
        }

        text.AppendLine().AppendLine("Three requests to try 试一试:");
        Try("the achievements that speak of slicing silicon wafers 检索成果：硅片切割", $"achievements?limit=3&q={Uri.EscapeDataString("硅片切割")}");
        var wafers = (await db.Read(session => PartySql.ByExternalId(session, "p-ent-01")))!.Id;
        if (await First(api, $"demands?limit=100&owner={wafers}", wanted: "d-01") is { } demand)
        {
            Try("the achievements that answer a demand, and why 一条需求的匹配成果及理由", $"demands/{demand}/matches?limit=3");
        }

        if (await First(api, "contracts?limit=1&state=recognised", Keys["enterpriseKey"]) is { } contract)
        {
            Try("what the policy in force pays for a contract, step by step 一份技术合同可得的补贴及计算步骤",
                $"contracts/{contract}/evaluation?explain=true", $"-H \"Authorization: Bearer {Keys["enterpriseKey"]}\" ");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"\nAll operations 全部接口: {api.Server}swagger");
        return text.AppendLine("A guided tour 分角色导览: api-specs/examples/*.http").AppendLine().ToString();

        void Try(string what, string path, string header = "") =>
            text.AppendLine(CultureInfo.InvariantCulture, $"  # {what}").AppendLine(CultureInfo.InvariantCulture, $"  curl {header}\"{api.Server}api/v1/{path}\"");
    }

    /// <summary>The first of a list, or the one with the external id that is wanted. Never a full-text search: that waits for the host's start.</summary>
    static async Task<string?> First(DemoClient api, string list, string? key = null, string? wanted = null) =>
        (await api.Get(list, key)).GetProperty("data").EnumerateArray()
            .Where(found => wanted is null || (found.TryGetProperty("externalId", out var name) && name.ValueEquals(wanted)))
            .Select(found => found.GetProperty("id").GetString()).FirstOrDefault();

    static void Print(string text)
    {
        // A Windows console shows Chinese only when told.
        Console.OutputEncoding = Encoding.UTF8;
        Console.Out.Write(text);
    }

    /// <summary>In columns of a terminal, where a Chinese character takes two.</summary>
    static int Width(string text) => text.Sum(c => c >= '\u2E80' ? 2 : 1);

    /// <summary>An address at which this machine reaches the server: of those that it listens on, the first in plain HTTP.</summary>
    Uri OwnAddress()
    {
        var bound = server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(BindingAddress.Parse)
            .FirstOrDefault(address => address.Scheme == "http" && !address.IsUnixPipe && !address.IsNamedPipe)
            ?? throw new StartupException("The demo market needs an http:// address in Urls; or set Marketplace:DemoData to false.");
        var name = bound.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : bound.Host;
        return new($"http://{name}:{bound.Port}{bound.PathBase}/");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
