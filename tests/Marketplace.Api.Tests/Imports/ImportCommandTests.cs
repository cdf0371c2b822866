using Marketplace.Api.Imports;

namespace Marketplace.Api.Tests.Imports;

/// <summary>The import from a shell, beside a running server.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class ImportCommandTests(Database database)
{
    readonly Market market = Market.On(database);
    readonly string folder = Directory.CreateTempSubdirectory("import-").FullName;

    [OneTimeTearDown]
    public void Remove_the_files() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Rejected_lines_are_listed_and_the_rest_is_published()
    {
        var owner = await market.Party("university");
        var file = await Saved("some.ndjson", Importing.Line("a") + Importing.Line("b", new { trl = 10 }) + Importing.Line("c"));
        var (code, output, progress) = await Run("achievements", file, "--owner", owner.Id, "--publish");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output.Trim(), Does.StartWith("2 b: /trl out-of-range").And.Not.Contain("\n"));
        Assert.That(progress, Does.Contain("3 lines").And.Contain("2 created").And.Contain("1 rejected").And.Contain("2 published"));
        Assert.That((await market.Anonymous.GetJson($"achievements?owner={owner.Id}")).Ids(), Has.Length.EqualTo(2));
        (code, output, _) = await Run("achievements", await Saved("good.ndjson", Importing.Line("a")), "--owner", owner.Id);
        Assert.That((code, output), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task A_terminal_is_shown_a_bar()
    {
        var owner = await market.Party("university");
        var file = await Saved("bar.csv", "externalId,title,summary,field\na,泵,耐腐蚀泵,advancedManufacturing\n");
        var command = new ImportCommand(["achievements", file, "--owner", owner.Id]);
        using var errors = new StringWriter();
        Assert.That(await command.Run(market.Services, TextWriter.Null, errors, onTerminal: true), Is.Zero);
        Assert.That(errors.ToString(), Does.StartWith("\r").And.Contain("1 created"));
    }

    [Test]
    public async Task What_cannot_run_says_why_in_one_line()
    {
        var file = await Saved("one.ndjson", Importing.Line("a"));
        (string[] Arguments, string Reason)[] wrong =
        [
            ([], "Usage"), (["achievements"], "Usage"), (["contracts", file], "'contracts'"), (["achievements", "missing.ndjson"], "missing.ndjson"),
            (["achievements", file, "--publsh"], "--publsh"), (["parties", file, "--publish"], "Parties"),
        ];
        foreach (var (arguments, reason) in wrong)
        {
            var refused = Assert.Throws<StartupException>(() => _ = new ImportCommand(arguments))!;
            Assert.That(refused.Message, Does.Contain(reason).And.Not.Contain("\n"));
        }

        var unknown = Assert.ThrowsAsync<StartupException>(() => Run("achievements", file, "--owner", "pty_00000000000000000000000000"))!;
        Assert.That(unknown.Message, Does.Contain("no party").And.Not.Contain("\n"));
    }

    [Test]
    public async Task The_only_party_that_may_own_is_the_owner()
    {
        await using var own = await Market.Apart(database);
        var file = await Saved("only.ndjson", Importing.Line("a"));
        Assert.That((await None()).Message, Does.Contain("No party"));
        var university = await own.Party("university");
        Assert.That(await new ImportCommand(["achievements", file]).Run(own.Services, TextWriter.Null, TextWriter.Null, onTerminal: false), Is.Zero);
        Assert.That((await university.Client.GetJson($"achievements?owner={university.Id}")).Ids(), Has.Length.EqualTo(1));
        await own.Party("institute");
        Assert.That((await None()).Message, Does.Contain("--owner"));

        async Task<StartupException> None()
        {
            await Task.Yield();
            return Assert.ThrowsAsync<StartupException>(() => new ImportCommand(["achievements", file]).Run(own.Services, TextWriter.Null, TextWriter.Null, onTerminal: false))!;
        }
    }

    [Test]
    public async Task A_server_that_writes_to_the_same_database_is_not_kept_waiting()
    {
        // The server waits less than its usual patience, so that few rounds tell.
        var empty = await database.Create();
        await using var own = Market.Apart(new EmptyDatabase(database, empty.Name, database == Databases.Sqlite ? empty.ConnectionString + ";Default Timeout=2" : empty.ConnectionString,
            () => empty.DisposeAsync().AsTask()));
        var (owner, enterprise) = (await own.Party("university"), await own.Party());
        await using var beside = Market.Apart(new EmptyDatabase(database, empty.Name, empty.ConnectionString, () => Task.CompletedTask));
        var file = await Saved("long.ndjson", string.Concat(Enumerable.Range(0, 2500).Select(line => Importing.Line($"line-{line}"))));
        var import = Task.Run(() => new ImportCommand(["achievements", file, "--owner", owner.Id, "--publish"]).Run(beside.Services, TextWriter.Null, TextWriter.Null, onTerminal: false));
        var written = 0;
        while (!import.IsCompleted)
        {
            await enterprise.Client.PostJson("demands", Market.DemandBody()).Json(201);
            written++;
        }

        Assert.That(await import, Is.Zero);
        Assert.That(written, Is.Positive);
    }

    [Test]
    public void Settings_of_the_program_may_follow() =>
        Assert.That(new ImportCommand(["parties", typeof(Market).Assembly.Location, "--Marketplace:Database=sqlite"]).Settings, Does.Contain("--Marketplace:Database=sqlite"));

    async Task<string> Saved(string name, string text)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    async Task<(int Code, string Output, string Progress)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await new ImportCommand(arguments).Run(market.Services, output, errors, onTerminal: false);
        return (code, output.ToString(), errors.ToString());
    }
}
