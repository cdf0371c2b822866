using System.Text.RegularExpressions;

namespace Marketplace.Rules.Tests;

/// <summary>
/// What readers see is in their language: a Chinese sentence has no code word, an English one no Chinese. Words of a document or of a
/// caller, which have no other form, stand in “quotation marks”.
/// </summary>
public sealed partial class LanguageTests
{
    private static readonly EvaluationOptions Everything = new() { Explain = true, AllReadings = true };

    public static IEnumerable<TestCaseData> Policies => SpecimenTests.Specimens.Select(specimen => (string)specimen.Arguments[0]!).Append(Xining.Path)
        .Select(path => new TestCaseData(path).SetArgDisplayNames(Path.GetFileName(path)));

    [TestCaseSource(nameof(Policies))]
    public void Each_reason_step_change_and_remark_of_a_policy_is_in_one_language(string path)
    {
        var (name, yaml) = (Path.GetFileNameWithoutExtension(path), File.ReadAllText(path));
        var policy = name.StartsWith("xining", StringComparison.Ordinal) ? Xining.Policy : PolicyDocument.LoadSpecimen(name, yaml).Policy!;
        foreach (var remark in Analyser.Analyse(policy).Remarks) Require(remark.TextZh, remark.TextEn);
        foreach (var condition in policy.Periods.SelectMany(period => period.Rules.Awards).SelectMany(award => award.Conditions))
            Require(condition.Statement.Zh, condition.Statement.En);
        foreach (var parameter in policy.Parameters) Require(parameter.Words.Zh, parameter.Words.En);

        var texts = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var (facts, history) = Case(policy, new Random(seed));
            var awards = Evaluator.Evaluate(policy, facts, history, Everything).Awards;
            texts += awards.Sum(award => award.Steps.Count);
            RequireEach(awards);
            if (seed % 50 != 0) continue;
            foreach (var change in awards.Where(award => award.Outcome == Outcome.Refused)
                .SelectMany(award => Counterfactuals.Find(policy, facts, history, award.Award).Found).SelectMany(found => found.Changes))
                Require(change.TextZh, change.TextEn);
        }

        Assert.That(texts, Is.GreaterThan(1_000));
    }

    [Test]
    public void So_is_each_of_policies_of_every_shape() => Arbitrary.Always(c =>
    {
        RequireEach(Evaluator.Evaluate(c.Policy, c.Facts, c.History, new() { Explain = true }).Awards);
        return true;
    });

    [Test]
    public void A_test_says_what_was_tested_and_whether_it_holds()
    {
        Assert.That(Texts(Xining.Eligible), Does.Contain("检验 买卖双方没有关联关系：成立 | test: Buyer and seller are not related – holds"));
        Assert.That(Texts(Xining.Eligible with { RelatedParties = true }), Does.Contain("检验 买卖双方没有关联关系：不成立 | test: Buyer and seller are not related – does not hold"));
        Assert.That(Texts(Xining.Eligible with { Recognised = null }), Does.Contain("检验 合同已经认定登记：未知 | test: The contract has been recognised – unknown"));
        Assert.That(Texts(Xining.Eligible), Is.SupersetOf(new[]
        {
            "事实 合同类别：技术转让 | fact contract kind: transfer",
            "检验 合同类别为技术开发、技术转让、技术许可：成立 | test: the contract kind is one of development, transfer, licence – holds",
            "参数 比例：3% | parameter rate: 3%", "市级承担：45000.00元 | paid by the city: 45000.00 yuan",
        }));

        static string[] Texts(Facts facts) =>
            [.. Evaluator.Evaluate(Xining.Policy, facts, [], new() { Explain = true }).Awards[0].Steps.Select(step => $"{step.TextZh} | {step.TextEn}")];
    }

    private static void RequireEach(IEnumerable<AwardEvaluation> awards)
    {
        foreach (var award in awards)
        {
            foreach (var reason in award.Reasons) Require(reason.DetailZh, reason.DetailEn);
            foreach (var step in award.Steps) Require(step.TextZh, step.TextEn);
            RequireEach(award.Readings.Select(reading => reading.Award).OfType<AwardEvaluation>());
        }
    }

    private static void Require(string zh, string en)
    {
        if (Latin().IsMatch(Quoted().Replace(zh, ""))) Assert.Fail($"Not Chinese alone: {zh}");
        if (Han().IsMatch(Quoted().Replace(en, ""))) Assert.Fail($"Not English alone: {en}");
    }

    private static (Facts, Grant[]) Case(Policy policy, Random random)
    {
        var subjects = policy.Awards.Select(award => award.Subject).Distinct().ToArray();
        var facts = new Facts { Subject = subjects[random.Next(subjects.Length)], Findings = [.. Findings(policy).Select(name => new Finding(name, random.Next(3) > 0))] };
        var words = Words(policy);
        foreach (var fact in FactNames.All.Where(fact => policy.Facts.Contains(fact) && random.Next(20) > 0))
        {
            facts = fact.Type() switch
            {
                FactType.Money => facts.With(fact, random.Next(4) == 0 ? random.NextInt64(10_000_000) : random.NextInt64(100_000_000_000)),
                FactType.Count => facts.With(fact, random.Next(6)),
                FactType.Flag => facts.With(fact, random.Next(2)),
                FactType.Date => facts.With(fact, policy.InForce.From.DayNumber + random.Next(-30, 900)),
                FactType.Region => facts.With(fact, random.Next(5) == 0 ? 110108 : int.Parse(policy.Region, System.Globalization.CultureInfo.InvariantCulture)),
                FactType.Kind => facts.With(fact, random.Next(5)),
                FactType.Entity => facts.With(fact, random.Next(7)),
                FactType.Word => facts.With(fact, words[fact].Append("别的").ElementAt(random.Next(words[fact].Count() + 1))),
                FactType.Identity => facts.With(fact, $"甲{random.Next(2)}"),
                _ => facts,
            };
        }

        Grant[] history = [.. policy.Awards.Where(_ => random.Next(3) == 0).Select(award => new Grant(award.Id, new Fen(random.NextInt64(20_000_000)))
        {
            Party = "甲1", Project = "甲1", On = policy.InForce.From.AddDays(random.Next(400)),
        })];
        return (facts, history);
    }

    private static ILookup<Fact, string> Words(Policy policy) => Parts(policy).OfType<WordIn>().SelectMany(test => test.Words.Select(word => (test.Fact, Word: word)))
        .Concat(policy.Awards.Select(award => award.Amount).OfType<FixedByLevel>().SelectMany(levels => levels.Levels.Select(level => (levels.By, level.Word))))
        .ToLookup(pair => pair.Item1, pair => pair.Item2);

    private static IEnumerable<string> Findings(Policy policy) => Parts(policy).OfType<Assessed>().Select(assessed => assessed.Name).Distinct();

    private static IEnumerable<Condition> Parts(Policy policy) =>
        policy.Awards.SelectMany(award => award.Conditions.Concat(award.Amount is Cases cases ? cases.Parts.SelectMany(part => part.When) : [])).SelectMany(Parts);

    private static IEnumerable<Condition> Parts(Condition condition) => condition switch
    {
        AllOf all => all.Parts.SelectMany(Parts),
        AnyOf any => any.Parts.SelectMany(Parts),
        Not not => Parts(not.Part),
        _ => [condition],
    };

    [GeneratedRegex("“[^”]*”|\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("[A-Za-z]")]
    private static partial Regex Latin();

    [GeneratedRegex(@"[\p{IsCJKUnifiedIdeographs}\p{IsCJKSymbolsandPunctuation}\uFF00-\uFFEF]")]
    private static partial Regex Han();
}
