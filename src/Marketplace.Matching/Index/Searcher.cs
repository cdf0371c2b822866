using System.Buffers;

namespace Marketplace.Matching;

/// <summary>Term-at-a-time search of one snapshot: a score for every document, then the best of them.</summary>
internal static class Searcher
{
    public static List<Match> Search(
        SideSnapshot side, Vocabulary vocabulary, Query query, int limit)
    {
        QueryTerms terms = QueryTerms.Of(query.Text, vocabulary, side);
        if (terms.IdealScore == 0)
            return [];

        int documents = side.Base.Count + side.Recent.Count;
        double[] scores = ArrayPool<double>.Shared.Rent(documents);
        try
        {
            Array.Clear(scores, 0, documents);
            var bm25 = new Bm25(side);
            Accumulate(side.Base, bm25, terms.Terms, scores.AsSpan(0, side.Base.Count));
            Accumulate(side.Recent, bm25, terms.Terms, scores.AsSpan(side.Base.Count, side.Recent.Count));
            return Matches(query, Best(side, query, terms, scores.AsSpan(0, documents), limit));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(scores);
        }
    }

    private static void Accumulate(Segment segment, Bm25 bm25, QueryTerm[] terms, Span<double> scores)
    {
        int[] lengths = segment.Lengths;
        foreach (QueryTerm term in terms)
        {
            if (term.Number < 0)
                continue;
            Postings postings = segment.Find(term.Number);
            ReadOnlySpan<int> documents = postings.Documents;
            ReadOnlySpan<ushort> frequencies = postings.Frequencies;
            for (int i = 0; i < documents.Length; i++)
            {
                int document = documents[i];
                scores[document] += term.Factor * Bm25.Saturation(frequencies[i], bm25.Norm(lengths[document]));
            }
        }
    }

    private static List<Candidate> Best(SideSnapshot side, Query query, QueryTerms terms, ReadOnlySpan<double> scores, int limit)
    {
        var best = new List<Candidate>();
        double least = 0;
        bool full = false;
        for (int document = 0; document < scores.Length; document++)
        {
            double ratio = scores[document] / terms.IdealScore;

            // No evidence can lift a document over this bound. Documents at the bound go on: ties are for the ids to break.
            if (ratio == 0 || (full && ratio * (1 + Evidence.MostGain) < least) || !side.IsLiving(document))
                continue;
            Listing listing = side.Listing(document);
            if (query.Filter?.Admits(listing) == false)
                continue;
            double text = TextShare(ratio);
            var candidate = new Candidate(document, listing, text, Evidence.Total(query, listing, text));
            if (query.After?.Precedes(candidate.Score, listing.Id) == false)
                continue;

            int place = best.BinarySearch(candidate);
            if (full && ~place >= limit)
                continue;
            if (full)
                best.RemoveAt(limit - 1);
            best.Insert(~place, candidate);
            full = best.Count == limit;
            if (full)
                least = best[limit - 1].Score;
        }

        return best;
    }

    /// <summary>
    /// The ratio itself while it is small; then it nears 1, and is not cut off there, so that a better ratio stays a better score: a
    /// document may well score more than the ideal one, by saying more often what the query says once.
    /// </summary>
    private static double TextShare(double ratio)
    {
        double square = ratio * ratio, fourth = square * square;
        return ratio / Math.Sqrt(Math.Sqrt(Math.Sqrt(1 + (fourth * fourth))));
    }

    private static List<Match> Matches(Query query, List<Candidate> best)
    {
        var matches = new List<Match>(best.Count);
        foreach (Candidate candidate in best)
        {
            var parts = new List<Part> { new(ReasonKind.Terms, candidate.Text, Verdict.Met) };
            Evidence.AddParts(parts, query, candidate.Listing, candidate.Text);
            matches.Add(new Match(candidate.Listing.Id, candidate.Score, parts));
        }

        return matches;
    }

    private readonly record struct Candidate(int Document, Listing Listing, double Text, double Score) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other)
        {
            int byScore = other.Score.CompareTo(Score);
            return byScore != 0 ? byScore : string.CompareOrdinal(Listing.Id, other.Listing.Id);
        }
    }
}
