namespace Marketplace.Matching;

/// <summary>
/// A vector for each term, trained so that two texts that belong together point the same way. A step takes a batch of such pairs: for
/// each first text all second texts are candidates, and the other way round, and the softmax over their scores should choose its own.
/// The score is BM25's plus the cosine, so that the vectors learn what BM25 does not see. The result depends on the batches alone, not
/// on the number of processors: what is done side by side is never added up across threads.
/// </summary>
internal sealed class Embedding
{
    // How much a difference of one in the cosine, and in the ratio of BM25's score to the ideal one, counts in the softmax.
    private const float CosineScale = 20;
    private const float TermsScale = 20;

    private const int Dimensions = MatchModel.Dimensions;

    private readonly float[] _start;
    private readonly double[] _factors;
    private readonly Bm25 _bm25;
    private readonly ParallelOptions _parallel;
    private readonly float[] _squares;
    private readonly int[] _counts;
    private readonly List<int> _touched = [];

    /// <param name="keys">The terms.</param>
    /// <param name="start">How long each term's vector is at first.</param>
    /// <param name="factors">What a unit of BM25's saturation is worth for each term.</param>
    /// <param name="bm25">The statistics of the texts.</param>
    /// <param name="seed">The directions at first depend on it and on the terms' keys alone.</param>
    /// <param name="cancelled">Ends a step with an <see cref="OperationCanceledException"/>.</param>
    public Embedding(ulong[] keys, float[] start, double[] factors, Bm25 bm25, int seed, CancellationToken cancelled)
    {
        (_start, _factors, _bm25) = (start, factors, bm25);
        _parallel = new ParallelOptions { CancellationToken = cancelled };
        _squares = new float[keys.Length];
        _counts = new int[keys.Length];
        Rows = new float[keys.Length * Dimensions];
        Parallel.For(0, keys.Length, _parallel, term =>
        {
            Span<float> row = Row(term);
            ulong state = TermKey.Mix(keys[term] ^ TermKey.Mix((uint)seed));
            for (int i = 0; i < row.Length; i++)
            {
                state = TermKey.Mix(unchecked(state + 0x9E3779B97F4A7C15));
                row[i] = (state >> 40) - (float)((1 << 23) - 0.5);
            }

            Vectors.Normalise(row);
            Vectors.Scale(start[term], row);
        });
    }

    /// <summary>The vectors, one after the other.</summary>
    public float[] Rows { get; }

    /// <summary>
    /// A better start than chance: a term's vector points to the texts that hold it, and so near to those of the terms that stand beside it
    /// there. One round of the subspace iteration for the singular vectors of texts and terms (Halko, Martinsson and Tropp, 2011), in
    /// which all directions are then made equally wide: common themes would hide the rare ones.
    /// </summary>
    public void Gather(Bag[] texts)
    {
        // So much of the direction by chance stays: without it, terms that always stand together could never be told apart.
        const float own = 0.1f;
        var themes = new float[texts.Length * Dimensions];
        Parallel.For(0, texts.Length, _parallel, text =>
        {
            Span<float> theme = Row(themes, text);
            Bag bag = texts[text];
            float squares = 0;
            for (int i = 0; i < bag.Terms.Length; i++)
            {
                float share = MatchModel.Share(bag.Frequencies[i]);
                Vectors.Add(share, Row(bag.Terms[i]), theme);
                squares += share * share * _start[bag.Terms[i]] * _start[bag.Terms[i]];
            }

            if (squares > 0)
                Vectors.Scale(1 / squares, theme);
        });

        int[] starts = Uses(texts, out int[] users, out float[] shares);
        var gathered = new float[Rows.Length];
        Parallel.For(0, _touched.Count, _parallel, i =>
        {
            Span<float> row = Row(gathered, _touched[i]);
            Sum(themes, users.AsSpan(starts[i]..starts[i + 1]), shares.AsSpan(starts[i]..starts[i + 1]), row);
            Vectors.Scale(_start[_touched[i]], row);
        });
        Orthogonal.MakeColumns(gathered, Dimensions, _parallel);
        float wide = MathF.Sqrt((float)_start.Length / Dimensions);
        Parallel.For(0, _start.Length, _parallel, term =>
        {
            Vectors.Scale(own, Row(term));
            Vectors.Add(_start[term] * wide, Row(gathered, term), Row(term));
        });
    }

    /// <summary>One step down the gradient, by AdaGrad (Duchi, Hazan and Singer, 2011) with one sum of squares for each term.</summary>
    /// <returns>The mean loss of the batch before the step.</returns>
    public double Step(IReadOnlyList<(Bag One, Bag Other)> batch, float rate)
    {
        (double loss, Bag[] texts, float[] gradients) = Gradients(batch);
        int[] starts = Uses(texts, out int[] users, out float[] shares);
        Parallel.For(0, _touched.Count, _parallel, i =>
        {
            int term = _touched[i];
            Span<float> gradient = stackalloc float[Dimensions];
            Sum(gradients, users.AsSpan(starts[i]..starts[i + 1]), shares.AsSpan(starts[i]..starts[i + 1]), gradient);
            _squares[term] += Vectors.Dot(gradient, gradient) / Dimensions;
            if (_squares[term] > 0)
                Vectors.Add(-rate * _start[term] / MathF.Sqrt(_squares[term]), gradient, Row(term));
        });
        return loss;
    }

    /// <summary>The mean loss of a batch, and its gradient with respect to each of <see cref="Rows"/>.</summary>
    public (double Loss, float[] Gradient) LossAndGradient(IReadOnlyList<(Bag One, Bag Other)> batch)
    {
        (double loss, Bag[] texts, float[] gradients) = Gradients(batch);
        int[] starts = Uses(texts, out int[] users, out float[] shares);
        var gradient = new float[Rows.Length];
        for (int i = 0; i < _touched.Count; i++)
        {
            Sum(gradients, users.AsSpan(starts[i]..starts[i + 1]), shares.AsSpan(starts[i]..starts[i + 1]),
                gradient.AsSpan(_touched[i] * Dimensions, Dimensions));
        }

        return (loss, gradient);
    }

    private Span<float> Row(int term) => Rows.AsSpan(term * Dimensions, Dimensions);

    private static Span<float> Row(float[] rows, int row) => rows.AsSpan(row * Dimensions, Dimensions);

    /// <summary>For each text of the batch, the first ones before the others, the gradient with respect to the sum of its terms' vectors.</summary>
    private (double Loss, Bag[] Texts, float[] Gradients) Gradients(IReadOnlyList<(Bag One, Bag Other)> batch)
    {
        int count = batch.Count;
        Bag[] texts = [.. batch.Select(pair => pair.One), .. batch.Select(pair => pair.Other)];
        var directions = new float[texts.Length * Dimensions];
        var lengths = new float[texts.Length];
        Parallel.For(0, texts.Length, _parallel, text =>
        {
            Span<float> sum = Row(directions, text);
            (int[] terms, ushort[] frequencies) = (texts[text].Terms, texts[text].Frequencies);
            for (int i = 0; i < terms.Length; i++)
                Vectors.Add(MatchModel.Share(frequencies[i]), Row(terms[i]), sum);
            lengths[text] = Vectors.Normalise(sum);
        });

        float[] scores = TermScores(batch);
        Parallel.For(0, count, _parallel, one =>
        {
            for (int other = 0; other < count; other++)
            {
                ref float score = ref scores[(one * count) + other];
                score = (TermsScale * score) + (CosineScale * Vectors.Dot(Row(directions, one), Row(directions, count + other)));
            }
        });

        // Half the loss is that of finding the other, half that of finding the one.
        var forward = new double[count];
        var backward = new double[count];
        var weights = new float[count * count];
        Parallel.For(0, count, _parallel, one => forward[one] = Softmax(scores, weights, count, one * count, 1, one));
        var columns = new float[count * count];
        Parallel.For(0, count, _parallel, other => backward[other] = Softmax(scores, columns, count, other, count, other));
        float share = CosineScale / (2 * count);
        for (int i = 0; i < weights.Length; i++)
            weights[i] = share * (weights[i] + columns[i]);

        var gradients = new float[directions.Length];
        Parallel.For(0, texts.Length, _parallel, text =>
        {
            if (lengths[text] == 0)
                return;
            Span<float> gradient = Row(gradients, text), direction = Row(directions, text);
            for (int i = 0; i < count; i++)
            {
                if (text < count)
                    Vectors.Add(weights[(text * count) + i], Row(directions, count + i), gradient);
                else
                    Vectors.Add(weights[(i * count) + text - count], Row(directions, i), gradient);
            }

            // Only what turns the direction counts: its length is always 1.
            Vectors.Add(-Vectors.Dot(gradient, direction), direction, gradient);
            Vectors.Scale(1 / lengths[text], gradient);
        });
        return ((forward.Sum() + backward.Sum()) / (2 * count), texts, gradients);
    }

    /// <summary>Of every second text for every first one, the ratio of BM25's score to the ideal one.</summary>
    private float[] TermScores(IReadOnlyList<(Bag One, Bag Other)> batch)
    {
        int count = batch.Count;
        var holders = new Dictionary<int, List<(int Other, float Saturation)>>();
        for (int other = 0; other < count; other++)
        {
            Bag bag = batch[other].Other;
            double norm = _bm25.Norm(bag.Length);
            for (int i = 0; i < bag.Terms.Length; i++)
            {
                if (!holders.TryGetValue(bag.Terms[i], out List<(int, float)>? list))
                    holders.Add(bag.Terms[i], list = []);
                list.Add((other, (float)Bm25.Saturation(bag.Frequencies[i], norm)));
            }
        }

        var scores = new float[count * count];
        Parallel.For(0, count, _parallel, one =>
        {
            Bag bag = batch[one].One;
            Span<float> row = scores.AsSpan(one * count, count);
            double ideal = 0, norm = _bm25.IdealNorm(bag.Length);
            for (int i = 0; i < bag.Terms.Length; i++)
            {
                double factor = _factors[bag.Terms[i]] * bag.Frequencies[i];
                ideal += factor * Bm25.Saturation(bag.Frequencies[i], norm);
                if (!holders.TryGetValue(bag.Terms[i], out List<(int, float)>? list))
                    continue;
                foreach ((int other, float saturation) in list)
                    row[other] += (float)(factor * saturation);
            }

            foreach (ref float score in row)
                score /= (float)Math.Max(ideal, 1e-9);
        });
        return scores;
    }

    /// <summary>The softmax of some scores, less 1 at the right one.</summary>
    /// <returns>The negative logarithm of the share of the right one.</returns>
    private static double Softmax(float[] scores, float[] shares, int count, int start, int step, int right)
    {
        float most = float.NegativeInfinity, total = 0;
        for (int i = 0, at = start; i < count; i++, at += step)
            most = Math.Max(most, scores[at]);
        for (int i = 0, at = start; i < count; i++, at += step)
            total += shares[at] = MathF.Exp(scores[at] - most);
        for (int i = 0, at = start; i < count; i++, at += step)
            shares[at] = (shares[at] / total) - (i == right ? 1 : 0);
        return Math.Log(total) + most - scores[start + (right * step)];
    }

    /// <summary>Lists the terms of the texts in <see cref="_touched"/>, and for each the texts that hold it.</summary>
    /// <returns>Where the texts of each touched term begin, and the end.</returns>
    private int[] Uses(Bag[] texts, out int[] users, out float[] shares)
    {
        _touched.Clear();
        foreach (Bag text in texts)
        {
            foreach (int term in text.Terms)
            {
                if (_counts[term]++ == 0)
                    _touched.Add(term);
            }
        }

        var starts = new int[_touched.Count + 1];
        for (int i = 0; i < _touched.Count; i++)
        {
            starts[i + 1] = starts[i] + _counts[_touched[i]];
            _counts[_touched[i]] = starts[i];
        }

        users = new int[starts[^1]];
        shares = new float[starts[^1]];
        for (int text = 0; text < texts.Length; text++)
        {
            for (int i = 0; i < texts[text].Terms.Length; i++)
            {
                int place = _counts[texts[text].Terms[i]]++;
                (users[place], shares[place]) = (text, MatchModel.Share(texts[text].Frequencies[i]));
            }
        }

        foreach (int term in _touched)
            _counts[term] = 0;
        return starts;
    }

    private static void Sum(float[] gradients, ReadOnlySpan<int> users, ReadOnlySpan<float> shares, Span<float> sum)
    {
        for (int i = 0; i < users.Length; i++)
            Vectors.Add(shares[i], Row(gradients, users[i]), sum);
    }
}
