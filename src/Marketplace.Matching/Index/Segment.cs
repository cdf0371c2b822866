namespace Marketplace.Matching;

/// <summary>
/// An unchanging part of one side of the market: postings for each term, and ids, lengths and facts for each document. Terms are in
/// the order of <see cref="TermKey.Mix"/> of their keys, in which they lie evenly, so that a look-up goes straight to the right few.
/// </summary>
internal sealed class Segment
{
    private readonly int[] _buckets;
    private readonly int _shift;

    /// <param name="ids">The ids of the documents.</param>
    /// <param name="lengths">Their lengths in terms, at most 65,535.</param>
    /// <param name="facts">What they state beside the texts.</param>
    /// <param name="keys">The keys of the terms, in their order.</param>
    /// <param name="frequencies">How many documents hold each term.</param>
    /// <param name="starts">Where the postings of each term begin.</param>
    /// <param name="postings">See <see cref="PostingsLayout"/>.</param>
    public Segment(Ids ids, ushort[] lengths, Facts facts, ulong[] keys, int[] frequencies, int[] starts, byte[] postings)
    {
        (Ids, Lengths, Facts, Keys, Frequencies, Starts, Postings) = (ids, lengths, facts, keys, frequencies, starts, postings);
        foreach (ushort length in lengths)
            TotalLength += length;

        // About four terms a bucket.
        int bits = Math.Max(1, BitPacking.Bits(keys.Length / 4));
        _shift = 64 - bits;
        _buckets = new int[(1 << bits) + 1];
        foreach (ulong key in keys)
            _buckets[(int)(TermKey.Mix(key) >> _shift) + 1]++;
        for (int bucket = 1; bucket < _buckets.Length; bucket++)
            _buckets[bucket] += _buckets[bucket - 1];
    }

    public Ids Ids { get; }

    public ushort[] Lengths { get; }

    public Facts Facts { get; }

    public ulong[] Keys { get; }

    public int[] Frequencies { get; }

    public int[] Starts { get; }

    public byte[] Postings { get; }

    public long TotalLength { get; }

    /// <summary>The number of documents, the deleted ones among them.</summary>
    public int Count => Lengths.Length;

    /// <summary>The number of distinct terms.</summary>
    public int TermCount => Keys.Length;

    /// <summary>The number of a term, or -1.</summary>
    public int Find(ulong key)
    {
        int bucket = (int)(TermKey.Mix(key) >> _shift);
        int found = Keys.AsSpan(_buckets[bucket].._buckets[bucket + 1]).IndexOf(key);
        return found < 0 ? -1 : _buckets[bucket] + found;
    }

    public int DocumentFrequency(int term) => Frequencies[term];

    public int PostingsAt(int term) => Starts[term];
}

/// <summary>A segment at one moment.</summary>
/// <param name="Segment">The documents.</param>
/// <param name="Deleted">A bit for each document that is no longer there; null while all are.</param>
/// <param name="DeletedCount">How many bits are set.</param>
/// <param name="Meanings">What the documents are about, by the model of the side; null while it has none.</param>
internal sealed record SegmentView(Segment Segment, ulong[]? Deleted, int DeletedCount, Meanings? Meanings = null)
{
    public int Living => Segment.Count - DeletedCount;

    public bool IsLiving(int document) => Deleted is null || (Deleted[document >> 6] >> (document & 63) & 1) == 0;

    public int[] LivingDocuments() => [.. Enumerable.Range(0, Segment.Count).Where(IsLiving)];
}
