namespace Marketplace.Rules;

/// <summary>What an amendment (修订) changes for one award of one claim (差额); nothing is paid or recovered by it.</summary>
/// <param name="Claim">Place of the claim among those compared, from 0.</param>
/// <param name="Award">Id of the award.</param>
/// <param name="Before">What it comes to before; null while facts or a decision are missing.</param>
/// <param name="After">What it comes to afterwards; null as before.</param>
public sealed record Delta(int Claim, string Award, Fen? Before, Fen? After)
{
    /// <summary>What is gained, negative for what is lost; null where either sum is not settled.</summary>
    public Fen? Change => After - Before;
}

/// <summary>Compares two versions of a policy over the same claims.</summary>
public static class Amendment
{
    /// <summary>
    /// Every award that comes to something else, in the order of the claims. Each version is applied to all claims from the first on, so that
    /// limits which claims share are drawn on anew; an award that a version does not have comes to 0 under it.
    /// </summary>
    /// <param name="before">The version as it was.</param>
    /// <param name="after">The version as it is now.</param>
    /// <param name="claims">In the order in which they draw on shared limits.</param>
    /// <exception cref="OverflowException">A sum beyond about 92 million billion yuan.</exception>
    public static IReadOnlyList<Delta> Deltas(Policy before, Policy after, IReadOnlyList<Facts> claims)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(claims);
        var (was, now) = (Sums(before, claims), Sums(after, claims));
        var deltas = new List<Delta>();
        for (var i = 0; i < claims.Count; i++)
        {
            foreach (var award in was[i].Keys.Union(now[i].Keys))
            {
                var (old, sum) = (was[i].GetValueOrDefault(award, Fen.Zero), now[i].GetValueOrDefault(award, Fen.Zero));
                if (old != sum) deltas.Add(new Delta(i, award, old, sum));
            }
        }

        return deltas;
    }

    private static List<Dictionary<string, Fen?>> Sums(Policy policy, IReadOnlyList<Facts> claims)
    {
        var (evaluator, history) = (new BulkEvaluator(policy), new GrantTotals(policy));
        var sums = new List<Dictionary<string, Fen?>>(claims.Count);
        foreach (var facts in claims)
        {
            var claim = new Dictionary<string, Fen?>();
            foreach (ref readonly var award in evaluator.Evaluate(FactValues.Of(facts), history))
                claim.Add(award.Award.Id, award.Outcome is Outcome.Granted or Outcome.Refused ? new Fen(award.Low) : null);
            sums.Add(claim);
        }

        return sums;
    }
}
