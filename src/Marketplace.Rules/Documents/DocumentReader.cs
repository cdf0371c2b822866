using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Rules.Documents;

/// <summary>Reads the whole document. Parts that hold faults come out as null, and the rest is read all the same.</summary>
internal sealed class DocumentReader(string file, MapNode root, Faults faults)
{
    internal static readonly string[] RequiredKeys =
        ["schema", "id", "version", "region", "title", "authority", "source", "inForce", "governedBy", "clauses", "awards"];

    public static readonly (string, Fact)[] Days = Of(FactType.Date);
    internal static readonly (string, Fact)[] Assumable = Of(FactType.Money, FactType.Flag, FactType.Region);
    internal static readonly (string, Fact)[] Sums = Of(FactType.Money);

    internal static readonly (string, Shortage)[] Shortages =
        [("caseDecision", Shortage.CaseDecision), ("queue", Shortage.Queue), ("proRata", Shortage.ProRata), ("firstCome", Shortage.FirstCome)];

    private readonly Dictionary<string, Clause> _clauses = [];
    private readonly Dictionary<string, Interpretation> _interpretations = [];

    /// <summary>Whether to leave out what the rules would be under readings not chosen; for a document that is known to be sound.</summary>
    public bool ChosenOnly { get; init; }

    public Policy? Read()
    {
        faults.Map(root, RequiredKeys,
            "specimen", "stacking", "funds", "interpretations", "assume", "sharing", "unencoded");
        Schema();
        var id = Slug(root["id"]);
        var version = faults.Text(root["version"]);
        var region = faults.Region(root["region"]);
        var title = faults.Wording(root["title"]);
        var authority = faults.Wording(root["authority"]);
        var source = Source();
        Clauses();
        var inForce = InForce();
        var governedBy = faults.Word(root["governedBy"], Days);
        Interpretations();
        var assumptions = Assumptions();
        var unencoded = Unencoded();

        var specimen = faults.Flag(root["specimen"]) ?? false;
        var choice = new ReadingChoice(_interpretations, faults);
        // A fault in either was reported; what is read under the stand-ins is never used.
        var chosen = new AwardReader(_clauses, choice, governedBy ?? Fact.RecognisedOn, inForce ?? new(DateOnly.MinValue, null, [], null), specimen, faults);
        var periods = Periods(chosen, choice);
        var parameters = chosen.Parameters.ToList();
        Unread(choice);
        if (root["awards"] is MapNode { Entries.Count: 0 } none)
            faults.Error(none, "POL205", new("没有补贴项", "There is no award."), new("至少写一项。", "Write at least one entry."));

        if (faults.Any) return null;
        return new Policy
        {
            Root = root,
            File = file,
            Id = id!,
            Version = version!,
            Hash = Hash(),
            Region = region!,
            Title = title!.Value,
            Authority = authority!.Value,
            Source = source!,
            InForce = inForce!,
            GovernedBy = governedBy!.Value,
            Clauses = [.. _clauses.Values],
            IsSpecimen = specimen,
            Periods = periods,
            Parameters = parameters,
            Interpretations = [.. _interpretations.Values.Select(i => i with { Computed = choice.EverUsed.Contains(i.Id) })],
            Assumptions = assumptions,
            Unencoded = unencoded,
            Facts = [.. FactsRead(governedBy.Value, periods).Concat(assumptions.Select(a => a.Instead).OfType<Fact>()).Distinct().Order()],
            Standing = [.. FactNames.All.Select(fact => assumptions.Find(a => a.Fact == fact))],
        };
    }

    /// <summary>The rules as they are for each stretch of days without a change, under the chosen readings and under each other one.</summary>
    private Period[] Periods(AwardReader reader, ReadingChoice choice)
    {
        var rules = reader.Read(root);
        DateOnly[] starts = [DateOnly.MinValue, .. choice.Changes];
        var periods = new Period[starts.Length];
        for (var i = 0; i < starts.Length; i++)
        {
            var to = i == starts.Length - 1 ? DateOnly.MaxValue : starts[i + 1].AddDays(-1);
            choice.On = to;
            if (starts.Length > 1) rules = reader.Read(root);
            periods[i] = new Period(starts[i], to, rules) { Others = Others(reader, choice, rules.Awards) };
        }

        return periods;
    }

    /// <summary>What is chosen of an interpretation that no rule reads changes nothing, which only looks like a decision.</summary>
    private void Unread(ReadingChoice choice)
    {
        foreach (var (key, _) in faults.Named(root["interpretations"]))
            if (_interpretations.ContainsKey(key.Text) && !choice.EverUsed.Contains(key.Text))
                faults.Error(key, "POL222", new($"没有规则用到解释口径“{key.Text}”", $"No rule reads the interpretation \"{key.Text}\"."),
                    new("在规则中写 { reading: 口径, … },或删去;不计算的条款写入 unencoded。", "Write { reading: id, … } in a rule or remove it; what is not computed belongs into unencoded."));
    }

    private void Schema()
    {
        if (faults.Text(root["schema"]) is { } schema && schema != "policy/1")
            faults.Error(root["schema"]!, "POL212", new($"不支持的格式“{Shown.Short(schema)}”", $"The schema \"{Shown.Short(schema)}\" is not supported."),
                new("写 policy/1。", "Write policy/1."));
    }

    private string? Slug(Node? node)
    {
        if (faults.Id(node) is not { } id) return null;
        if (!id.Any(char.IsAsciiLetterUpper)) return id;
        faults.Error(node!, "POL206",
            new("政策编号只用小写字母", "A policy id is in lower case."),
            new($"写作 {id.ToLowerInvariant()}。", $"Write {id.ToLowerInvariant()}."));
        return null;
    }

    private Source? Source()
    {
        var map = faults.Map(root["source"], ["file"], "url", "sha256");
        var file = faults.Text(map?["file"]);
        var url = faults.Text(map?["url"]);
        var sha256 = faults.Text(map?["sha256"]);
        if (sha256 is not null && (sha256.Length != 64 || !sha256.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'))))
            faults.Error(map!["sha256"]!, "POL206",
                new("不是 SHA-256", "Not a SHA-256."),
                new("写64位小写十六进制数。", "Write 64 lower-case hexadecimal digits."));
        return file is null ? null : new Source(file, url, sha256);
    }

    private void Clauses()
    {
        foreach (var (key, value) in faults.Named(root["clauses"]))
        {
            var map = faults.Map(value, ["article", "quote"], "erratum");
            var article = faults.Text(map?["article"]);
            var quote = faults.Text(map?["quote"]);
            // Kept even when incomplete, so that citing it is not a second fault.
            _clauses.Add(key.Text, new Clause(key.Text, article ?? "", quote ?? "", quote is null ? null : Erratum(map!["erratum"], quote)));
        }
    }

    private Erratum? Erratum(Node? node, string quote)
    {
        var map = faults.Map(node, ["printed", "read", "why"]);
        if (faults.Text(map?["printed"]) is not { } printed || faults.Text(map?["read"]) is not { } read
            || faults.Wording(map?["why"]) is not { } why) return null;
        if (!quote.Contains(printed, StringComparison.Ordinal))
            faults.Error(map!["printed"]!, "POL404",
                new("引文中没有这处误印", "The quote does not hold the misprint."),
                new("照原文抄写 printed。", "Copy printed exactly."));
        return new Erratum(printed, read, why);
    }

    private InForce? InForce()
    {
        var map = faults.Map(root["inForce"], ["from", "cite"], "to", "confirmedOn");
        if (map is null) return null;
        var from = faults.Date(map["from"]);
        var to = faults.Date(map["to"]);
        var confirmedOn = faults.Date(map["confirmedOn"]);
        var cited = (map["cite"] is ListNode list ? list.Items : map["cite"] is { } one ? [one] : [])
            .Select(node => faults.Cited(node, _clauses)).OfType<Clause>().ToArray();
        if (map["cite"] is ListNode { Items.Count: 0 } empty)
            faults.Error(empty, "POL205", new("列表为空", "The list is empty."), new("至少写一项。", "Write at least one entry."));
        Held(map["from"], from, cited);
        Held(map["to"], to, cited);
        if (from > to)
            faults.Error(map["to"]!, "POL503",
                new("结束日期早于开始日期", "The interval ends before it begins."),
                new("核对两个日期,首尾两天都计入。", "Check both dates; both ends are included."));
        return from is null ? null : new InForce(from.Value, to, [.. cited.Select(c => c.Id)], confirmedOn);
    }

    private void Held(Node? node, DateOnly? day, Clause[] cited)
    {
        if (day is { } date && cited.Length > 0 && !cited.Any(c => c.Quote.Length == 0 || Quotes.Hold(c.Corrected, date)))
            faults.Error(node!, "POL403",
                new("所引条款中没有这个日期", "The date does not occur in the quotes of the clauses cited."),
                new("引用载有日期的条款。", "Cite a clause that holds the date."));
    }

    private void Interpretations()
    {
        foreach (var (key, value) in faults.Named(root["interpretations"]))
        {
            var map = faults.Map(value, ["question", "readings", "chosen"], "clause", "by");
            if (map is null) continue;
            var question = faults.Wording(map["question"]);
            var clause = map["clause"] is { } cite ? faults.Cited(cite, _clauses) : null;
            var readings = faults.Named(map["readings"])
                .Select(entry => faults.Wording(entry.Value) is { } label ? new Reading(entry.Key.Text, label) : null).OfType<Reading>().ToArray();
            var chosen = faults.Word(map["chosen"], [.. readings.Select((r, i) => (r.Id, i))]);
            var by = Decision(map["by"]);
            if (readings.Length > 0)
                _interpretations.Add(key.Text,
                    new Interpretation(key.Text, question ?? default, clause?.Id, readings, readings[chosen ?? 0].Id, by, Computed: false));
        }
    }

    private Decision? Decision(Node? node)
    {
        var map = faults.Map(node, ["office"], "on", "paper");
        return faults.Text(map?["office"]) is { } office ? new Decision(office, faults.Date(map!["on"]), faults.Text(map["paper"])) : null;
    }

    private List<Assumption> Assumptions()
    {
        var assumptions = new List<Assumption>();
        foreach (var (key, value) in faults.Named(root["assume"]))
        {
            var fact = faults.Word(key, Assumable);
            if (fact is null || faults.Map(value, ["why"], "fact", "value") is not { } map || faults.Wording(map["why"]) is not { } why) continue;
            if (fact.Value.Type() == FactType.Money)
            {
                if (faults.Word(map["fact"], Sums) is { } instead && instead != fact) assumptions.Add(new(fact.Value, instead, null, why));
                else faults.Error(value, "POL204",
                    new("金额只能以另一金额代替", "Only another sum can stand in for a sum."),
                    new("写 fact: amount。", "Write fact: amount."));
            }
            else if (fact.Value.Type() == FactType.Flag)
            {
                if (faults.Flag(map["value"]) is { } flag) assumptions.Add(new(fact.Value, null, flag ? "true" : "false", why) { Number = flag ? 1 : 0 });
            }
            else if (faults.Region(map["value"]) is { } region)
            {
                assumptions.Add(new(fact.Value, null, region, why) { Number = Region.Number(region)!.Value });
            }

            if (fact.Value.Type() != FactType.Money && map["value"] is null)
            {
                faults.Error(value, "POL201", new("缺少“value”", "\"value\" is missing."), new("写明假定的值。", "Say what is assumed."));
            }
        }

        return assumptions;
    }

    private List<Unencoded> Unencoded()
    {
        var all = new List<Unencoded>();
        foreach (var node in faults.List(root["unencoded"]))
        {
            var map = faults.Map(node, ["article", "why"], "clause");
            var clause = map?["clause"] is { } cite ? faults.Cited(cite, _clauses) : null;
            if (faults.Text(map?["article"]) is { } article && faults.Wording(map?["why"]) is { } why) all.Add(new(article, clause?.Id, why));
        }

        return all;
    }

    private List<OtherReading> Others(AwardReader reader, ReadingChoice choice, IReadOnlyList<Award> chosen)
    {
        var others = new List<OtherReading>();
        if (ChosenOnly) return others;
        foreach (var interpretation in _interpretations.Values.Where(i => choice.EverUsed.Contains(i.Id)).ToArray())
        {
            foreach (var reading in interpretation.Readings.Where(r => r.Id != interpretation.Chosen))
            {
                choice.Otherwise = (interpretation.Id, reading.Id);
                others.Add(new OtherReading(interpretation.Id, reading.Id, reader.Read(root, chosen)));
            }
        }

        choice.Otherwise = null;
        return others;
    }

    private static IEnumerable<Fact> FactsRead(Fact governedBy, IReadOnlyList<Period> periods)
    {
        yield return governedBy;
        foreach (var rules in periods.SelectMany(p => p.Others.Select(o => o.Rules).Append(p.Rules)))
        {
            foreach (var award in rules.Awards)
            {
                if (award.Subject != Subject.Contract) yield return Fact.Subject;
                foreach (var fact in award.Reads()) yield return fact;
            }

            foreach (var fact in rules.Stacking.SelectMany(r => r.Reads())) yield return fact;
            foreach (var rule in rules.Stacking)
                foreach (var award in rules.Awards.Where(award => rule.Awards.Contains(award.Id)))
                    foreach (var fact in rule.Scopes.SelectMany(over => over.Reads(award)))
                        yield return fact;
        }
    }

    private static (string, Fact)[] Of(params FactType[] types) => [.. FactNames.All.Where(f => types.Contains(f.Type())).Select(f => (f.Wire(), f))];

    private string Hash()
    {
        var canonical = new StringBuilder();
        root.Canonical(canonical);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
    }
}
