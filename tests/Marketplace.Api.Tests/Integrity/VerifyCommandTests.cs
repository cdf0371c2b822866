using Marketplace.Api.Data;
using Marketplace.Api.Integrity;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests.Integrity;

/// <summary><c>verify</c>: one line for each record that was altered, and one for the whole.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class VerifyCommandTests(Database database)
{
    [Test]
    public async Task It_finds_nothing_in_a_market_that_nobody_has_altered_and_names_what_somebody_has()
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        await own.OpenFund(1_000_000, "630102");
        var (claim, deleted, contract) = (await own.ReviewedClaim(), await own.SubmittedClaim(), await own.SubmittedContract());
        await Eventually.Holds(async () => await own.Database.Scalar<long>("SELECT COUNT(*) FROM events WHERE sequence IS NULL") == 0, "all events are numbered");
        var (code, lines) = await Verify(own);
        Assert.That((code, lines.Length), Is.EqualTo((0, 1)), string.Join("\n", lines));
        Assert.That(lines[0], Does.Match("^\\d+ 个事件、1 项资金、2 件申领、3 份合同：0 处有误 / \\d+ events, 1 funds, 2 claims, 3 contracts: 0 faults$"));

        await own.LiftTriggers();
        var last = await own.Database.Scalar<long>("SELECT last_sequence FROM event_head");
        var told = await own.Database.Scalar<string>("SELECT id FROM events WHERE sequence = 9");
        foreach (var statement in new[]
        {
            "UPDATE events SET readers = '|everybody|x|' WHERE sequence = 9", "DELETE FROM events WHERE sequence = 5", $"DELETE FROM events WHERE sequence > {last - 2}",
            $"UPDATE claims SET payee_id = (SELECT MIN(id) FROM parties) WHERE id = '{claim.Id}'", $"DELETE FROM claim_bases WHERE claim_id = '{deleted.Id}'",
            $"DELETE FROM claim_limits WHERE claim_id = '{deleted.Id}'", $"DELETE FROM claims WHERE id = '{deleted.Id}'", $"UPDATE contracts SET state = 'refused' WHERE id = '{contract.Id}'", "UPDATE ledger_entries SET person = 'nobody'",
        })
        {
            await own.Database.Execute(statement);
        }

        (code, lines) = await Verify(own);
        Assert.That(code, Is.EqualTo(1));
        using (Assert.EnterMultipleScope())
        {
            foreach (var record in new[] { $"events {told}", "events 5", $"events {last - 1}", $"events {last}", $"claims {claim.Id}", $"claims {deleted.Id}", $"contracts {contract.Id}", "funds fnd_" })
            {
                Assert.That(lines, Has.Some.StartsWith(record).And.Some.Contains("有误 / wrong"), string.Join("\n", lines));
            }
        }
    }

    [TestCase("now")]
    [TestCase("--json")]
    public async Task A_word_that_it_does_not_know_is_refused(string word)
    {
        using StringWriter output = new(), errors = new();
        Assert.That(await VerifyCommand.Run([word], _ => throw new InvalidOperationException(), output, errors), Is.EqualTo(2));
        Assert.That(errors.ToString(), Does.Contain(word).And.Contain("Usage"));
    }

    static async Task<(int Code, string[] Lines)> Verify(Market market)
    {
        using StringWriter output = new() { NewLine = "\n" };
        var code = await VerifyCommand.Run(market.Services.GetRequiredService<Db>(), output);
        return (code, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
