namespace Marketplace.Matching;

/// <summary>Makes segments of listings.</summary>
internal static class SegmentBuilder
{
    /// <param name="listings">No two with one id.</param>
    public static Segment Build(IReadOnlyList<Listing> listings)
    {
        var counter = new TermCounter();
        var lengths = new ushort[listings.Count];
        for (int document = 0; document < lengths.Length; document++)
            lengths[document] = counter.Count(listings[document]);

        (ulong[] keys, int[] frequencies, int[] documents, byte[] timesHeld) = counter.Sorted();
        var writer = new PostingsWriter(lengths);
        var starts = new int[keys.Length];
        for (int term = 0, from = 0; term < keys.Length; from += frequencies[term++])
            starts[term] = writer.Write(documents.AsSpan(from, frequencies[term]), timesHeld.AsSpan(from, frequencies[term]));
        Ids ids = Ids.Of(listings.Select(listing => (ReadOnlyMemory<byte>)Ids.Encode(listing.Id)), listings.Count);
        return new Segment(ids, lengths, Facts.Of(listings), keys, frequencies, starts, writer.Finish());
    }

    /// <summary>The living documents of several segments as one, in their order.</summary>
    public static Segment Merge(IReadOnlyList<SegmentView> views, CancellationToken cancelled = default)
    {
        int[][] living = [.. views.Select(view => view.LivingDocuments())];
        var sources = new List<MergeSource>(views.Count);
        var lengths = new ushort[living.Sum(documents => documents.Length)];
        int count = 0;
        for (int i = 0; i < views.Count; i++)
        {
            if (views[i].Segment.TermCount > 0)
                sources.Add(new MergeSource(views[i].Segment, living[i], count));
            foreach (int document in living[i])
                lengths[count++] = views[i].Segment.Lengths[document];
        }

        var writer = new PostingsWriter(lengths);
        var keys = new ArrayWriter<ulong>(views.Max(view => view.Segment.TermCount));
        var frequencies = new ArrayWriter<int>(keys.Count);
        var starts = new ArrayWriter<int>(keys.Count);
        var merged = new MergedPostings();
        while (sources.Count > 0)
        {
            cancelled.ThrowIfCancellationRequested();
            ulong least = ulong.MaxValue;
            foreach (MergeSource source in sources)
                least = Math.Min(least, source.Mixed);
            ulong key = 0;
            merged.Clear();
            for (int i = 0; i < sources.Count; i++)
            {
                MergeSource source = sources[i];
                if (source.Mixed != least)
                    continue;
                key = source.Key;
                source.AddTo(merged);
                if (!source.Next())
                    sources.RemoveAt(i--);
            }

            if (merged.Count == 0)
                continue;
            keys.Add(key);
            frequencies.Add(merged.Count);
            starts.Add(writer.Write(merged.Documents, merged.Frequencies));
        }

        Ids ids = Ids.Of(views.SelectMany((view, i) => living[i].Select(view.Segment.Ids.Memory)), count);
        Facts facts = Facts.Merge([.. views.Select((view, i) => (view.Segment.Facts, living[i]))]);
        return new Segment(ids, lengths, facts, keys.ToArray(), frequencies.ToArray(), starts.ToArray(), writer.Finish());
    }

    /// <summary>The postings of one term, as they come out of one segment after the other.</summary>
    private sealed class MergedPostings
    {
        private readonly PostingsCursor _cursor = new();
        private int[] _documents = new int[256];
        private byte[] _frequencies = new byte[256];

        public int Count { get; private set; }

        public ReadOnlySpan<int> Documents => _documents.AsSpan(0, Count);

        public ReadOnlySpan<byte> Frequencies => _frequencies.AsSpan(0, Count);

        public void Clear() => Count = 0;

        /// <param name="renumbered">The new number of each old document, -1 for one that goes; null when all move by the shift.</param>
        public void Add(Segment segment, int term, int[]? renumbered, int shift)
        {
            int added = segment.DocumentFrequency(term);
            if (Count + added > _documents.Length)
            {
                Array.Resize(ref _documents, Math.Max(Count + added, 2 * _documents.Length));
                Array.Resize(ref _frequencies, _documents.Length);
            }

            _cursor.Open(segment, term, factor: 0);
            Span<int> documents = _documents.AsSpan(Count, added);
            _cursor.ReadAll(documents, _frequencies.AsSpan(Count, added));
            if (renumbered is null)
            {
                foreach (ref int document in documents)
                    document += shift;
                Count += added;
                return;
            }

            int kept = Count;
            for (int i = Count; i < Count + added; i++)
            {
                int number = renumbered[_documents[i]];
                if (number < 0)
                    continue;
                _documents[kept] = number;
                _frequencies[kept++] = _frequencies[i];
            }

            Count = kept;
        }
    }

    /// <summary>A segment whose terms are taken in order.</summary>
    private sealed class MergeSource
    {
        private readonly Segment _segment;
        private readonly int[]? _renumbered;
        private readonly int _shift;
        private int _term;

        public MergeSource(Segment segment, int[] living, int shift)
        {
            (_segment, _shift, _term) = (segment, shift, -1);
            if (living.Length < segment.Count)
            {
                _renumbered = new int[segment.Count];
                Array.Fill(_renumbered, -1);
                for (int i = 0; i < living.Length; i++)
                    _renumbered[living[i]] = shift + i;
            }

            Next();
        }

        /// <summary>Its place in the order of terms; the highest of all when there is none left.</summary>
        public ulong Mixed { get; private set; }

        public ulong Key => _segment.Keys[_term];

        public bool Next()
        {
            _term++;
            bool any = _term < _segment.TermCount;
            Mixed = any ? TermKey.Mix(Key) : ulong.MaxValue;
            return any;
        }

        public void AddTo(MergedPostings merged) => merged.Add(_segment, _term, _renumbered, _shift);
    }
}
