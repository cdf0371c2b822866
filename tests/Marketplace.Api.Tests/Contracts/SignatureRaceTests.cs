using System.Text.Json;
using Marketplace.Api.Tests.Data;

namespace Marketplace.Api.Tests.Contracts;

[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class SignatureRaceTests(Database database)
{
    const int Workers = 64;

    readonly Market market = Market.On(database);

    [Test]
    public async Task X12_nobody_signs_terms_that_the_signer_has_not_seen()
    {
        var (buyer, seller) = (await market.Party(), await market.Party("university"));
        for (var round = 0; round < Races.Rounds; round++)
        {
            var contract = await market.DraftContract(buyer, seller);
            var address = $"contracts/{contract.Id}";
            var seen = new (int Terms, string Amount)[Workers];
            var answers = await Races.Run(Workers, async i =>
            {
                using var read = await seller.Client.GetAsync(address);
                var terms = await read.Json();
                seen[i] = (terms.GetProperty("termsVersion").GetInt32(), terms.GetProperty("amount").GetRawText());
                var tag = read.Headers.ETag!.ToString();
                return (i % 4) switch
                {
                    0 => await buyer.Client.PatchJson(address, new { amount = 900000 + i }, tag),
                    1 => await seller.Client.Act($"{address}/sign", ifMatch: tag),
                    _ => await seller.Client.PostJson($"{address}/sign", new { termsVersion = seen[i].Terms }),
                };
            });

            var signed = answers.Index().Where(answer => answer.Index % 4 != 0 && answer.Item.Succeeded).ToList();
            foreach (var (i, answer) in signed)
            {
                var terms = JsonDocument.Parse(answer.Body).RootElement;
                Assert.That((terms.GetProperty("termsVersion").GetInt32(), terms.GetProperty("amount").GetRawText()), Is.EqualTo(seen[i]));
            }

            Assert.That(answers.Where(answer => !answer.Succeeded).Select(answer => answer.Code).Distinct(), Is.SubsetOf(new[] { "precondition-failed", "invalid-transition" }));
            var left = await buyer.Client.GetJson(address);
            var present = left.GetProperty("termsVersion").GetInt32();
            Assert.That(left.GetProperty("signatures").GetArrayLength(), Is.EqualTo(signed.Count(answer => seen[answer.Index].Terms == present)), "a signature stands on the terms it was given for, and on no others");
        }
    }
}
