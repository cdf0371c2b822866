using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>The rules of a policy in words, with the numbers as the document writes them.</summary>
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

    public static Wording Of(Condition condition) => condition switch
    {
        KindIn kinds => Is(kinds.Fact, Join(kinds.Kinds.Select(kind => kind.Label()))),
        EntityIn kinds => Is(kinds.Fact, Join(kinds.Kinds.Select(kind => kind.Label()))),
        FlagIs flag => Is(flag.Fact, flag.Value ? new("是", "yes") : new("否", "no")),
        RegionWithin region => Is(region.Fact, new($"在 {region.Within} 范围内", $"within {region.Within}")),
        DateWithin date => Is(date.Fact, Days(date.From, date.To)),
        NumberWithin number => Is(number.Fact, Same(number.Span.ToString())),
        Governs governs => Is(governs.Fact, new("在政策有效期内", "while the policy is in force")),
        WordIn words => Is(words.Fact, Join(words.Words.Select(Same))),
        DatesInOrder order => new($"先后顺序：{string.Join(" → ", order.Days.Select(day => day.Label().Zh))}", $"in this order: {string.Join(" → ", order.Days.Select(day => day.Label().En))}"),
        Assessed assessed => new($"经评定：{assessed.Name}", $"a person has found: {assessed.Name}"),
        AllOf all => Parts(all.Parts, "且", "and"),
        AnyOf any => Parts(any.Parts, "或", "or"),
        Not not => Of(not.Part) is var part ? new($"除非（{part.Zh}）", $"unless ({part.En})") : default,
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, null),
    };

    public static Wording Of(AmountShape amount) => amount switch
    {
        Fixed sum => Same(sum.Sum.Literal),
        FixedByLevel levels => Is(levels.By, Join(levels.Levels.Select(level => Same($"{level.Word} {level.Sum.Literal}")))),
        Discretionary range => new($"一事一议：{range.From?.Literal ?? "0"} 至 {range.To.Literal}{range.Decider?.Zh.Insert(0, "，由") }", $"decided case by case: {range.From?.Literal ?? "0"} to {range.To.Literal}{range.Decider?.En.Insert(0, ", by ")}"),
        RateOfBase { IsDecided: true } rate => Times(rate.Base, new($"最高 {rate.Parameter.Literal}", $"at most {rate.Parameter.Literal}")),
        RateOfBase rate => Times(rate.Base, Same(rate.Parameter.Literal)),
        PerUnit unit => Times(unit.Base, Same(unit.Sum.Literal)),
        Instalments parts => Times(parts.Base, new($"{parts.Rate.Literal}，连续 {parts.Years.Literal}", $"{parts.Rate.Literal}, for {parts.Years.Literal}")),
        Brackets brackets => On(brackets.Base, new($"超额累进：{Steps(brackets)}", $"each part at its own rate: {Steps(brackets)}")),
        Bands bands => On(bands.Base, new($"全额分档：{Steps(bands)}", $"the whole by its band: {Steps(bands)}")),
        BasePlusRate plus => On(plus.Base, new(
            $"{plus.Threshold}：{plus.Sum.Literal}，超出部分 {plus.Excess.Literal}", $"{plus.Threshold}: {plus.Sum.Literal}, and {plus.Excess.Literal} of the excess")),
        Step step => On(step.Base, new(
            $"{step.Threshold}：{step.Sum.Literal}，每增加 {step.Per.Literal} 加 {step.Add.Literal}", $"{step.Threshold}: {step.Sum.Literal}, and {step.Add.Literal} for each further {step.Per.Literal}")),
        Cases cases => Join(cases.Parts.Select(Of)),
        _ => throw new ArgumentOutOfRangeException(nameof(amount), amount, null),
    };

    public static Wording Of(Limit limit)
    {
        var scope = Of(limit.Over);
        return limit switch
        {
            Cap cap => new($"最高 {cap.Amount.Literal}（{scope.Zh}）", $"at most {cap.Amount.Literal} ({scope.En})"),
            CapByBase cap => Of(cap.By) is var by ? new($"不超过{by.Zh}（{scope.Zh}）", $"at most the {by.En} ({scope.En})") : default,
            CapByBand cap => Of(cap.Bands) is var bands ? new($"最高，{bands.Zh}（{scope.Zh}）", $"at most, {bands.En} ({scope.En})") : default,
            Floor floor => new($"不低于 {floor.Amount.Literal}（{scope.Zh}）", $"at least {floor.Amount.Literal} ({scope.En})"),
            MinimumToPay minimum => new($"不足 {minimum.Amount.Literal} 不补（{scope.Zh}）", $"nothing below {minimum.Amount.Literal} ({scope.En})"),
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
        var awards = Join(rule.Awards.Select(id => policy.Award(id)?.Label ?? Same(id)));
        return rule switch
        {
            Exclusive exclusive => Of(exclusive.Over) is var scope
                ? new($"{awards.Zh}：不得重复享受，只付此前已付者或排列在前者（{scope.Zh}）", $"{awards.En}: only one is paid, the one paid before or else the first listed ({scope.En})") : default,
            HigherOf => new($"{awards.Zh}：从高不重复，此前已付的从中扣除", $"{awards.En}: only the highest is paid, less what was paid before"),
            InPlace => new($"{awards.Zh}：第一项取代其余各项，此前已付的从中扣除", $"{awards.En}: the first is paid in place of the others, less what was paid before"),
            ChosenByParties => new($"{awards.Zh}：由当事方选择其一", $"{awards.En}: the parties choose one"),
            Deduct deduct => new($"{awards.Zh}：扣除{deduct.Sum.Label().Zh}", $"{awards.En}: less the {deduct.Sum.Label().En}"),
            CombinedCap cap => Of(cap.Over) is var scope
                ? new($"{awards.Zh}：合计最高 {cap.Amount.Literal}（{scope.Zh}）", $"{awards.En}: together at most {cap.Amount.Literal} ({scope.En})") : default,
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
        };
    }

    public static Wording Of(Fund fund, Policy policy)
    {
        var awards = Join(fund.Pays.Select(id => policy.Award(id)?.Label ?? Same(id)));
        var shortage = fund.OnShortage switch
        {
            Shortage.CaseDecision => new Wording("不足时一事一议", "a shortage is decided case by case"),
            Shortage.Queue => new("不足时顺延至下一年度", "what is short waits for the next year"),
            Shortage.ProRata => new("不足时按比例兑现", "a shortage reduces all alike"),
            Shortage.FirstCome => new("先到先得，用完为止", "first come, first served until it is spent"),
            _ => throw new ArgumentOutOfRangeException(nameof(fund), fund.OnShortage, null),
        };
        return new($"每年 {fund.Yearly.Literal}，用于{awards.Zh}；{shortage.Zh}", $"{fund.Yearly.Literal} a year for {awards.En}; {shortage.En}");
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
        Scope.NYears => new($"按单位 {over.Years!.Literal}", $"per party within {over.Years!.Literal}"),
        _ => throw new ArgumentOutOfRangeException(nameof(over), over.Scope, null),
    };

    static Wording Of(Base @base) => @base switch
    {
        FactBase one => one.Fact.Label(),
        LesserOf lesser => Join(lesser.Facts.Select(fact => fact.Label())) is var facts ? new($"{facts.Zh}中较低者", $"least of {facts.En}") : default,
        Growth growth => new($"{growth.Fact.Label().Zh}较{growth.Since.Label().Zh}的增量", $"growth of the {growth.Fact.Label().En} over the {growth.Since.Label().En}"),
        _ => throw new ArgumentOutOfRangeException(nameof(@base), @base, null),
    };

    static Wording Of(Case one)
    {
        var (when, amount) = (Parts(one.When, "且", "and"), Of(one.Amount));
        return one.When.Count == 0 ? new($"其余：{amount.Zh}", $"otherwise: {amount.En}") : new($"{when.Zh}：{amount.Zh}", $"{when.En}: {amount.En}");
    }

    static string Steps(Brackets brackets) => string.Join("; ", brackets.Parts.Select(part => $"≤ {part.UpTo?.Literal ?? "∞"} {part.Rate.Literal}"));

    static string Steps(Bands bands) => string.Join("; ", bands.Parts.Select(part => $"{part.Span} {(part.Rate ?? part.Sum)!.Literal}"));

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

    static Wording Days(DateOnly from, DateOnly to)
    {
        return Same($"{Day(from)} – {Day(to)}");

        static string Day(DateOnly day) => day == DateOnly.MinValue || day == DateOnly.MaxValue ? "…" : day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
    }

    static Wording Parts(IReadOnlyList<Condition> parts, string zh, string en)
    {
        var all = parts.Select(Of).ToList();
        return new(string.Join($" {zh} ", all.Select(part => part.Zh)), string.Join($" {en} ", all.Select(part => part.En)));
    }

    static Wording Join(IEnumerable<Wording> words)
    {
        var all = words.ToList();
        return new(string.Join("、", all.Select(word => word.Zh)), string.Join(", ", all.Select(word => word.En)));
    }

    static Wording Same(string text) => new(text, text);
}
