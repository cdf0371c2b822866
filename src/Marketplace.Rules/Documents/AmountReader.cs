namespace Marketplace.Rules.Documents;

/// <summary>Reads amounts: one key names the shape. A new shape is one more row of the table and one more method.</summary>
internal sealed class AmountReader(ReadingChoice choice, NumberReader numbers, ConditionReader conditions, Faults faults)
{
    private const int MostParts = 100;

    private static readonly (string Key, Func<AmountReader, Place, AmountShape?> Read)[] Shapes =
    [
        ("rate", (reader, at) => reader.Rate(at, isUpper: false)), ("rateMax", (reader, at) => reader.Rate(at, isUpper: true)),
        ("fixed", (reader, at) => reader.Fixed(at)), ("fixedByLevel", (reader, at) => reader.ByLevel(at)),
        ("brackets", (reader, at) => reader.Brackets(at)), ("bands", (reader, at) => reader.Bands(at)),
        ("basePlusRate", (reader, at) => reader.BasePlusRate(at)), ("step", (reader, at) => reader.Step(at)),
        ("perUnit", (reader, at) => reader.PerUnit(at)), ("instalments", (reader, at) => reader.Instalments(at)),
        ("discretionary", (reader, at) => reader.Discretionary(at)), ("cases", (reader, at) => reader.Cases(at)),
    ];

    private static readonly string[] Keys = [.. Shapes.Select(s => s.Key)];

    internal static readonly (string, Fact)[] Sums =
        [.. FactNames.All.Where(f => f.Type() is FactType.Money or FactType.Count).Select(f => (f.Wire(), f))];

    internal static readonly (string, Fact)[] Words =
        [.. FactNames.All.Where(f => f.Type() == FactType.Word && f != Fact.ChosenAward).Select(f => (f.Wire(), f))];

    internal static readonly (string, Scope)[] Supported = [("platform", Scope.Platform), ("partyLifetime", Scope.PartyLifetime)];

    /// <summary>Where a shape is read.</summary>
    /// <param name="Map">The amount, or the case.</param>
    /// <param name="Value">What stands under the shape's key.</param>
    /// <param name="Clause">The clause cited.</param>
    /// <param name="Base">The award's base; null when it has none or it holds a fault.</param>
    /// <param name="Award">The award's node, where a missing base is reported.</param>
    /// <param name="Path">Path of <paramref name="Value"/>.</param>
    private sealed record Place(MapNode Map, Node Value, Clause? Clause, Base? Base, MapNode Award, string Path)
    {
        public Basis Basis => new(Clause?.Id, null);
    }

    public AmountShape? Read(MapNode award, string path) =>
        faults.Map(award["amount"], ["cite"], [.. Keys, "by", "lessPaid"]) is { } map ? Shape(map, null, Base(award["base"]), award, path) : null;

    /// <summary>A base: a fact, <c>{ lesserOf: […] }</c> or <c>{ growth: fact, since: fact }</c>; null when there is none or it holds a fault.</summary>
    public Base? Base(Node? node)
    {
        var value = choice.Resolve(node, out var interpretation);
        var basis = new Basis(null, interpretation);
        if (value is not MapNode) return faults.Word(value, Sums) is { } fact ? new FactBase(fact, basis) : null;
        if (faults.Map(value, [], "lesserOf", "growth", "since") is not { } map) return null;
        if (map["lesserOf"] is { } list && map.Entries.Count == 1)
        {
            var facts = faults.List(list).Select(item => faults.Word(item, Sums)).OfType<Fact>().ToArray();
            if (facts.Length >= 2) return new LesserOf(facts, basis);
            faults.Error(list, "POL205", new("至少要有两项", "At least two entries are needed."), new("写两个金额。", "Write two sums."));
            return null;
        }

        if (map["growth"] is not null && map["since"] is not null && map.Entries.Count == 2)
            return faults.Word(map["growth"], Sums) is { } later && faults.Word(map["since"], Sums) is { } earlier ? new Growth(later, earlier, basis) : null;
        faults.Error(map, "POL204", new("计算基数只有一种写法", "A base has exactly one form."),
            new("写 lesserOf,或写 growth 和 since。", "Write lesserOf, or growth and since."));
        return null;
    }

    /// <summary>Bands of which each has a sum, as caps are chosen by.</summary>
    public Bands? SumsByBand(Node list, Clause? clause, Base @base, string path) => Bands(list, clause, @base, path, ratesToo: false);

    private AmountShape? Shape(MapNode map, Clause? inherited, Base? @base, MapNode award, string path)
    {
        var clause = numbers.Cite(map, map, inherited, interpretation: null);
        var named = Shapes.Where(s => map[s.Key] is not null).ToArray();
        if (named.Length == 1) return named[0].Read(this, new(map, map[named[0].Key]!, clause, @base, award, $"{path}.{named[0].Key}"));
        faults.Error(map, "POL204", new("金额必须且只能用一种算法", "An amount has exactly one shape."),
            new($"从 {string.Join(", ", Keys)} 中取一个。", $"Write one of {string.Join(", ", Keys)}."));
        return null;
    }

    private Base? Needed(Place at)
    {
        if (at.Award["base"] is null)
            faults.Error(at.Award, "POL201", new("缺少“base”", "\"base\" is missing."), new("补上计算基数。", "Add what the rate applies to."));
        return at.Base;
    }

    private RateOfBase? Rate(Place at, bool isUpper)
    {
        var @base = Needed(at);
        return numbers.Rate(at.Value, at.Clause, at.Path) is { } rate && @base is not null ? new(rate, @base, isUpper) : null;
    }

    private Fixed? Fixed(Place at) => numbers.Money(at.Value, at.Clause, at.Path) is { } sum ? new(sum) : null;

    private FixedByLevel? ByLevel(Place at)
    {
        var by = at.Map["by"] is { } node ? faults.Word(node, Words) : Fact.Title;
        if (choice.Resolve(at.Value, out var interpretation) is not MapNode map)
        {
            Fields.Form(faults, at.Value, "若干“称号: 金额”", "\"title: sum\" entries");
            return null;
        }

        var levels = map.Entries.Select(e => numbers.Money(e.Value, at.Clause, $"{at.Path}.{e.Key.Text}") is { } sum ? new Level(e.Key.Text, sum) : null).OfType<Level>().ToArray();
        if (map.Entries.Count == 0) Empty(map);
        return by is null || levels.Length == 0 ? null : new(by.Value, levels, at.Basis with { Interpretation = interpretation });
    }

    private Brackets? Brackets(Place at)
    {
        var @base = Needed(at);
        var parts = new List<Bracket>();
        var items = Parts(at.Value);
        for (var i = 0; i < items.Count; i++)
        {
            if (faults.Map(items[i], ["rate"], "upTo") is not { } map) continue;
            // "any" is the reading under which the bracket has no end.
            var end = choice.Resolve(map["upTo"], out var byReading) is ScalarNode { Text: "any" } ? null : map["upTo"];
            var upTo = Bound(end, at.Clause, $"{at.Path}.{i}.upTo", @base);
            if (upTo is not null && byReading is null && i == items.Count - 1)
                faults.Error(map["upTo"]!, "POL308", new("最后一级有上限,超出部分不计算", "The last bracket ends, and what lies above it counts for nothing."),
                    new("补上没有 upTo 的一级;原文确实到此为止的,写成解释口径 { reading: 口径, 读法: 界限, 读法: any }。", "Add a bracket without upTo; where the text does stop here, make the bound an interpretation: { reading: id, one: sum, other: any }."));
            var rate = numbers.Rate(map["rate"], at.Clause, $"{at.Path}.{i}.rate");
            if (end is null && i < items.Count - 1)
                faults.Error(map, "POL201", new("只有最后一级可以没有上限", "Only the last bracket may be open."), new("补上“upTo”。", "Add \"upTo\"."));
            if (upTo is not null && parts.Count > 0 && upTo.Numerator <= parts[^1].Most)
                faults.Error(map, "POL306", new("各级应由低到高", "The brackets must rise."), new("调整顺序或界限。", "Put them in order."));
            if (rate is not null) parts.Add(new(parts.Count == 0 ? 0 : parts[^1].Most, upTo, rate));
        }

        if (!Fit(at.Value, parts.Select(p => p.Rate.Denominator))) return null;
        return @base is null || parts.Count == 0 || faults.Any ? null : new(parts, @base, at.Basis);
    }

    private Bands? Bands(Place at) => Needed(at) is { } @base ? Bands(at.Value, at.Clause, @base, at.Path, ratesToo: true) : null;

    private Bands? Bands(Node list, Clause? clause, Base @base, string path, bool ratesToo)
    {
        var parts = new List<Band>();
        var items = Parts(list);
        for (var i = 0; i < items.Count; i++)
        {
            var own = $"{path}.{i}";
            if (faults.Map(items[i], [], ratesToo ? ["from", "above", "upTo", "below", "rate", "fixed"] : ["from", "above", "upTo", "below", "fixed"]) is not { } map) continue;
            if (map["rate"] is null == map["fixed"] is null)
                faults.Error(map, "POL204", new("每档写一个比例或一个金额", "A band has a rate or a sum."), new("写 rate 或 fixed。", "Write rate or fixed."));
            var span = numbers.Span(map, clause, own, @base.Fact.Type() == FactType.Count);
            var rate = numbers.Rate(map["rate"], clause, own + ".rate");
            var sum = numbers.Money(map["fixed"], clause, own + ".fixed");
            if (span is null || (rate is null && sum is null)) continue;
            if (parts.Count > 0 && span.Value.Least <= parts[^1].Span.Most)
                faults.Error(map, "POL603", new("与前一档重叠", "The band overlaps the one before it."), new("各档由低到高,用 above 或 below 排除界限。", "Put them in order; above and below leave a bound out."));
            else if (parts.Count > 0 && span.Value.Least > parts[^1].Span.Most + 1)
                faults.Warning(map, "POL604", new("与前一档之间有空档,其间不补", "Between this band and the one before it nothing is paid."), new("如非本意,请核对界限。", "Check the bounds unless that is meant."));
            parts.Add(new(span.Value, rate, sum));
        }

        if (!Fit(list, parts.Select(p => p.Rate?.Denominator ?? 1))) return null;
        return parts.Count == 0 ? null : new(parts, @base, new(clause?.Id, null));
    }

    private BasePlusRate? BasePlusRate(Place at)
    {
        var @base = Needed(at);
        if (faults.Map(at.Value, ["fixed", "rate"], "from", "above") is not { } map || Threshold(map, at, @base) is not { } threshold) return null;
        var sum = numbers.Money(map["fixed"], at.Clause, at.Path + ".fixed");
        var rate = numbers.Rate(map["rate"], at.Clause, at.Path + ".rate");
        return sum is null || rate is null || @base is null ? null : new(threshold, sum, rate, @base, at.Basis);
    }

    private Step? Step(Place at)
    {
        var @base = Needed(at);
        if (faults.Map(at.Value, ["fixed", "per", "add"], "from", "above") is not { } map || Threshold(map, at, @base) is not { } threshold) return null;
        var sum = numbers.Money(map["fixed"], at.Clause, at.Path + ".fixed");
        var per = Bound(map["per"], at.Clause, at.Path + ".per", @base);
        var add = numbers.Money(map["add"], at.Clause, at.Path + ".add");
        if (per is { Numerator: 0, Literal: not "none" })
            faults.Error(map["per"]!, "POL302", new("单位不能为零", "The unit cannot be zero."), new("写每多少增加一次。", "Say for each how much it grows."));
        return sum is null || per is null or { Numerator: 0 } || add is null || @base is null ? null : new(threshold, sum, per, add, @base, at.Basis);
    }

    private PerUnit? PerUnit(Place at)
    {
        var @base = Needed(at);
        if (@base is not null && @base.Fact.Type() != FactType.Count)
            faults.Error(at.Award["base"]!, "POL203", new("按件计算的基数应是件数", "What is paid per unit is counted, not summed."), new("写 base: count。", "Write base: count."));
        return numbers.Money(at.Value, at.Clause, at.Path) is { } sum && @base is not null ? new(sum, @base) : null;
    }

    private Instalments? Instalments(Place at)
    {
        var @base = Needed(at);
        if (faults.Map(at.Value, ["rate", "years"], "of") is not { } map) return null;
        var of = map["of"] is { } what ? faults.Word(choice.Resolve(what, out _), Supported) : null;
        var rate = numbers.Rate(map["rate"], at.Clause, at.Path + ".rate");
        var years = numbers.Count(map["years"], at.Clause, at.Path + ".years");
        return rate is null || years is null || @base is null ? null : new(rate, years, @base, of is { } scope ? new Counting(scope, null) : null);
    }

    private Discretionary? Discretionary(Place at)
    {
        if (faults.Map(at.Value, ["to"], "from", "decider") is not { } range) return null;
        var from = numbers.Money(range["from"], at.Clause, at.Path + ".from");
        var to = numbers.Money(range["to"], at.Clause, at.Path + ".to");
        var decider = faults.Wording(range["decider"]);
        if (from is not null && to is not null && from.Numerator > to.Numerator)
            faults.Error(range, "POL306", new("下限高于上限", "The range ends before it begins."), new("对调 from 和 to。", "Swap from and to."));
        return to is null ? null : new(from, to, decider);
    }

    private Cases? Cases(Place at)
    {
        var parts = new List<Case>();
        var items = Parts(at.Value);
        for (var i = 0; i < items.Count; i++)
        {
            if (faults.Map(items[i], [], [.. Keys, "when", "by", "cite"]) is not { } map) continue;
            var when = conditions.All(map["when"], at.Clause, $"{at.Path}.{i}.when");
            if (map["when"] is null && i < items.Count - 1)
                faults.Error(map, "POL601", new("其后的情形永远轮不到", "The cases after this one are never reached."), new("没有条件的情形放在最后。", "Put the case without conditions last."));
            if (Shape(map, at.Clause, at.Base, at.Award, $"{at.Path}.{i}") is { } amount) parts.Add(new(when, amount));
        }

        if (!Fit(at.Value, parts.Select(p => p.Amount.Denominator))) return null;
        return parts.Count == 0 ? null : new(parts, at.Basis);
    }

    private Span? Threshold(MapNode map, Place at, Base? @base)
    {
        if (map["from"] is null && map["above"] is null)
            faults.Error(map, "POL201", new("缺少“from”", "\"from\" is missing."), new("补上起算点(from 含,above 不含)。", "Add the threshold (from includes it, above does not)."));
        return numbers.Span(map, at.Clause, at.Path, @base?.Fact.Type() == FactType.Count) is { Lower: not null } span ? span : null;
    }

    private Parameter? Bound(Node? node, Clause? clause, string path, Base? @base) =>
        @base?.Fact.Type() == FactType.Count ? numbers.Count(node, clause, path) : numbers.Money(node, clause, path);

    private IReadOnlyList<Node> Parts(Node list)
    {
        var items = faults.List(choice.Resolve(list, out _));
        if (items.Count == 0 && list is ListNode) Empty(list);
        if (items.Count <= MostParts) return items;
        faults.Error(list, "POL209", new($"超过 {MostParts} 项", $"More than {MostParts} entries."), new("请拆分。", "Split it up."));
        return [];
    }

    // Rates with one denominator of at most a milliard keep every product within 128 bits.
    private bool Fit(Node at, IEnumerable<long> denominators)
    {
        long all = 1;
        foreach (var denominator in denominators)
        {
            all = Rules.Rate.CommonDenominator(all, Math.Min(denominator, 1_000_000_000));
            if (all <= 1_000_000_000) continue;
            faults.Error(at, "POL307", new("各档比例没有合用的分母", "The rates have no common denominator of reasonable size."), new("改用位数较少的比例。", "Write rates with fewer decimals."));
            return false;
        }

        return true;
    }

    private void Empty(Node node) =>
        faults.Error(node, "POL205", new("列表为空", "The list is empty."), new("至少写一项。", "Write at least one entry."));
}
