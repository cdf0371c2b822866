namespace Marketplace.Rules.Documents;

internal static class Citations
{
    /// <summary>The clause that the node names.</summary>
    public static Clause? Cited(this Faults faults, Node? node, IReadOnlyDictionary<string, Clause> clauses)
    {
        if (faults.Id(node) is not { } id) return null;
        if (clauses.TryGetValue(id, out var clause)) return clause;
        var near = Shown.Nearest(id, clauses.Keys);
        faults.Error(node!, "POL401", new($"没有名为“{id}”的条款", $"There is no clause \"{id}\"."),
            near is null ? new("在 clauses 中补上。", "Add it to clauses.") : new($"是否指“{near}”?", $"Did you mean \"{near}\"?"));
        return null;
    }
}
