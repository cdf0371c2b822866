using System.Runtime.CompilerServices;

namespace Marketplace.Matching;

/// <summary>
/// Okapi BM25: Robertson, Walker, Jones, Hancock-Beaulieu and Gatford, "Okapi at TREC-3" (1994); Robertson and Zaragoza, "The
/// Probabilistic Relevance Framework: BM25 and Beyond" (2009). Two departures, tuned on Chinese abstracts and titles: a rare term counts
/// more (the inverse document frequency to the power 1.25), and terms are weighted by their kind.
/// </summary>
internal sealed class Bm25
{
    /// <summary>How many times the words of a title count.</summary>
    public const int TitleWeight = 2;

    private const double K1 = 1.2;
    private const double B = 0.75;
    private const double IdfExponent = 1.25;

    // What nearly all postings are: terms that stand up to four times in documents of up to so many terms.
    private const int TabledFrequency = 4;
    private const int TabledLength = 1024;

    private readonly long _count;
    private readonly double _averageLength;
    private readonly double _perTerm;
    private readonly double[] _saturations = new double[TabledLength * TabledFrequency];

    /// <param name="count">How many documents there are.</param>
    /// <param name="totalLength">How many terms they hold together.</param>
    public Bm25(long count, long totalLength)
    {
        _count = count;
        _averageLength = count == 0 ? 0 : (double)totalLength / count;
        // A side whose documents hold no term has no postings to score; the guard keeps 0/0 out of the ideal score.
        _perTerm = K1 * B / Math.Max(_averageLength, 1);
        for (int length = 0; length < TabledLength; length++)
        {
            for (int frequency = 1; frequency <= TabledFrequency; frequency++)
                _saturations[(length * TabledFrequency) + frequency - 1] = Saturation(frequency, Norm(length));
        }
    }

    public static double WeightOf(TermKind kind) => kind switch
    {
        TermKind.Character => 0.25,
        TermKind.Pair => 1,
        TermKind.Word => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>What a document of this length adds to the term frequency in the denominator.</summary>
    public double Norm(double length) => (K1 * (1 - B)) + (_perTerm * length);

    public double Idf(long documentFrequency) => Math.Pow(Rarity(_count, documentFrequency), IdfExponent);

    /// <summary>The inverse document frequency itself.</summary>
    public static double Rarity(long count, long documentFrequency) =>
        Math.Log(1 + ((count - documentFrequency + 0.5) / (documentFrequency + 0.5)));

    /// <summary>How near the frequency of a term in a document of so many terms comes to its limit, <c>k1 + 1</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double SaturationIn(ushort length, int frequency) => frequency <= TabledFrequency && length < TabledLength
        ? _saturations[(length * TabledFrequency) + frequency - 1]
        : Saturation(frequency, Norm(length));

    /// <param name="frequency">The frequency of a term in a document.</param>
    /// <param name="norm">The <see cref="Norm"/> of the document.</param>
    public static double Saturation(int frequency, double norm) => frequency * (K1 + 1) / (frequency + norm);

    /// <summary>The length of the ideal document of a query: the query's own, but a long query does not ask for long documents.</summary>
    public double IdealNorm(int queryLength) => Norm(Math.Min(queryLength, _averageLength));
}
