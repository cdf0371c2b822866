namespace Marketplace.Rules;

/// <summary>What an award comes to. Evaluating the same facts with <see cref="Evaluator"/> says why.</summary>
public struct AwardAmount
{
    /// <summary>The award.</summary>
    public Award Award { readonly get; private set; }

    /// <summary>What came of it.</summary>
    public Outcome Outcome { readonly get; private set; }

    /// <summary>The least it can come to, in fen, inclusive; the sum itself when granted.</summary>
    public long Low { readonly get; private set; }

    /// <summary>The most it can come to, in fen, inclusive; <see cref="long.MaxValue"/> when nothing bounds it.</summary>
    public long High { readonly get; private set; }

    internal void Take(Award award, Outcome outcome, long low, long high)
    {
        // A reference stored costs more than one compared.
        if (!ReferenceEquals(Award, award)) Award = award;
        (Outcome, Low, High) = (outcome, low, high);
    }
}

/// <summary>
/// Evaluates one policy for a stream of subjects, each by itself, and allocates nothing once its buffers have grown. It gives the sums of
/// <see cref="Evaluator"/> without the reasons: an award of the commonest form is settled by its <see cref="Shortcut"/>, any other by the
/// same code as there. Not for use by two threads at once.
/// </summary>
public sealed class BulkEvaluator
{
    private static readonly GrantList Nothing = new([]);

    private readonly RuleRun _all;

    /// <summary>The awards about a contract that have no shortcut; null when each has one.</summary>
    private readonly RuleRun? _rest;

    /// <summary>For each award about a contract its shortcut, or null; empty when none has one.</summary>
    private readonly Shortcut?[] _shortcuts;

    private readonly AwardAmount[] _amounts;

    /// <summary>An evaluator of a policy.</summary>
    public BulkEvaluator(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _all = new RuleRun(policy, period => period.Rules);
        _amounts = new AwardAmount[policy.Awards.Count];
        _shortcuts = Shortcuts(policy);
        string[] rest = [.. Contracts(policy).Zip(_shortcuts).Where(pair => pair.Second is null).Select(pair => pair.First.Id)];
        _rest = rest.Length > 0 ? new RuleRun(policy, period => period.Rules, rest) : null;
    }

    /// <summary>What each award about the facts' subject comes to, in the document's order; valid until the next call.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="history">Earlier grants.</param>
    /// <exception cref="OverflowException">A sum beyond about 92 million billion yuan.</exception>
    public ReadOnlySpan<AwardAmount> Evaluate(FactValues facts, IReadOnlyList<Grant> history)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(history);
        if (history.Count == 0 && _shortcuts.Length > 0 && TryShortcuts(facts)) return _amounts.AsSpan(0, _shortcuts.Length);
        var runs = _all.Evaluate(facts, history.Count == 0 ? Nothing : new GrantList(history), explains: false, traces: false);
        for (var i = 0; i < runs.Count; i++) Take(i, runs[i]);
        return _amounts.AsSpan(0, runs.Count);
    }

    private static IEnumerable<Award> Contracts(Policy policy) => policy.Periods[0].Rules.Awards.Where(award => award.Subject == Subject.Contract);

    private static Shortcut?[] Shortcuts(Policy policy)
    {
        if (policy.Periods.Count > 1) return [];
        // An award that bears on others is not settled by itself.
        var stacking = policy.Periods[0].Rules.Stacking;
        Shortcut?[] shortcuts = [.. Contracts(policy).Select(award => stacking.Any(rule => rule.Awards.Contains(award.Id)) ? null : Shortcut.Of(award))];
        return Array.TrueForAll(shortcuts, shortcut => shortcut is null) ? [] : shortcuts;
    }

    private bool TryShortcuts(FactValues facts)
    {
        if (facts.Has(Fact.Subject) && facts.Number(Fact.Subject) != (long)Subject.Contract) return false;
        for (var i = 0; i < _shortcuts.Length; i++)
            if (_shortcuts[i]?.TryEvaluate(facts, ref _amounts[i]) == false)
                return false;
        if (_rest is null) return true;
        var runs = _rest.Evaluate(facts, Nothing, explains: false, traces: false);
        for (int i = 0, next = 0; i < _shortcuts.Length; i++)
            if (_shortcuts[i] is null)
                Take(i, runs[next++]);
        return true;
    }

    private void Take(int place, AwardRun run) => _amounts[place].Take(run.Award, run.Outcome, run.Low, run.High);
}
