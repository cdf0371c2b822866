using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;

namespace Marketplace.Benchmarks;

/// <summary>What a gate measured, ours and the baseline one right after the other, because a machine's speed drifts.</summary>
sealed record Measured(double Ours, double Baseline, double Need, bool LessIsBetter = false)
{
    public double Ratio => Ours / Baseline;

    public bool Holds => LessIsBetter ? Ratio <= Need : Ratio >= Need;
}

static class Gates
{
    /// <summary>A gate that cannot be measured here answers null, having said why.</summary>
    static readonly (string Name, Func<Task<Measured?>> Measure)[] All =
    [
        ("http-get", HttpGetGate.Sqlite),
        ("write-durable", () => WriteDurableGate.Measure(clients: 64, need: 4)),
        ("write-durable-one", () => WriteDurableGate.Measure(clients: 1, need: 0.7)),
        ("start", StartGate.Measure),
        ("pg-http-get", HttpGetGate.Postgres),
        ("claims-hot-fund", () => ClaimsGate.HotFund(clients: 64, need: 0.6)),
        ("ledger-verify", LedgerVerifyGate.Check),
        ("ledger-verify-read", LedgerVerifyGate.Read),
        ("rules-amounts", BatchGates.Amounts),
        ("rules-trace-shared-caps", BatchGates.SharedCaps),
        ("rules-json", RulesGates.Explained),
        ("rules-compare-300", RulesGates.Compare),
        ("rules-load-500", RulesGates.Load),
        ("match-build", OnRealTexts(MatchGates.Build)),
        ("match-bytes", OnRealTexts(MatchGates.Bytes)),
        ("match-scan", OnRealTexts(MatchGates.Scan)),
        ("match-filter", OnRealTexts(MatchGates.Filter)),
        ("match-rerank", OnRealTexts(MatchGates.Rerank)),
        ("match-load", OnRealTexts(MatchGates.Load)),
        ("match-batch", OnRealTexts(MatchGates.Batch)),
        ("match-fts5-200k-short", OnRealTexts(() => MatchGates.Fts5(MatchTexts.Short))),
        ("match-fts5-200k-long", OnRealTexts(() => MatchGates.Fts5(MatchTexts.Long))),
    ];

    public static IEnumerable<string> Names => All.Select(gate => gate.Name);

    public static async Task<int> Run(string prefix)
    {
        var chosen = All.Where(gate => gate.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (chosen.Count == 0)
        {
            Say($"No gate begins with '{prefix}'. Gates: {string.Join(", ", Names)}.");
            return 2;
        }

        var allHold = true;
        foreach (var (name, measure) in chosen)
        {
            Say($"{name} …");
            try
            {
                if (await measure() is { } it)
                {
                    allHold &= it.Holds;
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"GATE {name} ours={it.Ours:0} baseline={it.Baseline:0} ratio={it.Ratio:0.00} need={it.Need} {(it.Holds ? "ok" : "SHORT")}"));
                }
            }
            catch (Exception error) when (error is InvalidOperationException or IOException or HttpRequestException or DbException or SocketException)
            {
                // The other gates have something to say all the same.
                allHold = false;
                Say(error.ToString());
                Console.WriteLine($"GATE {name} FAILED {error.Message.ReplaceLineEndings(" ")}");
            }
        }

        return allHold ? 0 : 1;
    }

    /// <summary>Measures ours, the baseline, ours, the baseline …</summary>
    /// <param name="rounds">An odd number.</param>
    /// <returns>The round whose ratio is the middle one: what a machine's speed does between rounds is not between ours and the baseline.</returns>
    public static async Task<Measured> InTurns(int rounds, double need, Func<Task<double>> ours, Func<Task<double>> baseline, bool lessIsBetter = false)
    {
        var all = new List<Measured>();
        for (var round = 0; round < rounds; round++)
        {
            var measured = new Measured(await ours(), await baseline(), need, lessIsBetter);
            all.Add(measured);
            Say(string.Create(CultureInfo.InvariantCulture, $"  {measured.Ours:0} : {measured.Baseline:0} = {measured.Ratio:0.00}"));
        }

        all.Sort((one, other) => one.Ratio.CompareTo(other.Ratio));
        Say(string.Create(CultureInfo.InvariantCulture, $"  from {all[0].Ratio:0.00} to {all[^1].Ratio:0.00} over {rounds} rounds"));
        return all[rounds / 2];
    }

    /// <summary>What matching costs depends on the words: on made-up ones it is not measured.</summary>
    static Func<Task<Measured?>> OnRealTexts(Func<Task<Measured?>> measure) => () =>
    {
        if (Directory.Exists(Texts.Folder))
        {
            return measure();
        }

        Say("  skipped: the folder ../shared beside the repository is missing.");
        return Task.FromResult<Measured?>(null);
    };

    public static void Say(string progress) => Console.Error.WriteLine(progress);
}
