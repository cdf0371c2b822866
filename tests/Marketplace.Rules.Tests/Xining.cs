namespace Marketplace.Rules.Tests;

/// <summary>The shipped policy, and facts that qualify for all of it.</summary>
internal static class Xining
{
    public static string Path { get; } = System.IO.Path.Combine(TestContext.CurrentContext.TestDirectory, "Policies", "xining-2020.yaml");

    public static string Yaml { get; } = File.ReadAllText(Path);

    public static Policy Policy { get; } = Load(Yaml);

    public static Facts Eligible { get; } = new()
    {
        Kind = ContractKind.Transfer,
        TechnologyAmount = Fen.FromYuan(3_000_000),
        Recognised = true,
        RecognisedOn = new DateOnly(2021, 3, 1),
        Brokered = true,
        RelatedParties = false,
        BuyerRegion = "630102",
        Project = "P1",
        Contract = "C1",
    };

    public static Policy Load(string yaml)
    {
        var result = PolicyDocument.Load("xining-2020.yaml", yaml);
        Assert.That(result.Policy, Is.Not.Null, string.Join('\n', result.Diagnostics));
        return result.Policy!;
    }

    public static AwardEvaluation Evaluate(string award, Facts facts, params Grant[] history) =>
        Evaluator.Evaluate(Policy, facts, history).Awards.Single(a => a.Award == award);

    public static Facts Of(string technologyYuan) => Eligible with { TechnologyAmount = Yuan(technologyYuan) };

    public static Fen Yuan(string text)
    {
        Assert.That(Fen.TryParseYuan(text, out var fen), Is.True, text);
        return fen;
    }

    public static string[] Codes(this AwardEvaluation award) => [.. award.Reasons.Select(r => r.Code)];
}
