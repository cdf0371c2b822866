namespace Marketplace.Rules;

/// <summary>A set of whole numbers as stretches, both ends included, that rise and neither overlap nor touch.</summary>
internal sealed class NumberSet
{
    private readonly Interval[] _stretches;

    public NumberSet(params IEnumerable<Interval> stretches)
    {
        var joined = new List<Interval>();
        foreach (var next in stretches.Where(s => s.Low <= s.High).OrderBy(s => s.Low))
        {
            if (joined.Count > 0 && (joined[^1].High == long.MaxValue || next.Low <= joined[^1].High + 1))
                joined[^1] = joined[^1] with { High = Math.Max(joined[^1].High, next.High) };
            else joined.Add(next);
        }

        _stretches = [.. joined];
    }

    /// <summary>Rising.</summary>
    public IReadOnlyList<Interval> Stretches => _stretches;

    public bool IsEmpty => _stretches.Length == 0;

    public bool Contains(long value) => Array.Exists(_stretches, s => s.Low <= value && value <= s.High);

    public NumberSet And(NumberSet other) =>
        new(_stretches.SelectMany(a => other._stretches.Select(b => new Interval(Math.Max(a.Low, b.Low), Math.Min(a.High, b.High)))));

    /// <summary>What of the interval the set leaves out.</summary>
    public NumberSet Complement(Interval within)
    {
        var left = new List<Interval>();
        var next = within.Low;
        foreach (var (low, high) in _stretches)
        {
            if (low > next) left.Add(new(next, Math.Min(low - 1, within.High)));
            if (high >= within.High) return new(left);
            next = Math.Max(next, high + 1);
        }

        left.Add(new(next, within.High));
        return new(left);
    }

    /// <summary>The member nearest to a number, the lesser of two; the set is not empty.</summary>
    public long Nearest(long to)
    {
        var best = _stretches[0].Low;
        foreach (var (low, high) in _stretches)
            if (Math.Clamp(to, low, high) is var near && Distance(near) < Distance(best))
                best = near;
        return best;

        Int128 Distance(long value) => Int128.Abs((Int128)value - to);
    }

    /// <summary>The least member that is not less; null when there is none.</summary>
    public long? AtLeast(long least)
    {
        foreach (var (low, high) in _stretches)
            if (high >= least)
                return Math.Max(low, least);
        return null;
    }
}
