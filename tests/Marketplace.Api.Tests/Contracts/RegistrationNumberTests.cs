using System.Globalization;
using Marketplace.Api.Contracts;
using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Contracts;

public sealed class NumberFormatTests
{
    [TestCase("25630101000123", "2025-06-30", NumberFormat.Digits14, "year, province, city, point, serial")]
    [TestCase("2025630100000123", "2025-06-30", NumberFormat.Digits16, "year, area, serial")]
    [TestCase("2026630100000123", "2026-03-01", NumberFormat.Digits16, "the first day of the rules of 2026")]
    [TestCase("26630101000123", "2026-02-28", NumberFormat.Digits14, "the last day of the rules of 2000")]
    [TestCase("26630101000123", "2026-03-01", NumberFormat.Other, "the rules of 2026 have one form")]
    [TestCase("2024630100000123", "2025-06-30", NumberFormat.Other, "another year's number")]
    [TestCase("2025030100000123", "2025-06-30", NumberFormat.Other, "no area begins with 0")]
    [TestCase("25030101000123", "2025-06-30", NumberFormat.Other, "no province begins with 0")]
    [TestCase("202563010000012", "2025-06-30", NumberFormat.Other, "15 digits")]
    [TestCase("2025-6301-000123", "2025-06-30", NumberFormat.Other, "not digits alone")]
    [TestCase("99630101000123", "1999-06-30", NumberFormat.Other, "before the rules of 2000")]
    public void A_number_has_a_form_of_the_rules_of_its_day(string number, string recognisedOn, NumberFormat format, string why) =>
        Assert.That(RegistrationNumber.FormatOf(number, DateOnly.Parse(recognisedOn, CultureInfo.InvariantCulture)), Is.EqualTo(format), why);
}

[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class RegistrationNumberTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase("26630101{0:000000}", "2026-02-27", "digits14")]
    [TestCase("2026640100{0:000000}", "2026-03-02", "digits16")]
    [TestCase("X-{0:000000}-a", "2026-03-02", "other")]
    public async Task A_recognition_says_which_form_its_number_has(string number, string recognisedOn, string format)
    {
        var contract = await market.SubmittedContract(change: new { signedOn = "2026-01-05" });
        var recognised = await (await market.As("registrar")).PostJson($"contracts/{contract.Id}/recognise", market.RecognitionBody(new
        {
            number = string.Format(CultureInfo.InvariantCulture, number, Random.Shared.Next(1_000_000)), recognisedOn,
        })).Json();
        Assert.That(recognised.GetProperty("recognition").Text("numberFormat"), Is.EqualTo(format));
    }

    [Test]
    public async Task Without_a_number_the_market_gives_its_next_one_of_that_year()
    {
        var registrar = await market.As("registrar");
        var numbers = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var contract = await market.SubmittedContract(change: new { signedOn = "2023-01-05" });
            var recognised = await registrar.PostJson($"contracts/{contract.Id}/recognise", new { recognisedOn = "2023-05-04" }).Json();
            numbers.Add(recognised.GetProperty("recognition").Text("number"));
        }

        Assert.That(numbers, Is.EqualTo(new[] { "2023630100000001", "2023630100000002", "2023630100000003" }));
    }

    [Test]
    public async Task A_number_that_was_entered_by_hand_is_passed_over()
    {
        var registrar = await market.As("registrar");
        var (byHand, first, next) = (await Submitted(), await Submitted(), await Submitted());
        await registrar.PostJson($"contracts/{byHand}/recognise", new { number = "2022630100000002", recognisedOn = "2022-05-05" }).Json();
        foreach (var (id, number) in new[] { (first, "2022630100000001"), (next, "2022630100000003") })
        {
            Assert.That((await registrar.PostJson($"contracts/{id}/recognise", new { recognisedOn = "2022-05-06" }).Json()).GetProperty("recognition").Text("number"), Is.EqualTo(number));
        }

        async Task<string> Submitted() => (await market.SubmittedContract(change: new { signedOn = "2022-01-05" })).Id;
    }

    [Test]
    public async Task X18_the_numbers_that_many_take_at_once_have_no_gap_though_some_are_rolled_back()
    {
        const int workers = 64;
        var (buyer, seller, registrar) = (await market.Party(), await market.Party("university"), await market.As("registrar"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var contracts = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => market.SubmittedContract(buyer, seller, new { signedOn = "2021-01-05" })));
            var answers = await Races.Run(workers, i => registrar.PostJson(
                $"contracts/{contracts[i].Id}/recognise{(i % 10 == 0 ? "?validateOnly=true" : "")}", new { recognisedOn = "2021-05-06" }));
            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Body), Is.Empty);

            var taken = (round + 1) * (workers - 7);
            Assert.That(await Of("COUNT(*)"), Is.EqualTo(taken), "every contract has one");
            Assert.That(await Of("MAX(registration_number)"), Is.EqualTo(2021630100000000 + taken), "and none is left out");
        }

        Task<long> Of(string what) => market.Database.Scalar<long>($"SELECT {what} FROM contracts WHERE registration_number LIKE '2021630100%'");
    }
}
