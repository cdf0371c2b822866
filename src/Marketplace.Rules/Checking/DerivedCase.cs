using System.Globalization;
using System.Text;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Facts and earlier grants as an example would write them.</summary>
internal sealed record DerivedCase(IReadOnlyDictionary<Fact, string> Given, IReadOnlyList<Grant> History)
{
    private Facts? _facts;
    private FactValues? _values;

    public Facts Facts => _facts ??= Read();

    public DerivedCase With(Fact fact, string? value)
    {
        var given = new SortedList<Fact, string>(Given.ToDictionary());
        if (value is null) given.Remove(fact);
        else given[fact] = value;
        return new DerivedCase(given, History);
    }

    public IReadOnlyList<AwardEvaluation> Evaluate(Policy policy, (string Interpretation, string Reading)? reading = null) =>
        Answers.Of(policy, _values ??= FactValues.Of(Facts), History, reading);

    /// <summary>The case as an example that says this of the awards.</summary>
    public string ToExample(string name, IReadOnlyList<Expectation> expected, (string Interpretation, string Reading)? reading = null)
    {
        var text = new StringBuilder($"- name: \"{name}\"\n  given: {{ {string.Join(", ", Given.Select(g => $"{g.Key.Wire()}: {g.Value}"))} }}\n");
        if (History.Count > 0) text.Append(CultureInfo.InvariantCulture, $"  history: [{string.Join(", ", History.Select(Text))}]\n");
        if (reading is { } other) text.Append(CultureInfo.InvariantCulture, $"  readings: {{ {other.Interpretation}: {other.Reading} }}\n");
        text.Append(CultureInfo.InvariantCulture, $"  expect: {{ {string.Join(", ", expected.Select(Text))} }}\n");
        return text.ToString();
    }

    private static string Text(Expectation expected) => $"{expected.Award}: {{ {string.Join(", ", expected.Claims.Select(c => $"{c.Key}: {c.Expected}"))} }}";

    private static string Text(Grant grant)
    {
        var text = $"{{ award: {grant.Award}, amount: {Answers.Sum(grant.Amount)}";
        if (grant.Project is { } project) text += $", project: {project}";
        if (grant.Contract is { } contract) text += $", contract: {contract}";
        if (grant.Achievement is { } achievement) text += $", achievement: {achievement}";
        if (grant.Party is { } party) text += $", party: {party}";
        if (grant.Buyer is { } buyer) text += $", buyer: {buyer}";
        if (grant.Seller is { } seller) text += $", seller: {seller}";
        if (grant.Title is { } title) text += $", title: {title}";
        if (grant.Platform is { } platform) text += $", platform: {platform}";
        if (grant.Office is { } office) text += $", office: {office}";
        if (grant.On is { } on) text += $", on: {Quantity.Of(on)}";
        return text + " }";
    }

    private Facts Read()
    {
        var faults = new Faults("");
        // Findings are written as a mapping, everything else as one word.
        return Given.Aggregate(new Facts(), (facts, given) => facts.With(
            given.Key, given.Key == Fact.Findings ? NodeReader.Read(given.Value, faults)! : new ScalarNode(default, given.Value, true), faults));
    }
}
