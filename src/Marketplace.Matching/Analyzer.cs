namespace Marketplace.Matching;

/// <summary>A listing as its distinct terms, their frequencies, and its length in terms.</summary>
internal sealed record AnalysedListing(Listing Listing, int[] Terms, ushort[] Frequencies, int Length);

/// <summary>Turns listings into terms. Owned by the one writer: it grows the vocabulary and reuses its scratch space.</summary>
internal sealed class Analyzer(Vocabulary vocabulary)
{
    private readonly Vocabulary vocabulary = vocabulary;
    private int[] counts = new int[1024];
    private int[] touched = new int[256];

    public AnalysedListing Analyse(Listing listing)
    {
        var sink = new Counter(this);
        Tokenizer.Scan(FoldedText.Of(listing.Words()).Folded, ref sink);

        int[] terms = touched[..sink.Distinct];
        var frequencies = new ushort[terms.Length];
        for (int i = 0; i < terms.Length; i++)
        {
            frequencies[i] = (ushort)Math.Min(counts[terms[i]], ushort.MaxValue);
            counts[terms[i]] = 0;
        }

        return new AnalysedListing(listing, terms, frequencies, sink.Length);
    }

    /// <summary>A zeroed scratch counter for every term; whoever takes it leaves it zeroed.</summary>
    public int[] TermScratch()
    {
        if (counts.Length < vocabulary.Count)
            Array.Resize(ref counts, Math.Max(vocabulary.Count, counts.Length * 2));
        return counts;
    }

    private struct Counter(Analyzer owner) : ITermSink
    {
        public int Distinct { get; private set; }

        public int Length { get; private set; }

        public void Han(ulong key, bool pair, int start, int length) => Count(owner.vocabulary.FindOrAdd(key));

        public void Word(ReadOnlySpan<char> word, int start) => Count(owner.vocabulary.FindOrAdd(word));

        private void Count(int term)
        {
            Length++;
            if (term >= owner.counts.Length)
                Array.Resize(ref owner.counts, Math.Max(term + 1, owner.counts.Length * 2));
            if (owner.counts[term]++ > 0)
                return;
            if (Distinct == owner.touched.Length)
                Array.Resize(ref owner.touched, Distinct * 2);
            owner.touched[Distinct++] = term;
        }
    }
}
