using System.Diagnostics.CodeAnalysis;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Whether some example notices each slip of the pen that could have been made in the document.</summary>
internal sealed class MutationGate(
    Policy policy, MapNode document, IReadOnlyDictionary<Node, string[]> values, DerivedCases cases, IReadOnlyList<Example> examples,
    Suggestions suggestions)
{
    // Looking for an example that would notice takes longer than everything else; with many open, the first ones are work enough.
    private const int MostSearches = 200;

    private static readonly string[] Unheeded = ["POL403", "POL407"];

    private readonly (string, string)?[] _readings =
        [null, .. policy.Interpretations.Where(i => i.Computed).SelectMany(i => i.Readings.Where(r => r.Id != i.Chosen).Select(r => ((string, string)?)(i.Id, r.Id)))];

    /// <param name="faults">Of the document.</param>
    /// <param name="equivalents">Changes that are argued to change no answer.</param>
    /// <param name="examplesFaults">Of the file that argues it.</param>
    public (int Mutants, int Noticed, int Equivalent) Check(Faults faults, IReadOnlyList<Equivalent> equivalents, Faults examplesFaults)
    {
        var (mutants, noticed, argued) = (0, 0, 0);
        var places = new Dictionary<Node, (Mutant First, List<string> Suggested)>(ReferenceEqualityComparer.Instance);
        var changes = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var unsaid = equivalents.ToList();
        foreach (var mutant in new Mutants(policy, values).Of(document))
        {
            if (!changes.TryGetValue(mutant.Path, out var there)) changes[mutant.Path] = there = [];
            there.Add(mutant.Put);
            var isNoticed = IsNoticed(mutant, out var changed);
            var claim = unsaid.Find(e => e.At == mutant.Path && e.Change == mutant.Put);
            if (claim is not null)
            {
                unsaid.Remove(claim);
                if (!isNoticed)
                {
                    argued++;
                    continue;
                }

                examplesFaults.Error(claim.Node, "POL806", new("有例子能察觉这一改动,不能称为等价", "An example notices this change, so it is not equivalent."), new("删去这一条。", "Remove this entry."));
            }

            mutants++;
            if (isNoticed)
            {
                noticed++;
                continue;
            }

            if (!places.TryGetValue(mutant.At, out var place)) places[mutant.At] = place = (mutant, []);
            if (suggestions.Searches < MostSearches && suggestions.Against(changed!, Cases(mutant), Readings(mutant)) is { } suggested) place.Suggested.Add(suggested);
        }

        foreach (var (at, (mutant, suggested)) in places)
            faults.Add(at.At, Severity.Error, "POL803",
                new($"{mutant.Change.Zh},没有例子能察觉", $"No example notices when {mutant.Change.En}."),
                new($"加一个结果因此改变的例子;确实不可能有的,在例子文件中写明理由:{Argument(mutant)}", $"Add an example that comes out otherwise; where there can be none, say why in the examples file: {Argument(mutant)}"),
                suggested.Count > 0 ? string.Concat(suggested) : null);
        foreach (var claim in unsaid)
            examplesFaults.Error(claim.Node, "POL805", new($"没有这样的改动:{Shown.Short(claim.At)} 改为 {Shown.Short(claim.Change)}", $"There is no such change: {Shown.Short(claim.At)} to {Shown.Short(claim.Change)}."),
                changes.TryGetValue(claim.At, out var known)
                    ? new($"此处的改动有:{string.Join(", ", known)}。", $"The changes there are {string.Join(", ", known)}.")
                    : new("照 POL803 给出的 at 和 change 抄写。", "Copy at and change as POL803 gives them."));
        return (mutants, noticed, argued);
    }

    /// <summary>The cases of the award that the change is in, and of those that it bears on; all cases where it is in none.</summary>
    private IEnumerable<DerivedCase> Cases(Mutant mutant) =>
        (mutant.Path.Split('.') is ["awards", var award, ..] ? cases.Stacked(award) : cases.ByAward.Keys).SelectMany(id => cases.ByAward[id]);

    /// <summary>What stands in the branch of a reading is seen under that reading alone.</summary>
    private (string, string)?[] Readings(Mutant mutant)
    {
        Node? node = document;
        foreach (var key in mutant.Path.Split('.'))
        {
            if (node is MapNode map && map["reading"] is ScalarNode { Text: var id } && key != "reading"
                && policy.Interpretations.FirstOrDefault(i => i.Id == id) is { } interpretation && interpretation.Chosen != key) return [(id, key)];
            node = node is ListNode list ? list.Items[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] : (node as MapNode)?[key];
        }

        return _readings;
    }

    private static string Argument(Mutant mutant) => $"- equivalent: {{ at: {mutant.Path}, change: \"{mutant.Put}\", reason: … }}";

    /// <summary>Whether the loader refuses the change or an example fails. Most fail under the chosen readings, which are soon read.</summary>
    private bool IsNoticed(Mutant mutant, [NotNullWhen(false)] out Policy? changed)
    {
        changed = Load(mutant, chosenOnly: true);
        if (changed is null || Fails(changed, e => e.Reading is null)) return true;
        changed = Load(mutant, chosenOnly: false);
        return changed is null || Fails(changed, e => e.Reading is not null);
    }

    private bool Fails(Policy changed, Func<Example, bool> isWanted) => examples.Any(e => isWanted(e) && e.FirstFailure(changed) is not null);

    // That a changed number or word no longer stands in its quote is left aside: both could be wrong.
    private Policy? Load(Mutant mutant, bool chosenOnly) =>
        new DocumentReader(policy.File, (MapNode)mutant.Document, new Faults(policy.File) { Unheeded = Unheeded }) { ChosenOnly = chosenOnly }.Read();
}
