using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>
/// Reads the examples of a policy: a list of <c>name</c>, <c>given</c> (facts), <c>history</c> (earlier grants), <c>readings</c> (an
/// interpretation read otherwise than chosen) and <c>expect</c> (of each award what is worth saying: amount, outcome, reason …). Among them an
/// <c>equivalent</c> argues that a change of the document changes no answer whatever.
/// </summary>
/// <param name="policy">The policy document, whose names the examples may use; it need not be free of faults.</param>
/// <param name="faults">Of the examples file.</param>
internal sealed class ExampleReader(MapNode policy, Faults faults)
{
    public static readonly (string Name, Outcome Value)[] Outcomes =
        [("granted", Outcome.Granted), ("refused", Outcome.Refused), ("needsDecision", Outcome.NeedsDecision), ("open", Outcome.Open)];

    private static readonly (string, string)[] Codes =
    [
        .. Enum.GetValues<ReasonCode>().Where(code => code is not (ReasonCode.AssumedFact or ReasonCode.RefusedFlag)).Select(code => new Reason(code, null, null, null, default, default).Code)
            .Concat(FactNames.All.Select(fact => new Reason(ReasonCode.AssumedFact, null, null, fact, default, default).Code))
            .Concat(FactNames.All.Where(fact => fact.Type() == FactType.Flag).SelectMany(fact => new[] { true, false }
                .Select(found => new Reason(ReasonCode.RefusedFlag, null, null, fact, Quantity.Of(found), default).Code))).Select(code => (code, code)),
    ];

    private static readonly (string, Fact)[] Facts = [.. FactNames.All.Select(fact => (fact.Wire(), fact))];
    private static readonly string[] FactKeys = [.. Facts.Select(f => f.Item1)];

    private readonly string[] _awards = Keys(policy["awards"]);
    private readonly string[] _clauses = Keys(policy["clauses"]);
    private readonly string[] _interpretations = Keys(policy["interpretations"]);

    /// <summary>The changes of the document that are argued to change no answer.</summary>
    public List<Equivalent> Equivalents { get; } = [];

    public IReadOnlyList<Example> Read(string yaml)
    {
        var root = NodeReader.Read(yaml, faults);
        if (root is null) return [];
        if (root is not ListNode list)
        {
            faults.Error(root, "POL108", new("例子文件应为列表", "An examples file must be a list."), new("每例以“- name:”开头。", "Begin each example with \"- name:\"."));
            return [];
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var examples = new List<Example>();
        foreach (var item in list.Items)
        {
            if (item is MapNode argued && argued["equivalent"] is { } claim)
            {
                if (faults.Map(argued, ["equivalent"]) is not null && faults.Map(claim, ["at", "change", "reason"]) is { } of
                    && faults.Text(of["at"]) is { } at && faults.Text(of["change"]) is { } change && faults.Wording(of["reason"]) is not null)
                    Equivalents.Add(new Equivalent(claim, at, change));
                continue;
            }

            if (faults.Map(item, ["name", "given", "expect"], "history", "readings") is not { } map) continue;
            var name = faults.Text(map["name"]);
            if (name is not null && !names.Add(name))
                faults.Error(map["name"]!, "POL103", new($"例子“{Shown.Short(name)}”重名", $"Two examples are called \"{Shown.Short(name)}\"."),
                    new("另取一名。", "Give it another name."));
            var facts = Given(map["given"]);
            var history = faults.List(map["history"]).Select(Earlier).OfType<Grant>().ToArray();
            var reading = Reading(map["readings"]);
            var expected = Expected(map["expect"]);
            if (name is not null) examples.Add(new Example(name, facts, history, reading, expected));
        }

        return examples;
    }

    private Facts Given(Node? node)
    {
        var facts = new Facts();
        if (faults.Map(node, [], FactKeys) is not { } map) return facts;
        foreach (var (name, fact) in Facts)
            if (map[name] is { } value)
                facts = facts.With(fact, value, faults);
        return facts;
    }

    private Grant? Earlier(Node node)
    {
        var map = faults.Map(node, ["award", "amount"], "project", "contract", "achievement", "party", "buyer", "seller", "title", "platform", "office", "on");
        var award = Named(map?["award"], _awards);
        var amount = faults.Money(map?["amount"]);
        return award is null || amount is null ? null : new Grant(award, amount.Value)
        {
            Project = faults.Text(map!["project"]),
            Contract = faults.Text(map["contract"]),
            Achievement = faults.Text(map["achievement"]),
            Party = faults.Text(map["party"]),
            Buyer = faults.Text(map["buyer"]),
            Seller = faults.Text(map["seller"]),
            Title = faults.Text(map["title"]),
            Platform = faults.Text(map["platform"]),
            Office = faults.Text(map["office"]),
            On = faults.Date(map["on"]),
        };
    }

    private (string, string)? Reading(Node? node)
    {
        if (faults.Map(node, [], _interpretations) is not { } map) return null;
        if (map.Entries is not [var (key, value)])
        {
            faults.Error(map, "POL204", new("每例只改一处解释口径", "An example reads one interpretation otherwise."),
                new("写作 { 口径: 读法 }。", "Write it as { interpretation: reading }."));
            return null;
        }

        if ((policy["interpretations"] as MapNode)?[key.Text] is not MapNode interpretation) return null;
        var known = Keys(interpretation["readings"]);
        return Named(value, known) is { } reading ? (key.Text, reading) : null;
    }

    private List<Expectation> Expected(Node? node)
    {
        var expected = new List<Expectation>();
        if (faults.Map(node, [], _awards) is not { } awards) return expected;
        foreach (var (award, said) in awards.Entries)
        {
            var claims = new List<Claim>();
            if (faults.Map(said, [], "amount", "outcome", "reason", "cites", "shares", "payee", "low", "high", "missing", "fund", "yearly", "onShortage") is { } map) Claims(map, claims);
            expected.Add(new Expectation(award.Text, claims));
        }

        if (expected.Count == 0) Nothing(awards);
        return expected;
    }

    private void Claims(MapNode map, List<Claim> claims)
    {
        if (map.Entries.Count == 0) Nothing(map);
        Say("amount", n => faults.Money(n) is { } sum ? Answers.Sum(sum) : null, a => Answers.Sum(a.Amount));
        Say("low", n => faults.Money(n) is { } sum ? Answers.Sum(sum) : null, a => Answers.Sum(a.Low));
        Say("high", n => faults.Money(n) is { } sum ? Answers.Sum(sum) : null, a => Answers.Sum(a.High));
        Say("outcome", n => faults.Word(n, Outcomes) is { } outcome ? Answers.Outcome(outcome) : null, a => Answers.Outcome(a.Outcome));
        Say("fund", faults.Id, a => a.Fund?.Id ?? "none");
        Say("yearly", n => faults.Money(n) is { } sum ? Answers.Sum(sum) : null, a => Answers.Sum(a.Fund?.Yearly));
        Say("onShortage", n => faults.Word(n, DocumentReader.Shortages) is { } shortage ? Answers.Shortage(shortage) : null, a => Answers.Shortage(a.Fund?.OnShortage));
        Say("payee", n => faults.Word(n, AwardReader.Payees) is { } payee ? Answers.Payee(payee) : null, a => Answers.Payee(a.Payee));
        Say("missing", n => Answers.List(faults.List(n).Select(item => faults.Word(item, Facts)).OfType<Fact>().Select(f => f.Wire())), Answers.Missing);
        Say("cites", n => Answers.List((n is ListNode list ? list.Items : [n]).Select(item => Named(item, _clauses)).OfType<string>()), Answers.Clauses);
        Say("shares", Shares, Answers.Shares);
        foreach (var reason in map["reason"] is ListNode several ? several.Items : map["reason"] is { } one ? [one] : [])
            if (Code(reason) is { } code)
                claims.Add(new Claim("reason", reason, code, a => Reason(a, code)));

        void Say(string key, Func<Node, string?> expected, Func<AwardEvaluation, string> read)
        {
            if (map[key] is { } node && expected(node) is { } text) claims.Add(new Claim(key, node, text, read));
        }
    }

    private string? Shares(Node node)
    {
        if (node is not MapNode) Fields.Form(faults, node, "若干“出资方: 金额”", "\"payer: sum\" entries");
        var shares = faults.Named(node as MapNode).Select(e => (e.Key.Text, Sum: faults.Money(e.Value))).ToArray();
        return Answers.Shares(shares);
    }

    private string? Code(Node node) => Known(node, Codes);

    /// <summary>A refusal may have many reasons, and each may be expected; a granted sum has one that decided.</summary>
    private static string Reason(AwardEvaluation answer, string code)
    {
        var found = answer.Outcome == Outcome.Granted && !code.StartsWith("assumed.", StringComparison.Ordinal)
            ? Answers.Decisive(answer)?.Code == code
            : answer.Reasons.Any(r => r.Code == code);
        return found ? code : string.Join(", ", answer.Reasons.Select(r => r.Code));
    }

    private string? Named(Node? node, string[] names) => Known(node, [.. names.Select(name => (name, name))]);

    private string? Known(Node? node, (string Name, string)[] names) =>
        faults.Word(node, [.. names.Select((name, i) => (name.Name, i))]) is { } i ? names[i].Name : null;

    private void Nothing(Node at) =>
        faults.Error(at, "POL205", new("没有写明期望的结果", "Nothing is expected."), new("至少写一项,如 amount。", "Write at least one entry, such as amount."));

    private static string[] Keys(Node? node) => node is MapNode map ? [.. map.Entries.Select(e => e.Key.Text)] : [];
}
