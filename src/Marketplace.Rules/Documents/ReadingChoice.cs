namespace Marketplace.Rules.Documents;

/// <summary>
/// Which reading of each interpretation is in use. Any value of a rule may be written <c>{ reading: id, a: …, b: … }</c>; the awards are
/// read once under the chosen readings and once more for each other reading, so the rules themselves never know of readings.
/// </summary>
internal sealed class ReadingChoice(IReadOnlyDictionary<string, Interpretation> known, Faults faults)
{
    /// <summary>The one interpretation that is read otherwise than chosen.</summary>
    public (string Interpretation, string Reading)? Otherwise { get; set; }

    /// <summary>The day whose dated values are read.</summary>
    public DateOnly On { get; set; } = DateOnly.MaxValue;

    /// <summary>The days on which a dated value begins or has just ended.</summary>
    public SortedSet<DateOnly> Changes { get; } = [];

    /// <summary>Ids that were asked for since the list was last cleared.</summary>
    public List<string> Used { get; } = [];

    public HashSet<string> EverUsed { get; } = [];

    /// <summary>The value under the readings in use, and the outermost interpretation that gave it; null after a fault.</summary>
    public Node? Resolve(Node? node, out string? interpretation)
    {
        interpretation = null;
        while (node is MapNode map && map["reading"] is { } reference)
        {
            if (faults.Id(reference) is not { } id) return null;
            if (!known.TryGetValue(id, out var found))
            {
                var near = Shown.Nearest(id, known.Keys);
                faults.Error(reference, "POL207", new($"没有名为“{id}”的解释口径", $"There is no interpretation \"{id}\"."),
                    near is null ? new("在 interpretations 中补上。", "Add it to interpretations.") : new($"是否指“{near}”?", $"Did you mean \"{near}\"?"));
                return null;
            }

            string[] readings = [.. found.Readings.Select(r => r.Id)];
            faults.Map(map, ["reading", .. readings]);
            interpretation ??= id;
            if (!Used.Contains(id)) Used.Add(id);
            EverUsed.Add(id);
            node = map[Otherwise is { } other && other.Interpretation == id ? other.Reading : found.Chosen];
        }

        return node;
    }

    public bool IsDecided(string interpretation) => known[interpretation].By is not null;
}
