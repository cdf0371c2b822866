using System.Globalization;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>
/// Cases that a policy itself calls for: facts that grant an award, then each fact in turn at every value that the document gives it
/// reason to take (the numbers of the rules and their break-points to the fen, the ends of the interval in force to the day, each kind,
/// regions inside and outside), each fact left out, and earlier grants of the award and of those that it is stacked with, which have
/// nothing, or what one scope counts by, in common with the case. What the document says under readings not chosen takes part.
/// </summary>
internal sealed class DerivedCases
{
    private readonly Policy _policy;
    private readonly PolicyAnalysis _analysis;
    private readonly RuleSet[] _rules;
    private readonly Award[] _awards;
    private readonly Dictionary<Fact, string[]> _values;

    public DerivedCases(Policy policy, PolicyAnalysis analysis)
    {
        (_policy, _analysis) = (policy, analysis);
        _rules = [.. policy.Periods.SelectMany(period => period.Others.Select(other => other.Rules).Prepend(period.Rules))];
        // Most awards are the same under most readings.
        _awards = [.. _rules.SelectMany(rules => rules.Awards).Distinct<Award>(ReferenceEqualityComparer.Instance)];
        _values = policy.Facts.Where(fact => fact != Fact.Subject).ToDictionary(fact => fact, fact => Values(fact).Distinct().ToArray());
        ByAward = policy.Awards.ToDictionary(award => award.Id, award => Of(award).ToArray());
    }

    /// <summary>The cases of each award, the plainest first.</summary>
    public IReadOnlyDictionary<string, DerivedCase[]> ByAward { get; }

    /// <summary>Ids of the awards that bear on an award under some reading, its own first.</summary>
    public IEnumerable<string> Stacked(string award) => Stacking(award).SelectMany(rule => rule.Awards).Prepend(award).Distinct();

    private IEnumerable<Stacking> Stacking(string award) => _rules.SelectMany(rules => rules.Stacking).Where(rule => rule.Awards.Contains(award));

    private IEnumerable<DerivedCase> Of(Award award)
    {
        var stacked = Stacked(award.Id).ToArray();
        // Facts that nothing near the award reads change nothing.
        var reads = _awards.Where(a => stacked.Contains(a.Id)).SelectMany(a => a.Reads()).Concat(Stacking(award.Id).SelectMany(rule => rule.Reads()))
            .Concat(_policy.Assumptions.Select(a => a.Instead).OfType<Fact>()).ToHashSet();
        var varied = _values.Where(value => reads.Contains(value.Key)).ToArray();
        var plain = Favourable(award, varied);
        yield return plain;
        foreach (var (fact, values) in varied)
        {
            foreach (var value in values) yield return plain.With(fact, value);
            yield return plain.With(fact, null);
        }

        var each = _awards.Where(a => a.Id == award.Id).ToArray();
        foreach (var earlier in Earlier(each, plain)) yield return earlier;
    }

    /// <summary>The case after earlier grants of the award itself and of the awards that it is stacked with.</summary>
    /// <param name="each">The award under each reading.</param>
    /// <param name="plain">The case.</param>
    private IEnumerable<DerivedCase> Earlier(Award[] each, DerivedCase plain)
    {
        var award = each[0];
        if (each.SelectMany(a => a.Scopes).Any())
            foreach (var sum in Sums(each).Distinct())
                foreach (var earlier in Histories(award, award.Id, plain, sum))
                    yield return earlier;
        foreach (var instalments in each.SelectMany(a => Parts.Of(a.Amount)).OfType<Instalments>().Where(i => i.Of is not null).Take(1))
            foreach (var earlier in Instalments(award, instalments, plain, Sums(each).Max()))
                yield return earlier;
        foreach (var rule in Stacking(award.Id).DistinctBy(rule => (rule.GetType(), string.Join(' ', rule.Awards))))
            foreach (var id in rule.Awards.Where(id => id != award.Id))
                foreach (var earlier in Histories(award, id, plain, rule is CombinedCap cap ? cap.Amount.Numerator : Fen.FromYuan(1).Value + 1))
                    yield return earlier;
    }

    /// <summary>The sums that earlier grants count against: of limits, of totals, of all that the rules of the award share.</summary>
    private IEnumerable<long> Sums(Award[] each)
    {
        yield return Fen.FromYuan(2).Value;
        foreach (var limit in each.SelectMany(a => a.Limits))
            if (limit switch { Cap cap => cap.Amount, Floor floor => floor.Amount, MinimumToPay least => least.Amount, _ => null } is { } sum)
                yield return sum.Numerator;
        foreach (var cap in Stacking(each[0].Id).OfType<CombinedCap>()) yield return cap.Amount.Numerator;
        foreach (var total in each.Where(a => a.LessPaid is not null).SelectMany(a => Parts.Of(a.Amount)).OfType<Discretionary>()) yield return total.To.Numerator;
    }

    /// <summary>A sum all but used up, by a grant that has nothing, or what one scope counts by, in common with the case; so that each scope shows.</summary>
    private static IEnumerable<DerivedCase> Histories(Award award, string granted, DerivedCase plain, long sum, params Grant[] before)
    {
        plain = Named(award, plain);
        var day = Day(award, plain);
        var other = Unrelated(granted, new(Math.Max(0, sum - 1)), day?.AddYears(-10));
        var party = Identity(plain, award.PayeeIdentity);
        var ofParties = other with { Project = null, Buyer = Identity(plain, Fact.Buyer), Seller = Identity(plain, Fact.Seller), On = day };
        var contract = other with { Contract = Identity(plain, Fact.Contract) };
        var project = other with { Project = Identity(plain, Fact.Project), Buyer = ofParties.Buyer };
        Grant[] grants =
        [
            other, contract, project, project with { Buyer = other.Buyer }, other with { Achievement = Identity(plain, Fact.Achievement) }, other with { Platform = Identity(plain, Fact.Platform) },
            other with { Party = party }, other with { Party = party, On = day }, other with { Party = party, Title = Identity(plain, Fact.Title) },
            other with { Office = Identity(plain, Fact.Office), On = day },
        ];
        foreach (var grant in grants) yield return plain with { History = [.. before, grant] };
        foreach (var grant in new[] { contract, project, other with { Party = party, On = day } })
            yield return plain with { History = [.. before, grant, grant with { Amount = new(1) }] };
        foreach (var grant in new[] { ofParties, ofParties with { Buyer = other.Buyer }, ofParties with { Seller = other.Seller }, ofParties with { On = day?.AddYears(-1) } })
            yield return plain.With(Fact.Project, null) with { History = [.. before, grant] };
    }

    /// <summary>Each year of support and the one behind the last, with what was paid in each year before.</summary>
    private static IEnumerable<DerivedCase> Instalments(Award award, Instalments instalments, DerivedCase plain, long sum)
    {
        plain = Named(award, plain);
        if (Day(award, plain) is not { } day) yield break;
        // What the years follow each other by, and nothing else, is the same.
        var paid = Unrelated(award.Id, new(1), null) with
        {
            Contract = Same(Scope.Contract, Fact.Contract), Platform = Same(Scope.Platform, Fact.Platform), Office = Same(Scope.OfficeYear, Fact.Office),
            Party = Same(Scope.PartyYear, award.PayeeIdentity) ?? Same(Scope.PartyTitle, award.PayeeIdentity), Title = Same(Scope.PartyTitle, Fact.Title),
        };
        for (var year = 2; year <= Math.Min(instalments.Years.Numerator + 1, 10) && day.Year > year; year++)
        {
            var before = Enumerable.Range(1, year - 1).Select(back => paid with { On = day.AddYears(-back) }).ToArray();
            var later = plain.With(Fact.SupportYear, year.ToString(CultureInfo.InvariantCulture));
            yield return later with { History = before };
            if (year == 2)
                foreach (var earlier in Histories(award, award.Id, later, sum, before))
                    yield return earlier;
        }

        string? Same(Scope scope, Fact fact) => instalments.Of!.Value.Scope == scope ? Identity(plain, fact) : null;
    }

    /// <summary>A grant that has nothing in common with any case.</summary>
    private static Grant Unrelated(string award, Fen amount, DateOnly? on) => new(award, amount)
    {
        Contract = "contract0", Project = "project0", Achievement = "achievement0", Party = "party0", Buyer = "buyer0", Seller = "seller0", Title = "title0",
        Platform = "platform0", Office = "office0", On = on,
    };

    /// <summary>The case with everything named that earlier grants are counted by.</summary>
    private static DerivedCase Named(Award award, DerivedCase plain) =>
        Identities(award).Aggregate(plain, (named, fact) => fact == Fact.Title && named.Given.ContainsKey(fact) ? named : named.With(fact, fact.Wire() + "1"));

    private static string Identity(DerivedCase named, Fact fact) => named.Given[fact];

    private static DateOnly? Day(Award award, DerivedCase plain) =>
        award.GovernedBy.Info().Number!(plain.Facts) is { } number ? DateOnly.FromDayNumber((int)number) : null;

    private static Fact[] Identities(Award award) => 
        [Fact.Contract, Fact.Project, Fact.Achievement, Fact.Office, Fact.Platform, Fact.Title, Fact.Buyer, Fact.Seller, award.PayeeIdentity];

    /// <summary>Facts under which the award is granted in full, found fact by fact; the nearest thing where there are none.</summary>
    private DerivedCase Favourable(Award award, KeyValuePair<Fact, string[]>[] varied)
    {
        var best = new DerivedCase(_values.ToDictionary(v => v.Key, v => v.Value[0]), []);
        if (award.Subject != Subject.Contract) best = best.With(Fact.Subject, award.Subject.Wire());
        var least = Distance(best, award);
        for (var round = 0; round < 2; round++)
        {
            foreach (var (fact, values) in varied)
            {
                foreach (var value in values)
                {
                    if (least == 0) return best;
                    var other = best.With(fact, value);
                    if (Distance(other, award) is var distance && distance < least) (best, least) = (other, distance);
                }
            }
        }

        return best;
    }

    private int Distance(DerivedCase at, Award award)
    {
        // Without a value of the subject's own there is no answer.
        if (at.Evaluate(_policy).FirstOrDefault(a => a.Award == award.Id) is not { } answer) return 1_000_000;
        return answer.Outcome switch
        {
            Outcome.Refused => 1_000 + answer.Reasons.Count,
            Outcome.Open => 100 + answer.MissingFacts.Count,
            _ => Answers.Decisive(answer)?.Kind is ReasonCode.LimitedCap or ReasonCode.LimitedHistory ? 1 : 0,
        };
    }

    private IEnumerable<string> Values(Fact fact) => fact.Type() switch
    {
        FactType.Kind => FactNames.Kinds.Select(k => k.Wire()),
        FactType.Entity => FactNames.Entities.Select(k => k.Wire()),
        FactType.Flag => ["true", "false"],
        FactType.Date => _policy.InForce.Edges().Prepend(_policy.InForce.From.AddMonths(6)).Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        FactType.Region => Neighbours.OfRegion(_policy.Region).Prepend(_policy.Region).Append(_policy.Region.StartsWith("11", StringComparison.Ordinal) ? "310000" : "110000"),
        FactType.Money => Sums(fact).Where(sum => sum.Value >= 0).Select(sum => Answers.Sum(sum)),
        FactType.Count => Counts(),
        FactType.Word => Words(fact),
        FactType.Finding => Findings(),
        _ => [fact == Fact.Contract ? "C1" : fact == Fact.Project ? "P1" : $"{fact.Wire()}1"],
    };

    private IEnumerable<string> Counts() =>
        _policy.Parameters.Where(p => p.Unit == ParameterUnit.Count).SelectMany(p => new[] { p.Numerator, p.Numerator + 1, p.Numerator - 1 })
            .Prepend(1).Where(count => count >= 0).Select(count => count.ToString(CultureInfo.InvariantCulture));

    private IEnumerable<string> Words(Fact fact) =>
        fact == Fact.ChosenAward ? _policy.Awards.Select(award => award.Id)
        : _awards.SelectMany(award => Parts.Of(award.Amount)).OfType<FixedByLevel>().Where(shape => shape.By == fact).SelectMany(shape => shape.Levels.Select(l => l.Word))
            .Concat(_awards.SelectMany(award => Parts.Of(award)).OfType<WordIn>().Where(test => test.Fact == fact).SelectMany(test => test.Words)).Append("other");

    private IEnumerable<string> Findings()
    {
        string[] names = [.. _awards.SelectMany(award => Parts.Of(award)).OfType<Assessed>().Select(test => test.Name).Distinct()];
        yield return $"{{ {string.Join(", ", names.Select(name => $"{name}: true"))} }}";
        foreach (var name in names) yield return $"{{ {string.Join(", ", names.Select(other => $"{other}: {(other == name ? "false" : "true")}"))} }}";
    }

    // Sums differ from fact to fact, so that a rule that takes the wrong one is seen.
    private IEnumerable<Fen> Sums(Fact fact)
    {
        yield return Fen.FromYuan(1_000_000 + 100_000 * (int)fact);
        var numbers = _policy.Parameters.Where(p => p.Unit == ParameterUnit.Fen).Select(p => new Fen(p.Numerator))
            .Concat(_analysis.Awards.SelectMany(a => a.BreakPoints).Where(b => b.Fact == fact).Select(b => new Fen(b.At))).Distinct().ToArray();
        foreach (var number in numbers)
            for (var fen = -1; fen <= 1; fen++)
                if (number.Value < long.MaxValue)
                    yield return new Fen(number.Value + fen);
        foreach (var odd in Odd(Fen.FromYuan(1_000_000).Value)) yield return odd;
    }

    /// <summary>
    /// Sums of which a rate leaves about half a rounding unit, or a little more or less than a whole one, so that each way of rounding shows. What
    /// a scale adds to the rate's product is taken to be whole units.
    /// </summary>
    private IEnumerable<Fen> Odd(long near)
    {
        foreach (var unit in _policy.Awards.Select(award => award.Rounding.Unit.Value).Distinct())
        {
            foreach (var rate in _policy.Parameters.Where(p => p.Unit == ParameterUnit.Rate).Select(p => (p.Numerator, p.Denominator)).Distinct())
            {
                if (rate.Numerator == 0 || rate.Denominator * (Int128)unit > 1_000_000_000_000) continue;
                var whole = rate.Denominator * unit;
                foreach (var rest in new[] { 1, whole / 2 - 1, whole / 2, whole / 2 + 1, whole - 1 })
                    if (Leaving(rest, rate.Numerator, whole, near) is { } sum)
                        yield return new Fen(sum);
            }
        }
    }

    /// <summary>The first number from a place on whose product leaves that rest, or a greater one where none does; null when none does.</summary>
    private static long? Leaving(long rest, long times, long whole, long from)
    {
        var common = (long)System.Numerics.BigInteger.GreatestCommonDivisor(times, whole);
        rest = (rest + common - 1) / common;
        var (step, factor) = (whole / common, times / common % (whole / common));
        if (step == 1 || rest == 0 || rest >= step) return null;
        var inverse = Inverse(factor, step);
        var least = (long)((Int128)rest * inverse % step);
        return from - from % step + least;
    }

    /// <summary>By which a number must be multiplied to leave 1; both have no common factor.</summary>
    private static long Inverse(long number, long modulus)
    {
        var (a, b, x, y) = (number, modulus, 1L, 0L);
        while (a > 1)
        {
            var quotient = a / b;
            (a, b, x, y) = (b, a % b, y, x - quotient * y);
        }

        return (x % modulus + modulus) % modulus;
    }
}
