using Marketplace.Rules.Checking;

namespace Marketplace.Rules;

/// <summary>
/// One award of one policy, evaluated for one set of facts after another; between two evaluations it keeps nothing but its buffers. The
/// shapes, conditions and limits ask it for facts and tell it what they found.
/// </summary>
internal sealed partial class AwardRun(Policy policy, Award award, RuleSet? rules = null)
{
    // Arrays, because walking them allocates nothing.
    private readonly Condition[] _conditions = [.. award.Conditions];
    private readonly Gate[] _gates = [.. award.Conditions.OfType<FactTest>().Select(test => test.Gate)];
    private readonly Condition[] _others = [.. award.Conditions.Where(condition => condition is not FactTest)];
    private readonly Limit[] _limits = [.. award.Limits];
    private readonly List<Reason> _refusals = [];
    private readonly List<Reason> _reasons = [];
    private readonly List<(IReadOnlyList<string> Awards, Counting Over, string Place, long Ceiling)> _held = [];
    private IGrants? _history;
    private Trace? _trace;
    private FactSet _missing;
    private FactSet _assumed;
    private FactSet _refusing;
    private bool _assumesHistory;
    private bool _isRefused;
    private bool _isDecided;
    private bool _isAssessed;
    private long _leastDecided;
    private bool _mayBeNothing;
    private long _room;
    private long _leastRoom;

    public Award Award => award;

    private static readonly FactValues Nothing = new();

    public FactValues Facts { get; private set; } = Nothing;

    /// <summary>Where steps are written; null when nobody wants them, and while a mere supposition is worked out.</summary>
    public Trace? Trace { get; private set; }

    /// <summary>Whether reasons are wanted.</summary>
    public bool Explains { get; private set; }

    public Outcome Outcome { get; private set; }

    /// <summary>The least it can come to, in fen.</summary>
    public long Low { get; private set; }

    /// <summary>The most it can come to, in fen; <see cref="Interval.Unbounded"/> when nothing bounds it.</summary>
    public long High { get; private set; }

    public FactSet Missing => _missing;

    /// <summary>Whether nothing but a person's decision on its sum is wanted.</summary>
    public bool WaitsForDecision => Outcome == Outcome.NeedsDecision && _isDecided;

    /// <summary>The calendar year of the governing day; null when the day is unknown.</summary>
    public int? Year => Day is { } day ? DateOnly.FromDayNumber((int)day).Year : null;

    /// <summary>The number of the governing day; null when it is unknown.</summary>
    public long? Day => Facts.Has(award.GovernedBy) ? Facts.Number(award.GovernedBy) : null;

    public void Evaluate(FactValues facts, IGrants history, bool explains, Trace? trace)
    {
        // What is the same as before is not stored again: a reference stored costs more than one compared.
        if (Facts != facts) Facts = facts;
        if (_history != history) _history = history;
        if (_trace != trace) (Trace, _trace) = (trace, trace);
        Explains = explains;
        (_missing, _assumed, _refusing, _assumesHistory, _isRefused, _isDecided, _mayBeNothing) = (default, default, default, false, false, false, false);
        (_isAssessed, _leastDecided) = (false, 0);
        _room = _leastRoom = Interval.Unbounded;
        if (_refusals.Count > 0) _refusals.Clear();
        if (_reasons.Count > 0) _reasons.Clear();
        if (_held.Count > 0) _held.Clear();
        trace?.Begin(award.Id);

        var isUncertain = !PassesAtOnce() && Conditions();
        if (_isRefused)
        {
            Settle(Outcome.Refused, 0, 0);
            return;
        }

        var sum = award.Amount.Evaluate(this);
        if (award.LessPaid is { } total) sum = Less(total, sum);
        for (var i = 0; i < _limits.Length; i++) sum = _limits[i].Apply(this, sum);

        if (_isRefused)
        {
            Settle(Outcome.Refused, 0, 0);
            return;
        }

        var low = award.Rounding.Round(sum.Low, sum.Denominator, _leastRoom);
        var high = sum.IsPoint && _room == _leastRoom ? low : sum.High == Range.Unbounded ? Interval.Unbounded : award.Rounding.Round(sum.High, sum.Denominator, _room);
        // The person who decides a case also finds what has to be found in it.
        if (_isDecided && award.Amount is Discretionary && _missing == default(FactSet).With(Fact.Findings)) (_missing, _isAssessed) = (default, true);
        _leastDecided = low;
        if (!_missing.IsEmpty) Settle(Outcome.Open, isUncertain ? 0 : low, high);
        else if (_isDecided) Settle(Outcome.NeedsDecision, _isAssessed ? 0 : low, high);
        else
        {
            Trace?.Rounded(low, award.Rounding, award.Rounding.IsHeldBack(sum.Low, sum.Denominator, _room));
            if (Explains && high == 0 && sum.Low > 0) Because(new(ReasonCode.LimitedRounding, null, null, null, new(Unit.Fen, sum.Low, sum.Denominator, null), default));
            Settle(Outcome.Granted, low, high);
        }
    }

    /// <summary>
    /// Where nobody wants to know why, most subjects are settled by a look at the numbers. False when a test is unknown or rests on an
    /// assumption, or is no test of a number: then all conditions are asked.
    /// </summary>
    private bool PassesAtOnce()
    {
        if (Explains || Trace is not null || _others.Length > 0 || award.IsSuspended) return false;
        for (var i = 0; i < _gates.Length; i++)
        {
            ref readonly var gate = ref _gates[i];
            if (!Facts.Has(gate.Fact)) return false;
            if (gate.Passes(Facts.Number(gate.Fact))) continue;
            _isRefused = true;
            return true;
        }

        return true;
    }

    /// <summary>Whether any condition is unknown; refusals are noted.</summary>
    private bool Conditions()
    {
        if (award.IsSuspended) Refuse(ReasonCode.RefusedNoValue, default, award.GovernedBy, default, default);
        for (var i = 0; i < _conditions.Length; i++)
        {
            var condition = _conditions[i];
            switch (condition.Holds(this))
            {
                case Truth.No:
                    _isRefused = true;
                    if (!Explains) return false;
                    condition.Refuse(this);
                    break;
                case Truth.Unknown:
                    _missing = _missing.Union(condition.Lacks(this));
                    break;
            }
        }

        return !_missing.IsEmpty;
    }

    /// <summary>A fact that is a number, or what the policy says to assume in its place.</summary>
    public bool TryNumber(Fact fact, out long value)
    {
        if (Facts.Has(fact))
        {
            value = Facts.Number(fact);
            return true;
        }

        return TryAssume(fact, out value);
    }

    private bool TryAssume(Fact fact, out long value)
    {
        value = 0;
        if (policy.Standing[(int)fact] is not { } assumption) return false;
        if (assumption.Instead is { } other)
        {
            if (!Facts.Has(other)) return false;
            value = Facts.Number(other);
        }
        else
        {
            value = assumption.Number;
        }

        _assumed = _assumed.With(fact);
        return true;
    }

    /// <summary>A fact as readers see it.</summary>
    public Quantity Shown(Fact fact) =>
        Facts.Word(fact) is { } word ? Quantity.Of(word)
        : fact.Type() is FactType.Finding or FactType.Word or FactType.Identity || !TryNumber(fact, out var value) ? default
        : Quantity.Of(fact, value);

    /// <summary>Whether a condition holds, without writing it down once more.</summary>
    public Truth Quietly(Condition condition)
    {
        Trace = null;
        var truth = condition.Holds(this);
        Trace = _trace;
        return truth;
    }

    /// <summary>What an amount would come to if its case were the one: nothing is written down, and a refusal means 0.</summary>
    public Range Supposing(AmountShape amount)
    {
        var (explains, refused) = (Explains, _isRefused);
        (Trace, Explains) = (null, false);
        var sum = amount.Evaluate(this);
        if (_isRefused && !refused) sum = Range.Of(0, sum.Denominator);
        (Trace, Explains, _isRefused) = (_trace, explains, refused);
        return sum;
    }

    public void Miss(Fact fact) => _missing = _missing.With(fact);

    public void Miss(FactSet facts) => _missing = _missing.Union(facts);

    public void MissUnlessKnown(Fact fact)
    {
        if (!TryNumber(fact, out _)) Miss(fact);
    }

    public void LeaveToDecision() => _isDecided = true;

    public void Because(Reason reason) => _reasons.Add(reason);

    public void Refuse(Reason reason)
    {
        _isRefused = true;
        if (reason.Fact is { } fact) _refusing = _refusing.With(fact);
        _refusals.Add(reason);
    }

    public void Refuse(ReasonCode code, Basis basis, Fact? fact, Quantity given, Quantity wanted, Wording? named = null)
    {
        _isRefused = true;
        if (Explains) Refuse(new(code, basis.Clause, basis.Interpretation, fact, given, wanted) { Named = named });
    }

    /// <summary>A refusal rests on these facts, so that what was assumed of them is told.</summary>
    public void RestOn(IEnumerable<Fact> facts)
    {
        foreach (var fact in facts) _refusing = _refusing.With(fact);
    }

    /// <summary>Earlier grants in the scope: at least the low end counts, at most the high end.</summary>
    public Interval Used(Counting over, Basis basis) => _history!.Used(this, award.Alone, over, basis);

    /// <summary>Whether something of the award was granted in the scope within a calendar year.</summary>
    public Truth WasPaidIn(Counting over, int year) => _history!.WasPaidIn(this, over, year);

    /// <summary>The same over the grants of several awards.</summary>
    public Interval UsedBy(IReadOnlyList<string> awards, Counting over, Basis basis) => _history!.Used(this, awards, over, basis);

    public void AssumeHistory() => _assumesHistory = true;

    public void Assume(Fact fact) => _assumed = _assumed.With(fact);

    /// <summary>Another award, which could have been paid in place of this one, is not: what was assumed for that holds for this one too.</summary>
    public void IsSparedBy(AwardRun other) => _assumed = _assumed.Union(other._assumed);

    /// <summary>Another award is paid in place of this one, on whatever that one assumes.</summary>
    public void Replace(Stacking rule, AwardRun by)
    {
        _assumed = _assumed.Union(by._assumed);
        _refusing = _refusing.Union(by._assumed);
        _assumesHistory |= by._assumesHistory;
        Replace(rule, by.Award.Id);
    }

    /// <summary>Another award is paid, or was, in place of this one.</summary>
    public void Replace(Stacking rule, string by)
    {
        var label = policy.Award(by)?.Label ?? new(by, by);
        Trace?.Replaced(by, label, rule.Basis);
        _refusing = _refusing.Union(_assumed);
        _refusals.Clear();
        if (Explains) _refusals.Add(new(ReasonCode.RefusedByStacking, rule.Basis.Clause, rule.Basis.Interpretation, null, default, Quantity.Of(by, label)));
        _isRefused = true;
        _missing = default;
        Settle(Outcome.Refused, 0, 0);
    }

    /// <summary>It may come to nothing, which these facts or a decision will tell.</summary>
    public void MayBeReplaced(FactSet missing)
    {
        _missing = _missing.Union(missing);
        Settle(!_missing.IsEmpty ? Outcome.Open : Outcome.NeedsDecision, 0, High);
    }

    /// <summary>What was paid before in place of it is taken off.</summary>
    public void TakeOff(Stacking rule, long before)
    {
        if (before == 0) return;
        var (low, high) = (Math.Max(0, Low - before), High == Interval.Unbounded ? High : Math.Max(0, High - before));
        _leastDecided = Math.Max(0, _leastDecided - before);
        _refusing = _refusing.Union(_assumed);
        if (Outcome == Outcome.Granted) Trace?.LessEarlier(Quantity.Of(new Fen(low)), rule.Basis);
        else Trace?.ForgetEarlier();
        Reduce(ReasonCode.LimitedPaidBefore, rule, low, high, Quantity.Of(new Fen(before)), Quantity.Of(new Fen(high)), default);
    }

    /// <summary>It comes to less than it would alone; what is left unsettled, these facts or a decision will tell.</summary>
    public void Reduce(ReasonCode code, Stacking rule, long low, long high, Quantity given, Quantity wanted, FactSet others)
    {
        if (high == 0 && High > 0)
        {
            Refuse(code, rule.Basis, null, given, wanted);
            _missing = default;
            Settle(Outcome.Refused, 0, 0);
            return;
        }

        if (Explains && (low < Low || high < High)) Because(new(code, rule.Basis.Clause, rule.Basis.Interpretation, null, given, wanted));
        if (low != high) _missing = _missing.Union(others);
        Settle(!_missing.IsEmpty ? Outcome.Open : low == high ? Outcome : Outcome.NeedsDecision, low, high);
    }

    /// <summary>The answer for readers.</summary>
    public AwardEvaluation Answer()
    {
        var reasons = new List<Reason>();
        if (Outcome == Outcome.Refused) reasons.AddRange(_refusals);
        // What the calculation says so far is not yet a reason for anything.
        else if (Outcome == Outcome.Open) reasons.AddRange(_reasons.Where(r => r.Kind is ReasonCode.OpenCaseDecision or ReasonCode.OpenUpperRate));
        else reasons.AddRange(_reasons);
        IReadOnlyList<Fact> missing = Outcome == Outcome.Open ? _missing.ToList() : [];
        foreach (var fact in missing) reasons.Add(new(ReasonCode.OpenMissingFact, null, null, fact, default, default));
        if (_isAssessed && Outcome == Outcome.NeedsDecision)
            foreach (var test in Parts.Of(award).OfType<Assessed>().Where(test => Facts.Finding(test.Name) is null))
                reasons.Add(new(ReasonCode.OpenAssessment, test.Basis.Clause, test.Basis.Interpretation, Fact.Findings, Quantity.Of(test.Name), default));

        // What was assumed matters to a refusal only where it rests on it.
        var assumed = Outcome == Outcome.Refused ? new FactSet(_assumed.Bits & _refusing.Bits) : _assumed;
        foreach (var fact in assumed.ToList()) reasons.Add(new(ReasonCode.AssumedFact, null, null, fact, Shown(fact), default));
        if (_assumesHistory) reasons.Add(new(ReasonCode.AssumedHistory, null, null, null, default, default));

        IReadOnlyList<Share> shares = Outcome == Outcome.Granted && rules?.Sharing is { } sharing && sharing.Covers(award.Id) ? sharing.Of(new Fen(Low)) : [];
        if (shares.Count > 0) Trace?.Shared(shares, rules!.Sharing!);
        return new AwardEvaluation
        {
            Award = award.Id,
            Payee = award.Payee,
            Outcome = Outcome,
            Certainty = Outcome switch
            {
                Outcome.Open => Certainty.Range,
                Outcome.NeedsDecision => Certainty.NeedsDecision,
                _ => award.RestsOnUndecidedReading || !assumed.IsEmpty || _assumesHistory ? Certainty.Provisional : Certainty.Final,
            },
            Amount = Outcome is Outcome.Granted or Outcome.Refused ? new Fen(Low) : null,
            Low = new Fen(Low),
            High = High == Interval.Unbounded ? null : new Fen(High),
            Reasons = reasons,
            MissingFacts = missing,
            Decision = Outcome == Outcome.NeedsDecision && award.Amount is Discretionary ? new(new(_leastDecided), new(High)) : null,
            Fund = rules?.Funds.FirstOrDefault(fund => fund.Pays.Contains(award.Id)) is { } fund ? new(fund.Id, new(fund.Yearly.Numerator), fund.OnShortage) : null,
            Shares = shares,
            Limits = [.. _held.SelectMany(held => LimitUse.Of(policy.Id, this, held.Awards, held.Over, held.Place, held.Ceiling))],
            Steps = Trace?.Steps() ?? [],
        };
    }

    /// <summary>
    /// Joins what another period's rules would give, while the governing day that would tell them apart is unknown.
    /// </summary>
    public void Or(AwardRun other)
    {
        if (other.Outcome == Outcome.Refused && Outcome == Outcome.Refused) return;
        _missing = _missing.Union(other._missing).With(award.GovernedBy);
        _assumed = _assumed.Union(other._assumed);
        _assumesHistory |= other._assumesHistory;
        Settle(Outcome.Open, Math.Min(Low, other.Low), Math.Max(High, other.High));
    }

    private void Settle(Outcome outcome, long low, long high) => (Outcome, Low, High) = (outcome, low, high);
}
