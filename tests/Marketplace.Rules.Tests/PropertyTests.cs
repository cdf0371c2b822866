using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Marketplace.Rules.Tests;

/// <summary>Laws of the evaluator, each tried on ten thousand cases under policies of every shape.</summary>
public sealed class PropertyTests
{
    private static readonly EvaluationOptions Explained = new() { Explain = true };

    [Test]
    public void The_same_inputs_give_the_same_bytes_on_every_thread_in_every_culture_and_time_zone()
    {
        var before = Environment.GetEnvironmentVariable("TZ");
        try
        {
            var alone = Digests("Asia/Shanghai", "zh-CN");
            var atOnce = Digests("America/St_Johns", "ar-SA", "tr-TR");
            Assert.That(atOnce, Is.EqualTo(new[] { alone[0], alone[0] }));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TZ", before);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Test]
    public void An_award_never_exceeds_a_base_that_it_is_a_part_of_nor_with_its_history_a_cap() => Arbitrary.Always(c =>
        Granted(c).All(granted =>
        {
            var (draft, sum) = granted;
            var falls = draft.Limits.OfType<LimitDraft.Floor>().Any();
            var isPart = draft is { Amount: AmountDraft.RateOfBase, Mode: RoundingMode.Down } && !falls;
            return sum >= 0 && (!isPart || sum <= new Oracle(c).Value(draft.Base))
                && (sum == 0 || draft.Limits.OfType<LimitDraft.Cap>().All(cap => sum + Used(c, draft, cap.Over) <= cap.Sum.On(c.Day(draft.GovernedBy)).Above));
        }));

    [Test]
    public void The_order_of_earlier_grants_changes_nothing() => Arbitrary.Always(c =>
        Same(Answers(c), Evaluator.Evaluate(c.Policy, c.Facts, [.. c.History.Reverse()]).Awards));

    [Test]
    public void Claims_in_any_order_come_to_the_same_total_under_a_cap_that_they_share() => Arbitrary.Always(c =>
    {
        foreach (var award in c.Draft.Awards)
        {
            // Rounding to more than a fen, and what is not paid at all, cut from each claim by itself.
            if (award.Subject != c.Subject || award.Unit != 1 || award.LessPaid is not null || award.Limits is not [LimitDraft.Cap { Over: { Scope: not Scope.Contract } over } cap]) continue;
            if (c.Draft.Stacking.Any(s => s.Awards.Contains(award.Id)) || award.Amount.CanBeDecided || award.Base is not BaseDraft.Of { Fact: var fact }) continue;
            if (Answers(c).Single(a => a.Award == award.Id).Outcome != Outcome.Granted) continue;
            PolicyCase[] claims = [.. new[] { c.Numbers[fact], c.Numbers[fact] / 3, c.Numbers[fact] / 2 + 1 }.Select((sum, i) => Claim(c, award, fact, sum, $"own{i}"))];
            var total = Total(award, claims);
            var room = BigInteger.Max(0, cap.Sum.On(c.Day(award.GovernedBy)).Above - Used(claims[0], award, over));
            if (total != Total(award, [.. claims.Reverse()]) || total > room || total > claims.Aggregate(BigInteger.Zero, (sum, claim) => sum + Paid(award, claim))) return false;
        }

        return true;
    });

    [Test]
    public void Every_amount_is_what_an_oracle_of_fractions_computes_and_is_rounded_once() => Arbitrary.Always(c =>
        Oracle.Evaluate(c) is not { } expected || expected.Zip(Answers(c)).All(pair => Agree(pair.First, pair.Second)));

    [Test]
    public void Shares_add_up_to_the_award_and_each_keeps_its_ratio_within_a_fen() => Arbitrary.Always(c =>
        Answers(c).Where(a => a.Outcome == Outcome.Granted).All(a =>
        {
            BigInteger sum = a.Amount!.Value.Value, parts = c.Draft.Parts.Sum();
            return a.Shares.Count == c.Draft.Parts.Count && (parts == 0 || a.Shares.Sum(s => s.Amount.Value) == sum)
                && a.Shares.Zip(c.Draft.Parts).All(share => share.First.Amount.Value >= 0 && BigInteger.Abs(share.First.Amount.Value * parts - sum * share.Second) < parts);
        }));

    [Test]
    public void Outside_its_time_in_force_a_policy_refuses_everything_and_says_which_end_it_is() => Arbitrary.Always(c =>
        Refuse(c, c.Draft.From.AddDays(-1), ReasonCode.RefusedBeforeInForce) && (c.Draft.To is not { } to || Refuse(c, to.AddDays(1), ReasonCode.RefusedExpired)));

    [Test]
    public void An_amendment_moves_only_answers_of_days_from_which_it_holds()
    {
        var amended = new Dictionary<int, Policy>();
        var moved = 0;
        Arbitrary.Always(c =>
        {
            if (c.Policy.Periods is not [{ To: var last }, _, ..]) return true;
            if (!amended.TryGetValue(c.Index, out var policy)) amended.Add(c.Index, policy = c.Draft.Load(amended: true));
            var stays = Same(Answers(c), Evaluator.Evaluate(policy, c.Facts, c.History).Awards);
            if (!stays) moved++;
            return stays || c.Day(Fact.RecognisedOn) > last || c.Day(Fact.PaidOn) > last;
        });
        Assert.That(moved, Is.GreaterThan(100));
    }

    [Test]
    public void The_arithmetic_of_the_steps_alone_gives_the_amount() => Arbitrary.Always(c =>
        Evaluator.Evaluate(c.Policy, c.Facts, c.History, Explained).Awards.Where(a => a.Outcome == Outcome.Granted).All(a => Replay.Amount(a.Steps) == a.Amount!.Value.Value));

    [Test]
    public void Every_number_of_a_step_is_a_fact_as_given_or_stands_in_the_quote_of_its_clause() => Arbitrary.Always(c =>
        Evaluator.Evaluate(c.Policy, c.Facts, c.History, Explained).Awards.SelectMany(a => a.Steps).All(step => step.Kind switch
        {
            StepKind.Parameter => c.Policy.Parameters.Any(p => p.Path == step.Name && (p.Numerator, p.Denominator) == (step.Value.Numerator, step.Value.Denominator)
                && p.Clause == step.Clause && c.Policy.Clause(p.Clause)!.Quote.Contains(p.Literal, StringComparison.Ordinal)),
            StepKind.Fact when FactNames.Find(step.Name) is { } fact && fact.Type() is FactType.Money or FactType.Count => step.Value.Numerator == c.Numbers[FactNames.Find(step.Name)!.Value],
            StepKind.Share => c.Policy.Clause(step.Clause!) is not null,
            _ => true,
        }));

    [Test]
    public void Explaining_changes_nothing_but_the_steps() => Arbitrary.Always(c =>
        Same(Answers(c), Evaluator.Evaluate(c.Policy, c.Facts, c.History, Explained).Awards));

    [Test]
    public void In_bulk_every_award_comes_to_what_it_comes_to_alone_with_and_without_earlier_grants_and_with_any_fact_unknown()
    {
        var bulk = Arbitrary.Policies.Select(p => new BulkEvaluator(p.Policy)).ToArray();
        Arbitrary.Always(c =>
        {
            var facts = c.Facts;
            return IsAsAlone(facts, c.History) && IsAsAlone(facts, [])
                && c.Policy.Facts.Append(Fact.Subject).All(unknown => IsAsAlone(facts.Without(unknown), []));

            bool IsAsAlone(Facts facts, IReadOnlyList<Grant> history) =>
                Sums(bulk[c.Index].Evaluate(FactValues.Of(facts), history)).SequenceEqual(Evaluator.Evaluate(c.Policy, facts, history).Awards
                    .Select(award => (award.Award, award.Outcome, award.Low.Value, award.High?.Value ?? long.MaxValue)));
        });
    }

    private static (string, Outcome, long, long)[] Sums(ReadOnlySpan<AwardAmount> awards)
    {
        var sums = new (string, Outcome, long, long)[awards.Length];
        for (var i = 0; i < sums.Length; i++) sums[i] = (awards[i].Award.Id, awards[i].Outcome, awards[i].Low, awards[i].High);
        return sums;
    }

    private static IReadOnlyList<AwardEvaluation> Answers(PolicyCase c) => Evaluator.Evaluate(c.Policy, c.Facts, c.History).Awards;

    private static IEnumerable<(AwardDraft, BigInteger)> Granted(PolicyCase c) =>
        Answers(c).Where(a => a.Outcome == Outcome.Granted).Select(a => (c.Draft.Awards.Single(d => d.Id == a.Award), (BigInteger)a.Amount!.Value.Value));

    private static BigInteger Used(PolicyCase c, AwardDraft award, Over over) => new Oracle(c).Used(award, [award.Id], over);

    // What a person will decide can decide between awards that bear on each other; then the range must hold both ends.
    private static bool Agree(OracleAnswer expected, AwardEvaluation found) =>
        found.Award == expected.Award && (found.Amount is { } sum
            ? sum.Value == expected.Low && sum.Value == expected.High
            : found.Outcome == Outcome.NeedsDecision && found.Low.Value <= expected.Low && expected.High <= found.High!.Value.Value);

    private static bool Same(IReadOnlyList<AwardEvaluation> one, IReadOnlyList<AwardEvaluation> other) =>
        one.Zip(other).All(p => p.First.Outcome == p.Second.Outcome && p.First.Certainty == p.Second.Certainty && p.First.Low == p.Second.Low && p.First.High == p.Second.High
            && p.First.Amount == p.Second.Amount && p.First.Shares.SequenceEqual(p.Second.Shares) && p.First.Reasons.SequenceEqual(p.Second.Reasons));

    private static bool Refuse(PolicyCase c, DateOnly day, ReasonCode code) =>
        Answers(c.With(Fact.RecognisedOn, day.DayNumber).With(Fact.PaidOn, day.DayNumber)).All(a => a.Outcome == Outcome.Refused && a.Amount == Fen.Zero && a.Reasons.Any(r => r.Kind == code));

    private static PolicyCase Claim(PolicyCase c, AwardDraft award, Fact fact, long sum, string contract) =>
        c.With(fact, sum).With(Fact.Contract, contract).With(Fact.Project, c.Words.GetValueOrDefault(Fact.Project, "shared"));

    private static BigInteger Total(AwardDraft award, PolicyCase[] claims)
    {
        var (total, history) = (BigInteger.Zero, claims[0].History);
        foreach (var claim in claims)
        {
            var paid = Paid(award, claim with { History = history });
            total += paid;
            history = [.. history, Paid(claim, award, new Fen((long)paid))];
        }

        return total;
    }

    /// <summary>What a claim was paid, as the history of the next one; it names everything that a limit can ask for.</summary>
    private static Grant Paid(PolicyCase claim, AwardDraft award, Fen amount) => new(award.Id, amount)
    {
        Contract = claim.Words[Fact.Contract], Project = claim.Words.GetValueOrDefault(Fact.Project), Achievement = claim.Words[Fact.Achievement], Office = claim.Words[Fact.Office],
        Party = claim.Words[award.Payee switch { Payee.Buyer => Fact.Buyer, Payee.Seller => Fact.Seller, Payee.Broker => Fact.Broker, Payee.Office => Fact.Office, _ => Fact.Applicant }],
        Buyer = claim.Words[Fact.Buyer], Seller = claim.Words[Fact.Seller], Title = claim.Words[Fact.Title], Platform = claim.Words[Fact.Platform],
        On = claim.Day(award.GovernedBy),
    };

    private static BigInteger Paid(AwardDraft award, PolicyCase claim) => Answers(claim).Single(a => a.Award == award.Id).Amount!.Value.Value;

    private static string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Arbitrary.Always(c =>
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(Evaluator.Evaluate(c.Policy, c.Facts, c.History, Explained)));
            return true;
        });
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>One digest for each culture, each computed on a thread of its own at the same time.</summary>
    private static string[] Digests(string timeZone, params string[] cultures)
    {
        Environment.SetEnvironmentVariable("TZ", timeZone);
        TimeZoneInfo.ClearCachedData();
        var digests = new string[cultures.Length];
        Thread[] threads = [.. cultures.Select((name, i) => new Thread(() => digests[i] = Digest()) { CurrentCulture = CultureInfo.GetCultureInfo(name), CurrentUICulture = CultureInfo.GetCultureInfo(name) })];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return digests;
    }
}
