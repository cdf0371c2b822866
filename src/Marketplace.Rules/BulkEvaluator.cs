namespace Marketplace.Rules;

/// <summary>What an award comes to, and which part of it decided. Replaying the same facts through <see cref="Evaluator"/> explains it in full.</summary>
public struct AwardAmount
{
    // Places from 1; 0 for none.
    private short _refusedBy;
    private short _limitedBy;

    /// <summary>The award.</summary>
    public Award Award { readonly get; private set; }

    /// <summary>What came of it.</summary>
    public Outcome Outcome { readonly get; private set; }

    /// <summary>The least it can come to, in fen, inclusive; the sum itself when granted.</summary>
    public long Low { readonly get; private set; }

    /// <summary>The most it can come to, in fen, inclusive; <see cref="long.MaxValue"/> when nothing bounds it.</summary>
    public long High { readonly get; private set; }

    /// <summary>The first condition that does not hold; null when none is known not to.</summary>
    public readonly Condition? RefusedBy => _refusedBy == 0 ? null : Award.Conditions[_refusedBy - 1];

    /// <summary>The last limit that made the sum smaller; null when none did.</summary>
    public readonly Limit? LimitedBy => _limitedBy == 0 ? null : Award.Limits[_limitedBy - 1];

    internal void Take(AwardRun run)
    {
        Take(run.Award, run.Outcome, run.Low, run.RefusedBy, run.LimitedBy);
        High = run.High;
    }

    internal void Take(Award award, Outcome outcome, long sum, int refusedBy, int limitedBy)
    {
        // A reference stored costs more than one compared.
        if (!ReferenceEquals(Award, award)) Award = award;
        (Outcome, Low, High, _refusedBy, _limitedBy) = (outcome, sum, sum, (short)(refusedBy + 1), (short)(limitedBy + 1));
    }
}

/// <summary>
/// Evaluates one policy for a stream of subjects with the very code of <see cref="Evaluator"/>, and allocates nothing once its buffers have
/// grown: a million contracts a year against every policy of the country is minutes. Not for use by two threads at once.
/// </summary>
public sealed class BulkEvaluator
{
    private readonly RuleRun _rules;
    private readonly Shortcut[]? _shortcuts;
    private readonly AwardAmount[] _amounts;
    private readonly bool _traces;
    private readonly GrantList _nothing = new([]);

    /// <summary>An evaluator of a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="awards">Ids of the awards that are wanted; null for all.</param>
    /// <param name="traces">Whether steps are written, to be had from <see cref="Steps"/> until the next evaluation.</param>
    public BulkEvaluator(Policy policy, IReadOnlyList<string>? awards = null, bool traces = false)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _rules = new RuleRun(policy, period => period.Rules, awards);
        _amounts = new AwardAmount[policy.Awards.Count];
        _traces = traces;
        _shortcuts = traces || policy.Periods.Count > 1 || policy.Periods[0].Rules.Stacking.Count > 0 ? null : Shortcuts(policy, awards);
    }

    /// <summary>
    /// What each award about the facts' subject comes to, in the document's order; valid until the next call. What is granted is added to
    /// <paramref name="history"/>, so that limits which several subjects share are drawn on in the order of the calls.
    /// </summary>
    /// <param name="facts">What is known.</param>
    /// <param name="history">What was granted before; null for nothing.</param>
    /// <exception cref="OverflowException">A sum beyond about 92 million billion yuan.</exception>
    public ReadOnlySpan<AwardAmount> Evaluate(FactValues facts, GrantTotals? history = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (_shortcuts is not null && TryShortcuts(_shortcuts, facts, history)) return _amounts.AsSpan(0, _shortcuts.Length);
        var runs = _rules.Evaluate(facts, history is null ? _nothing : history, explains: false, _traces);
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            _amounts[i].Take(run);
            if (run.Outcome == Outcome.Granted) history?.Add(run.Award, facts, run.Low);
        }

        return _amounts.AsSpan(0, runs.Count);
    }

    /// <summary>Null when one of the awards about a contract is of another form.</summary>
    private static Shortcut[]? Shortcuts(Policy policy, IReadOnlyList<string>? awards)
    {
        var wanted = policy.Periods[0].Rules.Awards.Where(award => award.Subject == Subject.Contract && awards?.Contains(award.Id) != false).ToArray();
        var shortcuts = wanted.Select(Shortcut.Of).OfType<Shortcut>().ToArray();
        return shortcuts.Length == wanted.Length ? shortcuts : null;
    }

    private bool TryShortcuts(Shortcut[] shortcuts, FactValues facts, GrantTotals? history)
    {
        if (facts.Has(Fact.Subject)) return false;
        for (var i = 0; i < shortcuts.Length; i++)
            if (!shortcuts[i].TryEvaluate(facts, history, ref _amounts[i]))
                return false;
        if (history is not null)
            for (var i = 0; i < shortcuts.Length; i++)
                history.Add(_amounts[i].Award, facts, _amounts[i].Low);
        return true;
    }

    /// <summary>The steps of an award of the last evaluation, by its place in the answer.</summary>
    public IReadOnlyList<TraceStep> Steps(int index) => _rules.Last[index].Trace?.Steps() ?? [];
}

/// <summary>
/// What was granted so far, kept as one total for each award and each thing that its limits are counted over, so that a limit costs one
/// look-up however long the history is. Each contract comes once, so a limit per contract needs no total; a grant counts in the calendar
/// year of the governing day. A subject that lacks the identity in question stands alone.
/// </summary>
public sealed class GrantTotals : IGrants
{
    private readonly Dictionary<Key, long> _totals = [];
    private readonly Dictionary<string, Counting[]> _kept;

    /// <summary>Nothing granted yet, for one policy.</summary>
    public GrantTotals(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var sets = policy.Periods.Select(p => p.Rules).ToArray();
        _kept = policy.Awards.ToDictionary(award => award.Id, award => sets
            .SelectMany(set => set.Awards.First(a => a.Id == award.Id).Limits.Select(l => l.Over)
                .Concat(set.Stacking.OfType<CombinedCap>().Where(rule => rule.Awards.Contains(award.Id)).Select(rule => rule.Over)))
            .Where(over => over.Scope != Scope.Contract).DistinctBy(over => over.Scope).ToArray());
    }

    Interval IGrants.Used(AwardRun run, IReadOnlyList<string> awards, Counting over, Basis basis)
    {
        long used = 0;
        for (var i = 0; i < awards.Count; i++) used += Used(awards[i], run.Award, run.Facts, over);
        if (used > 0) run.Trace?.Earlier(used, basis);
        return new(used, used);
    }

    internal long Used(Award award, FactValues facts, in Counting over) => Used(award.Id, award, facts, over);

    private long Used(string awardId, Award award, FactValues facts, in Counting over)
    {
        if (over.Scope == Scope.Contract || facts.Word(over.Identity(award)) is not { } name) return 0;
        if (over.YearsBack is not { } years) return _totals.GetValueOrDefault(new(awardId, over.Scope, name, 0));
        if (Year(award, facts) is not { } year) return 0;
        long used = 0;
        for (var back = 0; back < years; back++) used += _totals.GetValueOrDefault(new(awardId, over.Scope, name, year - back));
        return used;
    }

    internal void Add(Award award, FactValues facts, long amount)
    {
        if (amount == 0) return;
        foreach (ref readonly var over in _kept[award.Id].AsSpan())
        {
            if (facts.Word(over.Identity(award)) is not { } name) continue;
            var key = new Key(award.Id, over.Scope, name, over.YearsBack is null ? 0 : Year(award, facts) ?? 0);
            ref var total = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_totals, key, out _);
            total += amount;
        }
    }

    private static int? Year(Award award, FactValues facts) =>
        facts.Has(award.GovernedBy) ? DateOnly.FromDayNumber((int)facts.Number(award.GovernedBy)).Year : null;

    private readonly record struct Key(string Award, Scope Scope, string Name, int Year)
    {
        // The name tells almost all keys apart.
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal) ^ Year;
    }
}
