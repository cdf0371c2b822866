using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Marketplace.Matching;

namespace Marketplace.Benchmarks;

/// <summary>The ten best of 14,292 achievements.</summary>
[MemoryDiagnoser]
public class MatchingBenchmarks
{
    static readonly Listing[] Listings = [.. Texts.Achievements.Select((line, i) =>
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new Listing
        {
            Id = $"ach_{i:d26}", Side = Side.Achievements, Title = root.GetProperty("title").GetString()!,
            Text = root.GetProperty("summary").GetString()!, Field = root.GetProperty("field").GetString(), Region = root.GetProperty("region").GetString(),
        };
    })];

    readonly MarketIndex _index = new();

    [GlobalSetup]
    public void Load() => _index.Apply(Listings, []);

    [Benchmark]
    public IReadOnlyList<Match> ForATitle() => _index.Search(
        new() { Side = Side.Achievements, Text = "高原光伏组件低辐照衰减在线检测技术", Field = "newEnergy", Region = "630100" }, 10);

    [Benchmark]
    public IReadOnlyList<Match> ForALongText() =>
        _index.Search(new() { Side = Side.Achievements, Text = Listings[4711].Text, Field = "newEnergy", Region = "630100" }, 10);

    [Benchmark]
    public MarketIndex LoadingTheMarket()
    {
        var index = new MarketIndex();
        index.Apply(Listings, []);
        return index;
    }
}
