using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Marketplace.Api.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Data;

/// <summary>The embedded database's one writer: nothing is answered before it is durable, and nobody pays for another's failure.</summary>
public sealed class WriterTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    EmptyDatabase empty = null!;
    Db db = null!;

    [SetUp]
    public async Task Table_of_notes()
    {
        empty = await Databases.Sqlite.Create();
        db = new(new SqliteDialect(empty.ConnectionString + ";Default Timeout=1"), NullLoggerFactory.Instance);
        await using var connection = await empty.Open();
        SqliteDialect.Harden((SqliteConnection)connection);
        await connection.ExecuteAsync("CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, text_of TEXT)");
    }

    [TearDown]
    public async Task Drop()
    {
        await db.DisposeAsync();
        await empty.DisposeAsync();
    }

    [Test]
    public async Task The_connection_that_writes_syncs_fully_into_a_write_ahead_log_and_keeps_foreign_keys()
    {
        DbConnection? writing = null;
        await using var session = new Session(db);
        await db.Writer.Run(session, async () =>
        {
            writing = session.Lent!;
            Assert.That(await writing.ExecuteScalarAsync<int>("PRAGMA synchronous"), Is.EqualTo(2), "FULL");
            Assert.That(await writing.ExecuteScalarAsync<int>("PRAGMA foreign_keys"), Is.EqualTo(1));
            return false;
        });
        Assert.That(writing, Is.Not.Null);
        Assert.That(await empty.Scalar<string>("PRAGMA journal_mode"), Is.EqualTo("wal"));
    }

    [Test]
    public async Task A_database_that_cannot_be_hardened_is_an_answer_and_not_the_end_of_the_process()
    {
        // SQLite keeps a database in memory out of the write-ahead log.
        await using var memory = new Db(new SqliteDialect("Data Source=notes;Mode=Memory;Cache=Shared"), NullLoggerFactory.Instance);
        Assert.ThrowsAsync<InvalidOperationException>(() => memory.Write(session => session.Execute("DELETE FROM notes")).WaitAsync(Patience));
    }

    [Test]
    public async Task Units_that_wait_for_one_another_share_a_commit_and_alone_each_has_its_own()
    {
        await Note(0);
        var before = Commits();
        for (var i = 0; i < 8; i++)
        {
            await Note(1000 + i);
        }

        Assert.That(Commits() - before, Is.EqualTo(8), "the count sees commits");

        before = Commits();
        using var gate = new ManualResetEventSlim();
        var first = Elsewhere(session =>
        {
            gate.Wait();
            return Insert(session, 100);
        });
        var rest = Enumerable.Range(1, 64).Select(Note).ToList();
        gate.Set();
        await Task.WhenAll(rest.Append(first));
        Assert.That(await Count(), Is.EqualTo(1 + 8 + 65));
        // Its own, and one for all that came while it ran.
        Assert.That(Commits() - before, Is.EqualTo(2));
    }

    [Test]
    public async Task Who_writes_alone_does_it_where_he_is()
    {
        await Note(0);
        var written = 0;
        await Eventually.Holds(async () =>
        {
            var (own, where) = (Environment.CurrentManagedThreadId, 0);
            var unit = db.Write(session =>
            {
                where = Environment.CurrentManagedThreadId;
                return Insert(session, ++written);
            });
            var isHere = where == own;
            await unit;
            return isHere;
        }, "the writer's thread has given up its turn after the first unit");
        Assert.That(await Ids(), Is.EqualTo(Enumerable.Range(0, 1 + written)));
    }

    [Test]
    public async Task A_unit_alone_that_throws_or_refuses_leaves_nothing_and_the_next_one_all_of_its_own()
    {
        for (var round = 0; round < 10; round++)
        {
            Assert.ThrowsAsync<FormatException>(() => db.Write(async session =>
            {
                await Insert(session, 100);
                throw new FormatException();
            }).WaitAsync(Patience));
            await Refuse(200).WaitAsync(Patience);
            await Note(round);
        }

        Assert.That(await Ids(), Is.EqualTo(Enumerable.Range(0, 10)));
    }

    [Test]
    public async Task A_unit_that_throws_or_refuses_leaves_nothing_and_the_others_of_its_batch_everything()
    {
        using var gate = new ManualResetEventSlim();
        var first = Elsewhere(session =>
        {
            gate.Wait();
            return Insert(session, 0);
        });
        var throwing = Enumerable.Range(100, 10).Select(i => db.Write(async session =>
        {
            await Insert(session, i);
            throw new FormatException($"{i}");
        })).ToList();
        var duplicate = db.Write(async session =>
        {
            await Insert(session, 200);
            await Insert(session, 0);
        });
        var refusing = Refuse(300);
        var keeping = Enumerable.Range(1, 10).Select(Note).ToList();
        gate.Set();

        foreach (var unit in throwing)
        {
            Assert.ThrowsAsync<FormatException>(() => unit.WaitAsync(Patience));
        }

        var error = Assert.ThrowsAsync<SqliteException>(() => duplicate.WaitAsync(Patience));
        Assert.That(db.Dialect.IsDuplicate(error!), Is.True);
        await refusing.WaitAsync(Patience);
        await Task.WhenAll(keeping.Append(first)).WaitAsync(Patience);
        Assert.That(await Ids(), Is.EqualTo(Enumerable.Range(0, 11)));
    }

    [Test]
    public async Task A_savepoint_inside_a_unit_undoes_what_came_after_it_and_nothing_else()
    {
        await db.Write(async session =>
        {
            await Insert(session, 1);
            await session.Savepoint("handler");
            await Insert(session, 2);
            Assert.That(await session.TryInsert("INSERT INTO notes (id) VALUES (@id)", new { id = 1 }), Is.False);
            await session.RollbackTo("handler");
            await Insert(session, 3);
        });
        Assert.That(await Ids(), Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public async Task Each_unit_is_answered_once_another_connection_can_see_its_rows()
    {
        var unseen = new ConcurrentBag<int>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            await Note(i);
            if (await db.Read(session => session.Single<int>("SELECT COUNT(*) FROM notes WHERE id = @i", new { i })) != 1)
            {
                unseen.Add(i);
            }
        })));
        Assert.That(unseen, Is.Empty);
    }

    [Test]
    public async Task Readers_go_on_while_a_unit_is_open_and_do_not_see_what_it_has_not_committed()
    {
        await Note(1);
        using var written = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var open = Elsewhere(async session =>
        {
            await Insert(session, 2);
            written.Set();
            gate.Wait();
        });
        Assert.That(written.Wait(Patience), Is.True);
        try
        {
            Assert.That(await Task.Run(Ids).WaitAsync(Patience), Is.EqualTo(new[] { 1 }));
        }
        finally
        {
            gate.Set();
        }

        await open;
        Assert.That(await Ids(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task When_the_engine_gives_the_transaction_up_every_unit_of_the_batch_is_told_and_the_next_one_succeeds()
    {
        using var gate = new ManualResetEventSlim();
        var first = Elsewhere(session =>
        {
            gate.Wait();
            return Insert(session, 1);
        });
        var second = Note(2);
        // What SQLite does by itself when the disk is full or cannot be written.
        var failing = db.Write(session =>
        {
            session.Lent!.Execute("ROLLBACK");
            throw new SqliteException("disk I/O error", 10);
        });
        var later = Note(4);
        gate.Set();

        await first.WaitAsync(Patience);
        foreach (var unit in new Task[] { second, failing })
        {
            var error = Assert.ThrowsAsync<SqliteException>(() => unit.WaitAsync(Patience));
            Assert.That(db.Dialect.IsUnavailable(error!), Is.True, error!.Message);
        }

        // In the lost batch, or after it: answered truly either way.
        var kept = await later.WaitAsync(Patience).ContinueWith(unit => unit.IsCompletedSuccessfully);
        Assert.That(await Ids(), Is.EqualTo(kept ? new[] { 1, 4 } : [1]));
        await Note(5).WaitAsync(Patience);
    }

    [Test]
    public async Task A_full_disk_is_told_to_those_whose_rows_do_not_fit_and_forgotten_when_there_is_room()
    {
        await Note(1);
        using var gate = new ManualResetEventSlim();
        var full = Elsewhere(session =>
        {
            // The limit is the connection's own, and what is there already is the least it can be.
            session.Lent!.Execute("PRAGMA max_page_count = 1");
            gate.Wait();
            return Task.CompletedTask;
        });
        var large = new string('x', 200_000);
        var tooLarge = db.Write(session => session.Execute("INSERT INTO notes (id, text_of) VALUES (2, @large)", new { large }));
        var neighbours = new[] { full, Note(3), Note(4) };
        gate.Set();

        var error = Assert.ThrowsAsync<SqliteException>(() => tooLarge.WaitAsync(Patience));
        Assert.That(error!.SqliteErrorCode, Is.EqualTo(13), error.Message);
        Assert.That(db.Dialect.IsUnavailable(error), Is.True);
        var kept = new List<int> { 1 };
        for (var i = 1; i < neighbours.Length; i++)
        {
            if (await neighbours[i].WaitAsync(Patience).ContinueWith(unit => unit.IsCompletedSuccessfully))
            {
                kept.Add(i + 2);
            }
        }

        Assert.That(await Ids(), Is.EqualTo(kept), "its neighbours were told the truth");
        await db.Write(session => session.Lent!.ExecuteAsync("PRAGMA max_page_count = 1000000")).WaitAsync(Patience);
        await Note(5).WaitAsync(Patience);
    }

    [Test]
    public async Task While_another_process_holds_the_lock_everybody_is_told_to_come_back_and_afterwards_it_works()
    {
        await Note(0);
        await using (var other = (SqliteConnection)await empty.Open())
        {
            await other.ExecuteAsync( "BEGIN IMMEDIATE");
            // All wait at once: were each to wait in turn, the last would get no answer within anybody's patience.
            var waiting = Enumerable.Range(1, 64).Select(Note).ToList();
            foreach (var unit in waiting)
            {
                var error = Assert.ThrowsAsync<SqliteException>(() => unit.WaitAsync(Patience));
                Assert.That(db.Dialect.IsUnavailable(error!), Is.True, error!.Message);
            }

            await other.ExecuteAsync( "ROLLBACK");
        }

        await Note(100).WaitAsync(Patience);
        Assert.That(await Ids(), Is.EqualTo(new[] { 0, 100 }));
    }

    [Test]
    public async Task Over_HTTP_a_held_lock_is_a_503_for_those_who_write_and_nothing_to_those_who_read()
    {
        var file = await Databases.Sqlite.Create();
        await using var market = Market.Apart(new(file.Database, file.Name, file.ConnectionString + ";Default Timeout=1", () => file.DisposeAsync().AsTask()));
        var party = await market.Party();
        await using (var other = await file.Open())
        {
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            var sent = await party.Client.PostJson("demands", Market.DemandBody());
            await Task.FromResult(sent).AssertProblem(503, "database-unavailable");
            Assert.That(sent.Headers.RetryAfter?.Delta, Is.Not.Null.And.GreaterThan(TimeSpan.Zero));
            await party.Client.GetJson("demands");
            await other.ExecuteAsync("ROLLBACK");
        }

        await party.Client.PostJson("demands", Market.DemandBody()).Json(201);
    }

    /// <summary>Begins a unit that waits for the test, which therefore cannot be the one to run it; returns once it is begun.</summary>
    Task Elsewhere(Func<Session, Task> write)
    {
        var begun = new TaskCompletionSource();
        var unit = Task.Run(() => db.Write(session =>
        {
            begun.SetResult();
            return write(session);
        }));
        Assert.That(begun.Task.Wait(Patience), Is.True);
        return unit;
    }

    Task Note(int id) => db.Write(session => Insert(session, id));

    async Task Refuse(int id)
    {
        await using var session = new Session(db);
        await db.Writer.Run(session, async () =>
        {
            await Insert(session, id);
            return false;
        });
    }

    static Task<int> Insert(Session session, int id) => session.Execute("INSERT INTO notes (id) VALUES (@id)", new { id });

    Task<List<int>> Ids() => db.Read(session => session.List<int>("SELECT id FROM notes ORDER BY id"));

    Task<int> Count() => db.Read(session => session.Single<int>("SELECT COUNT(*) FROM notes"));

    /// <summary>Counted in the log itself: a frame that ends a commit carries the size of the database, any other 0 (fileformat2, 4.1).</summary>
    int Commits()
    {
        using var file = new FileStream(
            new SqliteConnectionStringBuilder(empty.ConnectionString).DataSource + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var log = new byte[file.Length];
        file.ReadExactly(log);
        var page = BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8));
        var commits = 0;
        for (var frame = 32; frame + 24 + page <= log.Length; frame += 24 + page)
        {
            commits += BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(frame + 4)) == 0 ? 0 : 1;
        }

        return commits;
    }
}
