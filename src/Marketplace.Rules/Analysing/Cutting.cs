namespace Marketplace.Rules;

/// <summary>Looks for cuts of a contract that pay: at sizes where the award jumps or bends, one unit less, and where nothing is lost to rounding.</summary>
internal sealed class Cutting
{
    private const int MostParts = 50;

    // 100,000,000 yuan, the contract that is looked at first.
    private const long Large = 10_000_000_000;

    private static readonly int[] Shown = [2, 3, 5, 10, 20, 30, 50];

    private readonly Award _award;
    private readonly Trial _trial;
    private readonly bool _isShared;
    private readonly long[] _points;
    private readonly long _even;

    public Cutting(Award award, Trial trial)
    {
        (_award, _trial) = (award, trial);
        _isShared = award.Limits.Any(limit => limit.Over.Scope != Scope.Contract) || trial.Rules.Count > 0;
        _even = award.Amount.Denominator * award.Rounding.Unit.Value;
        var curve = Curves.Of(award, trial, isBase: true);
        var points = curve.Stretches.Select(s => s.From).Concat(curve.Jumps.Select(j => j.At)).Where(at => at > 0);
        if (Trial.First(0, trial.Top, at => trial.At(at) > 0) is > 0 and { } first) points = points.Append(first);
        _points = [.. points.Distinct()];
    }

    /// <summary>Cuts of one contract that pay, the one that gains most first; none when none was found.</summary>
    public IReadOnlyList<Cut> Find()
    {
        IEnumerable<long> wholes = [Large, .. _points.SelectMany(at => new[] { 2 * at, 10 * at, 30 * at, 50 * at })];
        Cut? best = null;
        foreach (var whole in wholes.Where(w => w >= 2 && w <= _trial.Top).Distinct())
        {
            for (var count = 2; count <= MostParts && count <= whole; count++)
                if (Best(whole, count) is { } cut && (best is null || cut.Gain > best.Gain))
                    best = cut;
            // The large contract says most to a reader; others are looked at when it shows nothing.
            if (best?.Whole.Value == Large) break;
        }

        if (best is null) return [];
        return [best, .. Shown.Where(count => count != best.Count && count <= best.Whole.Value).Select(count => Best(best.Whole.Value, count)).OfType<Cut>()];
    }

    /// <summary>The best cut found into so many parts; null when none gains.</summary>
    private Cut? Best(long whole, int count)
    {
        var (equal, rest) = Math.DivRem(whole, count);
        var uncut = _trial.At(whole);
        Cut? best = null;
        Try([new(count - (int)rest, new(equal)), new((int)rest, new(equal + 1))]);
        foreach (var size in _points.SelectMany(at => new[] { at, at - 1, (at - 1) / _even * _even }).Append(equal / _even * _even).Distinct())
            if (size > 0 && size <= (whole - 1) / (count - 1))
                Try([new(count - 1, new(size)), new(1, new(whole - size * (count - 1)))]);
        return best;

        void Try(CutPart[] parts)
        {
            CutPart[] sorted = [.. parts.Where(p => p.Count > 0).OrderByDescending(p => p.Size)];
            var together = Together(sorted);
            if (together > uncut && (best is null || together > best.Together.Value)) best = new(new(whole), new(uncut), sorted, new(together));
        }
    }

    /// <summary>What parts come to, each claimed as a contract of its own after those before it.</summary>
    private long Together(IReadOnlyList<CutPart> parts)
    {
        if (!_isShared) return parts.Sum(part => part.Count * _trial.At(part.Size.Value));
        var granted = new List<Grant>();
        long together = 0;
        foreach (var (count, size) in parts)
        {
            for (var i = 0; i < count; i++)
            {
                var sum = _trial.At(size.Value, granted);
                together += sum;
                if (sum > 0) granted.Add(Granted(sum, granted.Count));
            }
        }

        return together;
    }

    private Grant Granted(long sum, int index)
    {
        var given = _trial.Given;
        return new Grant(_award.Id, new(sum))
        {
            Contract = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"part{index + 1}"),
            Project = given.Project,
            Achievement = given.Achievement,
            Party = _award.PayeeIdentity.Info().Word!(given),
            Office = given.Office,
            On = _award.GovernedBy.Info().Number!(given) is { } day ? DateOnly.FromDayNumber((int)day) : null,
        };
    }
}
