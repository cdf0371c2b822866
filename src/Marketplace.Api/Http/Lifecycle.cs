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

    /// <summary>Rows for actions that need one of these states and leave it as it is.</summary>
    public static IEnumerable<Transition> Staying(string[] states, string who, params string[] actions) =>
        actions.SelectMany(action => states.Select(state => new Transition(action, [state], state, who)));

    public Transition? Find(string action, string state, IReadOnlySet<string> capacities) =>
        Transitions.FirstOrDefault(t => t.Action == action && t.From.Contains(state) && t.Who.Any(capacities.Contains));

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
        RequireCaller(Transitions.Where(t => t.Action == action), capacities, stale, isTheirs);
        return Find(action, state, capacities) ?? throw Problems.InvalidTransition(action, state, AvailableActions(state, capacities));
    }

    internal static void RequireCaller(IEnumerable<Transition> rows, IReadOnlySet<string> capacities, Func<Refusal>? stale, bool isTheirs)
    {
        var who = rows.SelectMany(t => t.Who).Distinct().ToArray();
        if (!isTheirs && !who.Any(capacities.Contains))
        {
            throw Problems.Forbidden(who);
        }

        if (stale is not null)
        {
            throw stale();
        }
    }
}

/// <summary>
/// Two machines that one resource runs through side by side, so that neither blocks the other. An action moves each machine that has it, and must
/// be possible in each of these.
/// </summary>
/// <param name="seenAs">The one state that a state of each adds up to for readers.</param>
public sealed class TwoAxes(string resource, Lifecycle one, Lifecycle other, Func<string, string, string> seenAs)
{
    readonly string[] _actions = [.. one.Transitions.Concat(other.Transitions).Select(t => t.Action).Distinct()];

    /// <summary>Both machines as a reader of the one state sees them: where each action may lead whom; whether it is possible, only both axes say.</summary>
    public Lifecycle Seen => field ??= See();

    public IReadOnlyList<string> AvailableActions(string onOne, string onOther, IReadOnlySet<string> capacities) =>
        [.. _actions.Where(action => Next(action, (onOne, onOther), capacities) is not null)];

    /// <inheritdoc cref="Lifecycle.Require"/>
    /// <returns>The state that the action leads to on each axis.</returns>
    public (string One, string Other) Require(
        string action, string onOne, string onOther, IReadOnlySet<string> capacities, Func<Refusal>? stale = null, bool isTheirs = false)
    {
        Lifecycle.RequireCaller(one.Transitions.Concat(other.Transitions).Where(t => t.Action == action), capacities, stale, isTheirs);
        return Next(action, (onOne, onOther), capacities)
            ?? throw Problems.InvalidTransition(action, seenAs(onOne, onOther), AvailableActions(onOne, onOther, capacities));
    }

    (string One, string Other)? Next(string action, (string One, string Other) at, IReadOnlySet<string> capacities) =>
        Next(one, action, at.One, capacities) is { } first && Next(other, action, at.Other, capacities) is { } second ? (first, second) : null;

    static string? Next(Lifecycle machine, string action, string state, IReadOnlySet<string> capacities) =>
        machine.Find(action, state, capacities)?.To ?? (machine.Transitions.Any(t => t.Action == action) ? null : state);

    Lifecycle See()
    {
        var start = (one.Initial, other.Initial);
        var capacities = one.Transitions.Concat(other.Transitions).SelectMany(t => t.Who).Distinct().Select(who => new HashSet<string> { who }).ToList();
        var (reached, waiting) = (new HashSet<(string, string)> { start }, new Queue<(string One, string Other)>([start]));
        var rows = new List<(string Action, string From, string To, string Who)>();
        while (waiting.TryDequeue(out var at))
        {
            foreach (var action in _actions)
            {
                foreach (var who in capacities)
                {
                    if (Next(action, at, who) is { } to)
                    {
                        rows.Add((action, seenAs(at.One, at.Other), seenAs(to.One, to.Other), who.Single()));
                        if (reached.Add(to))
                        {
                            waiting.Enqueue(to);
                        }
                    }
                }
            }
        }

        return new(resource, seenAs(start.Item1, start.Item2),
        [
            .. rows.GroupBy(row => (row.Action, row.To, row.Who))
                .Select(group => new Transition(group.Key.Action, [.. group.Select(row => row.From).Distinct()], group.Key.To, group.Key.Who)),
        ]);
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
