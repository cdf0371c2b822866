using Marketplace.Rules.Checking;

namespace Marketplace.Rules;

/// <summary>
/// One award by itself under given facts, evaluated for one value of a base after another. No other award of the policy is due, so that
/// stacking rules touch it alone; nothing was granted before unless it is said.
/// </summary>
internal sealed class Trial
{
    // The largest sum and the largest count that anybody can state.
    public const long MostMoney = 9_999_999_999_999_999;
    public const long MostCount = 1_000_000;

    private readonly Policy _policy;
    private readonly FactValues _facts;
    private readonly AwardRun _run;
    private readonly StackingRun _stacking;

    private Trial(Policy policy, Award award, IReadOnlyList<Stacking> rules, FactValues facts, Facts given, IReadOnlyList<Fact> over)
    {
        (_policy, _facts, Rules, Given, Over) = (policy, facts, rules, given, over);
        _run = new AwardRun(policy, award);
        _stacking = new StackingRun([_run]);
        Top = over.Count > 0 && over[0].Type() == FactType.Count ? MostCount : MostMoney;
        foreach (var scale in Parts.Of(award.Amount).OfType<Scale>())
            while (scale.At(Top, trace: null) / scale.Denominator > MostMoney) Top /= 10;
    }

    /// <summary>All facts but those that vary and those left open.</summary>
    public Facts Given { get; }

    /// <summary>The facts that vary, all alike.</summary>
    public IReadOnlyList<Fact> Over { get; }

    /// <summary>The greatest value that is tried.</summary>
    public long Top { get; }

    /// <summary>The award under facts that lead into a way.</summary>
    /// <param name="open">Facts to leave unknown.</param>
    public static Trial Of(Policy policy, Period period, Award award, Way way, WayFinder finder, IReadOnlyList<Fact> over, IReadOnlyList<Fact> open)
    {
        var (facts, given) = (new FactValues(), new Facts());
        var days = Days(policy, award, way);
        foreach (var fact in award.Reads().Concat(period.Rules.Stacking.SelectMany(r => r.Reads())).Append(Fact.Subject).Append(Fact.Contract).Append(Fact.Project)
            .Append(award.PayeeIdentity).Concat(way.Allowed.Keys.Select(v => v.Fact)).Distinct())
        {
            if (over.Contains(fact) || open.Contains(fact)) continue;
            switch (fact.Type())
            {
                case FactType.Finding:
                    Finding[] findings = [.. Parts.Of(award).OfType<Assessed>().Select(a => a.Name).Distinct().Select(name => new Finding(name, way.Of(new(fact, name)).Nearest(0) == 1))];
                    facts.Set(findings);
                    given = given with { Findings = findings };
                    break;
                case FactType.Word or FactType.Identity:
                    var word = fact == Fact.ChosenAward ? award.Id
                        : fact.Type() == FactType.Word ? finder.Word(fact, way.Of(new(fact)).Nearest(0)) ?? "other" : fact.Wire() + "1";
                    facts.Set(fact, word);
                    given = given.With(fact, word);
                    break;
                default:
                    var number = days.TryGetValue(fact, out var day) ? day
                        : fact == Fact.Subject ? (long)award.Subject : way.Of(new(fact)).Nearest(Preferred(policy, period, award, fact));
                    facts.Set(fact, number);
                    given = given.With(fact, number);
                    break;
            }
        }

        return new Trial(policy, award, [.. period.Rules.Stacking.Where(rule => rule.Awards.Contains(award.Id))], facts, given, over);
    }

    /// <summary>The rules of stacking that the award is subject to.</summary>
    public IReadOnlyList<Stacking> Rules { get; }

    /// <summary>What bounds the award whatever the facts: all are left open and nothing is assumed. Null when nothing does.</summary>
    public static Fen? Most(Policy policy, Award award, IReadOnlyList<Stacking> rules)
    {
        var facts = new FactValues();
        facts.Set(Fact.Subject, (long)award.Subject);
        var most = new Trial(policy with { Standing = new Assumption?[policy.Standing.Length] }, award, rules, facts, new Facts(), []).At(0);
        return most == Interval.Unbounded ? null : new Fen(most);
    }

    /// <summary>The same facts under a changed award and these rules of stacking.</summary>
    public Trial Under(Award award, IReadOnlyList<Stacking> rules) => new(_policy, award, rules, _facts, Given, Over);

    /// <summary>The most that the award comes to, in fen; <see cref="Interval.Unbounded"/> where nothing bounds it.</summary>
    public long At(long value) => Run(value, []).High;

    /// <summary>The same on top of earlier grants.</summary>
    public long At(long value, IReadOnlyList<Grant> history) => Run(value, history).High;

    /// <summary>The first value from <paramref name="first"/> to <paramref name="last"/> for which something holds that goes on to hold; null when it never does.</summary>
    public static long? First(long first, long last, Func<long, bool> holds)
    {
        if (first > last || !holds(last)) return null;
        while (first < last)
        {
            var middle = first + ((last - first) / 2);
            (first, last) = holds(middle) ? (first, middle) : (middle + 1, last);
        }

        return first;
    }

    private AwardRun Run(long value, IReadOnlyList<Grant> history)
    {
        foreach (var fact in Over) _facts.Set(fact, value);
        _run.Evaluate(_facts, new GrantList(history), explains: false, trace: null);
        _stacking.Apply(Rules, [], _policy.GovernedBy);
        return _run;
    }

    private static IReadOnlyDictionary<Fact, long> Days(Policy policy, Award award, Way way)
    {
        var governing = way.Of(new(award.GovernedBy)).Nearest(policy.InForce.From.DayNumber);
        var days = way.Days(_ => governing) ?? way.Days(_ => 0) ?? throw new InvalidOperationException("Ways without days are left out.");
        return days.ContainsKey(award.GovernedBy) ? days : new Dictionary<Fact, long>(days) { [award.GovernedBy] = governing };
    }

    /// <summary>What leaves an award as large as it can be and is otherwise ordinary.</summary>
    private static long Preferred(Policy policy, Period period, Award award, Fact fact)
    {
        if (award.Limits.OfType<CapByBand>().FirstOrDefault(c => c.Bands.Base.Fact == fact) is { Bands: var bands })
            return bands.Parts.MaxBy(p => p.Sum!.Numerator)!.Span.Least;
        return fact.Type() switch
        {
            FactType.Money => IsTakenOff(period, award, fact) ? 0 : MostMoney,
            FactType.Count => 1,
            FactType.Region => Region.Number(policy.Region)!.Value,
            FactType.Date => policy.InForce.From.DayNumber,
            _ => 0,
        };
    }

    private static bool IsTakenOff(Period period, Award award, Fact fact) =>
        period.Rules.Stacking.OfType<Deduct>().Any(d => d.Sum == fact)
        || Curves.Bases(award).OfType<Growth>().Any(g => g.Since == fact);
}
