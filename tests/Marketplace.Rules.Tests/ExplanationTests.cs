namespace Marketplace.Rules.Tests;

public sealed class ExplanationTests
{
    [Test]
    public void The_steps_tell_the_whole_calculation()
    {
        Grant[] history = [new("buyer", new Fen(1)), new("broker", Fen.FromYuan(45_000)) { Project = "P1" }];
        var broker = Evaluator.Evaluate(Xining.Policy, Xining.Of("3333333.33"), history, new EvaluationOptions { Explain = true }).Awards[1];
        Assert.That(broker.Steps.Select(Line), Is.EqualTo(new[]
        {
            "1 Fact recognisedOn() 2021-03-01 -", "2 Test recognisedOn(1) true end",
            "3 Fact brokered() true -", "4 Test brokered(3) true broker",
            "5 Fact kind() transfer -", "6 Test kind(5) true kinds/kinds-scope",
            "7 Fact recognised() true -", "8 Test recognised(7) true kinds/kinds-scope",
            "9 Fact relatedParties() false -", "10 Test relatedParties(9) true /related-parties",
            "11 Fact buyerRegion() 630102 -", "12 Test buyerRegion(11) true /broker-seat",
            "13 Fact technologyAmount() 3333333.33 -", "14 Parameter awards.broker.amount.rate() 1% broker",
            "15 Amount broker(13,14) 33333.3333 /base",
            "16 Parameter awards.broker.limits.0.cap() 50000.00 broker", "17 History history.1() 45000.00 broker",
            "18 Cap project(15,16,17) 5000.00 broker !",
            "19 Round fen(18) 5000.00 /rounding",
            "20 Share city(19) 2500.00 match", "21 Share park(19) 2500.00 match",
        }));
    }

    [Test]
    public void Reasons_read_well_in_both_languages()
    {
        var buyer = Xining.Evaluate("buyer", Xining.Of("8000000"));
        var refused = Xining.Evaluate("buyer", Xining.Eligible with { Kind = ContractKind.Service, RecognisedOn = new DateOnly(2020, 8, 18) });
        Assert.Multiple(() =>
        {
            Assert.That(buyer.Reasons.Select(r => r.DetailEn), Is.EqualTo(new[]
            {
                "3% of the technology amount, 8000000.00 yuan.", "The calculated 240000.00 yuan is above the cap of 100000.00 yuan.",
            }));
            Assert.That(buyer.Reasons.Select(r => r.DetailZh), Is.EqualTo(new[]
            {
                "以技术交易额 8000000.00元为基数，按 3% 补贴。", "计算结果 240000.00元超过最高限额 100000.00元。",
            }));
            Assert.That(refused.Reasons.Select(r => r.DetailZh), Is.EqualTo(new[]
            {
                "认定日期（2020-08-18）早于政策施行之日（2020-08-19）。", "合同类别（技术服务）不在补贴范围（技术开发、技术转让、技术许可）内。",
            }));
        });
    }

    [Test]
    public void Every_code_every_fact_and_every_step_has_words()
    {
        foreach (var kind in Enum.GetValues<ReasonCode>())
        {
            var reason = new Reason(kind, null, null, Fact.Recognised, default, default);
            Assert.That(reason.Code, Does.Match("^(granted|limited|refused|open|assumed)\\.[a-zA-Z]+$"));
            Assert.That(reason.DetailZh + reason.DetailEn, Has.Length.GreaterThan(10));
        }

        // A kind that somebody forgot to word would read as another, or in the wrong language.
        var steps = Enum.GetValues<StepKind>().Select(kind => new TraceStep(1, kind, "amount", [], default, null, null, false)).ToList();
        Assert.That(steps.Select(step => step.TextEn), Is.Unique.And.None.Matches("[\u4e00-\u9fff]"));
        Assert.That(steps.Select(step => step.TextZh), Is.Unique.And.All.Matches("[\u4e00-\u9fff]"));
        Assert.That(FactNames.All.Select(f => f.Wire()), Is.Unique);
        Assert.That(FactNames.All.Select(f => f.Label().Zh), Is.Unique);
        Assert.That(FactNames.Kinds.Select(k => k.Wire()), Is.EqualTo(new[] { "development", "transfer", "licence", "consulting", "service" }));
    }

    private static string Line(TraceStep step)
    {
        var basis = step.Interpretation is null ? step.Clause ?? "-" : $"{step.Clause}/{step.Interpretation}";
        return $"{step.Id} {step.Kind} {step.Name}({string.Join(',', step.Inputs)}) {step.Value} {basis}{(step.Binding ? " !" : "")}";
    }
}
