namespace Marketplace.Rules;

/// <summary>
/// The commonest award as numbers in a row: tests of numbers, a rate of one fact, plain caps, rounded down to the fen. Most subjects of a
/// stream need no more, and it costs about what code written for that one award would. What it cannot settle (a missing fact, a sum beyond
/// a machine word) it leaves to <see cref="AwardRun"/>; a property test holds the two together. Without earlier grants: these the limits
/// themselves count.
/// </summary>
internal sealed class Shortcut
{
    private readonly Award _award;
    private readonly Gate[] _gates;
    private readonly FactSet _reads;
    private readonly Fact _base;
    private readonly ulong _numerator;
    private readonly ulong _denominator;

    /// <summary>The least cap, in parts of a fen.</summary>
    private readonly ulong _room;

    private Shortcut(Award award, RateOfBase rate, Cap[] caps)
    {
        _award = award;
        _gates = [.. award.Conditions.Cast<FactTest>().Select(test => test.Gate)];
        (_base, _numerator, _denominator) = (rate.Base.Fact, (ulong)rate.Rate.Numerator, (ulong)rate.Rate.Denominator);
        _room = caps.Select(cap => (ulong)cap.Amount.Numerator * _denominator).DefaultIfEmpty(ulong.MaxValue).Min();
        _reads = _gates.Aggregate(default(FactSet).With(_base), (reads, gate) => reads.With(gate.Fact));
    }

    /// <summary>Null where the award is of another form.</summary>
    public static Shortcut? Of(Award award) =>
        !award.IsSuspended && award.LessPaid is null && award.Rounding is { Unit.Value: 1, Mode: RoundingMode.Down } && award.Conditions.All(condition => condition is FactTest)
        && award.Amount is RateOfBase { IsDecided: false, Base: FactBase } rate && award.Limits.All(limit => limit is Cap)
        && award.Limits.Cast<Cap>().ToArray() is var caps && Array.TrueForAll(caps, cap => cap.Amount.Numerator <= long.MaxValue / rate.Rate.Denominator)
            ? new Shortcut(award, rate, caps)
            : null;

    /// <returns>False when it takes more to tell; nothing has been touched then.</returns>
    public bool TryEvaluate(FactValues facts, ref AwardAmount amount)
    {
        if (!facts.HasAll(_reads)) return false;
        for (var i = 0; i < _gates.Length; i++)
        {
            ref readonly var gate = ref _gates[i];
            if (gate.Passes(facts.Number(gate.Fact))) continue;
            amount.Take(_award, Outcome.Refused, 0, 0);
            return true;
        }

        if (Math.BigMul((ulong)facts.Number(_base), _numerator, out var sum) != 0) return false;
        // The one rounding.
        var fen = Math.Min(sum, _room) / _denominator;
        if (fen > long.MaxValue) return false;
        amount.Take(_award, Outcome.Granted, (long)fen, (long)fen);
        return true;
    }
}
