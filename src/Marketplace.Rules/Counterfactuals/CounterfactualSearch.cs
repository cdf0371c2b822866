using System.Numerics;
using Marketplace.Rules.Checking;

namespace Marketplace.Rules;

/// <summary>Looks for what would make one award due under given facts.</summary>
internal sealed class CounterfactualSearch(Policy policy, Facts facts, IReadOnlyList<Grant> history, string id)
{
    // More than anybody reads; the smallest come first.
    private const int MostFound = 10;
    private const int MostTried = 100;

    // What a party is, what an earlier year came to, and what has been paid already.
    private static readonly Fact[] Unchangeable =
    [
        Fact.Subject, Fact.BuyerKind, Fact.SellerKind, Fact.RelatedParties, Fact.FiscalUnit, Fact.StateOwned, Fact.Blacklisted, Fact.SubsidisedElsewhere, Fact.NewlyBuilt,
        Fact.LastYearAmount, Fact.LastYearResearchSpend, Fact.AcquiredFor, Fact.PaidElsewhere, Fact.SupportYear, Fact.YearsInOperation,
    ];

    private readonly SortedSet<Fact> _fixed = [];

    public CounterfactualAnswer Find()
    {
        if (Evaluate([]) is not { } now || !IsNothing(now)) return CounterfactualAnswer.None;
        var tried = new List<Change[]>();
        foreach (var period in policy.Periods)
        {
            var award = period.Rules.Awards.First(a => a.Id == id);
            // A day that is known stays, and with it the period.
            if (Number(award.GovernedBy) is { } day && (day < period.From.DayNumber || day > period.To.DayNumber)) continue;
            var finder = new WayFinder();
            foreach (var branch in Branch.Of(award, period.From, period.To, finder))
                foreach (var changes in branch.Ways.Select(way => Changes(way, finder)).OfType<Change[]>().OrderBy(c => c.Length).Take(MostTried))
                    if (Enough(award, branch.Amount, changes) is { } enough)
                        tried.Add(enough);
        }

        var found = new List<Counterfactual>();
        foreach (var changes in tried.OrderBy(c => c.Length).SelectMany(Least))
            if (!found.Exists(f => f.Changes.All(changes.Contains)) && Evaluate(changes) is { } then)
                found.Add(new(changes, then.Outcome, then.Low, then.High));
        return new(
            [.. found.Where(f => !found.Exists(other => other != f && other.Changes.All(f.Changes.Contains))).OrderBy(f => f.Changes.Count).Take(MostFound)], [.. _fixed]);
    }

    private static bool IsNothing(AwardEvaluation award) => award.Outcome == Outcome.Refused || award is { Outcome: Outcome.Granted, Low.Value: 0 };

    private bool IsDue(IEnumerable<Change> changes) => Evaluate(changes) is { Outcome: Outcome.Granted or Outcome.NeedsDecision, High: null or { Value: > 0 } };

    private AwardEvaluation? Evaluate(IEnumerable<Change> changes) => Evaluator.Evaluate(policy, With(changes), history).Awards.FirstOrDefault(a => a.Award == id);

    private Facts With(IEnumerable<Change> changes) => changes.Aggregate(facts, (changed, change) => change.ApplyTo(changed));

    /// <summary>What must change so that the facts lead into a way; null when something that cannot change bars it.</summary>
    private Change[]? Changes(Way way, WayFinder finder)
    {
        var changes = new List<Change>();
        var isBarred = false;
        foreach (var (variable, set) in way.Allowed)
        {
            if (IsDay(variable)) continue;
            var now = Now(variable, finder);
            if (now is { } value && set.Contains(value)) continue;
            if ((now is null || !Unchangeable.Contains(variable.Fact)) && To(variable, set, now) is { } to && Change(variable, now, to, set, finder) is { } change)
                changes.Add(change);
            else Bar(variable.Fact);
        }

        foreach (var fact in Days(way).Where(fact => Number(fact) is { } day && !way.Of(new(fact)).Contains(day))) Bar(fact);
        return isBarred || Later(way) is not { } later ? null : [.. changes.Concat(later).OrderBy(c => c.Fact)];

        void Bar(Fact fact)
        {
            _fixed.Add(fact);
            isBarred = true;
        }
    }

    /// <summary>Days that are not known and that the way asks for: none is taken to be earlier than those that are known.</summary>
    private List<Change>? Later(Way way)
    {
        var pinned = way;
        foreach (var fact in Days(way).Where(fact => Number(fact) is not null))
        {
            var day = Number(fact)!.Value;
            if (pinned.And(new Way(new Dictionary<Variable, NumberSet> { [new(fact)] = new(new Interval(day, day)) }, [])) is { } next) pinned = next;
            else
            {
                _fixed.Add(fact);
                return null;
            }
        }

        var latest = FactNames.All.Where(fact => fact.Type() == FactType.Date).Max(Number) ?? 0;
        var ordered = pinned.Days(fact => Number(fact) ?? latest) ?? pinned.Days(_ => 0)!;
        return
        [
            .. Days(way).Where(fact => Number(fact) is null)
                .Select(fact => (Fact: fact, Day: ordered.TryGetValue(fact, out var day) ? day : pinned.Of(new(fact)).AtLeast(latest) ?? pinned.Of(new(fact)).Nearest(latest)))
                .Select(later => new Change(later.Fact, null, default, Quantity.Of(later.Fact, later.Day), false) { Number = later.Day }),
        ];
    }

    private static bool IsDay(Variable variable) => variable.Fact.Type() == FactType.Date;

    private static IEnumerable<Fact> Days(Way way) =>
        way.Allowed.Keys.Where(IsDay).Select(v => v.Fact).Concat(way.Orders.SelectMany(o => new[] { o.Earlier, o.Later })).Distinct();

    /// <summary>The nearest allowed value that may be suggested; null when there is none. A sum or a count only grows.</summary>
    private static long? To(Variable variable, NumberSet set, long? now) =>
        variable.Fact.Type() is FactType.Money or FactType.Count ? set.AtLeast(now ?? 0) : set.Nearest(0);

    private Change? Change(Variable variable, long? now, long to, NumberSet set, WayFinder finder)
    {
        var (fact, finding) = variable;
        if (finding is not null) return new(fact, finding, now is { } held ? Quantity.Of(held == 1) : default, Quantity.Of(to == 1), false) { Number = to };
        if (fact.Type() == FactType.Word)
            return finder.Word(fact, to) is { } word ? new(fact, null, fact.Info().Word!(facts) is { } current ? Quantity.Of(current) : default, Quantity.Of(word), false) : null;
        var isOpen = fact.Type() is FactType.Money or FactType.Count && set.Stretches[^1] is var last && last.Low <= to && last.High == long.MaxValue;
        return new(fact, null, now is { } value ? Quantity.Of(fact, value) : default, Quantity.Of(fact, to), isOpen) { Number = to };
    }

    /// <summary>The changes with the choice, or the least growth of the base, that makes the award come to something as well; null when none does.</summary>
    private Change[]? Enough(Award award, AmountShape amount, Change[] changes)
    {
        if (IsDue(changes)) return changes;
        if (facts.ChosenAward != id && policy.Periods.Any(p => p.Rules.Stacking.Any(s => s is ChosenByParties && s.Awards.Contains(id))))
        {
            changes = [.. changes, new(Fact.ChosenAward, null, facts.ChosenAward is { } other ? Quantity.Of(other) : default, Quantity.Of(id), false)];
            if (IsDue(changes)) return changes;
        }

        if (amount is not Scale scale) return null;
        var growing = Curves.Growing(scale.Base);
        if (!growing.Any(Unchangeable.Contains)) return Grown(award, scale, growing, changes);
        _fixed.UnionWith(growing.Where(Unchangeable.Contains));
        return null;
    }

    private Change[]? Grown(Award award, Scale scale, IReadOnlyList<Fact> growing, Change[] changes)
    {
        var before = With(changes);
        var next = 1 + growing.Min(fact => fact.Info().Number!(before) ?? 0);
        var most = growing[0].Type() == FactType.Count ? Trial.MostCount : Trial.MostMoney;
        // Between two of these the award never falls, so that the first value that pays is found by halving.
        long[] starts = [next, .. Starts(award, scale, before).Where(start => start > next && start <= most).Distinct().Order()];
        for (var i = 0; i < starts.Length; i++)
            if (Trial.First(starts[i], i + 1 < starts.Length ? starts[i + 1] - 1 : most, at => IsDue(To(at))) is { } enough)
                return To(enough);
        return null;

        Change[] To(long value) =>
        [
            .. changes.Where(c => !growing.Contains(c.Fact) || c.Number >= value).Concat(
                growing.Where(fact => (fact.Info().Number!(before) ?? 0) < value).Select(fact =>
                    new Change(fact, null, Number(fact) is { } known ? Quantity.Of(fact, known) : default, Quantity.Of(fact, value), false) { Number = value }))
                .OrderBy(c => c.Fact),
        ];
    }

    /// <summary>Where the award may jump as its base grows.</summary>
    private static IEnumerable<long> Starts(Award award, Scale scale, Facts given)
    {
        var since = scale.Base is Growth growth ? growth.Since.Info().Number!(given) ?? 0 : 0;
        var scales = Parts.Of(award.Amount).OfType<Scale>().Concat(award.Limits.OfType<CapByBand>().Select(cap => cap.Bands));
        return scales.SelectMany(s => s.Breaks).SelectMany(at => new[] { at, at + since }).Concat(
            Parts.Of(award).OfType<FactTest>().Where(test => scale.Reads().Contains(test.Fact)).SelectMany(test => test.Passing())
                .SelectMany(s => s.High == long.MaxValue ? [s.Low] : new[] { s.Low, s.High + 1 }));
    }

    /// <summary>The parts of a set of changes that make the award due and have no part that does; the whole when it is too large to try them all.</summary>
    private IEnumerable<Change[]> Least(Change[] changes)
    {
        const int most = 8;
        if (changes.Length > most)
            foreach (var change in changes)
                if (changes.Where(c => c != change).ToArray() is var fewer && IsDue(fewer))
                    changes = fewer;
        if (changes.Length > most) return [changes];

        var least = new List<int>();
        foreach (var mask in Enumerable.Range(1, (1 << changes.Length) - 1).OrderBy(mask => BitOperations.PopCount((uint)mask)))
            if (!least.Exists(part => (part & mask) == part) && IsDue(Part(mask)))
                least.Add(mask);
        return least.Select(Part);

        Change[] Part(int mask) => [.. changes.Where((_, i) => (mask >> i & 1) != 0)];
    }

    private long? Now(Variable variable, WayFinder finder)
    {
        var (fact, finding) = variable;
        if (finding is not null) return facts.Findings?.FirstOrDefault(f => f.Name == finding) is { } found ? found.Holds ? 1 : 0 : null;
        if (fact.Type() == FactType.Word) return fact.Info().Word!(facts) is { } word ? finder.Number(fact, word) : null;
        if (Number(fact) is { } stated) return stated;
        return policy.Standing[(int)fact] switch { null => null, { Instead: { } other } => Number(other), var assumption => assumption.Number };
    }

    private long? Number(Fact fact) => fact.Info().Number?.Invoke(facts);
}
