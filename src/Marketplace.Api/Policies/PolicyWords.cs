using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>The rules of a policy in words; what a condition says, it says itself.</summary>
static class PolicyWords
{
    public static Wording Of(Payee payee) => payee switch
    {
        Payee.Buyer => new("买方", "buyer"),
        Payee.Seller => new("卖方", "seller"),
        Payee.Broker => new("中介机构或技术经纪人", "agency or broker"),
        Payee.Applicant => new("申报单位", "applicant"),
        Payee.Office => new("认定登记机构", "registration office"),
        _ => throw new ArgumentOutOfRangeException(nameof(payee), payee, null),
    };

    public static Wording Of(AmountShape amount) => amount switch
    {
        Fixed sum => sum.Sum.Words,
        FixedByLevel levels => Is(levels.By, Wording.Join(levels.Levels.Select(level => Said(Wording.Quoted(level.Word), " ", level.Sum.Words)))),
        Discretionary range => new(
            $"一事一议：{range.From?.Words.Zh ?? "0"} 至 {range.To.Words.Zh}{range.Decider?.Zh.Insert(0, "，由")}",
            $"decided case by case: {range.From?.Words.En ?? "0"} to {range.To.Words.En}{range.Decider?.En.Insert(0, ", by ")}"),
        RateOfBase { IsDecided: true } rate => Times(rate.Base, new($"最高 {rate.Parameter.Words.Zh}", $"at most {rate.Parameter.Words.En}")),
        RateOfBase rate => Times(rate.Base, rate.Parameter.Words),
        PerUnit unit => Times(unit.Base, unit.Sum.Words),
        Instalments parts => Times(parts.Base, new($"{parts.Rate.Words.Zh}，连续 {parts.Years.Words.Zh}", $"{parts.Rate.Words.En}, for {parts.Years.Words.En} years")),
        Brackets brackets => On(brackets.Base, Said(new("超额累进：", "each part at its own rate: "), "", Steps(brackets))),
        Bands bands => On(bands.Base, Said(new("全额分档：", "the whole by its band: "), "", Steps(bands))),
        BasePlusRate plus => On(plus.Base, new(
            $"{plus.Threshold.Words.Zh}：{plus.Sum.Words.Zh}，超出部分 {plus.Excess.Words.Zh}",
            $"{plus.Threshold.Words.En}: {plus.Sum.Words.En}, and {plus.Excess.Words.En} of the excess")),
        Step step => On(step.Base, new(
            $"{step.Threshold.Words.Zh}：{step.Sum.Words.Zh}，每增加 {step.Per.Words.Zh} 加 {step.Add.Words.Zh}",
            $"{step.Threshold.Words.En}: {step.Sum.Words.En}, and {step.Add.Words.En} for each further {step.Per.Words.En}")),
        Cases cases => Wording.Join(cases.Parts.Select(Of)),
        _ => throw new ArgumentOutOfRangeException(nameof(amount), amount, null),
    };

    public static Wording Of(Limit limit)
    {
        var scope = Of(limit.Over);
        return limit switch
        {
            Cap cap => new($"最高 {cap.Amount.Words.Zh}（{scope.Zh}）", $"at most {cap.Amount.Words.En} ({scope.En})"),
            CapByBase cap => Of(cap.By) is var by ? new($"不超过{by.Zh}（{scope.Zh}）", $"at most the {by.En} ({scope.En})") : default,
            CapByBand cap => Of(cap.Bands) is var bands ? new($"最高，{bands.Zh}（{scope.Zh}）", $"at most, {bands.En} ({scope.En})") : default,
            Floor floor => new($"不低于 {floor.Amount.Words.Zh}（{scope.Zh}）", $"at least {floor.Amount.Words.En} ({scope.En})"),
            MinimumToPay minimum => new($"不足 {minimum.Amount.Words.Zh} 不补（{scope.Zh}）", $"nothing below {minimum.Amount.Words.En} ({scope.En})"),
            _ => throw new ArgumentOutOfRangeException(nameof(limit), limit, null),
        };
    }

    public static Wording Of(Rounding rounding)
    {
        var mode = rounding.Mode switch
        {
            RoundingMode.Down => new Wording("舍去", "down"),
            RoundingMode.HalfUp => new("四舍五入", "half up"),
            RoundingMode.Up => new("进位", "up"),
            _ => throw new ArgumentOutOfRangeException(nameof(rounding), rounding.Mode, null),
        };
        var unit = rounding.Unit.Value == 1 ? new Wording("分", "the fen") : new($"{rounding.Unit.Value / 100} 元", $"{rounding.Unit.Value / 100} yuan");
        return new($"{mode.Zh}至{unit.Zh}", $"{mode.En} to {unit.En}");
    }

    public static Wording Of(Stacking rule, Policy policy)
    {
        var awards = Wording.Join(rule.Awards.Select(id => policy.Award(id)?.Label ?? Wording.Quoted(id)));
        return rule switch
        {
            Exclusive exclusive => Of(exclusive.Over) is var scope
                ? new($"{awards.Zh}：不得重复享受，只付此前已付者或排列在前者（{scope.Zh}）", $"{awards.En}: only one is paid, the one paid before or else the first listed ({scope.En})") : default,
            HigherOf => new($"{awards.Zh}：从高不重复，此前已付的从中扣除", $"{awards.En}: only the highest is paid, less what was paid before"),
            InPlace => new($"{awards.Zh}：第一项取代其余各项，此前已付的从中扣除", $"{awards.En}: the first is paid in place of the others, less what was paid before"),
            ChosenByParties => new($"{awards.Zh}：由当事方选择其一", $"{awards.En}: the parties choose one"),
            Deduct deduct => new($"{awards.Zh}：扣除{deduct.Sum.Label().Zh}", $"{awards.En}: less the {deduct.Sum.Label().En}"),
            CombinedCap cap => Of(cap.Over) is var scope
                ? new($"{awards.Zh}：合计最高 {cap.Amount.Words.Zh}（{scope.Zh}）", $"{awards.En}: together at most {cap.Amount.Words.En} ({scope.En})") : default,
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
        };
    }

    public static Wording Of(Fund fund, Policy policy)
    {
        var awards = Wording.Join(fund.Pays.Select(id => policy.Award(id)?.Label ?? Wording.Quoted(id)));
        var shortage = fund.OnShortage switch
        {
            Shortage.CaseDecision => new Wording("不足时一事一议", "a shortage is decided case by case"),
            Shortage.Queue => new("不足时顺延至下一年度", "what is short waits for the next year"),
            Shortage.ProRata => new("不足时按比例兑现", "a shortage reduces all alike"),
            Shortage.FirstCome => new("先到先得，用完为止", "first come, first served until it is spent"),
            _ => throw new ArgumentOutOfRangeException(nameof(fund), fund.OnShortage, null),
        };
        return new($"每年 {fund.Yearly.Words.Zh}，用于{awards.Zh}；{shortage.Zh}", $"{fund.Yearly.Words.En} a year for {awards.En}; {shortage.En}");
    }

    public static Wording Of(LessPaid total) =>
        Of(total.Over) is var scope ? new($"累计计算，扣除此前已付（{scope.Zh}）", $"a total, less what was paid before ({scope.En})") : default;

    static Wording Of(Counting over) => over.Scope switch
    {
        Scope.Contract => new("按单个合同", "per contract"),
        Scope.Project when over.Unnamed == Unnamed.Contract => new("按单个项目，没有项目名称的合同单独计算", "per project, a contract without one by itself"),
        Scope.Project => new("按单个项目，没有项目名称的合同按同一买卖双方十二个月合并", "per project, contracts without one by their two parties within 12 months"),
        Scope.PartyTitle => new("按单位每种称号", "per party and title"),
        Scope.Platform => new("按单个平台", "per platform"),
        Scope.Achievement => new("按单项成果", "per achievement"),
        Scope.PartyYear => new("按单位年度", "per party and year"),
        Scope.PartyLifetime => new("按单位累计", "per party for ever"),
        Scope.OfficeYear => new("按登记机构年度", "per registration office and year"),
        Scope.NYears => new($"按单位 {over.Years!.Words.Zh}", $"per party within {over.Years!.Words.En} years"),
        _ => throw new ArgumentOutOfRangeException(nameof(over), over.Scope, null),
    };

    static Wording Of(Base @base) => @base switch
    {
        FactBase one => one.Fact.Label(),
        LesserOf lesser => Wording.Join(lesser.Facts.Select(fact => fact.Label())) is var facts ? new($"{facts.Zh}中较低者", $"least of {facts.En}") : default,
        Growth growth => new($"{growth.Fact.Label().Zh}较{growth.Since.Label().Zh}的增量", $"growth of the {growth.Fact.Label().En} over the {growth.Since.Label().En}"),
        _ => throw new ArgumentOutOfRangeException(nameof(@base), @base, null),
    };

    static Wording Of(Case one)
    {
        var (when, amount) = (Wording.Join(one.When.Select(condition => condition.Statement), " 且 ", " and "), Of(one.Amount));
        return one.When.Count == 0 ? new($"其余：{amount.Zh}", $"otherwise: {amount.En}") : new($"{when.Zh}：{amount.Zh}", $"{when.En}: {amount.En}");
    }

    static Wording Steps(Brackets brackets) => Wording.Join(brackets.Parts.Select(part => new Wording(
        $"≤ {part.UpTo?.Words.Zh ?? "∞"} {part.Rate.Words.Zh}", $"≤ {part.UpTo?.Words.En ?? "∞"} {part.Rate.Words.En}")), "；", "; ");

    static Wording Steps(Bands bands) => Wording.Join(bands.Parts.Select(part => Said(part.Span.Words, " ", (part.Rate ?? part.Sum)!.Words)), "；", "; ");

    static Wording Times(Base @base, Wording rule)
    {
        var what = Of(@base);
        return new($"{what.Zh} × {rule.Zh}", $"{what.En} × {rule.En}");
    }

    static Wording On(Base @base, Wording scale)
    {
        var what = Of(@base);
        return new($"{what.Zh}：{scale.Zh}", $"{what.En}: {scale.En}");
    }

    static Wording Is(Fact fact, Wording value) => new($"{fact.Label().Zh}：{value.Zh}", $"{fact.Label().En}: {value.En}");

    static Wording Said(Wording first, string between, Wording second) => new($"{first.Zh}{between}{second.Zh}", $"{first.En}{between}{second.En}");
}
