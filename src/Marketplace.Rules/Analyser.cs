namespace Marketplace.Rules;

/// <summary>Says of a policy what holds for every case: where its awards jump and bend, whether they ever fall, whether cutting contracts pays.</summary>
public static class Analyser
{
    /// <summary>
    /// Analyses each award by itself under the chosen readings, in each period in force. A claim rests on a proof from the shapes or on a
    /// witness that an evaluation reproduces; where there is neither, that is said.
    /// </summary>
    /// <param name="policy">The policy, or a specimen.</param>
    public static PolicyAnalysis Analyse(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var awards = new List<AwardAnalysis>();
        var remarks = new List<Remark>();
        foreach (var period in policy.Periods)
        {
            var from = period.From > policy.InForce.From ? period.From : policy.InForce.From;
            var to = policy.InForce.To is { } end && end < period.To ? end : period.To;
            if (from > to) continue;
            foreach (var award in period.Rules.Awards)
            {
                var analysis = new AwardAnalyser(policy, period, award, from, to);
                awards.Add(analysis.Analyse());
                remarks.AddRange(analysis.Remarks);
            }
        }

        foreach (var fund in policy.Funds)
            if (awards.Where(a => fund.Pays.Contains(a.Award) && a.Attained > new Fen(fund.Yearly.Numerator)).MaxBy(a => a.Attained) is { } largest)
                remarks.Add(new(RemarkKind.FundTooSmall, fund.Id, Severity.Warning, fund.Yearly.Clause, null, null, default,
                    Quantity.Of(fund.Yearly), Quantity.Of(largest.Attained), largest.Award) { Path = fund.Yearly.Path });
        return new PolicyAnalysis(policy.Id, policy.Version, policy.Hash, awards, [.. remarks.Distinct()]);
    }
}
