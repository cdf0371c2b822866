namespace Marketplace.Rules.Tests;

/// <summary>What an amendment changes, for whom and by how much: nothing is paid or recovered by the comparison itself.</summary>
public sealed class AmendmentTests
{
    [Test]
    public void A_lower_rate_takes_from_those_below_the_cap_and_a_lower_cap_from_those_above_it()
    {
        var amended = Xining.Load(Xining.Yaml.Replace("3%", "2%", StringComparison.Ordinal));
        Facts[] claims = [Claim("1000000.00"), Claim("4000000.00"), Claim("9000000.00"), Claim("9000000.00") with { Recognised = null }];
        Assert.That(Amendment.Deltas(Xining.Policy, amended, claims), Is.EqualTo(new[]
        {
            new Delta(0, "buyer", Xining.Yuan("30000.00"), Xining.Yuan("20000.00")),
            new Delta(1, "buyer", Xining.Yuan("100000.00"), Xining.Yuan("80000.00")),
        }));
        Assert.That(Amendment.Deltas(Xining.Policy, amended, claims)[0].Change, Is.EqualTo(new Fen(-1_000_000)));

        static Facts Claim(string amount) => Xining.Eligible with { TechnologyAmount = Xining.Yuan(amount), Brokered = false };
    }

    [Test]
    public void The_deltas_add_up_to_the_new_total_less_the_old_and_taking_an_amendment_back_undoes_them()
    {
        var amended = new Dictionary<int, Policy>();
        var changed = 0;
        Arbitrary.Always(c =>
        {
            if (!amended.TryGetValue(c.Index, out var policy)) amended.Add(c.Index, policy = c.Draft.Load(amended: true));
            Facts[] claims = [c.Facts, c.With(Fact.Amount, c.Numbers[Fact.Amount] / 2).With(Fact.Contract, "second").Facts, c.With(Fact.Contract, "third").Facts];
            var deltas = Amendment.Deltas(c.Policy, policy, claims);
            if (deltas.Any(delta => delta.Change is null)) return Amendment.Deltas(c.Policy, c.Policy, claims).Count == 0;
            changed += deltas.Count;
            var back = Amendment.Deltas(policy, c.Policy, claims);
            return deltas.Sum(delta => delta.Change!.Value.Value) == Total(policy, claims) - Total(c.Policy, claims)
                && back.Select(delta => new Delta(delta.Claim, delta.Award, delta.After, delta.Before)).SequenceEqual(deltas)
                && Amendment.Deltas(policy, policy, claims).Count == 0;
        });
        Assert.That(changed, Is.GreaterThan(100));
    }

    private static long Total(Policy policy, Facts[] claims)
    {
        var (bulk, history, total) = (new BulkEvaluator(policy), new GrantTotals(policy), 0L);
        foreach (var facts in claims)
            foreach (ref readonly var award in bulk.Evaluate(FactValues.Of(facts), history))
                total += award.Outcome is Outcome.Granted or Outcome.Refused ? award.Low : 0;
        return total;
    }
}
