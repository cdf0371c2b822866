using Microsoft.Extensions.Configuration;

namespace Marketplace.Api.Tests.Policies;

/// <summary>Policy documents that tests put into the market: Xining's measures under another name, changed where a test needs it.</summary>
static class Documents
{
    public static readonly string Xining = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Policies", "xining-2020.yaml"));

    /// <summary>The document's own words must hold its dates, so they change with them.</summary>
    public static string Of(string id, string version = "1", string from = "2024-01-01", string? to = null, string region = "630100") => Xining
        .Replace("id: xining-2020", $"id: {id}").Replace("version: \"1\"", $"version: \"{version}\"").Replace("\"630100\"", $"\"{region}\"")
        .Replace("from: 2020-08-19,", $"from: {from},{(to is null ? "" : $" to: {to},")}").Replace("创建时间:2020-08-19", $"创建时间:{from}{(to is null ? "" : $" 至 {to}")}");

    /// <summary>The buyer's award computed otherwise, from a clause with those words.</summary>
    public static string BuyerPaid(this string document, string amount, string quote) => document
        .Replace("amount: { rate: 3%, cite: buyer }", $"amount: {{ {amount}, cite: buyer }}").Replace("对买方给予3%的技术合同补贴,最高不超过10万元", quote + ",最高不超过10万元");

    /// <summary>A host that has these documents too, by file name.</summary>
    public static Task<Market> Market(string folder, params (string Name, string Text)[] documents)
    {
        foreach (var (name, text) in documents)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        return Tests.Market.Apart(Databases.Sqlite, host => host.ConfigureAppConfiguration((_, configuration) =>
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Marketplace:PolicyDirectory"] = folder })));
    }
}
