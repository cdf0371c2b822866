using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>
/// What people write into a cell, as the member that it is for. A list is parted by semicolons; where it has none, by 、 or else by commas. In a
/// list of objects each entry gives its members in order, separated by colons (<c>某大学:60;某公司:40</c>). A cell may hold JSON text instead. Codes
/// may be written by their labels, days as Excel writes them. What does not read as the type is left a text: the validation that every line
/// passes says what is wrong with it.
/// </summary>
static partial class CellText
{
    static readonly ConcurrentDictionary<Type, List<(string Label, string Code)>> Labels = new();

    public static JsonNode? Value(string cell, Type type)
    {
        if (type == typeof(string))
        {
            return cell;
        }

        if (type.IsValueType)
        {
            return Plain(cell.Normalize(NormalizationForm.FormKC).Trim(), type);
        }

        if (cell[0] is '[' or '{' && Parsed(cell) is { } json)
        {
            return json;
        }

        if (ElementOf(type) is not { } element)
        {
            return cell;
        }

        return new JsonArray([.. Entries(cell).Select(entry => element == typeof(string) || element.IsValueType ? Value(entry, element) : Entry(entry, element))]);
    }

    /// <summary>A region by its code or by its name.</summary>
    public static JsonNode Region(string cell) => CodeEndpoints.RegionNamed(cell) ?? cell.Normalize(NormalizationForm.FormKC);

    public static Type Plain(JsonPropertyInfo member) => Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;

    public static Type? ElementOf(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;

    static JsonNode? Plain(string text, Type type) =>
        type == typeof(bool) ? text.ToLowerInvariant() switch { "true" or "是" or "yes" => true, "false" or "否" or "no" => false, _ => text }
        : type == typeof(DateOnly) ? Day(text)
        : type.IsEnum ? Code(text, type)
        : Parsed(text) is JsonValue number && number.GetValueKind() == JsonValueKind.Number ? number : text;

    /// <summary>As Excel writes a day, with or without the midnight that it begins with; the calendar is asked later.</summary>
    static string Day(string text) => ExcelDay().Match(text) is { Success: true } day
        ? string.Create(CultureInfo.InvariantCulture, $"{day.Groups[1].Value}-{int.Parse(day.Groups[2].Value, CultureInfo.InvariantCulture):00}-{int.Parse(day.Groups[3].Value, CultureInfo.InvariantCulture):00}")
        : text;

    /// <summary>A code by its label, or by the first part of a double one: 新能源 for 新能源与节能; 新材料技术 is 新材料.</summary>
    static string Code(string text, Type type)
    {
        var labels = Labels.GetOrAdd(type, static type =>
        [
            .. type.GetFields(BindingFlags.Public | BindingFlags.Static).SelectMany(field => field.GetCustomAttribute<LabelAttribute>() is { } label
                ? [(label.Wording.Zh, JsonNamingPolicy.CamelCase.ConvertName(field.Name)), (label.Wording.En, JsonNamingPolicy.CamelCase.ConvertName(field.Name))]
                : Array.Empty<(string, string)>()),
        ]);
        if (labels.Exists(label => label.Code == text))
        {
            return text;
        }

        var bare = text.EndsWith("技术", StringComparison.Ordinal) && text.Length > 4 ? text[..^2] : text;
        return labels.Find(label => label.Label.Equals(text, StringComparison.OrdinalIgnoreCase) || label.Label == bare
            || label.Label.StartsWith(bare + "与", StringComparison.Ordinal)).Code ?? text;
    }

    static IEnumerable<string> Entries(string cell)
    {
        const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return cell.AsSpan().ContainsAny(';', '；', '\n') ? cell.Split([';', '；', '\n'], Trimmed)
            : cell.Contains('、', StringComparison.Ordinal) ? cell.Split('、', Trimmed)
            : Comma().Split(cell).Select(entry => entry.Trim()).Where(entry => entry.Length > 0);
    }

    static JsonObject Entry(string text, Type type)
    {
        var members = Json.Options.GetTypeInfo(type).Properties;
        var json = new JsonObject();
        foreach (var (member, part) in members.Zip(text.Split([':', '：'], members.Count, StringSplitOptions.TrimEntries)))
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

    [GeneratedRegex(@"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(\s+0?0:00(:00)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex ExcelDay();

    /// <summary>Full-width; or beside a blank or a character beyond ASCII: those in 1,3-丙二醇 and N,N-二甲基甲酰胺 are of the name.</summary>
    [GeneratedRegex(@"，|,(?=[\s\u0080-\uFFFF])|(?<=[\u0080-\uFFFF]),", RegexOptions.CultureInvariant)]
    private static partial Regex Comma();
}
