using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Imports;

/// <summary>
/// The header of a table, CSV or a workbook: each column names a member (<c>title</c>) or a member of a member (<c>budget.min</c>), by its name
/// in the API or by its Chinese heading, and a row becomes the JSON object that a line of NDJSON would have held. An empty cell is a member that
/// was not sent. What is wrong with the header is told once, for the whole file.
/// </summary>
sealed class TableColumns
{
    public const int Most = 500;

    const string Owner = "owner";

    /// <param name="Member">Null for the owner's column.</param>
    sealed record Column(string[] Path, JsonPropertyInfo? Member);

    readonly List<Column> _columns = [];

    public TableColumns(IReadOnlyList<string> cells, ImportTarget target)
    {
        List<string> names = [.. cells.Select(name => name.Trim())];
        while (names is [.., ""])
        {
            names.RemoveAt(names.Count - 1);
        }

        if (names.Count > Most)
        {
            throw Problems.Invalid([new("", "too-long", new($"最多 {Most} 列，收到 {names.Count} 列。", $"At most {Most} columns; {names.Count} were sent."))]);
        }

        var (whole, parts) = (new HashSet<string>(), new HashSet<string>());
        var faults = new List<Fault>();
        for (var i = 0; i < names.Count; i++)
        {
            var path = Headings.Member(names[i], target.Content) ?? names[i];
            var members = path.Split('.');
            var above = Enumerable.Range(1, members.Length - 1).Select(length => string.Join('.', members[..length])).ToList();
            // A column and its own part, as price and price.mode, would both write the one member.
            if (members.Contains("") || !whole.Add(path) || parts.Contains(path) || above.Exists(whole.Contains))
            {
                faults.Add(new($"/{string.Join('/', members)}", "malformed-csv", new(
                    $"表头第 {i + 1} 列“{names[i]}”为空、重复或与另一列重叠。", $"Column {i + 1} of the header, '{names[i]}', is empty, repeated or part of another.")));
                continue;
            }

            parts.UnionWith(above);
            if (path == Owner && target.TakesOwners)
            {
                _columns.Add(new(members, null));
            }
            else if (Find(target.Content, members) is { } member)
            {
                _columns.Add(new(members, member));
            }
            else
            {
                faults.Add(Unknown(i, names[i], members, target.Content));
            }
        }

        if (target.NeedsOwner && !whole.Contains(Owner))
        {
            throw Problems.RuleViolated([ListingOwner.Missing("owner")], inQuery: true);
        }

        foreach (var missing in Validation.Required(target.Content).Append("externalId").Where(name => !whole.Contains(name) && !parts.Contains(name)))
        {
            faults.Add(new($"/{missing}", "required", new($"表头缺少 {Headings.Of(missing)} 列。", $"The header lacks the column {missing}.")));
        }

        if (faults.Count > 0)
        {
            throw Problems.Invalid(faults);
        }
    }

    /// <summary>The row as a line of NDJSON would have said it.</summary>
    /// <param name="number">Of its first line in a CSV file, of the row in a workbook.</param>
    public JsonLine Line(long number, IReadOnlyList<string> cells)
    {
        // Programs leave empty cells at the end out, or write more of them.
        for (var i = _columns.Count; i < cells.Count; i++)
        {
            if (cells[i].Length > 0)
            {
                return new(number, default, new("", "malformed-csv", new(
                    $"表头有 {_columns.Count} 列，本行第 {i + 1} 列仍有内容。", $"The header has {_columns.Count} columns; cell {i + 1} of the row is not empty.")));
            }
        }

        var json = new JsonObject();
        string? owner = null;
        foreach (var (column, cell) in _columns.Zip(cells))
        {
            if (cell.Length == 0)
            {
                continue;
            }

            if (column.Member is { } member)
            {
                var isRegion = member.AttributeProvider?.IsDefined(typeof(RegionAttribute), true) == true;
                Set(json, column.Path, isRegion ? CellText.Region(cell) : CellText.Value(cell, CellText.Plain(member)));
            }
            else
            {
                owner = cell;
            }
        }

        return new(number, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Json.Options)), null, owner);
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

    static Fault Unknown(int column, string name, string[] path, Type content)
    {
        var place = $"/{string.Join('/', path)}";
        if (path.Length == 1 && ServerOwned.Of(content).Contains(path[0]))
        {
            return new(place, "read-only-field", new($"表头第 {column + 1} 列“{name}”由服务器维护，请删去此列。", $"Column {column + 1} of the header, '{name}', is written by the server alone; leave it out."));
        }

        var detail = Validation.Unknown(place, name, Headings.Paths(content)).Detail;
        return new(place, "unknown-field", new($"表头第 {column + 1} 列“{name}”：{detail.Zh}", $"Column {column + 1} of the header, '{name}': {detail.En}"));
    }

    static JsonPropertyInfo? Find(Type content, string[] path)
    {
        JsonPropertyInfo? member = null;
        foreach (var name in path)
        {
            var type = member is null ? content : CellText.Plain(member);
            member = type.IsValueType || type == typeof(string) || CellText.ElementOf(type) is not null ? null
                : Json.Options.GetTypeInfo(type).Properties.FirstOrDefault(p => p.Name == name);
            if (member is null)
            {
                return null;
            }
        }

        return member;
    }
}
