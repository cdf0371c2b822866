using System.Text.Json;
using Marketplace.Matching;

namespace Marketplace.Benchmarks;

/// <summary>A query of a set: its text, the grade of each relevant document, and the document that does not count, if any.</summary>
sealed record SetQuery(string Text, IReadOnlyDictionary<string, int> Grades, string? Excluded);

/// <summary>The JSON lines of <c>../shared/data</c>. Whatever is wrong in a file is an <see cref="InvalidDataException"/> that begins with file and line.</summary>
static class MatchingSets
{
    public static IReadOnlyList<Listing> Documents(string path)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return Read(path, (line, place) =>
        {
            var id = Text(line, "id", place);
            if (!ids.Add(id))
            {
                throw new InvalidDataException($"{place}: the id '{id}' stands here for the second time.");
            }

            return new Listing
            {
                Id = id, Side = Side.Achievements, Title = OptionalText(line, "title", place) ?? "", Text = Text(line, "abstract", place),
                Keywords = line.TryGetProperty("keywords", out var keywords) ? [.. Texts(keywords, "keywords", place)] : [],
            };
        });
    }

    public static IReadOnlyList<SetQuery> Queries(string path) => Read(path, (line, place) =>
    {
        if (!line.TryGetProperty("rel", out var relevant) || relevant.ValueKind != JsonValueKind.Object || !relevant.EnumerateObject().Any())
        {
            throw new InvalidDataException($"{place}: 'rel' must be an object with a document id and its grade, at least one.");
        }

        var grades = relevant.EnumerateObject().ToDictionary(grade => grade.Name, grade =>
            grade.Value.ValueKind == JsonValueKind.Number && grade.Value.TryGetInt32(out var value) && value is >= 1 and <= 10
                ? value
                : throw new InvalidDataException($"{place}: the grade of '{grade.Name}' must be an integer from 1 to 10."));
        return new SetQuery(Text(line, "text", place), grades, OptionalText(line, "exclude", place));
    });

    public static IReadOnlyList<TextPair> Pairs(string path) =>
        Read(path, (line, place) => new TextPair(Text(line, "need", place), Text(line, "document", place)));

    static List<T> Read<T>(string path, Func<JsonElement, string, T> read)
    {
        var all = new List<T>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var place = $"{path}:{number}";
            try
            {
                using var document = JsonDocument.Parse(line);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                {
                    throw new InvalidDataException($"{place}: not a JSON object.");
                }

                all.Add(read(document.RootElement, place));
            }
            catch (JsonException fault)
            {
                throw new InvalidDataException($"{place}:{fault.BytePositionInLine + 1}: not JSON: {fault.Message}", fault);
            }
        }

        return all.Count > 0 ? all : throw new InvalidDataException($"{path}: no line holds anything.");
    }

    static string Text(JsonElement line, string name, string place) =>
        OptionalText(line, name, place) ?? throw new InvalidDataException($"{place}: the member '{name}' is missing.");

    static string? OptionalText(JsonElement line, string name, string place) => !line.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new InvalidDataException($"{place}: the member '{name}' must be a string.");

    static IEnumerable<string> Texts(JsonElement list, string name, string place) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(text => text.ValueKind == JsonValueKind.String)
            ? list.EnumerateArray().Select(text => text.GetString()!)
            : throw new InvalidDataException($"{place}: the member '{name}' must be a list of strings.");
}
