using Marketplace.Api.Access;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Data;

/// <summary>A market from before names had a canonical form, brought up to date: what lay there counts as what is written now.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class NameFillTests(Database database)
{
    static readonly DateTimeOffset Then = DateTimeOffset.UnixEpoch;

    [Test]
    public async Task Names_from_before_are_compared_like_those_that_are_written_now()
    {
        await using var empty = await database.Create();
        var key = "tm_" + new string('k', 43);
        await using (var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance))
        {
            await Migrator.Run(db, TimeProvider.System, [.. Migrator.Scripts(database.Name).TakeWhile(script => string.CompareOrdinal(script.Change, "0013_names") < 0)]);
            await db.Write(session => Fill(session, key));
        }

        await using var market = Market.Apart(new EmptyDatabase(empty.Database, empty.Name, empty.ConnectionString, () => Task.CompletedTask));
        market.HasFalseBooks = true;
        Assert.That(await Keys("SELECT project_key FROM contracts ORDER BY id"), Is.EqualTo(new[] { "光伏p1", "光伏p1", null }));
        Assert.That(await Keys("SELECT number_key FROM contracts ORDER BY id"), Is.EqualTo(new[] { "n-1", "n-1#con_2", null }));
        var likenesses = await Keys("SELECT likeness FROM contracts ORDER BY id");
        Assert.That(likenesses, Is.EqualTo(new[] { likenesses[0], $"{likenesses[0]}#con_2", null }));
        Assert.That(likenesses[0], Has.Length.EqualTo(64));
        Assert.That(await Keys("SELECT reference_key FROM contract_payments ORDER BY id"), Is.EqualTo(new[] { "same", "same#pay_2" }));
        Assert.That(await Keys("SELECT person_key FROM contract_hands WHERE contract_id = 'con_1' AND side = 'party'"), Is.EqualTo(new[] { "lilei" }), "who acted for a party is of its side");
        Assert.That(await Keys("SELECT person_key FROM contract_hands WHERE contract_id = 'con_1' AND side = 'office'"), Is.EqualTo(new[] { "registrar" }));
        Assert.That(await Keys("SELECT fund_id FROM open_fund_policies"), Is.EqualTo(new[] { "fnd_1" }));
        Assert.That(await Keys("SELECT DISTINCT person FROM api_keys WHERE person_key = 'lilei'"), Is.EqualTo(new[] { "LI LEI" }), "one spelling a person");

        // The enterprise's key of before has lost its official role, and works.
        using var caller = market.Client(key);
        Assert.That((await caller.GetJson("contracts?limit=10")).GetProperty("data").GetArrayLength(), Is.EqualTo(3), "as the buyer");
        await caller.PostJson("contracts/con_1/refuse", new { reason = "否" }).AssertProblem(404, "not-found");

        async Task<List<string?>> Keys(string sql)
        {
            await using var connection = await empty.Open();
            return [.. await Dapper.SqlMapper.QueryAsync<string?>(connection, sql)];
        }
    }

    static async Task Fill(Session session, string key)
    {
        foreach (var (id, kind) in new[] { ("pty_buyer", "enterprise"), ("pty_seller", "university"), ("pty_office", "government") })
        {
            await session.Execute(
                "INSERT INTO parties (id, kind, name, region, content, version, created_at, updated_at) VALUES (@id, @kind, @id, '630100', @content, 1, @Then, @Then)",
                new { id, kind, content = $$"""{"kind":"{{kind}}","name":"{{id}}","region":"630100"}""", Then });
        }

        foreach (var (id, person, hash) in new[] { ("key_1", "Li Lei", "a"), ("key_2", "LI LEI", KeyText.Hash(key)) })
        {
            await session.Execute(
                "INSERT INTO api_keys (id, party_id, person, roles, key_hash, created_at) VALUES (@id, 'pty_buyer', @person, 'member registrar', @hash, @Then)",
                new { id, person, hash, Then });
        }

        foreach (var (id, project, number) in new[] { ("con_1", "光伏P1", "N-1"), ("con_2", " 光伏 p1", "n-1"), ("con_3", null, null) })
        {
            var isOn = number is not null;
            await session.Execute(
                """
                INSERT INTO contracts (id, state, life, recognition_state, version, terms_version, owner_id, kind, buyer_id, seller_id, project, content, total_fen,
                    technology_fen, received_fen, buyer_signed_terms, seller_signed_terms, buyer_signed_by, seller_signed_by, buyer_signed_at, seller_signed_at, registration_number, recognised_on, recognised_kind, recognised_fen,
                    recognised_terms, created_at, updated_at)
                VALUES (@id, @state, 'signed', @recognition, 2, 1, 'pty_buyer', 'service', 'pty_buyer', 'pty_seller', @project, @content, 100, 100, 0, 1, 1, 'Li Lei', 'Han', @Then, @Then, @number, @day, @kind,
                    @fen, @terms, @Then, @Then)
                """,
                new
                {
                    id, state = isOn ? "recognised" : "signed", recognition = isOn ? "recognised" : "none", project, number, Then,
                    content = Json.Write(new { kind = "service", title = "合同", buyer = "pty_buyer", seller = "pty_seller", amount = 1, project }),
                    day = isOn ? new DateOnly(2026, 1, 1) : (DateOnly?)null, kind = isOn ? "service" : null, fen = isOn ? 100 : (long?)null, terms = isOn ? 1 : (int?)null,
                });
        }

        foreach (var (version, step, party, person) in new[] { (1, "create", "pty_buyer", "Li Lei"), (2, "recognise", "pty_office", "Registrar"), (3, "dispute", "pty_office", "li lei") })
        {
            await session.Execute(
                """
                INSERT INTO contract_steps (contract_id, version, step, life, recognition_state, terms_version, party_id, person, content, occurred_at)
                VALUES ('con_1', @version, @step, 'signed', 'recognised', 1, @party, @person, '{}', @Then)
                """,
                new { version, step, party, person, Then });
        }

        foreach (var (id, reference) in new[] { ("pay_1", "SAME"), ("pay_2", "same") })
        {
            await session.Execute(
                """
                INSERT INTO contract_payments (id, contract_id, state, version, amount_fen, paid_on, reference, party_id, recorded_by, created_at, updated_at)
                VALUES (@id, 'con_1', 'recorded', 1, 10, @day, @reference, 'pty_buyer', 'Li Lei', @Then, @Then)
                """,
                new { id, reference, day = new DateOnly(2026, 1, 1), Then });
        }

        foreach (var id in new[] { "fnd_1", "fnd_2" })
        {
            await session.Execute(
                """
                INSERT INTO funds (id, state, version, region, fund_year, content, appropriation_fen, available_fen, reserved_fen, in_flight_fen, paid_fen, returned_fen,
                    last_entry, last_hash, created_at, updated_at)
                VALUES (@id, 'open', 1, '630100', 2026, @content, 0, 0, 0, 0, 0, 0, 0, '', @Then, @Then)
                """,
                new { id, Then, content = """{"name":"a","region":"630100","year":2026,"appropriation":0,"policies":["xining-2020"]}""" });
        }
    }
}
