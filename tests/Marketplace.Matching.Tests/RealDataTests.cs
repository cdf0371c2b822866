using System.Text.Json;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>Floors on real Chinese texts, which lie beside the repository and are no part of it.</summary>
public sealed class RealDataTests
{
    [TestCase("csl-dev", "q_title", 0.95)]
    [TestCase("cslp-dev", "q_problem", 0.83)]
    [TestCase("axz-dev", "q_need", 0.44)]
    public void The_right_document_is_found_as_often_as_the_reference_finds_it(string set, string queries, double least)
    {
        string folder = DataFolder();
        var index = new MarketIndex();
        index.Apply([.. Lines(Path.Combine(folder, set, "docs.jsonl")).Select(d => Market.Achievement(
            d.GetProperty("id").GetString()!, $"{d.GetProperty("title").GetString()}\n{d.GetProperty("abstract").GetString()}"))], []);
        const int asked = 500;

        double reciprocalRanks = 0;
        foreach (JsonElement query in Lines(Path.Combine(folder, set, queries + ".jsonl")).Take(asked))
        {
            JsonElement relevant = query.GetProperty("rel");
            IReadOnlyList<Match> found = index.Search(Market.Achievements(query.GetProperty("text").GetString()!), 10);
            int rank = found.TakeWhile(match => !relevant.TryGetProperty(match.Id, out _)).Count();
            if (rank < found.Count)
                reciprocalRanks += 1.0 / (rank + 1);
        }

        TestContext.Out.WriteLine($"MRR@10 {reciprocalRanks / asked:0.0000}");
        Assert.That(reciprocalRanks / asked, Is.GreaterThanOrEqualTo(least));
    }

    /// <summary>The documents of a set; the test is skipped by name where it is missing.</summary>
    internal static IEnumerable<(string Id, string Text)> Texts(string set) => Lines(Path.Combine(DataFolder(), set, "docs.jsonl"))
        .Select(document => (document.GetProperty("id").GetString()!, document.GetProperty("abstract").GetString()!));

    private static IEnumerable<JsonElement> Lines(string path) => File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement);

    private static string DataFolder()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Marketplace.sln")))
            folder = folder.Parent;
        string? data = folder?.Parent is { } beside ? Path.Combine(beside.FullName, "shared", "data") : null;
        if (!Directory.Exists(data))
            Assert.Ignore("The folder ../shared/data beside the repository is missing: real texts are not tested.");
        return data!;
    }
}
