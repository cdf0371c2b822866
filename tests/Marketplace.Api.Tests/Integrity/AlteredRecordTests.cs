using System.Text.Json;
using System.Text.RegularExpressions;
using Marketplace.Api.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests.Integrity;

/// <summary>What is altered in the database past the market is seen before money moves, named, and never a server's failure.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class AlteredRecordTests(Database database)
{
    static readonly Regex LibraryWords = new("parsing column|Dapper|System\\.|Exception|InvalidCast", RegexOptions.IgnoreCase);

    [Test]
    public async Task No_step_is_taken_on_a_claim_whose_row_is_not_what_its_last_event_recorded()
    {
        await using var own = await Market.Apart(database);
        var office = await own.Office();
        var fund = await own.OpenFund(1_000_000, "630102");
        var other = await own.Party(region: "630102");
        var claim = await own.SubmittedClaim();
        var payee = claim.Contract.Buyer.Id;
        (HttpClient Who, string Step, object Body, string[] Changes, string Back)[] steps =
        [
            (office.Reviewer, "recommend", new { }, ["amount_fen = amount_fen * 100", $"payee_id = '{other.Id}'"], $"amount_fen = 3000000, payee_id = '{payee}'"),
            (office.Approver, "approve", new { }, ["amount_fen = amount_fen * 100", "reviewer = 'somebody else'"], "amount_fen = 3000000, reviewer = 'the reviewer'"),
            (office.Payer, "order", new { }, [$"payee_id = '{other.Id}'", "approver = 'somebody else'", "amount_fen = amount_fen + 1", "region = '630103'"],
                $"payee_id = '{payee}', approver = 'the approver', amount_fen = 3000000, region = '630102'"),
            (office.Payer, "confirm-paid", new { reference = "ICBC-1" }, [$"payee_id = '{other.Id}'", "reviewer = 'somebody else'"], $"payee_id = '{payee}', reviewer = 'the reviewer'"),
            (office.Manager, "open-clawback", new { reason = "复查" }, [$"payee_id = '{other.Id}'"], $"payee_id = '{payee}'"),
            (office.OtherApprover, "claw-back", new { reason = "已追回" }, ["recover_fen = 1"], "recover_fen = 3000000"),
        ];
        foreach (var (who, step, body, changes, back) in steps)
        {
            var before = await Entries(office.Manager, fund);
            foreach (var change in changes)
            {
                await own.Database.Execute($"UPDATE claims SET {change} WHERE id = @Id", new { claim.Id });
                var problem = await who.PostJson($"claims/{claim.Id}/{step}", body, Market.NewKey()).AssertProblem(409, "record-altered");
                Assert.That(problem.Text("detail"), Does.Contain(claim.Id), $"{step}: {change}");
                Assert.That(await Entries(office.Manager, fund), Is.EqualTo(before), "nothing moved");
                await own.Database.Execute($"UPDATE claims SET {back} WHERE id = @Id", new { claim.Id });
            }

            await who.PostJson($"claims/{claim.Id}/{step}", body, Market.NewKey()).Json();
        }

        await own.AssertBooks(fund);
    }

    [Test]
    public async Task A_basis_that_is_not_what_the_sum_was_computed_from_stops_the_payment()
    {
        await using var own = await Market.Apart(database);
        var office = await own.Office();
        await own.OpenFund(1_000_000, "630102");
        var claim = await own.ReviewedClaim();
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        var basis = await own.Database.Scalar<string>("SELECT content FROM claim_bases WHERE claim_id = @Id", new { claim.Id });
        await own.Database.Execute("UPDATE claim_bases SET content = @changed WHERE claim_id = @Id", new { claim.Id, changed = basis.Replace("1000000", "9000000") });
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).AssertProblem(409, "record-altered");
        await own.Database.Execute("UPDATE claim_bases SET content = @basis WHERE claim_id = @Id", new { claim.Id, basis });
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
    }

    [Test]
    public async Task The_invariants_name_a_claim_that_was_altered_and_the_account_that_was_paid()
    {
        await using var own = await Market.Apart(database);
        var fund = await own.OpenFund(1_000_000, "630102");
        var (claim, other) = (await PaidClaim(own), await own.Party(region: "630102"));
        foreach (var (column, value) in new (string, object)[]
        {
            ("payee_id", other.Id), ("reviewer", "nobody"), ("approver", "nobody"), ("shares", "[]"), ("terms_version", 7), ("policy_version", "x"), ("reason", "x"),
        })
        {
            var stored = await own.Database.Scalar<object?>($"SELECT {column} FROM claims WHERE id = @Id", new { claim.Id });
            await own.Database.Execute($"UPDATE claims SET {column} = @value WHERE id = @Id", new { value, claim.Id });
            var broken = (await Invariants(own, fund)).Where(k => !k.GetProperty("holds").GetBoolean()).ToList();
            Assert.That(broken.Select(k => k.Text("name")), Is.EqualTo(new[] { "K5" }), column);
            Assert.That(broken[0].Text("detail"), Does.Contain(claim.Id), column);
            if (column == "payee_id")
            {
                Assert.That(broken[0].Text("detail"), Does.Contain($"paid:{claim.Contract.Buyer.Id}").And.Contain(other.Id));
            }

            await own.Database.Execute($"UPDATE claims SET {column} = @stored WHERE id = @Id", new { stored, claim.Id });
        }

        await own.AssertBooks(fund);
    }

    [Test]
    public async Task A_claim_from_before_events_held_digests_is_held_against_what_they_say_and_gets_one_with_its_next_step()
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var office = await own.Office();
        var fund = await own.OpenFund(1_000_000, "630102");
        var claim = await own.ReviewedClaim();
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        await own.Forget("digest");
        var detail = (await Invariants(own, fund)).Single(k => k.Text("name") == "K5");
        Assert.That((detail.GetProperty("holds").GetBoolean(), detail.Text("detail").Contains("1 of them were last stored before")), Is.EqualTo((true, true)), detail.GetRawText());
        await own.Database.Execute("UPDATE claims SET reason = 'another' WHERE id = @Id", new { claim.Id });
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).AssertProblem(409, "record-altered");
        await own.Database.Execute("UPDATE claims SET reason = NULL WHERE id = @Id", new { claim.Id });
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        await own.Database.Execute("UPDATE claims SET reviewer = 'nobody' WHERE id = @Id", new { claim.Id });
        await office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = "ICBC-1" }, Market.NewKey()).AssertProblem(409, "record-altered");
    }

    [TestCase("digest")]
    [TestCase("limits")]
    public async Task A_hash_in_an_event_that_is_no_text_is_named(string hash)
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var (office, fund, claim) = (await own.Office(), await own.OpenFund(1_000_000, "630102"), await own.ReviewedClaim());
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        await own.LiftTriggers();
        await own.Database.Execute($"UPDATE events SET event_data = REPLACE(event_data, '\"{hash}\":\"', '\"{hash}\":7,\"x\":\"') WHERE subject = @Id", new { claim.Id });
        var k5 = (await Invariants(own, fund)).Single(k => k.Text("name") == "K5");
        Assert.That((k5.GetProperty("holds").GetBoolean(), k5.Text("detail").Contains(claim.Id)), Is.EqualTo((false, true)), k5.GetRawText());
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).AssertProblem(409, "record-altered");
    }

    [TestCase("recognised_fen = recognised_fen * 100")]
    [TestCase("recognised_kind = 'licence'")]
    [TestCase("recognised_on = '2026-01-05'")]
    [TestCase("backdated = 1")]
    [TestCase("separated = 1")]
    [TestCase("project_key = 'another'")]
    [TestCase("state = 'signed', recognition_state = 'none'")]
    [TestCase("content = REPLACE(content, '\"relatedParties\":false', '\"relatedParties\":true')")]
    public async Task A_contract_that_is_not_what_its_last_event_recorded_gets_no_claim_and_none_of_its_claims_goes_on(string change)
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var office = await own.Office();
        await own.OpenFund(1_000_000, "630102");
        var (reviewed, contract) = (await own.ReviewedClaim(), await own.RecognisedContract());
        await own.Database.Execute($"UPDATE contracts SET {change}");
        await contract.Buyer.Client.PostJson("claims", new { contract = contract.Id, award = "buyer" }, Market.NewKey()).AssertProblem(409, "record-altered");
        await office.Approver.Act($"claims/{reviewed.Id}/approve", Market.NewKey()).AssertProblem(409, "record-altered");
    }

    [TestCase("UPDATE events SET event_data = '{}' WHERE sequence = 1")]
    [TestCase("UPDATE events SET readers = '|everybody|' WHERE sequence = 1")]
    [TestCase("UPDATE events SET sequence = NULL, hash = NULL WHERE sequence = 1")]
    [TestCase("DELETE FROM events WHERE sequence = 1")]
    [TestCase("UPDATE contract_steps SET person = 'nobody'")]
    [TestCase("DELETE FROM contract_steps")]
    public async Task The_database_itself_refuses_to_change_or_delete_what_is_recorded(string statement)
    {
        var market = Market.On(database);
        await market.SignedContract();
        await Eventually.Holds(async () => await market.Database.Scalar<long>("SELECT COUNT(*) FROM events WHERE sequence = 1") == 1, "an event");
        var db = market.Services.GetRequiredService<Db>();
        Assert.That(() => db.Write(session => session.Execute(statement)), Throws.InstanceOf<System.Data.Common.DbException>());
    }

    [Test]
    public async Task What_is_true_is_said_where_the_last_entry_is_gone()
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var fund = await own.OpenFund(1_000_000, "630102");
        await PaidClaim(own);
        await own.LiftTriggers();
        await own.Database.Execute("DELETE FROM ledger_entries WHERE entry_number = 4");
        var broken = (await Invariants(own, fund)).Where(k => !k.GetProperty("holds").GetBoolean()).ToDictionary(k => k.Text("name"), k => k.Text("detail"));
        Assert.That(broken["K8"], Does.Contain("entry 3").And.Contain("entry 4").And.Not.Contain("verifies"));
        Assert.That(broken["K9"], Does.Contain("entry 4 is missing"));
    }

    [Test]
    public async Task What_cannot_be_read_is_named()
    {
        if (database != Databases.Sqlite)
        {
            Assert.Ignore("The columns of servers hold nothing else.");
        }

        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var office = await own.Office();
        var auditor = await own.As("auditor");
        var fund = await own.OpenFund(1_000_000, "630102");
        var claim = await PaidClaim(own);
        await own.LiftTriggers();
        await own.Database.Execute("UPDATE ledger_entries SET amount_fen = 'much' WHERE entry_number = 3");
        var statement = await auditor.GetAsync($"funds/{fund}/statement");
        Assert.That(await statement.Content.ReadAsStringAsync(), Does.EndWith($"ledger_entries {fund} 3 cannot be read.\r\n"));
        await own.Database.Execute("UPDATE ledger_entries SET amount_fen = 3000000 WHERE entry_number = 3");
        await Altered("ledger_entries", "occurred_at", "2027", "entry_number = 3", $"ledger_entries {fund} 3", ["entries", "balances"], "K8");
        await Altered("ledger_entries", "kind", "gift", "entry_number = 3", $"ledger_entries {fund} 3", ["entries"], "K8");
        await Altered("ledger_entries", "amount_fen", "much", "entry_number = 3", $"ledger_entries {fund} 3", ["entries"], "K8");
        foreach (var (column, value) in new[] { ("created_at", "yesterday"), ("content", "{"), ("amount_fen", "much"), ("shares", "no list"), ("paid_at", "2026-13-01 00:00:00") })
        {
            await Altered("claims", column, value, "1 = 1", $"claims {claim.Id}", [$"../../claims/{claim.Id}", "../../claims"], "K5");
        }

        foreach (var (column, value) in new[] { ("occurred_at", "yesterday"), ("event_data", "{") })
        {
            var id = await own.Database.Scalar<string>("SELECT id FROM events WHERE sequence = 5");
            await Altered("events", column, value, "sequence = 5", $"events {id}", ["../../events"], null);
        }

        await Altered("claim_bases", "content", "{", "1 = 1", $"claim_bases {claim.Id}", [$"../../claims/{claim.Id}/explanation"], "K5");

        async Task Altered(string table, string column, string value, string where, string record, string[] addresses, string? invariant)
        {
            var before = await own.Database.Scalar<object>($"SELECT {column} FROM {table} WHERE {where}");
            await using (var file = await own.Database.Open())
            {
                await Dapper.SqlMapper.ExecuteAsync(file, $"PRAGMA ignore_check_constraints = ON; UPDATE {table} SET {column} = @value WHERE {where}", new { value });
                foreach (var address in addresses)
                {
                    var problem = await auditor.GetAsync(new Uri(auditor.BaseAddress!, address.StartsWith("../../", StringComparison.Ordinal) ? address[6..] : $"funds/{fund}/{address}")).AssertProblem(409, "record-altered");
                    Assert.That(problem.Text("detail"), Does.Contain(record), $"{address} with {table}.{column}");
                    Assert.That(LibraryWords.IsMatch(problem.GetRawText()), Is.False);
                }

                if (invariant is not null)
                {
                    var broken = (await Invariants(own, fund)).Where(k => !k.GetProperty("holds").GetBoolean()).ToDictionary(k => k.Text("name"), k => k.Text("detail"));
                    Assert.That(broken.GetValueOrDefault(invariant), Does.Contain(record.Split(' ')[^1]), $"{table}.{column}");
                    Assert.That(broken.Values.Any(LibraryWords.IsMatch), Is.False, string.Join("; ", broken.Values));
                }

                await Dapper.SqlMapper.ExecuteAsync(file, $"UPDATE {table} SET {column} = @before WHERE {where}", new { before });
            }

            await auditor.GetJson($"funds/{fund}/entries");
        }
    }

    [Test]
    public async Task What_was_altered_in_the_chain_of_events_is_told_once_and_again_when_it_is_right()
    {
        await using var own = await Market.Apart(database);
        var fund = await own.OpenFund(1_000_000, "630102");
        var claim = await own.SubmittedClaim();
        await own.LiftTriggers();
        var auditor = await own.As("auditor");
        await Eventually.Holds(async () => await own.Database.Scalar<long>("SELECT COUNT(*) FROM events WHERE sequence IS NULL") == 0, "all events are numbered");
        var (id, data) = (await own.Database.Scalar<string>("SELECT id FROM events WHERE sequence = 7"), await own.Database.Scalar<string>("SELECT event_data FROM events WHERE sequence = 7"));
        await own.Database.Execute("UPDATE events SET event_data = '{}' WHERE id = @id", new { id });
        await own.Database.Execute("UPDATE claims SET region = '630103' WHERE id = @Id", new { claim.Id });
        await Told("records.altered", "events");
        await Told("records.altered", "claims");
        Assert.That((await own.Anonymous.GetJson("/health/ready")).Texts("warnings"), Has.Some.Contains(id).And.Some.Contains(claim.Id));
        for (var hour = 0; hour < 3; hour++)
        {
            own.Clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(200);
        }

        Assert.That(await Count("records.altered"), Is.EqualTo(2), "each once");
        await own.Database.Execute("UPDATE events SET event_data = @data WHERE id = @id", new { id, data });
        await own.Database.Execute("UPDATE claims SET region = '630102' WHERE id = @Id", new { claim.Id });
        await Told("records.restored", "events");
        await Told("records.restored", "claims");
        await Eventually.Holds(async () => !(await own.Anonymous.GetJson("/health/ready")).Has("warnings"), "no warning is left");
        await own.AssertBooks(fund);

        async Task Told(string type, string subject) => await Eventually.Holds(async () =>
        {
            own.Clock.Advance(TimeSpan.FromHours(1));
            return (await auditor.GetJson($"events?types={type}&limit=100")).GetProperty("data").EnumerateArray().Any(e => e.Text("subject") == subject);
        }, $"{type} {subject}");

        async Task<int> Count(string type) => (await auditor.GetJson($"events?types={type}&limit=100")).GetProperty("data").GetArrayLength();
    }

    [Test]
    public async Task A_long_breach_is_told_once_and_not_each_hour()
    {
        await using var own = await Market.Apart(database);
        own.HasFalseBooks = true;
        var fund = await own.OpenFund(1_000_000, "630102");
        var claims = new List<TestClaim>();
        for (var i = 0; i < 16; i++)
        {
            claims.Add(await own.ReviewedClaim());
            await (await own.As("approver")).Act($"claims/{claims[i].Id}/approve", Market.NewKey()).Json();
        }

        await own.Database.Execute("UPDATE claims SET reviewer = 'nobody'");
        var auditor = await own.As("auditor");
        await Eventually.Holds(async () =>
        {
            own.Clock.Advance(TimeSpan.FromHours(1));
            return await Told() > 0;
        }, "a check of the books");
        Assert.That((await auditor.GetJson($"funds/{fund}")).Text("breach"), Has.Length.EqualTo(2000));
        for (var hour = 0; hour < 3; hour++)
        {
            own.Clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(200);
        }

        Assert.That(await Told(), Is.EqualTo(1));

        async Task<int> Told() => (await auditor.GetJson("events?types=fund.breached")).GetProperty("data").GetArrayLength();
    }

    static async Task<TestClaim> PaidClaim(Market market)
    {
        var office = await market.Office();
        var claim = await market.ReviewedClaim();
        await office.Approver.Act($"claims/{claim.Id}/approve", Market.NewKey()).Json();
        await office.Payer.Act($"claims/{claim.Id}/order", Market.NewKey()).Json();
        await office.Payer.PostJson($"claims/{claim.Id}/confirm-paid", new { reference = $"ICBC-{claim.Id}" }, Market.NewKey()).Json();
        return claim;
    }

    static async Task<List<JsonElement>> Invariants(Market market, string fund) =>
        [.. (await market.Anonymous.GetJson($"funds/{fund}/invariants")).GetProperty("invariants").EnumerateArray()];

    static async Task<int> Entries(HttpClient manager, string fund) => (await manager.GetJson($"funds/{fund}/entries?limit=100")).GetProperty("data").GetArrayLength();
}
