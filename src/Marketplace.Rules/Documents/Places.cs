using System.Globalization;

namespace Marketplace.Rules.Documents;

/// <summary>Finds what a path such as <c>awards.buyer.limits.0.cap</c> names, where it is written under the chosen readings.</summary>
internal static class Places
{
    /// <summary>The value, or the key in front of it when it is more than one text; of a path that leads too far, the last thing that is there.</summary>
    public static Node Of(MapNode root, string path, IReadOnlyList<Interpretation> interpretations)
    {
        Node at = root;
        Node? key = null;
        foreach (var part in path.Split('.'))
        {
            var found = Chosen(at) switch
            {
                MapNode map => map.Entries.FirstOrDefault(e => e.Key.Text == part),
                ListNode list when int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Items.Count => new Entry(null!, list.Items[i]),
                _ => null,
            };
            if (found is null) break;
            (at, key) = (found.Value, found.Key);
        }

        return Chosen(at) is ScalarNode scalar ? scalar : key ?? at;

        Node Chosen(Node node) =>
            node is MapNode map && map["reading"] is ScalarNode id && interpretations.FirstOrDefault(i => i.Id == id.Text) is { } interpretation
            && map[interpretation.Chosen] is { } chosen ? Chosen(chosen) : node;
    }
}
