namespace Marketplace.Rules;

/// <summary>Divides a fund among claims, and an award among payees. Pure, like the evaluation; the ledger of the fund calls it, never the reverse.</summary>
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

    /// <summary>
    /// Divides a sum by agreed shares (按约定份额分配), to the last fen: the first parts together are what the first shares together come to,
    /// rounded down to the fen, so that no part is a whole fen away from its share and all parts together are the sum.
    /// </summary>
    /// <param name="sum">What is divided, 0 or more.</param>
    /// <param name="shares">Each 0 or more, in any one unit; not all 0.</param>
    /// <returns>The parts in the order of the shares.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative sum or share, or shares that are all 0.</exception>
    public static IReadOnlyList<Fen> ByShares(Fen sum, IReadOnlyList<long> shares)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sum.Value, nameof(sum));
        ArgumentNullException.ThrowIfNull(shares);
        Int128 all = 0, counted = 0;
        foreach (var share in shares)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(share, nameof(shares));
            all += share;
        }

        ArgumentOutOfRangeException.ThrowIfZero(all, nameof(shares));
        var (parts, given) = (new Fen[shares.Count], 0L);
        for (var i = 0; i < parts.Length; i++)
        {
            counted += shares[i];
            var together = (long)(sum.Value * counted / all);
            (parts[i], given) = (new Fen(together - given), together);
        }

        return parts;
    }
}
