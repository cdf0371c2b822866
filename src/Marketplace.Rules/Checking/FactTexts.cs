using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Facts as a document writes them: <c>kind: 技术转让</c>, <c>amount: 300万元</c>, <c>recognised: true</c>.</summary>
internal static class FactTexts
{
    private static readonly (string, Subject)[] Subjects = [.. FactNames.Subjects.Select(s => (s.Wire(), s))];

    /// <summary>The facts with one more read from a document.</summary>
    public static Facts With(this Facts facts, Fact fact, Node value, Faults faults) => fact.Type() switch
    {
        FactType.Money => facts.With(fact, faults.Money(value)?.Value),
        FactType.Count => facts.With(fact, faults.Count(value)),
        FactType.Flag => facts.With(fact, faults.Flag(value) is { } flag ? flag ? 1 : 0 : null),
        FactType.Date => facts.With(fact, faults.Date(value)?.DayNumber),
        FactType.Region => facts.With(fact, Region.Number(faults.Region(value))),
        FactType.Kind => facts.With(fact, (long?)faults.Word(value, ConditionReader.Kinds)),
        FactType.Entity => facts.With(fact, (long?)faults.Word(value, ConditionReader.Entities)),
        FactType.Subject => facts.With(fact, (long?)faults.Word(value, Subjects)),
        FactType.Finding => facts with { Findings = Findings(value, faults) },
        _ => facts.With(fact, faults.Text(value)),
    };

    /// <summary>What persons have found: <c>{ marked-effect: true }</c>.</summary>
    private static Finding[] Findings(Node value, Faults faults) =>
        [.. faults.Named(value).Select(e => faults.Flag(e.Value) is { } holds ? new Finding(e.Key.Text, holds) : null).OfType<Finding>()];
}
