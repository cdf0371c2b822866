using Marketplace.Api.Policies;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Tests.Policies;

/// <summary>Documents that change while the market runs: what is whole and without error comes into force, anything else changes nothing.</summary>
public sealed class PolicyFilesTests
{
    string folder = null!;
    Market market = null!;

    [SetUp]
    public async Task Start()
    {
        folder = Directory.CreateTempSubdirectory("policies-").FullName;
        market = await Documents.Market(folder);
    }

    [TearDown]
    public async Task Stop()
    {
        await market.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task A_document_put_in_changed_renamed_and_taken_out_is_followed_without_a_restart()
    {
        Write("haidong.yaml", Documents.Of("haidong-2024", "1"));
        await Eventually(async () => (await Ids()).Contains("haidong-2024"));
        Write("haidong.yaml", Documents.Of("haidong-2024", "2"));
        await Eventually(async () => (await market.Anonymous.GetJson("policies/haidong-2024")).Text("version") == "2");
        File.Move(Place("haidong.yaml"), Place("haidong.yaml.old"));
        await Eventually(async () => !(await Ids()).Contains("haidong-2024"));
        File.Move(Place("haidong.yaml.old"), Place("haidong-new.yaml"));
        await Eventually(async () => (await Ids()).Contains("haidong-2024"));
        File.Delete(Place("haidong-new.yaml"));
        await Eventually(async () => !(await Ids()).Contains("haidong-2024"));
        Assert.That(await Ids(), Does.Contain("xining-2020"), "The shipped documents stay.");
    }

    [Test]
    public async Task One_error_keeps_all_that_changed_out_and_is_told_in_the_log_and_where_readiness_is()
    {
        Write("a.yaml", Documents.Of("a-2024", "1"));
        await Eventually(async () => (await Ids()).Contains("a-2024"));
        Write("a.yaml", Documents.Of("a-2024", "2"));
        Write("b.yaml", Documents.Of("b-2024", "1").Replace("rate: 3%", "rate: 3.5%").Replace("{ cap: 5万元,", "{ cap: 5万,"));
        await Eventually(async () => (await Warnings()).Length > 0);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Warnings(), Has.Length.EqualTo(2).And.All.Match(@"^PolicyDirectory/b\.yaml:\d+:\d+ error POL"));
            Assert.That(Logged(LogLevel.Error), Is.EquivalentTo((await Warnings()).Select(warning => "Policy document refused: " + warning)));
            Assert.That((await market.Anonymous.GetJson("policies/a-2024")).Text("version"), Is.EqualTo("1"));
            Assert.That(await Ids(), Does.Not.Contain("b-2024"));
        }

        Write("b.yaml", Documents.Of("b-2024", "1"));
        await Eventually(async () => (await Ids()).Contains("b-2024"));
        Assert.That((await market.Anonymous.GetJson("policies/a-2024")).Text("version"), Is.EqualTo("2"));
        Assert.That(await Warnings(), Is.Empty);
    }

    [Test]
    public async Task A_document_that_is_still_being_written_is_waited_for()
    {
        var text = Documents.Of("haidong-2024", "1");
        for (var length = 1000; length < text.Length; length += 1000)
        {
            Write("haidong.yaml", text[..length]);
            market.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
            Assert.That(await Warnings(), Is.Empty);
        }

        Write("haidong.yaml", text);
        await Eventually(async () => (await Ids()).Contains("haidong-2024"));
        Assert.That(Logged(LogLevel.Error), Is.Empty);
    }

    [TestCase("1", "2024-01-01", "1", "2025-01-01", "POL504")]
    [TestCase("1", "2024-01-01", "2", "2024-06-01", "POL502")]
    public async Task Two_documents_that_clash_are_both_kept_out(string first, string from, string second, string later, string code)
    {
        Write("a.yaml", Documents.Of("haidong-2024", first, from, "2024-12-31"));
        Write("b.yaml", Documents.Of("haidong-2024", second, later));
        await Eventually(async () => (await Warnings()).Length > 0);
        Assert.That(await Warnings(), Has.Length.EqualTo(1).And.All.Contains(code).And.All.Contains("a.yaml").And.All.Contains("b.yaml"));
        Assert.That(await Ids(), Does.Not.Contain("haidong-2024"));
    }

    [Test]
    public async Task A_shipped_policy_that_is_read_again_is_named_with_its_two_directories()
    {
        Write("xining-2020.yaml", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Policies", "xining-2020.yaml")));
        await Eventually(async () => (await Warnings()).Length > 0);
        Assert.That(await Warnings(), Has.Length.EqualTo(1).And.All.Contains("POL504").And.All.Contains("Policies/xining-2020.yaml and PolicyDirectory/xining-2020.yaml").And.All.Contains("xining-2020-local"));
    }

    [Test]
    public async Task Examples_other_files_and_what_editors_leave_are_no_policies()
    {
        Write("haidong.examples.yaml", "- name: none");
        Write(".haidong.yaml", "half a");
        Write("README.md", "# none");
        Write("haidong.yaml", Documents.Of("haidong-2024", "1"));
        await Eventually(async () => (await Ids()).Contains("haidong-2024"));
        Assert.That(await Warnings(), Is.Empty);
    }

    [Test]
    public async Task A_mount_whose_links_are_swapped_is_followed_as_a_whole()
    {
        Directory.CreateDirectory(Place("..1"));
        Directory.CreateDirectory(Place("..2"));
        foreach (var (name, id) in new[] { ("a.yaml", "a-2024"), ("b.yaml", "b-2024") })
        {
            Write($"..1/{name}", Documents.Of(id, "1"));
            Write($"..2/{name}", Documents.Of(id, "2"));
            // Neither size nor time tells the two apart.
            File.SetLastWriteTimeUtc(Place($"..2/{name}"), File.GetLastWriteTimeUtc(Place($"..1/{name}")));
        }

        File.CreateSymbolicLink(Place("..data"), "..1");
        File.CreateSymbolicLink(Place("a.yaml"), "..data/a.yaml");
        File.CreateSymbolicLink(Place("b.yaml"), "..data/b.yaml");
        await Eventually(async () => (await Versions()).SequenceEqual(["1", "1"]));
        Directory.Delete(Place("..data"));
        File.CreateSymbolicLink(Place("..data"), "..2");
        await Eventually(async () => (await Versions()).SequenceEqual(["2", "2"]));

        async Task<string[]> Versions() =>
            [.. (await market.Anonymous.GetJson("policies")).GetProperty("data").EnumerateArray().Where(p => p.Text("id") is "a-2024" or "b-2024").Select(p => p.Text("version"))];
    }

    [Test]
    public async Task A_directory_that_goes_and_comes_back_leaves_the_last_good_documents_meanwhile()
    {
        Write("haidong.yaml", Documents.Of("haidong-2024", "1"));
        await Eventually(async () => (await Ids()).Contains("haidong-2024"));
        Directory.Delete(folder, recursive: true);
        await Eventually(async () => (await Warnings()).Length > 0);
        Assert.That(await Ids(), Does.Contain("haidong-2024"));
        Assert.That((await Warnings()).Single(), Does.StartWith("Marketplace:PolicyDirectory").And.Not.Contain(folder), "Readiness is public.");
        Directory.CreateDirectory(folder);
        Write("haidong.yaml", Documents.Of("haidong-2024", "2"));
        await Eventually(async () => (await market.Anonymous.GetJson("policies/haidong-2024")).Text("version") == "2");
        Assert.That(await Warnings(), Is.Empty);
    }

    [Test]
    public async Task A_file_that_cannot_be_read_is_named_without_its_place_on_the_machine()
    {
        File.CreateSymbolicLink(Place("gone.yaml"), "nowhere.yaml");
        await Eventually(async () => (await Warnings()).Length > 0);
        Assert.That((await Warnings()).Single(), Does.StartWith("PolicyDirectory/gone.yaml").And.Not.Contain(folder));
    }

    [Test]
    public async Task A_request_is_answered_from_one_set_while_sets_change()
    {
        await Set("1");
        await Eventually(async () => (await Ids()).Contains("x0-2024"));
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            var seen = new HashSet<string>();
            while (!stop.IsCancellationRequested)
            {
                var page = await market.Anonymous.GetJson("policies?limit=100");
                var versions = page.GetProperty("data").EnumerateArray().Where(p => p.Text("id").StartsWith('x') && p.Text("id").EndsWith("-2024", StringComparison.Ordinal))
                    .Select(p => p.Text("version")).Distinct().ToArray();
                Assert.That(versions, Has.Length.EqualTo(1));
                seen.Add(versions[0]);
            }

            return seen;
        });
        foreach (var version in new[] { "2", "3" })
        {
            await Set(version);
            await Eventually(async () => (await market.Anonymous.GetJson("policies/x9-2024")).Text("version") == version);
        }

        await stop.CancelAsync();
        Assert.That(await reading, Has.Count.GreaterThan(1));

        async Task Set(string version)
        {
            for (var i = 0; i < 10; i++)
            {
                await File.WriteAllTextAsync(Place($"x{i}.yaml"), Documents.Of($"x{i}-2024", version));
            }
        }
    }

    [Test]
    public void A_start_without_the_directory_or_with_an_error_in_it_stops_with_one_line()
    {
        Write("broken.yaml", "id: 1");
        Assert.That(() => AtStart(folder), Throws.InstanceOf<StartupException>().With.Message.Contains("broken.yaml:1:1").And.Message.Not.Contains("\n"));
        Assert.That(() => AtStart(Place("missing")), Throws.InstanceOf<StartupException>().With.Message.Contains("Marketplace:PolicyDirectory").And.Message.Not.Contains("\n"));
        Write("broken.yaml", Documents.Of("mended-2024", "1"));
        Assert.That(AtStart(folder).All.Select(policy => policy.Id), Does.Contain("mended-2024"));
    }

    static PolicyCatalogue AtStart(string directory)
    {
        var settings = new Settings { Database = "sqlite", ConnectionString = "", DemoData = false, PolicyDirectory = directory };
        using var files = new PolicyFiles(settings, new(), TimeProvider.System, NullLogger<PolicyFiles>.Instance);
        return files.Current;
    }

    string Place(string name) => Path.Combine(folder, name);

    void Write(string name, string text) => File.WriteAllText(Place(name), text);

    async Task<string[]> Ids() => (await market.Anonymous.GetJson("policies?limit=100")).Ids();

    async Task<string[]> Warnings()
    {
        var ready = await market.Anonymous.GetJson("/health/ready");
        return ready.TryGetProperty("warnings", out var warnings) ? [.. warnings.EnumerateArray().Select(warning => warning.GetString()!)] : [];
    }

    string[] Logged(LogLevel level) => [.. market.Log.Entries.Where(entry => entry.Level == level).Select(entry => entry.Text)];

    /// <summary>The clock of the tests makes the market look.</summary>
    Task Eventually(Func<Task<bool>> condition) => Tests.Eventually.Holds(() =>
    {
        market.Clock.Advance(TimeSpan.FromSeconds(1));
        return condition();
    }, "the documents are followed");
}
