namespace Marketplace.Matching;

/// <summary>
/// What the documents of a segment are about, as a model sees it: a direction for each, made from the postings alone, so that a new model
/// needs no texts.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="directions">One after the other, <see cref="MatchModel.Dimensions"/> bytes each.</param>
internal sealed class Meanings(MatchModel model, sbyte[] directions)
{
    // Documents whose sums are made together: enough that postings are read few times, and few enough for the sums to stay at hand.
    private const int LeastAtOnce = 8192;
    private const int MostParts = 16;

    public MatchModel Model => model;

    public ReadOnlySpan<sbyte> this[int document] => directions.AsSpan(document * MatchModel.Dimensions, MatchModel.Dimensions);

    public static Meanings Of(Segment segment, MatchModel model)
    {
        int count = segment.Count, atOnce = Math.Max(LeastAtOnce, (count + MostParts - 1) / MostParts);
        var directions = new sbyte[count * MatchModel.Dimensions];
        Parallel.For(0, (count + atOnce - 1) / atOnce, part =>
        {
            int first = part * atOnce, end = Math.Min(count, first + atOnce);
            float[] sums = Sums(segment, model, first, end);
            for (int document = first; document < end; document++)
            {
                MatchModel.Round(
                    sums.AsSpan((document - first) * MatchModel.Dimensions, MatchModel.Dimensions),
                    directions.AsSpan(document * MatchModel.Dimensions, MatchModel.Dimensions));
            }
        });
        return new Meanings(model, directions);
    }

    /// <param name="parts">What was known of segments, each with the documents of it that stay, in the order of the merged segment.</param>
    /// <param name="model">The model of all of them.</param>
    public static Meanings Merge(IReadOnlyList<(Meanings Meanings, int[] Living)> parts, MatchModel model)
    {
        var directions = new sbyte[parts.Sum(part => part.Living.Length) * MatchModel.Dimensions];
        int at = 0;
        foreach ((Meanings meanings, int[] living) in parts)
        {
            foreach (int document in living)
            {
                meanings[document].CopyTo(directions.AsSpan(at));
                at += MatchModel.Dimensions;
            }
        }

        return new Meanings(model, directions);
    }

    private static float[] Sums(Segment segment, MatchModel model, int first, int end)
    {
        var sums = new float[(end - first) * MatchModel.Dimensions];
        var cursor = new PostingsCursor();
        var documents = new int[256];
        var frequencies = new byte[256];
        Span<float> vector = stackalloc float[MatchModel.Dimensions];
        for (int term = 0; term < segment.TermCount; term++)
        {
            int row = model.Find(segment.Keys[term]);
            if (row < 0)
                continue;
            int held = segment.DocumentFrequency(term);
            if (held > documents.Length)
                (documents, frequencies) = (new int[held * 2], new byte[held * 2]);
            cursor.Open(segment, term, factor: 0);
            cursor.ReadAll(documents.AsSpan(0, held), frequencies.AsSpan(0, held));
            model.Read(row, vector);
            int place = documents.AsSpan(0, held).BinarySearch(first);
            for (int i = place < 0 ? ~place : place; i < held && documents[i] < end; i++)
                Vectors.Add(MatchModel.Share(frequencies[i]), vector, sums.AsSpan((documents[i] - first) * MatchModel.Dimensions, MatchModel.Dimensions));
        }

        return sums;
    }
}
