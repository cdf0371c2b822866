using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Marketplace.Api.Demands;
using Marketplace.Api.Http;

namespace Marketplace.Benchmarks;

/// <summary>What every write pays before and beside its statements.</summary>
[MemoryDiagnoser]
public class RequestBenchmarks
{
    static readonly byte[] Demand = Encoding.UTF8.GetBytes(WriteDurableGate.Demand);

    [Benchmark]
    public string NewId() => Ids.New("dem", TimeProvider.System);

    [Benchmark]
    public DemandContent? ReadingAndCheckingADemand()
    {
        using var document = JsonDocument.Parse(Demand, Json.Strict);
        return Validation.Read<DemandContent>(document.RootElement, []);
    }

    [Benchmark]
    public string ETag() => ETags.For(1, Demand);
}
