namespace Marketplace.Rules;

/// <summary>One award of one contract.</summary>
internal sealed class AwardRun(Policy policy, Award award, Facts facts, IReadOnlyList<Grant> history, bool explain)
{
    private readonly StatedFacts _facts = new(policy, facts);
    private readonly Trace? _trace = explain ? new Trace() : null;
    private readonly List<Reason> _refusals = [];
    private readonly List<Reason> _reasons = [];
    private readonly List<Reason> _assumed = [];
    private FactSet _missing;

    public AwardEvaluation Run()
    {
        InForce();
        foreach (var condition in award.Conditions) Test(condition);
        if (_refusals.Count > 0) return Refused();
        return award.Amount switch
        {
            RateOfBase rate => ByRate(rate),
            Discretionary range => ByDecision(range),
            _ => throw new InvalidOperationException($"The shape {award.Amount.GetType().Name} has no evaluation."),
        };
    }

    private void InForce()
    {
        var fact = policy.GovernedBy;
        var basis = new Basis(policy.InForce.Clauses[0], null);
        if (_facts.Day(fact) is not { } day)
        {
            Tested(fact, default, default, null, basis, default, null);
            return;
        }

        var early = day < policy.InForce.From;
        var bound = early ? policy.InForce.From : policy.InForce.To ?? policy.InForce.From;
        var code = early ? ReasonCode.RefusedBeforeInForce : ReasonCode.RefusedExpired;
        Tested(fact, Quantity.Of(day), Quantity.Of(bound), policy.InForce.Contains(day), basis, code, null);
    }

    private void Test(Condition condition)
    {
        switch (condition)
        {
            case KindIn kinds:
                var kind = facts.Kind;
                Tested(Fact.Kind, kind is null ? default : Quantity.Of(kind.Value.Wire()), Quantity.Of(kinds.Names),
                    kind is null ? null : kinds.Contains(kind.Value), condition.Basis, ReasonCode.RefusedKind, null);
                break;
            case FlagIs flag:
                var value = _facts.Flag(flag.Reads, out var assumedFlag);
                Tested(flag.Reads, value is null ? default : Quantity.Of(value.Value), Quantity.Of(flag.Value),
                    value is null ? null : value == flag.Value, condition.Basis, flag.Refusal, assumedFlag);
                break;
            case RegionWithin region:
                var place = _facts.Region(region.Reads, out var assumedPlace);
                Tested(region.Reads, place is null ? default : Quantity.Of(place), Quantity.Of(region.Within),
                    place is null ? null : Region.Covers(region.Within, place), condition.Basis, ReasonCode.RefusedRegion, assumedPlace);
                break;
            default:
                throw new InvalidOperationException($"The condition {condition.GetType().Name} has no evaluation.");
        }
    }

    private void Tested(Fact fact, Quantity given, Quantity wanted, bool? holds, Basis basis, ReasonCode refusal, Assumption? assumed)
    {
        _trace?.Test(fact, given, holds, basis);
        if (assumed is not null) _assumed.Add(new(ReasonCode.AssumedFact, null, null, fact, given, default));
        if (holds is null) _missing = _missing.With(fact);
        else if (holds is false) _refusals.Add(new(refusal, basis.Clause, basis.Interpretation, fact, given, wanted));
    }

    private AwardEvaluation ByDecision(Discretionary range)
    {
        _reasons.Add(new(ReasonCode.OpenCaseDecision, range.Basis.Clause, range.Basis.Interpretation, null, Quantity.Of(range.From), Quantity.Of(range.To)));
        _trace?.Range(award, range);
        return _missing.IsEmpty ? Answer(Outcome.NeedsDecision, null, range.From, range.To) : Answer(Outcome.Open, null, Fen.Zero, range.To);
    }

    private AwardEvaluation ByRate(RateOfBase shape)
    {
        // Null is unbounded: an unknown base can still be bounded by the caps.
        Quantity? sum = null;
        if (_facts.Sum(shape.Base, out var assumed) is { } @base)
        {
            var given = Quantity.Of(@base);
            if (assumed is not null) _assumed.Add(new(ReasonCode.AssumedFact, null, null, shape.Base, given, default));
            sum = new Quantity(Unit.Fen, (Int128)@base.Value * shape.Rate.Numerator, shape.Rate.Denominator, null);
            _reasons.Add(new(ReasonCode.GrantedRate, shape.Basis.Clause, shape.Basis.Interpretation, shape.Base, given, Quantity.Of(shape.Rate)));
            _trace?.Product(award, shape, given, sum.Value);
        }
        else
        {
            _missing = _missing.With(shape.Base);
        }

        for (var i = 0; i < award.Limits.Count; i++) sum = Within(award.Limits[i], i, sum);
        if (_refusals.Count > 0) return Refused();
        // The one rounding: down, so that cutting a contract in two never pays more.
        Fen? most = sum is { } exact ? new Fen((long)(exact.Numerator / exact.Denominator)) : null;
        if (!_missing.IsEmpty) return Answer(Outcome.Open, null, Fen.Zero, most);
        _trace?.Rounded(most!.Value);
        return Answer(Outcome.Granted, most, most!.Value, most);
    }

    private Quantity Within(Cap cap, int index, Quantity? sum)
    {
        _trace?.CapParameter(award, cap, index);
        Int128 used = 0;
        for (var i = 0; i < history.Count; i++)
        {
            var grant = history[i];
            if (grant.Award != award.Id || !Counts(grant, cap.Scope)) continue;
            used += grant.Amount.Value;
            _trace?.Earlier(grant, i, cap);
        }

        var room = new Quantity(Unit.Fen, Int128.Max(0, cap.Amount.Value - used), 1, null);
        var already = new Quantity(Unit.Fen, used, 1, null);
        var limits = sum is not { } wanted || wanted.Numerator > room.Numerator * wanted.Denominator;
        if (used > 0 && room.Numerator == 0)
            _refusals.Add(new(ReasonCode.LimitedHistory, cap.Basis.Clause, cap.Basis.Interpretation, null, already, room));
        else if (limits && used > 0)
            _reasons.Add(new(ReasonCode.LimitedHistory, cap.Basis.Clause, cap.Basis.Interpretation, null, already, room));
        else if (limits && sum is not null)
            _reasons.Add(new(ReasonCode.LimitedCap, cap.Basis.Clause, cap.Basis.Interpretation, null, sum.Value, Quantity.Of(cap.Amount)));
        var within = limits ? room : sum!.Value;
        if (sum is not null) _trace?.Capped(within, limits, cap);
        return within;
    }

    private bool Counts(Grant grant, CapScope scope)
    {
        if (facts.Contract is not null && grant.Contract == facts.Contract) return true;
        if (scope == CapScope.Project && facts.Project is not null && grant.Project == facts.Project) return true;
        if (grant.Project is null && grant.Contract is null)
        {
            Note(ReasonCode.AssumedHistory, null);
            return true;
        }

        // Without a name of its own the contract could be the one that was granted before.
        if (scope == CapScope.Project && facts.Project is null) Note(ReasonCode.AssumedFact, Fact.Project);
        if (facts.Contract is null) Note(ReasonCode.AssumedFact, Fact.Contract);
        return false;
    }

    private void Note(ReasonCode code, Fact? fact)
    {
        foreach (var noted in _assumed)
            if (noted.Kind == code && noted.Fact == fact)
                return;
        _assumed.Add(new(code, null, null, fact, default, default));
    }

    private AwardEvaluation Refused()
    {
        // What was assumed matters only where the refusal rests on it.
        _assumed.RemoveAll(a => a.Kind != ReasonCode.AssumedHistory && !_refusals.Exists(r => r.Fact == a.Fact));
        _reasons.Clear();
        _reasons.AddRange(_refusals);
        return Answer(Outcome.Refused, Fen.Zero, Fen.Zero, Fen.Zero);
    }

    private AwardEvaluation Answer(Outcome outcome, Fen? amount, Fen low, Fen? high)
    {
        IReadOnlyList<Fact> missing = [];
        if (outcome == Outcome.Open)
        {
            // What the calculation says so far is not yet a reason for anything.
            _reasons.RemoveAll(r => r.Kind != ReasonCode.OpenCaseDecision);
            missing = _missing.ToList();
            foreach (var fact in missing) _reasons.Add(new(ReasonCode.OpenMissingFact, null, null, fact, default, default));
        }

        var shares = outcome == Outcome.Granted && policy.Sharing is { } sharing ? Shares(sharing, amount!.Value) : [];
        _reasons.AddRange(_assumed);
        return new AwardEvaluation
        {
            Award = award.Id,
            Payee = award.Payee,
            Outcome = outcome,
            Certainty = outcome switch
            {
                Outcome.Open => Certainty.Range,
                Outcome.NeedsDecision => Certainty.NeedsDecision,
                _ => _assumed.Count > 0 || award.RestsOnUndecidedReading ? Certainty.Provisional : Certainty.Final,
            },
            Amount = amount,
            Low = low,
            High = high,
            Reasons = _reasons,
            MissingFacts = missing,
            Shares = shares,
            Steps = _trace?.Steps ?? [],
        };
    }

    private Share[] Shares(Sharing sharing, Fen amount)
    {
        long parts = 0;
        foreach (var payer in sharing.Payers) parts += payer.Parts;
        var shares = new Share[sharing.Payers.Count];
        var rest = amount.Value;
        for (var i = 0; i < shares.Length; i++)
        {
            var (payer, part) = sharing.Payers[i];
            var fen = i == shares.Length - 1 ? rest : (long)((Int128)amount.Value * part / parts);
            rest -= fen;
            shares[i] = new Share(payer, new Fen(fen));
        }

        _trace?.Shared(shares, sharing);
        return shares;
    }
}
