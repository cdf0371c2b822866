using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Contracts;

/// <summary>A contract from before it had two axes gets those that its state, signatures and recognition amount to.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ContractMigrationTests(Database database)
{
    /// <summary>A contract as it was stored: its number is there where it was recognised, on these terms.</summary>
    sealed record Before(string State, int Terms, int? Buyer, int? Seller, int? Recognised);

    static readonly (Before Before, string Life, string Recognition)[] Cases =
    [
        (new("draft", 1, null, null, null), "draft", "none"),
        (new("draft", 1, 1, null, null), "signing", "none"),
        (new("signed", 1, 1, 1, null), "signed", "none"),
        (new("signed", 2, 2, 2, 1), "signed", "lapsed"),
        (new("submitted", 1, 1, 1, null), "signed", "submitted"),
        (new("supplement", 2, 2, 2, 1), "signed", "supplement"),
        (new("refused", 1, 1, 1, null), "signed", "refused"),
        (new("recognised", 1, 1, 1, 1), "signed", "recognised"),
        // What both had signed before is not on record: the terms stay as they are, and are not recognised.
        (new("amending", 2, 1, 1, null), "signed", "none"),
        (new("amending", 2, 2, 1, 1), "signed", "lapsed"),
        (new("completed", 1, 1, 1, null), "performed", "none"),
        (new("completed", 1, 1, 1, 1), "performed", "recognised"),
        (new("terminated", 1, 1, null, null), "abandoned", "none"),
        (new("terminated", 1, 1, 1, null), "terminated", "none"),
        (new("terminated", 1, 1, 1, 1), "terminated", "recognised"),
        (new("deregistered", 1, 1, 1, 1), "signed", "deregistered"),
        (new("deregistered", 2, 2, 1, 1), "signed", "deregistered"),
    ];

    [Test]
    public async Task Every_state_of_before_is_the_same_state_on_two_axes_and_its_amounts_are_kept()
    {
        await using var empty = await database.Create();
        await using var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System, [.. Migrator.Scripts(database.Name).TakeWhile(script => script.Change != "0006_contracts")]);
        await db.Write(async session =>
        {
            foreach (var id in new[] { "pty_buyer", "pty_seller" })
            {
                await session.Execute(
                    "INSERT INTO parties (id, kind, name, region, content, version, created_at, updated_at) VALUES (@id, 'enterprise', @id, '630100', '{}', 1, @now, @now)",
                    new { id, now = DateTimeOffset.UnixEpoch });
            }

            for (var i = 0; i < Cases.Length; i++)
            {
                var (before, _, _) = Cases[i];
                await session.Execute(
                    """
                    INSERT INTO contracts (id, state, version, terms_version, owner_id, kind, buyer_id, seller_id, content, buyer_signed_terms, seller_signed_terms,
                        registration_number, recognised_on, recognised_kind, recognised_fen, recognised_terms, created_at, updated_at)
                    VALUES (@id, @State, 1, @Terms, 'pty_buyer', 'service', 'pty_buyer', 'pty_seller', @content, @Buyer, @Seller, @number, @day, @kind, @fen, @Recognised, @now, @now)
                    """,
                    new
                    {
                        id = $"con_{i}", before.State, before.Terms, before.Buyer, before.Seller, before.Recognised, number = before.Recognised is null ? null : $"N-{i}",
                        day = before.Recognised is null ? (DateOnly?)null : new DateOnly(2026, 1, 1), kind = before.Recognised is null ? null : "service",
                        fen = before.Recognised is null ? (long?)null : 25, now = DateTimeOffset.UnixEpoch,
                        content = i % 2 == 0 ? """{"kind":"service","title":"a","amount":90071992547.01,"technologyAmount":0.29}""" : """{"kind":"service","title":"a","amount":1000000}""",
                    });
            }
        });

        await Migrator.Run(db, TimeProvider.System);
        for (var i = 0; i < Cases.Length; i++)
        {
            var (before, life, recognition) = Cases[i];
            var row = (await db.Read(session => ContractSql.Get(session, $"con_{i}")))!;
            var (total, technology) = i % 2 == 0 ? (9007199254701, 29) : (100000000, 100000000);
            Assert.That((row.Life, row.Recognition, row.State), Is.EqualTo((life, recognition, before.State == "amending" ? "signed" : before.State)), $"{before}");
            Assert.That((row.TotalFen, row.TechnologyFen, row.ReceivedFen), Is.EqualTo((total, before.Recognised == before.Terms ? 25 : technology, 0L)), $"{before}");
        }
    }
}
