namespace Marketplace.Rules.Documents;

/// <summary>
/// Reads the numbers of rules: under the readings in use, on the day in question, and each of them standing in the quote of its clause. Any
/// number may be dated: a list of <c>{ from, to, value, cite }</c>, both days included, without overlap; a stretch without a value is marked
/// <c>value: none</c>.
/// </summary>
internal sealed class NumberReader(IReadOnlyDictionary<string, Clause> clauses, ReadingChoice choice, InForce inForce, Faults faults)
{
    private sealed record Dated(MapNode Node, DateOnly From, DateOnly To);

    /// <summary>Each number met under the chosen readings, in order.</summary>
    public List<Parameter> Parameters { get; } = [];

    /// <summary>Whether a number without a value on the day was met since this was last set to false.</summary>
    public bool IsSuspended { get; set; }

    public Parameter? Money(Node? node, Clause? clause, string path) => Number(node, clause, path, literal =>
        faults.Money(literal) is { } sum ? (ParameterUnit.Fen, sum.Value, 1) : null,
        (quote, p, _) => Quotes.Hold(quote, new Fen(p.Numerator)));

    public Parameter? Rate(Node? node, Clause? clause, string path)
    {
        var rate = Number(node, clause, path, literal => faults.Rate(literal) is { } r ? (ParameterUnit.Rate, r.Numerator, r.Denominator) : null,
            (quote, p, _) => Quotes.Hold(quote, new Rate(p.Numerator, p.Denominator)));
        if (rate is not null && rate.Numerator > rate.Denominator)
            faults.Error(choice.Resolve(node, out _)!, "POL305", new("比例超过100%", "The rate is above 100%."), new("比例不超过100%。", "Write at most 100%."));
        if (rate is { Denominator: > 1_000_000 })
            faults.Error(choice.Resolve(node, out _)!, "POL307", new("比例过细", "The rate is too fine."), new("最细到百万分之一。", "Write at most six decimals."));
        return rate;
    }

    public Parameter? Count(Node? node, Clause? clause, string path) => Number(node, clause, path, literal =>
        faults.Count(literal) is { } count ? (ParameterUnit.Count, count, 1) : null,
        (quote, _, literal) => Quotes.HoldCount(quote, literal));

    /// <summary>A stretch: <c>from</c> or <c>above</c>, <c>upTo</c> or <c>below</c>, of sums or of counts.</summary>
    public Span? Span(MapNode map, Clause? clause, string path, bool counts)
    {
        if (map["from"] is not null && map["above"] is not null || map["upTo"] is not null && map["below"] is not null)
        {
            faults.Error(map, "POL204", new("同一端写了两个界限", "One end has two bounds."), new("from 或 above,upTo 或 below。", "Write from or above, and upTo or below."));
            return null;
        }

        var lower = map["from"] ?? map["above"];
        var upper = map["upTo"] ?? map["below"];
        var least = Bound(lower, map["from"] is null ? "above" : "from");
        var most = Bound(upper, map["upTo"] is null ? "below" : "upTo");
        if ((lower is not null && least is null) || (upper is not null && most is null)) return null;
        var span = new Span(
            least is null ? 0 : map["from"] is null ? least.Numerator + 1 : least.Numerator,
            most is null ? long.MaxValue : map["upTo"] is null ? most.Numerator - 1 : most.Numerator, least, most);
        if (span.Least > span.Most)
            faults.Error(map, "POL306", new("下限高于上限", "The range ends before it begins."), new("对调两个界限。", "Swap the bounds."));
        return span;

        Parameter? Bound(Node? node, string name) => counts ? Count(node, clause, $"{path}.{name}") : Money(node, clause, $"{path}.{name}");
    }

    public Clause? Cite(MapNode map, Node at, Clause? inherited, string? interpretation)
    {
        if (map["cite"] is { } cite) return faults.Cited(cite, clauses);
        if (interpretation is null && inherited is null)
            faults.Error(at, "POL210", new("没有依据", "Nothing founds this rule."),
                new("用 cite 指明条款;原文未讲明的,写成解释口径 { reading: 口径, 读法: 值 }。", "Name a clause with cite; where the text is silent, make it an interpretation: { reading: id, one: value }."));
        return inherited;
    }

    private Parameter? Number(Node? node, Clause? clause, string path, Func<Node, (ParameterUnit, long, long)?> read, Func<string, Parameter, string, bool> held)
    {
        var value = choice.Resolve(node, out var interpretation);
        if (value is not ListNode list) return value is null ? null : Read(value, clause, interpretation, null, null);
        Parameter? today = null;
        foreach (var entry in Entries(list))
        {
            var own = entry.Node["cite"] is { } cite ? faults.Cited(cite, clauses) : clause;
            var number = Read(entry.Node["value"]!, own, interpretation, entry.From, entry.To);
            // Before the first and after the last the policy is not in force; the nearest value serves.
            if (today is null || entry.From <= choice.On) today = number;
        }

        return today;

        Parameter? Read(Node literal, Clause? cited, string? by, DateOnly? from, DateOnly? to)
        {
            if (from is not null && literal is ScalarNode { Text: "none" })
            {
                IsSuspended |= from <= choice.On && to >= choice.On;
                return new Parameter(path, "none", ParameterUnit.Fen, 0, 1, cited?.Id ?? "", by);
            }

            if (read(literal) is not var (unit, numerator, denominator)) return null;
            var text = ((ScalarNode)literal).Text;
            var parameter = new Parameter(path, text, unit, numerator, denominator, cited?.Id ?? "", by)
            {
                From = from == DateOnly.MinValue ? null : from,
                To = to == DateOnly.MaxValue ? null : to,
            };
            if (cited is null) return parameter;
            if (cited.Quote.Length > 0 && !held(cited.Corrected, parameter, text))
            {
                var has = string.Join(", ", Quotes.Numbers(cited.Corrected));
                faults.Error(literal, "POL403", new($"条款“{cited.Id}”的引文中没有 {text}", $"{text} does not occur in the quote of clause \"{cited.Id}\"."),
                    has.Length == 0 ? new("引文中没有数字。", "The quote holds no number.") : new($"引文中有:{Shown.Short(has)}。", $"The quote has {Shown.Short(has)}."));
            }

            if (choice.Otherwise is null && !Parameters.Contains(parameter)) Parameters.Add(parameter);
            return parameter;
        }
    }

    /// <summary>The dated values, earliest first, free of overlaps and gaps or else reported.</summary>
    private List<Dated> Entries(ListNode list)
    {
        var entries = new List<Dated>();
        foreach (var item in list.Items)
        {
            if (faults.Map(item, ["value"], "from", "to", "cite") is not { } map || map["value"] is null) continue;
            var from = map["from"] is null ? DateOnly.MinValue : faults.Date(map["from"]);
            var to = map["to"] is null ? DateOnly.MaxValue : faults.Date(map["to"]);
            if (from is null || to is null) continue;
            if (from > to)
                faults.Error(map, "POL503", new("结束日期早于开始日期", "The interval ends before it begins."), new("核对两个日期,首尾两天都计入。", "Check both dates; both ends are included."));
            entries.Add(new(map, from.Value, to.Value));
        }

        if (entries.Count == 0 && list.Items.Count == 0)
            faults.Error(list, "POL205", new("列表为空", "The list is empty."), new("至少写一项。", "Write at least one entry."));
        entries.Sort((a, b) => a.From.CompareTo(b.From));
        for (var i = 0; i < entries.Count; i++)
        {
            var (node, from, to) = entries[i];
            if (from > DateOnly.MinValue) choice.Changes.Add(from);
            if (to < DateOnly.MaxValue) choice.Changes.Add(to.AddDays(1));
            if (i == 0)
            {
                if (from > inForce.From) Gap(node, inForce.From);
            }
            else if (entries[i - 1].To >= from)
            {
                faults.Error(node, "POL502",
                    new($"两个数值同时有效(第 {entries[i - 1].Node.Line} 行和第 {node.Line} 行)", $"Two values are in force on one day (lines {entries[i - 1].Node.Line} and {node.Line})."),
                    new("前一个须在后一个开始之前结束。", "End the first before the second begins."));
            }
            else if (entries[i - 1].To.AddDays(1) < from)
            {
                Gap(node, entries[i - 1].To.AddDays(1));
            }

            if (i == entries.Count - 1 && to < (inForce.To ?? DateOnly.MaxValue)) Gap(node, to.AddDays(1));
        }

        return entries;
    }

    private void Gap(Node at, DateOnly day) => faults.Error(at, "POL505",
        new($"自 {Quantity.Of(day)} 起没有数值", $"No value is in force from {Quantity.Of(day)} on."),
        new("补上数值,或写 value: none 表明此间不补。", "Add a value, or write value: none where nothing is paid."));
}
