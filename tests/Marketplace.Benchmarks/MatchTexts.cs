using System.Text;
using System.Text.Json;
using Marketplace.Matching;

namespace Marketplace.Benchmarks;

/// <summary>
/// A market of any size out of real clauses: texts of 150 characters, drawn from abstracts and put together anew, so that characters, pairs and
/// words are about as frequent as in real texts. The same for the same number.
/// </summary>
static class MatchTexts
{
    public const int Long = 150;
    public const int Short = 19;

    static readonly string[] Clauses = [.. Abstracts().SelectMany(text => text.Split(['。', '；', ';', '，', ',', '.'], StringSplitOptions.TrimEntries))
        .Where(clause => clause.Length > 5)];

    /// <summary>A text of a demand or an achievement.</summary>
    public static string Text(int number)
    {
        var random = new Random(number);
        var text = new StringBuilder(Long + 100);
        while (text.Length < Long)
        {
            text.Append(Clauses[random.Next(Clauses.Length)]).Append('，');
        }

        return text.ToString(0, Long);
    }

    /// <summary>Long queries are texts that are not in the market; short ones the beginnings of real titles.</summary>
    public static string[] Queries(int length, int count) => length == Long
        ? [.. Enumerable.Range(0, count).Select(i => Text(-1 - i))]
        : [.. Texts.Achievements.Select(line => Member(line, "title")).Where(title => title.Length >= length).Take(count).Select(title => title[..length])];

    public static Listing Achievement(int number) => new()
    {
        Id = $"ach_{number:d26}", Side = Side.Achievements, Text = Text(number), Field = $"field{number % 20}", Region = $"{11 + (number % 31)}01{number % 17:d2}",
        Modes = number % 3 == 0 ? ["licence"] : ["transfer", "licence", "equity"], Trl = 1 + (number % 9), Owner = $"pty_{number % 20_000:d26}",
        Money = number % 2 == 0 ? MoneyRange.Exactly(number % 500 * 1_000_000L) : null,
    };

    public static IEnumerable<Listing[]> Batches(int count) => Enumerable.Range(0, count).Chunk(20_000).Select(chunk =>
    {
        var batch = new Listing[chunk.Length];
        Parallel.For(0, batch.Length, i => batch[i] = Achievement(chunk[i]));
        return batch;
    });

    static IEnumerable<string> Abstracts() => Texts.Achievements.Select(line => Member(line, "summary"))
        .Concat(MatchingSets.Documents(Path.Combine(Texts.Folder, "axz-dev/docs.jsonl")).Select(document => document.Text));

    static string Member(string line, string name)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty(name).GetString()!;
    }
}
