using System.Globalization;
using System.Text;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>
/// Keeps the policies in step with their documents: those shipped and those of <c>Marketplace:PolicyDirectory</c>, which may change while
/// the market runs. A changed set comes into force as a whole or, with one error in it, not at all.
/// </summary>
/// <remarks>
/// The directory is looked at, not listened to: no event comes from a network mount, from a mount whose links are swapped (as Kubernetes
/// does) or from a directory that was made anew, and a look at names, sizes and times costs next to nothing.
/// </remarks>
public sealed class PolicyFiles(Settings settings, Listening listening, TimeProvider clock, ILogger<PolicyFiles> log)
    : Loop(listening, clock, log)
{
    /// <summary>What differs between two looks is still being written, and waits for the next.</summary>
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    readonly Lock _start = new();
    readonly PeriodicTimer _timer = new(BetweenLooks, clock);
    volatile PolicyCatalogue? _current;
    volatile IReadOnlyList<string> _errors = [];
    string _read = "";

    /// <summary>What the directory was at the last look.</summary>
    string? _seen;

    /// <summary>The set in force. Ask once in a request: the next answer may be another set.</summary>
    /// <exception cref="StartupException">At the start there is no earlier set to go on with.</exception>
    public PolicyCatalogue Current
    {
        get
        {
            if (_current is null)
            {
                lock (_start)
                {
                    _current ??= AtStart();
                }
            }

            return _current;
        }
    }

    /// <summary>Why the newest documents are not in force, a line each; empty while they are.</summary>
    public override IReadOnlyList<string> Warnings => [.. _errors, .. base.Warnings];

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task<Task> Piece(CancellationToken stopping)
    {
        // Else the first requests that need it would all wait while one of them reads.
        _ = Current;
        if (settings.PolicyDirectory is not { } directory)
        {
            return Task.Delay(Timeout.InfiniteTimeSpan, stopping);
        }

        var now = Look(directory);
        if (now == (_seen ?? _read) && now != _read)
        {
            var read = PolicyReading.Of(directory);
            // Else the documents changed under the reading, and may not belong together.
            if (Look(directory) == now)
            {
                (_read, _errors) = (now, read.Errors);
                _current = read.Catalogue ?? _current;
                Report(read);
            }
        }

        _seen = now;
        return _timer.WaitForNextTickAsync(stopping).AsTask();
    }

    PolicyCatalogue AtStart()
    {
        if (settings.PolicyDirectory is { } directory)
        {
            if (!Directory.Exists(directory))
            {
                throw new StartupException($"Marketplace:PolicyDirectory names '{directory}', which is not a directory.");
            }

            _read = Look(directory);
        }

        var read = PolicyReading.Of(settings.PolicyDirectory);
        Report(read);
        return read.Catalogue ?? throw new StartupException("Policy document refused: " + read.Errors[0]);
    }

    void Report(PolicyReading read)
    {
        foreach (var warning in read.Warnings)
        {
            Log.LogWarning("Policy document: {Diagnostic}", warning);
        }

        foreach (var error in read.Errors)
        {
            Log.LogError("Policy document refused: {Diagnostic}", error);
        }

        if (read.Catalogue is { } catalogue)
        {
            Log.LogInformation("Policies in force: {Documents} documents", catalogue.All.Count);
        }
    }

    /// <summary>What tells one state of the directory from another: names, where links lead, and each document's size and time.</summary>
    static string Look(string directory)
    {
        try
        {
            var root = new DirectoryInfo(directory);
            var seen = new StringBuilder(root.LinkTarget);
            foreach (var entry in root.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                seen.Append('\n').Append(entry.Name).Append('\t').Append(entry.LinkTarget);
                if (PolicyFile.IsPolicy(entry.Name) && (entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry) is FileInfo { Exists: true } file)
                {
                    seen.Append(CultureInfo.InvariantCulture, $"\t{file.Length}\t{file.LastWriteTimeUtc.Ticks}");
                }
            }

            return seen.ToString();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }
}
