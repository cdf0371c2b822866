namespace Marketplace.Matching;

/// <summary>Orders the first hundreds that the text has found by everything that is known.</summary>
internal static class SecondStage
{
    private const int Fewest = 200;

    /// <summary>How many candidates the first stage hands over for so many matches.</summary>
    public static int Candidates(int limit) => (int)Math.Min(int.MaxValue, Math.Max(5L * limit, Fewest));

    public static List<Match> Rank(Query query, List<Candidate> candidates, int limit)
    {
        var ranked = new List<(double Score, Candidate Candidate)>(candidates.Count);
        foreach (Candidate candidate in candidates)
            ranked.Add((Evidence.Total(query, Facts(query, candidate), candidate.Text), candidate));
        ranked.Sort(static (one, other) =>
        {
            int byScore = other.Score.CompareTo(one.Score);
            return byScore != 0 ? byScore : one.Candidate.Utf8Id.SequenceCompareTo(other.Candidate.Utf8Id);
        });

        var matches = new List<Match>(Math.Min(limit, ranked.Count));
        foreach ((double score, Candidate candidate) in ranked.Take(limit))
        {
            Listing listing = Facts(query, candidate);
            var parts = new List<Part> { new(ReasonKind.Terms, candidate.Text, Verdict.Met) };
            Evidence.AddParts(parts, query, listing, candidate.Text);
            matches.Add(new Match(candidate.Id, score, parts));
        }

        return matches;
    }

    private static Listing Facts(Query query, Candidate candidate) =>
        candidate.View.Segment.Facts.Listing(candidate.Document, "", query.Side);
}
