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
    private static readonly string[] StackingKinds = ["exclusive", "higherOf", "chosenByParties", "deduct", "combinedCap"];

    private readonly ReadingChoice _choice;
    private readonly Fact _governedBy;
    private readonly InForce _inForce;
    private readonly bool _isSpecimen;
    private readonly Faults _faults;
    private readonly NumberReader _numbers;
    private readonly ConditionReader _conditions;
    private readonly AmountReader _amounts;

    public AwardReader(IReadOnlyDictionary<string, Clause> clauses, ReadingChoice choice, Fact governedBy, InForce inForce, bool isSpecimen, Faults faults)
    {
        (_choice, _governedBy, _inForce, _isSpecimen, _faults) = (choice, governedBy, inForce, isSpecimen, faults);
        _numbers = new(clauses, choice, inForce, faults);
        _conditions = new(choice, _numbers, faults, isSpecimen);
        _amounts = new(choice, _numbers, _conditions, faults);
    }

    /// <summary>Each number met under the chosen readings, in order.</summary>
    public IReadOnlyList<Parameter> Parameters => _numbers.Parameters;

    /// <param name="awardsNode">The awards.</param>
    /// <param name="stackingNode">How they bear on each other.</param>
    /// <param name="chosen">The same awards under the chosen readings; those that do not rest on the one read otherwise are not read again.</param>
    public RuleSet Read(Node? awardsNode, Node? stackingNode, IReadOnlyList<Award>? chosen = null)
    {
        var awards = new List<Award>();
        foreach (var (key, value) in _faults.Named(awardsNode))
        {
            var same = chosen?.FirstOrDefault(a => a.Id == key.Text && !a.Interpretations.Contains(_choice.Otherwise!.Value.Interpretation));
            if ((same ?? Award(key.Text, value, awards.Count)) is { } award) awards.Add(award);
        }

        string[] ids = [.. _faults.Named(awardsNode).Select(e => e.Key.Text)];
        _choice.Used.Clear();
        var stacking = _faults.List(stackingNode).Select((node, i) => Stacking(node, $"stacking.{i}", ids)).OfType<Stacking>().ToArray();
        foreach (var rule in stacking)
        {
            if (rule.Basis.Interpretation is not { } interpretation) continue;
            for (var i = 0; i < awards.Count; i++)
                if (rule.Awards.Contains(awards[i].Id) && !awards[i].Interpretations.Contains(interpretation))
                    awards[i] = awards[i] with
                    {
                        Interpretations = [.. awards[i].Interpretations, interpretation],
                        RestsOnUndecidedReading = awards[i].RestsOnUndecidedReading || !_choice.IsDecided(interpretation),
                    };
        }

        return new RuleSet(awards, stacking);
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
        var governedBy = map["governedBy"] is { } day ? _faults.Word(day, DocumentReader.Days) : _governedBy;
        var conditions = _conditions.All(map["when"], null, path + ".when");
        var amount = _amounts.Read(map, path + ".amount");
        var limits = _faults.List(_choice.Resolve(map["limits"], out _)).Select((limit, i) => Limit(limit, $"{path}.limits.{i}")).OfType<Limit>().ToArray();
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
            Limits = limits,
            Rounding = rounding,
            Interpretations = used,
            RestsOnUndecidedReading = !used.All(_choice.IsDecided),
            IsSuspended = _numbers.IsSuspended,
            Index = index,
        };
    }

    private Limit? Limit(Node node, string path)
    {
        if (_faults.Map(node, ["scope", "cite"], [.. LimitKinds, "years"]) is not { } map) return null;
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
        return scope is null || (scope == Scope.NYears && years is null) ? null : new(scope.Value, years);
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
        if (_faults.Map(resolved, [], [.. StackingKinds, "from", "of", "scope", "years", "cite"]) is not { } map) return null;
        var clause = _numbers.Cite(map, map, null, interpretation);
        var named = StackingKinds.Where(kind => map[kind] is not null).ToArray();
        if (named.Length != 1)
        {
            _faults.Error(map, "POL204", new("每条叠加规则只写一种", "A stacking rule is exactly one thing."),
                new($"从 {string.Join(", ", StackingKinds)} 中取一个。", $"Write one of {string.Join(", ", StackingKinds)}."));
            return null;
        }

        var basis = new Basis(clause?.Id, interpretation);
        var awards = Concerned(named[0] switch { "deduct" => "from", "combinedCap" => "of", var list => list }, named[0] == "deduct" ? 1 : 2);
        if (awards is null) return null;
        switch (named[0])
        {
            case "exclusive": return new Exclusive(awards, basis);
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
