namespace Marketplace.Matching;

/// <summary>
/// The published demands and achievements of a market, in memory. Any number of threads may search while one applies changes:
/// a search reads one unchanging snapshot and is never blocked.
/// </summary>
public sealed class MarketIndex
{
    /// <summary>The version of the ranking, told with its results; another one may score the same texts differently.</summary>
    public const string Algorithm = "pairs-bm25-2";

    // Merges of fewer listings are a matter of milliseconds and done on the thread that applies the batch.
    private const int MostAtOnce = 2048;

    // Segments are made from so many listings at once, on all processors; very long ones go into smaller segments.
    private const int MostInPiece = 8192;
    private const int MostUnitsInPiece = 4_000_000;

    private readonly Lock _writing = new();
    private readonly Func<string, (string Zh, string En)> _labels;
    private readonly SideWriter _demands;
    private readonly SideWriter _achievements;
    private volatile FrozenMarket _current;

    // Begins anywhere: a cursor that another process gave out must not name a market of this one. No ranking depends on it.
    private long _number = Random.Shared.NextInt64(1L << 48);
    private volatile MatchModel? _model;

    /// <summary>An index of nothing.</summary>
    /// <param name="labels">The Chinese and English label of a field's, region's or mode's code, for the reasons; the code itself without it.</param>
    public MarketIndex(Func<string, (string Zh, string En)>? labels = null)
        : this(MostAtOnce, labels)
    {
    }

    /// <param name="mostAtOnce">How many listings are merged at once; more are merged in the background.</param>
    /// <param name="labels">As above.</param>
    internal MarketIndex(int mostAtOnce, Func<string, (string Zh, string En)>? labels = null)
    {
        _labels = labels ?? (code => (code, code));
        _demands = new SideWriter(Side.Demands, mostAtOnce, EndMerge);
        _achievements = new SideWriter(Side.Achievements, mostAtOnce, EndMerge);
        _current = new FrozenMarket(_number, _demands.Snapshot(), _achievements.Snapshot());
    }

    /// <summary>
    /// Applies one batch; searches see all of it or nothing of it. Removals come first, then upserts in their order, so that of several
    /// with one id the last stays. Load a whole market in few batches: a batch becomes a segment, and segments are merged again and again.
    /// </summary>
    /// <param name="upserts">Listings to add, or to put in the place of those with the same id, on whichever side those were.</param>
    /// <param name="removals">Ids to remove; unknown ones are ignored.</param>
    /// <exception cref="ArgumentException">An id is not well-formed UTF-16; nothing is applied then.</exception>
    public void Apply(IReadOnlyCollection<Listing> upserts, IReadOnlyCollection<string> removals)
    {
        ArgumentNullException.ThrowIfNull(upserts);
        ArgumentNullException.ThrowIfNull(removals);
        var last = new Dictionary<string, Listing>(upserts.Count, StringComparer.Ordinal);
        foreach (Listing listing in upserts)
            last[listing.Id] = listing;
        List<byte[]> gone = [.. removals.Concat(last.Keys).Select(Ids.Encode)];
        SegmentView[] demands = Build(last.Values, Side.Demands, _model), achievements = Build(last.Values, Side.Achievements, _model);
        lock (_writing)
        {
            foreach (byte[] id in gone)
            {
                _demands.Remove(id);
                _achievements.Remove(id);
            }

            _demands.EndBatch(demands);
            _achievements.EndBatch(achievements);
            _demands.Merge();
            _achievements.Merge();
            Publish();
        }
    }

    /// <summary>
    /// Lets searches see by another model, all at once from one moment on. Searches are never blocked; changes wait for the end of it.
    /// </summary>
    /// <param name="model">What <see cref="MatchTrainer"/> has learned; null for none: the text's share of a score is then the terms' alone.</param>
    public void Use(MatchModel? model)
    {
        FrozenMarket now = _current;
        var known = new Dictionary<Segment, Meanings>();
        foreach (SegmentView view in now.Demands.Views.Concat(now.Achievements.Views))
        {
            if (model is not null)
                known.Add(view.Segment, Meanings.Of(view.Segment, model));
        }

        lock (_writing)
        {
            _model = model;
            _demands.Use(model, known);
            _achievements.Use(model, known);
            Publish();
        }
    }

    /// <summary>What searches see by now.</summary>
    public FrozenMarket Current => _current;

    /// <summary>The version of the model that searches see by now; null for none.</summary>
    public string? ModelVersion => _current.Achievements.Model?.Version;

    /// <summary>The number of listings on a side.</summary>
    /// <param name="side">The side to count.</param>
    /// <returns>The count in the newest snapshot.</returns>
    public int Count(Side side) => _current.Count(side);

    /// <summary>
    /// The best matches for a query, best first; equal scores by the order of the ids' UTF-8 bytes. What shares no term with the query is no
    /// match, however well the rest fits. Evidence beside the text orders the first hundreds that the text finds.
    /// </summary>
    /// <param name="query">What to look for.</param>
    /// <param name="limit">The most to return, at least 1.</param>
    /// <returns>At most <paramref name="limit"/> matches; empty when nothing shares a term with the query.</returns>
    public IReadOnlyList<Match> Search(Query query, int limit) => Find(_current, query, limit);

    /// <summary>
    /// A page of everything that shares a term with the query, ranked by the text alone: unlike <see cref="Search"/> it has no last page
    /// but the last. Equal scores are in the order of the ids' UTF-8 bytes.
    /// </summary>
    /// <param name="query">What to look for; of it only the side, the text and the filter count.</param>
    /// <param name="limit">The most to return, at least 1.</param>
    /// <param name="after">The last match of the page before; null begins at the best.</param>
    /// <returns>At most <paramref name="limit"/> matches.</returns>
    public IReadOnlyList<Match> List(Query query, int limit, Continuation? after = null) =>
        _current.List(query, limit, after);

    /// <summary>The parts of matches in words, with what the two texts share.</summary>
    /// <param name="query">The query that found them.</param>
    /// <param name="found">What <see cref="Search"/> returned, each with its listing and the texts of that.</param>
    /// <returns>For each match, in their order, a reason for each part, in theirs.</returns>
    public IReadOnlyList<IReadOnlyList<Reason>> Explain(Query query, IReadOnlyList<(Match Match, Listing Listing)> found)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(found);
        SideSnapshot side = _current.Of(query.Side);
        QueryTerms terms = QueryTerms.Of(query.Text, side);
        SourceText asked = SourceText.Of(query);
        return [.. found.Select(one => one.Match.Parts.Select(part => part.Kind == ReasonKind.Terms
            ? SharedTerms.Reason(side, terms, asked, SourceText.Of(one.Listing), part.Weight)
            : Wording.Reason(part, query, one.Listing, _labels)).ToList())];
    }

    /// <summary>
    /// Writes the index as it is now, without the model; batches may be applied meanwhile and are not in it. <see cref="Load"/> reads it back.
    /// </summary>
    /// <param name="stream">Where to write; it is left open.</param>
    /// <param name="mark">What the caller wants to know again: how far it had read when it last applied a batch.</param>
    public void Save(Stream stream, string mark)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(mark);
        FrozenMarket snapshot = _current;
        var writer = new SnapshotWriter(stream);
        writer.Strings([mark]);
        foreach (SideSnapshot side in new[] { snapshot.Demands, snapshot.Achievements })
        {
            writer.Number(side.Views.Length);
            foreach (SegmentView view in side.Views)
                StoredSegment.Save(writer, view);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, and finds in it what the stored index found.</summary>
    /// <param name="stream">The stored index from its beginning.</param>
    /// <param name="labels">As for a new index.</param>
    /// <returns>The index, and the mark that it was stored with.</returns>
    /// <exception cref="SnapshotException">It is cut short, damaged, of another version, or something else.</exception>
    public static (MarketIndex Index, string Mark) Load(Stream stream, Func<string, (string Zh, string En)>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = new SnapshotReader(stream);
        string mark = string.Concat(reader.Strings());
        var index = new MarketIndex(labels);
        foreach (SideWriter side in new[] { index._demands, index._achievements })
        {
            for (long left = reader.Number(); left > 0; left--)
                side.Add(StoredSegment.Load(reader));
        }

        index.Publish();
        return (index, mark);
    }

    /// <summary>Waits until nothing is merged in the background.</summary>
    internal void Settle()
    {
        Task[] merging;
        while (!Array.TrueForAll(merging = [_demands.Merging, _achievements.Merging], task => task.IsCompletedSuccessfully))
            Task.WaitAll(merging);
    }

    /// <summary>Makes one segment of each side. Not while another thread applies a batch.</summary>
    internal void MergeAll()
    {
        Settle();
        lock (_writing)
        {
            _demands.MergeAll();
            _achievements.MergeAll();
            Publish();
        }
    }

    internal SideSnapshot Now(Side side) => _current.Of(side);

    private static List<Match> Find(FrozenMarket market, Query query, int limit)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        SideSnapshot side = market.Of(query.Side);
        QueryTerms terms = QueryTerms.Of(query.Text, side);
        // Where nothing but the terms is known, their order is the last word.
        int candidates = side.Model is null && !Evidence.IsAsked(query) ? limit : SecondStage.Candidates(limit);
        return SecondStage.Rank(query, terms, side.Model, FirstStage.Search(side, terms, query.Filter, after: null, candidates), limit);
    }

    private static SegmentView[] Build(IEnumerable<Listing> listings, Side side, MatchModel? model)
    {
        var pieces = new List<List<Listing>>();
        int units = MostUnitsInPiece;
        foreach (Listing listing in listings)
        {
            if (listing.Side != side)
                continue;
            if (units >= MostUnitsInPiece || pieces[^1].Count == MostInPiece)
            {
                pieces.Add([]);
                units = 0;
            }

            pieces[^1].Add(listing);
            units += listing.Title.Length + listing.Text.Length;
        }

        var views = new SegmentView[pieces.Count];
        Parallel.For(0, pieces.Count, i =>
        {
            Segment segment = SegmentBuilder.Build(pieces[i]);
            views[i] = new SegmentView(segment, null, 0, model is null ? null : Meanings.Of(segment, model));
        });
        return views;
    }

    private void EndMerge(Action replace)
    {
        lock (_writing)
        {
            replace();
            _demands.Merge();
            _achievements.Merge();
            Publish();
        }
    }

    private void Publish() => _current = new FrozenMarket(++_number, _demands.Snapshot(), _achievements.Snapshot());
}
