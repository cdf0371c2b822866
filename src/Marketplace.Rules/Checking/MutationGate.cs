using System.Diagnostics.CodeAnalysis;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Whether some example notices each slip of the pen that could have been made in the document.</summary>
internal sealed class MutationGate(
    Policy policy, MapNode document, IReadOnlyDictionary<Node, string[]> values, DerivedCases cases, IReadOnlyList<Example> examples,
    Suggestions suggestions)
{
    // Looking for an example that would notice takes longer than everything else; with many places open, the first ones are work enough.
    private const int MostSuggestions = 20;

    private readonly (string, string)?[] _readings =
        [null, .. policy.Interpretations.Where(i => i.Computed).SelectMany(i => i.Readings.Where(r => r.Id != i.Chosen).Select(r => ((string, string)?)(i.Id, r.Id)))];

    public (int Mutants, int Noticed) Check(Faults faults)
    {
        var (mutants, noticed) = (0, 0);
        var open = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var mutant in new Mutants(policy, values).Of(document))
        {
            mutants++;
            if (IsNoticed(mutant, out var changed))
            {
                noticed++;
                continue;
            }

            if (!open.Add(mutant.At)) continue;
            faults.Add(mutant.At.At, Severity.Error, "POL803",
                new($"{mutant.Change.Zh},没有例子能察觉", $"No example notices when {mutant.Change.En}."),
                new("加一个结果因此改变的例子。", "Add an example that comes out otherwise."),
                open.Count <= MostSuggestions ? suggestions.Against(changed, cases.ByAward.Values.SelectMany(c => c), _readings) : null);
        }

        return (mutants, noticed);
    }

    /// <summary>Whether the loader refuses the change or an example fails. Most fail under the chosen readings, which are soon read.</summary>
    private bool IsNoticed(Mutant mutant, [NotNullWhen(false)] out Policy? changed)
    {
        changed = Load(mutant, chosenOnly: true);
        if (changed is null || Fails(changed, e => e.Reading is null)) return true;
        changed = Load(mutant, chosenOnly: false);
        return changed is null || Fails(changed, e => e.Reading is not null);
    }

    private bool Fails(Policy changed, Func<Example, bool> isWanted) => examples.Any(e => isWanted(e) && e.FirstFailure(changed) is not null);

    // That a changed number no longer stands in its quote is left aside: both could be wrong.
    private Policy? Load(Mutant mutant, bool chosenOnly) =>
        new DocumentReader(policy.File, (MapNode)mutant.Document, new Faults(policy.File) { Unheeded = "POL403" }) { ChosenOnly = chosenOnly }.Read();
}
