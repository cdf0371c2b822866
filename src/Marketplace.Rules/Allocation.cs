namespace Marketplace.Rules;

/// <summary>Divides a fund among claims. Pure, like the evaluation; the ledger of the fund calls it, never the reverse.</summary>
public static class Allocation
{
    /// <summary>
    /// Pro rata (按比例): where the claims together exceed the budget, each is paid claim × budget / all claims, rounded down to the fen; else
    /// each is paid in full. What rounding leaves, less than a fen for each claim, stays in the fund, so that equal claims are paid alike and
    /// a larger budget pays nobody less.
    /// </summary>
    /// <param name="budget">What there is, 0 or more.</param>
    /// <param name="claims">What is claimed, each 0 or more.</param>
    /// <returns>What each claim is paid, in the order of the claims.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative sum.</exception>
    public static IReadOnlyList<Fen> ProRata(Fen budget, IReadOnlyList<Fen> claims)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget.Value, nameof(budget));
        ArgumentNullException.ThrowIfNull(claims);
        Int128 all = 0;
        foreach (var claim in claims)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(claim.Value, nameof(claims));
            all += claim.Value;
        }

        if (all <= budget.Value) return [.. claims];
        return [.. claims.Select(claim => new Fen((long)((Int128)claim.Value * budget.Value / all)))];
    }
}
