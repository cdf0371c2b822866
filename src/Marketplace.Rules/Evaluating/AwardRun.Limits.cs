namespace Marketplace.Rules;

/// <summary>What takes off a sum and bounds it.</summary>
internal sealed partial class AwardRun
{
    /// <summary>What of a growing total was not paid yet.</summary>
    private Range Less(LessPaid total, Range sum)
    {
        var used = Used(total.Over, total.Basis);
        // Together the grants never come to more than the total.
        if (Explains && sum.High != Range.Unbounded) Hold(award.Alone, total.Over, "total", (long)Int128.Min(long.MaxValue, sum.High / sum.Denominator));
        if (used.High == 0) return sum;
        var rest = sum with
        {
            Low = Int128.Max(0, sum.Low - Math.BigMul(used.High, sum.Denominator)),
            High = sum.High == Range.Unbounded ? sum.High : Int128.Max(0, sum.High - Math.BigMul(used.Low, sum.Denominator)),
        };
        _mayBeNothing |= rest.Low == 0;
        if (sum.IsPoint && rest.IsPoint) Trace?.LessEarlier(new(Unit.Fen, rest.Low, sum.Denominator, null), total.Basis);
        else Trace?.ForgetEarlier();
        if (used.Low == 0) return rest;
        var (given, wanted) = (Quantity.Of(new Fen(used.Low)), new Quantity(Unit.Fen, rest.High, sum.Denominator, null));
        if (rest.High == 0)
        {
            Refuse(ReasonCode.LimitedPaidBefore, total.Basis, null, given, wanted);
            if (Explains) RestOn(total.Over.Reads(award));
        }
        else if (Explains && rest.IsPoint)
        {
            Because(new(ReasonCode.LimitedPaidBefore, total.Basis.Clause, total.Basis.Interpretation, null, given, wanted));
        }

        return rest;
    }

    /// <summary>The award is held to a cap; told where somebody wants to know why.</summary>
    public void Hold(IReadOnlyList<string> awards, Counting over, string place, long ceiling)
    {
        if (Explains) _held.Add((awards, over, place, ceiling));
    }

    /// <summary>The place of a cap among those of one scope, as the key of its use writes it.</summary>
    public static string Place(int place) => place.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Hold(AnyCap limit, long ceiling)
    {
        var place = 0;
        foreach (var other in _limits.TakeWhile(other => !ReferenceEquals(other, limit)))
            if (other is AnyCap && other.Over.Scope == limit.Over.Scope)
                place++;
        Hold(award.Alone, limit.Over, Place(place), ceiling);
    }

    /// <summary>The sum within a cap.</summary>
    public Range Within(AnyCap limit, Range sum, Interval most, Interval used, int step)
    {
        if (Explains && most.IsPoint) Hold(limit, most.Low);
        var denominator = sum.Denominator;
        var low = Math.Max(0, most.Low - used.High);
        var high = most.High == Interval.Unbounded ? Interval.Unbounded : Math.Max(0, most.High - used.Low);
        _leastRoom = Math.Min(_leastRoom, low);
        if (high == Interval.Unbounded) return sum with { Low = Int128.Min(sum.Low, (Int128)low * denominator) };

        _room = Math.Min(_room, high);
        _mayBeNothing |= low == 0 && used.High > 0;
        var greatest = Math.BigMul(high, denominator);
        var least = low == high ? greatest : Math.BigMul(low, denominator);
        var limits = sum.High > greatest;
        if (used.Low > 0 && high == 0)
        {
            Refuse(ReasonCode.LimitedHistory, limit.Basis, null, Quantity.Of(new Fen(used.Low)), Quantity.Of(Fen.Zero));
            if (Explains) RestOn(limit.Reads(award));
        }
        else if (limits && Explains)
        {
            var code = used.Low > 0 ? ReasonCode.LimitedHistory : ReasonCode.LimitedCap;
            var (given, wanted) = used.Low > 0 ? (Quantity.Of(new Fen(used.Low)), Quantity.Of(new Fen(high)))
                : (new Quantity(Unit.Fen, sum.Low, denominator, null), Quantity.Of(new Fen(high)));
            if (used.Low > 0 || sum.IsPoint) Because(new(code, limit.Basis.Clause, limit.Basis.Interpretation, null, given, wanted));
        }

        if (!Explains && Trace is null)
        {
            // A sum that is a whole number of fen needs no division when it is rounded.
            if (limits && low == high && sum.Low >= least) return new(low, low, 1);
            if (!limits && sum.Low <= least) return sum;
        }

        var within = new Range(Int128.Min(sum.Low, least), Int128.Min(sum.High, greatest), denominator);
        if (sum.IsPoint && within.IsPoint)
            Trace?.Limited(StepKind.Cap, limit.Over.Wire, step, new(Unit.Fen, within.Low, denominator, null), limits, limit.Basis);
        return within;
    }

    /// <summary>The sum lifted to a floor.</summary>
    public Range AtLeast(Floor floor, Range sum, Interval used, int step)
    {
        var (low, high) = (Floor(used.High), Floor(used.Low));
        // What may yet turn out to be refused may come to nothing, which no floor makes up for.
        if (!_missing.IsEmpty || _mayBeNothing) low = sum.Low;
        var lifted = new Range(Int128.Max(sum.Low, low), Int128.Max(sum.High, high), sum.Denominator);
        if (!sum.IsPoint || !lifted.IsPoint) return lifted;
        var binding = lifted.Low > sum.Low;
        if (binding && Explains)
            Because(new(ReasonCode.GrantedFloor, floor.Basis.Clause, floor.Basis.Interpretation, null, new(Unit.Fen, sum.Low, sum.Denominator, null), Quantity.Of(floor.Amount)));
        Trace?.Limited(StepKind.Floor, floor.Over.Wire, step, new(Unit.Fen, lifted.Low, sum.Denominator, null), binding, floor.Basis);
        return lifted;

        Int128 Floor(long already) => (Int128)Math.Max(0, floor.Amount.Numerator - already) * sum.Denominator;
    }

    /// <summary>The sum if it is enough to be paid.</summary>
    public Range IfEnough(MinimumToPay minimum, Range sum, Interval used, int step)
    {
        var (low, high) = (Missing(used.High), Missing(used.Low));
        var never = sum.High < low;
        var always = sum.Low >= high;
        if (sum.IsPoint && (never || always)) Trace?.Enough(step, always, minimum.Basis);
        if (never)
        {
            Refuse(ReasonCode.RefusedBelowMinimumToPay, minimum.Basis, null, new(Unit.Fen, sum.High, sum.Denominator, null), Quantity.Of(minimum.Amount));
            if (Explains) RestOn(award.Amount.Reads().Concat(award.Limits.SelectMany(limit => limit.Reads(award))));
        }

        _mayBeNothing |= !always;
        return always || never ? sum : sum with { Low = 0 };

        Int128 Missing(long already) => (Int128)Math.Max(0, minimum.Amount.Numerator - already) * sum.Denominator;
    }
}
