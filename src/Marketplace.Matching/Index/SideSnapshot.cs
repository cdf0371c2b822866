namespace Marketplace.Matching;

/// <summary>
/// One side of the market at one moment; it never changes. Its statistics count a deleted document until its segment is merged: what
/// is left of it moves scores a little, and the same for all.
/// </summary>
internal sealed class SideSnapshot
{
    public SideSnapshot(Side side, SegmentView[] views, MatchModel? model)
    {
        Side = side;
        Model = model;
        Views = views;
        foreach (SegmentView view in views)
        {
            Count += view.Living;
            Documents += view.Segment.Count;
            TotalLength += view.Segment.TotalLength;
        }

        Bm25 = new Bm25(Documents, TotalLength);
    }

    public Side Side { get; }

    public SegmentView[] Views { get; }

    /// <summary>What the market has learned; every view has its <see cref="SegmentView.Meanings"/>.</summary>
    public MatchModel? Model { get; }

    /// <summary>The number of living documents.</summary>
    public int Count { get; }

    /// <summary>The number of documents, with the deleted ones that are not yet merged away.</summary>
    public long Documents { get; }

    public long TotalLength { get; }

    public Bm25 Bm25 { get; }
}
