using System.Diagnostics;

namespace Marketplace.Benchmarks;

/// <summary>
/// From the start of the process to the first 200 of <c>/health/ready</c> with 14,292 published achievements in the database, against
/// an empty <c>dotnet new web</c>. The least of a server's life, so less is better.
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
            await Dotnet(empty.FullName, "build", "-c", "Release", "-v", "quiet");
            var program = Server.Program(Path.Combine(empty.FullName, "bin/Release/net10.0/Empty"));
            Func<Task<double>> ours = () => StartAndEnd(() => Server.Market("sqlite", connection));
            Func<Task<double>> baseline = () => StartAndEnd(() => Server.Start(program, "/"));
            await ours();
            await baseline();
            return await Gates.InTurns(rounds: 15, need: 2.5, ours, baseline, lessIsBetter: true);
        }
        finally
        {
            empty.Delete(recursive: true);
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
