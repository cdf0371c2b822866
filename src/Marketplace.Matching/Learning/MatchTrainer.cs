namespace Marketplace.Matching;

/// <summary>How well a market finds what belongs together, over pairs that nothing was learned from.</summary>
/// <param name="Queries">How many were asked.</param>
/// <param name="ReciprocalRank">The mean of one over the rank of the right text, 0 where it is not among the first ten (MRR@10).</param>
/// <param name="Recall">The share of queries whose right text is among the first hundred (R@100).</param>
public sealed record MatchEvaluation(int Queries, double ReciprocalRank, double Recall)
{
    internal double Quality => ReciprocalRank + Recall;
}

/// <summary>What came of a training.</summary>
/// <param name="Model">The model; null when there was nothing to learn from.</param>
/// <param name="HeldBackPairs">True when the evaluations are over pairs held back; false when over texts cut in two, for want of pairs.</param>
/// <param name="Without">How well the market does without a model.</param>
/// <param name="With">How well with this one.</param>
public sealed record MatchTraining(MatchModel? Model, bool HeldBackPairs, MatchEvaluation Without, MatchEvaluation With)
{
    /// <summary>Whether the model is better than none, both measures added up: only then may it be used.</summary>
    public bool Wins => Model is not null && With.Quality > Without.Quality;
}

/// <summary>
/// Learns a model from a market's own texts and pairs. From the texts alone: a term tells the more the more often a text that holds it
/// once holds it again, and pieces of a text should find its rest. From pairs, which are what the market is for: how often a term of a
/// need stands in what answered it, and needs should find what answered them. The same texts, pairs and seed give the same model.
/// </summary>
public static class MatchTrainer
{
    // Tuned on Chinese abstracts, titles and summaries: one set of numbers for all of them. How often a term stands again in a text, on the
    // whole; how much of what its repetitions say a term's weight follows; and how many occurrences, and how many pairs, weigh as much as
    // what was believed before them.
    private const double CommonRepetition = 0.3;
    private const double WeightExponent = 0.4;
    private const double RepetitionsBelieved = 5;
    private const double PairsBelieved = 20;

    private const float Rate = 0.2f;
    private const float LeastRate = 0.06f;
    private const int Batch = 512;

    // What the meaning may count beside the terms; which of them is for held-back pairs to say. Texts cut in two would say too much: their
    // parts are nearer in meaning than a need and what answers it.
    private static readonly float[] MeaningWeights = [0.1f, 0.15f, 0.2f, 0.3f, 0.45f, 0.6f, 0.9f, 1.2f, 1.6f, 2.2f];
    private static readonly float[] MeaningWeightWithoutPairs = [0.15f];

    private const int FewestEpochs = 5;
    private const int FewestSteps = 100;

    // So that no pair is learned by heart, this share of the terms of each text is left out by chance.
    private const float Dropped = 0.35f;

    // A market of more texts learns from so many of them, evenly chosen.
    private const int MostTexts = 60_000;
    private const int FewestTexts = 4;

    // One pair in so many is held back, or one text where the pairs are too few to say anything.
    private const int HeldBackPart = 8;
    private const int FewestHeldBack = 20;
    private const int MostHeldBack = 1000;

    // What asks must have something to say.
    private const int ShortestClause = 8;

    /// <summary>Trains a model, and compares the market with it and without on a part of the pairs, or of the texts, that is held back.</summary>
    /// <param name="texts">The words of the listings of both sides.</param>
    /// <param name="pairs">Needs and what answered them.</param>
    /// <param name="seed">Chooses what is held back, and every other accident of the training.</param>
    /// <param name="progress">Told the share that is done, 0–1.</param>
    /// <param name="cancelled">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The model and its evaluation.</returns>
    public static MatchTraining Learn(
        IReadOnlyCollection<string> texts, IReadOnlyCollection<TextPair> pairs, int seed, IProgress<double>? progress = null,
        CancellationToken cancelled = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(pairs);
        var random = new Random(seed);
        TextPair[] shuffledPairs = [.. pairs];
        random.Shuffle(shuffledPairs);
        int heldBackPairs = Math.Min(shuffledPairs.Length / HeldBackPart, MostHeldBack);
        if (heldBackPairs >= FewestHeldBack)
        {
            TextPair[] asked = shuffledPairs[..heldBackPairs], learned = shuffledPairs[heldBackPairs..];
            return Compare(Train(texts, learned, seed, progress, cancelled), true, [.. texts.Concat(pairs.Select(pair => pair.Document))], asked, cancelled);
        }

        string[] shuffledTexts = [.. texts.Distinct(StringComparer.Ordinal)];
        random.Shuffle(shuffledTexts);
        int heldBack = Math.Min(shuffledTexts.Length / HeldBackPart, MostHeldBack);
        TextPair[] cut = [.. shuffledTexts[..heldBack].Select(text => Cut(text, random)).Where(pair => pair is not null)!];
        string[] kept = shuffledTexts[heldBack..];
        return Compare(Train(kept, pairs, seed, progress, cancelled), false, [.. kept, .. cut.Select(pair => pair.Document)], cut, cancelled);
    }

    /// <summary>Trains a model on everything; the meaning counts the most that it may.</summary>
    /// <param name="texts">The words of the listings of both sides.</param>
    /// <param name="pairs">Needs and what answered them.</param>
    /// <param name="seed">Every accident of the training.</param>
    /// <param name="progress">Told the share that is done, 0–1.</param>
    /// <param name="cancelled">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The model; null when no term stands in two texts or there are hardly any texts.</returns>
    internal static MatchModel? Train(
        IReadOnlyCollection<string> texts, IReadOnlyCollection<TextPair> pairs, int seed, IProgress<double>? progress = null,
        CancellationToken cancelled = default)
    {
        var random = new Random(seed);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        string[] distinct = [.. texts.Distinct(StringComparer.Ordinal)];
        if (distinct.Length > MostTexts)
            random.Shuffle(distinct);
        foreach (string text in distinct.Take(MostTexts))
            numbers.Add(text, numbers.Count);
        int listed = numbers.Count;
        var joined = new List<(int Need, int Document)>(pairs.Count);
        foreach (TextPair pair in pairs)
        {
            numbers.TryAdd(pair.Need, numbers.Count);
            numbers.TryAdd(pair.Document, numbers.Count);
            joined.Add((numbers[pair.Need], numbers[pair.Document]));
        }

        if (numbers.Count < FewestTexts)
            return null;
        var known = TrainingTexts.Of(numbers.Keys, cancelled);
        if (known.Keys.Length == 0)
            return null;

        (Bag Need, Bag Document)[] bags = [.. joined.Select(pair => (known.Whole(pair.Need), known.Whole(pair.Document)))
            .Where(pair => pair.Item1.Terms.Length > 0 && pair.Item2.Terms.Length > 0)];
        double[] weights = Weights(known, bags);
        var bm25 = new Bm25(known.Count, (long)(known.AverageLength * known.Count));
        var start = new float[weights.Length];
        var factors = new double[weights.Length];
        double rarest = Bm25.Rarity(known.Count, 1);
        for (int term = 0; term < weights.Length; term++)
        {
            double kind = Bm25.WeightOf(TermKey.KindOf(known.Keys[term])) * weights[term];
            factors[term] = kind * bm25.Idf(known.Held[term]);
            start[term] = (float)(kind * Bm25.Rarity(known.Count, known.Held[term]) / rarest);
        }

        var embedding = new Embedding(known.Keys, start, factors, bm25, seed, cancelled);
        embedding.Gather([.. Enumerable.Range(0, known.Count).Select(known.Whole)]);
        int[] order = [.. Enumerable.Range(0, listed)];
        int epochs = Math.Max(FewestEpochs, FewestSteps / ((listed + bags.Length + Batch - 1) / Batch));
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            float rate = Rate + ((LeastRate - Rate) * epoch / epochs);
            random.Shuffle(order);
            Run(order.Select(text => known.Cut(text, random)).OfType<(Bag, Bag)>());
            random.Shuffle(bags);
            Run(bags);
            progress?.Report((epoch + 1.0) / epochs);

            void Run(IEnumerable<(Bag One, Bag Other)> positives)
            {
                foreach ((Bag, Bag)[] batch in positives.Chunk(Batch))
                {
                    cancelled.ThrowIfCancellationRequested();
                    embedding.Step([.. batch.Select(pair => (pair.Item1.Without(Dropped, random), pair.Item2.Without(Dropped, random)))], rate);
                }
            }
        }

        return new MatchModel(known.Keys, Array.ConvertAll(weights, weight => (float)weight), embedding.Rows, MeaningWeights[^1]);
    }

    /// <summary>Compares the market without the model and with it, by that of some weights of the meaning that does best.</summary>
    private static MatchTraining Compare(
        MatchModel? model, bool heldBackPairs, IEnumerable<string> documents, IReadOnlyList<TextPair> asked, CancellationToken cancelled)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string document in documents)
            ids.TryAdd(document, $"{ids.Count:d9}");
        var index = new MarketIndex();
        index.Apply([.. ids.Select(document => new Listing { Id = document.Value, Side = Side.Achievements, Text = document.Key })], []);
        MatchEvaluation without = Evaluate([0])[0];
        if (model is null)
            return new MatchTraining(null, heldBackPairs, without, without);
        index.Use(model);
        float[] weights = heldBackPairs ? MeaningWeights : MeaningWeightWithoutPairs;
        MatchEvaluation[] with = Evaluate(weights);
        int best = Array.IndexOf(with, with.MaxBy(evaluation => evaluation.Quality));
        return new MatchTraining(model.WithMeaningWeight(weights[best]), heldBackPairs, without, with[best]);

        MatchEvaluation[] Evaluate(float[] meaningWeights)
        {
            var tallies = meaningWeights.Select(_ => new Tally()).ToArray();
            SideSnapshot side = index.Now(Side.Achievements);
            foreach (TextPair pair in asked)
            {
                cancelled.ThrowIfCancellationRequested();
                var query = new Query { Side = Side.Achievements, Text = pair.Need };
                QueryTerms terms = QueryTerms.Of(pair.Need, side);
                List<Candidate> candidates = FirstStage.Search(side, terms, filter: null, after: null, SecondStage.Candidates(Tally.Last));
                List<Match> matches = SecondStage.Rank(query, terms, side.Model, candidates, candidates.Count);
                for (int i = 0; i < tallies.Length; i++)
                    tallies[i].Add(matches, ids[pair.Document], side.Model?.MeaningWeight ?? 0, meaningWeights[i]);
            }

            return [.. tallies.Select(tally => tally.Evaluation)];
        }
    }

    /// <summary>
    /// How much each term tells, 1 for one that nothing is known of: a power of how much likelier than usual it is, when the asking text
    /// holds it, that the right one does. From the texts: how often a term stands again where it stands once. From pairs: how often it
    /// stands in both. The same idea gives relevance weights from judged documents (Robertson and Spärck Jones, 1976).
    /// </summary>
    private static double[] Weights(TrainingTexts texts, (Bag Need, Bag Document)[] pairs)
    {
        var asked = new int[texts.Keys.Length];
        var answered = new int[texts.Keys.Length];
        foreach ((Bag need, Bag document) in pairs)
        {
            foreach (int term in need.Terms)
            {
                asked[term]++;
                if (Array.BinarySearch(document.Terms, term) >= 0)
                    answered[term]++;
            }
        }

        var weights = new double[texts.Keys.Length];
        for (int term = 0; term < weights.Length; term++)
        {
            long occurrences = texts.Occurrences[term];
            double repeated = (occurrences - texts.Held[term] + (RepetitionsBelieved * CommonRepetition)) / (occurrences + RepetitionsBelieved);
            double shared = (answered[term] + (PairsBelieved * repeated)) / (asked[term] + PairsBelieved);
            weights[term] = Math.Pow(shared / CommonRepetition, WeightExponent);
        }

        return weights;
    }

    /// <summary>Adds up how well the right documents are ranked.</summary>
    private sealed class Tally
    {
        public const int Last = 100;
        private const int LastRanked = 10;

        private int _queries;
        private double _reciprocalRanks, _found;

        public MatchEvaluation Evaluation => new(_queries, _reciprocalRanks / Math.Max(_queries, 1), _found / Math.Max(_queries, 1));

        /// <summary>Ranks matches that were made with one weight of the meaning as if they had been made with another.</summary>
        public void Add(List<Match> matches, string right, double made, double wanted)
        {
            _queries++;
            if (matches.Find(match => match.Id == right) is not { } answer)
                return;
            double reached = Score(answer);
            int better = matches.Count(match => Score(match) is var score
                && (score > reached || (score == reached && string.CompareOrdinal(match.Id, right) < 0)));
            _reciprocalRanks += better < LastRanked ? 1.0 / (better + 1) : 0;
            _found += better < Last ? 1 : 0;

            // In proportion to the score that it would have: only the order counts.
            double Score(Match match) => match.Parts[0].Weight + (made > 0 ? match.Parts[1].Weight * wanted / made : 0);
        }
    }

    /// <summary>One clause of a text, which asks for the rest; null when there is none to choose.</summary>
    private static TextPair? Cut(string text, Random random)
    {
        Range[] clauses = [.. TrainingTexts.Clauses(text).Where(clause => clause.GetOffsetAndLength(text.Length).Length >= ShortestClause)];
        if (clauses.Length < 2)
            return null;
        Range asked = clauses[random.Next(clauses.Length)];
        return new TextPair(text[asked], $"{text[..asked.Start]}\n{text[asked.End..]}");
    }
}
