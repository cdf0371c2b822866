using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Listings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Listings;

/// <summary>Modes of cooperation that were stored by their places in a list are found by their names.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ModeMigrationTests(Database database)
{
    /// <summary>As they stood when their places were stored.</summary>
    static readonly CooperationMode[] Places =
        [CooperationMode.Development, CooperationMode.Transfer, CooperationMode.Licence, CooperationMode.Consulting, CooperationMode.Service, CooperationMode.Equity];

    [Test]
    public async Task Every_set_of_modes_of_before_is_stored_as_the_program_stores_it_now()
    {
        await using var empty = await database.Create();
        await using var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System, [.. Migrator.Scripts(database.Name).TakeWhile(script => script.Change != "0016_mode_codes")]);
        await db.Write(async session =>
        {
            await session.Execute(
                "INSERT INTO parties (id, kind, name, region, content, version, created_at, updated_at) VALUES ('pty_a', 'enterprise', 'a', '630100', '{}', 1, @now, @now)",
                new { now = DateTimeOffset.UnixEpoch });
            for (var bits = 0; bits < 64; bits++)
            {
                await session.Execute(
                    """
                    INSERT INTO listings (id, kind, owner_id, state, version, field, region, modes, content, created_at, updated_at)
                    VALUES (@id, 'demand', 'pty_a', 'published', 1, 'newMaterials', '630100', @bits, '{}', @now, @now)
                    """,
                    new { id = $"dem_{bits:d2}", bits, now = DateTimeOffset.UnixEpoch });
            }
        });
        await Migrator.Run(db, TimeProvider.System);

        for (var bits = 0; bits < 64; bits++)
        {
            CooperationMode[] modes = [.. Places.Where((_, place) => (bits & (1 << place)) != 0)];
            var content = new DemandContent { Title = "a", Description = "a", Field = TechnologyField.NewMaterials, Modes = modes };
            var row = (await db.Read(session => ListingSql.Get(session, $"dem_{bits:d2}")))!;
            Assert.That(row.Modes, Is.EqualTo(DemandListings.Kind.Fill(row, content, "630100").Modes));
        }

        foreach (var (mode, place) in Places.Select((mode, place) => (mode, place)))
        {
            var found = await db.Read(session => ListingSql.List(session, DemandListings.Kind, new() { Mode = mode }, Marketplace.Api.Http.Caller.Anonymous, new(2026, 1, 1), after: null, take: 100));
            Assert.That(found.Select(row => int.Parse(row.Id[4..], System.Globalization.CultureInfo.InvariantCulture)), Is.EquivalentTo(Enumerable.Range(0, 64).Where(bits => (bits & (1 << place)) != 0)));
        }
    }
}
