using System.Text;
using System.Text.RegularExpressions;

namespace Marketplace.Matching.Tests;

/// <summary>BM25 as one would write it on paper: every document against every term of the query, from the texts alone.</summary>
internal static partial class Oracle
{
    public static List<(string Id, double Score)> Rank(IReadOnlyCollection<Listing> listings, string query)
    {
        List<(string Id, List<string> Terms)> documents =
            [.. listings.Select(l => (l.Id, Terms(string.Join('\n', [l.Title, l.Title, l.Text, .. l.Keywords]))))];
        List<string> asked = Terms(query);
        if (documents.Count == 0 || asked.Count == 0)
            return [];
        double average = documents.Average(d => d.Terms.Count);
        double Idf(string term)
        {
            int holding = documents.Count(d => d.Terms.Contains(term));
            return Math.Pow(Math.Log(1 + ((documents.Count - holding + 0.5) / (holding + 0.5))), 1.25);
        }

        double Score(List<string> terms, double length) => asked.Sum(term =>
        {
            int frequency = terms.Count(t => t == term);
            return Weight(term) * Idf(term) * frequency * 2.2 / (frequency + (1.2 * (0.25 + (0.75 * length / Math.Max(average, 1)))));
        });

        double ideal = Score(asked, Math.Min(asked.Count, average));
        return [.. documents
            .Select(d => (d.Id, Score: Score(d.Terms, d.Terms.Count) / ideal))
            .Where(d => d.Score > 0)
            .Select(d => (d.Id, Score: d.Score / Math.Pow(1 + Math.Pow(d.Score, 8), 1.0 / 8)))
            .OrderByDescending(d => d.Score)];
    }

    private static double Weight(string term) => !IsHan(term[0]) ? 2 : term.Length == 1 ? 0.25 : 1;

    private static bool IsHan(char c) => c is >= '\u4E00' and <= '\u9FFF';

    private static List<string> Terms(string text)
    {
        var terms = new List<string>();
        foreach (System.Text.RegularExpressions.Match run in Run().Matches(text.Normalize(NormalizationForm.FormKC).ToLowerInvariant()))
        {
            if (IsHan(run.Value[0]))
            {
                terms.AddRange(run.Value.Select(c => c.ToString()));
                terms.AddRange(Enumerable.Range(0, run.Length - 1).Select(i => run.Value.Substring(i, 2)));
                continue;
            }

            terms.Add(run.Value);
            MatchCollection parts = Part().Matches(run.Value);
            if (parts.Count > 1)
                terms.AddRange(parts.Select(part => part.Value).Where(part => part.Length > 1));
        }

        return terms;
    }

    [GeneratedRegex("[\u4E00-\u9FFF]+|[a-z0-9]+")]
    private static partial Regex Run();

    [GeneratedRegex("[a-z]+|[0-9]+")]
    private static partial Regex Part();
}
