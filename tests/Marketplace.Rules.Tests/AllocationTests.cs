using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

public sealed class AllocationTests
{
    [Test]
    public void A_budget_that_suffices_pays_every_claim_in_full() =>
        Assert.That(Paid(21, 4, 16, 1), Is.EqualTo(new[] { 4, 16, 1 }));

    // 4 × 14/21 = 2.67, 16 × 14/21 = 10.67, 1 × 14/21 = 0.67.
    [Test]
    public void A_short_budget_pays_each_claim_its_part_rounded_down_and_keeps_the_rest() =>
        Assert.That(Paid(14, 4, 16, 1), Is.EqualTo(new[] { 2, 10, 0 }));

    [Test]
    public void Claims_that_are_all_nought_are_paid_nothing() => Assert.That(Paid(0, 0, 0), Is.EqualTo(new[] { 0, 0 }));

    [Test]
    public void The_greatest_sums_fit() =>
        Assert.That(Allocation.ProRata(new(long.MaxValue), [new(long.MaxValue), new(long.MaxValue)]).Sum(f => f.Value), Is.EqualTo(long.MaxValue - 1));

    [Test]
    public void Negative_sums_are_refused()
    {
        Assert.That(() => Allocation.ProRata(new(-1), []), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Allocation.ProRata(new(1), [new(2), new(-1)]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

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

    [Test]
    public void Pro_rata_never_overpays_treats_equals_alike_and_a_larger_budget_lowers_nobody()
    {
        var sums = Gen.OneOf(Gen.Choose(0, 30).Select(fen => (long)fen), Gen.Choose(0, int.MaxValue).Select(fen => fen * 1_000L));
        Arbitrary.Always(sums.Zip(Gen.Choose(1, 8).SelectMany(count => sums.ArrayOf(count))).Zip(Gen.Choose(1, 1_000)), rolled =>
        {
            var ((budget, claims), more) = rolled;
            long[] paid = Paid(budget, claims), better = Paid(budget + more, claims);
            var due = Math.Min(budget, claims.Sum());
            return paid.Zip(claims).All(p => p.First >= 0 && p.First <= p.Second)
                && paid.Sum() <= budget && due - paid.Sum() < claims.Length
                && paid.Zip(claims).GroupBy(p => p.Second).All(equals => equals.Distinct().Count() == 1)
                && paid.Zip(better).All(p => p.Second >= p.First);
        });
    }

    private static long[] Paid(long budget, params long[] claims) =>
        [.. Allocation.ProRata(new(budget), [.. claims.Select(c => new Fen(c))]).Select(f => f.Value)];
}
