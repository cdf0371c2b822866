namespace Marketplace.Rules;

/// <summary>How far something was shown.</summary>
public enum ProofStatus
{
    /// <summary>It holds, for every fact and every history.</summary>
    Proven,

    /// <summary>It does not hold; a witness shows it.</summary>
    Refuted,

    /// <summary>Neither a proof nor a witness was found.</summary>
    Unproven,

    /// <summary>The question does not arise.</summary>
    NotApplicable,
}

/// <summary>What can be said of a policy under its chosen readings without any case at hand.</summary>
/// <param name="Policy">Id of the policy.</param>
/// <param name="Version">Version of the document.</param>
/// <param name="Hash">Hash of the document.</param>
/// <param name="Awards">Each award in each period in force in which its numbers differ, in the document's order.</param>
/// <param name="Remarks">What an author or an office should know.</param>
public sealed record PolicyAnalysis(string Policy, string Version, string Hash, IReadOnlyList<AwardAnalysis> Awards, IReadOnlyList<Remark> Remarks);

/// <summary>One award by itself: as if no other award of the policy were due and nothing had been granted before.</summary>
/// <param name="Award">Id of the award.</param>
/// <param name="From">First day that it is said of, inclusive.</param>
/// <param name="To">Last day, inclusive; null when no end is known.</param>
/// <param name="Most">What it never exceeds, whatever the facts and the history; null when nothing bounds it. Zero: it never comes to anything.</param>
/// <param name="Curves">What it comes to as its base grows, then what each further number does to it.</param>
/// <param name="Monotone">Whether a larger base never lowers it.</param>
/// <param name="Splitting">Whether cutting a contract never raises the sum.</param>
public sealed record AwardAnalysis(
    string Award, DateOnly From, DateOnly? To, Fen? Most, IReadOnlyList<Curve> Curves, Monotonicity Monotone, Splitting Splitting)
{
    /// <summary>The greatest sum that an evaluation was seen to give.</summary>
    internal Fen Attained { get; init; }

    /// <summary>The values of single facts from which on the award follows another rule.</summary>
    internal IEnumerable<(Fact Fact, long At)> BreakPoints =>
        Curves.Where(c => c.Over.Count == 1).SelectMany(c => c.Stretches.Skip(1).Select(s => (c.Over[0], s.From)).Concat(c.Jumps.Select(j => (c.Over[0], j.At)))).Distinct();
}

/// <summary>
/// An award as a function of one number, all other facts as given. Between two neighbouring stretches it jumps or bends; within a stretch each
/// further unit of the number brings the marginal rate, to one rounding.
/// </summary>
/// <param name="Over">The facts that hold the number, all alike: the base, or one other sum or count that conditions or caps ask about.</param>
/// <param name="IsBase">Whether they are the base; else the base is left open and each sum is the most that it can come to.</param>
/// <param name="Given">All other facts.</param>
/// <param name="Stretches">Rising from 0 on, without a gap.</param>
/// <param name="Jumps">Every place where one more unit changes the sum by more than the top rate and one rounding unit explain; rising.</param>
/// <param name="TopRate">The greatest marginal rate, in fen for each unit of the number.</param>
/// <param name="Unit">The rounding unit.</param>
public sealed record Curve(
    IReadOnlyList<Fact> Over, bool IsBase, Facts Given, IReadOnlyList<Stretch> Stretches, IReadOnlyList<Jump> Jumps, Rate TopRate, Fen Unit);

/// <summary>A stretch on which an award follows one rule.</summary>
/// <param name="From">First value, inclusive: a break-point, except 0.</param>
/// <param name="To">Last value, inclusive; null for the last stretch.</param>
/// <param name="Low">The sum at <paramref name="From"/>; null when nothing bounds it.</param>
/// <param name="High">The sum at <paramref name="To"/>; null when nothing bounds it.</param>
/// <param name="Marginal">What one more unit brings, in fen; 0 where steps alone raise the sum.</param>
/// <param name="Clause">The clause that puts the break-point there; null at 0 and where the text is silent.</param>
/// <param name="Interpretation">The interpretation that does; null where none does.</param>
public sealed record Stretch(long From, long? To, Fen? Low, Fen? High, Rate Marginal, string? Clause, string? Interpretation);

/// <summary>A place where one more unit changes the sum at a stroke (悬崖点).</summary>
/// <param name="At">The value from which on the sum is another.</param>
/// <param name="Before">The sum one unit earlier; null when nothing bounds it.</param>
/// <param name="After">The sum there; null when nothing bounds it.</param>
/// <param name="Every">The sum jumps again after so many units each; null for a single jump.</param>
/// <param name="Until">The last value at which it may do so; null when there is none, and for a single jump.</param>
/// <param name="Clause">The clause behind it; null where the text is silent.</param>
/// <param name="Interpretation">The interpretation behind it; null where none is.</param>
public sealed record Jump(long At, Fen? Before, Fen? After, long? Every, long? Until, string? Clause, string? Interpretation)
{
    /// <summary>Whether one more unit lowers the sum.</summary>
    public bool Falls => Before is null ? After is not null : After < Before;

    /// <summary>Whether the sum jumps there.</summary>
    public bool Covers(long value) =>
        value == At || (Every is { } step && value > At && (value - At) % step == 0 && (Until is null || value <= Until));

    /// <summary>Where the number stands in the document.</summary>
    internal string? Path { get; init; }
}

/// <summary>Whether a larger base never lowers an award (单调).</summary>
/// <param name="Status">How far that was shown.</param>
/// <param name="Witness">Where it falls; null unless refuted.</param>
/// <param name="On">The curve that falls there; null unless refuted.</param>
public sealed record Monotonicity(ProofStatus Status, Jump? Witness, Curve? On);

/// <summary>Whether cutting one contract into several of the same project, parties and day never raises what they come to together (拆分合同).</summary>
/// <param name="Status">How far that was shown, for 2 to 50 parts.</param>
/// <param name="Cuts">When refuted: cuts of one contract that pay, the one that gains most first.</param>
/// <param name="Given">When refuted: all facts but the sums of the contract.</param>
/// <param name="Over">The sums of the contract that are cut, all alike.</param>
public sealed record Splitting(ProofStatus Status, IReadOnlyList<Cut> Cuts, Facts? Given, IReadOnlyList<Fact> Over);

/// <summary>One way to cut a contract. The parts are claimed one after another, the larger ones first, each as a contract of its own.</summary>
/// <param name="Whole">The contract uncut, in fen.</param>
/// <param name="Uncut">What it comes to.</param>
/// <param name="Parts">How many parts of which size; together they are the whole.</param>
/// <param name="Together">What the parts come to.</param>
public sealed record Cut(Fen Whole, Fen Uncut, IReadOnlyList<CutPart> Parts, Fen Together)
{
    /// <summary>What cutting gains; more than 0.</summary>
    public Fen Gain => Together - Uncut;

    /// <summary>Into how many parts.</summary>
    public int Count => Parts.Sum(p => p.Count);
}

/// <summary>Parts of one size.</summary>
/// <param name="Count">How many.</param>
/// <param name="Size">How large each is.</param>
public sealed record CutPart(int Count, Fen Size);
