namespace Marketplace.Rules;

/// <summary>Renders reasons and steps for readers.</summary>
internal static class Phrases
{
    public static Wording Detail(Reason reason)
    {
        var given = reason.Given.Shown();
        var wanted = reason.Wanted.Shown();
        var fact = reason.Fact?.Label() ?? default;
        return reason.Kind switch
        {
            ReasonCode.GrantedRate => new($"以{fact.Zh}{given.Zh}为基数,按{wanted.Zh}补贴。", $"{wanted.En} of the {fact.En}, {given.En}."),
            ReasonCode.LimitedCap => new($"计算结果{given.Zh}超过最高限额{wanted.Zh}。", $"The calculated {given.En} is above the cap of {wanted.En}."),
            ReasonCode.LimitedHistory => new($"同一口径下已补{given.Zh},限额只余{wanted.Zh}。", $"Earlier grants in the same scope come to {given.En}; the cap leaves {wanted.En}."),
            ReasonCode.RefusedKind => new($"合同类别({KindsZh(given.Zh)})不在补贴范围({KindsZh(wanted.Zh)})内。", $"The contract kind ({given.En}) is not covered ({wanted.En})."),
            ReasonCode.RefusedNotRecognised => new("合同未经认定登记。", "The contract has not been recognised."),
            ReasonCode.RefusedNotBrokered => new("交易不是由中介机构或技术经纪人促成。", "No intermediary or broker brought the deal about."),
            ReasonCode.RefusedRelatedParties => new("买卖双方有关联关系。", "Buyer and seller are related."),
            ReasonCode.RefusedBeforeInForce => new($"{fact.Zh}({given.Zh})早于政策施行之日({wanted.Zh})。", $"The {fact.En} ({given.En}) is before the policy's first day ({wanted.En})."),
            ReasonCode.RefusedExpired => new($"{fact.Zh}({given.Zh})晚于政策有效期末日({wanted.Zh})。", $"The {fact.En} ({given.En}) is after the policy's last day ({wanted.En})."),
            ReasonCode.RefusedRegion => new($"{fact.Zh}({given.Zh})不在{wanted.Zh}范围内。", $"The {fact.En} ({given.En}) is not within {wanted.En}."),
            ReasonCode.OpenMissingFact => new($"缺少“{fact.Zh}”,暂不能确定。", $"The {fact.En} is missing; the answer depends on it."),
            ReasonCode.OpenCaseDecision => new($"由主管部门“一事一议”,在{given.Zh}至{wanted.Zh}之间决定。", $"Decided case by case between {given.En} and {wanted.En}."),
            ReasonCode.AssumedFact when reason.Fact is Fact.Project => new("未注明所属项目,合同自成一个项目。", "No project was named; the contract is taken to be a project of its own."),
            ReasonCode.AssumedFact when reason.Fact is Fact.Contract => new("未注明合同编号,视为未曾补贴的合同。", "The contract was not named and is taken to be none of those granted before."),
            ReasonCode.AssumedFact => new($"未提供“{fact.Zh}”,按“{given.Zh}”处理。", $"The {fact.En} was not stated and is taken to be {given.En}."),
            ReasonCode.AssumedHistory => new("有一笔既往补贴未注明项目和合同,已计入限额。", "An earlier grant names neither project nor contract and was counted."),
            _ => throw new InvalidOperationException($"The reason {reason.Kind} has no text."),
        };
    }

    public static Wording Text(TraceStep step)
    {
        var value = step.Value.Shown();
        var inputs = string.Join(", ", step.Inputs);
        var name = FactNames.All.Where(f => f.Wire() == step.Name).Select(f => f.Label()).FirstOrDefault(new Wording(step.Name, step.Name));
        return step.Kind switch
        {
            StepKind.Fact => new($"事实 {name.Zh}:{value.Zh}", $"fact {name.En}: {value.En}"),
            StepKind.Parameter => new($"参数 {name.Zh}:{value.Zh}", $"parameter {name.En}: {value.En}"),
            StepKind.Test => new($"检验 {name.Zh}:{value.Zh}", $"test {name.En}: {value.En}"),
            StepKind.Amount => new($"相乘({inputs}):{value.Zh}", $"product of ({inputs}): {value.En}"),
            StepKind.History => new($"既往补贴 {name.Zh}:{value.Zh}", $"earlier grant {name.En}: {value.En}"),
            StepKind.Cap => new($"限额之内({inputs}):{value.Zh}", $"within the cap ({inputs}): {value.En}"),
            StepKind.Round => new($"舍去不足一分的部分({inputs}):{value.Zh}", $"rounded down to the fen ({inputs}): {value.En}"),
            StepKind.Share => new($"{name.Zh} 承担:{value.Zh}", $"paid by {name.En}: {value.En}"),
            _ => throw new InvalidOperationException($"The step {step.Kind} has no text."),
        };
    }

    private static string KindsZh(string names) =>
        string.Join("、", FactNames.Kinds.Where(k => names.Split(", ").Contains(k.Wire())).Select(k => k.Label().Zh));
}
