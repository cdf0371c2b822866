namespace Marketplace.Matching;

/// <summary>
/// Orders the first hundreds that the text has found by everything that is known. The text's share of a score is a weighted mean of how
/// well the terms fit and how near the meanings are, this in proportion to the root of the fit, or the terms alone while there is no model;
/// evidence beside the text moves it. Each is a part of the score that depends on the query, the listing and the statistics of the side,
/// never on the other matches.
/// </summary>
internal static class SecondStage
{
    // More would cost more than three times as much as the first stage for as many matches, and bring hardly a better one.
    private const int CandidatesEach = 15;
    private const int Fewest = 100;

    /// <summary>How many candidates the first stage hands over for so many matches.</summary>
    public static int Candidates(int limit) => (int)Math.Min(int.MaxValue, Math.Max((long)CandidatesEach * limit, Fewest));

    public static List<Match> Rank(Query query, QueryTerms terms, MatchModel? model, List<Candidate> candidates, int limit)
    {
        Span<sbyte> direction = stackalloc sbyte[MatchModel.Dimensions];
        if (model is not null)
            terms.Direction(model, direction);
        bool asks = Evidence.IsAsked(query);
        var ranked = new List<Ranked>(candidates.Count);
        foreach (Candidate candidate in candidates)
        {
            double meaning = 0, fit = candidate.Text;
            if (model is not null)
            {
                double near = MatchModel.Nearness(direction, candidate.View.Meanings![candidate.Document]);
                (fit, meaning) = Shares(fit, near, model.MeaningWeight);
            }

            double text = fit + meaning;
            ranked.Add(new Ranked(candidate, fit, meaning, asks ? Evidence.Total(query, Facts(query, candidate), text) : text));
        }

        ranked.Sort();
        var matches = new List<Match>(Math.Min(limit, ranked.Count));
        foreach (Ranked match in ranked.Take(limit))
        {
            var parts = new List<Part> { new(ReasonKind.Terms, match.Terms, Verdict.Met) };
            if (model is not null)
                parts.Add(new Part(ReasonKind.Meaning, match.Meaning, match.Meaning > 0 ? Verdict.Met : Verdict.Unmet));
            Evidence.AddParts(parts, query, Facts(query, match.Candidate), match.Terms + match.Meaning);
            matches.Add(new Match(match.Candidate.Id, match.Score, parts, model?.Version));
        }

        return matches;
    }

    // Even the best answer to a long query fits but a small part of it, and a small difference of the fit then tells as much as a great one
    // does for a short query. The root of the fit brings the meaning down with it, though never as far.
    private static (double Terms, double Meaning) Shares(double fit, double near, double meaningWeight) =>
        (fit / (1 + meaningWeight), meaningWeight * near * Math.Sqrt(fit) / (1 + meaningWeight));

    private static Listing Facts(Query query, Candidate candidate) =>
        candidate.View.Segment.Facts.Listing(candidate.Document, "", query.Side);

    private readonly record struct Ranked(Candidate Candidate, double Terms, double Meaning, double Score) : IComparable<Ranked>
    {
        public int CompareTo(Ranked other)
        {
            int byScore = other.Score.CompareTo(Score);
            return byScore != 0 ? byScore : Candidate.Utf8Id.SequenceCompareTo(other.Candidate.Utf8Id);
        }
    }
}
