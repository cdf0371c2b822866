namespace Marketplace.Matching;

/// <summary>
/// One side of the market as its one writer keeps it: segments, the oldest and largest first, in which documents are only marked deleted.
/// A batch becomes a segment; segments of similar size are merged, small ones at once and large ones in the background. All members are
/// called under the writer's lock.
/// </summary>
/// <param name="side">The side.</param>
/// <param name="most">Merges of so few documents are done at once.</param>
/// <param name="merged">Called when a merge in the background is complete, with what puts it in the place of its sources.</param>
internal sealed class SideWriter(Side side, int most, Action<Action> merged)
{
    // Above this share of deleted documents a segment is written anew.
    private const double MostDeleted = 0.2;

    // The postings of a segment lie in one array.
    private const long LongestPostings = 1 << 30;

    private readonly List<SegmentView> _views = [];
    private readonly HashSet<int> _copied = [];
    private SideSnapshot? _snapshot;
    private MatchModel? _model;

    // How many views, from the first, are before the end of the merge in the background; 0 when there is none.
    private int _busy;

    /// <summary>The latest merge in the background.</summary>
    public Task Merging { get; private set; } = Task.CompletedTask;

    public SideSnapshot Snapshot() => _snapshot ??= new SideSnapshot(side, [.. _views], _model);

    public void Add(SegmentView view)
    {
        _views.Add(Seen(view));
        _snapshot = null;
    }

    /// <summary>Marks the document with an id as deleted, if there is one. Ends with <see cref="EndBatch"/>.</summary>
    public void Remove(ReadOnlySpan<byte> id)
    {
        for (int i = 0; i < _views.Count; i++)
        {
            SegmentView view = _views[i];
            int document = view.Segment.Ids.Find(id);
            if (document < 0 || !view.IsLiving(document))
                continue;
            // Readers hold the bits of the snapshots before: each batch writes into copies.
            ulong[] deleted = view.Deleted ?? new ulong[(view.Segment.Count + 63) / 64];
            if (_copied.Add(i) && view.Deleted is not null)
                deleted = [.. deleted];
            deleted[document >> 6] |= 1UL << (document & 63);
            _views[i] = view with { Deleted = deleted, DeletedCount = view.DeletedCount + 1 };
            _snapshot = null;
            return;
        }
    }

    /// <param name="added">What the batch adds; no id of it is on this side any more.</param>
    public void EndBatch(IEnumerable<SegmentView> added)
    {
        _copied.Clear();
        foreach (SegmentView view in added)
            Add(view);
    }

    /// <summary>Sees the documents with another model, or with none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="known">What is known of segments already.</param>
    public void Use(MatchModel? model, IReadOnlyDictionary<Segment, Meanings> known)
    {
        _model = model;
        for (int i = 0; i < _views.Count; i++)
            _views[i] = Seen(_views[i] with { Meanings = known.GetValueOrDefault(_views[i].Segment) });
        _snapshot = null;
    }

    /// <summary>Merges what is to be merged: small segments at once, others in the background, one merge at a time.</summary>
    public void Merge()
    {
        while (Choose() is var (first, count) && count > 0)
        {
            SegmentView[] sources = [.. _views.GetRange(first, count)];
            if (sources.Sum(view => view.Living) > most)
            {
                if (_busy == 0)
                {
                    _busy = first + count;
                    Merging = Task.Run(() => InBackground(sources));
                }

                return;
            }

            Replace(sources, SegmentBuilder.Merge(sources));
        }
    }

    /// <summary>Makes one segment of everything, at once.</summary>
    public void MergeAll()
    {
        if (_views.Count > 1 || _views.Exists(view => view.DeletedCount > 0))
            Replace([.. _views], SegmentBuilder.Merge(_views));
    }

    private void InBackground(SegmentView[] sources)
    {
        Segment segment = SegmentBuilder.Merge(sources);
        merged(() =>
        {
            _busy = 0;
            Replace(sources, segment);
        });
    }

    /// <summary>Puts a merged segment in the place of its sources, and marks in it what was deleted in them meanwhile.</summary>
    private void Replace(SegmentView[] sources, Segment segment)
    {
        int first = _views.FindIndex(view => view.Segment == sources[0].Segment);
        var view = new SegmentView(segment, null, 0, _model is null ? null : Meanings.Merge(
            [.. sources.Select((then, i) => (_views[first + i].Meanings!, then.LivingDocuments()))], _model));
        int document = 0;
        for (int i = 0; i < sources.Length; i++)
        {
            SegmentView then = sources[i], now = _views[first + i];
            for (int old = 0; old < then.Segment.Count; old++)
            {
                if (!then.IsLiving(old))
                    continue;
                if (!now.IsLiving(old))
                {
                    view = view with { Deleted = view.Deleted ?? new ulong[(segment.Count + 63) / 64], DeletedCount = view.DeletedCount + 1 };
                    view.Deleted[document >> 6] |= 1UL << (document & 63);
                }

                document++;
            }
        }

        _views.RemoveRange(first, sources.Length);
        if (view.Living > 0)
            _views.Insert(first, view);
        _snapshot = null;
    }

    private SegmentView Seen(SegmentView view) => view.Meanings?.Model == _model
        ? view
        : view with { Meanings = _model is null ? null : Meanings.Of(view.Segment, _model) };

    /// <summary>Which neighbours to merge: from the first that is not larger than all after it together, to the last.</summary>
    private (int First, int Count) Choose()
    {
        int first = _views.Count;
        long after = 0, bytes = 0;
        // What is being merged in the background is left alone, and with it everything before it.
        for (int i = _views.Count - 1; i >= _busy; i--)
        {
            bytes += _views[i].Segment.Postings.Length;
            if (bytes > LongestPostings)
                break;
            if (i < _views.Count - 1 && _views[i].Living <= after)
                first = i;
            after += _views[i].Living;
        }

        if (first < _views.Count)
            return (first, _views.Count - first);
        int worn = _views.FindIndex(_busy, view => view.DeletedCount > MostDeleted * view.Segment.Count);
        return worn < 0 ? (0, 0) : (worn, 1);
    }
}
