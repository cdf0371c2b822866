using System.Globalization;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests.Data;

/// <summary>The built program is killed while money moves: what was acknowledged is there, the books are right, and what was under way is done once.</summary>
public sealed class KilledMoneyTests
{
    static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("MARKETPLACE_KILL_ROUNDS"), out var rounds) ? rounds : 4;

    /// <summary>A claim's whole way, and where each step leaves it.</summary>
    static readonly (string Action, string Who, string State)[] Way =
    [
        ("", "claimant", "submitted"), ("recommend", "reviewer", "reviewed"), ("approve", "approver", "approved"), ("order", "payer", "ordered"),
        ("fail-payment", "payer", "approved"), ("order", "payer", "ordered"), ("confirm-paid", "payer", "paid"), ("open-clawback", "fundManager", "clawbackOpened"),
        ("claw-back", "other approver", "clawedBack"),
    ];

    /// <summary>One payee who claims, is paid, gives back and claims again; every step is sent with a key of its own until it is acknowledged.</summary>
    sealed class Payee(string contract, string key)
    {
        string? _claim;
        int _step;
        string _idempotencyKey = Market.NewKey();

        public int Acknowledged { get; private set; }

        public int Claims { get; private set; }

        /// <summary>The next step is there already or is not; what was acknowledged is. Then it is sent again.</summary>
        public async Task Resume(KilledProcessTests.Program program, IReadOnlyDictionary<string, string> keys)
        {
            if (_claim is not null)
            {
                using var auditor = program.As(keys["auditor"]);
                var state = (await auditor.GetJson($"claims/{_claim}")).Text("state");
                var (before, after) = (Way[(_step + Way.Length - 1) % Way.Length].State, Way[_step].State);
                // A new claim is another one: the old stays as it was left.
                Assert.That(state, _step == 0 ? Is.EqualTo(before) : Is.AnyOf(before, after), $"{_claim} before {Way[_step].Action}");
            }

            await Next(program, keys);
        }

        public async Task Next(KilledProcessTests.Program program, IReadOnlyDictionary<string, string> keys)
        {
            var (action, who, state) = Way[_step];
            using var client = program.As(who == "claimant" ? key : keys[who]);
            object body = action switch
            {
                "" => new { contract, award = "buyer" },
                "confirm-paid" => new { reference = $"K-{_claim}" },
                "recommend" or "approve" or "order" => new { },
                _ => new { reason = "按规定办理" },
            };
            var answer = await client.PostJson(action.Length == 0 ? "claims" : $"claims/{_claim}/{action}", body, _idempotencyKey).Json(action.Length == 0 ? 201 : 200);
            Assert.That(answer.Text("state"), Is.EqualTo(state));
            Claims += action.Length == 0 ? 1 : 0;
            (_claim, _step, _idempotencyKey) = (answer.Text("id"), (_step + 1) % Way.Length, Market.NewKey());
            Acknowledged++;
        }
    }

    [Test]
    public async Task A_kill_between_any_two_steps_leaves_the_books_right_and_nothing_is_done_twice()
    {
        await using var database = await Databases.Sqlite.Create();
        var (fund, payees, keys) = await Prepare(database);
        for (var round = 0; round < Rounds; round++)
        {
            using var program = await KilledProcessTests.Program.Start(database.ConnectionString);
            await AssertBooks(program.Client);
            await Task.WhenAll(payees.Select(payee => payee.Resume(program, keys)));
            var killed = false;
            var kill = Task.Run(async () =>
            {
                await Task.Delay(Random.Shared.Next(0, 600));
                Volatile.Write(ref killed, true);
                program.Kill();
            });
            await Task.WhenAll(payees.Select(async payee =>
            {
                try
                {
                    while (true)
                    {
                        await payee.Next(program, keys);
                    }
                }
                catch (HttpRequestException) when (Volatile.Read(ref killed))
                {
                    // Whether the step was committed its sender does not know.
                }
            }));
            await kill;
        }

        using var last = await KilledProcessTests.Program.Start(database.ConnectionString);
        await Task.WhenAll(payees.Select(payee => payee.Resume(last, keys)));
        await AssertBooks(last.Client);
        Assert.That(await database.Scalar<int>("SELECT COUNT(*) FROM claims"), Is.EqualTo(payees.Sum(payee => payee.Claims)));
        Assert.That(await database.Scalar<int>(
            "SELECT COUNT(*) FROM (SELECT claim_id FROM ledger_entries WHERE kind <> 'order' AND claim_id IS NOT NULL GROUP BY claim_id, kind HAVING COUNT(*) > 1)"), Is.Zero);
        Assert.That(await database.Scalar<int>("SELECT COUNT(*) FROM events WHERE event_type LIKE 'claim.%'"), Is.EqualTo(payees.Sum(payee => payee.Acknowledged)),
            "each step has its one event");
        TestContext.Out.WriteLine($"{Rounds} kills, {payees.Sum(payee => payee.Acknowledged)} steps");

        async Task AssertBooks(HttpClient client)
        {
            var invariants = (await client.GetJson($"funds/{fund}/invariants")).GetProperty("invariants").EnumerateArray().ToList();
            Assert.That(invariants, Has.Count.EqualTo(10));
            Assert.That(invariants.Where(k => !k.GetProperty("holds").GetBoolean()).Select(k => k.GetRawText()), Is.Empty);
        }
    }

    static async Task<(string Fund, List<Payee> Payees, Dictionary<string, string> Keys)> Prepare(EmptyDatabase database)
    {
        await using var market = Market.Apart(new EmptyDatabase(database.Database, database.Name, database.ConnectionString, () => Task.CompletedTask));
        // The killed program's clock is the machine's.
        var fund = await market.OpenFund(100_000_000, year: TimeProvider.System.Today().Year);
        var (seller, office) = (await market.Party("university"), await market.Party("government"));
        var payees = new List<Payee>();
        for (var i = 0; i < 8; i++)
        {
            var contract = await market.RecognisedContract(seller: seller);
            payees.Add(new(contract.Id, await market.Key(contract.Buyer.Id, ["member"], string.Create(CultureInfo.InvariantCulture, $"payee {i}"))));
        }

        var keys = new Dictionary<string, string> { ["other approver"] = await market.Key(office.Id, ["approver"], "the other approver") };
        foreach (var role in new[] { "reviewer", "approver", "payer", "fundManager", "auditor" })
        {
            keys[role] = await market.Key(office.Id, [role], $"the one {role}");
        }

        return (fund, payees, keys);
    }
}
