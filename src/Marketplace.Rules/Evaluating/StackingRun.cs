namespace Marketplace.Rules;

/// <summary>Applies the stacking rules of a policy to its awards, each already evaluated by itself.</summary>
internal sealed class StackingRun(IReadOnlyList<AwardRun> runs)
{
    private Stacking[][] _possible = [];
    private IReadOnlyList<Stacking> _rules = [];
    private Fact _governedBy;

    /// <summary>Applies rules, in order.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="possible">While the governing day is unknown, the rules of every period that it can lie in.</param>
    /// <param name="governedBy">The governing day.</param>
    public void Apply(IReadOnlyList<Stacking> rules, Stacking[][] possible, Fact governedBy)
    {
        (_rules, _possible, _governedBy) = (rules, possible, governedBy);
        for (var i = 0; i < rules.Count; i++) rules[i].Apply(this);
    }

    public void FirstOf(Exclusive rule)
    {
        var (before, replaced) = (new List<AwardRun>(), new List<AwardRun>());
        foreach (var run in Concerned(rule))
        {
            foreach (var other in replaced) run.IsSparedBy(other);
            if (PaidBefore(run, rule, rule.Over, out var perhaps) is { } granted)
            {
                run.Replace(rule, granted);
                replaced.Add(run);
                continue;
            }

            var (paid, missing) = ((AwardRun?)null, default(FactSet));
            foreach (var other in before)
            {
                var together = rule.Over.Scope == Scope.Contract ? Truth.Yes : AreCountedTogether(run, other, rule.Over, ref missing);
                if (together == Truth.No) continue;
                if (together == Truth.Yes && other is { Low: > 0, Outcome: Outcome.Granted }) paid ??= other;
                (perhaps, missing) = (true, missing.Union(other.Missing));
            }

            if (paid is not null) run.Replace(rule, paid);
            else if (perhaps) run.MayBeReplaced(missing);
            if (run.High > 0) before.Add(run);
        }
    }

    public void HighestOf(HigherOf rule)
    {
        var concerned = Concerned(rule);
        // Ends as they were before any of them was replaced.
        var ends = concerned.Select(run => (run.Low, run.High, run.Missing)).ToArray();
        var missing = ends.Aggregate(default(FactSet), (all, end) => all.Union(end.Missing));
        for (var i = 0; i < ends.Length; i++)
        {
            var (beaten, threatened) = ((AwardRun?)null, false);
            for (var j = 0; j < ends.Length; j++)
            {
                if (j == i) continue;
                // Among equals the first listed is paid.
                if (ends[j].Low > ends[i].High || (ends[j].Low == ends[i].High && j < i)) beaten ??= concerned[j];
                threatened |= ends[j].High > ends[i].Low || (ends[j].High == ends[i].Low && j < i);
            }

            if (beaten is not null) concerned[i].Replace(rule, beaten);
            else
            {
                if (threatened) concerned[i].MayBeReplaced(missing);
                concerned[i].TakeOff(rule, Granted(concerned[i], [.. rule.Awards.Where(id => id != concerned[i].Award.Id)], rule));
            }
        }
    }

    public void InPlaceOf(InPlace rule)
    {
        AwardRun? first = null;
        foreach (var run in runs)
            if (run.Award.Id == rule.Awards[0])
                first = run;
        foreach (var run in Concerned(rule))
        {
            if (run == first) run.TakeOff(rule, Granted(run, rule.Replaced, rule));
            else if (Granted(run, [rule.Awards[0]], rule) > 0) run.Replace(rule, rule.Awards[0]);
            else if (first is { Outcome: Outcome.Granted, Low: > 0 }) run.Replace(rule, first);
            else if (first is { Outcome: not Outcome.Refused, High: > 0, WaitsForDecision: false, Award.Amount: not Discretionary }) run.MayBeReplaced(first.Missing);
        }
    }

    public void ChosenOf(ChosenByParties rule)
    {
        var due = Concerned(rule);
        for (var i = due.Count - 1; i >= 0; i--)
        {
            if (PaidBefore(due[i], rule, Counting.Single, out _) is not { } before) continue;
            var replaced = due[i];
            replaced.Replace(rule, before);
            due.RemoveAt(i);
            foreach (var run in due) run.IsSparedBy(replaced);
        }

        if (due.Count < 2) return;
        // To choose what is not due is no choice.
        var chosen = due.Find(run => run.Award.Id == run.Facts.Word(Fact.ChosenAward));
        var missing = chosen?.Missing ?? default(FactSet).With(Fact.ChosenAward);
        foreach (var run in due)
        {
            if (run == chosen) continue;
            if (chosen is { Low: > 0 }) run.Replace(rule, chosen);
            else run.MayBeReplaced(missing);
        }
    }

    public void LessThan(Deduct rule)
    {
        var concerned = Concerned(rule);
        if (concerned.Count == 0) return;
        var known = concerned[0].TryNumber(rule.Sum, out var sum);
        var (least, most) = known ? (sum, sum) : (0, Interval.Unbounded);
        var missing = default(FactSet);
        foreach (var run in concerned)
        {
            if (!known) run.Miss(rule.Sum);
            var (before, low) = (run.Low, Math.Max(0, run.Low - most));
            var high = run.High == Interval.Unbounded ? Interval.Unbounded : Math.Max(0, run.High - least);
            if (known && run.Outcome == Outcome.Granted && least > 0) run.Trace?.Deducted(rule.Sum, sum, least, low, rule.Basis);
            var (low1, high1, lacking) = (run.Low, run.High, run.Missing);
            run.Reduce(ReasonCode.LimitedDeducted, rule, low, high, Quantity.Of(new Fen(before)), Quantity.Of(new Fen(least)), missing);
            missing = missing.Union(lacking);
            // What one award has taken up is not taken off the next.
            (least, most) = (Math.Max(0, least - high1), most == Interval.Unbounded ? most : Math.Max(0, most - low1));
        }
    }

    public void Together(CombinedCap rule)
    {
        var drawn = new List<(AwardRun Run, long Least, long Most)>();
        var missing = default(FactSet);
        var (leastCap, mostCap) = (rule.Amount.Numerator, rule.Amount.Numerator);
        foreach (var rules in _possible)
        {
            foreach (var other in rules)
            {
                if (other is not CombinedCap { Amount: var amount } || amount.Path != rule.Amount.Path || amount.Numerator == rule.Amount.Numerator) continue;
                (leastCap, mostCap) = (Math.Min(leastCap, amount.Numerator), Math.Max(mostCap, amount.Numerator));
                missing = missing.With(_governedBy);
            }
        }

        var place = Place(rule);
        foreach (var run in Concerned(rule))
        {
            if (leastCap == mostCap) run.Hold(rule.Awards, rule.Over, AwardRun.Place(place), leastCap);
            var cap = run.Trace?.Parameter(rule.Amount) ?? 0;
            var used = run.UsedBy(rule.Awards, rule.Over, rule.Basis);
            var (drawnLeast, drawnMost) = (0L, 0L);
            foreach (var (earlier, least, most) in drawn)
            {
                var together = AreCountedTogether(run, earlier, rule.Over, ref missing);
                if (together == Truth.No) continue;
                drawnMost += most;
                if (together == Truth.Unknown) continue;
                drawnLeast += least;
                run.Trace?.Drawn(earlier.Award, least, rule.Basis);
            }

            var roomLow = Math.Max(0, leastCap - used.High - drawnMost);
            var roomHigh = Math.Max(0, mostCap - used.Low - drawnLeast);
            var (low, high) = (Math.Min(run.Low, roomLow), Math.Min(run.High, roomHigh));
            if (run.Outcome == Outcome.Granted)
                run.Trace?.Limited(StepKind.Cap, rule.Over.Wire, cap, Quantity.Of(new Fen(low)), low < run.Low, rule.Basis);
            run.Reduce(ReasonCode.LimitedCombinedCap, rule, low, high, Quantity.Of(new Fen(run.Low)), Quantity.Of(new Fen(roomHigh)), missing);
            missing = missing.Union(run.Missing);
            drawn.Add((run, low, high));
        }
    }

    /// <summary>How many rules before this one cap the same awards over the same scope.</summary>
    private int Place(CombinedCap rule) =>
        _rules.TakeWhile(other => !ReferenceEquals(other, rule)).OfType<CombinedCap>()
            .Count(other => other.Over.Scope == rule.Over.Scope && other.Awards.Order().SequenceEqual(rule.Awards.Order()));

    /// <summary>Whether two awards fall into the same scope: one contract has one project and one office, but the payees can be two.</summary>
    private static Truth AreCountedTogether(AwardRun run, AwardRun other, Counting over, ref FactSet missing)
    {
        var isUnknown = false;
        if (over.Scope is Scope.PartyYear or Scope.OfficeYear)
        {
            if (run.Year is not null && other.Year is not null && run.Year != other.Year) return Truth.No;
            foreach (var one in new[] { run, other })
            {
                if (one.Year is not null) continue;
                isUnknown = run.Award.GovernedBy != other.Award.GovernedBy;
                missing = missing.With(one.Award.GovernedBy);
            }
        }

        var (mine, others) = (over.Identity(run.Award), over.Identity(other.Award));
        if (mine == others) return isUnknown ? Truth.Unknown : Truth.Yes;
        if (run.Facts.Word(mine) is { } first && run.Facts.Word(others) is { } second)
            return !CanonicalName.AreSame(first, second) ? Truth.No : isUnknown ? Truth.Unknown : Truth.Yes;
        if (!run.Facts.Has(mine)) missing = missing.With(mine);
        if (!run.Facts.Has(others)) missing = missing.With(others);
        return Truth.Unknown;
    }

    /// <summary>Another award of the rule that was granted in the scope before; null when none is known to have been.</summary>
    /// <param name="perhaps">Whether one may have been.</param>
    private static string? PaidBefore(AwardRun run, Stacking rule, Counting over, out bool perhaps)
    {
        perhaps = false;
        foreach (var id in rule.Awards)
        {
            if (id == run.Award.Id) continue;
            var used = run.UsedBy([id], over, rule.Basis);
            if (used.Low > 0) return id;
            perhaps |= used.High > 0;
        }

        return null;
    }

    /// <summary>What was granted under some awards for the contract before.</summary>
    private static long Granted(AwardRun run, IReadOnlyList<string> awards, Stacking rule) => run.UsedBy(awards, Counting.Single, rule.Basis).Low;

    /// <summary>The awards of the rule that can come to anything, in the rule's order.</summary>
    private List<AwardRun> Concerned(Stacking rule)
    {
        var concerned = new List<AwardRun>(rule.Awards.Count);
        foreach (var id in rule.Awards)
            foreach (var run in runs)
                if (run.Award.Id == id && run.Outcome != Outcome.Refused && run.High > 0)
                    concerned.Add(run);
        return concerned;
    }
}
