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

/// <summary>One occurrence of a term in the query's text.</summary>
internal readonly record struct Occurrence(int Term, int Start, int Length, TermKind Kind);

/// <summary>A query's text as distinct terms, in the order of their first occurrence, and as occurrences.</summary>
internal sealed class QueryTerms
{
    private readonly List<QueryTerm> _terms = [];
    private readonly List<Occurrence> _occurrences = [];
    private readonly Dictionary<ulong, int> _places = [];

    private QueryTerms(FoldedText text) => Text = text;

    public FoldedText Text { get; }

    public IReadOnlyList<Occurrence> Occurrences => _occurrences;

    public QueryTerm[] Terms { get; private set; } = [];

    /// <summary>The score of a document that holds just the query's text.</summary>
    public double IdealScore { get; private set; }

    /// <summary>The place of a term among <see cref="Terms"/>, or -1.</summary>
    public int PlaceOf(ulong key) => _places.TryGetValue(key, out int place) ? place : -1;

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
        double idealNorm = bm25.IdealNorm(_occurrences.Count);
        Terms = [.. _terms];
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
        public void Term(ulong key, TermKind kind, int start, int length)
        {
            // By key and not by number: terms that no listing holds have no number, yet each weighs on the ideal score.
            if (!query._places.TryGetValue(key, out int place))
            {
                place = query._terms.Count;
                query._places.Add(key, place);
                query._terms.Add(new QueryTerm(vocabulary.Find(key), Bm25.WeightOf(kind)));
            }

            query._occurrences.Add(new Occurrence(place, start, length, kind));
            QueryTerm term = query._terms[place];
            query._terms[place] = term with { Frequency = term.Frequency + 1 };
        }
    }
}
