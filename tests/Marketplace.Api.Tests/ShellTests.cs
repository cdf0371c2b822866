using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Marketplace.Api.Data;
using Marketplace.Api.Integrity;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Tests;

/// <summary>What is typed after the program's name, in a process of its own: one line says what is wrong, and the exit code that something is.</summary>
public sealed class ShellTests
{
    [TestCase("frobnicate")]
    [TestCase("backups", "x.db")]
    [TestCase("--verbose")]
    [TestCase("--Urls=http://127.0.0.1:0", "start")]
    public async Task What_is_not_understood_starts_no_market(params string[] words)
    {
        var (code, output, errors) = await Type(words);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(errors, Is.EqualTo($"'{words.Last(word => !word.Contains('=', StringComparison.Ordinal) && word != "x.db")}' is not understood; 'help' lists what is.\n"));
    }

    [TestCase("help")]
    [TestCase("--help")]
    [TestCase("import", "--help")]
    public async Task Help_names_every_command(params string[] words)
    {
        var (code, output, errors) = await Type(words);
        Assert.That((code, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("import demands|achievements|parties FILE").And.Contain("backup FILE").And.Contain("verify").And.Contain("policies check").And.Contain("备份"));
    }

    [Test]
    public async Task The_version_is_one_line()
    {
        var (code, output, _) = await Type("--version");
        Assert.That((code, output), Is.EqualTo((0, Shell.Version + "\n")));
    }

    [Test]
    public async Task An_address_that_is_in_use_is_told_in_one_line()
    {
        await using var database = await Databases.Sqlite.Create();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var (code, _, errors) = await Type($"--Urls={address}", $"--ConnectionStrings:Marketplace={database.ConnectionString}");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(address).And.Contain("in use").And.Match(@"^[^\n]+\n$"));
    }

    [TestCase("")]
    [TestCase("a", "b")]
    [TestCase("--Urls=x")]
    public async Task A_backup_needs_one_file(params string[] words)
    {
        using StringWriter output = new(), errors = new();
        Assert.That(await BackupCommand.Run([.. words.Where(word => word.Length > 0)], _ => throw new InvalidOperationException(), output, errors), Is.EqualTo(2));
        Assert.That(errors.ToString(), Does.StartWith("Usage: backup FILE"));
    }

    static async Task<(int Code, string Output, string Errors)> Type(params string[] words)
    {
        var assembly = typeof(Settings).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [assembly, .. words])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        })!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await errors).ReplaceLineEndings("\n"));
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new AssertionException($"It did not end: {string.Join(' ', words)}");
        }
    }
}

/// <summary><c>backup</c>: a whole and verified copy of a market that is in use, and nothing in anybody's place.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class BackupTests(Database database)
{
    [Test]
    public async Task A_copy_made_while_the_market_is_written_to_holds_all_that_was_answered_before_it_began()
    {
        await using var market = await Market.Apart(database);
        using StringWriter output = new();
        var file = Path.Combine(Directory.CreateTempSubdirectory("marketplace-").FullName, "copy.db");
        using var dialect = Dialect.For(database.Name, market.Database.ConnectionString);
        if (database != Databases.Sqlite)
        {
            var refused = Assert.ThrowsAsync<StartupException>(() => BackupCommand.Run(dialect, file, output))!.Message;
            Assert.That(refused, Does.Contain(database == Databases.PostgreSql ? "pg_dump" : "BACKUP DATABASE").And.Not.Contain("\n"));
            return;
        }

        var party = await market.Party();
        await market.OpenFund(1_000_000, "630102");
        using var done = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await party.Client.PostJson("demands", Market.DemandBody()).Json(201);
            }
        });
        for (var round = 0; round < 5; round++)
        {
            var before = (await party.Client.PostJson("demands", Market.DemandBody()).Json(201)).Text("id");
            Assert.That(await BackupCommand.Run(dialect, $"{file}{round}", output), Is.Zero, output.ToString());
            await using var copy = new SqliteConnection($"Data Source={file}{round};Pooling=false");
            await copy.OpenAsync();
            Assert.That(await Dapper.SqlMapper.ExecuteScalarAsync<int>(copy, "SELECT COUNT(*) FROM listings WHERE id = @before", new { before }), Is.EqualTo(1));
            Assert.That(await Dapper.SqlMapper.ExecuteScalarAsync<string>(copy, "PRAGMA journal_mode"), Is.EqualTo("delete"), "one file");
        }

        await done.CancelAsync();
        await writing;
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(file)!), Has.Length.EqualTo(5));

        // A market starts on it as it is.
        await using var restored = Market.Apart(new EmptyDatabase(database, "copy", $"Data Source={file}4", () => Task.CompletedTask));
        await restored.Admin.GetJson($"parties/{party.Id}");
    }

    [Test]
    public async Task What_lies_at_the_path_is_never_overwritten_and_a_record_that_was_altered_is_named()
    {
        if (database != Databases.Sqlite)
        {
            Assert.Ignore("The servers have tools of their own.");
        }

        await using var market = await Market.Apart(database);
        market.HasFalseBooks = true;
        await market.Party();
        await market.LiftTriggers();
        await market.Database.Execute("UPDATE events SET actor = 'nobody' WHERE sequence = 2");
        using var dialect = Dialect.For(database.Name, market.Database.ConnectionString);
        var folder = Directory.CreateTempSubdirectory("marketplace-").FullName;
        var file = Path.Combine(folder, "copy.db");
        using StringWriter output = new();
        Assert.That(await BackupCommand.Run(dialect, file, output), Is.EqualTo(1));
        Assert.That(output.ToString(), Does.Match("events evt_[0-9a-z]+ 有误 / wrong"));
        var (length, lines) = (new FileInfo(file).Length, Assert.ThrowsAsync<StartupException>(() => BackupCommand.Run(dialect, file, output))!.Message);
        Assert.That(lines, Does.Contain(file).And.Contain("overwritten"));
        Assert.That((new FileInfo(file).Length, Directory.GetFiles(folder).Length), Is.EqualTo((length, 1)));
    }
}

/// <summary>The address that the start prints is a page for people.</summary>
public sealed class HomePageTests
{
    [TestCase("zh-CN", "科技大市场")]
    [TestCase("en", "Technology market")]
    public async Task The_root_answers_a_page_in_the_readers_language_first_with_links_that_all_answer(string language, string title)
    {
        var market = Market.On(Databases.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Accept-Language", language);
        using var client = market.Client(null);
        client.DefaultRequestHeaders.AcceptLanguage.Clear();
        using var response = await client.SendAsync(request);
        var page = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), page);
        Assert.That(page, Does.Match($"<section lang=\"{language}\"><h1>{title}</h1>"));
        Assert.That(page.IndexOf($"<h1>{title}", StringComparison.Ordinal), Is.EqualTo(page.IndexOf("<h1>", StringComparison.Ordinal)));
        var links = System.Text.RegularExpressions.Regex.Matches(page, "href=\"([^\"]+)\"").Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.That(links, Is.SupersetOf(new[] { "/swagger", "/api/v1/policies", "/api/v1/subsidies", "/health/ready" }));
        foreach (var link in links)
        {
            using var linked = await market.Anonymous.GetAsync(link);
            Assert.That((int)linked.StatusCode, Is.EqualTo(200).Or.EqualTo(301).Or.EqualTo(302), link);
        }
    }

    [Test]
    public async Task HEAD_is_answered_alike()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/");
        using var response = await Market.On(Databases.Sqlite).Anonymous.SendAsync(request);
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.OK, "text/html")));
    }
}
