namespace Marketplace.Rules;

/// <summary>What came of an award.</summary>
public enum Outcome
{
    /// <summary>A definite sum.</summary>
    Granted,

    /// <summary>Nothing, for the reasons given.</summary>
    Refused,

    /// <summary>A person decides the sum within the range.</summary>
    NeedsDecision,

    /// <summary>Facts are missing that can change the answer.</summary>
    Open,
}

/// <summary>How firm an answer is.</summary>
public enum Certainty
{
    /// <summary>Nothing is assumed and every reading it rests on was decided.</summary>
    Final,

    /// <summary>It rests on an assumption or on a reading that nobody has decided.</summary>
    Provisional,

    /// <summary>Facts are missing.</summary>
    Range,

    /// <summary>A person decides.</summary>
    NeedsDecision,
}

/// <summary>What the evaluation should say beyond the answer.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Adds the steps of the calculation.</summary>
    public bool Explain { get; init; }

    /// <summary>Adds each award under every reading of the interpretations it rests on.</summary>
    public bool AllReadings { get; init; }
}

/// <summary>The awards of one contract under one policy: a calculation without effect (测算).</summary>
/// <param name="Policy">Id of the policy.</param>
/// <param name="Version">Version of the document.</param>
/// <param name="Hash">Hash of the document.</param>
/// <param name="Awards">In the document's order.</param>
public sealed record Evaluation(string Policy, string Version, string Hash, IReadOnlyList<AwardEvaluation> Awards);

/// <summary>What came of one award.</summary>
public sealed record AwardEvaluation
{
    /// <summary>Id of the award.</summary>
    public required string Award { get; init; }

    /// <summary>Who receives it.</summary>
    public required Payee Payee { get; init; }

    /// <summary>What came of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>How firm it is.</summary>
    public required Certainty Certainty { get; init; }

    /// <summary>The sum in fen: exact when granted, 0 when refused, null when open or for a person to decide.</summary>
    public required Fen? Amount { get; init; }

    /// <summary>The least it can come to, inclusive.</summary>
    public required Fen Low { get; init; }

    /// <summary>The most it can come to, inclusive; null when nothing bounds it.</summary>
    public required Fen? High { get; init; }

    /// <summary>Why; never empty.</summary>
    public required IReadOnlyList<Reason> Reasons { get; init; }

    /// <summary>The facts that would settle an open award, in the order of <see cref="Fact"/>; else empty.</summary>
    public required IReadOnlyList<Fact> MissingFacts { get; init; }

    /// <summary>Who pays which part of a granted sum; empty when the policy does not say.</summary>
    public required IReadOnlyList<Share> Shares { get; init; }

    /// <summary>
    /// The caps with a known ceiling that the award was held to, its own and those that it shares with other awards, whether or not they made
    /// it smaller; none where it was refused before.
    /// </summary>
    public IReadOnlyList<LimitUse> Limits { get; init; } = [];

    /// <summary>The calculation, when asked for; else empty.</summary>
    public required IReadOnlyList<TraceStep> Steps { get; init; }

    /// <summary>The award under each reading of each interpretation it rests on, when asked for; else empty.</summary>
    public IReadOnlyList<ReadingEvaluation> Readings { get; init; } = [];

    /// <summary>What would make the award due, where somebody has asked <see cref="Rules.Counterfactuals"/>; else null.</summary>
    public CounterfactualAnswer? Counterfactuals { get; init; }
}

/// <summary>One payer's part of a granted sum.</summary>
/// <param name="Payer">Who pays.</param>
/// <param name="Amount">How much.</param>
public sealed record Share(string Payer, Fen Amount);

/// <summary>An award with one interpretation read in a certain way and all others as chosen.</summary>
/// <param name="Interpretation">Id of the interpretation.</param>
/// <param name="Reading">Id of the reading.</param>
/// <param name="Chosen">Whether it is the chosen one.</param>
/// <param name="Award">What comes of the award; null when it does not exist under this reading.</param>
public sealed record ReadingEvaluation(string Interpretation, string Reading, bool Chosen, AwardEvaluation? Award);
