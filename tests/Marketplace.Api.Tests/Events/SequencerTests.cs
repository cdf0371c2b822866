using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Events;

[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class SequencerTests(Database database)
{
    [Test]
    public async Task With_nothing_to_number_nothing_is_committed_that_would_wake_the_sequencer_again()
    {
        await using var empty = await database.Create();
        await using var db = new Db(Dialect.For(database.Name, empty.ConnectionString), NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System);
        var next = db.Writer.NextCommit;
        Assert.That(await Sequencer.NumberSome(db), Is.Zero);
        Assert.That(next.IsCompleted, Is.False);
    }
}
