using System.Text;

namespace Marketplace.Matching;

/// <summary>Keeps the best of what is offered.</summary>
internal sealed class BestCandidates(int limit, double idealScore, Continuation? after)
{
    private readonly PriorityQueue<double, Candidate> _kept = new();
    private readonly byte[] _afterId = after is { } last ? Encoding.UTF8.GetBytes(last.Id) : [];

    /// <summary>A score below this one cannot come in any more.</summary>
    public double Threshold { get; private set; }

    /// <summary>How many are kept, when every document may be; 0 when only those after a certain one.</summary>
    public int Wanted => after is null ? limit : 0;

    /// <param name="threshold">What at least as many documents as are kept score.</param>
    public void Raise(double threshold) => Threshold = Math.Max(Threshold, threshold);

    public void Offer(SegmentView view, int document, double score)
    {
        if (score < Threshold * FirstStage.Slack)
            return;
        var candidate = new Candidate(view, document, FirstStage.TextShare(score / idealScore));
        if (after is { } last && (candidate.Text > last.Score
            || (candidate.Text == last.Score && candidate.Utf8Id.SequenceCompareTo(_afterId) <= 0)))
            return;
        if (_kept.Count < limit)
            _kept.Enqueue(score, candidate);
        else
            _kept.EnqueueDequeue(score, candidate);
        if (_kept.Count == limit)
            Raise(_kept.Peek());
    }

    public List<Candidate> Sorted()
    {
        var candidates = new List<Candidate>(_kept.Count);
        foreach ((_, Candidate candidate) in _kept.UnorderedItems)
            candidates.Add(candidate);
        candidates.Sort(static (one, other) => other.CompareTo(one));
        return candidates;
    }
}
