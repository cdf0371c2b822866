using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>A contract that was being amended stands as it did before, with an open amendment beside the last terms that both had signed.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class AmendmentMigrationTests(Database database)
{
    static readonly DateTimeOffset Signed = new(2026, 3, 1, 17, 0, 0, TimeSpan.Zero);

    static readonly ContractContent First = new()
    {
        Kind = ContractKind.Development, Title = "说\"relatedParties\":的合同", Buyer = "pty_buyer", Seller = "pty_seller", Amount = Fen.FromYuan(1_000_000), TechnologyAmount = Fen.FromYuan(900_000),
        Brokers = [new() { Party = "pty_first", Share = 100 }],
    };

    static readonly ContractContent Other = First with { Amount = Fen.FromYuan(500_000), TechnologyAmount = null, Project = "别的项目", Brokers = [new() { Party = "pty_second", Share = 100 }] };

    Db db = null!;
    EmptyDatabase empty = null!;

    [OneTimeSetUp]
    public async Task Migrate()
    {
        empty = await database.Create();
        db = new(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System, [.. Migrator.Scripts(database.Name).TakeWhile(script => string.CompareOrdinal(script.Change, "0011") < 0)]);
        await db.Write(async session =>
        {
            foreach (var id in new[] { "pty_buyer", "pty_seller", "pty_first", "pty_second", "pty_other" })
            {
                await session.Execute(
                    "INSERT INTO parties (id, kind, name, region, content, version, created_at, updated_at) VALUES (@id, 'enterprise', @id, '630100', '{}', 1, @now, @now)",
                    new { id, now = DateTimeOffset.UnixEpoch });
            }

            await Contract(session, "con_recognised", "amending", "amending", "lapsed", Other, Recognised("signed"), ["amend amending", "update amending", "sign amending"]);
            await Contract(session, "con_performed", "amending", "amending", "lapsed", First with { SignedOn = new(2026, 3, 2) }, Recognised("performed"), ["amend amending"], received: 700_000);
            await Contract(session, "con_refused", "amending", "amending", "none", Other, [.. Draft, "sign signed none", "submit signed submitted", "refuse signed refused"], ["amend amending", "update amending"]);
            await Contract(session, "con_swapped", "amending", "amending", "lapsed", Other with { Buyer = "pty_other" }, Recognised("signed"), ["amend amending", "update amending"]);
            await Contract(session, "con_terminated", "terminated", "terminated", "lapsed", Other, Recognised("signed"), ["amend amending", "update amending", "terminate terminated"]);
            await Contract(session, "con_struck", "deregistered", "amending", "deregistered", Other, Recognised("signed"), ["amend amending", "update amending", "deregister amending"]);
            await Contract(session, "con_quiet", "recognised", "signed", "recognised", First with { SignedOn = new(2026, 3, 2) }, Recognised("signed"), []);
        });
        await Migrator.Run(db, TimeProvider.System);
    }

    [OneTimeTearDown]
    public async Task Leave()
    {
        await db.DisposeAsync();
        await empty.DisposeAsync();
    }

    [TestCase("con_recognised", "recognised", "signed", "recognised")]
    [TestCase("con_performed", "completed", "performed", "recognised")]
    [TestCase("con_refused", "refused", "signed", "refused")]
    [TestCase("con_swapped", "recognised", "signed", "recognised")]
    [TestCase("con_terminated", "terminated", "terminated", "lapsed")]
    [TestCase("con_struck", "deregistered", "signed", "deregistered")]
    [TestCase("con_quiet", "recognised", "signed", "recognised")]
    public async Task It_stands_as_it_did_over_the_last_terms_that_both_had_signed(string id, string state, string life, string recognition)
    {
        var row = await Row(id);
        Assert.That((row.State, row.Life, row.Recognition, row.TermsVersion), Is.EqualTo((state, life, recognition, 1)));
        Assert.That(row.Content, Is.EqualTo(Json.Write(First with { SignedOn = new(2026, 3, 2) })), "to the byte, for its events carry its SHA-256");
        Assert.That((row.Buyer, row.Seller, row.Project, row.TotalFen, row.TechnologyFen), Is.EqualTo(("pty_buyer", "pty_seller", (string?)null, 100_000_000L, 90_000_000L)));
        Assert.That((row.BuyerSigned, row.BuyerSignedBy, row.SellerSigned, row.SellerSignedBy), Is.EqualTo((true, "person of pty_buyer", true, "person of pty_seller")));
    }

    [TestCase("con_recognised", true)]
    [TestCase("con_performed", true)]
    [TestCase("con_refused", true)]
    [TestCase("con_swapped", false, Description = "an amendment that would change a party is none")]
    [TestCase("con_terminated", false)]
    [TestCase("con_struck", false)]
    [TestCase("con_quiet", false)]
    public async Task What_was_proposed_is_open_beside_them_where_the_contract_goes_on(string id, bool isOpen)
    {
        var row = await Row(id);
        Assert.That((row.Amendment is not null, row.AmendmentBy, row.AmendmentTerms), Is.EqualTo((isOpen, isOpen ? "pty_seller" : null, isOpen ? 2 : (int?)null)));
        Assert.That(row.TermsWritten, Is.EqualTo(id == "con_quiet" ? 1 : 2));
        Assert.That(row.AmendmentSellerSignedBy is not null, Is.EqualTo(id == "con_recognised"), "a signature on it stays");
    }

    [Test]
    public async Task Brokers_are_those_of_the_terms_in_force_and_whoever_signed_or_was_named_keeps_reading()
    {
        var (brokers, readers, terms) = await db.Read(async session => (
            await session.List<string>("SELECT party_id FROM contract_brokers WHERE contract_id = 'con_recognised' ORDER BY party_id"),
            await session.List<string>("SELECT party_id FROM contract_readers WHERE contract_id = 'con_recognised' AND terms_version = 1 ORDER BY party_id"),
            await session.List<string>("SELECT content FROM contract_terms WHERE contract_id = 'con_recognised'")));
        Assert.That(brokers, Is.EqualTo(new[] { "pty_first" }));
        Assert.That(readers, Is.EqualTo(new[] { "pty_buyer", "pty_first", "pty_seller" }));
        Assert.That(terms, Is.EqualTo(new[] { Json.Write(First with { SignedOn = new(2026, 3, 2) }) }));
    }

    static string[] Draft => ["create draft none", "sign signing none"];

    static string[] Recognised(string life) =>
        [.. Draft, "sign signed none", "submit signed submitted", "recognise signed recognised", .. life == "performed" ? (string[])["complete performed recognised"] : []];

    async Task<ContractRow> Row(string id) => (await db.Read(session => ContractSql.Get(session, id)))!;

    /// <summary>A contract as it was stored, with its steps: those over the first terms, then those over the next.</summary>
    static async Task Contract(
        Session session, string id, string state, string life, string recognition, ContractContent content, string[] before, string[] after, long received = 0)
    {
        var terms = after.Length == 0 ? 1 : 2;
        var isRegistered = before.Any(step => step.StartsWith("recognise", StringComparison.Ordinal));
        var sellerSigned = after.Contains("sign amending") ? 2 : 1;
        await session.Execute(
            """
            INSERT INTO contracts (id, state, life, recognition_state, version, terms_version, owner_id, kind, buyer_id, seller_id, project, content, total_fen, technology_fen, received_fen,
                buyer_signed_terms, buyer_signed_by, buyer_signed_at, seller_signed_terms, seller_signed_by, seller_signed_at,
                registration_number, recognised_on, recognised_kind, recognised_fen, recognised_terms, created_at, updated_at)
            VALUES (@id, @state, @life, @recognition, @version, @terms, 'pty_buyer', 'development', @Buyer, @Seller, @Project, @stored, @total, @technology, @received,
                1, 'person of pty_buyer', @Signed, @sellerSigned, 'person of pty_seller', @Signed, @number, @day, @kind, @fen, @recognisedTerms, @Signed, @Signed)
            """,
            new
            {
                id, state, life, recognition, version = before.Length + after.Length, terms, content.Buyer, content.Seller, content.Project, stored = Json.Write(content),
                total = content.Amount.Value, technology = (content.TechnologyAmount ?? content.Amount).Value, received = received * 100, Signed, sellerSigned,
                number = isRegistered ? $"N-{id}" : null, day = isRegistered ? new DateOnly(2026, 3, 2) : (DateOnly?)null, kind = isRegistered ? "development" : null,
                fen = isRegistered ? 90_000_000 : (long?)null, recognisedTerms = isRegistered ? 1 : (int?)null,
            });
        foreach (var broker in content.Brokers)
        {
            await session.Execute("INSERT INTO contract_brokers (contract_id, party_id) VALUES (@id, @Party)", new { id, broker.Party });
        }

        var steps = before.Select(step => (step, 1)).Concat(after.Select(step => (step, 2))).ToList();
        for (var i = 0; i < steps.Count; i++)
        {
            var (words, number) = (steps[i].step.Split(' '), steps[i].Item2);
            await session.Execute(
                """
                INSERT INTO contract_steps (contract_id, version, step, life, recognition_state, terms_version, party_id, person, content, occurred_at)
                VALUES (@id, @version, @step, @life, @recognition, @number, @party, @person, @written, @at)
                """,
                new
                {
                    id, version = i + 1, step = words[0], life = words[1], recognition = words.Length > 2 ? words[2] : recognition, number,
                    party = i == 1 || (words[0] == "create" && number == 1) ? "pty_buyer" : "pty_seller", person = $"person of {(i < 2 ? "pty_buyer" : "pty_seller")}",
                    written = words[0] == "create" ? Json.Write(First) : words[0] == "update" ? Json.Write(content) : "{}", at = Signed.AddMinutes(i),
                });
        }
    }
}
