namespace Marketplace.Rules;

/// <summary>What a step of the calculation does, and so how its value follows from its inputs.</summary>
public enum StepKind
{
    /// <summary>A fact as given or assumed; no inputs.</summary>
    Fact,

    /// <summary>A number of the policy; no inputs.</summary>
    Parameter,

    /// <summary>Whether a condition holds (yes, no or unknown); the input is the fact.</summary>
    Test,

    /// <summary>The product of the two inputs, exact.</summary>
    Amount,

    /// <summary>An earlier grant in the scope of a limit; no inputs.</summary>
    History,

    /// <summary>The least of the first input and what the second (the cap) leaves after all further inputs (earlier grants), never below 0.</summary>
    Cap,

    /// <summary>The input rounded down to the fen. The only rounding.</summary>
    Round,

    /// <summary>One payer's part of the first input.</summary>
    Share,
}

/// <summary>One step of a calculation.</summary>
/// <param name="Id">From 1, rising.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Name">The fact, parameter path, grant or payer it is about.</param>
/// <param name="Inputs">Ids of earlier steps.</param>
/// <param name="Value">Exact value with unit.</param>
/// <param name="Clause">Id of the clause that founds it; null for facts and where the text is silent.</param>
/// <param name="Interpretation">Id of the interpretation that founds it, if any.</param>
/// <param name="Binding">Whether it is the limit or the test that decided.</param>
public sealed record TraceStep(
    int Id, StepKind Kind, string Name, IReadOnlyList<int> Inputs, Quantity Value, string? Clause, string? Interpretation, bool Binding)
{
    /// <summary>For a Chinese reader.</summary>
    public string TextZh => Phrases.Text(this).Zh;

    /// <summary>For an English reader.</summary>
    public string TextEn => Phrases.Text(this).En;
}
