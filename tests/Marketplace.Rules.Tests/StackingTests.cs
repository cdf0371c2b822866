namespace Marketplace.Rules.Tests;

public sealed class StackingTests
{
    private static readonly DateOnly Day = new(2024, 3, 1);

    [Test]
    public void A_choice_of_the_parties_that_names_none_of_the_awards_does_not_pay_them_all()
    {
        var policy = Of(new StackingDraft.ChosenByParties(["agency", "broker"]), Award("agency", 500), Award("broker", 100), Award("other", 1));
        var awards = Evaluator.Evaluate(policy, new Facts { RecognisedOn = Day, ChosenAward = "other" }, []).Awards;
        Assert.That(awards.Select(a => (a.Outcome, a.Low.Value, a.High!.Value.Value)),
            Is.EqualTo(new[] { (Outcome.Open, 0L, 500L), (Outcome.Open, 0L, 100L), (Outcome.Granted, 1L, 1L) }));
        Assert.That(awards[0].MissingFacts, Is.EqualTo(new[] { Fact.ChosenAward }));
    }

    private static Policy Of(StackingDraft rule, params AwardDraft[] awards) => new Draft(awards, [rule], Day, null, [], false).Load();

    private static AwardDraft Award(string id, long fen) => new(
        id, Subject.Contract, Payee.Broker, Fact.RecognisedOn, [], new BaseDraft.Of(Fact.Amount), new AmountDraft.Fixed(Number.Sum(fen)), [], 1, RoundingMode.Down);
}
