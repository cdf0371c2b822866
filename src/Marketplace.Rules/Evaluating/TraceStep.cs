namespace Marketplace.Rules;

/// <summary>What a step of the calculation does, and so how its value follows from its inputs.</summary>
public enum StepKind
{
    /// <summary>A fact as given or assumed; no inputs.</summary>
    Fact,

    /// <summary>A number of the policy; no inputs.</summary>
    Parameter,

    /// <summary>Whether a condition holds (yes, no or unknown); the inputs are what it looked at.</summary>
    Test,

    /// <summary>The least of the inputs.</summary>
    Least,

    /// <summary>The first input less the second, never below 0.</summary>
    Excess,

    /// <summary>How many times the second input fits wholly into the first.</summary>
    Units,

    /// <summary>The product of the two inputs, exact.</summary>
    Amount,

    /// <summary>The sum of the inputs; 0 when there are none.</summary>
    Sum,

    /// <summary>An earlier grant in the scope of a limit, or what another award of the same evaluation draws from it; no inputs.</summary>
    History,

    /// <summary>The least of the first input and what the second (the cap) leaves after all further inputs (earlier grants), never below 0.</summary>
    Cap,

    /// <summary>The greatest of the first input and what the second (the floor) leaves after all further inputs (earlier grants).</summary>
    Floor,

    /// <summary>
    /// The input rounded to the unit that the name says (<c>fen</c>, <c>yuan</c>, <c>hundredYuan</c>, <c>thousandYuan</c>, <c>tenThousandYuan</c>): down, or as a
    /// suffix says (<c>.halfUp</c>, <c>.up</c>). The only rounding. Binding when it went down because a cap left no room to go up.
    /// </summary>
    Round,

    /// <summary>0: another award, which the name says, is paid in place of this one. The input is what this one would have come to.</summary>
    Stack,

    /// <summary>One payer's part of the first input.</summary>
    Share,
}

/// <summary>One step of a calculation. The amount of a granted award is the value of its last step that is no share.</summary>
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
    /// <summary>What the step is about where its name does not say it to readers: the condition that was tested, or an award's name.</summary>
    public Wording About { get; init; }

    /// <summary>For a Chinese reader.</summary>
    public string TextZh => Phrases.Text(this).Zh;

    /// <summary>For an English reader.</summary>
    public string TextEn => Phrases.Text(this).En;
}
