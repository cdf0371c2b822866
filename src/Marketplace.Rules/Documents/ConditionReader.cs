namespace Marketplace.Rules.Documents;

/// <summary>Reads conditions: <c>{ fact: what must hold, cite }</c>, and <c>order</c>, <c>assessed</c>, <c>all</c>, <c>any</c>, <c>not</c>.</summary>
internal sealed class ConditionReader(ReadingChoice choice, NumberReader numbers, Faults faults, bool isSpecimen = false)
{
    private const int MostParts = 100;

    internal static readonly (string, ContractKind)[] Kinds =
        [.. FactNames.Kinds.Select(k => (k.Wire(), k)), .. FactNames.Kinds.Select(k => (k.Label().Zh, k))];

    internal static readonly (string, EntityKind)[] Entities =
        [.. FactNames.Entities.Select(k => (k.Wire(), k)), .. FactNames.Entities.Select(k => (k.Label().Zh, k))];

    private static readonly (string, Fact)[] Days = [.. FactNames.All.Where(f => f.Type() == FactType.Date).Select(f => (f.Wire(), f))];

    internal static readonly string[] Tests =
    [
        .. FactNames.All.Where(f => f != Fact.ChosenAward && f.Type() is not (FactType.Subject or FactType.Identity or FactType.Finding)).Select(f => f.Wire()),
        "order", "assessed", "all", "any", "not",
    ];

    private static readonly string[] Keys = [.. Tests, "cite"];

    public Condition[] All(Node? node, Clause? inherited, string path) =>
        [.. faults.List(node).Select((item, i) => Read(item, inherited, $"{path}.{i}")).OfType<Condition>()];

    /// <summary>Null after a fault, and for the value <c>any</c>, which tests nothing.</summary>
    private Condition? Read(Node node, Clause? inherited, string path)
    {
        if (faults.Map(node, [], Keys) is not { } map) return null;
        var named = map.Entries.Where(e => Tests.Contains(e.Key.Text)).ToArray();
        if (named.Length != 1)
        {
            faults.Error(node, "POL204", new("每个条件只能检验一个事实", "A condition tests exactly one fact."),
                new($"从 {string.Join(", ", Tests)} 中取一个。", $"Use one of {string.Join(", ", Tests)}."));
            return null;
        }

        var key = named[0].Key.Text;
        var value = choice.Resolve(named[0].Value, out var interpretation);
        var clause = numbers.Cite(map, node, inherited, interpretation);
        if (value is null || value is ScalarNode { Text: "any" }) return null;
        var basis = new Basis(clause?.Id, interpretation);
        // What a reading says need not stand in the text.
        var founding = interpretation is null && !isSpecimen ? clause : null;
        path = $"{path}.{key}";
        switch (key)
        {
            case "all": return Parts(value, clause, path) is { } all ? new AllOf(all, basis) : null;
            case "any": return Parts(value, clause, path) is { } any ? new AnyOf(any, basis) : null;
            case "not": return Read(value, clause, path) is { } part ? new Not(part, basis) : null;
            case "assessed": return faults.Id(value) is { } name ? new Assessed(name, basis) : null;
            case "order": return Items(value, Days) is { } days ? new DatesInOrder(days, basis) : null;
            default: return OfFact(FactNames.Find(key)!.Value, value, clause, founding, basis, path);
        }
    }

    private Condition? OfFact(Fact fact, Node value, Clause? clause, Clause? founding, Basis basis, string path)
    {
        switch (fact.Type())
        {
            case FactType.Kind: return Items(value, Kinds, (node, kind) => faults.HoldLabel(node, founding, kind.Label().Zh)) is { } kinds ? new KindIn(kinds, basis) : null;
            case FactType.Entity: return Items(value, Entities, (node, kind) => faults.HoldLabel(node, founding, kind.Label().Zh)) is { } entities ? new EntityIn(fact, entities, basis) : null;
            case FactType.Flag: return faults.Flag(value) is { } flag ? new FlagIs(fact, flag, basis) : null;
            case FactType.Region: return faults.Region(value) is { } region ? new RegionWithin(fact, region, basis) : null;
            case FactType.Word: return Texts(value, founding) is { } words ? new WordIn(fact, words, basis) : null;
            case FactType.Date: return Window(fact, value, founding, basis);
            default:
                if (faults.Map(value, [], "from", "above", "upTo", "below") is not { } map) return null;
                if (map.Entries.Count == 0) Empty(map);
                return numbers.Span(map, clause, path, fact.Type() == FactType.Count) is { } span ? new NumberWithin(fact, span, basis) : null;
        }
    }

    private DateWithin? Window(Fact fact, Node value, Clause? founding, Basis basis)
    {
        if (faults.Map(value, [], "from", "to") is not { } map) return null;
        if (map.Entries.Count == 0) Empty(map);
        var from = map["from"] is null ? DateOnly.MinValue : faults.Date(map["from"]);
        var to = map["to"] is null ? DateOnly.MaxValue : faults.Date(map["to"]);
        if (from > to)
            faults.Error(map, "POL503", new("结束日期早于开始日期", "The interval ends before it begins."), new("核对两个日期,首尾两天都计入。", "Check both dates; both ends are included."));
        if (map["from"] is not null && from is { } first) faults.HoldDay(map["from"]!, founding, first);
        if (map["to"] is not null && to is { } last) faults.HoldDay(map["to"]!, founding, last);
        return from is null || to is null ? null : new DateWithin(fact, from.Value, to.Value, basis);
    }

    private Condition[]? Parts(Node value, Clause? clause, string path)
    {
        if (faults.List(value) is not { Count: > 0 } items) return Empty<Condition>(value);
        if (items.Count > MostParts)
            faults.Error(value, "POL209", new($"条件超过 {MostParts} 项", $"More than {MostParts} conditions."), new("请合并条件。", "Join some of them."));
        var parts = All(value, clause, path);
        return parts.Length == 0 ? null : parts;
    }

    private T[]? Items<T>(Node value, (string, T)[] words, Action<Node, T>? hold = null)
        where T : struct
    {
        if (faults.List(value) is not { Count: > 0 } items) return Empty<T>(value);
        var read = new List<T>();
        foreach (var item in items)
        {
            if (faults.Word(item, words) is not { } word) continue;
            hold?.Invoke(item, word);
            read.Add(word);
        }

        return [.. read];
    }

    private string[]? Texts(Node value, Clause? founding)
    {
        if (faults.List(value) is not { Count: > 0 } items) return Empty<string>(value);
        var read = new List<string>();
        foreach (var item in items)
        {
            if (faults.Text(item) is not { } word) continue;
            faults.HoldWord(item, founding, word);
            read.Add(word);
        }

        return [.. read];
    }

    private T[]? Empty<T>(Node value)
    {
        if (value is ListNode) Empty(value);
        return null;
    }

    private void Empty(Node value) =>
        faults.Error(value, "POL205", new("列表为空", "The list is empty."), new("至少写一项。", "Write at least one entry."));
}
