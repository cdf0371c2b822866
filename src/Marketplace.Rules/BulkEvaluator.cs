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
        _shortcuts = traces || policy.Periods.Count > 1 || policy.Periods[0].Rules.Stacking.Any(rule => rule.Bears(awards)) ? null : Shortcuts(policy, awards);
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
