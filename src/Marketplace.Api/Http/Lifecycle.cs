using Marketplace.Rules;

namespace Marketplace.Api.Http;

/// <summary>One row of a transition table.</summary>
/// <param name="Action">The last segment of its route, kebab-case.</param>
/// <param name="From">The states in which it is possible.</param>
/// <param name="To">The state it leads to.</param>
/// <param name="Who">The capacities that may do it: roles, or a relation to the resource such as <c>owner</c>.</param>
public sealed record Transition(string Action, string[] From, string To, params string[] Who);

/// <summary>
/// The states of one kind of resource as data. The table enforces, fills <c>availableActions</c>, is printed into the API document
/// and generates the tests of every state × action × capacity.
/// </summary>
public sealed class Lifecycle
{
    public const string Clock = "clock";

    public Lifecycle(string resource, string initial, params Transition[] transitions)
    {
        (Resource, Initial, Transitions) = (resource, initial, transitions);
        States = [.. transitions.SelectMany(t => t.From.Append(t.To)).Prepend(initial).Distinct()];
        var reached = new HashSet<string> { initial };
        while (transitions.Any(t => t.From.Any(reached.Contains) && reached.Add(t.To)))
        {
        }

        if (States.Except(reached).FirstOrDefault() is { } stranded)
        {
            throw new InvalidOperationException($"{resource}: no way leads to the state '{stranded}'.");
        }
    }

    public string Resource { get; }

    public string Initial { get; }

    public IReadOnlyList<Transition> Transitions { get; }

    public IReadOnlyList<string> States { get; }

    public IReadOnlyList<string> AvailableActions(string state, IReadOnlySet<string> capacities) =>
        [.. Transitions.Where(t => t.From.Contains(state) && t.Who.Any(capacities.Contains)).Select(t => t.Action).Distinct()];

    /// <summary>
    /// The row for this action, or the refusal: 403 when it is never the caller's, then 412 when the caller named an older version,
    /// then 409 when it is not possible in this state.
    /// </summary>
    /// <param name="isTheirs">The action belongs to the caller, who may have taken it already and so lacks the capacity for it now.</param>
    public Transition Require(
        string action, string state, IReadOnlySet<string> capacities, Func<Refusal>? stale = null, bool isTheirs = false)
    {
        var rows = Transitions.Where(t => t.Action == action).ToList();
        if (!isTheirs && !rows.Any(t => t.Who.Any(capacities.Contains)))
        {
            throw Problems.Forbidden([.. rows.SelectMany(t => t.Who).Distinct()]);
        }

        if (stale is not null)
        {
            throw stale();
        }

        return rows.FirstOrDefault(t => t.From.Contains(state) && t.Who.Any(capacities.Contains))
            ?? throw Problems.InvalidTransition(action, state, AvailableActions(state, capacities));
    }
}

/// <summary>A filter by state: only the states of the machine are codes.</summary>
public abstract class StateOfAttribute(Lifecycle machine) : RuleAttribute
{
    public override string Code => "unknown-code";

    public override bool IsValid(object? value) => value is null || machine.States.Contains((string)value);

    public override Wording Detail(object value)
    {
        var states = string.Join(", ", machine.States);
        return new($"不是可用的状态：{states}。", $"Not one of {states}.");
    }
}
