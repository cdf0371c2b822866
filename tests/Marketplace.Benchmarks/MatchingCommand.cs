using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Marketplace.Matching;

namespace Marketplace.Benchmarks;

/// <summary>How well and how fast the market finds what a set says is relevant, by the very calls that the API makes.</summary>
static class MatchingCommand
{
    public const string Usage =
        """
        matching --docs FILE --queries FILE [--pairs FILE [--exclude-queries]] [--model none|self|pairs] [--json]
          Indexes the documents, learns (none: nothing; self: from the documents alone; pairs: from the pairs too) and asks every query.
          --docs     JSON lines {"id","title","abstract","keywords":[]}
          --queries  JSON lines {"text","rel":{id:grade},"exclude":id}; 'exclude', which is optional, does not count as found
          --pairs    JSON lines {"need","document"}, the texts of what belongs together
          --exclude-queries  leaves out pairs of which either text is that of a query or of a document relevant for one
          Without --model: pairs where --pairs is given, else self.
        matching-pairs --needs FILE --docs FILE
          Writes the pairs of two files that share their ids, for --pairs.
        """;

    public static int Run(IReadOnlyList<string> arguments) => Guarded(() => Measure(Options.Parse(arguments)));

    public static int WritePairs(IReadOnlyList<string> arguments) => Guarded(() =>
    {
        if (arguments is not ["--needs", var needs, "--docs", var docs])
        {
            throw new ArgumentException("matching-pairs takes --needs FILE --docs FILE.");
        }

        var documents = MatchingSets.Documents(docs).ToDictionary(document => document.Id);
        foreach (var need in MatchingSets.Documents(needs))
        {
            if (documents.TryGetValue(need.Id, out var document))
            {
                Console.WriteLine(JsonSerializer.Serialize(new { need = WordsOf(need), document = WordsOf(document) }));
            }
        }
    });

    static int Guarded(Action run)
    {
        try
        {
            run();
            return 0;
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(fault.Message);
            if (fault is ArgumentException)
            {
                Console.Error.WriteLine(Usage);
            }

            return 2;
        }
    }

    static void Measure(Options options)
    {
        var documents = MatchingSets.Documents(options.Docs);
        var queries = MatchingSets.Queries(options.Queries);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        var index = new MarketIndex();
        index.Apply(documents, []);
        var build = clock.Elapsed;

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        clock.Restart();
        var learned = Learn(options, documents, queries);
        var training = clock.Elapsed;
        if (learned is not null)
        {
            Gates.Say($"On what was held back: without the model {learned.Without}, with it {learned.With}; meaning counts {learned.Model?.MeaningWeight:0.00}.");
        }

        if (learned is { Wins: true })
        {
            // The model is one for the market; what it adds to each document counts.
            before = GC.GetTotalMemory(forceFullCollection: true);
            index.Use(learned.Model);
            bytes += GC.GetTotalMemory(forceFullCollection: true) - before;
        }
        else if (learned is not null)
        {
            Gates.Say("The model does not win, and is not used.");
        }

        var quality = new MatchingQuality();
        foreach (var query in queries.Take(200))
        {
            Ask(index, query, 100);
        }

        var (ten, hundred) = (new List<double>(), new List<double>());
        foreach (var query in queries)
        {
            var start = Stopwatch.GetTimestamp();
            Ask(index, query, 10);
            ten.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            start = Stopwatch.GetTimestamp();
            var found = Ask(index, query, query.Excluded is null ? 100 : 101);
            hundred.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            quality.Add(query, [.. found.Select(match => match.Id).Where(id => id != query.Excluded)]);
        }

        ten.Sort();
        hundred.Sort();
        var figures = new (string Name, double Value, string Format)[]
        {
            ("documents", documents.Count, "0"), ("queries", queries.Count, "0"),
            ("mrr10", quality.ReciprocalRank, "0.0000"), ("r1", quality.Recall.One, "0.0000"), ("r10", quality.Recall.Ten, "0.0000"),
            ("r100", quality.Recall.Hundred, "0.0000"), ("ndcg10", quality.Gain, "0.0000"),
            ("buildSeconds", build.TotalSeconds, "0.00"), ("trainingSeconds", training.TotalSeconds, "0.00"), ("bytesPerDocument", bytes / (double)documents.Count, "0"),
            ("p50Top10Ms", At(ten, 0.5), "0.000"), ("p99Top10Ms", At(ten, 0.99), "0.000"),
            ("p50Top100Ms", At(hundred, 0.5), "0.000"), ("p99Top100Ms", At(hundred, 0.99), "0.000"),
        };
        if (options.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(figures.ToDictionary(
                figure => figure.Name, figure => decimal.Parse(Shown(figure.Value, figure.Format), CultureInfo.InvariantCulture))));
            return;
        }

        foreach (var (name, value, format) in figures)
        {
            Console.WriteLine($"{name,-18} {Shown(value, format),12}");
        }
    }

    static MatchTraining? Learn(Options options, IReadOnlyList<Listing> documents, IReadOnlyList<SetQuery> queries)
    {
        if (options.Model == "none")
        {
            return null;
        }

        IReadOnlyList<TextPair> pairs = options is { Model: "pairs", Pairs: { } path } ? MatchingSets.Pairs(path) : [];
        if (options.ExcludeQueries)
        {
            // Whichever way round the pairs were written: a set may ask for needs with what answers them.
            HashSet<string> ids = [.. queries.SelectMany(query => query.Grades.Keys)];
            HashSet<string> excluded =
                [.. queries.Select(query => query.Text), .. documents.Where(document => ids.Contains(document.Id)).Select(WordsOf)];
            pairs = [.. pairs.Where(pair => !excluded.Contains(pair.Need) && !excluded.Contains(pair.Document))];
        }

        return MatchTrainer.Learn([.. documents.Select(WordsOf)], pairs, seed: 1);
    }

    static IReadOnlyList<Match> Ask(MarketIndex index, SetQuery query, int limit) =>
        index.Search(new() { Side = Side.Achievements, Text = query.Text }, limit);

    static string WordsOf(Listing listing) => listing.Title.Length == 0 ? listing.Text : $"{listing.Title}\n{listing.Text}";

    static double At(List<double> sorted, double share) => sorted[(int)(share * (sorted.Count - 1))];

    static string Shown(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    sealed record Options(string Docs, string Queries, string? Pairs, bool ExcludeQueries, string Model, bool Json)
    {
        public static Options Parse(IReadOnlyList<string> arguments)
        {
            var values = new Dictionary<string, string>();
            for (var i = 0; i < arguments.Count; i++)
            {
                var name = arguments[i];
                var value = name switch
                {
                    "--exclude-queries" or "--json" => "",
                    "--docs" or "--queries" or "--pairs" or "--model" => i + 1 < arguments.Count
                        ? arguments[++i]
                        : throw new ArgumentException($"{name} needs a value."),
                    _ => throw new ArgumentException($"'{name}' is no option of matching."),
                };
                if (!values.TryAdd(name, value))
                {
                    throw new ArgumentException($"{name} is given twice.");
                }
            }

            var pairs = values.GetValueOrDefault("--pairs");
            var model = values.GetValueOrDefault("--model") ?? (pairs is null ? "self" : "pairs");
            if (model is not ("none" or "self" or "pairs"))
            {
                throw new ArgumentException($"--model is none, self or pairs, not '{model}'.");
            }

            if (pairs is null && (model == "pairs" || values.ContainsKey("--exclude-queries")))
            {
                throw new ArgumentException($"{(model == "pairs" ? "--model pairs" : "--exclude-queries")} needs --pairs FILE.");
            }

            return new(Required("--docs"), Required("--queries"), pairs, values.ContainsKey("--exclude-queries"), model, values.ContainsKey("--json"));

            string Required(string name) => values.GetValueOrDefault(name) ?? throw new ArgumentException($"{name} FILE is missing.");
        }
    }
}
