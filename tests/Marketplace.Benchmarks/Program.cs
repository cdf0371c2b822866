using System.Globalization;
using BenchmarkDotNet.Running;
using Marketplace.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

switch (args)
{
    case ["gates"]:
        return await Gates.Run("");
    case ["gates", var prefix]:
        return await Gates.Run(prefix);
    case ["bench", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(Gates).Assembly).Run(rest);
        return 0;
    case ["matching", .. var rest]:
        return MatchingCommand.Run(rest);
    case ["matching-pairs", .. var rest]:
        return MatchingCommand.WritePairs(rest);
    case ["bare-reads", var database, var connection, .. var rest]:
        await BareReads.Serve(database, connection, rest);
        return 0;
    case ["bare-batch", .. var rest]:
        await BareBatch.Serve(rest);
        return 0;
    case ["bare-writes", var connection, .. var rest]:
        await BareWrites.Serve(connection, rest);
        return 0;
    default:
        Console.WriteLine(
            $"""
            dotnet run -c Release --project tests/Marketplace.Benchmarks -- gates [prefix]
              The market against a bare baseline, both measured in this run, in turns. A line for each gate:
              GATE <name> ours=<n> baseline=<n> ratio=<ours/baseline> need=<n> ok|SHORT
              Exit code 1 when one is SHORT or FAILED, which says why. Requests per second, where more is better and the ratio must reach the need;
              for start milliseconds, where less is better and the ratio must not exceed it. match-build, -load and -batch: milliseconds against
              the most allowed; match-bytes: bytes a document; match-filter and -rerank: microseconds against a plain first stage; ledger-verify: entries a
              second of one core's time against the rate asked for, -read against a bare loop over the same rows; rules-amounts and
              -trace-shared-caps: contracts a second through a batch with ?detail=sums; rules-compare-300: deals a second against two awards by hand;
              rules-load-500: documents a second against making their nodes; write-durable delays each commit of both sides.
              Gates: {string.Join(", ", Gates.Names)}. pg-http-get needs a connection string in {HttpGetGate.PostgreSql}.

            dotnet run -c Release --project tests/Marketplace.Benchmarks -- bench [BenchmarkDotNet arguments, such as --filter *Matching*]
              The libraries by themselves.

            dotnet run -c Release --project tests/Marketplace.Benchmarks -- COMMAND
              {MatchingCommand.Usage.ReplaceLineEndings("\n  ")}
            """);
        return args.Length == 0 ? 0 : 2;
}
