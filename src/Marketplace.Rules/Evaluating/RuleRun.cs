namespace Marketplace.Rules;

/// <summary>All awards of a policy under one set of readings, evaluated for one set of facts after another.</summary>
internal sealed class RuleRun
{
    private readonly Policy _policy;
    private readonly Stacking[][] _rules;
    private readonly AwardRun[][] _runs;
    private readonly Trace?[] _traces;
    private readonly List<AwardRun> _answers = [];
    private readonly StackingRun _stacking;

    public RuleRun(Policy policy, Func<Period, RuleSet> rules, IReadOnlyList<string>? awards = null)
    {
        _policy = policy;
        RuleSet[] sets = [.. policy.Periods.Select(rules)];
        _rules = [.. sets.Select(set => set.Stacking.ToArray())];
        _runs = [.. sets.Select(set => set.Awards.Where(award => awards is null || awards.Contains(award.Id)).Select(award => new AwardRun(policy, award)).ToArray())];
        _traces = new Trace?[_runs[0].Length];
        _stacking = new StackingRun(_answers);
    }

    /// <summary>The awards of the last evaluation.</summary>
    public IReadOnlyList<AwardRun> Last => _answers;

    /// <summary>The awards about the facts' subject, in the document's order; valid until the next evaluation.</summary>
    public List<AwardRun> Evaluate(FactValues facts, IGrants history, bool explains, bool traces)
    {
        var subject = facts.Has(Fact.Subject) ? (Subject)facts.Number(Fact.Subject) : Subject.Contract;
        _answers.Clear();
        for (var i = 0; i < _traces.Length; i++)
        {
            if (_runs[0][i].Award.Subject != subject) continue;
            var trace = traces ? _traces[i] ??= new Trace() : null;
            _answers.Add(_runs.Length == 1 ? Run(0, i, facts, history, explains, trace) : ByDay(i, facts, history, explains, trace));
        }

        _stacking.Apply(Rules(facts), _rules.Length > 1 && !facts.Has(_policy.GovernedBy) ? _rules : [], _policy.GovernedBy);
        return _answers;
    }

    private AwardRun Run(int period, int award, FactValues facts, IGrants history, bool explains, Trace? trace)
    {
        var run = _runs[period][award];
        run.Evaluate(facts, history, explains, trace);
        return run;
    }

    private AwardRun ByDay(int award, FactValues facts, IGrants history, bool explains, Trace? trace)
    {
        var governedBy = _runs[0][award].Award.GovernedBy;
        if (facts.Has(governedBy)) return Run(PeriodOf(facts.Number(governedBy)), award, facts, history, explains, trace);
        var last = Run(_runs.Length - 1, award, facts, history, explains, trace);
        for (var period = 0; period < _runs.Length - 1; period++) last.Or(Run(period, award, facts, history, explains: false, trace: null));
        return last;
    }

    private Stacking[] Rules(FactValues facts) =>
        _rules[_rules.Length > 1 && facts.Has(_policy.GovernedBy) ? PeriodOf(facts.Number(_policy.GovernedBy)) : _rules.Length - 1];

    private int PeriodOf(long day)
    {
        var period = _policy.Periods.Count - 1;
        while (period > 0 && day < _policy.Periods[period].From.DayNumber) period--;
        return period;
    }
}
