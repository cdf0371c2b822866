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
            ["limit"] = Said(Limit(), "Limits work in the document's order, each on what the one before it left, and before the rounding. A cap behind a floor therefore has the last word."),
            ["assumption"] = Map(["why"], ("fact", Ref("sumFact")), ("value", AnyOf(Ref("flag"), Ref("region"))), ("why", Ref("wording"))),
            ["quantity"] = Words(AmountReader.Sums),
            ["sumFact"] = Words(DocumentReader.Sums),
            ["dayFact"] = Words(DocumentReader.Days),
            ["scope"] = Choice(Said(Words(AwardReader.Scopes), Scopes)),
            ["sums"] = Choice(Said(Map([], Ends(() => Ref("money"))), Bounds)),
            ["counts"] = Choice(Said(Map([], Ends(() => Ref("count"))), Bounds)),
            ["days"] = Choice(Said(Map([], ("from", Ref("day")), ("to", Ref("day"))), "First and last day; both belong to the window.")),
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
            ["rate"] = Numeric(Pattern("^\\s*[0-9０-９.．]+\\s*([%‰‱％]|[/／]\\s*[0-9０-９]+)\\s*$", "3%", "0.6‰", "5‱", "1/3")),
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
        ("inForce", Map(["from", "cite"], ("from", Said("day", "First day in force, inclusive.")), ("to", Said("day", "Last day in force, inclusive; left out while no end is known.")), ("cite", Ref("ids")),
            ("confirmedOn", Said("day", "Day on which somebody last made sure that the policy still holds; left out while nobody has.")))),
        ("governedBy", Said("dayFact", "The day of a case that must lie within inForce, that picks dated values and whose year yearly scopes count by.")),
        ("specimen", Said("flag", "The document only shows how such a policy is written; its clauses need not hold a law's words, and it is never in force.")),
        ("clauses", Named(Map(["article", "quote"], ("article", Ref("text")), ("quote", Ref("text")),
            ("erratum", Map(["printed", "read", "why"], ("printed", Ref("text")), ("read", Ref("text")), ("why", Ref("wording"))))))),
        ("awards", Named(Ref("award"))),
        ("stacking", Said(List(Choice(Ref("stacking"))), "How awards bear on each other; applied in the document's order, after each award was rounded.")),
        ("funds", Named(Map(["yearly", "onShortage", "pays", "cite"],
            ("yearly", Ref("money")), ("onShortage", Said(Words(DocumentReader.Shortages), "When the year's money is spent: caseDecision: more is decided case by case; queue: claims wait for the next year; proRata: every claim of the round is cut alike; firstCome: paid in the order of claims until it is spent.")), ("pays", Choice(List(Ref("id")))), ("cite", Ref("ids"))))),
        ("sharing", Choice(Map(["payers", "ratio", "cite"], ("payers", List(Ref("id"))), ("ratio", Ref("text")), ("cite", Ref("id")), ("of", Choice(List(Ref("id"))))))),
        ("assume", Assumptions()),
        ("interpretations", Named(Map(["question", "readings", "chosen"],
            ("question", Ref("wording")), ("clause", Ref("id")), ("readings", Named(Ref("wording"))), ("chosen", Said("id", "The reading that counts.")),
            ("by", Said(Map(["office"], ("office", Ref("text")), ("on", Ref("day")), ("paper", Ref("text"))), "Who settled the question, when and by which paper; left out while nobody has, and then every answer that rests on it is provisional."))))),
        ("unencoded", List(Map(["article", "why"], ("article", Ref("text")), ("clause", Ref("id")), ("why", Ref("wording"))))));

    private static JsonObject Award() => Map(["label", "payee", "amount"],
        ("label", Ref("wording")),
        ("payee", Said(Words(AwardReader.Payees), "Who is paid, and so what partyYear, partyLifetime and nYears count by: buyer, seller (the party that registers a contract) or broker of a contract; applicant of anything else; office: the registration office.")),
        ("subject", Said(Words(AwardReader.Subjects), "What the award is about; a contract where nothing is said. Facts describe one subject, and only the awards about it are answered.")),
        ("governedBy", Choice(Ref("dayFact"))),
        ("when", Ref("conditions")),
        ("base", Ref("base")),
        ("amount", Ref("amount")),
        ("limits", AnyOf(List(Ref("limit")), Ref("byReading"))),
        ("round", Said(Map([], ("to", Choice(Words(AwardReader.Units))), ("mode", Choice(Words(AwardReader.Modes))), ("cite", Ref("id"))),
            "The one rounding, after the limits, never above a cap; down to the fen where nothing is said. It cites a clause that speaks of rounding, or reads an interpretation.")));

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
        ("brackets", Said(Choice(List(Map(["rate"], ("upTo", Bound()), ("rate", Ref("rate"))))), "Each part of the base at the rate of its bracket (超额累进); upTo is inclusive, and the last bracket has none.")),
        ("bands", Said(Choice(List(Map([], [.. Ends(Bound), ("rate", Ref("rate")), ("fixed", Ref("money"))]))), "The whole base at the rate, or for the sum, of its band (全额分档). " + Bounds)),
        ("basePlusRate", Said(Map(["fixed", "rate"], ("from", Bound()), ("above", Bound()), ("fixed", Ref("money")), ("rate", Ref("rate"))), "A sum at the threshold, and a rate on what exceeds it (from includes the threshold, above does not).")),
        ("step", Said(Map(["fixed", "per", "add"], ("from", Bound()), ("above", Bound()), ("fixed", Ref("money")), ("per", Bound()), ("add", Ref("money"))), "A sum at the threshold, and more for each full unit beyond it (from includes the threshold, above does not).")),
        ("perUnit", Ref("money")),
        ("instalments", Map(["rate", "years"], ("rate", Ref("rate")), ("years", Ref("count")), ("of", Choice(Words(AmountReader.Supported))))),
        ("discretionary", Map(["to"], ("from", Ref("money")), ("to", Ref("money")), ("decider", Ref("wording")))),
        ("cases", Choice(List(Ref("case")))),
        ("cite", Ref("id")),
    ];

    private static JsonObject Limit() => Map(["scope", "cite"],
        ("cap", AnyOf(Ref("money"), Ref("base"), Map(["by", "bands"], ("by", Ref("base")), ("bands", Choice(List(Map([], [.. Ends(Bound), ("fixed", Ref("money"))]))))))),
        ("floor", Said("money", "At least this sum, inclusive (保底).")),
        ("minimumToPay", Said("money", "What comes to less than this sum is not paid at all; the sum itself is (起补额).")),
        ("scope", Ref("scope")),
        ("years", Said("count", "With nYears: how many calendar years count, the governing day's and those before it.")),
        ("unnamed", Unnamed()),
        ("cite", Ref("id")));

    private static JsonObject Unnamed() => new()
    {
        ["description"] = "With scope: project, by reading: parties counts a contract without a project with all contracts of the same two parties within 12 months; contract counts it by itself.",
        ["$ref"] = "#/$defs/byReading",
    };

    private static JsonObject Stacking() => Map([],
        ("exclusive", Said(List(Ref("id")), "Only one is paid: the first listed that is due, whatever it comes to. What was granted before of another of them counts.")),
        ("inPlace", Said("id", "Once this award was granted for a contract, those under of are paid no more for it, and what they were paid is taken off it.")),
        ("higherOf", Said(List(Ref("id")), "Only the highest is paid; the first listed among equals.")),
        ("chosenByParties", Said(List(Ref("id")), "Where several are due, only the one that the parties choose is paid; the fact chosenAward names it.")),
        ("deduct", Said(Words(AwardReader.Sums), "A sum that was already paid; it is taken off the awards under from, the first listed first.")),
        ("from", List(Ref("id"))),
        ("combinedCap", Said("money", "The awards under of together come to at most this sum, inclusive; the first listed draws first.")),
        ("of", List(Ref("id"))),
        ("scope", Ref("scope")),
        ("years", Ref("count")),
        ("unnamed", Unnamed()),
        ("cite", Ref("id")));

    private static JsonObject Assumptions() => Map([], [.. DocumentReader.Assumable.Select(fact => (fact.Item1, (JsonNode)Ref("assumption")))]);

    private static (string, JsonNode)[] Ends(Func<JsonNode> bound) => [("from", bound()), ("above", bound()), ("upTo", bound()), ("below", bound())];

    private const string Bounds = "from and upTo include the bound, above and below do not; at most one for each end.";

    private const string Scopes = "What a limit is counted over; earlier grants of the award in the same scope count with it. contract: one contract, or the one subject of the facts; "
        + "project: all contracts of one project; achievement: all that one achievement ever brings; partyYear: all that the payee receives in the calendar year of the governing day; "
        + "partyLifetime: all that the payee ever receives; officeYear: all that is granted through one registration office in that calendar year; "
        + "nYears: all that the payee receives in so many calendar years (years), that one and those before it.";

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

    /// <summary>The same with words for who writes.</summary>
    private static JsonObject Said(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }

    private static JsonObject Said(string reference, string description) => Said(Ref(reference), description);

    private static JsonObject Ref(string name) => new() { ["$ref"] = "#/$defs/" + name };

    private static JsonArray Names(params string[] names) => new([.. names.Select(name => (JsonNode)name)]);
}
