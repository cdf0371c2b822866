namespace Marketplace.Rules.Tests.Analysing;

/// <summary>Holds what an analysis claims against evaluations.</summary>
internal static class Claims
{
    public static AwardAnalysis Of(Policy policy, string award = "x") => Analyser.Analyse(policy).Awards.Last(a => a.Award == award);

    public static string[] Codes(Policy policy) => [.. Analyser.Analyse(policy).Remarks.Select(r => r.Code)];

    /// <summary>The most that an award comes to when the facts of a curve have this value, nothing having been granted before; null when nothing bounds it.</summary>
    public static long? At(Policy policy, string award, Facts given, IReadOnlyList<Fact> over, long value, params Grant[] history)
    {
        var facts = over.Aggregate(given, (facts, fact) => facts.With(fact, value));
        return Evaluator.Evaluate(policy, facts, history).Awards.Single(a => a.Award == award).High?.Value;
    }

    /// <summary>What the parts of a cut come to, each a contract of its own, granted one after another.</summary>
    public static long Together(Policy policy, AwardAnalysis analysis, Facts given, IReadOnlyList<Fact> over, IEnumerable<CutPart> parts)
    {
        var award = policy.Awards.Single(a => a.Id == analysis.Award);
        var party = award.Payee switch { Payee.Buyer => given.Buyer, Payee.Seller => given.Seller, Payee.Broker => given.Broker, Payee.Office => given.Office, _ => given.Applicant };
        var history = new List<Grant>();
        long together = 0;
        foreach (var size in parts.SelectMany(p => Enumerable.Repeat(p.Size.Value, p.Count)))
        {
            var contract = $"cut{history.Count}";
            var sum = At(policy, analysis.Award, given with { Contract = contract }, over, size, [.. history])!.Value;
            together += sum;
            history.Add(new Grant(analysis.Award, new(sum))
            {
                Contract = contract, Project = given.Project, Achievement = given.Achievement, Party = party, Office = given.Office, Buyer = given.Buyer, Seller = given.Seller,
                Title = given.Title, Platform = given.Platform,
                On = award.GovernedBy == Fact.PaidOn ? given.PaidOn : given.RecognisedOn,
            });
        }

        return together;
    }
}
