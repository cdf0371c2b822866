using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>
/// What an award comes to as a function of its base, with every other condition met and nothing granted before: the points between which
/// it is a straight line, to the rounding. Each is an evaluation.
/// </summary>
/// <param name="Base">The fact along the axis: a sum in fen or a count.</param>
/// <param name="Points">Rising; the unit before a break-point is there too, so that a jump is upright.</param>
sealed record AwardCurve(Fact Base, IReadOnlyList<AwardCurve.Point> Points)
{
    /// <param name="At">Value of the base.</param>
    /// <param name="Sum">What the award comes to; the most that it can where a person decides.</param>
    /// <param name="IsBreak">Whether the award jumps or bends here.</param>
    public readonly record struct Point(long At, Fen Sum, bool IsBreak);

    /// <summary>Steps further up are not told apart in a picture.</summary>
    const int MostSteps = 40;

    /// <returns>Null where the sum is no function of one base.</returns>
    public static AwardCurve? Of(Policy policy, Award award)
    {
        if (award.Amount is not Scale scale)
        {
            return null;
        }

        var isMoney = scale.Base.Fact.Type() == FactType.Money;
        // Of money: all that can be stated, and 100,000,000 yuan to look at where nothing bends.
        var (most, far) = isMoney ? (9_999_999_999_999_999L, 10_000_000_000L) : (1_000_000L, 20L);
        long[] starts = [0, .. scale.Breaks];
        var breaks = new SortedSet<long>(scale.Breaks);
        foreach (var level in Levels(policy, award))
        {
            for (var i = 0; i < starts.Length; i++)
            {
                if (Reaching(level, starts[i], i + 1 < starts.Length ? starts[i + 1] - 1 : most) is { } at)
                {
                    breaks.Add(at);
                }
            }
        }

        if (scale is Step step)
        {
            breaks.UnionWith(Enumerable.Range(1, MostSteps).Select(unit => step.Threshold.Lower!.Numerator + (unit * step.Per.Numerator)));
        }

        breaks.RemoveWhere(at => at <= 0 || at >= most);
        while (breaks.Count > 0 && At(breaks.Max - 1) == At(most))
        {
            // A limit decides before it.
            breaks.Remove(breaks.Max);
        }

        var end = breaks.Count == 0 ? far : breaks.Max + Math.Max(1, breaks.Max / 3);
        List<Point> points = [new(0, At(0), false), .. breaks.SelectMany(at => new Point[] { new(at - 1, At(at - 1), false), new(at, At(at), true) }), new(end, At(end), false)];
        return new(scale.Base.Fact, [.. points.Where((point, i) => !point.IsBreak || points[i - 1].Sum != point.Sum || points[i + 1].Sum != point.Sum)]);

        // Everything but the base is left open: the most that the award can come to is what it comes to when the conditions are met.
        Fen At(long value)
        {
            var facts = new FactValues();
            facts.Set(Fact.Subject, (long)award.Subject);
            facts.Set(award.GovernedBy, (policy.Periods[^1].From > policy.InForce.From ? policy.Periods[^1].From : policy.InForce.From).DayNumber);
            Set(scale.Base, value, facts);
            return Evaluator.Evaluate(policy, facts, []).Awards.First(answer => answer.Award == award.Id).High!.Value;
        }

        // Between two breaks of the scale the sum never falls, so halving finds the first value that reaches the level.
        long? Reaching(Fen level, long first, long last)
        {
            if (At(last) < level)
            {
                return null;
            }

            while (first < last)
            {
                var middle = first + ((last - first) / 2);
                (first, last) = At(middle) < level ? (middle + 1, last) : (first, middle);
            }

            return first;
        }
    }

    static void Set(Base @base, long value, FactValues facts)
    {
        foreach (var fact in @base is LesserOf lesser ? lesser.Facts : [@base.Fact])
        {
            facts.Set(fact, value);
        }

        if (@base is Growth growth)
        {
            facts.Set(growth.Since, 0);
        }
    }

    /// <summary>The sums at which a limit begins or ceases to decide.</summary>
    static IEnumerable<Fen> Levels(Policy policy, Award award) =>
    [
        .. award.Limits.SelectMany(limit => limit switch
        {
            Cap cap => [new Fen(cap.Amount.Numerator)],
            MinimumToPay minimum => [new Fen(minimum.Amount.Numerator)],
            Floor floor => [new Fen(floor.Amount.Numerator + 1)],
            _ => Array.Empty<Fen>(),
        }),
        .. policy.Periods[^1].Rules.Stacking.OfType<CombinedCap>().Where(rule => rule.Awards.Contains(award.Id)).Select(rule => new Fen(rule.Amount.Numerator)),
    ];
}
