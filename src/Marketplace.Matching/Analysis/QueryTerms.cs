namespace Marketplace.Matching;

/// <summary>A distinct term of a query.</summary>
/// <param name="Key">See <see cref="TermKey"/>.</param>
/// <param name="Kind">The kind of term.</param>
internal readonly record struct QueryTerm(ulong Key, TermKind Kind)
{
    /// <summary>How often the query holds it.</summary>
    public int Frequency { get; init; }

    /// <summary>What one unit of <see cref="Bm25.Saturation"/> is worth: kind, rarity, frequency in the query, and what the model has learned.</summary>
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

    /// <summary>For each segment of the side, the number there of each of <see cref="Terms"/>, -1 where no document holds it.</summary>
    public int[][] Numbers { get; private set; } = [];

    /// <summary>The score of a document that holds just the query's text.</summary>
    public double IdealScore { get; private set; }

    /// <summary>The place of a term among <see cref="Terms"/>, or -1.</summary>
    public int PlaceOf(ulong key) => _places.TryGetValue(key, out int place) ? place : -1;

    public static QueryTerms Of(string text, SideSnapshot side)
    {
        var query = new QueryTerms(FoldedText.Of(text));
        var sink = new Collector(query);
        Tokenizer.Scan(query.Text.Folded, ref sink);
        query.Weigh(side);
        return query;
    }

    /// <summary>What the query is about, as a model sees it.</summary>
    public void Direction(MatchModel model, Span<sbyte> direction)
    {
        Span<float> sum = stackalloc float[MatchModel.Dimensions], vector = stackalloc float[MatchModel.Dimensions];
        sum.Clear();
        foreach (QueryTerm term in Terms)
        {
            if (model.Find(term.Key) is not (>= 0 and var row))
                continue;
            model.Read(row, vector);
            Vectors.Add(MatchModel.Share(term.Frequency), vector, sum);
        }

        MatchModel.Round(sum, direction);
    }

    private void Weigh(SideSnapshot side)
    {
        Terms = [.. _terms];
        Numbers = [.. side.Views.Select(view => Array.ConvertAll(Terms, term => view.Segment.Find(term.Key)))];
        Bm25 bm25 = side.Bm25;
        double idealNorm = bm25.IdealNorm(_occurrences.Count);
        for (int i = 0; i < Terms.Length; i++)
        {
            long documentFrequency = 0;
            for (int segment = 0; segment < Numbers.Length; segment++)
            {
                if (Numbers[segment][i] is >= 0 and var number)
                    documentFrequency += side.Views[segment].Segment.DocumentFrequency(number);
            }

            QueryTerm term = Terms[i];
            double factor = Bm25.WeightOf(term.Kind) * term.Frequency * bm25.Idf(documentFrequency) * (side.Model?.WeightOf(term.Key) ?? 1);
            Terms[i] = term with { Factor = factor };
            IdealScore += factor * Bm25.Saturation(term.Frequency, idealNorm);
        }
    }

    private readonly struct Collector(QueryTerms query) : ITermSink
    {
        public void Term(ulong key, TermKind kind, int start, int length)
        {
            if (!query._places.TryGetValue(key, out int place))
            {
                place = query._terms.Count;
                query._places.Add(key, place);
                query._terms.Add(new QueryTerm(key, kind));
            }

            query._occurrences.Add(new Occurrence(place, start, length, kind));
            QueryTerm term = query._terms[place];
            query._terms[place] = term with { Frequency = term.Frequency + 1 };
        }
    }
}
