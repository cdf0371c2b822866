namespace Marketplace.Matching;

/// <summary>A listing as its distinct terms, their frequencies, and its length in terms.</summary>
internal sealed record AnalysedListing(Listing Listing, int[] Terms, ushort[] Frequencies, int Length);

/// <summary>Turns listings into terms. Owned by the one writer: it grows the vocabulary and reuses its scratch space.</summary>
internal sealed class Analyzer(Vocabulary vocabulary)
{
    private readonly Vocabulary _vocabulary = vocabulary;
    private int[] _counts = new int[1024];
    private int[] _touched = new int[256];

    public AnalysedListing Analyse(Listing listing)
    {
        var sink = new Counter(this);
        Tokenizer.Scan(FoldedText.Of(listing.Words()).Folded, ref sink);

        int[] terms = _touched[..sink.Distinct];
        var frequencies = new ushort[terms.Length];
        for (int i = 0; i < terms.Length; i++)
        {
            frequencies[i] = (ushort)Math.Min(_counts[terms[i]], ushort.MaxValue);
            _counts[terms[i]] = 0;
        }

        return new AnalysedListing(listing, terms, frequencies, sink.Length);
    }

    /// <summary>A zeroed scratch counter for every term; whoever takes it leaves it zeroed.</summary>
    public int[] TermScratch()
    {
        if (_counts.Length < _vocabulary.Count)
            Array.Resize(ref _counts, Math.Max(_vocabulary.Count, _counts.Length * 2));
        return _counts;
    }

    private struct Counter(Analyzer owner) : ITermSink
    {
        public int Distinct { get; private set; }

        public int Length { get; private set; }

        public void Term(ulong key, TermKind kind, int start, int length)
        {
            int term = owner._vocabulary.FindOrAdd(key);
            Length++;
            if (term >= owner._counts.Length)
                Array.Resize(ref owner._counts, Math.Max(term + 1, owner._counts.Length * 2));
            if (owner._counts[term]++ > 0)
                return;
            if (Distinct == owner._touched.Length)
                Array.Resize(ref owner._touched, Distinct * 2);
            owner._touched[Distinct++] = term;
        }
    }
}
