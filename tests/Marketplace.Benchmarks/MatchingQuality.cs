namespace Marketplace.Benchmarks;

/// <summary>Means over the queries of a set. What a query finds is the ids in their order, without the excluded one.</summary>
sealed class MatchingQuality
{
    int _queries;
    double _reciprocalRank, _first, _ten, _hundred, _gain;

    /// <summary>The mean of one over the rank of the first relevant document, 0 where none is among the first ten.</summary>
    public double ReciprocalRank => _reciprocalRank / _queries;

    /// <summary>The share of the relevant documents that are found first, among ten, among a hundred.</summary>
    public (double One, double Ten, double Hundred) Recall => (_first / _queries, _ten / _queries, _hundred / _queries);

    /// <summary>Normalised discounted cumulative gain at ten; a grade g gains 2^g − 1, discounted by log2(rank + 1).</summary>
    public double Gain => _gain / _queries;

    public void Add(SetQuery query, IReadOnlyList<string> found)
    {
        _queries++;
        var first = found.Take(10).ToList().FindIndex(query.Grades.ContainsKey);
        _reciprocalRank += first < 0 ? 0 : 1.0 / (first + 1);
        _first += RecallAt(1);
        _ten += RecallAt(10);
        _hundred += RecallAt(100);
        _gain += Discounted(found.Select(id => query.Grades.GetValueOrDefault(id))) / Discounted(query.Grades.Values.OrderDescending());

        double RecallAt(int limit) => found.Take(limit).Count(query.Grades.ContainsKey) / (double)query.Grades.Count;
    }

    static double Discounted(IEnumerable<int> grades) => grades.Take(10).Select((grade, i) => (Math.Pow(2, grade) - 1) / Math.Log2(i + 2)).Sum();
}
