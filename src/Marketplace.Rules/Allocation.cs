namespace Marketplace.Rules;

/// <summary>Divides an award among payees. Pure, like the evaluation.</summary>
public static class Allocation
{
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
