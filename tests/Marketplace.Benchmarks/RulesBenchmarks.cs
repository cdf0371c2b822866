using BenchmarkDotNet.Attributes;
using Marketplace.Rules;

namespace Marketplace.Benchmarks;

/// <summary>What one contract costs to evaluate under Xining 2020: the buyer's, the broker's and the major-project award.</summary>
[MemoryDiagnoser]
public class RulesBenchmarks
{
    static readonly Policy Policy = Load();

    static readonly Facts Facts = new()
    {
        Kind = ContractKind.Transfer, TechnologyAmount = Fen.FromYuan(3_333_333), Recognised = true, RecognisedOn = new(2021, 3, 1), Brokered = true,
        RelatedParties = false, BuyerRegion = "630102", Project = "P1", Contract = "C1",
    };

    static readonly Grant[] History =
        [new("broker", Fen.FromYuan(20_000)) { Project = "P1", Contract = "C0", On = new(2021, 1, 5) }];

    [Benchmark]
    public Evaluation Awards() => Evaluator.Evaluate(Policy, Facts, History);

    [Benchmark]
    public Evaluation AwardsWithSteps() => Evaluator.Evaluate(Policy, Facts, History, new() { Explain = true });

    [Benchmark]
    public LoadResult ReadingTheDocument() => PolicyDocument.Load("xining-2020.yaml", Yaml());

    static string Yaml() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Policies", "xining-2020.yaml"));

    static Policy Load() => PolicyDocument.Load("xining-2020.yaml", Yaml()).Policy!;
}
