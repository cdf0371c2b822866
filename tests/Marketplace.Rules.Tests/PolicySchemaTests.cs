using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Marketplace.Rules.Tests;

/// <summary>The schema for editors says the same as the loader.</summary>
public sealed partial class PolicySchemaTests
{
    private static readonly JsonObject Schema = PolicySchema.Make();

    public static IEnumerable<TestCaseData> Shipped =>
        Directory.EnumerateFiles(Path.GetDirectoryName(Xining.Path)!).Where(PolicyFile.IsPolicy)
            .Select(path => new TestCaseData(File.ReadAllText(path)).SetArgDisplayNames(Path.GetFileName(path)));

    [TestCaseSource(nameof(Shipped))]
    public void A_shipped_policy_is_valid(string yaml) => Assert.That(Faults(Schema, Root(yaml), "$"), Is.Empty);

    [TestCase("rate: 3%", "rate: 3")]
    [TestCase("cap: 5万元", "cap: 5万")]
    [TestCase("limits:", "limit:")]
    [TestCase("scope: project", "scope: projects")]
    [TestCase("governedBy: recognisedOn", "governedBy: yesterday")]
    [TestCase("  file: 001_9b11ddf15a36aabe.txt\n", "")]
    [TestCase("from: 2020-08-19", "from: today")]
    [TestCase("licence], exclude", "license], exclude")]
    [TestCase("payee: broker", "payee: brokr")]
    public void What_the_loader_refuses_is_underlined_in_the_editor_too(string whole, string broken)
    {
        var yaml = Xining.Yaml.Replace(whole, broken);
        Assert.That(PolicyDocument.Load("x.yaml", yaml).Policy, Is.Null);
        if (!broken.StartsWith("license", StringComparison.Ordinal)) Assert.That(Faults(Schema, Root(yaml), "$"), Is.Not.Empty);
    }

    [TestCase("scope", "calendar year", "partyLifetime", "nYears")]
    [TestCase("sums", "include the bound", "do not")]
    [TestCase("days", "both belong")]
    [TestCase("limit", "in the document's order")]
    [TestCase("stacking.exclusive", "the first listed that is due")]
    [TestCase("stacking.higherOf", "the first listed among equals")]
    [TestCase("award.payee", "partyYear")]
    [TestCase("award.subject", "a contract where nothing is said")]
    [TestCase("award.round", "down to the fen where nothing is said")]
    [TestCase("amount.brackets", "upTo is inclusive")]
    [TestCase("amount.step", "from includes the threshold")]
    [TestCase("document.governedBy", "yearly scopes")]
    [TestCase("document.specimen", "never in force")]
    [TestCase("document.inForce.confirmedOn", "still holds")]
    [TestCase("document.interpretations.by", "provisional")]
    public void What_a_writer_would_have_to_guess_is_described(string place, params string[] words)
    {
        var parts = place.Split('.');
        var at = Schema["$defs"]![parts[0]]!;
        foreach (var part in parts[1..])
        {
            if (at["additionalProperties"] is JsonObject named) at = named;
            at = at["properties"]![part]!;
        }

        var said = at["description"] ?? at["anyOf"]?.AsArray().Select(a => a!["description"]).FirstOrDefault(d => d is not null);
        foreach (var word in words) Assert.That(said?.GetValue<string>(), Does.Contain(word));
    }

    [TestCase("rate: 300‱")]
    [TestCase("rate: 30‰")]
    [TestCase("rate: 3/100")]
    public void A_rate_that_the_loader_reads_is_valid_in_the_editor(string rate)
    {
        var yaml = Xining.Yaml.Replace("rate: 3%", rate);
        Assert.That(PolicyDocument.Load("x.yaml", yaml).Policy, Is.Not.Null);
        Assert.That(Faults(Schema, Root(yaml), "$"), Is.Empty);
    }

    [TestCaseSource(nameof(Shipped))]
    public void Each_mapping_has_the_keys_that_the_loader_allows(string yaml)
    {
        var compared = 0;
        foreach (var (map, schemas) in Mappings(Schema, Root(yaml)))
        {
            // One key more than there may be, and the loader lists those that there may be.
            var (line, column) = ((int)map.Start.Line, (int)map.Start.Column);
            var lines = yaml.Split('\n');
            var (before, after) = (lines[line - 1][..(column - 1)], lines[line - 1][(column - 1)..]);
            lines[line - 1] = after[0] == '{' ? $"{before}{{ xxxxxxxx: 1, {after[1..]}" : $"{before}xxxxxxxx: 1\n{new string(' ', column - 1)}{after}";
            var said = PolicyDocument.Load("x.yaml", string.Join('\n', lines)).Diagnostics.Where(d => d.Code == "POL101").Select(d => d.FixEn).ToArray();
            if (said.Length == 0) continue;
            var allowed = AllowedHere().Match(said.Single()).Groups[1].Value.Split(", ");
            Assert.That(schemas.Select(s => s["properties"]!.AsObject().Select(p => p.Key).Order()), Has.Some.EqualTo(allowed.Order()), $"line {line}");
            compared++;
        }

        Assert.That(compared, Is.GreaterThan(20));
    }

    [GeneratedRegex("Allowed here: (.*)\\.$")]
    private static partial Regex AllowedHere();

    private static YamlNode Root(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents[0].RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static JsonObject Resolve(JsonObject schema) =>
        schema["$ref"] is { } reference ? Resolve(Schema["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!.AsObject()) : schema;

    /// <summary>Each mapping of the document with the closed mappings of the schema that could be meant.</summary>
    private static IEnumerable<(YamlMappingNode Map, JsonObject[] Schemas)> Mappings(JsonObject schema, YamlNode node)
    {
        var alternatives = Alternatives(schema).ToArray();
        switch (node)
        {
            case YamlMappingNode map:
                string[] keys = [.. map.Children.Keys.Select(Text)];
                var closed = alternatives.Where(s => s["properties"] is JsonObject properties && s["additionalProperties"] is JsonValue && keys.All(properties.ContainsKey)).ToArray();
                if (closed.Length > 0) yield return (map, closed);
                foreach (var (key, value) in map.Children)
                    foreach (var inner in alternatives.SelectMany(s => Under(s, Text(key))).SelectMany(s => Mappings(s, value)))
                        yield return inner;
                break;
            case YamlSequenceNode list:
                foreach (var inner in alternatives.Where(s => s["items"] is not null).SelectMany(s => list.Children.SelectMany(item => Mappings(s["items"]!.AsObject(), item))))
                    yield return inner;
                break;
        }
    }

    private static IEnumerable<JsonObject> Under(JsonObject schema, string key)
    {
        if (schema["properties"]?[key] is JsonObject named) yield return named;
        else if (schema["additionalProperties"] is JsonObject any) yield return any;
    }

    private static IEnumerable<JsonObject> Alternatives(JsonObject schema) =>
        Resolve(schema) is var plain && plain["anyOf"] is JsonArray any ? any.SelectMany(s => Alternatives(s!.AsObject())) : [plain];

    /// <summary>A validator of the keywords that the schema uses; one that it does not know is a fault.</summary>
    private static IEnumerable<string> Faults(JsonObject schema, YamlNode node, string at)
    {
        var plain = Resolve(schema);
        foreach (var (keyword, rule) in plain)
        {
            var fails = keyword switch
            {
                "$schema" or "$ref" or "$defs" or "title" or "description" or "examples" or "additionalProperties" or "minimum" or "maximum" => false,
                "type" => !(rule is JsonArray several ? several.Select(t => t!.GetValue<string>()) : [rule!.GetValue<string>()]).Any(type => IsOfType(node, type)),
                "const" => node is not YamlScalarNode || Text(node) != rule!.GetValue<string>(),
                "enum" => node is not YamlScalarNode || !rule!.AsArray().Any(word => word!.ToString().Equals(Text(node), StringComparison.OrdinalIgnoreCase)),
                "pattern" => IsOfType(node, "string") && !Regex.IsMatch(Text(node), rule!.GetValue<string>()),
                "anyOf" => !rule!.AsArray().Any(s => !Faults(s!.AsObject(), node, at).Any()),
                "required" => node is YamlMappingNode map && rule!.AsArray().Any(key => !map.Children.Keys.Any(k => Text(k) == key!.GetValue<string>())),
                "propertyNames" => node is YamlMappingNode map && map.Children.Keys.Any(k => Faults(rule!.AsObject(), k, at).Any()),
                "properties" or "items" => false,
                _ => true,
            };
            if (fails) yield return $"{at}: {keyword} {rule!.ToJsonString()}";
        }

        if (node is YamlMappingNode members && (plain["properties"] ?? plain["additionalProperties"]) is not null)
            foreach (var (key, value) in members.Children)
            {
                var under = Under(plain, Text(key)).ToArray();
                if (under.Length == 0 && plain["additionalProperties"] is JsonValue) yield return $"{at}: unknown key {Text(key)}";
                foreach (var fault in under.SelectMany(s => Faults(s, value, $"{at}.{Text(key)}"))) yield return fault;
            }

        if (node is YamlSequenceNode list && plain["items"] is JsonObject items)
            foreach (var fault in list.Children.SelectMany((item, i) => Faults(items, item, $"{at}[{i}]")))
                yield return fault;
    }

    // As editors type scalars.
    private static bool IsOfType(YamlNode node, string type) => type switch
    {
        "object" => node is YamlMappingNode,
        "array" => node is YamlSequenceNode,
        _ when node is not YamlScalarNode => false,
        "boolean" => ((YamlScalarNode)node).Style == YamlDotNet.Core.ScalarStyle.Plain && Text(node) is "true" or "false",
        "integer" or "number" => ((YamlScalarNode)node).Style == YamlDotNet.Core.ScalarStyle.Plain && long.TryParse(Text(node), NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
        "string" => !IsOfType(node, "boolean") && !IsOfType(node, "integer"),
        _ => false,
    };
}
