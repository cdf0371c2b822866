using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CsvHelper;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>
/// The header of a CSV file: each column names a member (<c>title</c>) or a member of a member (<c>budget.min</c>), and a record becomes
/// the JSON object that a line of NDJSON would have held. An empty cell is a member that was not sent. A list is separated by
/// semicolons; in a list of objects each entry gives its members in order, separated by colons (<c>某大学:60;某公司:40</c>). A cell may
/// hold JSON text instead of either.
/// </summary>
sealed class CsvColumns
{
    /// <summary>Of a header; no type has a tenth of them.</summary>
    const int Most = 500;

    /// <summary>Of the members in each other that one column names.</summary>
    const int Deepest = 10;

    static readonly char[] Separators = [';', '；'];

    static readonly CsvReaderOptions OneRecord = new()
    {
        Separator = ',', HasHeader = false, TrimWhitespace = true, MalformedData = CsvMalformedDataHandling.Throw, BufferSize = 1 << 10,
    };

    readonly List<(string[] Path, Type? Type)> _columns = [];

    public CsvColumns(IReadOnlyList<string> names, Type content)
    {
        if (names.Count > Most)
        {
            throw Problems.Invalid([new("", "malformed-csv", new($"表头最多 {Most} 列，收到 {names.Count} 列。", $"A header has at most {Most} columns; {names.Count} were sent."))]);
        }

        var (seen, wholes) = (new HashSet<string>(), new HashSet<string>());
        foreach (var name in names)
        {
            var path = name.Split('.');
            // A column and its own part, as price and price.mode, would both write the one member.
            string[] above = path.Length > Deepest ? [] : [.. Enumerable.Range(1, path.Length - 1).Select(parts => string.Join('.', path[..parts]))];
            if (path.Length > Deepest || path.Contains("") || wholes.Contains(name) || above.Any(seen.Contains) || !seen.Add(name))
            {
                throw Problems.Invalid([new($"/{string.Join('/', path)}", "malformed-csv", new(
                    $"表头第 {_columns.Count + 1} 列“{name}”为空、重复、与另一列重叠或层次过深。",
                    $"Column {_columns.Count + 1} of the header, '{name}', is empty, repeated, part of another or too deep."))]);
            }

            wholes.UnionWith(above);
            _columns.Add((path, TypeAt(content, path)));
        }
    }

    /// <summary>The cells of one record, or the fault that makes it none.</summary>
    /// <param name="record">In UTF-8.</param>
    public static string[]? Cells(ReadOnlyMemory<byte> record, out Fault? fault)
    {
        fault = null;
        using var reader = CsvReader.Create(record, OneRecord);
        try
        {
            var cells = reader.Read() ? Enumerable.Range(0, reader.FieldCount).Select(reader.GetString).ToArray() : [];
            if (!reader.Read())
            {
                return cells;
            }
        }
        catch (CsvFormatException)
        {
            // Said below.
        }

        fault = new("", "malformed-csv", new(
            "含引号的单元格须整体用引号括起，其中的引号写两次；行以换行符结束。",
            "A cell that holds a quotation mark is quoted as a whole and doubles the mark; a line ends with a line feed."));
        return null;
    }

    /// <summary>The record as an object, or the fault where it does not fit the header.</summary>
    public JsonObject? ToJson(string[] cells, out Fault? fault)
    {
        fault = null;
        if (cells.Length != _columns.Count)
        {
            fault = new("", "malformed-csv", new(
                $"应有 {_columns.Count} 列，收到 {cells.Length} 列。", $"Must have {_columns.Count} cells, as the header; {cells.Length} were sent."));
            return null;
        }

        var json = new JsonObject();
        foreach (var ((path, type), cell) in _columns.Zip(cells))
        {
            if (cell.Length > 0)
            {
                Set(json, path, Value(cell, type));
            }
        }

        return json;
    }

    static void Set(JsonObject json, string[] path, JsonNode? value)
    {
        foreach (var name in path[..^1])
        {
            if (json[name] is not JsonObject inner)
            {
                json[name] = inner = [];
            }

            json = inner;
        }

        json[path[^1]] = value;
    }

    /// <summary>What does not read as the type is left a text: the validation that every line passes says what is wrong with it.</summary>
    static JsonNode? Value(string cell, Type? type)
    {
        if (type is null || type == typeof(string) || type == typeof(DateOnly) || type.IsEnum)
        {
            return cell;
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(cell, out var flag) ? flag : cell;
        }

        if (type.IsValueType)
        {
            return Parsed(cell) is JsonValue number && number.GetValueKind() == JsonValueKind.Number ? number : cell;
        }

        if (cell[0] is '[' or '{' && Parsed(cell) is { } json)
        {
            return json;
        }

        if (ElementOf(type) is not { } element)
        {
            return cell;
        }

        var entries = cell.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new JsonArray([.. entries.Select(entry => element == typeof(string) || element.IsValueType ? Value(entry, element) : Entry(entry, element))]);
    }

    static JsonObject Entry(string text, Type type)
    {
        var members = Json.Options.GetTypeInfo(type).Properties;
        var json = new JsonObject();
        foreach (var (member, part) in members.Zip(text.Split(':', members.Count, StringSplitOptions.TrimEntries)))
        {
            if (part.Length > 0)
            {
                json[member.Name] = Value(part, Plain(member));
            }
        }

        return json;
    }

    static JsonNode? Parsed(string cell)
    {
        try
        {
            return JsonNode.Parse(cell, documentOptions: Json.Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static Type? TypeAt(Type? type, string[] path)
    {
        foreach (var name in path)
        {
            type = type is null || type.IsValueType || type == typeof(string) || ElementOf(type) is not null ? null
                : Json.Options.GetTypeInfo(type).Properties.FirstOrDefault(p => p.Name == name) is { } member ? Plain(member) : null;
        }

        return type;
    }

    static Type Plain(JsonPropertyInfo member) => Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;

    static Type? ElementOf(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;
}
