using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>What a document says in vain: definitions that no rule uses, and caps that leave less than a fixed sum.</summary>
internal static class Lint
{
    public static void Check(Policy policy, MapNode root, Faults faults)
    {
        var cited = new HashSet<string>(StringComparer.Ordinal);
        Citations(root, cited);
        Unused(policy, root, faults, cited);
        Numbers(policy, root, faults, cited);
        Funds(policy, root, faults);
        Caps(policy, root, faults);
    }

    private static void Unused(Policy policy, MapNode root, Faults faults, HashSet<string> cited)
    {
        foreach (var key in Keys(root["clauses"]).Where(key => !cited.Contains(key.Text)))
            Info(faults, key, "POL610", new($"没有规定引用条款“{key.Text}”", $"Nothing cites the clause \"{key.Text}\"."), new("引用它,或在 unencoded 中说明,或删去。", "Cite it, say in unencoded why not, or remove it."));
        var read = policy.Periods.SelectMany(period => period.Others.Select(other => other.Rules).Prepend(period.Rules))
            .SelectMany(rules => rules.Awards.SelectMany(award => award.Reads()).Concat(rules.Stacking.SelectMany(rule => rule.Reads()))).Append(policy.GovernedBy).ToHashSet();
        foreach (var key in Keys(root["assume"]).Where(key => FactNames.Find(Literals.Narrow(key.Text)) is { } fact && !read.Contains(fact)))
            Info(faults, key, "POL612", new($"没有规定读取“{key.Text}”,这一假定无用", $"No rule reads \"{key.Text}\", so nothing comes of the assumption."), new("删去这一假定。", "Remove it."));
    }

    /// <summary>Sums and rates that stand in a quote that is cited, and that no rule takes from it.</summary>
    private static void Numbers(Policy policy, MapNode root, Faults faults, HashSet<string> cited)
    {
        // A specimen's clauses carry whole rows of a table.
        if (policy.IsSpecimen) return;
        var used = policy.Parameters.ToLookup(p => p.Unit);
        // What other readings take counts as well; they are not among the parameters.
        var literals = Texts(root["awards"]).Concat(Texts(root["stacking"])).ToArray();
        var sums = literals.Select(text => Fen.TryParseLiteral(text, out var sum) == LiteralFault.None ? (Fen?)sum : null).OfType<Fen>().Concat(used[ParameterUnit.Fen].Select(p => new Fen(p.Numerator))).ToHashSet();
        var rates = literals.Select(text => Rate.TryParseLiteral(text, out var rate) == LiteralFault.None ? (Rate?)rate : null).OfType<Rate>()
            .Concat(used[ParameterUnit.Rate].Select(p => new Rate(p.Numerator, p.Denominator))).ToHashSet();
        var left = policy.Unencoded.Select(u => u.Clause).ToHashSet();
        foreach (var clause in policy.Clauses.Where(c => cited.Contains(c.Id) && !left.Contains(c.Id)))
        {
            string[] unused = [.. Quotes.Read(clause.Corrected).Where(q => (q.Sum is { } sum && !sums.Contains(sum)) || (q.Rate is { } rate && !rates.Contains(rate))).Select(q => q.Text).Distinct()];
            if (unused.Length > 0 && (root["clauses"] as MapNode)?[clause.Id] is MapNode map && map["quote"] is { } quote)
                Info(faults, quote, "POL613", new($"引文中的 {string.Join("、", unused)} 没有规定采用", $"No rule uses {string.Join(", ", unused)} of this quote."),
                    new("核对是否漏了规定;不计算的在 unencoded 中说明。", "See whether a rule is missing; say in unencoded what is not computed."));
        }
    }

    private static void Funds(Policy policy, MapNode root, Faults faults)
    {
        if (policy.Funds.Count == 0) return;
        foreach (var key in Keys(root["awards"]).Where(key => !policy.Funds.Any(fund => fund.Pays.Contains(key.Text))))
            Info(faults, key, "POL709", new($"没有专项资金支付补贴项“{key.Text}”", $"No fund pays the award \"{key.Text}\"."), new("把它列入某项资金的 pays;原文未讲明的不必列入。", "Add it to pays of a fund, unless the text names none."));
    }

    /// <summary>A fixed sum that a cap never lets through as a whole.</summary>
    private static void Caps(Policy policy, MapNode root, Faults faults)
    {
        foreach (var award in policy.Awards)
        {
            foreach (var cap in award.Limits.OfType<Cap>())
            {
                foreach (var sum in Parts.Of(award.Amount).SelectMany(Sums).Where(sum => sum.Numerator > cap.Amount.Numerator))
                    faults.Warning(Places.Of(root, cap.Amount.Path, policy.Interpretations), "POL708",
                        new($"限额 {cap.Amount.Literal} 低于定额 {sum.Literal},定额永远不能足额支付", $"The cap {cap.Amount.Literal} lies below the fixed sum {sum.Literal}, which is therefore never paid in full."),
                        new("核对限额和定额。", "Check the cap and the sum."));
            }
        }
    }

    private static IEnumerable<Parameter> Sums(AmountShape amount) => amount switch
    {
        Fixed once => [once.Sum],
        FixedByLevel levels => levels.Levels.Select(level => level.Sum),
        _ => [],
    };

    /// <summary>Every clause that is cited and every interpretation that is read, wherever it stands.</summary>
    private static void Citations(Node? node, HashSet<string> cited)
    {
        switch (node)
        {
            case ListNode list:
                foreach (var item in list.Items) Citations(item, cited);
                break;
            case MapNode map:
                foreach (var (key, value) in map.Entries)
                {
                    if (key.Text is "cite" or "clause") cited.UnionWith(Texts(value));
                    Citations(value, cited);
                }

                break;
        }
    }

    private static IEnumerable<string> Texts(Node? node) => node switch
    {
        ScalarNode scalar => [scalar.Text],
        ListNode list => list.Items.SelectMany(Texts),
        MapNode map => map.Entries.SelectMany(e => Texts(e.Value)),
        _ => [],
    };

    private static IEnumerable<ScalarNode> Keys(Node? node) => node is MapNode map ? map.Entries.Select(e => e.Key) : [];

    private static void Info(Faults faults, Node at, string code, Wording message, Wording fix) => faults.Add(at.At, Severity.Info, code, message, fix);
}
