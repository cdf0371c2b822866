using System.Text;
using System.Text.Json;

namespace Marketplace.Benchmarks;

/// <summary>What the market is filled with: the real abstracts beside the repository, or made ones where they are missing.</summary>
static class Texts
{
    /// <summary>Where the real texts lie.</summary>
    public static string Folder => Path.Combine(Server.Repository, "../shared/data");

    /// <summary>Achievements, each one line of JSON; as many as the real file holds.</summary>
    public static IReadOnlyList<string> Achievements { get; } = Read();

    static string[] Read()
    {
        var path = Path.Combine(Folder, "csl-dev/achievements.ndjson");
        if (File.Exists(path))
        {
            return File.ReadAllLines(path);
        }

        Gates.Say("The folder ../shared beside the repository is missing: the texts are made up.");
        var random = new Random(630100);
        return [.. Enumerable.Range(0, 14_292).Select(i => JsonSerializer.Serialize(new
        {
            externalId = $"made-{i}", title = Words(random, 12), summary = Words(random, 220), field = "newMaterials",
            keywords = Array.Empty<string>(), region = "630100", trl = 1 + (i % 9), modes = new[] { "transfer" },
            price = new { mode = "negotiated" }, publiclyFunded = false, holders = new[] { new { name = "某大学", share = 100 } },
        }))];
    }

    /// <summary>Common characters are drawn more often than rare ones, as in a language.</summary>
    static string Words(Random random, int length)
    {
        var text = new StringBuilder(length);
        for (var i = 0; i < length; i++)
        {
            text.Append((char)(0x4E00 + (int)(3000 * Math.Pow(random.NextDouble(), 2))));
        }

        return text.ToString();
    }
}
