using Marketplace.Rules.Checking;

namespace Marketplace.Rules;

/// <summary>Analyses one award on the days from one to another, both included.</summary>
internal sealed class AwardAnalyser(Policy policy, Period period, Award award, DateOnly from, DateOnly to)
{
    // Each way through the conditions has curves of its own, nearly always the same ones.
    private const int MostWays = 4;

    private readonly WayFinder _finder = new();
    private readonly Dictionary<(Fact, bool, Facts), Curve> _drawn = [];
    private readonly IReadOnlyList<Stacking> _rules = [.. period.Rules.Stacking.Where(rule => rule.Awards.Contains(award.Id))];

    /// <summary>What there is to remark, once analysed.</summary>
    public List<Remark> Remarks { get; } = [];

    public AwardAnalysis Analyse()
    {
        var branches = Branch.Of(award, from, to, _finder);
        if (!_finder.IsComplete) Remark(RemarkKind.Undecided, Severity.Info, award.Amount.Basis);
        if (award.IsSuspended)
            Remark(RemarkKind.Suspended, Severity.Info, award.Amount.Basis, at: Quantity.Of(from), before: Quantity.Of(to));
        else Reachable(branches);

        var curves = new List<Curve>();
        long attained = 0;
        foreach (var branch in branches)
        {
            foreach (var way in branch.Ways.Take(MostWays))
            {
                foreach (var curve in Curve(branch, way))
                    if (!curves.Exists(c => IsSame(c, curve)))
                        curves.Add(curve);
                if (branch.Amount is not Scale) attained = Math.Max(attained, Trial(way, [], []).At(0));
            }
        }

        // Without a cap any fund is too small for some base; that says nothing.
        foreach (var curve in curves.Where(c => c.IsBase && c.Stretches[^1].Marginal.Numerator == 0))
            attained = curve.Stretches.Max(s => Math.Max(attained, Math.Max(s.Low!.Value.Value, s.High!.Value.Value)));
        curves = [.. curves.OrderBy(c => !c.IsBase)];
        var most = branches.All(b => b.Ways.Count == 0) ? Fen.Zero : Bound(award, _rules);
        var analysis = new AwardAnalysis(award.Id, from, to == DateOnly.MaxValue ? null : to, most, curves, Monotone(curves), Splitting(branches)) { Attained = new(attained) };
        Economics(analysis, branches);
        return analysis;
    }

    private static IReadOnlyList<Fact> Growing(Branch branch) => branch.Amount is Scale scale ? Curves.Growing(scale.Base) : [];

    private Trial Trial(Way way, IReadOnlyList<Fact> over, IReadOnlyList<Fact> open) => Rules.Trial.Of(policy, period, award, way, _finder, over, open);

    private IEnumerable<Curve> Curve(Branch branch, Way way)
    {
        var growing = Growing(branch);
        if (growing.Count > 0 && Curves.CanBeDrawn(award, _rules, growing, [])) yield return Draw(Trial(way, growing, []), isBase: true);
        // A base that is left open must not follow the fact by an assumption.
        foreach (var fact in Curves.Thresholds(award).Except(growing).Where(f => Curves.CanBeDrawn(award, _rules, [f], growing) && !growing.Any(open => policy.Standing[(int)open]?.Instead == f)))
            yield return Draw(Trial(way, [fact], growing), isBase: false);
    }

    /// <summary>What an award never exceeds, whatever the history: earlier grants may have made up a least sum to pay, so that is left out.</summary>
    private Fen? Bound(Award bounded, IReadOnlyList<Stacking> rules) =>
        Rules.Trial.Most(policy, bounded with { Limits = [.. bounded.Limits.Where(limit => limit is not MinimumToPay)] }, rules);

    /// <summary>Ways that differ in the varying fact alone lead to the same curve.</summary>
    private Curve Draw(Trial trial, bool isBase)
    {
        var key = (trial.Over[0], isBase, trial.Given);
        if (!_drawn.TryGetValue(key, out var curve)) _drawn[key] = curve = Curves.Of(award, trial, isBase);
        return curve;
    }

    private static bool IsSame(Curve a, Curve b) =>
        a.IsBase == b.IsBase && a.Over.SequenceEqual(b.Over) && a.Stretches.SequenceEqual(b.Stretches) && a.Jumps.SequenceEqual(b.Jumps);

    private Monotonicity Monotone(List<Curve> curves)
    {
        Curve[] bases = [.. curves.Where(c => c.IsBase)];
        foreach (var curve in bases)
            if (curve.Jumps.FirstOrDefault(j => j.Falls) is { } fall)
                return new(ProofStatus.Refuted, fall, curve);
        Fact[] growing = [.. Parts.Of(award.Amount).OfType<Scale>().SelectMany(s => Curves.Growing(s.Base)).Distinct()];
        if (growing.Length == 0) return new(ProofStatus.NotApplicable, null, null);
        return new(Shapes.NeverFalls(award, _rules, growing) ? ProofStatus.Proven : ProofStatus.Unproven, null, null);
    }

    private Splitting Splitting(IReadOnlyList<Branch> branches)
    {
        Branch[] cut = [.. branches.Where(b => b.Ways.Count > 0 && IsCut(b.Amount))];
        if (award.Subject != Subject.Contract || cut.Length == 0) return new(ProofStatus.NotApplicable, [], null, []);
        // A sum of the contract that decides nothing makes the parts contracts all the same.
        IReadOnlyList<Fact> over = Shapes.Cut(award) is { Count: > 0 } sums ? sums : [Fact.Amount];
        if (Array.TrueForAll(cut, b => Shapes.NeverGainsByCutting(award, _rules, b.Amount))) return new(ProofStatus.Proven, [], null, over);
        foreach (var way in cut.SelectMany(b => b.Ways.Take(MostWays)))
        {
            var trial = Trial(way, over, []);
            if (new Cutting(award, trial).Find() is { Count: > 0 } cuts) return new(ProofStatus.Refuted, cuts, trial.Given, trial.Over);
        }

        return new(ProofStatus.Unproven, [], null, over);
    }

    private static bool IsCut(AmountShape amount) => !amount.IsDecided && (amount is not Scale scale || Shapes.IsCut(scale.Base));

    private void Reachable(IReadOnlyList<Branch> branches)
    {
        if (branches.All(b => b.Ways.Count == 0))
        {
            if (_finder.IsComplete) Remark(RemarkKind.NeverDue, Severity.Warning, award.Amount.Basis, path: $"awards.{award.Id}.when");
            return;
        }

        foreach (var branch in branches.Where(b => b.Ways.Count == 0 && _finder.IsComplete))
            Remark(RemarkKind.NeverReached, Severity.Warning, branch.Amount.Basis, path: branch.Path, detail: branch.Path[$"awards.{award.Id}.amount.".Length..]);
    }

    private void Economics(AwardAnalysis analysis, IReadOnlyList<Branch> branches)
    {
        if (branches.All(b => b.Ways.Count == 0) || award.IsSuspended) return;
        if (Rules.Trial.Most(policy, award, _rules) == Fen.Zero) Remark(RemarkKind.AlwaysNothing, Severity.Warning, award.Amount.Basis, path: $"awards.{award.Id}.amount");
        foreach (var curve in analysis.Curves)
            foreach (var jump in curve.Jumps)
                Remark(jump.Falls && curve.IsBase ? RemarkKind.Falls : RemarkKind.Jumps, jump.Falls && curve.IsBase ? Severity.Warning : Severity.Info,
                    new(jump.Clause, jump.Interpretation), jump.Path, curve.Over[0], Quantity.Of(curve.Over[0], jump.At), Of(jump.Before), Of(jump.After),
                    jump.Every is { } every ? Quantity.Of(curve.Over[0], every).ToString() : "");
        if (analysis.Splitting.Cuts is [var best, ..]) Pays(analysis.Splitting.Cuts.FirstOrDefault(c => c.Count == 30) ?? best);
        Limits();
        foreach (var branch in branches) Numbers(branch);
    }

    private void Pays(Cut cut)
    {
        var cap = award.Limits.OfType<Cap>().FirstOrDefault(c => c.Over.Scope == Scope.Contract);
        var basis = cap?.Basis ?? award.Amount.Basis;
        var isDecided = policy.Interpretations.Any(i => i.Id == basis.Interpretation && i.By is not null);
        Remark(RemarkKind.SplittingPays, isDecided ? Severity.Info : Severity.Warning, basis, cap?.Amount.Path ?? $"awards.{award.Id}.amount", null,
            Quantity.Of(cut.Whole), Quantity.Of(cut.Uncut), Quantity.Of(cut.Together), cut.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Caps that no sum reaches; floors that leave nothing to the amount.</summary>
    private void Limits()
    {
        for (var i = 0; i < award.Limits.Count; i++)
        {
            var limit = award.Limits[i];
            if (limit is not (Cap { Over.Scope: Scope.Contract } or Floor)) continue;
            var before = award with { Limits = [.. award.Limits.Take(i)], Rounding = new(new(1), RoundingMode.Down, default) };
            if (Bound(before, []) is not { } most) continue;
            if (limit is Cap cap && most.Value <= cap.Amount.Numerator)
                Remark(RemarkKind.CapNeverBinds, Severity.Info, cap.Basis, cap.Amount.Path, before: Quantity.Of(cap.Amount) with { Label = cap.Amount.Words }, after: Quantity.Of(most));
            else if (limit is Floor floor && most.Value <= floor.Amount.Numerator)
                Remark(RemarkKind.NeverCounts, Severity.Warning, award.Amount.Basis, $"awards.{award.Id}.amount", before: Quantity.Of("amount", new("金额", "The amount")));
        }
    }

    /// <summary>Rates of brackets and bands that begin where a limit has already decided.</summary>
    private void Numbers(Branch branch)
    {
        // A cap that other facts decide may leave room elsewhere.
        if (branch.Amount is not Scale scale || branch.Ways.Count is 0 or > MostWays || award.Limits.Any(limit => limit is CapByBase or CapByBand)) return;
        if (!Curves.CanBeDrawn(award, _rules, Growing(branch), [])) return;
        Curve[] curves = [.. branch.Ways.Select(way => Draw(Trial(way, Growing(branch), []), isBase: true))];
        foreach (var (start, number) in Rates(scale))
            if (number.Numerator > 0 && Array.TrueForAll(curves, curve => IsFlatFrom(curve, start)))
                Remark(RemarkKind.NeverCounts, Severity.Info, number.Basis, number.Path, before: Quantity.Of(number) with { Label = number.Words });
    }

    private static bool IsFlatFrom(Curve curve, long start) =>
        curve.Stretches[^1] is { Marginal.Numerator: 0 } last && last.From < start && !curve.Jumps.Any(j => j.At > last.From || j.Every is not null);

    private static IEnumerable<(long Start, Parameter Number)> Rates(Scale scale) => scale switch
    {
        Brackets brackets => brackets.Parts.Select(p => (p.Above + 1, p.Rate)),
        Bands bands => bands.Parts.Select(p => (p.Span.Least, (p.Rate ?? p.Sum)!)),
        _ => [],
    };

    private static Quantity Of(Fen? sum) => sum is { } known ? Quantity.Of(known) : default;

    private void Remark(
        RemarkKind kind, Severity severity, Basis basis, string? path = null, Fact? fact = null, Quantity at = default, Quantity before = default, Quantity after = default,
        string detail = "") =>
        Remarks.Add(new(kind, award.Id, severity, basis.Clause, basis.Interpretation, fact, at, before, after, detail) { Path = path ?? $"awards.{award.Id}" });
}
