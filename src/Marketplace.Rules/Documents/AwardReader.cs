namespace Marketplace.Rules.Documents;

/// <summary>Reads the awards under the readings in use.</summary>
internal sealed class AwardReader(IReadOnlyDictionary<string, Clause> clauses, ReadingChoice choice, Faults faults)
{
    internal static readonly (string, Payee)[] Payees = [("buyer", Payee.Buyer), ("seller", Payee.Seller), ("broker", Payee.Broker)];
    private static readonly (string, CapScope)[] Scopes = [("contract", CapScope.Contract), ("project", CapScope.Project)];
    private static readonly (string, bool)[] True = [("true", true), ("是", true)];
    private static readonly (string, bool)[] False = [("false", false), ("否", false)];

    private static readonly (string, Fact)[] Bases =
        [("technologyAmount", Fact.TechnologyAmount), ("amount", Fact.Amount), ("paid", Fact.Paid)];

    internal static readonly (string, ContractKind)[] Kinds =
        [.. FactNames.Kinds.Select(k => (k.Wire(), k)), .. FactNames.Kinds.Select(k => (k.Label().Zh, k))];

    private static readonly string[] Tests = ["kind", "recognised", "brokered", "relatedParties", "buyerRegion", "sellerRegion"];

    /// <summary>Each number met, in order.</summary>
    public List<Parameter> Parameters { get; } = [];

    public IReadOnlyList<Award> Read(Node? node)
    {
        var awards = new List<Award>();
        foreach (var (key, value) in faults.Named(node))
            if (Award(key.Text, value) is { } award)
                awards.Add(award);
        return awards;
    }

    private Award? Award(string id, Node node)
    {
        choice.Used.Clear();
        if (faults.Map(node, ["label", "payee", "amount"], "when", "base", "limits") is not { } map) return null;
        var path = "awards." + id;
        var label = faults.Wording(map["label"]);
        var payee = faults.Word(map["payee"], Payees);
        var conditions = faults.List(map["when"]).Select(Test).OfType<Condition>().ToArray();
        var amount = Amount(map, path + ".amount");
        var limits = faults.List(map["limits"]).Select((limit, i) => Limit(limit, $"{path}.limits.{i}")).OfType<Cap>().ToArray();
        if (label is null || payee is null || amount is null) return null;
        string[] used = [.. choice.Used];
        return new Award
        {
            Id = id,
            Label = label.Value,
            Payee = payee.Value,
            Conditions = conditions,
            Amount = amount,
            Limits = limits,
            Interpretations = used,
            RestsOnUndecidedReading = !used.All(choice.IsDecided),
        };
    }

    /// <summary>Null after a fault, and for the value <c>any</c>, which tests nothing.</summary>
    private Condition? Test(Node node)
    {
        if (faults.Map(node, [], [.. Tests, "cite"]) is not { } map) return null;
        var named = map.Entries.Where(e => Tests.Contains(e.Key.Text)).ToArray();
        if (named.Length != 1)
        {
            faults.Error(node, "POL204", new("每个条件只能检验一个事实", "A condition tests exactly one fact."),
                new($"从 {string.Join(", ", Tests)} 中取一个。", $"Use one of {string.Join(", ", Tests)}."));
            return null;
        }

        var value = choice.Resolve(named[0].Value, out var interpretation);
        var cited = Cite(map, node, interpretation);
        if (value is null || value is ScalarNode { Text: "any" }) return null;
        var basis = new Basis(cited?.Id, interpretation);
        return named[0].Key.Text switch
        {
            "kind" => faults.List(value) is { Count: > 0 } items
                ? new KindIn([.. items.Select(k => faults.Word(k, Kinds)).OfType<ContractKind>()], basis)
                : Empty(value),
            "recognised" => faults.Word(value, True) is { } flag ? new FlagIs(Fact.Recognised, flag, basis) : null,
            "brokered" => faults.Word(value, True) is { } flag ? new FlagIs(Fact.Brokered, flag, basis) : null,
            "relatedParties" => faults.Word(value, False) is { } flag ? new FlagIs(Fact.RelatedParties, flag, basis) : null,
            "buyerRegion" => faults.Region(value) is { } region ? new RegionWithin(Fact.BuyerRegion, region, basis) : null,
            _ => faults.Region(value) is { } region ? new RegionWithin(Fact.SellerRegion, region, basis) : null,
        };
    }

    private KindIn? Empty(Node value)
    {
        if (value is ListNode)
            faults.Error(value, "POL205", new("列表为空", "The list is empty."), new("至少写一项。", "Write at least one entry."));
        return null;
    }

    private AmountShape? Amount(MapNode award, string path)
    {
        if (faults.Map(award["amount"], ["cite"], "rate", "discretionary") is not { } map) return null;
        var clause = Cite(map, map, interpretation: null);
        if (map["rate"] is not null == map["discretionary"] is not null)
        {
            faults.Error(map, "POL204", new("金额必须且只能用一种算法", "An amount has exactly one shape."),
                new("写 rate 或 discretionary。", "Write rate or discretionary."));
            return null;
        }

        if (map["rate"] is { } rateNode)
        {
            if (award["base"] is null)
                faults.Error(award, "POL201", new("缺少“base”", "\"base\" is missing."), new("补上计算基数。", "Add what the rate applies to."));
            var @base = faults.Word(choice.Resolve(award["base"], out var byBase), Bases);
            var rate = Number(rateNode, clause, path + ".rate", out var byRate, faults.Rate,
                (r, text) => Quotes.Hold(clause!.Corrected, r, text), r => (ParameterUnit.Rate, r.Numerator, r.Denominator));
            if (rate is { } parts && parts.Numerator > parts.Denominator)
                faults.Error(rateNode, "POL305", new("比例超过100%", "The rate is above 100%."), new("比例不超过100%。", "Write at most 100%."));
            return @base is null || rate is null ? null : new RateOfBase(rate.Value, @base.Value, new(null, byBase), new(clause?.Id, byRate));
        }

        if (faults.Map(map["discretionary"], ["from", "to"]) is not { } range) return null;
        var from = Sum(range["from"], clause, path + ".discretionary.from", out var byFrom);
        var to = Sum(range["to"], clause, path + ".discretionary.to", out var byTo);
        if (from > to)
            faults.Error(range, "POL306", new("下限高于上限", "The range ends before it begins."), new("对调 from 和 to。", "Swap from and to."));
        return from is null || to is null ? null : new Discretionary(from.Value, to.Value, new(clause?.Id, byFrom ?? byTo));
    }

    private Cap? Limit(Node node, string path)
    {
        if (faults.Map(node, ["cap", "scope", "cite"]) is not { } map) return null;
        var clause = Cite(map, map, interpretation: null);
        var amount = Sum(map["cap"], clause, path + ".cap", out var byAmount);
        var scope = faults.Word(choice.Resolve(map["scope"], out var byScope), Scopes);
        return amount is null || scope is null ? null : new Cap(amount.Value, scope.Value, new(clause?.Id, byAmount ?? byScope));
    }

    private Fen? Sum(Node? node, Clause? clause, string path, out string? interpretation) =>
        Number(node, clause, path, out interpretation, faults.Money, (sum, _) => Quotes.Hold(clause!.Corrected, sum),
            sum => (ParameterUnit.Fen, sum.Value, 1));

    /// <summary>A number that must stand in its clause.</summary>
    private T? Number<T>(Node? node, Clause? clause, string path, out string? interpretation, Func<Node?, T?> read, Func<T, string, bool> held,
        Func<T, (ParameterUnit Unit, long Numerator, long Denominator)> exact)
        where T : struct
    {
        var value = choice.Resolve(node, out interpretation);
        if (read(value) is not { } number) return null;
        if (clause is null) return number;
        var literal = ((ScalarNode)value!).Text;
        if (clause.Quote.Length > 0 && !held(number, literal))
        {
            var has = string.Join(", ", Quotes.Numbers(clause.Corrected));
            faults.Error(value, "POL403", new($"条款“{clause.Id}”的引文中没有 {literal}", $"{literal} does not occur in the quote of clause \"{clause.Id}\"."),
                has.Length == 0 ? new("引文中没有数字。", "The quote holds no number.") : new($"引文中有:{Shown.Short(has)}。", $"The quote has {Shown.Short(has)}."));
        }

        var (unit, numerator, denominator) = exact(number);
        Parameters.Add(new Parameter(path, literal, unit, numerator, denominator, clause.Id));
        return number;
    }

    private Clause? Cite(MapNode map, Node at, string? interpretation)
    {
        if (map["cite"] is { } cite) return faults.Cited(cite, clauses);
        if (interpretation is null)
            faults.Error(at, "POL210", new("没有依据", "Nothing founds this rule."), new("用 cite 指明条款。", "Name a clause with cite."));
        return null;
    }
}
