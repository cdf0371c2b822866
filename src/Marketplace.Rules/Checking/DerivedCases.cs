using System.Globalization;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>
/// Cases that a policy itself calls for: facts that grant an award, then each fact in turn at every value that the document gives it
/// reason to take (the numbers of the rules and their break-points to the fen, the ends of the interval in force to the day, each kind,
/// regions inside and outside), each fact left out, and earlier grants that all but use up each limit.
/// </summary>
internal sealed class DerivedCases
{
    private readonly Policy _policy;
    private readonly PolicyAnalysis _analysis;
    private readonly Dictionary<Fact, string[]> _values;

    public DerivedCases(Policy policy, PolicyAnalysis analysis)
    {
        (_policy, _analysis) = (policy, analysis);
        _values = policy.Facts.Where(fact => fact != Fact.Subject).ToDictionary(fact => fact, fact => Values(fact).Distinct().ToArray());
        ByAward = policy.Awards.ToDictionary(award => award.Id, award => Of(award).ToArray());
    }

    /// <summary>The cases of each award, the plainest first.</summary>
    public IReadOnlyDictionary<string, DerivedCase[]> ByAward { get; }

    private IEnumerable<DerivedCase> Of(Award award)
    {
        var plain = Favourable(award);
        yield return plain;
        foreach (var (fact, values) in _values)
        {
            foreach (var value in values) yield return plain.With(fact, value);
            yield return plain.With(fact, null);
        }

        foreach (var limit in Limits(award).Distinct())
            foreach (var earlier in Histories(award, plain, limit))
                yield return earlier;
    }

    /// <summary>The sums of the award's limits under any reading.</summary>
    private IEnumerable<long> Limits(Award award) => _policy.Periods
        .SelectMany(period => period.Others.Select(other => other.Rules).Prepend(period.Rules)).SelectMany(rules => rules.Awards).Where(a => a.Id == award.Id)
        .SelectMany(a => a.Limits).Select(limit => limit switch { Cap cap => cap.Amount, Floor floor => floor.Amount, MinimumToPay least => least.Amount, _ => null })
        .OfType<Parameter>().Select(sum => sum.Numerator);

    /// <summary>A limit all but used up, by a grant that has nothing, or one thing, in common with the case; so that each scope shows.</summary>
    private static IEnumerable<DerivedCase> Histories(Award award, DerivedCase plain, long limit)
    {
        foreach (var identity in Identities(award)) plain = plain.With(identity, identity.Wire() + "1");
        var day = award.GovernedBy.Info().Number!(plain.Facts) is { } number ? DateOnly.FromDayNumber((int)number) : (DateOnly?)null;
        var other = new Grant(award.Id, new(Math.Max(0, limit - 1)))
        {
            Contract = "contract0", Project = "project0", Achievement = "achievement0", Party = "party0", Office = "office0", On = day?.AddYears(-10),
        };
        var (contract, party) = (other with { Contract = "contract1" }, award.PayeeIdentity.Wire() + "1");
        Grant[] grants =
        [
            other, contract, other with { Project = "project1" }, other with { Achievement = "achievement1" }, other with { Party = party },
            other with { Party = party, On = day }, other with { Office = "office1", On = day },
        ];
        foreach (var grant in grants) yield return plain with { History = [grant] };
        foreach (var grant in new[] { contract, other with { Project = "project1" }, other with { Party = party, On = day } })
            yield return plain with { History = [grant, other with { Contract = grant.Contract, Project = grant.Project, Party = grant.Party, On = grant.On, Amount = new(1) }] };
    }

    private static Fact[] Identities(Award award) => [Fact.Contract, Fact.Project, Fact.Achievement, Fact.Office, award.PayeeIdentity];

    /// <summary>Facts under which the award is granted in full, found fact by fact; the nearest thing where there are none.</summary>
    private DerivedCase Favourable(Award award)
    {
        var best = new DerivedCase(_values.ToDictionary(v => v.Key, v => v.Value[0]), []);
        if (award.Subject != Subject.Contract) best = best.With(Fact.Subject, award.Subject.Wire());
        var least = Distance(best, award);
        for (var round = 0; round < 2 && least > 0; round++)
            foreach (var (fact, values) in _values)
                foreach (var value in values)
                    if (best.With(fact, value) is var other && Distance(other, award) is var distance && distance < least)
                        (best, least) = (other, distance);
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
        : _policy.Awards.SelectMany(award => Parts.Of(award.Amount)).OfType<FixedByLevel>().Where(shape => shape.By == fact).SelectMany(shape => shape.Levels.Select(l => l.Word))
            .Concat(_policy.Awards.SelectMany(award => Parts.Of(award)).OfType<WordIn>().Where(test => test.Fact == fact).SelectMany(test => test.Words)).Append("other");

    private IEnumerable<string> Findings()
    {
        string[] names = [.. _policy.Awards.SelectMany(award => Parts.Of(award)).OfType<Assessed>().Select(test => test.Name).Distinct()];
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
