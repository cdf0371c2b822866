using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Marketplace.Benchmarks;

/// <summary>
/// From the start of the process to the first 200 of <c>/health/ready</c> with 14,292 published achievements in the database, against
/// an empty <c>dotnet new web</c>, both published by the one command that the README has for it. Less is better.
/// </summary>
static class StartGate
{
    public static async Task<Measured?> Measure()
    {
        using var folder = new Folder();
        var connection = $"Data Source={folder.File("market.db")}";
        await using (var filling = await Server.Market("sqlite", connection))
        {
            using var market = await Market.Of(filling);
            Gates.Say("  filling the market");
            await market.Publish(Texts.Achievements);
        }

        // Outside the repository, whose build settings would apply to it.
        var empty = Directory.CreateTempSubdirectory("empty-web-");
        try
        {
            await Dotnet(empty.FullName, "new", "web", "--name", "Empty", "--output", ".", "--no-https");
            var bare = await Publish(empty.FullName, "Empty");
            var market = await Publish(Path.Combine(Server.Repository, "src/Marketplace.Api"), "Marketplace.Api");
            Func<Task<double>> ours = () => StartAndEnd(() => Server.Market("sqlite", connection, market));
            Func<Task<double>> baseline = () => StartAndEnd(() => Server.Start(bare, "/"));
            await ours();
            await baseline();
            return await Gates.InTurns(rounds: 15, need: 2.5, ours, baseline, lessIsBetter: true);
        }
        finally
        {
            empty.Delete(recursive: true);
        }

        async Task<string> Publish(string project, string name)
        {
            var output = folder.File(name);
            await Dotnet(project, "publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", output, "-v", "quiet");
            return Server.Program(Path.Combine(output, name));
        }
    }

    static async Task<double> StartAndEnd(Func<Task<Server>> start)
    {
        await using var server = await start();
        return server.StartedIn.TotalMilliseconds;
    }

    static async Task Dotnet(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)}: {output}");
        }
    }
}
