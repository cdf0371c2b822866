using Marketplace.Rules.Checking;

namespace Marketplace.Rules;

/// <summary>Draws the curves of an award: all places where it can jump or bend come from its shapes, each sum from an evaluation.</summary>
internal static class Curves
{
    /// <summary>Every quantity that a sum is found from, caps included.</summary>
    public static IEnumerable<Base> Bases(Award award) => Parts.Of(award.Amount).OfType<Scale>().Select(s => s.Base).Concat(CapBases(award));

    /// <summary>The facts that must grow so that a base grows.</summary>
    public static IReadOnlyList<Fact> Growing(Base @base) => @base is LesserOf lesser ? lesser.Facts : [@base.Fact];

    /// <summary>The facts of an award that are sums or counts and that its conditions or the bands of its caps ask about.</summary>
    public static IEnumerable<Fact> Thresholds(Award award) =>
        Parts.Of(award).OfType<NumberWithin>().Select(test => test.Fact)
            .Concat(award.Limits.OfType<CapByBand>().SelectMany(cap => Growing(cap.Bands.Base)))
            .Concat(Parts.Of(award.Amount).OfType<Instalments>().Select(_ => Fact.SupportYear)).Distinct();

    public static Curve Of(Award award, Trial trial, bool isBase)
    {
        var points = Points(award, trial);
        var starts = points.Keys.Prepend(0).Distinct().ToArray();
        var plain = trial.Under(award with { Rounding = ToTheFen }, trial.Rules);
        var top = isBase ? TopRate(award, trial, starts) : new Rate(0, 1);
        var unit = award.Rounding.Unit.Value;
        // One more unit crosses no more multiples of the rounding unit than this.
        var usual = ((Int128)top.Numerator + (Int128)top.Denominator * unit - 1) / ((Int128)top.Denominator * unit) * unit;

        var (stretches, jumps) = (new List<Stretch>(), new List<Jump>());
        for (var i = 0; i < starts.Length; i++)
        {
            var (from, to) = (starts[i], i + 1 < starts.Length ? starts[i + 1] - 1 : trial.Top);
            var by = points.GetValueOrDefault(from);
            var (low, high) = (trial.At(from), trial.At(to));
            if (from > 0 && trial.At(from - 1) is var before && (low < before || (Int128)low - before > usual))
                jumps.Add(new(from, Sum(before), Sum(low), null, null, by.Basis.Clause, by.Basis.Interpretation) { Path = by.Path });
            var marginal = isBase ? Marginal(award, plain, from, to) : new Rate(0, 1);
            if (stretches.Count > 0 && stretches[^1].Marginal == marginal && !jumps.Exists(j => j.At == from))
                stretches[^1] = stretches[^1] with { To = i + 1 < starts.Length ? to : null, High = Sum(high) };
            else stretches.Add(new(from, i + 1 < starts.Length ? to : null, Sum(low), Sum(high), marginal, by.Basis.Clause, by.Basis.Interpretation));
        }

        foreach (var repeated in isBase ? Repeated(award, trial, usual) : [])
        {
            jumps.RemoveAll(j => repeated.Covers(j.At) && !j.Falls);
            jumps.Add(repeated);
        }

        return new(trial.Over, isBase, trial.Given, stretches, [.. jumps.OrderBy(j => j.At)], top, new(unit));
    }

    private static Rounding ToTheFen => new(new(1), RoundingMode.Down, default);

    /// <summary>Where a rule begins, by what number of the document.</summary>
    private readonly record struct Origin(Basis Basis, string? Path)
    {
        public Origin(Basis basis, Parameter? by)
            : this(basis, by?.Path)
        {
        }
    }

    /// <summary>All values at which the curve can jump or bend.</summary>
    private static SortedDictionary<long, Origin> Points(Award award, Trial trial)
    {
        var points = new SortedDictionary<long, Origin>();
        foreach (var scale in Parts.Of(award.Amount).OfType<Scale>().Where(s => IsDriven(s.Base, trial.Over)))
        {
            foreach (var (at, by) in Starts(scale)) AddWhere(scale.Base, at, new(by?.Basis ?? scale.Basis, by));
            if (scale is Step { Threshold.Lower: { } lower } step) AddWhere(scale.Base, lower.Numerator + step.Per.Numerator, new(step.Per.Basis, step.Per));
        }

        foreach (var test in Parts.Of(award).OfType<FactTest>().Where(t => trial.Over.Contains(t.Fact)))
        {
            var span = (test as NumberWithin)?.Span;
            foreach (var (low, high) in test.Passing())
            {
                Add(low, new(test.Basis, span?.Lower));
                if (high < long.MaxValue) Add(high + 1, new(test.Basis, span?.Upper));
            }
        }

        foreach (var instalments in Parts.Of(award.Amount).OfType<Instalments>().Where(_ => trial.Over.Contains(Fact.SupportYear)))
        {
            Add(1, new(instalments.Years.Basis, instalments.Years));
            Add(instalments.Years.Numerator + 1, new(instalments.Years.Basis, instalments.Years));
        }

        foreach (var cap in award.Limits.OfType<CapByBand>().Where(c => IsDriven(c.Bands.Base, trial.Over)))
            foreach (var (at, by) in Starts(cap.Bands))
                AddWhere(cap.Bands.Base, at, new(by?.Basis ?? cap.Basis, by));
        foreach (var (at, origin) in Crossings(award, trial, [.. points.Keys.Prepend(0)]).ToArray()) Add(at, origin);
        return points;

        void AddWhere(Base @base, long reaches, Origin origin)
        {
            if (Trial.First(0, trial.Top, at => Value(@base, trial, at) >= reaches) is { } at) Add(at, origin);
        }

        void Add(long at, Origin origin)
        {
            if (at > 0 && at <= trial.Top) points.TryAdd(at, origin);
        }
    }

    private static IEnumerable<(long At, Parameter? By)> Starts(Scale scale) => scale switch
    {
        Brackets brackets => brackets.Parts.Where(p => p.UpTo is not null).Select(p => (p.UpTo!.Numerator, (Parameter?)p.UpTo)),
        Bands bands => bands.Parts.SelectMany(p => p.Span.Most == long.MaxValue ? [(p.Span.Least, p.Span.Lower)] : new[] { (p.Span.Least, p.Span.Lower), (p.Span.Most + 1, p.Span.Upper) }),
        BasePlusRate { Threshold: var from } => [(from.Least, from.Lower)],
        Step { Threshold: var from } => [(from.Least, from.Lower)],
        _ => scale.Breaks.Select(at => (at, (Parameter?)null)),
    };

    /// <summary>Where, between two points, the sum before a limit reaches it.</summary>
    private static IEnumerable<(long, Origin)> Crossings(Award award, Trial trial, long[] starts)
    {
        for (var i = 0; i < award.Limits.Count; i++)
        {
            var limit = award.Limits[i];
            var before = trial.Under(award with { Limits = [.. award.Limits.Take(i)], Rounding = ToTheFen }, []);
            foreach (var (first, last) in Between(starts, trial.Top))
            {
                foreach (var (level, by) in Levels(limit))
                    if (before.At(first) < level && Trial.First(first, last, at => before.At(at) >= level) is { } at)
                        yield return (at, new(limit.Basis, by));
                if (limit is not CapByBase { By: var most }) continue;
                var reaches = before.At(last) >= Value(most, trial, last);
                if (before.At(first) >= Value(most, trial, first) != reaches
                    && Trial.First(first, last, at => before.At(at) >= Value(most, trial, at) == reaches) is { } crossing)
                    yield return (crossing, new(limit.Basis, $"awards.{award.Id}.limits.{i}"));
            }
        }

        var alone = trial.Under(award, []);
        foreach (var cap in trial.Rules.OfType<CombinedCap>())
            foreach (var (first, last) in Between(starts, trial.Top))
                if (alone.At(first) < cap.Amount.Numerator && Trial.First(first, last, at => alone.At(at) >= cap.Amount.Numerator) is { } at)
                    yield return (at, new(cap.Basis, cap.Amount));
    }

    private static IEnumerable<(long First, long Last)> Between(long[] starts, long top) =>
        starts.Select((start, i) => (start, i + 1 < starts.Length ? starts[i + 1] - 1 : top));

    private static IEnumerable<(long Level, Parameter By)> Levels(Limit limit) => limit switch
    {
        Cap cap => [(cap.Amount.Numerator, cap.Amount)],
        Floor floor => [(floor.Amount.Numerator, floor.Amount)],
        MinimumToPay minimum => [(minimum.Amount.Numerator, minimum.Amount)],
        CapByBand bands => bands.Bands.Parts.Select(p => (p.Sum!.Numerator, p.Sum)).DistinctBy(p => p.Numerator),
        _ => [],
    };

    /// <summary>The jumps of steps, which repeat without end or until a cap.</summary>
    private static IEnumerable<Jump> Repeated(Award award, Trial trial, Int128 usual)
    {
        foreach (var step in Parts.Of(award.Amount).OfType<Step>().Where(s => IsDriven(s.Base, trial.Over) && s.Add.Numerator > usual))
        {
            var per = step.Per.Numerator;
            if (Trial.First(0, trial.Top, at => Value(step.Base, trial, at) >= step.Threshold.Lower!.Numerator + per) is not { } start) continue;
            var last = trial.At(trial.Top);
            var until = Trial.First(start, trial.Top, at => trial.At(at) == last);
            yield return new(start, Sum(trial.At(start - 1)), Sum(trial.At(start)), per, until > trial.Top - per ? null : until, step.Basis.Clause, step.Basis.Interpretation)
            {
                Path = step.Per.Path,
            };
        }
    }

    /// <summary>
    /// Whether no sum falls bit by bit as these facts grow, so that it falls at jumps alone, and no quantity is left half open.
    /// </summary>
    public static bool CanBeDrawn(Award award, IReadOnlyList<Stacking> rules, IReadOnlyList<Fact> over, IReadOnlyList<Fact> open) =>
        !Bases(award).Any(b => b.Reads().Any(over.Contains) && (b.Reads().Any(open.Contains) || (b is Growth growth && over.Contains(growth.Since))))
        && !rules.OfType<Deduct>().Any(d => over.Contains(d.Sum));

    /// <summary>Whether the base grows as these facts do.</summary>
    private static bool IsDriven(Base @base, IReadOnlyList<Fact> over) => Growing(@base).Any(over.Contains);

    /// <summary>A base that the facts drive, for one value of them.</summary>
    private static long Value(Base @base, Trial trial, long at)
    {
        return @base switch
        {
            LesserOf lesser => lesser.Facts.Min(Of),
            Growth growth => Math.Max(0, Of(growth.Fact) - Of(growth.Since)),
            _ => Of(@base.Fact),
        };

        long Of(Fact fact) => trial.Over.Contains(fact) ? at : fact.Info().Number!(trial.Given) ?? 0;
    }

    private static IEnumerable<Base> CapBases(Award award) => award.Limits.SelectMany(limit => limit switch
    {
        CapByBase cap => [cap.By],
        CapByBand cap => [cap.Bands.Base],
        _ => Array.Empty<Base>(),
    });

    /// <summary>The greatest rate of any scale that the facts drive, whether or not a limit leaves room for it.</summary>
    private static Rate TopRate(Award award, Trial trial, long[] starts)
    {
        var top = award.Limits.OfType<CapByBase>().Any(c => IsDriven(c.By, trial.Over)) ? new Rate(1, 1) : new Rate(0, 1);
        foreach (var scale in Parts.Of(award.Amount).OfType<Scale>().Where(s => IsDriven(s.Base, trial.Over)))
        {
            foreach (var start in starts.Where(s => !starts.Contains(s + 1)).Select(s => Value(scale.Base, trial, s)))
            {
                var rise = scale.At(start + 1, trace: null) - scale.At(start, trace: null);
                if (rise * top.Denominator > (Int128)top.Numerator * scale.Denominator) top = new((long)rise, scale.Denominator);
            }
        }

        return top;
    }

    /// <summary>What each unit brings within a stretch without breaks. Over a whole number of denominators nothing is lost to rounding.</summary>
    private static Rate Marginal(Award award, Trial plain, long from, long to)
    {
        var width = award.Amount.Denominator;
        if (plain.At(from) == Interval.Unbounded || to == from) return new(0, 1);
        // A stretch of less than that is a few yuan wide at most: then on average.
        width = Math.Min(width, to - from);
        return new(Math.Max(0, plain.At(from + width) - plain.At(from)), width);
    }

    private static Fen? Sum(long fen) => fen == Interval.Unbounded ? null : new Fen(fen);
}
