namespace Marketplace.Rules;

/// <summary>Looks for cuts of a contract that pay: at sizes where the award jumps or bends, one unit less, and where nothing is lost to rounding.</summary>
internal sealed class Cutting
{
    private const int MostParts = 50;

    // A scale of a hundred bands has as many break-points; the first show what there is to gain.
    private const int MostPoints = 12;

    // 100,000,000 yuan, the contract that is looked at first.
    private const long Large = 10_000_000_000;

    private static readonly int[] Shown = [2, 3, 5, 10, 20, 30, 50];

    private readonly Award _award;
    private readonly Trial _trial;
    private readonly bool _isShared;
    private readonly bool _isLessTogether;
    private readonly long _mostTogether;
    private readonly Dictionary<long, long> _alone = [];
    private readonly long[] _points;
    private readonly long _even;

    public Cutting(Award award, Trial trial)
    {
        (_award, _trial) = (award, trial);
        _isShared = award.Scopes.Any(over => over.Scope != Scope.Contract) || trial.Rules.Any(rule => rule.Bears(award.Alone));
        // Only a least sum to pay that parts share can let a part earn more after others than alone.
        _isLessTogether = !award.Limits.OfType<MinimumToPay>().Any(limit => limit.Over.Scope != Scope.Contract);
        _mostTogether = award.Limits.OfType<Cap>().Where(cap => cap.Over.Scope != Scope.Contract).Min(cap => (long?)cap.Amount.Numerator) ?? long.MaxValue;
        _even = award.Amount.Denominator * award.Rounding.Unit.Value;
        var curve = Curves.Of(award, trial, isBase: true);
        var points = curve.Stretches.Select(s => s.From).Concat(curve.Jumps.Select(j => j.At)).Where(at => at > 0);
        if (Trial.First(0, trial.Top, at => trial.At(at) > 0) is > 0 and { } first) points = points.Append(first);
        _points = [.. points.Distinct().Take(MostPoints)];
    }

    /// <summary>Cuts of one contract that pay, the one that gains most first; none when none was found.</summary>
    public IReadOnlyList<Cut> Find()
    {
        IEnumerable<long> wholes = [Large, .. _points.SelectMany(at => _isShared ? [2 * at, 10 * at] : new[] { 2 * at, 10 * at, 30 * at, 50 * at })];
        Cut? best = null;
        foreach (var whole in wholes.Where(w => w >= 2 && w <= _trial.Top).Distinct())
        {
            // Parts that share a limit are claimed one by one, which takes its time.
            foreach (var count in _isShared ? Shown : Enumerable.Range(2, MostParts - 1))
                if (Best(whole, count) is { } cut && (best is null || cut.Gain > best.Gain))
                    best = cut;
            // The large contract says most to a reader; others are looked at when it shows nothing.
            if (best?.Whole.Value == Large) break;
        }

        if (best is null) return [];
        return [best, .. Shown.Where(count => count != best.Count).Select(count => Best(best.Whole.Value, count)).OfType<Cut>()];
    }

    /// <summary>The best cut found into so many parts; null when none gains.</summary>
    private Cut? Best(long whole, int count)
    {
        if (count > whole) return null;
        var (equal, rest) = Math.DivRem(whole, count);
        var uncut = Alone(whole);
        if (uncut >= _mostTogether) return null;
        Cut? best = null;
        Try([new(count - (int)rest, new(equal)), new((int)rest, new(equal + 1))]);
        foreach (var size in _points.SelectMany(at => new[] { at, at - 1, (at - 1) / _even * _even }).Append(equal / _even * _even).Distinct())
            if (size > 0 && size <= (whole - 1) / (count - 1))
                Try([new(count - 1, new(size)), new(1, new(whole - size * (count - 1)))]);
        return best;

        void Try(CutPart[] parts)
        {
            CutPart[] sorted = [.. parts.Where(p => p.Count > 0).OrderByDescending(p => p.Size)];
            var alone = sorted.Sum(part => part.Count * Alone(part.Size.Value));
            if (_isLessTogether && alone <= uncut) return;
            var together = _isShared ? Together(sorted) : alone;
            if (together > uncut && (best is null || together > best.Together.Value)) best = new(new(whole), new(uncut), sorted, new(together));
        }
    }

    /// <summary>What parts come to, each claimed as a contract of its own after those before it.</summary>
    private long Together(IReadOnlyList<CutPart> parts)
    {
        var granted = new List<Grant>();
        long together = 0;
        foreach (var (count, size) in parts)
        {
            for (var i = 0; i < count; i++)
            {
                var sum = _trial.At(size.Value, granted);
                // The next part of that size finds the same grants before it.
                if (sum == 0) break;
                together += sum;
                granted.Add(Granted(sum, granted.Count));
            }
        }

        return together;
    }

    private long Alone(long size)
    {
        if (!_alone.TryGetValue(size, out var sum)) _alone[size] = sum = _trial.At(size);
        return sum;
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
            Buyer = given.Buyer,
            Seller = given.Seller,
            Title = given.Title,
            Platform = given.Platform,
            Office = given.Office,
            On = _award.GovernedBy.Info().Number!(given) is { } day ? DateOnly.FromDayNumber((int)day) : null,
        };
    }
}
