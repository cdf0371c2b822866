namespace Marketplace.Matching;

/// <summary>The reason that lies in the texts: which phrases they share.</summary>
internal static class SharedTerms
{
    private const int MostPhrases = 12;

    // A phrase is read, not studied; and the bounds keep the search for it short.
    private const int LongestPhrase = 24;
    private const int MostRuns = 2 * MostPhrases;

    public static Reason Reason(SideSnapshot side, QueryTerms query, Listing listing, double weight)
    {
        List<string> phrases = Phrases(side, query, FoldedText.Of(listing.Words()).Folded);
        return new Reason(
            ReasonKind.Terms,
            weight,
            Verdict.Met,
            $"共有词语：{string.Join('、', phrases)}",
            $"Shared terms: {string.Join(", ", phrases)}.",
            phrases);
    }

    private static List<string> Phrases(SideSnapshot side, QueryTerms query, string text)
    {
        double[] contributions = Contributions(side, query, text);
        List<Span> runs = Heaviest(Runs(query, contributions, characters: false), MostRuns);
        if (runs.Count == 0)
            runs = Heaviest(Runs(query, contributions, characters: true), MostRuns);

        double[] pairs = PairContributions(query, contributions);
        var whole = new List<Span>();
        foreach (Span run in runs)
            Split(run, query.Text.Folded, pairs, text, whole);

        var phrases = new List<string>();
        foreach (Span span in Heaviest(whole, int.MaxValue))
        {
            string phrase = query.Text.Shown.Substring(span.Start, span.Length);
            if (!phrases.Exists(p => p.Contains(phrase, StringComparison.OrdinalIgnoreCase)))
                phrases.Add(phrase);
            if (phrases.Count == MostPhrases)
                break;
        }

        return phrases;
    }

    /// <summary>What one occurrence of each query term adds to the score of the text; 0 for a term that it does not hold.</summary>
    private static double[] Contributions(SideSnapshot side, QueryTerms query, string text)
    {
        var counter = new Counter(query);
        Tokenizer.Scan(text, ref counter);
        double norm = side.Bm25.Norm(counter.Length);
        var contributions = new double[query.Terms.Length];
        for (int i = 0; i < contributions.Length; i++)
        {
            QueryTerm term = query.Terms[i];
            contributions[i] = term.Factor / term.Frequency * Bm25.Saturation(counter.Frequencies[i], norm);
        }

        return contributions;
    }

    /// <summary>For each place of the query's text, the contribution of the pair that begins there.</summary>
    private static double[] PairContributions(QueryTerms query, double[] contributions)
    {
        var pairs = new double[query.Text.Folded.Length];
        foreach (Occurrence occurrence in query.Occurrences)
        {
            if (occurrence.Kind == TermKind.Pair)
                pairs[occurrence.Start] = contributions[occurrence.Term];
        }

        return pairs;
    }

    /// <summary>Shared words and the longest rows of overlapping shared pairs; or shared characters, when nothing longer is shared.</summary>
    private static List<Span> Runs(QueryTerms query, double[] contributions, bool characters)
    {
        var runs = new List<Span>();
        bool open = false;
        foreach (Occurrence occurrence in query.Occurrences)
        {
            if (occurrence.Kind == TermKind.Character != characters)
                continue;
            double contribution = contributions[occurrence.Term];
            bool shared = contribution > 0, pair = occurrence.Kind == TermKind.Pair;
            if (shared && open && pair && occurrence.Start < runs[^1].End)
                runs[^1] = runs[^1].Through(occurrence.Start + occurrence.Length, contribution);
            else if (shared)
                runs.Add(new Span(occurrence.Start, occurrence.Length, contribution));
            open = shared && pair;
        }

        return runs;
    }

    /// <summary>
    /// Pairs that overlap in the query may stand apart in the document: cuts a run into the longest phrases that the document holds whole.
    /// </summary>
    private static void Split(Span run, string query, double[] pairs, string text, List<Span> phrases)
    {
        if (pairs[run.Start] == 0)
        {
            phrases.Add(run);
            return;
        }

        int start = run.Start;
        while (true)
        {
            int last = Next(query, start), end = Next(query, last);
            double contribution = pairs[start];
            while (end < run.End && Next(query, end) - start <= LongestPhrase
                && text.AsSpan().Contains(query.AsSpan(start, Next(query, end) - start), StringComparison.Ordinal))
            {
                contribution += pairs[last];
                last = end;
                end = Next(query, end);
            }

            phrases.Add(new Span(start, end - start, contribution));
            if (end >= run.End)
                return;
            start = last;
        }
    }

    /// <summary>The place of the character after the one at <paramref name="place"/>.</summary>
    private static int Next(string text, int place) => place + (char.IsHighSurrogate(text[place]) ? 2 : 1);

    private static List<Span> Heaviest(List<Span> spans, int count)
    {
        spans.Sort();
        if (spans.Count > count)
            spans.RemoveRange(count, spans.Count - count);
        return spans;
    }

    /// <summary>A stretch of the query's text and what it adds to the score.</summary>
    private readonly record struct Span(int Start, int Length, double Contribution) : IComparable<Span>
    {
        public int End => Start + Length;

        public Span Through(int end, double more) => new(Start, end - Start, Contribution + more);

        public int CompareTo(Span other)
        {
            int byContribution = other.Contribution.CompareTo(Contribution);
            return byContribution != 0 ? byContribution : Start.CompareTo(other.Start);
        }
    }

    /// <summary>Counts the query's terms in another text.</summary>
    private struct Counter(QueryTerms query) : ITermSink
    {
        public int[] Frequencies { get; } = new int[query.Terms.Length];

        public int Length { get; private set; }

        public void Term(ulong key, TermKind kind, int start, int length)
        {
            Length++;
            if (query.PlaceOf(key) is >= 0 and var place)
                Frequencies[place]++;
        }
    }
}
