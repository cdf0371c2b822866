using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Marketplace.Benchmarks;

/// <summary>A server in a process of its own: Production, quiet, on loopback; ended by its process when disposed of.</summary>
sealed class Server : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static int _lastPort = 5300;

    readonly Process _process;

    Server(Process process, int port, TimeSpan startedIn) => (_process, Port, StartedIn) = (process, port, startedIn);

    public int Port { get; }

    /// <summary>From the start of the process to the first 200.</summary>
    public TimeSpan StartedIn { get; }

    /// <summary>The processor time that the server has used; unlike a rate it hardly depends on what else the machine does.</summary>
    public TimeSpan Used
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The folder of Marketplace.sln.</summary>
    public static string Repository { get; } = FindRepository();

    /// <param name="program">The market as it was built in Release, unless another is given.</param>
    /// <param name="more">More of its configuration.</param>
    /// <param name="delaysCommits">Whether each commit of SQLite takes longer by <see cref="CommitDelay.Microseconds"/>.</param>
    public static Task<Server> Market(string database, string connection, string? program = null, string[]? more = null, bool delaysCommits = false) => Start(
        delaysCommits, program ?? Program(Path.Combine(Repository, "src/Marketplace.Api/bin/Release/net10.0/Marketplace.Api")), "/health/ready",
        ["--Marketplace:Database", database, "--ConnectionStrings:Marketplace", connection, "--Marketplace:AdminKey", Benchmarks.Market.AdminKey,
            "--Marketplace:RateLimit:Enabled", "false", .. more ?? []]);

    /// <summary>One of this program's own baselines.</summary>
    public static Task<Server> Bare(params string[] arguments) => Bare(delaysCommits: false, arguments);

    /// <inheritdoc cref="Market"/>
    public static Task<Server> Bare(bool delaysCommits, params string[] arguments) => Start(
        delaysCommits, Program(Path.Combine(AppContext.BaseDirectory, "Marketplace.Benchmarks")), "/", arguments);

    public static Task<Server> Start(string program, string readyPath, params string[] arguments) => Start(delaysCommits: false, program, readyPath, arguments);

    static async Task<Server> Start(bool delaysCommits, string program, string readyPath, params string[] arguments)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program, [.. arguments, "--urls", $"http://127.0.0.1:{port}"])
        {
            WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        if (delaysCommits)
        {
            start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(CommitDelay).Assembly.Location;
        }

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Gates.Say(line.Data is null ? "" : $"  {Path.GetFileName(program)}: {line.Data}");
        process.BeginOutputReadLine();
        while (Load.Ask(port, readyPath) != 200)
        {
            if (process.HasExited || clock.Elapsed > Patience)
            {
                process.Kill();
                throw new InvalidOperationException($"{program} did not come up.");
            }

            await Task.Delay(1);
        }

        return new(process, port, clock.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public static string Program(string path) => OperatingSystem.IsWindows() ? path + ".exe" : path;

    static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, ++_lastPort);
                listener.Start();
                return _lastPort;
            }
            catch (SocketException)
            {
            }
        }
    }

    static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Marketplace.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Run the gates inside a clone of the repository.");
        }

        return folder.FullName;
    }
}
