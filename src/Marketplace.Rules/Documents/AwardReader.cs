namespace Marketplace.Rules.Documents;

/// <summary>Reads the awards, and how they bear on each other, under the readings in use and with the values of the day in question.</summary>
internal sealed class AwardReader
{
    internal static readonly (string, Payee)[] Payees =
        [("buyer", Payee.Buyer), ("seller", Payee.Seller), ("broker", Payee.Broker), ("applicant", Payee.Applicant), ("office", Payee.Office)];

    internal static readonly (string, Scope)[] Scopes = [.. Enum.GetValues<Scope>().Select(s => (new Counting(s, null).Wire, s))];
    internal static readonly (string, Subject)[] Subjects = [.. FactNames.Subjects.Select(s => (s.Wire(), s))];
    internal static readonly (string, Fact)[] Sums = [.. FactNames.All.Where(f => f.Type() == FactType.Money).Select(f => (f.Wire(), f))];

    internal static readonly (string, Fen)[] Units =
    [
        ("分", new(1)), ("1分", new(1)), ("元", new(100)), ("1元", new(100)), ("百元", new(10_000)), ("100元", new(10_000)),
        ("千元", new(100_000)), ("1000元", new(100_000)), ("万元", new(1_000_000)), ("1万元", new(1_000_000)),
    ];

    internal static readonly (string, RoundingMode)[] Modes = [("down", RoundingMode.Down), ("halfUp", RoundingMode.HalfUp), ("up", RoundingMode.Up)];
    private static readonly string[] LimitKinds = ["cap", "floor", "minimumToPay"];
    internal static readonly (string, Unnamed)[] UnnamedReadings = [("parties", Rules.Unnamed.Parties), ("contract", Rules.Unnamed.Contract)];
    internal static readonly (string, Scope)[] ExclusiveScopes = [("contract", Scope.Contract), ("partyYear", Scope.PartyYear)];
    internal static readonly (string, Scope)[] TotalScopes = 
    [
        ("contract", Scope.Contract), ("partyYear", Scope.PartyYear), ("officeYear", Scope.OfficeYear), ("partyTitle", Scope.PartyTitle), ("platform", Scope.Platform),
    ];


    // With the keys that each of them reads.
    private static readonly (string Kind, string[] Keys)[] StackingKinds =
    [
        ("exclusive", ["scope"]), ("higherOf", []), ("chosenByParties", []), ("inPlace", ["of"]), ("deduct", ["from"]), ("combinedCap", ["of", "scope", "years", "unnamed"]),
    ];

    private static readonly string StackingNames = string.Join(", ", StackingKinds.Select(kind => kind.Kind));

    private readonly ReadingChoice _choice;
    private readonly Fact _governedBy;
    private readonly InForce _inForce;
    private readonly bool _isSpecimen;
    private readonly Faults _faults;
    private readonly NumberReader _numbers;
    private readonly ConditionReader _conditions;
    private readonly AmountReader _amounts;
    private readonly FundingReader _funding;

    public AwardReader(IReadOnlyDictionary<string, Clause> clauses, ReadingChoice choice, Fact governedBy, InForce inForce, bool isSpecimen, Faults faults)
    {
        (_choice, _governedBy, _inForce, _isSpecimen, _faults) = (choice, governedBy, inForce, isSpecimen, faults);
        _numbers = new(clauses, choice, inForce, faults);
        _conditions = new(choice, _numbers, faults, isSpecimen);
        _amounts = new(choice, _numbers, _conditions, faults);
        _funding = new(clauses, choice, _numbers.Parameters, faults);
    }

    /// <summary>Each number met under the chosen readings, in order.</summary>
    public IReadOnlyList<Parameter> Parameters => _numbers.Parameters;

    /// <param name="root">The document.</param>
    /// <param name="chosen">The same awards under the chosen readings; those that do not rest on the one read otherwise are not read again.</param>
    public RuleSet Read(MapNode root, IReadOnlyList<Award>? chosen = null)
    {
        var awardsNode = root["awards"];
        var awards = new List<Award>();
        foreach (var (key, value) in _faults.Named(awardsNode))
        {
            var same = chosen?.FirstOrDefault(a => a.Id == key.Text && !a.Interpretations.Contains(_choice.Otherwise!.Value.Interpretation));
            if ((same ?? Award(key.Text, value, awards.Count)) is { } award) awards.Add(award);
        }

        string[] ids = [.. _faults.Named(awardsNode).Select(e => e.Key.Text)];
        _choice.Used.Clear();
        var stacking = _faults.List(root["stacking"]).Select((node, i) => Stacking(node, $"stacking.{i}", ids)).OfType<Stacking>().ToArray();
        foreach (var rule in stacking)
        {
            if (rule.Basis.Interpretation is not { } interpretation) continue;
            Rest(interpretation, rule.Awards.Contains);
        }

        _choice.Used.Clear();
        var sharing = _funding.Sharing(root["sharing"], ids);
        var funds = _funding.Funds(root["funds"], ids);
        foreach (var interpretation in _choice.Used) Rest(interpretation, _ => true);
        return new RuleSet(awards, stacking) { Sharing = sharing, Funds = funds };

        void Rest(string interpretation, Func<string, bool> isConcerned)
        {
            for (var i = 0; i < awards.Count; i++)
                if (isConcerned(awards[i].Id) && !awards[i].Interpretations.Contains(interpretation))
                    awards[i] = awards[i] with
                    {
                        Interpretations = [.. awards[i].Interpretations, interpretation],
                        RestsOnUndecidedReading = awards[i].RestsOnUndecidedReading || !_choice.IsDecided(interpretation),
                    };
        }
    }

    /// <summary>Ids of awards, each of which exists.</summary>
    public static string[] AwardIds(Faults faults, Node? node, IReadOnlyList<string> known)
    {
        var ids = new List<string>();
        foreach (var item in faults.List(node))
        {
            if (faults.Id(item) is not { } id) continue;
            if (known.Contains(id))
            {
                ids.Add(id);
                continue;
            }

            var near = Shown.Nearest(id, known);
            faults.Error(item, "POL208", new($"没有名为“{id}”的补贴项", $"There is no award \"{id}\"."),
                near is null ? new("在 awards 中补上。", "Add it to awards.") : new($"是否指“{near}”?", $"Did you mean \"{near}\"?"));
        }

        return [.. ids];
    }

    private Award? Award(string id, Node node, int index)
    {
        _choice.Used.Clear();
        _numbers.IsSuspended = false;
        if (_faults.Map(node, ["label", "payee", "amount"], "subject", "governedBy", "when", "base", "limits", "round") is not { } map) return null;
        var path = "awards." + id;
        var label = _faults.Wording(map["label"]);
        var payee = _faults.Word(map["payee"], Payees);
        var subject = map["subject"] is { } named ? _faults.Word(named, Subjects) : Subject.Contract;
        var governedBy = map["governedBy"] is { } day ? _faults.Word(_choice.Resolve(day, out _), DocumentReader.Days) : _governedBy;
        var conditions = _conditions.All(map["when"], null, path + ".when");
        var amount = _amounts.Read(map, path + ".amount");
        var total = Total(map["amount"] as MapNode);
        var limits = Limits(map["limits"], path);
        var rounding = Rounding(map["round"]);
        if (label is null || payee is null || amount is null || subject is null || governedBy is null) return null;
        string[] used = [.. _choice.Used];
        return new Award
        {
            Id = id,
            Label = label.Value,
            Subject = subject.Value,
            Payee = payee.Value,
            GovernedBy = governedBy.Value,
            Conditions = [new Governs(governedBy.Value, _inForce), .. conditions],
            Amount = amount,
            LessPaid = total,
            Limits = limits,
            Rounding = rounding,
            Interpretations = used,
            RestsOnUndecidedReading = !used.All(_choice.IsDecided),
            IsSuspended = _numbers.IsSuspended,
            Index = index,
        };
    }

    private LessPaid? Total(MapNode? amount)
    {
        if (_choice.Resolve(amount?["lessPaid"], out var interpretation) is not { } node || node is ScalarNode { Text: "any" }) return null;
        var basis = new Basis((amount!["cite"] as ScalarNode)?.Text, interpretation);
        if (node is not MapNode) return _faults.Word(node, TotalScopes) is { } alone ? new(new(alone, null), basis) : null;
        if (_faults.Map(node, ["scope"], "unnamed") is not { } map || _faults.Word(_choice.Resolve(map["scope"], out _), [.. TotalScopes, ("project", Scope.Project)]) is not { } scope) return null;
        return new(new(scope, null, Unnamed(map, scope)), basis);
    }

    private Limit[] Limits(Node? node, string path)
    {
        var limits = new List<Limit>();
        var items = _faults.List(_choice.Resolve(node, out _));
        for (var i = 0; i < items.Count; i++)
        {
            if (Limit(items[i], $"{path}.limits.{i}") is not { } limit) continue;
            if (limit is Floor && limits.Exists(before => before is AnyCap))
                _faults.Error(items[i], "POL220", new("保底不能写在最高限额之后", "A floor cannot come after a cap, which it would lift the sum above."),
                    new("把 floor 移到 cap 之前。", "Write the floor before the cap."));
            limits.Add(limit);
        }

        return [.. limits];
    }

    private Limit? Limit(Node node, string path)
    {
        if (_faults.Map(node, ["scope", "cite"], [.. LimitKinds, "years", "unnamed"]) is not { } map) return null;
        var clause = _numbers.Cite(map, map, null, interpretation: null);
        var named = LimitKinds.Where(kind => map[kind] is not null).ToArray();
        if (named.Length != 1)
        {
            _faults.Error(map, "POL204", new("每条限额只写一种", "A limit is exactly one thing."), new("写 cap、floor 或 minimumToPay。", "Write cap, floor or minimumToPay."));
            return null;
        }

        path = $"{path}.{named[0]}";
        var over = Over(map, clause, path, out var byScope);
        var node1 = map[named[0]]!;
        if (over is null) return null;
        return named[0] switch
        {
            "cap" => Cap(node1, clause, path, over.Value, byScope),
            "floor" => _numbers.Money(node1, clause, path) is { } floor ? new Floor(floor, over.Value) : null,
            _ => _numbers.Money(node1, clause, path) is { } minimum ? new MinimumToPay(minimum, over.Value) : null,
        };
    }

    private AnyCap? Cap(Node node, Clause? clause, string path, Counting over, string? byScope)
    {
        var value = _choice.Resolve(node, out var interpretation);
        if (value is MapNode map && map["by"] is not null)
        {
            if (_faults.Map(map, ["by", "bands"]) is null || map["bands"] is null) return null;
            return _amounts.Base(map["by"]) is { } by && _amounts.SumsByBand(map["bands"]!, clause, by, path + ".bands") is { } bands ? new CapByBand(bands, over) : null;
        }

        if (value is MapNode || (value is ScalarNode { Text: var text } && Sums.Any(s => s.Item1 == text)))
            return _amounts.Base(value) is { } quantity ? new CapByBase(quantity, over, new(clause?.Id, interpretation ?? byScope)) : null;
        return _numbers.Money(node, clause, path) is { } sum ? new Cap(sum, over, byScope) : null;
    }

    private Counting? Over(MapNode map, Clause? clause, string path, out string? interpretation)
    {
        var scope = _faults.Word(_choice.Resolve(map["scope"], out interpretation), Scopes);
        var years = _numbers.Count(map["years"], clause, path + ".years");
        if (scope is not null && scope == Scope.NYears != map["years"] is not null)
            _faults.Error(map, "POL201", new("years 与 scope: nYears 须同时写", "years and scope: nYears go together."), new("写明几年。", "Say how many years."));
        var unnamed = Unnamed(map, scope);
        return scope is null || (scope == Scope.NYears && years is null) ? null : new(scope.Value, years, unnamed);
    }

    private Unnamed Unnamed(MapNode map, Scope? scope)
    {
        if (map["unnamed"] is not { } node)
        {
            if (scope == Scope.Project)
                _faults.Warning(map, "POL223", new("未写明没有项目名称的合同如何计算,按同一买卖双方十二个月内的合同合并计算", "It is not said how contracts without a project count; those of the same two parties within 12 months count together."),
                    new("写 unnamed: { reading: 口径, … }。", "Write unnamed: { reading: id, … }."));
            return Rules.Unnamed.Parties;
        }

        if (map["scope"] is ScalarNode && scope is not null && scope != Scope.Project)
            _faults.Error(node, "POL224", new("unnamed 只与 scope: project 同用", "unnamed goes with scope: project alone."), new("删去 unnamed。", "Remove unnamed."));
        if (node is not MapNode { } choice || choice["reading"] is null)
            _faults.Error(node, "POL221", new("没有项目名称的合同如何计算须写成解释口径", "How contracts without a project count must be an interpretation."),
                new("写 unnamed: { reading: 口径, 读法一: parties, 读法二: contract }。", "Write unnamed: { reading: id, one: parties, other: contract }."));
        return scope == Scope.Project ? _faults.Word(_choice.Resolve(node, out _), UnnamedReadings) ?? default : default;
    }

    private Rounding Rounding(Node? node)
    {
        var map = _faults.Map(node, [], "to", "mode", "cite");
        if (map is null) return new(new(1), RoundingMode.Down, default);
        var (byUnit, byMode) = ((string?)null, (string?)null);
        var unit = map["to"] is { } to ? _faults.Word(_choice.Resolve(to, out byUnit), Units) : new Fen(1);
        var mode = map["mode"] is { } how ? _faults.Word(_choice.Resolve(how, out byMode), Modes) : RoundingMode.Down;
        var clause = _numbers.Cite(map, map, null, byUnit ?? byMode);
        if (!_isSpecimen && (byUnit ?? byMode) is null) _faults.HoldRounding(map["cite"] ?? map, clause);
        return new(unit ?? new(1), mode ?? RoundingMode.Down, new(clause?.Id, byUnit ?? byMode));
    }

    private Stacking? Stacking(Node node, string path, string[] ids)
    {
        var resolved = _choice.Resolve(node, out var interpretation);
        if (resolved is ScalarNode { Text: "any" }) return null;
        var named = resolved is MapNode given ? StackingKinds.Where(kind => given[kind.Kind] is not null).ToArray() : [];
        string[] keys = named.Length == 1 ? [named[0].Kind, .. named[0].Keys] : [.. StackingKinds.SelectMany(kind => (string[])[kind.Kind, .. kind.Keys]).Distinct()];
        if (_faults.Map(resolved, [], [.. keys, "cite"]) is not { } map) return null;
        var clause = _numbers.Cite(map, map, null, interpretation);
        if (named.Length != 1)
        {
            _faults.Error(map, "POL204", new("每条叠加规则只写一种", "A stacking rule is exactly one thing."),
                new($"从 {StackingNames} 中取一个。", $"Write one of {StackingNames}."));
            return null;
        }

        var basis = new Basis(clause?.Id, interpretation);
        var kind = named[0].Kind;
        var awards = Concerned(kind switch { "deduct" => "from", "combinedCap" or "inPlace" => "of", var list => list }, kind is "deduct" or "inPlace" ? 1 : 2);
        if (awards is null) return null;
        switch (kind)
        {
            case "exclusive":
                var scope = map["scope"] is { } node1 ? _faults.Word(_choice.Resolve(node1, out _), ExclusiveScopes) : Scope.Contract;
                return scope is null ? null : new Exclusive(awards, new(scope.Value, null), basis);
            case "inPlace":
                return AwardIds(_faults, new ListNode(map["inPlace"]!.At, [map["inPlace"]!]), ids) is [var first] && !awards.Contains(first) ? new InPlace(first, awards, basis) : null;
            case "higherOf": return new HigherOf(awards, basis);
            case "chosenByParties": return new ChosenByParties(awards, basis);
            case "deduct": return _faults.Word(map["deduct"], Sums) is { } sum ? new Deduct(sum, awards, basis) : null;
            default:
                if (map["scope"] is null)
                    _faults.Error(map, "POL201", new("缺少“scope”", "\"scope\" is missing."), new("补上“scope”。", "Add \"scope\"."));
                return Over(map, clause, path, out _) is { } over && _numbers.Money(map["combinedCap"], clause, path + ".combinedCap") is { } cap
                    ? new CombinedCap(interpretation is null ? cap : cap with { Interpretation = interpretation }, over, awards) : null;
        }

        string[]? Concerned(string key, int least)
        {
            var awards = AwardIds(_faults, map[key], ids);
            if (awards.Distinct().Count() >= least) return awards;
            _faults.Error(map[key] ?? map, "POL205", new($"“{key}”至少写 {least} 个补贴项", $"\"{key}\" names at least {least} awards."), new("补上补贴项。", "Name the awards."));
            return null;
        }
    }
}
