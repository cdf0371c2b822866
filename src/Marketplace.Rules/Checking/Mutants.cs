using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>A document with one slip of the pen in it.</summary>
/// <param name="At">Where.</param>
/// <param name="Change">What was changed.</param>
/// <param name="Document">The whole document with the change.</param>
internal sealed record Mutant(Node At, Wording Change, Node Document);

/// <summary>
/// Every document that differs from a given one in one number, date, word of a closed list, region or list item that an evaluation can
/// see. Which values there are is what the loader read as such, so that a new shape takes part as soon as it can be loaded.
/// </summary>
/// <param name="policy">The document as it was loaded.</param>
/// <param name="values">The values that the loader read, with others that could stand in their place.</param>
internal sealed class Mutants(Policy policy, IReadOnlyDictionary<Node, string[]> values)
{
    // The rest describes the document, or only says where a rule comes from.
    private static readonly string[] Evaluated = ["inForce", "governedBy", "awards", "stacking", "sharing", "funds", "assume", "interpretations"];
    private static readonly string[] Described = ["cite", "confirmedOn", "by"];

    public IEnumerable<Mutant> Of(MapNode document) => OfEntries(document, entry => Evaluated.Contains(entry.Key.Text));

    private IEnumerable<Mutant> Of(Node node) => node switch
    {
        ListNode list => OfItems(list),
        MapNode map => OfEntries(map, entry => !Described.Contains(entry.Key.Text) && IsComputed(entry)),
        _ => OfValue(node),
    };

    private IEnumerable<Mutant> OfValue(Node node)
    {
        if (node is not ScalarNode scalar || !values.TryGetValue(node, out var others)) yield break;
        foreach (var other in others)
            yield return new Mutant(node, new($"“{Shown.Short(scalar.Text)}”改为“{other}”", $"\"{Shown.Short(scalar.Text)}\" becomes \"{other}\""),
                scalar with { Text = other });
    }

    private IEnumerable<Mutant> OfItems(ListNode list)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            yield return new Mutant(list.Items[i], new("删去这一项", "this entry is left out"), list with { Items = [.. list.Items.Where((_, at) => at != i)] });
            foreach (var item in Of(list.Items[i]))
                yield return item with { Document = list with { Items = [.. list.Items.Select((old, at) => at == i ? item.Document : old)] } };
        }
    }

    private IEnumerable<Mutant> OfEntries(MapNode map, Func<Entry, bool> isWanted)
    {
        foreach (var entry in map.Entries.Where(isWanted))
            foreach (var value in Of(entry.Value))
                yield return value with
                {
                    Document = map with { Entries = [.. map.Entries.Select(old => old == entry ? entry with { Value = value.Document } : old)] },
                };
    }

    /// <summary>A question that no rule asks has an answer that no example can see.</summary>
    private bool IsComputed(Entry entry) => !policy.Interpretations.Any(i => i.Id == entry.Key.Text && !i.Computed);
}
