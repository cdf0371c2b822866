using System.Collections.Concurrent;
using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Funds;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests;

/// <summary>A claim, its contract and who claimed.</summary>
public sealed record TestClaim(string Id, TestContract Contract, HttpClient Claimant);

/// <summary>One official of each office that handles money, and a second of two of them; each is another person.</summary>
public sealed record TestOffice(HttpClient Reviewer, HttpClient Approver, HttpClient Payer, HttpClient Manager, HttpClient SecondManager, HttpClient OtherApprover);

// Where public money is: each test has a district of its own and its fund there, for a fund pays whoever claims in its region.
public sealed partial class Market
{
    /// <summary>The last entry of each fund whose books were found right.</summary>
    readonly ConcurrentDictionary<string, long> _checked = new();

    int _districts = 630129;

    /// <summary>Set by a test that falsifies the books.</summary>
    public bool HasFalseBooks { get; set; }

    /// <summary>A district of Xining that no other test uses.</summary>
    public string District() => Interlocked.Increment(ref _districts) is var number and < 630200
        ? number.ToString(CultureInfo.InvariantCulture)
        : throw new InvalidOperationException("There are seventy districts for tests.");

    public async Task<TestOffice> Office() => new(
        await As("reviewer"), await As("approver"), await As("payer"), await As("fundManager"),
        Client(await Key((await Party("government")).Id, ["fundManager"], $"second manager {Guid.NewGuid():n}"[..40])),
        Client(await Key((await Party("government")).Id, ["approver"], $"other approver {Guid.NewGuid():n}"[..40])));

    public async Task<string> OpenFund(decimal appropriation, string region = "630100", int? year = null, bool inTurn = false)
    {
        // Another person plans it than opens it.
        var fund = await (await Planner()).PostJson("funds", new
        {
            name = "产学研合作和成果转化专项资金", region, year = year ?? Today.Year, appropriation, policies = new[] { "xining-2020" }, inTurn,
        }, idempotencyKey: NewKey()).Json(201);
        await (await As("fundManager")).Act($"funds/{fund.Text("id")}/open", idempotencyKey: NewKey()).Json();
        return fund.Text("id");
    }

    /// <summary>A fund manager who plans and never opens.</summary>
    public Task<HttpClient> Planner() => _officials.GetOrAdd("planner", _ => Official("the planner", "fundManager"));

    /// <summary>The buyer's claim for a recognised contract.</summary>
    public async Task<TestClaim> SubmittedClaim(TestContract? contract = null, decimal amount = 1000000, string region = "630102")
    {
        contract ??= await RecognisedContract(buyer: await Party(region: region), change: new { amount });
        var claim = await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, idempotencyKey: NewKey()).Json(201);
        return new(claim.Text("id"), contract, contract.Buyer.Client);
    }

    public async Task<TestClaim> ReviewedClaim(TestContract? contract = null, decimal amount = 1000000, string region = "630102")
    {
        var claim = await SubmittedClaim(contract, amount, region);
        await (await As("reviewer")).Act($"claims/{claim.Id}/recommend", idempotencyKey: NewKey()).Json();
        return claim;
    }

    /// <summary>Takes a hash out of the events about claims, as if they were from before events held it.</summary>
    public async Task Forget(string hash)
    {
        HasFalseBooks = true;
        await LiftTriggers();
        var without = Database.Database == Databases.Sqlite ? $"json_remove(event_data, '$.{hash}')"
            : Database.Database == Databases.PostgreSql ? $"regexp_replace(event_data, ',\"{hash}\":\"[0-9a-f]+\"', '')" : $"JSON_MODIFY(event_data, '$.{hash}', NULL)";
        await Database.Execute($"UPDATE events SET event_data = {without} WHERE subject LIKE 'clm_%'");
    }

    /// <summary>Lets what is recorded be changed past the program, as somebody with the database in his hands would.</summary>
    public async Task LiftTriggers()
    {
        foreach (var table in new[] { "ledger_entries", "events", "contract_steps" })
        {
            if (Database.Database == Databases.Sqlite)
            {
                while (await Database.Scalar<string?>("SELECT MIN(name) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = @table", new { table }) is { } trigger)
                {
                    await Database.Execute($"DROP TRIGGER {trigger}");
                }
            }
            else
            {
                await Database.Execute(Database.Database == Databases.PostgreSql ? $"ALTER TABLE {table} DISABLE TRIGGER USER" : $"DISABLE TRIGGER ALL ON {table}");
            }
        }
    }

    /// <summary>K1–K10 hold of a fund.</summary>
    public async Task AssertBooks(string fund)
    {
        var report = await Anonymous.GetJson($"funds/{fund}/invariants");
        var broken = report.GetProperty("invariants").EnumerateArray().Where(k => !k.GetProperty("holds").GetBoolean()).Select(k => k.GetRawText());
        Assert.That(broken, Is.Empty);
        Assert.That(report.GetProperty("invariants").GetArrayLength(), Is.EqualTo(10));
    }

    /// <summary>K1–K10 hold of every fund that has moved since this was last asked.</summary>
    public async Task AssertBooksMoved()
    {
        var db = Services.GetRequiredService<Db>();
        foreach (var (id, last) in await db.Read(session => session.List<(string, long)>("SELECT id, last_entry FROM funds")))
        {
            if (_checked.GetValueOrDefault(id) != last)
            {
                await AssertBooks(db, id);
                _checked[id] = last;
            }
        }
    }

    /// <summary>K1–K10 hold of every fund.</summary>
    async Task AssertAllBooks()
    {
        if (!HasFalseBooks)
        {
            _checked.Clear();
            await AssertBooksMoved();
        }
    }

    static async Task AssertBooks(Db db, string fund)
    {
        var broken = await db.Read(async session =>
        {
            await session.FixMoment();
            return (await LedgerCheck.Of(session, (await FundSql.Get(session, fund))!)).Where(invariant => !invariant.Holds).ToList();
        });
        Assert.That(broken, Is.Empty, fund);
    }

    public static string NewKey() => Guid.NewGuid().ToString();
}
