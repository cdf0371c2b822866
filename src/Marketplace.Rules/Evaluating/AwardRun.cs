namespace Marketplace.Rules;

/// <summary>
/// One award of one policy, evaluated for one set of facts after another; between two evaluations it keeps nothing but its buffers. The
/// shapes, conditions and limits ask it for facts and tell it what they found.
/// </summary>
internal sealed class AwardRun(Policy policy, Award award)
{
    // Arrays, because walking them allocates nothing.
    private readonly Condition[] _conditions = [.. award.Conditions];
    private readonly Gate[] _gates = [.. award.Conditions.OfType<FactTest>().Select(test => test.Gate)];
    private readonly Condition[] _others = [.. award.Conditions.Where(condition => condition is not FactTest)];
    private readonly Limit[] _limits = [.. award.Limits];
    private readonly string[] _own = [award.Id];
    private readonly List<Reason> _refusals = [];
    private readonly List<Reason> _reasons = [];
    private readonly List<(IReadOnlyList<string> Awards, Counting Over, int Place, long Ceiling)> _held = [];
    private IGrants? _history;
    private Trace? _trace;
    private FactSet _missing;
    private FactSet _assumed;
    private FactSet _refusing;
    private bool _assumesHistory;
    private bool _isRefused;
    private bool _isDecided;
    private bool _mayBeNothing;
    private bool _isBinding;
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

    /// <summary>Place of the first condition that does not hold; -1 when all may.</summary>
    public int RefusedBy { get; private set; }

    /// <summary>Place of the last limit that made the sum smaller; -1 when none did.</summary>
    public int LimitedBy { get; private set; }

    /// <summary>The calendar year of the governing day; null when the day is unknown.</summary>
    public int? Year => Facts.Has(award.GovernedBy) ? DateOnly.FromDayNumber((int)Facts.Number(award.GovernedBy)).Year : null;

    public void Evaluate(FactValues facts, IGrants history, bool explains, Trace? trace)
    {
        // What is the same as before is not stored again: a reference stored costs more than one compared.
        if (Facts != facts) Facts = facts;
        if (_history != history) _history = history;
        if (_trace != trace) (Trace, _trace) = (trace, trace);
        Explains = explains;
        (_missing, _assumed, _refusing, _assumesHistory, _isRefused, _isDecided, _mayBeNothing) = (default, default, default, false, false, false, false);
        _room = _leastRoom = Interval.Unbounded;
        (RefusedBy, LimitedBy) = (-1, -1);
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
        for (var i = 0; i < _limits.Length; i++)
        {
            _isBinding = false;
            sum = _limits[i].Apply(this, sum);
            if (_isBinding) LimitedBy = i;
        }

        if (_isRefused)
        {
            Settle(Outcome.Refused, 0, 0);
            return;
        }

        var low = award.Rounding.Round(sum.Low, sum.Denominator, _leastRoom);
        var high = sum.IsPoint && _room == _leastRoom ? low : sum.High == Range.Unbounded ? Interval.Unbounded : award.Rounding.Round(sum.High, sum.Denominator, _room);
        if (!_missing.IsEmpty) Settle(Outcome.Open, isUncertain ? 0 : low, high);
        else if (_isDecided) Settle(Outcome.NeedsDecision, low, high);
        else
        {
            Trace?.Rounded(low, award.Rounding, award.Rounding.IsHeldBack(sum.Low, sum.Denominator, _room));
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
            (_isRefused, RefusedBy) = (true, i);
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
                    if (RefusedBy < 0) RefusedBy = i;
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

    public void Refuse(ReasonCode code, Basis basis, Fact? fact, Quantity given, Quantity wanted)
    {
        _isRefused = true;
        if (Explains) Refuse(new(code, basis.Clause, basis.Interpretation, fact, given, wanted));
    }

    /// <summary>A refusal rests on these facts, so that what was assumed of them is told.</summary>
    public void RestOn(IEnumerable<Fact> facts)
    {
        foreach (var fact in facts) _refusing = _refusing.With(fact);
    }

    /// <summary>Earlier grants in the scope: at least the low end counts, at most the high end.</summary>
    public Interval Used(Counting over, Basis basis) => _history!.Used(this, _own, over, basis);

    /// <summary>The same over the grants of several awards.</summary>
    public Interval UsedBy(IReadOnlyList<string> awards, Counting over, Basis basis) => _history!.Used(this, awards, over, basis);

    public void AssumeHistory() => _assumesHistory = true;

    public void Assume(Fact fact) => _assumed = _assumed.With(fact);

    /// <summary>The award is held to a cap; told where somebody wants to know why.</summary>
    public void Hold(IReadOnlyList<string> awards, Counting over, int place, long ceiling)
    {
        if (Explains) _held.Add((awards, over, place, ceiling));
    }

    private void Hold(AnyCap limit, long ceiling)
    {
        var place = 0;
        foreach (var other in _limits.TakeWhile(other => !ReferenceEquals(other, limit)))
            if (other is AnyCap && other.Over.Scope == limit.Over.Scope)
                place++;
        Hold(_own, limit.Over, place, ceiling);
    }

    /// <summary>The sum within a cap.</summary>
    public Range Within(AnyCap limit, Range sum, Interval most, Interval used, int step)
    {
        if (Explains && most.IsPoint) Hold(limit, most.Low);
        var denominator = sum.Denominator;
        var low = Math.Max(0, most.Low - used.High);
        var high = most.High == Interval.Unbounded ? Interval.Unbounded : Math.Max(0, most.High - used.Low);
        _leastRoom = Math.Min(_leastRoom, low);
        if (high == Interval.Unbounded) return sum with { Low = Int128.Min(sum.Low, (Int128)low * denominator) };

        _room = Math.Min(_room, high);
        _mayBeNothing |= low == 0 && used.High > 0;
        var greatest = Math.BigMul(high, denominator);
        var least = low == high ? greatest : Math.BigMul(low, denominator);
        var limits = sum.High > greatest;
        _isBinding = limits;
        if (used.Low > 0 && high == 0)
        {
            Refuse(ReasonCode.LimitedHistory, limit.Basis, null, Quantity.Of(new Fen(used.Low)), Quantity.Of(Fen.Zero));
            if (Explains) RestOn(limit.Reads(award));
        }
        else if (limits && Explains)
        {
            var code = used.Low > 0 ? ReasonCode.LimitedHistory : ReasonCode.LimitedCap;
            var (given, wanted) = used.Low > 0 ? (Quantity.Of(new Fen(used.Low)), Quantity.Of(new Fen(high)))
                : (new Quantity(Unit.Fen, sum.Low, denominator, null), Quantity.Of(new Fen(high)));
            if (used.Low > 0 || sum.IsPoint) Because(new(code, limit.Basis.Clause, limit.Basis.Interpretation, null, given, wanted));
        }

        if (!Explains && Trace is null)
        {
            // A sum that is a whole number of fen needs no division when it is rounded.
            if (limits && low == high && sum.Low >= least) return new(low, low, 1);
            if (!limits && sum.Low <= least) return sum;
        }

        var within = new Range(Int128.Min(sum.Low, least), Int128.Min(sum.High, greatest), denominator);
        if (sum.IsPoint && within.IsPoint)
            Trace?.Limited(StepKind.Cap, limit.Over.Wire, step, new(Unit.Fen, within.Low, denominator, null), limits, limit.Basis);
        return within;
    }

    /// <summary>The sum lifted to a floor.</summary>
    public Range AtLeast(Floor floor, Range sum, Interval used, int step)
    {
        var (low, high) = (Floor(used.High), Floor(used.Low));
        // What may yet turn out to be refused may come to nothing, which no floor makes up for.
        if (!_missing.IsEmpty || _mayBeNothing) low = sum.Low;
        var lifted = new Range(Int128.Max(sum.Low, low), Int128.Max(sum.High, high), sum.Denominator);
        if (!sum.IsPoint || !lifted.IsPoint) return lifted;
        var binding = lifted.Low > sum.Low;
        if (binding && Explains)
            Because(new(ReasonCode.GrantedFloor, floor.Basis.Clause, floor.Basis.Interpretation, null, new(Unit.Fen, sum.Low, sum.Denominator, null), Quantity.Of(floor.Amount)));
        Trace?.Limited(StepKind.Floor, floor.Over.Wire, step, new(Unit.Fen, lifted.Low, sum.Denominator, null), binding, floor.Basis);
        return lifted;

        Int128 Floor(long already) => (Int128)Math.Max(0, floor.Amount.Numerator - already) * sum.Denominator;
    }

    /// <summary>The sum if it is enough to be paid.</summary>
    public Range IfEnough(MinimumToPay minimum, Range sum, Interval used, int step)
    {
        var (low, high) = (Missing(used.High), Missing(used.Low));
        var never = sum.High < low;
        var always = sum.Low >= high;
        if (sum.IsPoint && (never || always)) Trace?.Enough(step, always, minimum.Basis);
        if (never)
        {
            Refuse(ReasonCode.RefusedBelowMinimumToPay, minimum.Basis, null, new(Unit.Fen, sum.High, sum.Denominator, null), Quantity.Of(minimum.Amount));
            if (Explains) RestOn(award.Amount.Reads().Concat(award.Limits.SelectMany(limit => limit.Reads(award))));
        }

        _mayBeNothing |= !always;
        return always || never ? sum : sum with { Low = 0 };

        Int128 Missing(long already) => (Int128)Math.Max(0, minimum.Amount.Numerator - already) * sum.Denominator;
    }

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
        Trace?.Replaced(by, rule.Basis);
        _refusals.Clear();
        if (Explains) _refusals.Add(new(ReasonCode.RefusedByStacking, rule.Basis.Clause, rule.Basis.Interpretation, null, default, Quantity.Of(by)));
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

        // What was assumed matters to a refusal only where it rests on it.
        var assumed = Outcome == Outcome.Refused ? new FactSet(_assumed.Bits & _refusing.Bits) : _assumed;
        foreach (var fact in assumed.ToList()) reasons.Add(new(ReasonCode.AssumedFact, null, null, fact, Shown(fact), default));
        if (_assumesHistory) reasons.Add(new(ReasonCode.AssumedHistory, null, null, null, default, default));

        IReadOnlyList<Share> shares = Outcome == Outcome.Granted && policy.Sharing is { } sharing ? sharing.Of(new Fen(Low)) : [];
        if (shares.Count > 0) Trace?.Shared(shares, policy.Sharing!);
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
