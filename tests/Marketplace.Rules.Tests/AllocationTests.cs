using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

public sealed class AllocationTests
{
    [Test]
    public void Shares_that_are_negative_or_all_nought_are_refused()
    {
        Assert.That(() => Allocation.ByShares(new(100), [0, 0]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Allocation.ByShares(new(100), [-1, 101]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Allocation.ByShares(new(-1), [100]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_sum_divided_by_shares_is_the_sum_and_no_part_is_a_fen_away_from_its_share() =>
        Arbitrary.Always(Gen.Choose(0, int.MaxValue).Zip(Gen.Choose(0, 10_000).Select(share => (long)share).NonEmptyListOf()), rolled =>
        {
            var (fen, shares) = (rolled.Item1, rolled.Item2.Append(1).ToList());
            var parts = Allocation.ByShares(new(fen), shares);
            return parts.Sum(part => part.Value) == fen
                && parts.Zip(shares).All(part => Math.Abs((part.First.Value * shares.Sum()) - ((long)fen * part.Second)) < shares.Sum());
        });
}
