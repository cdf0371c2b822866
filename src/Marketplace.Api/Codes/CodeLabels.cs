using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;
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

    public static Wording OfState(string state) => state switch
    {
        "draft" => new("草稿", "Draft"),
        "submitted" => new("已提交", "Submitted"),
        "published" => new("已发布", "Published"),
        "returned" => new("已退回", "Returned"),
        "rejected" => new("未通过", "Rejected"),
        "paused" => new("已暂停", "Paused"),
        "fulfilled" => new("已完成", "Fulfilled"),
        "withdrawn" => new("已撤回", "Withdrawn"),
        "expired" => new("已到期", "Expired"),
        "removed" => new("已下架", "Taken down"),
        "active" => new("生效中", "Active"),
        "cancelled" => new("已取消", "Cancelled"),
        "sent" => new("已发出", "Sent"),
        "accepted" => new("一方已接受", "Accepted by one side"),
        "mutual" => new("双方已确认", "Mutual"),
        "declined" => new("已谢绝", "Declined"),
        "signing" => new("签订中", "Being signed"),
        "signed" => new("已签订", "Signed"),
        "performed" => new("已履行", "Performed"),
        "abandoned" => new("已放弃", "Abandoned"),
        "none" => new("未申请", "None"),
        "recorded" => new("已登记", "Recorded"),
        "confirmed" => new("已确认", "Confirmed"),
        "appealed" => new("复核中", "Under review"),
        "supplement" => new("待补充材料", "Supplement asked for"),
        "recognised" => new("已认定登记", "Recognised"),
        "refused" => new("不予登记", "Refused"),
        "completed" => new("已履行完毕", "Completed"),
        "terminated" => new("已终止", "Terminated"),
        "reviewed" => new("已审查", "Reviewed"),
        "approved" => new("已批准", "Approved"),
        "ordered" => new("支付中", "Payment ordered"),
        "paid" => new("已支付", "Paid"),
        "lapsed" => new("已失效", "Lapsed"),
        "clawbackOpened" => new("追回中", "Recovery opened"),
        "clawedBack" => new("已追回", "Recovered"),
        "waived" => new("免予追回", "Recovery waived"),
        "planned" => new("已编制", "Planned"),
        "open" => new("已开放", "Open"),
        "suspended" => new("已暂停", "Suspended"),
        "closing" => new("关闭中", "Closing"),
        "closed" => new("已关闭", "Closed"),
        "deregistered" => new("已撤销登记", "Deregistered"),
        // Of a row that was altered past the market.
        _ => new(state, state),
    };

    /// <summary>Who may act: a role, or what the caller is to the resource.</summary>
    public static Wording OfCapacity(string capacity) => capacity switch
    {
        Roles.Member => new("成员", "member"),
        Roles.Moderator => new("信息审核员", "moderator"),
        Roles.Registrar => new("技术合同登记员", "registrar"),
        Roles.Reviewer => new("补贴审查员", "reviewer"),
        Roles.Approver => new("补贴审批人", "approver"),
        Roles.Payer => new("支付人员", "payer"),
        Roles.FundManager => new("资金管理员", "fund manager"),
        Roles.Auditor => new("审计员", "auditor"),
        Roles.Admin => new("系统管理员", "administrator"),
        "party" => new("该主体自己", "the party itself"),
        ListingLifecycle.Owner => new("发布方", "the owner"),
        IntroductionLifecycle.Introducer => new("发起方", "the introducer"),
        IntroductionLifecycle.Asked => new("被邀请的一方", "a side that is asked"),
        IntroductionLifecycle.LastAsked => new("最后确认的一方", "the last side that is asked"),
        "buyer" => new("买方", "the buyer"),
        "seller" => new("卖方", "the seller"),
        "broker" => new("技术经纪人", "a broker"),
        "applicant" => new("申报单位", "the applicant"),
        "office" => new("登记机构", "the registration office"),
        ContractLifecycle.Side => new("买方或卖方", "a side of the contract"),
        ContractLifecycle.Drafter => new("起草合同的技术经纪人", "the broker who drafted the contract"),
        ContractLifecycle.Amender => new("没有待签变更的合同的一方", "a side of a contract without an open amendment"),
        ContractLifecycle.Proposer => new("提出方", "the side that proposed it"),
        ContractLifecycle.OtherSide => new("另一方", "the other side"),
        ContractLifecycle.FirstSigner => new("尚未签字的一方", "a side that has not signed"),
        ContractLifecycle.LastSigner => new("最后签字的一方", "the last side to sign"),
        ContractLifecycle.Registrant => new("申请登记的卖方", "the seller, who applies for registration"),
        ContractLifecycle.RegistrarOfUnnamed => new("技术合同登记员（合同未填项目）", "a registrar, of a contract that names no project"),
        ClaimLifecycle.Claimant => new("申领人", "the claimant"),
        ClaimLifecycle.FirstOfTwoApprovers => new("两名补贴审批人中的第一名", "the first of two approvers"),
        ClaimLifecycle.ManagerOfRest => new("资金管理员（已支付部分尚未退回）", "a fund manager, of what was paid and not given back"),
        FundLifecycle.ManagerOfSettled => new("资金管理员（款项均已结清）", "a fund manager, of a settled fund"),
        FundLifecycle.ManagerOfUnsettled => new("资金管理员（尚有款项未结清）", "a fund manager, of a fund that is not settled"),
        Lifecycle.Clock => new("时钟", "the clock"),
        // Some listings are for parties of some kinds.
        _ => CodeNames.TryParse<PartyKind>(capacity, out var kind) ? kind.LabelOf().Wording : new(capacity, capacity),
    };
}
