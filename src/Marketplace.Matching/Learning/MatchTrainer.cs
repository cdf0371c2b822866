namespace Marketplace.Matching;

/// <summary>How well a market finds what belongs together, over pairs that nothing was learned from.</summary>
/// <param name="Queries">How many were asked.</param>
/// <param name="ReciprocalRank">The mean of one over the rank of the right text, 0 where it is not among the first ten (MRR@10).</param>
/// <param name="Recall">The share of queries whose right text is among the first hundred (R@100).</param>
public sealed record MatchEvaluation(int Queries, double ReciprocalRank, double Recall);

/// <summary>What came of a training.</summary>
/// <param name="Model">The model; null when there was nothing to learn from.</param>
/// <param name="HeldBackPairs">True when the evaluations are over pairs held back; false when over texts cut in two, for want of pairs.</param>
/// <param name="Without">How well the market does without a model.</param>
/// <param name="With">How well with this one.</param>
public sealed record MatchTraining(MatchModel? Model, bool HeldBackPairs, MatchEvaluation Without, MatchEvaluation With)
{
    /// <summary>Whether the model is better than none: only then may it be used.</summary>
    public bool Wins => Model is not null && With.ReciprocalRank > Without.ReciprocalRank && With.Recall >= Without.Recall;
}

/// <summary>
/// Learns a model from a market's own texts and pairs. From the texts alone: a term tells the more the more often a text that holds it
/// once holds it again, and pieces of a text should find its rest. From pairs, which are what the market is for: how often a term of a
/// need stands in what answered it, and needs should find what answered them. The same texts, pairs and seed give the same model.
/// </summary>
public static class MatchTrainer
{
    // Tuned on Chinese abstracts, titles, and summaries; what is tuned holds for all of them alike.
    private const double CommonRepetition = 0.3;
    private const double RepetitionsBelieved = 5;
    private const double PairsBelieved = 20;
    private const float Rate = 0.1f;
    private const float LeastRate = 0.03f;
    private const int Batch = 512;
    private const int FewestEpochs = 6;
    private const int FewestSteps = 100;

    // So that no pair is learned by heart, this share of the terms of each text is left out by chance.
    private const float Dropped = 0.5f;

    // A market of more texts learns from so many of them, evenly chosen.
    private const int MostTexts = 60_000;
    private const int FewestTexts = 4;
    // Fewer than these say little.
    private const int FewestHeldBack = 20;
    private const int MostHeldBack = 500;
    private const int HeldBackPart = 8;

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
        TextPair[] cut = [.. shuffledTexts[..heldBack].Select(Halves).Where(pair => pair is not null)!];
        string[] kept = shuffledTexts[heldBack..];
        return Compare(Train(kept, pairs, seed, progress, cancelled), false, [.. kept, .. cut.Select(pair => pair.Document)], cut, cancelled);
    }

    /// <summary>Trains a model on everything.</summary>
    /// <param name="texts">The words of the listings of both sides.</param>
    /// <param name="pairs">Needs and what answered them.</param>
    /// <param name="seed">Every accident of the training.</param>
    /// <param name="progress">Told the share that is done, 0–1.</param>
    /// <param name="cancelled">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The model; null when no term stands in two texts or there are hardly any texts.</returns>
    public static MatchModel? Train(
        IReadOnlyCollection<string> texts, IReadOnlyCollection<TextPair> pairs, int seed, IProgress<double>? progress = null,
        CancellationToken cancelled = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(pairs);
        var random = new Random(seed);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string text in texts.Distinct(StringComparer.Ordinal).ToArray() is var all && all.Length > MostTexts ? Sample(all, random) : all)
            numbers.TryAdd(text, numbers.Count);
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

        return new MatchModel(known.Keys, Array.ConvertAll(weights, weight => (float)weight), embedding.Rows);
    }

    /// <summary>How well a market with a model finds what belongs to each need.</summary>
    /// <param name="model">The model; null for none.</param>
    /// <param name="documents">All that can be found; what the pairs name is found too, whether it is among them or not.</param>
    /// <param name="pairs">What is asked, and what is right.</param>
    /// <param name="cancelled">Ends the evaluation with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Means over the pairs; zeros when there are none.</returns>
    public static MatchEvaluation Evaluate(
        MatchModel? model, IReadOnlyCollection<string> documents, IReadOnlyCollection<TextPair> pairs, CancellationToken cancelled = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(pairs);
        if (pairs.Count == 0)
            return new MatchEvaluation(0, 0, 0);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string document in documents.Concat(pairs.Select(pair => pair.Document)))
            ids.TryAdd(document, $"{ids.Count:d9}");
        var index = new MarketIndex();
        index.Use(model);
        index.Apply([.. ids.Select(document => new Listing { Id = document.Value, Side = Side.Achievements, Text = document.Key })], []);
        double reciprocalRanks = 0, found = 0;
        foreach (TextPair pair in pairs)
        {
            cancelled.ThrowIfCancellationRequested();
            IReadOnlyList<Match> matches = index.Search(new Query { Side = Side.Achievements, Text = pair.Need }, 100);
            int rank = matches.TakeWhile(match => match.Id != ids[pair.Document]).Count();
            found += rank < matches.Count ? 1 : 0;
            reciprocalRanks += rank < Math.Min(10, matches.Count) ? 1.0 / (rank + 1) : 0;
        }

        return new MatchEvaluation(pairs.Count, reciprocalRanks / pairs.Count, found / pairs.Count);
    }

    private static MatchTraining Compare(
        MatchModel? model, bool heldBackPairs, IReadOnlyCollection<string> documents, IReadOnlyCollection<TextPair> asked, CancellationToken cancelled)
    {
        MatchEvaluation without = Evaluate(null, documents, asked, cancelled);
        return new MatchTraining(model, heldBackPairs, without, model is null ? without : Evaluate(model, documents, asked, cancelled));
    }

    /// <summary>
    /// How much each term tells, 1 for one that nothing is known of: the root of how much likelier than usual it is, when the asking text
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
            weights[term] = Math.Sqrt(shared / CommonRepetition);
        }

        return weights;
    }

    private static string[] Sample(string[] texts, Random random)
    {
        random.Shuffle(texts);
        return texts[..MostTexts];
    }

    /// <summary>A text cut at the first end of a sentence behind its first third: the shorter half asks for the other.</summary>
    private static TextPair? Halves(string text)
    {
        int end = text.AsSpan(text.Length / 3).IndexOfAny("。；;.!?！？,，\n");
        if (end < 0)
            return null;
        int place = (text.Length / 3) + end + 1;
        return place >= text.Length ? null : new TextPair(text[..place], text[place..]);
    }
}
