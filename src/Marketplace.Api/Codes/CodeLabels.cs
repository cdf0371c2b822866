using Marketplace.Matching;
using Marketplace.Rules;

namespace Marketplace.Api.Codes;

/// <summary>The names of the codes whose types stand in libraries that know no API, and of the states. A code without a name stops the start.</summary>
static class CodeLabels
{
    public static Wording Of(Payee payee) => payee switch
    {
        Payee.Buyer => new("买方", "Buyer"),
        Payee.Seller => new("卖方", "Seller"),
        Payee.Broker => new("技术经纪人", "Broker"),
        Payee.Applicant => new("申报单位", "Applicant"),
        Payee.Office => new("登记机构", "Registration office"),
        _ => throw new InvalidOperationException($"{payee} has no name."),
    };

    public static Wording Of(Outcome outcome) => outcome switch
    {
        Outcome.Granted => new("给予补贴", "Granted"),
        Outcome.Refused => new("不予补贴", "Refused"),
        Outcome.NeedsDecision => new("一事一议", "Needs a decision"),
        Outcome.Open => new("待补充事实", "Open"),
        _ => throw new InvalidOperationException($"{outcome} has no name."),
    };

    public static Wording Of(Certainty certainty) => certainty switch
    {
        Certainty.Final => new("确定", "Final"),
        Certainty.Provisional => new("暂定", "Provisional"),
        Certainty.Range => new("区间", "Range"),
        Certainty.NeedsDecision => new("一事一议", "Needs a decision"),
        _ => throw new InvalidOperationException($"{certainty} has no name."),
    };

    public static Wording Of(Severity severity) => severity switch
    {
        Severity.Error => new("错误", "Error"),
        Severity.Warning => new("警告", "Warning"),
        Severity.Info => new("提示", "Information"),
        _ => throw new InvalidOperationException($"{severity} has no name."),
    };

    public static Wording Of(StepKind kind) => kind switch
    {
        StepKind.Fact => new("事实", "Fact"),
        StepKind.Parameter => new("政策参数", "Parameter"),
        StepKind.Test => new("条件判断", "Test"),
        StepKind.Least => new("取最小值", "Least"),
        StepKind.Excess => new("超出部分", "Excess"),
        StepKind.Units => new("整数倍", "Full units"),
        StepKind.Amount => new("按比例计算", "Amount"),
        StepKind.Sum => new("合计", "Sum"),
        StepKind.History => new("以往补贴", "Earlier grant"),
        StepKind.Cap => new("限额", "Cap"),
        StepKind.Floor => new("保底", "Floor"),
        StepKind.Round => new("取整", "Rounding"),
        StepKind.Stack => new("不重复享受", "Stacking"),
        StepKind.Share => new("分担", "Share"),
        _ => throw new InvalidOperationException($"{kind} has no name."),
    };

    public static Wording Of(ParameterUnit unit) => unit switch
    {
        ParameterUnit.Fen => new("金额", "Sum"),
        ParameterUnit.Rate => new("比例", "Rate"),
        ParameterUnit.Count => new("件数", "Count"),
        ParameterUnit.Ratio => new("分担比", "Ratio"),
        _ => throw new InvalidOperationException($"{unit} has no name."),
    };

    public static Wording Of(ProofStatus status) => status switch
    {
        ProofStatus.Proven => new("已证明", "Proven"),
        ProofStatus.Refuted => new("有反例", "Refuted"),
        ProofStatus.Unproven => new("未定", "Unproven"),
        ProofStatus.NotApplicable => new("不适用", "Not applicable"),
        _ => throw new InvalidOperationException($"{status} has no name."),
    };

    public static Wording Of(ReasonKind kind) => kind switch
    {
        ReasonKind.Terms => new("共同术语", "Shared terms"),
        ReasonKind.Meaning => new("含义相近", "Near in meaning"),
        ReasonKind.Field => new("技术领域", "Field"),
        ReasonKind.Region => new("所在地区", "Region"),
        ReasonKind.Budget => new("预算", "Budget"),
        ReasonKind.Readiness => new("技术成熟度", "Readiness"),
        ReasonKind.Mode => new("合作方式", "Mode of cooperation"),
        _ => throw new InvalidOperationException($"{kind} has no name."),
    };

    public static Wording Of(Verdict verdict) => verdict switch
    {
        Verdict.Met => new("符合", "Met"),
        Verdict.Unmet => new("不符合", "Unmet"),
        Verdict.Unknown => new("未说明", "Unknown"),
        _ => throw new InvalidOperationException($"{verdict} has no name."),
    };
}
