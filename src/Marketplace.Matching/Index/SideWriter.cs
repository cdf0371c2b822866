namespace Marketplace.Matching;

/// <summary>
/// One side of the market as its one writer keeps it: a large base segment, in which documents are only marked deleted, and a small
/// segment of what came since, made anew for every batch. A third segment, of the deleted documents, is there for its term
/// statistics alone: they are taken off, so that scores are those of an index built from the living documents.
/// </summary>
internal sealed class SideWriter(Analyzer analyzer, int mostRecent)
{
    private readonly Dictionary<string, int> _baseNumbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AnalysedListing> _recent = new(StringComparer.Ordinal);
    private readonly List<AnalysedListing> _removed = [];
    private ulong[] _deleted = [];
    private Segment _baseSegment = Segment.Empty;
    private SideSnapshot? _snapshot;

    public void Upsert(Listing listing)
    {
        Remove(listing.Id);
        _recent[listing.Id] = analyzer.Analyse(listing);
        _snapshot = null;
    }

    public void Remove(string id)
    {
        if (_recent.Remove(id))
            _snapshot = null;
        if (!_baseNumbers.Remove(id, out int number))
            return;
        _deleted[number >> 6] |= 1UL << (number & 63);
        _removed.Add(analyzer.Analyse(_baseSegment.Listings[number]));
        _snapshot = null;
    }

    public SideSnapshot Snapshot() => _snapshot ??= new SideSnapshot(
        _baseSegment,
        new Bits([.. _deleted]),
        Segment.Build([.. _recent.Values], analyzer.TermScratch()),
        Segment.Build(_removed, analyzer.TermScratch()));

    /// <summary>Makes one base segment of everything when enough has changed. True when it did.</summary>
    public bool Merge()
    {
        if (_recent.Count <= mostRecent && _removed.Count <= mostRecent)
            return false;
        SideSnapshot last = Snapshot();
        _baseSegment = _baseSegment.Count == 0 ? last.Recent : Segment.Merge(last.Base, last.Deleted, last.Removed, last.Recent);
        _deleted = new ulong[(_baseSegment.Count + 63) / 64];
        _recent.Clear();
        _removed.Clear();
        _baseNumbers.Clear();
        for (int number = 0; number < _baseSegment.Count; number++)
            _baseNumbers.Add(_baseSegment.Listings[number].Id, number);
        _snapshot = null;
        return true;
    }
}

/// <summary>One side at one moment; it never changes. Documents are numbered through the base segment, then the recent one.</summary>
internal sealed record SideSnapshot(Segment Base, Bits Deleted, Segment Recent, Segment Removed)
{
    /// <summary>The number of living documents.</summary>
    public int Count { get; } = Base.Count - Removed.Count + Recent.Count;

    /// <summary>The mean document length in terms.</summary>
    public double AverageLength { get; } = Base.Count - Removed.Count + Recent.Count is > 0 and int count
        ? (double)(Base.TotalLength - Removed.TotalLength + Recent.TotalLength) / count
        : 0;

    /// <summary>The number of living documents that hold a term.</summary>
    public int DocumentFrequency(int term) =>
        term < 0 ? 0 : Base.Find(term).Count - Removed.Find(term).Count + Recent.Find(term).Count;

    public bool IsLiving(int document) => document >= Base.Count || !Deleted[document];

    public Listing Listing(int document) =>
        document < Base.Count ? Base.Listings[document] : Recent.Listings[document - Base.Count];

    public int Length(int document) =>
        document < Base.Count ? Base.Lengths[document] : Recent.Lengths[document - Base.Count];

    public int TermFrequency(int term, int document) => term < 0 ? 0 : document < Base.Count
        ? Base.Find(term).In(document)
        : Recent.Find(term).In(document - Base.Count);
}
