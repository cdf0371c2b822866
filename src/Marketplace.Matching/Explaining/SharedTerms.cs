namespace Marketplace.Matching;

/// <summary>The reason that lies in the texts: which phrases they share, and where these stand in both.</summary>
internal static class SharedTerms
{
    private const int MostPhrases = 12;

    // A phrase is read, not studied.
    private const int LongestPhrase = 24;

    // Of a text that says one thing thousands of times the first places are looked at, and fewer are shown.
    private const int MostLookedAt = 256;
    private const int MostShown = 8;

    public static Reason Reason(SideSnapshot side, QueryTerms query, SourceText asked, SourceText found, double weight)
    {
        List<Phrase> phrases = Phrases(side, query, found.Folded);
        List<string> terms = phrases.ConvertAll(phrase => query.Text.Shown.Substring(phrase.Start, phrase.Length));
        // The listing may have been rewritten since it was indexed.
        (string zh, string en) = terms.Count == 0
            ? ("文本刚有修改，已无共有词语", "The text has just changed and shares no term any more.")
            : ($"共有词语：{string.Join('、', terms)}", $"Shared terms: {string.Join(", ", terms)}.");
        return new Reason(ReasonKind.Terms, weight, Verdict.Met, zh, en, terms)
        {
            QuerySpans = Spans(asked, phrases, phrase => phrase.Asked),
            ListingSpans = Spans(found, phrases, phrase => phrase.Found),
        };
    }

    private static List<TextSpan> Spans(SourceText text, List<Phrase> phrases, Func<Phrase, List<(int Start, int Length)>> places)
    {
        var spans = new List<TextSpan>();
        for (int i = 0; i < phrases.Count; i++)
            spans.AddRange(places(phrases[i]).Take(MostShown).Select(place => text.Locate(place.Start, place.Length, i)).OfType<TextSpan>());
        return spans;
    }

    private static List<Phrase> Phrases(SideSnapshot side, QueryTerms query, string text)
    {
        var counter = new Counter(query);
        Tokenizer.Scan(text, ref counter);
        double[] contributions = Contributions(side, query, counter);
        var phrases = new Dictionary<string, Phrase>(StringComparer.Ordinal);
        Add(phrases, query, counter, contributions, TermKind.Pair);
        Add(phrases, query, counter, contributions, TermKind.Word);
        if (phrases.Count == 0)
            Add(phrases, query, counter, contributions, TermKind.Character);

        var heaviest = new List<Phrase>();
        foreach (Phrase phrase in phrases.Values.OrderByDescending(phrase => phrase.Contribution).ThenBy(phrase => phrase.Start))
        {
            ReadOnlySpan<char> words = query.Text.Folded.AsSpan(phrase.Start, phrase.Length);
            bool isPart = false;
            foreach (Phrase whole in heaviest)
                isPart |= query.Text.Folded.AsSpan(whole.Start, whole.Length).IndexOf(words, StringComparison.Ordinal) >= 0;
            if (!isPart)
                heaviest.Add(phrase);
            if (heaviest.Count == MostPhrases)
                break;
        }

        return heaviest;
    }

    /// <summary>What one occurrence of each query term adds to the score of the text; 0 for a term that it does not hold.</summary>
    private static double[] Contributions(SideSnapshot side, QueryTerms query, Counter counter)
    {
        double norm = side.Bm25.Norm(counter.Length);
        var contributions = new double[query.Terms.Length];
        for (int i = 0; i < contributions.Length; i++)
        {
            QueryTerm term = query.Terms[i];
            contributions[i] = term.Factor / term.Frequency * Bm25.Saturation(counter.Frequencies[i], norm);
        }

        return contributions;
    }

    /// <summary>
    /// Adds the shared terms of a kind. Pairs that overlap in the query make one phrase, as long as they overlap in the text too: it is cut
    /// into the longest that stand there whole.
    /// </summary>
    private static void Add(Dictionary<string, Phrase> phrases, QueryTerms query, Counter counter, double[] contributions, TermKind kind)
    {
        List<Occurrence> asked = [.. query.Occurrences.Where(occurrence => occurrence.Kind == kind)];
        List<Occurrence> found = counter.Occurrences.FindAll(occurrence => occurrence.Kind == kind);
        ILookup<int, int> byTerm = Enumerable.Range(0, found.Count).ToLookup(i => found[i].Term);
        for (int first = 0, next; first < asked.Count; first = next)
        {
            next = first + 1;
            List<int> places = [.. byTerm[asked[first].Term].Take(MostLookedAt)];
            if (places.Count == 0)
                continue;
            double contribution = contributions[asked[first].Term];
            while (kind == TermKind.Pair && next < asked.Count && Follows(asked, next) && EndOf(asked[next]) - asked[first].Start <= LongestPhrase)
            {
                int step = next - first;
                List<int> longer = places.FindAll(place =>
                    place + step < found.Count && Follows(found, place + step) && found[place + step].Term == asked[next].Term);
                if (longer.Count == 0)
                    break;
                places = longer;
                contribution += contributions[asked[next].Term];
                next++;
            }

            int length = EndOf(asked[next - 1]) - asked[first].Start, terms = next - first;
            string words = query.Text.Folded.Substring(asked[first].Start, length);
            if (!phrases.TryGetValue(words, out Phrase? phrase))
            {
                phrase = new Phrase(asked[first].Start, length, contribution);
                phrase.Found.AddRange(places.Select(place => (found[place].Start, EndOf(found[place + terms - 1]) - found[place].Start)));
                phrases.Add(words, phrase);
            }

            phrase.Asked.Add((asked[first].Start, length));
        }
    }

    private static int EndOf(Occurrence occurrence) => occurrence.Start + occurrence.Length;

    /// <summary>Whether a pair begins inside the one before it in the list.</summary>
    private static bool Follows(List<Occurrence> pairs, int i) => pairs[i].Start < EndOf(pairs[i - 1]);

    /// <summary>A phrase of the query that the other text holds.</summary>
    private sealed record Phrase(int Start, int Length, double Contribution)
    {
        /// <summary>Its places in the query.</summary>
        public List<(int Start, int Length)> Asked { get; } = [];

        /// <summary>Its places in the other text, where a number may be written in another way.</summary>
        public List<(int Start, int Length)> Found { get; } = [];
    }

    /// <summary>Finds the query's terms in another text.</summary>
    private struct Counter(QueryTerms query) : ITermSink
    {
        public int[] Frequencies { get; } = new int[query.Terms.Length];

        public List<Occurrence> Occurrences { get; } = [];

        public int Length { get; private set; }

        public void Term(ulong key, TermKind kind, int start, int length)
        {
            Length++;
            int place = query.PlaceOf(key);
            if (place < 0)
                return;
            Frequencies[place]++;
            Occurrences.Add(new Occurrence(place, start, length, kind));
        }
    }
}
