using System.Globalization;

namespace Marketplace.Rules;

/// <summary>Renders reasons and steps for readers.</summary>
internal static class Phrases
{
    public static Wording Detail(Reason reason)
    {
        var given = reason.Given.Shown();
        var wanted = reason.Wanted.Shown();
        var fact = reason.Named ?? reason.Fact?.Label() ?? default;
        return reason.Kind switch
        {
            ReasonCode.GrantedRate => new($"以{fact.Zh} {given.Zh}为基数，按 {wanted.Zh} 补贴。", $"{wanted.En} of the {fact.En}, {given.En}."),
            ReasonCode.GrantedFixed => new($"定额 {wanted.Zh}。", $"A fixed {wanted.En}."),
            ReasonCode.GrantedScale => new($"以{fact.Zh} {given.Zh}为基数，分档计算（{wanted.Zh}）。", $"A scale ({wanted.En}) on the {fact.En}, {given.En}."),
            ReasonCode.GrantedPerUnit => new($"{fact.Zh} {given.Zh}，每件 {wanted.Zh}。", $"{wanted.En} for each of {given.En}."),
            ReasonCode.GrantedFloor => new($"计算结果 {given.Zh}不足保底额 {wanted.Zh}。", $"The calculated {given.En} is below the floor of {wanted.En}."),
            ReasonCode.LimitedCap => new($"计算结果 {given.Zh}超过最高限额 {wanted.Zh}。", $"The calculated {given.En} is above the cap of {wanted.En}."),
            ReasonCode.LimitedHistory => new($"同一口径下已补 {given.Zh}，限额只余 {wanted.Zh}。", $"Earlier grants in the same scope come to {given.En}; the cap leaves {wanted.En}."),
            ReasonCode.LimitedCombinedCap => new($"各项合计受限，计算结果 {given.Zh}，尚余 {wanted.Zh}。", $"The awards together are capped: {given.En} was calculated, {wanted.En} is left."),
            ReasonCode.LimitedDeducted => new($"计算结果 {given.Zh}，扣除其他层级已补 {wanted.Zh}。", $"Of the calculated {given.En}, the {wanted.En} paid elsewhere is taken off."),
            ReasonCode.LimitedPaidBefore => new($"同一事项此前已补 {given.Zh}，只补差额，至多 {wanted.Zh}。", $"{given.En} was paid before; what is left is at most {wanted.En}."),
            ReasonCode.LimitedRounding when reason.Given.Numerator < reason.Given.Denominator => new("计算结果不足一分，没有可支付的金额。", "Less than a fen is due: there is nothing to pay."),
            ReasonCode.LimitedRounding => new($"计算结果 {given.Zh}，按规定取整后没有可支付的金额。", $"The calculated {given.En} is rounded to nothing."),
            ReasonCode.RefusedKind => new($"合同类别（{given.Zh}）不在补贴范围（{wanted.Zh}）内。", $"The contract kind ({given.En}) is not covered ({wanted.En})."),
            ReasonCode.RefusedFlag => Found(reason),
            ReasonCode.RefusedBeforeInForce => new($"{fact.Zh}（{given.Zh}）早于政策施行之日（{wanted.Zh}）。", $"The {fact.En} ({given.En}) is before the policy's first day ({wanted.En})."),
            ReasonCode.RefusedExpired => new($"{fact.Zh}（{given.Zh}）晚于政策有效期末日（{wanted.Zh}）。", $"The {fact.En} ({given.En}) is after the policy's last day ({wanted.En})."),
            ReasonCode.RefusedNoValue => new($"{fact.Zh}当日没有适用的标准。", $"No value is in force on the {fact.En}."),
            ReasonCode.RefusedRegion => new($"{fact.Zh}（{given.Zh}）不在 {wanted.Zh} 范围内。", $"The {fact.En} ({given.En}) is not within {wanted.En}."),
            ReasonCode.RefusedParty => new($"{fact.Zh}（{given.Zh}）不在补贴范围（{wanted.Zh}）内。", $"The {fact.En} ({given.En}) is not covered ({wanted.En})."),
            ReasonCode.RefusedDate => new($"{fact.Zh}（{given.Zh}）不在规定期间（{wanted.Zh}）内。", $"The {fact.En} ({given.En}) is outside the window ({wanted.En})."),
            ReasonCode.RefusedOrder => new($"{fact.Zh}（{given.Zh}）早于应在其前的日期（{wanted.Zh}）。", $"The {fact.En} ({given.En}) is before a day that must come first ({wanted.En})."),
            ReasonCode.RefusedBelowMinimum => new($"{fact.Zh}（{given.Zh}）未达到要求（{wanted.Zh}）。", $"The {fact.En} ({given.En}) is below what is asked for ({wanted.En})."),
            ReasonCode.RefusedAboveMaximum => new($"{fact.Zh}（{given.Zh}）超出范围（{wanted.Zh}）。", $"The {fact.En} ({given.En}) is above what is asked for ({wanted.En})."),
            ReasonCode.RefusedSequence => new($"{fact.Zh}（{given.Zh}）与此前的补贴不连续或者重复。", $"The {fact.En}, {given.En}, does not follow from the earlier grants."),
            ReasonCode.RefusedWord => new($"{fact.Zh}（{given.Zh}）不在范围（{wanted.Zh}）内。", $"The {fact.En} ({given.En}) is not covered ({wanted.En})."),
            ReasonCode.RefusedAssessment => new($"评审未认定{given.Zh}。", $"The assessment denied {given.En}."),
            ReasonCode.RefusedExcluded => new($"{fact.Zh}（{given.Zh}）属于排除情形。", $"The {fact.En} ({given.En}) is excluded."),
            ReasonCode.RefusedNoCase => new("不符合任何一种规定情形。", "None of the cases of the award applies."),
            ReasonCode.RefusedBelowMinimumToPay => new($"计算结果 {given.Zh}低于起补额 {wanted.Zh}。", $"The calculated {given.En} is less than the {wanted.En} that is paid at all."),
            ReasonCode.RefusedByStacking => new($"不得重复享受，以“{wanted.Zh}”为准。", $"Another award, “{wanted.En}”, is paid in place of it."),
            ReasonCode.OpenMissingFact => new($"缺少“{fact.Zh}”，暂不能确定。", $"The {fact.En} is missing; the answer depends on it."),
            ReasonCode.OpenCaseDecision => new($"由主管部门“一事一议”，在 {given.Zh}至 {wanted.Zh}之间决定。", $"Decided case by case between {given.En} and {wanted.En}."),
            ReasonCode.OpenAssessment => new($"决定前须认定{given.Zh}。", $"Before a decision it must be found that {given.En}."),
            ReasonCode.OpenUpperRate => new($"以{fact.Zh} {given.Zh}为基数，比例最高 {wanted.Zh}，实际比例另行确定。", $"At most {wanted.En} of the {fact.En}, {given.En}; the actual rate is decided later."),
            ReasonCode.AssumedFact when reason.Fact is Fact.Project => new("未注明所属项目，按没有项目名称的合同计算。", "No project was named; the contract is counted as one without a project."),
            ReasonCode.AssumedFact when reason.Fact is Fact.Contract => new("未注明合同编号，视为未曾补贴的合同。", "The contract was not named and is taken to be none of those granted before."),
            ReasonCode.AssumedFact => new($"未提供“{fact.Zh}”，视为 {given.Zh}。", $"The {fact.En} was not stated and is taken to be {given.En}."),
            ReasonCode.AssumedHistory => new("有既往补贴未写全合同、项目、当事人、称号或日期，可能属同一口径的已计入限额。", "An earlier grant does not say all of contract, project, parties, title and day; where it may belong to the same scope it was counted."),
            _ => throw new InvalidOperationException($"The reason {reason.Kind} has no text."),
        };
    }

    public static Wording Text(TraceStep step)
    {
        var value = step.Value.Shown();
        var inputs = string.Join(", ", step.Inputs);
        return step.Kind switch
        {
            StepKind.Fact => Name(step) is var name ? new($"事实 {name.Zh}：{value.Zh}", $"fact {name.En}: {value.En}") : default,
            StepKind.Parameter => Number(step.Name) is var name ? new($"参数 {name.Zh}：{value.Zh}", $"parameter {name.En}: {value.En}") : default,
            StepKind.Test => Name(step) is var tested && Verdict(step.Value) is var verdict ? new($"检验 {tested.Zh}：{verdict.Zh}", $"test: {tested.En} – {verdict.En}") : default,
            StepKind.Least => new($"取最小值（{inputs}）：{value.Zh}", $"least of ({inputs}): {value.En}"),
            StepKind.Excess => new($"相减（{inputs}）：{value.Zh}", $"excess ({inputs}): {value.En}"),
            StepKind.Units => new($"整数倍（{inputs}）：{value.Zh}", $"full units ({inputs}): {value.En}"),
            StepKind.Amount => new($"相乘（{inputs}）：{value.Zh}", $"product of ({inputs}): {value.En}"),
            StepKind.Sum => new($"合计（{inputs}）：{value.Zh}", $"sum of ({inputs}): {value.En}"),
            StepKind.History => Earlier(step) is var name ? new($"{name.Zh}：{value.Zh}", $"{name.En}: {value.En}") : default,
            StepKind.Cap => new($"限额之内（{inputs}）：{value.Zh}", $"within the cap ({inputs}): {value.En}"),
            StepKind.Floor => new($"不低于保底（{inputs}）：{value.Zh}", $"not below the floor ({inputs}): {value.En}"),
            // A cap that leaves no room for rounding up has the parts of the unit left out.
            StepKind.Round when step.Binding => step.Name.Split('.')[0] is var mode ? new(
                $"限额所余不足进位，{RoundingZh(mode)}（{inputs}）：{value.Zh}", $"no room under the cap to round up: {RoundingEn(mode)} ({inputs}): {value.En}") : default,
            StepKind.Round => new($"{RoundingZh(step.Name)}（{inputs}）：{value.Zh}", $"{RoundingEn(step.Name)} ({inputs}): {value.En}"),
            StepKind.Stack => Award(step) is var award ? new($"由{award.Zh}取代（{inputs}）：{value.Zh}", $"replaced by {award.En} ({inputs}): {value.En}") : default,
            StepKind.Share => Payer(step.Name) is var name ? new($"{name.Zh}承担：{value.Zh}", $"paid by {name.En}: {value.En}") : default,
            _ => throw new InvalidOperationException($"The step {step.Kind} has no text."),
        };
    }

    private static Wording Name(TraceStep step) => step.About.Zh is not null ? step.About : FactNames.Find(step.Name)?.Label() ?? Wording.Quoted(step.Name);

    /// <summary>By the name that the document gives it.</summary>
    private static Wording Award(TraceStep step) => step.About.Zh is null ? Wording.Quoted(step.Name) : new($"“{step.About.Zh}”", $"“{step.About.En}”");

    /// <summary>Whether the condition holds: a "yes" could be taken for the fact's.</summary>
    private static Wording Verdict(in Quantity truth) =>
        truth.Unit == Unit.Unknown ? new("未知", "unknown") : truth.Numerator != 0 ? new("成立", "holds") : new("不成立", "does not hold");

    private static Wording Earlier(TraceStep step)
    {
        if (step.About.Zh is not null) return Award(step) is var award ? new($"先由{award.Zh}占用", $"drawn before by {award.En}") : default;
        if (step.Name == "deducted") return new("已从前列补贴项扣除", "taken off earlier awards");
        var number = step.Name.StartsWith("history.", StringComparison.Ordinal) && int.TryParse(step.Name.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place + 1 : 0;
        return number > 0 ? new($"既往补贴（第 {number} 笔）", $"earlier grant no. {number}") : new("既往补贴", "earlier grant");
    }

    // The levels of government that policies divide their awards among; a document names them by id.
    private static Wording Payer(string id) => id switch
    {
        "state" => new("中央", "the state"),
        "province" => new("省级", "the province"),
        "city" => new("市级", "the city"),
        "county" or "district" => new("县区级", "the county or district"),
        "park" => new("园区（县区）", "the park or county"),
        _ => Wording.Quoted(id),
    };

    /// <summary>A number of the document, by the key that it stands under.</summary>
    private static Wording Number(string path)
    {
        const string Levels = ".fixedByLevel.";
        if (path.IndexOf(Levels, StringComparison.Ordinal) is >= 0 and var at)
            return Wording.Quoted(path[(at + Levels.Length)..]) is var level ? new($"{level.Zh}定额", $"fixed sum of {level.En}") : default;
        return Array.FindLast(path.Split('.'), part => !char.IsAsciiDigit(part[0])) switch
        {
            "rate" => new("比例", "rate"),
            "rateMax" => new("最高比例", "upper rate"),
            "fixed" => new("定额", "fixed sum"),
            "perUnit" => new("每件金额", "sum for each item"),
            "per" => new("递增单位", "size of a step"),
            "add" => new("每次递增额", "sum for each step"),
            "years" => new("年限", "years"),
            "cap" => new("最高限额", "cap"),
            "combinedCap" => new("合计最高限额", "combined cap"),
            "floor" => new("保底额", "floor"),
            "minimumToPay" => new("起补额", "least sum that is paid"),
            "from" or "above" => new("下限", "lower bound"),
            "to" or "upTo" or "below" => new("上限", "upper bound"),
            _ => Wording.Quoted(path),
        };
    }

    private static Wording Found(Reason reason)
    {
        var info = reason.Fact!.Value.Info();
        return reason.Given.Numerator != 0 ? info.Yes : info.No;
    }

    /// <summary>Findings that laws ask for have names of their own; any other is shown as it is written.</summary>
    internal static Wording Found(string name) => name switch
    {
        "majorProject" => new("属于重大项目", "the project is a major one"),
        "dealCompleted" => new("交易成功", "the deal was completed"),
        "remarkableEffect" => new("取得显著成效", "the effect is remarkable"),
        "jointlyBuilt" => new("由高校、科研院所、企事业单位与本地企业共建", "it was built jointly with local enterprises"),
        "nationalOrProvincial" => new("属于国家(省部)级", "it is of national, provincial or ministerial level"),
        "inUse" => new("已投入使用", "it is in use"),
        "consecutive" => new("各年度连续且未重复", "the years of support follow each other and none comes twice"),
        "workedWithUniversity" => new("由企业与高校、科研院所联合成立", "it was founded by enterprises with universities or institutes"),
        _ => new(name, $"\"{name}\" holds"),
    };

    private static readonly (string Wire, string Zh, string En)[] Units =
        [("fen", "分", "the fen"), ("yuan", "元", "the yuan"), ("hundredYuan", "百元", "100 yuan"), ("thousandYuan", "千元", "1,000 yuan"), ("tenThousandYuan", "万元", "10,000 yuan")];

    private static string RoundingZh(string name)
    {
        var unit = Units.FirstOrDefault(u => u.Wire == name.Split('.')[0], Units[0]).Zh;
        return name.EndsWith(".halfUp", StringComparison.Ordinal) ? $"四舍五入到{unit}"
            : name.EndsWith(".up", StringComparison.Ordinal) ? $"进位到{unit}" : $"舍去不足一{unit}的部分";
    }

    private static string RoundingEn(string name)
    {
        var unit = Units.FirstOrDefault(u => u.Wire == name.Split('.')[0], Units[0]).En;
        return name.EndsWith(".halfUp", StringComparison.Ordinal) ? $"rounded half up to {unit}"
            : name.EndsWith(".up", StringComparison.Ordinal) ? $"rounded up to {unit}" : $"rounded down to {unit}";
    }
}
