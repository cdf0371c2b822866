namespace Marketplace.Rules;

/// <summary>What the analysis has to say about an award or a fund. Closed; see <see cref="Remark.Code"/> for the wire form.</summary>
public enum RemarkKind
{
    /// <summary><c>POL606</c>: conditions exclude each other, so that the award is never due.</summary>
    NeverDue,

    /// <summary><c>POL607</c>: a case or level that no facts lead to.</summary>
    NeverReached,

    /// <summary><c>POL608</c>: days without a value, on which nothing is paid.</summary>
    Suspended,

    /// <summary><c>POL609</c>: more ways through the conditions than are looked at; what is said holds for those that were.</summary>
    Undecided,

    /// <summary><c>POL701</c>: a larger base lowers the award.</summary>
    Falls,

    /// <summary><c>POL702</c>: one more unit changes the award at a stroke.</summary>
    Jumps,

    /// <summary><c>POL703</c>: cutting a contract into several raises the sum.</summary>
    SplittingPays,

    /// <summary><c>POL704</c>: a cap that no sum reaches.</summary>
    CapNeverBinds,

    /// <summary><c>POL705</c>: a number that never decides, because a limit always does.</summary>
    NeverCounts,

    /// <summary><c>POL706</c>: a year's fund that is smaller than one award.</summary>
    FundTooSmall,

    /// <summary><c>POL707</c>: an award that always comes to nothing.</summary>
    AlwaysNothing,
}

/// <summary>One remark. Its texts are rendered on request, never stored.</summary>
/// <param name="Kind">What.</param>
/// <param name="Award">Id of the award; of a fund for <see cref="RemarkKind.FundTooSmall"/>.</param>
/// <param name="Severity">How much it weighs; never an error.</param>
/// <param name="Clause">Id of the clause behind it; null where the text is silent.</param>
/// <param name="Interpretation">Id of the interpretation behind it; null where none is.</param>
/// <param name="Fact">The sum or count that it is about; null when it is about none.</param>
/// <param name="At">The value of the fact, the contract that is cut, the cap, or the first day.</param>
/// <param name="Before">The sum before, uncut, or of the fund; the last day.</param>
/// <param name="After">The sum after, of the parts, or of the award.</param>
/// <param name="Detail">The number of parts of a cut, the case, or the number as written; empty when there is none.</param>
public sealed record Remark(
    RemarkKind Kind, string Award, Severity Severity, string? Clause, string? Interpretation, Fact? Fact, Quantity At, Quantity Before, Quantity After, string Detail)
{
    /// <summary>The stable code: <c>POL703</c>.</summary>
    public string Code => Kind switch
    {
        RemarkKind.NeverDue => "POL606",
        RemarkKind.NeverReached => "POL607",
        RemarkKind.Suspended => "POL608",
        RemarkKind.Undecided => "POL609",
        RemarkKind.Falls => "POL701",
        RemarkKind.Jumps => "POL702",
        RemarkKind.SplittingPays => "POL703",
        RemarkKind.CapNeverBinds => "POL704",
        RemarkKind.NeverCounts => "POL705",
        RemarkKind.FundTooSmall => "POL706",
        RemarkKind.AlwaysNothing => "POL707",
        _ => throw new InvalidOperationException($"The remark {Kind} has no code."),
    };

    /// <summary>For a Chinese reader.</summary>
    public string TextZh => RemarkPhrases.Text(this).Zh;

    /// <summary>For an English reader.</summary>
    public string TextEn => RemarkPhrases.Text(this).En;

    /// <summary>What to do, for a Chinese reader.</summary>
    public string FixZh => RemarkPhrases.Fix(Kind).Zh;

    /// <summary>What to do, for an English reader.</summary>
    public string FixEn => RemarkPhrases.Fix(Kind).En;

    /// <summary>Where the number stands in the document: <c>awards.buyer.limits.0.cap</c>.</summary>
    internal string Path { get; init; } = $"awards.{Award}";
}

/// <summary>Renders remarks for readers.</summary>
internal static class RemarkPhrases
{
    public static Wording Text(Remark remark)
    {
        var (at, before, after) = (remark.At.Shown(), Bounded(remark.Before), Bounded(remark.After));
        var (award, fact, detail) = (remark.Award, remark.Fact?.Label() ?? default, remark.Detail);
        return remark.Kind switch
        {
            RemarkKind.NeverDue => new($"补贴项“{award}”的条件互相矛盾，永远不会给付", $"The conditions of award \"{award}\" exclude each other; it is never due."),
            RemarkKind.NeverReached => new($"补贴项“{award}”的这一情形永远轮不到：“{detail}”", $"No facts lead to this case of award \"{award}\": \"{detail}\"."),
            RemarkKind.Suspended => new($"补贴项“{award}”自 {at.Zh} 至 {before.Zh} 不补", $"Award \"{award}\" pays nothing from {at.En} to {before.En}."),
            RemarkKind.Undecided => new($"补贴项“{award}”的条件组合过多，只看了一部分", $"The conditions of award \"{award}\" hold in too many ways; only some were looked at."),
            RemarkKind.Falls => new($"{fact.Zh}增加到 {at.Zh} 时，补贴项“{award}”由 {before.Zh} 降到 {after.Zh}", $"As the {fact.En} reaches {at.En}, award \"{award}\" falls from {before.En} to {after.En}."),
            RemarkKind.Jumps => new($"{fact.Zh}在 {at.Zh} 处是悬崖点，补贴项“{award}”由 {before.Zh} 变为 {after.Zh}{Again(remark).Zh}",
                $"At {at.En} the {fact.En} is at a cliff: award \"{award}\" goes from {before.En} to {after.En}{Again(remark).En}."),
            RemarkKind.SplittingPays => new($"拆分合同有利可图：{at.Zh}一份合同补 {before.Zh}，拆成 {detail} 份可得 {after.Zh}",
                $"Splitting pays: {at.En} as {detail} contracts gives {after.En} instead of {before.En}."),
            RemarkKind.CapNeverBinds => new($"限额 {before.Zh} 永远用不上，补贴项“{award}”至多 {after.Zh}", $"The cap of {before.En} never binds: award \"{award}\" comes to {after.En} at most."),
            RemarkKind.NeverCounts => new($"{before.Zh} 永远不起作用，补贴项“{award}”此时总由限额决定", $"{before.En} never counts: where it would, a limit decides award \"{award}\"."),
            RemarkKind.FundTooSmall => new($"专项资金“{award}”每年 {before.Zh}，不够支付一项“{detail}”({after.Zh})", $"The fund \"{award}\" has {before.En} a year, less than one award \"{detail}\" can come to ({after.En})."),
            RemarkKind.AlwaysNothing => new($"补贴项“{award}”总是为零", $"Award \"{award}\" always comes to nothing."),
            _ => throw new InvalidOperationException($"The remark {remark.Kind} has no text."),
        };
    }

    public static Wording Fix(RemarkKind kind) => kind switch
    {
        RemarkKind.NeverDue => new("核对 when 中的条件和施行期间。", "Check the conditions under when and the time in force."),
        RemarkKind.NeverReached => new("核对情形的顺序和条件。", "Check the order of the cases and their conditions."),
        RemarkKind.Suspended => new("如非本意，请补上这些日子的数值。", "Add a value for these days unless that is meant."),
        RemarkKind.Undecided => new("把 any 中的条件合并。", "Join conditions under any."),
        RemarkKind.Falls => new("核对各档界限和比例;确系原文如此则不必修改。", "Check the bounds and rates; leave it where the text says so."),
        RemarkKind.Jumps => new("确系原文如此则不必修改。", "Leave it where the text says so."),
        RemarkKind.SplittingPays => new("改用 scope: project 等口径，或在 interpretations 中记录决定。", "Use a wider scope such as project, or record the decision in interpretations."),
        RemarkKind.CapNeverBinds => new("核对限额和计算口径。", "Check the cap and its scope."),
        RemarkKind.NeverCounts => new("核对限额。", "Check the limits."),
        RemarkKind.FundTooSmall => new("核对年度资金数额。", "Check the yearly sum."),
        RemarkKind.AlwaysNothing => new("核对金额和限额。", "Check the amount and the limits."),
        _ => throw new InvalidOperationException($"The remark {kind} has no text."),
    };

    private static Wording Bounded(Quantity quantity) => quantity.Unit == Unit.Unknown ? new("不限", "no limit") : quantity.Shown();

    private static Wording Again(Remark remark) =>
        remark.Detail.Length == 0 ? new("", "")
        : remark.At.Unit == Unit.Fen ? new($",此后每 {remark.Detail}元一次", $", again every {remark.Detail} yuan")
        : new($",此后每 {remark.Detail} 一次", $", again every {remark.Detail}");
}
