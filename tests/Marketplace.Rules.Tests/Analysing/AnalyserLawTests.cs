using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests.Analysing;

/// <summary>What the analyser claims of policies of every shape, held against evaluations.</summary>
public sealed class AnalyserLawTests
{
    private static readonly Lazy<PolicyAnalysis[]> Analyses = new(() => [.. Arbitrary.Policies.Select(p => Analyser.Analyse(p.Policy))]);

    /// <summary>Analysed awards that no other award of their policy bears on, so that they are what they are by themselves.</summary>
    private static readonly Lazy<(int Policy, AwardAnalysis Analysis)[]> Alone = new(() =>
    [
        .. Analyses.Value.SelectMany((analysis, i) => analysis.Awards.Where(a => Draft(i).Stacking.All(s => !s.Awards.Contains(a.Award))).Select(a => (i, a))),
    ]);

    [Test]
    public void Every_claim_is_made_often_enough_to_be_tried()
    {
        var claims = Alone.Value.SelectMany(a => new[] { $"monotone {a.Analysis.Monotone.Status}", $"splitting {a.Analysis.Splitting.Status}" }).CountBy(c => c).ToDictionary();
        foreach (var status in new[] { ProofStatus.Proven, ProofStatus.Refuted })
            Assert.That((claims[$"monotone {status}"], claims[$"splitting {status}"]), Is.GreaterThan((20, 20)), string.Join(", ", claims));
        TestContext.Out.WriteLine(string.Join(", ", claims));
    }

    [Test]
    public void An_award_called_monotone_never_falls_whatever_the_facts_and_the_history() => Arbitrary.Always(c =>
        Of(c).Where(a => a.Monotone.Status == ProofStatus.Proven).All(a => a.Curves.Where(curve => curve.IsBase).All(curve =>
        {
            var more = curve.Over.Aggregate(c, (larger, fact) => larger.With(fact, larger.Numbers[fact] + 1 + c.Seed % 1_000_003));
            var one = curve.Over.Aggregate(c, (larger, fact) => larger.With(fact, larger.Numbers[fact] + 1));
            return Most(one, a) >= Most(c, a) && Most(more, a) >= Most(c, a);
        })));

    [Test]
    public void Where_an_award_is_said_to_fall_it_falls_by_these_sums()
    {
        foreach (var (policy, analysis) in Alone.Value.Where(a => a.Analysis.Monotone.Status == ProofStatus.Refuted))
        {
            var (fall, curve) = (analysis.Monotone.Witness!, analysis.Monotone.On!);
            Assert.That((At(policy, analysis, curve, fall.At - 1), At(policy, analysis, curve, fall.At)), Is.EqualTo((fall.Before?.Value, fall.After?.Value)), Draft(policy).Yaml);
            Assert.That(fall.Falls);
        }
    }

    [Test]
    public void Every_jump_is_there_with_the_sums_that_it_names()
    {
        foreach (var (policy, analysis) in Alone.Value)
            foreach (var curve in analysis.Curves)
                foreach (var jump in curve.Jumps)
                    Assert.That((At(policy, analysis, curve, jump.At - 1), At(policy, analysis, curve, jump.At)), Is.EqualTo((jump.Before?.Value, jump.After?.Value)), Draft(policy).Yaml);
    }

    [Test]
    public void Away_from_the_jumps_one_more_unit_changes_no_more_than_the_rate_and_one_rounding() => Arbitrary.Always(Places, place =>
    {
        var (policy, analysis) = Alone.Value[place.Award % Alone.Value.Length];
        if (analysis.Curves.Count == 0) return true;
        var curve = analysis.Curves[place.Curve % analysis.Curves.Count];
        long[] starts = [.. curve.Stretches.Select(s => s.From), .. curve.Jumps.Select(j => j.At)];
        var limit = curve.Over[0].Type() == FactType.Count ? 1_000 : 1_000_000_000_000;
        var at = place.Near is { } near ? Math.Clamp(starts[place.Curve % starts.Length] + near, 0, limit) : place.At % limit;
        if (curve.Jumps.Any(j => j.Covers(at + 1))) return true;
        var (before, after) = (At(policy, analysis, curve, at), At(policy, analysis, curve, at + 1));
        if (before is null || after is null) return before is null && after is null;
        var units = ((Int128)curve.TopRate.Numerator + (Int128)curve.TopRate.Denominator * curve.Unit.Value - 1) / ((Int128)curve.TopRate.Denominator * curve.Unit.Value);
        return after >= before && after - before <= units * curve.Unit.Value;
    });

    [Test]
    public void Within_a_stretch_the_sum_follows_the_marginal_rate() => Arbitrary.Always(Places, place =>
    {
        var (policy, analysis) = Alone.Value[place.Award % Alone.Value.Length];
        if (analysis.Curves.FirstOrDefault(c => c.IsBase) is not { } curve || curve.Jumps.Any(j => j.Every is not null)) return true;
        var stretch = curve.Stretches[place.Curve % curve.Stretches.Count];
        var last = Math.Min(stretch.To ?? 1_000_000_000_000, stretch.From + place.At);
        if (last <= stretch.From || curve.Over[0].Type() == FactType.Count || stretch.To - stretch.From < 10_000) return true;
        var rise = (Int128)(At(policy, analysis, curve, last) - At(policy, analysis, curve, stretch.From))!.Value;
        var exact = (Int128)(last - stretch.From) * stretch.Marginal.Numerator;
        // Each of the two sums was rounded, one perhaps down because a cap left no room.
        return Int128.Abs(rise * stretch.Marginal.Denominator - exact) <= 2 * (Int128)stretch.Marginal.Denominator * curve.Unit.Value;
    });

    [Test]
    public void A_contract_called_proof_against_cutting_never_earns_more_in_parts() => Arbitrary.Always(c =>
        Of(c).Where(a => a.Splitting.Status == ProofStatus.Proven).All(a =>
        {
            var dice = new Random(c.Seed);
            var given = c.Facts with { Project = "P" };
            var whole = c.Numbers[a.Splitting.Over[0]];
            long[] ends = [0, .. Enumerable.Range(0, dice.Next(1, 50)).Select(_ => dice.NextInt64(whole + 1)).Order(), whole];
            var parts = ends.Zip(ends.Skip(1), (from, to) => new CutPart(1, new Fen(to - from)));
            return Claims.Together(c.Policy, a, given, a.Splitting.Over, parts) <= Claims.At(c.Policy, a.Award, given with { Contract = "whole" }, a.Splitting.Over, whole);
        }));

    [Test]
    public void A_cut_that_is_said_to_pay_gains_exactly_that()
    {
        foreach (var (policy, analysis) in Alone.Value.Where(a => a.Analysis.Splitting.Status == ProofStatus.Refuted))
        {
            var splitting = analysis.Splitting;
            Assert.That(splitting.Cuts, Is.Not.Empty);
            foreach (var cut in splitting.Cuts)
            {
                var loaded = Arbitrary.Policies[policy].Policy;
                Assert.That(cut.Parts.Sum(p => p.Count * p.Size.Value), Is.EqualTo(cut.Whole.Value));
                Assert.That(cut.Count, Is.InRange(2, 50));
                Assert.That(Claims.At(loaded, analysis.Award, splitting.Given!, splitting.Over, cut.Whole.Value), Is.EqualTo(cut.Uncut.Value), Draft(policy).Yaml);
                Assert.That(Claims.Together(loaded, analysis, splitting.Given!, splitting.Over, cut.Parts), Is.EqualTo(cut.Together.Value), Draft(policy).Yaml);
                Assert.That(cut.Gain.Value, Is.Positive);
            }
        }
    }

    [Test]
    public void The_most_that_an_award_can_come_to_is_never_exceeded() => Arbitrary.Always(c =>
        Of(c).All(a => a.Most is not { } most || Most(c, a) <= most.Value));

    private sealed record Place(int Award, int Curve, long At, long? Near);

    private static Gen<Place> Places =>
        from award in Gen.Choose(0, int.MaxValue)
        from curve in Gen.Choose(0, int.MaxValue)
        from at in Arbitrary.Money
        from near in Gen.Frequency((2, Gen.Choose(-2, 2).Select(n => (long?)n)), (1, Gen.Constant((long?)null)))
        select new Place(award, curve, at.Value, near);

    private static Draft Draft(int policy) => Arbitrary.Policies[policy].Draft;

    /// <summary>The awards of the case's policy on the case's day, of its subject, that no other award bears on.</summary>
    private static IEnumerable<AwardAnalysis> Of(PolicyCase c) => Analyses.Value[c.Index].Awards.Where(a =>
        c.Draft.Awards.Single(d => d.Id == a.Award) is var draft && draft.Subject == c.Subject && c.Draft.Stacking.All(s => !s.Awards.Contains(a.Award))
        && c.Day(draft.GovernedBy) is var day && a.From <= day && (a.To is null || day <= a.To));

    private static long Most(PolicyCase c, AwardAnalysis a) =>
        Evaluator.Evaluate(c.Policy, c.Facts, c.History).Awards.Single(e => e.Award == a.Award).High?.Value ?? long.MaxValue;

    private static long? At(int policy, AwardAnalysis analysis, Curve curve, long value) =>
        Claims.At(Arbitrary.Policies[policy].Policy, analysis.Award, curve.Given, curve.Over, value);
}
