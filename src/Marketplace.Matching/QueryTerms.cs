namespace Marketplace.Matching;

/// <summary>A distinct term of a query.</summary>
/// <param name="Number">Its number in the vocabulary; -1 for one that no listing ever held.</param>
/// <param name="Weight">The weight of its kind.</param>
internal readonly record struct QueryTerm(int Number, double Weight)
{
    /// <summary>How often the query holds it.</summary>
    public int Frequency { get; init; }

    /// <summary>What one unit of <see cref="Bm25.Saturation"/> is worth: kind, rarity and frequency in the query.</summary>
    public double Factor { get; init; }
}

internal enum TermKind
{
    Character,
    Pair,
    Word,
}

/// <summary>One occurrence of a term in the query's text.</summary>
internal readonly record struct Occurrence(int Term, int Start, int Length, TermKind Kind);

/// <summary>A query's text as distinct terms, in the order of their first occurrence, and as occurrences.</summary>
internal sealed class QueryTerms
{
    private readonly List<QueryTerm> terms = [];
    private readonly List<Occurrence> occurrences = [];

    private QueryTerms(FoldedText text) => Text = text;

    public FoldedText Text { get; }

    public IReadOnlyList<Occurrence> Occurrences => occurrences;

    public QueryTerm[] Terms { get; private set; } = [];

    /// <summary>The score of a document that holds just the query's text.</summary>
    public double IdealScore { get; private set; }

    public static QueryTerms Of(string text, Vocabulary vocabulary, SideSnapshot side)
    {
        var query = new QueryTerms(FoldedText.Of(text));
        var sink = new Collector(query, vocabulary);
        Tokenizer.Scan(query.Text.Folded, ref sink);
        query.Weigh(side);
        return query;
    }

    private void Weigh(SideSnapshot side)
    {
        var bm25 = new Bm25(side);
        double idealNorm = bm25.IdealNorm(occurrences.Count);
        Terms = [.. terms];
        for (int i = 0; i < Terms.Length; i++)
        {
            QueryTerm term = Terms[i];
            double factor = term.Weight * term.Frequency * bm25.Idf(side.DocumentFrequency(term.Number));
            Terms[i] = term with { Factor = factor };
            IdealScore += factor * Bm25.Saturation(term.Frequency, idealNorm);
        }
    }

    private readonly struct Collector(QueryTerms query, Vocabulary vocabulary) : ITermSink
    {
        // By key and not by number: terms that no listing holds have no number, yet each weighs on the ideal score.
        private readonly Dictionary<ulong, int> han = [];
        private readonly Dictionary<string, int> words = new(StringComparer.Ordinal);

        public void Han(ulong key, bool pair, int start, int length)
        {
            if (!han.TryGetValue(key, out int place))
            {
                place = Add(vocabulary.Find(key), pair ? Bm25.PairWeight : Bm25.CharacterWeight);
                han.Add(key, place);
            }

            Count(new Occurrence(place, start, length, pair ? TermKind.Pair : TermKind.Character));
        }

        public void Word(ReadOnlySpan<char> word, int start)
        {
            var known = words.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!known.TryGetValue(word, out int place))
            {
                place = Add(vocabulary.Find(word), Bm25.WordWeight);
                known[word] = place;
            }

            Count(new Occurrence(place, start, word.Length, TermKind.Word));
        }

        private int Add(int number, double weight)
        {
            query.terms.Add(new QueryTerm(number, weight));
            return query.terms.Count - 1;
        }

        private void Count(Occurrence occurrence)
        {
            query.occurrences.Add(occurrence);
            QueryTerm term = query.terms[occurrence.Term];
            query.terms[occurrence.Term] = term with { Frequency = term.Frequency + 1 };
        }
    }
}
