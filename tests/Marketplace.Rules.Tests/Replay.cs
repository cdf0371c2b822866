using System.Numerics;

namespace Marketplace.Rules.Tests;

/// <summary>Works a calculation out again from what its steps say of themselves.</summary>
internal static class Replay
{
    /// <summary>The amount; null when a step does not follow from its inputs.</summary>
    public static BigInteger? Amount(IReadOnlyList<TraceStep> steps)
    {
        var values = new Dictionary<int, Fraction>();
        foreach (var step in steps)
        {
            // Words and what is unknown have no value.
            var stated = step.Value.Denominator == 0 ? 0 : new Fraction(step.Value.Numerator, step.Value.Denominator);
            var value = Follows(step, [.. step.Inputs.Select(i => values[i])]) ?? stated;
            if (value < stated || value > stated) return null;
            values.Add(step.Id, stated);
        }

        return values[steps.Last(s => s.Kind is not (StepKind.Share or StepKind.Test)).Id].Floor;
    }

    /// <summary>What a step must come to; null for steps that state what is given.</summary>
    private static Fraction? Follows(TraceStep step, Fraction[] inputs) => step.Kind switch
    {
        StepKind.Least => inputs.Aggregate(Fraction.Min),
        StepKind.Excess => Fraction.Max(0, inputs[0] - inputs[1]),
        StepKind.Units => new Fraction(inputs[0].Above * inputs[1].Below, inputs[0].Below * inputs[1].Above).Floor,
        StepKind.Amount => inputs[0] * inputs[1],
        StepKind.Sum => inputs.Aggregate((Fraction)0, (sum, input) => sum + input),
        StepKind.Cap => Fraction.Min(inputs[0], Fraction.Max(0, inputs.Skip(2).Aggregate(inputs[1], (room, grant) => room - grant))),
        StepKind.Floor => Fraction.Max(inputs[0], inputs.Skip(2).Aggregate(inputs[1], (rest, grant) => rest - grant)),
        StepKind.Round => Rounded(inputs[0], step.Name.Split('.'), step.Binding),
        StepKind.Stack => 0,
        _ => null,
    };

    private static Fraction Rounded(Fraction sum, string[] name, bool heldBack)
    {
        var unit = name[0] switch { "fen" => 1, "yuan" => 100, "hundredYuan" => 10_000, "thousandYuan" => 100_000, _ => 1_000_000 };
        var down = (sum / unit).Floor * unit;
        var rest = sum - down;
        var lifts = !heldBack && name is [_, var mode] && (mode == "up" ? rest > 0 : rest + rest >= unit);
        return lifts ? down + unit : down;
    }
}
