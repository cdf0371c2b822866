using System.Text.Json.Nodes;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules;

/// <summary>
/// The form of policy documents as a JSON Schema (2020-12), for completion and first checks in an editor. It is never stricter than
/// <see cref="PolicyDocument"/>, which alone decides: an editor sees numbers and truth values where the loader reads text.
/// </summary>
public static class PolicySchema
{
    /// <summary>The schema, made anew at each call.</summary>
    public static JsonObject Make() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "policy/1",
        ["$ref"] = "#/$defs/document",
        ["$defs"] = new JsonObject
        {
            ["document"] = Document(),
            ["award"] = Award(),
            ["condition"] = Condition(),
            ["conditions"] = List(Ref("condition")),
            ["amount"] = Map([], [.. Shapes(), ("lessPaid", Choice(Words(AwardReader.TotalScopes), Map(["scope"], ("scope", Choice(Words([.. AwardReader.TotalScopes, ("project", Scope.Project)]))), ("unnamed", Unnamed()))))]),
            ["case"] = Map([], [.. Shapes(), ("when", Ref("conditions"))]),
            ["base"] = Choice(Ref("quantity"), Map([], ("lesserOf", List(Ref("quantity"))), ("growth", Ref("quantity")), ("since", Ref("quantity")))),
            ["limit"] = Limit(),
            ["assumption"] = Map(["why"], ("fact", Ref("sumFact")), ("value", AnyOf(Ref("flag"), Ref("region"))), ("why", Ref("wording"))),
            ["quantity"] = Words(AmountReader.Sums),
            ["sumFact"] = Words(DocumentReader.Sums),
            ["dayFact"] = Words(DocumentReader.Days),
            ["scope"] = Choice(Words(AwardReader.Scopes)),
            ["sums"] = Choice(Map([], Ends(() => Ref("money")))),
            ["counts"] = Choice(Map([], Ends(() => Ref("count")))),
            ["days"] = Choice(Map([], ("from", Ref("day")), ("to", Ref("day")))),
            ["kinds"] = Choice(List(Words(ConditionReader.Kinds))),
            ["entities"] = Choice(List(Words(ConditionReader.Entities))),
            ["words"] = Choice(List(Ref("text"))),
            ["stacking"] = Stacking(),
            ["text"] = new JsonObject { ["type"] = Names("string", "number", "boolean") },
            ["wording"] = AnyOf(Ref("text"), Map(["zh", "en"], ("zh", Ref("text")), ("en", Ref("text")))),
            ["id"] = Pattern("^[A-Za-z][A-Za-z0-9-]{0,59}$"),
            ["ids"] = AnyOf(Ref("id"), List(Ref("id"))),
            ["day"] = Pattern("^\\s*[0-9０-９]{4}[-－][0-9０-９]{2}[-－][0-9０-９]{2}\\s*$", "2020-08-19"),
            ["region"] = new JsonObject
            {
                ["type"] = Names("string", "integer"), ["pattern"] = "^\\s*[1-9１-９][0-9０-９]{5}\\s*$", ["minimum"] = 100_000, ["maximum"] = 999_999, ["examples"] = Names("630100"),
            },
            ["flag"] = new JsonObject { ["enum"] = new JsonArray(true, false, "true", "false", "是", "否") },
            ["money"] = Numeric(Pattern("^\\s*[0-9０-９][0-9０-９.,．，]*\\s*[千百万亿]*[元角分]\\s*$", "10万元")),
            ["rate"] = Numeric(Pattern("^\\s*[0-9０-９.．]+\\s*([%‰％]|[/／]\\s*[0-9０-９]+)\\s*$", "3%", "0.6‰", "1/3")),
            ["count"] = Numeric(new JsonObject { ["type"] = Names("string", "integer") }),
            ["byReading"] = new JsonObject
            {
                ["description"] = "One value for each reading of an interpretation.",
                ["type"] = "object", ["required"] = Names("reading"), ["properties"] = new JsonObject { ["reading"] = Ref("id") },
            },
        },
    };

    private static JsonObject Document() => Map(DocumentReader.RequiredKeys,
        ("schema", new JsonObject { ["const"] = "policy/1" }),
        ("id", Pattern("^[a-z][a-z0-9-]{0,59}$")),
        ("version", Ref("text")),
        ("region", Ref("region")),
        ("title", Ref("wording")),
        ("authority", Ref("wording")),
        ("source", Map(["file"], ("file", Ref("text")), ("url", Ref("text")), ("sha256", Pattern("^[0-9a-f]{64}$")))),
        ("inForce", Map(["from", "cite"], ("from", Ref("day")), ("to", Ref("day")), ("cite", Ref("ids")), ("confirmedOn", Ref("day")))),
        ("governedBy", Ref("dayFact")),
        ("specimen", Ref("flag")),
        ("clauses", Named(Map(["article", "quote"], ("article", Ref("text")), ("quote", Ref("text")),
            ("erratum", Map(["printed", "read", "why"], ("printed", Ref("text")), ("read", Ref("text")), ("why", Ref("wording"))))))),
        ("awards", Named(Ref("award"))),
        ("stacking", List(Choice(Ref("stacking")))),
        ("funds", Named(Map(["yearly", "onShortage", "pays", "cite"],
            ("yearly", Ref("money")), ("onShortage", Words(DocumentReader.Shortages)), ("pays", Choice(List(Ref("id")))), ("cite", Ref("ids"))))),
        ("sharing", Choice(Map(["payers", "ratio", "cite"], ("payers", List(Ref("id"))), ("ratio", Ref("text")), ("cite", Ref("id")), ("of", Choice(List(Ref("id"))))))),
        ("assume", Assumptions()),
        ("interpretations", Named(Map(["question", "readings", "chosen"],
            ("question", Ref("wording")), ("clause", Ref("id")), ("readings", Named(Ref("wording"))), ("chosen", Ref("id")),
            ("by", Map(["office"], ("office", Ref("text")), ("on", Ref("day")), ("paper", Ref("text"))))))),
        ("unencoded", List(Map(["article", "why"], ("article", Ref("text")), ("clause", Ref("id")), ("why", Ref("wording"))))));

    private static JsonObject Award() => Map(["label", "payee", "amount"],
        ("label", Ref("wording")),
        ("payee", Words(AwardReader.Payees)),
        ("subject", Words(AwardReader.Subjects)),
        ("governedBy", Choice(Ref("dayFact"))),
        ("when", Ref("conditions")),
        ("base", Ref("base")),
        ("amount", Ref("amount")),
        ("limits", AnyOf(List(Ref("limit")), Ref("byReading"))),
        ("round", Map([], ("to", Choice(Words(AwardReader.Units))), ("mode", Choice(Words(AwardReader.Modes))), ("cite", Ref("id")))));

    private static JsonObject Condition() => Map([],
    [
        .. ConditionReader.Tests.Select(test => (test, test switch
        {
            "all" or "any" => Choice(Ref("conditions")),
            "not" => Choice(Ref("condition")),
            "assessed" => Choice(Ref("id")),
            "order" => Choice(List(Ref("dayFact"))),
            _ => Test(FactNames.Find(test)!.Value.Type()),
        })),
        ("cite", Ref("id")),
    ]);

    private static JsonObject Test(FactType type) => type switch
    {
        FactType.Kind => Ref("kinds"),
        FactType.Entity => Ref("entities"),
        FactType.Flag => Choice(Ref("flag")),
        FactType.Region => Choice(Ref("region")),
        FactType.Word => Ref("words"),
        FactType.Date => Ref("days"),
        FactType.Count => Ref("counts"),
        _ => Ref("sums"),
    };

    private static (string, JsonNode)[] Shapes() =>
    [
        ("rate", Ref("rate")),
        ("rateMax", Ref("rate")),
        ("fixed", Ref("money")),
        ("fixedByLevel", Choice(new JsonObject { ["type"] = "object", ["additionalProperties"] = Ref("money") })),
        ("by", Words(AmountReader.Words)),
        ("brackets", Choice(List(Map(["rate"], ("upTo", Bound()), ("rate", Ref("rate")))))),
        ("bands", Choice(List(Map([], [.. Ends(Bound), ("rate", Ref("rate")), ("fixed", Ref("money"))])))),
        ("basePlusRate", Map(["fixed", "rate"], ("from", Bound()), ("above", Bound()), ("fixed", Ref("money")), ("rate", Ref("rate")))),
        ("step", Map(["fixed", "per", "add"], ("from", Bound()), ("above", Bound()), ("fixed", Ref("money")), ("per", Bound()), ("add", Ref("money")))),
        ("perUnit", Ref("money")),
        ("instalments", Map(["rate", "years"], ("rate", Ref("rate")), ("years", Ref("count")), ("of", Choice(Words(AmountReader.Supported))))),
        ("discretionary", Map(["to"], ("from", Ref("money")), ("to", Ref("money")), ("decider", Ref("wording")))),
        ("cases", Choice(List(Ref("case")))),
        ("cite", Ref("id")),
    ];

    private static JsonObject Limit() => Map(["scope", "cite"],
        ("cap", AnyOf(Ref("money"), Ref("base"), Map(["by", "bands"], ("by", Ref("base")), ("bands", Choice(List(Map([], [.. Ends(Bound), ("fixed", Ref("money"))]))))))),
        ("floor", Ref("money")),
        ("minimumToPay", Ref("money")),
        ("scope", Ref("scope")),
        ("years", Ref("count")),
        ("unnamed", Unnamed()),
        ("cite", Ref("id")));

    private static JsonObject Unnamed() => new()
    {
        ["description"] = "With scope: project, by reading: parties counts a contract without a project with all contracts of the same two parties within 12 months; contract counts it by itself.",
        ["$ref"] = "#/$defs/byReading",
    };

    private static JsonObject Stacking() => Map([],
        ("exclusive", List(Ref("id"))),
        ("inPlace", Ref("id")),
        ("higherOf", List(Ref("id"))),
        ("chosenByParties", List(Ref("id"))),
        ("deduct", Words(AwardReader.Sums)),
        ("from", List(Ref("id"))),
        ("combinedCap", Ref("money")),
        ("of", List(Ref("id"))),
        ("scope", Ref("scope")),
        ("years", Ref("count")),
        ("unnamed", Unnamed()),
        ("cite", Ref("id")));

    private static JsonObject Assumptions() => Map([], [.. DocumentReader.Assumable.Select(fact => (fact.Item1, (JsonNode)Ref("assumption")))]);

    private static (string, JsonNode)[] Ends(Func<JsonNode> bound) => [("from", bound()), ("above", bound()), ("upTo", bound()), ("below", bound())];

    private static JsonObject Bound() => AnyOf(Ref("money"), Ref("count"));

    /// <summary>A number of a rule: as written, by reading, or dated.</summary>
    private static JsonObject Numeric(JsonObject literal) => AnyOf(literal, Ref("byReading"),
        List(Map(["value"], ("value", AnyOf(literal.DeepClone(), Ref("byReading"), new JsonObject { ["const"] = "none" })), ("from", Ref("day")), ("to", Ref("day")), ("cite", Ref("id")))));

    /// <summary>What may also be written by reading, where a reading that asks nothing is <c>any</c>.</summary>
    private static JsonObject Choice(params JsonNode[] values) => AnyOf([.. values, Ref("byReading"), new JsonObject { ["const"] = "any" }]);

    private static JsonObject Map(string[] required, params (string Key, JsonNode Value)[] entries)
    {
        var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = new JsonObject(entries.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value))) };
        if (required.Length > 0) map["required"] = Names(required);
        return map;
    }

    private static JsonObject Named(JsonNode value) =>
        new() { ["type"] = "object", ["propertyNames"] = Ref("id"), ["additionalProperties"] = value };

    private static JsonObject List(JsonNode items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Words<T>((string Name, T)[] words) => new() { ["enum"] = Names([.. words.Select(w => w.Name)]) };

    private static JsonObject Pattern(string pattern, params string[] examples)
    {
        var text = new JsonObject { ["type"] = "string", ["pattern"] = pattern };
        if (examples.Length > 0) text["examples"] = Names(examples);
        return text;
    }

    private static JsonObject AnyOf(params JsonNode[] values) => new() { ["anyOf"] = new JsonArray(values) };

    private static JsonObject Ref(string name) => new() { ["$ref"] = "#/$defs/" + name };

    private static JsonArray Names(params string[] names) => new([.. names.Select(name => (JsonNode)name)]);
}
