namespace Marketplace.Matching;

/// <summary>
/// An unchanging inverted file: for each term the documents that hold it, ascending, with the term frequency in each. Terms are sorted,
/// and the postings of all of them lie in two arrays, one list after the other.
/// </summary>
internal sealed class Segment
{
    public static readonly Segment Empty = new([], [], [], [0], [], []);

    private readonly int[] terms;
    private readonly int[] offsets;
    private readonly int[] documents;
    private readonly ushort[] frequencies;

    private Segment(Listing[] listings, int[] lengths, int[] terms, int[] offsets, int[] documents, ushort[] frequencies)
    {
        Listings = listings;
        Lengths = lengths;
        this.terms = terms;
        this.offsets = offsets;
        this.documents = documents;
        this.frequencies = frequencies;
        foreach (int length in lengths)
            TotalLength += length;
    }

    public Listing[] Listings { get; }

    public int[] Lengths { get; }

    public long TotalLength { get; }

    public int Count => Listings.Length;

    /// <summary>The postings of a term; empty when no document holds it.</summary>
    public Postings Find(int term)
    {
        // In a segment made from scratch most terms stand at the place of their number.
        int place = (uint)term < (uint)terms.Length && terms[term] == term ? term : Array.BinarySearch(terms, term);
        if (place < 0)
            return default;
        int start = offsets[place], count = offsets[place + 1] - start;
        return new Postings(documents.AsSpan(start, count), frequencies.AsSpan(start, count));
    }

    /// <param name="analysed">The documents, in the order that gives them their numbers.</param>
    /// <param name="scratch">A zero for every term; zeroed again afterwards.</param>
    public static Segment Build(IReadOnlyList<AnalysedListing> analysed, int[] scratch)
    {
        int distinct = 0, total = 0;
        foreach (AnalysedListing document in analysed)
        {
            total += document.Terms.Length;
            foreach (int term in document.Terms)
            {
                if (scratch[term]++ == 0)
                    distinct++;
            }
        }

        var terms = new int[distinct];
        int filled = 0;
        foreach (AnalysedListing document in analysed)
        {
            foreach (int term in document.Terms)
            {
                // Negative marks a term already listed; its count stays readable.
                if (scratch[term] > 0)
                {
                    terms[filled++] = term;
                    scratch[term] = -scratch[term];
                }
            }
        }

        Array.Sort(terms);
        var offsets = new int[distinct + 1];
        for (int i = 0; i < distinct; i++)
        {
            offsets[i + 1] = offsets[i] - scratch[terms[i]];
            scratch[terms[i]] = offsets[i];
        }

        var documents = new int[total];
        var frequencies = new ushort[total];
        var listings = new Listing[analysed.Count];
        var lengths = new int[analysed.Count];
        for (int number = 0; number < analysed.Count; number++)
        {
            AnalysedListing document = analysed[number];
            listings[number] = document.Listing;
            lengths[number] = document.Length;
            for (int i = 0; i < document.Terms.Length; i++)
            {
                int place = scratch[document.Terms[i]]++;
                documents[place] = number;
                frequencies[place] = document.Frequencies[i];
            }
        }

        foreach (int term in terms)
            scratch[term] = 0;
        return new Segment(listings, lengths, terms, offsets, documents, frequencies);
    }

    /// <summary>
    /// The documents of <paramref name="old"/> that are not deleted, then those of <paramref name="recent"/>. Of
    /// <paramref name="removed"/>, the deleted documents by themselves, only the size is needed.
    /// </summary>
    public static Segment Merge(Segment old, Bits deleted, Segment removed, Segment recent)
    {
        var renumbered = new int[old.Count];
        var listings = new List<Listing>(old.Count + recent.Count);
        var lengths = new List<int>(old.Count + recent.Count);
        for (int i = 0; i < old.Count; i++)
        {
            renumbered[i] = deleted[i] ? -1 : listings.Count;
            if (deleted[i])
                continue;
            listings.Add(old.Listings[i]);
            lengths.Add(old.Lengths[i]);
        }

        int shift = listings.Count;
        listings.AddRange(recent.Listings);
        lengths.AddRange(recent.Lengths);

        var terms = new List<int>(old.terms.Length + recent.terms.Length);
        var offsets = new List<int>(terms.Capacity + 1) { 0 };
        int total = old.documents.Length - removed.documents.Length + recent.documents.Length;
        int[] documents = GC.AllocateUninitializedArray<int>(total);
        ushort[] frequencies = GC.AllocateUninitializedArray<ushort>(total);
        int written = 0;
        for (int o = 0, r = 0; o < old.terms.Length || r < recent.terms.Length;)
        {
            int oldTerm = o < old.terms.Length ? old.terms[o] : int.MaxValue;
            int recentTerm = r < recent.terms.Length ? recent.terms[r] : int.MaxValue;
            int before = written;
            if (oldTerm <= recentTerm)
            {
                for (int p = old.offsets[o]; p < old.offsets[o + 1]; p++)
                {
                    int number = renumbered[old.documents[p]];
                    if (number < 0)
                        continue;
                    documents[written] = number;
                    frequencies[written++] = old.frequencies[p];
                }

                o++;
            }

            if (recentTerm <= oldTerm)
            {
                for (int p = recent.offsets[r]; p < recent.offsets[r + 1]; p++)
                {
                    documents[written] = recent.documents[p] + shift;
                    frequencies[written++] = recent.frequencies[p];
                }

                r++;
            }

            if (written > before)
            {
                terms.Add(Math.Min(oldTerm, recentTerm));
                offsets.Add(written);
            }
        }

        return new Segment([.. listings], [.. lengths], [.. terms], [.. offsets], documents, frequencies);
    }
}

/// <summary>One term's postings: documents ascending, and the frequency of the term in each.</summary>
internal readonly ref struct Postings(ReadOnlySpan<int> documents, ReadOnlySpan<ushort> frequencies)
{
    public ReadOnlySpan<int> Documents { get; } = documents;

    public ReadOnlySpan<ushort> Frequencies { get; } = frequencies;

    public int Count => Documents.Length;

    /// <summary>The frequency of the term in a document, 0 when the document does not hold it.</summary>
    public int In(int document)
    {
        int place = Documents.BinarySearch(document);
        return place < 0 ? 0 : Frequencies[place];
    }
}

/// <summary>An unchanging set of document numbers.</summary>
internal readonly struct Bits(ulong[] words)
{
    public bool this[int number] => (words[number >> 6] & (1UL << (number & 63))) != 0;
}
