namespace Marketplace.Matching;

/// <summary>
/// Whether two listings are the same one twice (疑似重复): what their texts share word for word, order of sentences aside. It finds a
/// text again with words changed, boilerplate added, a part cut off or its sentences moved about, in other width, case or characters;
/// not one that was written anew.
/// </summary>
public static class NearDuplicates
{
    /// <summary>
    /// From this similarity on two listings are near-duplicates. Of 12,000 pairs of different Chinese abstracts, each among the other's 20
    /// best matches, a thousandth is above 0.21; of abstracts with 8 % of their words changed, their sentences moved about and 100
    /// characters added, a hundredth is below 0.68.
    /// </summary>
    public const double Least = 0.5;

    /// <summary>Three characters in a row, or words.</summary>
    private const int ShingleSize = 3;

    /// <summary>So few shingles stand in many a text.</summary>
    private const int FewestShingles = 20;

    /// <summary>The query whose best matches a listing's near-duplicates are among: its own text, on its own side.</summary>
    /// <param name="listing">It need not be in the index.</param>
    /// <returns>A query without filter; it finds the listing itself too where that is in the index.</returns>
    public static Query Candidates(Listing listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return new Query { Side = listing.Side, Text = listing.Words() };
    }

    /// <summary>How much of the shorter text stands in the other.</summary>
    /// <param name="listing">The listing that may be there twice.</param>
    /// <param name="others">Listings to compare it with.</param>
    /// <returns>
    /// For each of <paramref name="others"/>, in their order, 0–1: the shared part of the shorter text's distinct shingles, where a text of
    /// fewer than 20 counts as 20. A shingle is three successive characters or words of the analysed title, text and keywords.
    /// </returns>
    public static IReadOnlyList<double> Similarities(Listing listing, IReadOnlyList<Listing> others)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentNullException.ThrowIfNull(others);
        HashSet<ulong> mine = Shingles(listing);
        var similarities = new double[others.Count];
        for (int i = 0; i < similarities.Length; i++)
        {
            HashSet<ulong> theirs = Shingles(others[i]);
            int shared = theirs.Count(mine.Contains);
            similarities[i] = (double)shared / Math.Max(Math.Min(mine.Count, theirs.Count), FewestShingles);
        }

        return similarities;
    }

    /// <summary>Whether two titles are one, but for width, case, spaces and punctuation.</summary>
    /// <param name="one">A title; any string is accepted.</param>
    /// <param name="other">Another.</param>
    /// <returns>False where a title has no letter, digit or character.</returns>
    public static bool SameTitle(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        List<ulong> units = UnitsOf(one);
        return units.Count > 0 && units.SequenceEqual(UnitsOf(other));
    }

    private static HashSet<ulong> Shingles(Listing listing)
    {
        List<ulong> units = UnitsOf(listing.Words());
        var shingles = new HashSet<ulong>();
        for (int i = 0; i + ShingleSize <= units.Count; i++)
        {
            ulong shingle = 0;
            for (int j = i; j < i + ShingleSize; j++)
                shingle = TermKey.Mix(shingle ^ units[j]);
            shingles.Add(shingle);
        }

        return shingles;
    }

    private static List<ulong> UnitsOf(string text)
    {
        var units = new Units([]);
        Tokenizer.Scan(FoldedText.Of(text).Folded, ref units);
        return units.Keys;
    }

    /// <summary>Takes the characters and words of a text, each once: neither pairs nor the parts of a word.</summary>
    private struct Units(List<ulong> keys) : ITermSink
    {
        private int _end;

        public readonly List<ulong> Keys => keys;

        public void Term(ulong key, TermKind kind, int start, int length)
        {
            if (kind == TermKind.Pair || start < _end)
                return;
            keys.Add(key);
            _end = start + length;
        }
    }
}
