using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

// How an analysis looks from outside. Sums are in yuan; values of a fact are exact texts with the unit of the fact, as in steps.

public sealed record AnalysisView
{
    public required string Policy { get; init; }

    /// <summary>The document's own version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the document's content.</summary>
    public required string Hash { get; init; }

    /// <summary>Each award by itself, in each period in which its numbers differ.</summary>
    public required IReadOnlyList<AnalysedAward> Awards { get; init; }

    /// <summary>What an author or an office should know.</summary>
    public required IReadOnlyList<RemarkView> Remarks { get; init; }

    internal static AnalysisView Of(PolicyAnalysis analysis, Language language) => new()
    {
        Policy = analysis.Policy, Version = analysis.Version, Hash = analysis.Hash,
        Awards = [.. analysis.Awards.Select(AnalysedAward.Of)],
        Remarks =
        [
            .. analysis.Remarks.Select(remark => new RemarkView(
                remark.Code, remark.Severity, remark.Award, remark.Clause, remark.Interpretation,
                language == Language.English ? remark.TextEn : remark.TextZh, language == Language.English ? remark.FixEn : remark.FixZh)),
        ],
    };
}

public sealed record AnalysedAward
{
    public required string Award { get; init; }
    public required DateOnly From { get; init; }

    /// <summary>The last day, included; absent where no end is known.</summary>
    public DateOnly? To { get; init; }

    /// <summary>What it never exceeds; absent where nothing bounds it.</summary>
    public Fen? Most { get; init; }

    /// <summary>Whether a larger base never lowers it. 单调</summary>
    public required MonotonicityView Monotone { get; init; }

    /// <summary>Whether cutting a contract never raises the sum. 拆分</summary>
    public required SplittingView Splitting { get; init; }

    public required IReadOnlyList<CurveView> Curves { get; init; }

    internal static AnalysedAward Of(AwardAnalysis award) => new()
    {
        Award = award.Award, From = award.From, To = award.To, Most = award.Most,
        Monotone = new(award.Monotone.Status, award.Monotone is { Witness: { } fall, On: { } on } ? JumpView.Of(fall, on.Over[0]) : null),
        Splitting = new(award.Splitting.Status, [.. award.Splitting.Over.Select(fact => fact.Wire())], award.Splitting.Given, [.. award.Splitting.Cuts.Select(CutView.Of)]),
        Curves = [.. award.Curves.Select(CurveView.Of)],
    };
}

/// <param name="Witness">Where it falls.</param>
public sealed record MonotonicityView(ProofStatus Status, JumpView? Witness);

/// <param name="Over">The sums of the contract that are cut, all alike.</param>
/// <param name="Given">All other facts, where cutting pays.</param>
/// <param name="Cuts">Cuts of one contract that pay, the one that gains most first.</param>
public sealed record SplittingView(ProofStatus Status, IReadOnlyList<string> Over, Facts? Given, IReadOnlyList<CutView> Cuts);

/// <param name="Whole">The contract uncut.</param>
/// <param name="Uncut">What it comes to.</param>
/// <param name="Together">What its parts come to.</param>
public sealed record CutView(Fen Whole, Fen Uncut, Fen Together, Fen Gain, IReadOnlyList<CutPart> Parts)
{
    internal static CutView Of(Cut cut) => new(cut.Whole, cut.Uncut, cut.Together, cut.Gain, cut.Parts);
}

/// <summary>An award as a function of one number.</summary>
public sealed record CurveView
{
    /// <summary>The facts that hold the number, all alike.</summary>
    public required IReadOnlyList<string> Over { get; init; }

    /// <summary>Whether they are the base; else each sum is the most that it can come to with any base.</summary>
    public required bool IsBase { get; init; }

    /// <summary>All other facts; with them every sum here is an evaluation.</summary>
    public required Facts Given { get; init; }

    public required IReadOnlyList<StretchView> Stretches { get; init; }

    /// <summary>悬崖点</summary>
    public required IReadOnlyList<JumpView> Jumps { get; init; }

    internal static CurveView Of(Curve curve) => new()
    {
        Over = [.. curve.Over.Select(fact => fact.Wire())], IsBase = curve.IsBase, Given = curve.Given,
        Stretches = [.. curve.Stretches.Select(stretch => StretchView.Of(stretch, curve.Over[0]))],
        Jumps = [.. curve.Jumps.Select(jump => JumpView.Of(jump, curve.Over[0]))],
    };
}

public sealed record StretchView
{
    /// <summary>A break-point (拐点), except 0.</summary>
    public required string From { get; init; }

    /// <summary>The last value, included; absent for the last stretch.</summary>
    public string? To { get; init; }

    /// <summary>The sum at the beginning; absent where nothing bounds it.</summary>
    public Fen? Low { get; init; }

    /// <summary>The sum at the end; absent where nothing bounds it.</summary>
    public Fen? High { get; init; }

    /// <summary>What one more yuan brings, as a rate; of a count what one more item brings, in yuan. 边际比例</summary>
    public required string Marginal { get; init; }

    public string? Clause { get; init; }
    public string? Interpretation { get; init; }

    internal static StretchView Of(Stretch stretch, Fact over) => new()
    {
        From = FactText.Of(over, stretch.From), To = stretch.To is { } to ? FactText.Of(over, to) : null, Low = stretch.Low, High = stretch.High,
        Marginal = over.Type() == FactType.Money ? stretch.Marginal.ToString() : new Fen(stretch.Marginal.Numerator / stretch.Marginal.Denominator).ToYuanText(),
        Clause = stretch.Clause, Interpretation = stretch.Interpretation,
    };
}

public sealed record JumpView
{
    /// <summary>The value from which on the sum is another.</summary>
    public required string At { get; init; }

    /// <summary>The sum one unit earlier; absent where nothing bounds it.</summary>
    public Fen? Before { get; init; }

    /// <summary>Absent where nothing bounds it.</summary>
    public Fen? After { get; init; }

    /// <summary>The sum jumps again after each so much more.</summary>
    public string? Every { get; init; }

    /// <summary>The last value at which it does.</summary>
    public string? Until { get; init; }

    public string? Clause { get; init; }
    public string? Interpretation { get; init; }

    internal static JumpView Of(Jump jump, Fact over) => new()
    {
        At = FactText.Of(over, jump.At), Before = jump.Before, After = jump.After,
        Every = jump.Every is { } every ? FactText.Of(over, every) : null, Until = jump.Until is { } until ? FactText.Of(over, until) : null,
        Clause = jump.Clause, Interpretation = jump.Interpretation,
    };
}

/// <param name="Code">Stable, such as POL703.</param>
/// <param name="Award">The award; the fund where it is about one.</param>
public sealed record RemarkView(string Code, Severity Severity, string Award, string? Clause, string? Interpretation, string Text, string Fix);

static class FactText
{
    /// <summary>A sum in yuan, or a count.</summary>
    public static string Of(Fact fact, long value) =>
        fact.Type() == FactType.Money ? new Fen(value).ToYuanText() : value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
