using System.Numerics;
using System.Runtime.InteropServices;
using static Marketplace.Matching.PostingsLayout;

namespace Marketplace.Matching;

/// <summary>A document found by its text.</summary>
/// <param name="View">Its segment.</param>
/// <param name="Document">Its number there.</param>
/// <param name="Text">How well the text fits, 0–1; see <see cref="FirstStage.TextShare"/>.</param>
internal readonly record struct Candidate(SegmentView View, int Document, double Text) : IComparable<Candidate>
{
    public ReadOnlySpan<byte> Utf8Id => View.Segment.Ids.Utf8(Document);

    public string Id => View.Segment.Ids.Of(Document);

    /// <summary>The better one is the greater one; of equal ones, the one whose id comes first.</summary>
    public int CompareTo(Candidate other)
    {
        int byText = Text.CompareTo(other.Text);
        return byText != 0 ? byText : other.Utf8Id.SequenceCompareTo(Utf8Id);
    }
}

/// <summary>
/// The documents whose texts fit a query best, exactly as if every document had been scored: MaxScore (Turtle and Flood, "Query Evaluation:
/// Strategies and Optimizations", 1995) over windows of documents. In each window the terms that together could not lift a document into
/// the results are left out at first, and are then only asked for in documents that still can come in. Every document's score is summed in
/// the same order of terms, so that leaving out changes no bit of it.
/// </summary>
internal sealed class FirstStage
{
    // Bounds are summed in another order than scores, so that both may differ in their last bits.
    public const double Slack = 1 - 1e-9;

    // Postings of rare terms that are looked into before the windows are. More of them cost more than the better threshold saves.
    private const int MostPromises = 512;

    private const int ListedAtOnce = 4;

    [ThreadStatic]
    private static FirstStage? s_ofThread;

    private readonly double[] _scores = new double[Window];
    private readonly int[] _left = new int[Window + ListedAtOnce];
    private readonly ulong[] _mask = new ulong[WindowWords];
    private readonly ulong[] _scored = new ulong[WindowWords];
    private readonly List<PostingsCursor> _cursors = [];
    private readonly int[] _documents = new int[MostPromises];
    private readonly byte[] _frequencies = new byte[MostPromises];
    private readonly Dictionary<int, double> _promises = [];
    private readonly PriorityQueue<int, double> _promising = new();
    private double[] _bounds = [];

    private FirstStage()
    {
    }

    /// <summary>The best candidates, best first; equal ones by id.</summary>
    /// <param name="side">Where to search.</param>
    /// <param name="terms">What to search for, weighed by the statistics of the same side.</param>
    /// <param name="filter">What is admitted.</param>
    /// <param name="after">The last one that is not wanted any more.</param>
    /// <param name="limit">The most to return, at least 1.</param>
    /// <param name="prune">False scores every document that shares a term: the measure for pruning.</param>
    public static List<Candidate> Search(
        SideSnapshot side, QueryTerms terms, Filter? filter, Continuation? after, int limit, bool prune = true)
    {
        FirstStage stage = s_ofThread ??= new FirstStage();
        var best = new BestCandidates(limit, terms.IdealScore, after);
        // In this order scores are summed and terms left out. It depends on the market alone, not on how it lies in segments.
        int[] order = [.. Enumerable.Range(0, terms.Terms.Length)
            .OrderByDescending(term => terms.Terms[term].Factor).ThenBy(term => terms.Terms[term].Key)];
        int largest = 0;
        for (int i = 0; i < side.Views.Length; i++)
        {
            int documents = side.Views[i].Segment.Count;
            stage.Search(side.Views[i], side.Bm25, terms, terms.Numbers[i], order, filter, best, prune, promises: documents > largest);
            largest = Math.Max(largest, documents);
        }

        return best.Sorted();
    }

    /// <summary>
    /// The ratio of a score to that of the ideal document, while it is small; then it nears 1, and is not cut off there, so that a better
    /// ratio stays a better score: a document may well score more than the ideal one, by saying more often what the query says once.
    /// </summary>
    public static double TextShare(double ratio)
    {
        double square = ratio * ratio, fourth = square * square;
        return ratio / Math.Sqrt(Math.Sqrt(Math.Sqrt(1 + (fourth * fourth))));
    }

    private void Search(
        SegmentView view, Bm25 bm25, QueryTerms terms, int[] numbers, int[] order, Filter? filter, BestCandidates best, bool prune,
        bool promises)
    {
        int count = 0;
        foreach (int term in order)
        {
            if (numbers[term] < 0)
                continue;
            if (count == _cursors.Count)
                _cursors.Add(new PostingsCursor());
            _cursors[count++].Open(view.Segment, numbers[term], terms.Terms[term].Factor);
        }

        if (count == 0)
            return;
        if (_bounds.Length <= count)
            _bounds = new double[2 * (count + 1)];
        var admission = new Admission(view, filter);
        ReadOnlySpan<ulong> mask = admission.IsOpen ? [] : _mask;
        ushort[] lengths = view.Segment.Lengths;
        int windows = Windows(lengths.Length);
        // Asking for all terms in a document costs about a quarter of what a window does: with too many results for the windows it does not
        // pay, nor where a larger segment has set the threshold.
        if (prune && promises && best.Wanted is > 0 and var wanted && wanted <= 4 * windows)
            best.Raise(Promised(lengths, bm25, count, admission, wanted));
        // Once; from here on a window that drops a document forgets its score.
        Array.Clear(_scores);
        Array.Clear(_scored);
        for (int window = 0; window < windows; window++)
        {
            double threshold = prune ? best.Threshold * Slack : 0;
            int essential = Bounds(window, bm25, count, threshold);
            if (essential == 0 || (!mask.IsEmpty && !admission.Fill(window * WindowWords, _mask)))
                continue;

            int added = 0;
            for (int i = 0; i < essential; i++)
                added += _cursors[i].Accumulate(window, bm25, lengths, mask, _scores, _scored);
            int next = essential;
            // Adding a term up costs no more than asking for it where more documents are left than hold it.
            for (; next < count && added > _cursors[next].PerWindow && HasMoreThan(_cursors[next].PerWindow, threshold - _bounds[next]); next++)
                added += _cursors[next].Accumulate(window, bm25, lengths, mask, _scores, _scored);
            int left = Collect(threshold - _bounds[next]);
            for (; next < count && left > 0; next++)
            {
                _cursors[next].Probe(window, bm25, lengths, _left.AsSpan(0, left), _scores);
                left = Keep(left, threshold - _bounds[next + 1]);
            }

            foreach (int place in _left.AsSpan(0, left))
            {
                best.Offer(view, (window * Window) + place, _scores[place]);
                _scores[place] = 0;
            }
        }
    }

    /// <summary>
    /// What the results score at least: the least score of as many documents as are wanted, chosen by the rare terms that they hold.
    /// Known before the first window, it keeps most terms out of all of them.
    /// </summary>
    /// <returns>0 when the rare terms are in too few documents.</returns>
    private double Promised(ReadOnlySpan<ushort> lengths, Bm25 bm25, int count, Admission admission, int wanted)
    {
        _promises.Clear();
        for (int i = 0, read = 0; i < count; i++)
        {
            PostingsCursor cursor = _cursors[i];
            if (read + cursor.Total > MostPromises)
                continue;
            read += cursor.Total;
            Span<int> documents = _documents.AsSpan(0, cursor.Total);
            cursor.ReadAll(documents, _frequencies);
            cursor.Rewind();
            foreach (int document in documents)
                CollectionsMarshal.GetValueRefOrAddDefault(_promises, document, out _) += cursor.Factor;
        }

        _promising.Clear();
        foreach ((int document, double promise) in _promises)
        {
            if (_promising.Count == wanted && _promising.TryPeek(out _, out double least) && promise <= least)
                continue;
            if (!admission.Admits(document))
                continue;
            if (_promising.Count == wanted)
                _promising.DequeueEnqueue(document, promise);
            else
                _promising.Enqueue(document, promise);
        }

        if (_promising.Count < wanted)
            return 0;
        int[] chosen = [.. _promising.UnorderedItems.Select(item => item.Element).Order()];
        double lowest = double.MaxValue;
        foreach (int document in chosen)
        {
            Span<int> place = [document % Window];
            _scores[place[0]] = 0;
            for (int i = 0; i < count; i++)
                _cursors[i].Probe(document / Window, bm25, lengths, place, _scores);
            lowest = Math.Min(lowest, _scores[place[0]]);
        }

        for (int i = 0; i < count; i++)
            _cursors[i].Rewind();
        return lowest;
    }

    /// <summary>
    /// Fills in, for each term, the most that it and all after it can add to a score in the window.
    /// </summary>
    /// <returns>How many of the first terms no result can do without: those after them cannot reach the threshold by themselves.</returns>
    private int Bounds(int window, Bm25 bm25, int count, double threshold)
    {
        _bounds[count] = 0;
        int essential = count;
        for (int i = count - 1; i >= 0; i--)
        {
            _bounds[i] = _bounds[i + 1] + _cursors[i].Bound(window, bm25);
            if (_bounds[i] < threshold || _bounds[i] == 0)
                essential = i;
        }

        return essential;
    }

    /// <summary>Whether more documents of the window than so many have been scored, and at least so high.</summary>
    private bool HasMoreThan(int count, double least)
    {
        for (int word = 0; word < WindowWords && count >= 0; word++)
        {
            for (ulong left = _scored[word]; left != 0; left &= left - 1)
                count -= _scores[(word << 6) + BitOperations.TrailingZeroCount(left)] >= least ? 1 : 0;
        }

        return count < 0;
    }

    /// <summary>Lists the documents of the window whose scores are at least so high, and not 0; the others are forgotten.</summary>
    private int Collect(double least)
    {
        int count = 0;
        for (int word = 0; word < WindowWords; word++)
        {
            ulong left = _scored[word];
            _scored[word] = 0;
            int next = count + BitOperations.PopCount(left);
            do
            {
                // As many at once as a word seldom has more than, whether they are there or not: how many are cannot be foreseen.
                for (int i = 0; i < ListedAtOnce; i++, left &= unchecked(left - 1))
                    _left[count++] = (word << 6) + BitOperations.TrailingZeroCount(left);
            }
            while (left != 0);
            count = next;
        }

        return Keep(count, Math.Max(least, double.Epsilon));
    }

    /// <summary>Drops the documents whose scores are lower: they cannot come in any more.</summary>
    /// <returns>How many are left.</returns>
    private int Keep(int left, double least)
    {
        Span<int> places = _left.AsSpan(0, left);
        int kept = 0;
        foreach (int place in places)
        {
            // Written always and counted only when kept: which it will be cannot be foreseen.
            places[kept] = place;
            bool isKept = _scores[place] >= least;
            kept += isKept ? 1 : 0;
            _scores[place] = isKept ? _scores[place] : 0;
        }

        return kept;
    }
}
