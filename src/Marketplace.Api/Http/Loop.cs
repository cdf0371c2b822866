using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Http;

/// <summary>
/// The one way to work beside the requests: a piece after the other, from when requests are served. Whatever fault a piece ends with is
/// logged, shown by <c>/health/ready</c> and backed off from, and the next is tried; the process goes on.
/// </summary>
public abstract class Loop(Listening listening, TimeProvider clock, ILogger log) : BackgroundService
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>The market is to follow again within seconds of its database's return.</summary>
    static readonly TimeSpan LongestPauseForDatabase = TimeSpan.FromSeconds(2);

    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The log names every record that is left out; the warnings need not.</summary>
    const int MostLeftOut = 10;

    readonly HashSet<string> _leftOut = [];
    volatile string? _fault;

    /// <summary>What an operator should mend, a line each.</summary>
    public virtual IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_leftOut)
            {
                return [.. _fault is { } fault ? [fault] : Array.Empty<string>(), .. _leftOut.Order(StringComparer.Ordinal).Take(MostLeftOut).Select(
                    record => $"{GetType().Name}: {record} cannot be read and is left out.")];
            }
        }
    }

    protected TimeProvider Clock => clock;

    protected ILogger Log => log;

    /// <summary>Whether there is anything to do in this market.</summary>
    protected virtual bool IsNeeded => true;

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsNeeded || !await listening.Begins(stoppingToken))
        {
            return;
        }

        var faults = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var next = await Piece(stoppingToken);
                (faults, _fault) = (0, Recovered());
                await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // No fault of work beside the requests may end the market.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Report(error);
                await Task.Delay(PauseAfter(++faults, error), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        try
        {
            await End();
        }
#pragma warning disable CA1031 // The host stops either way.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.LogWarning(error, "{Work} did not end in order", GetType().Name);
        }
    }

    /// <summary>Does one bounded piece of the work.</summary>
    /// <returns>Completes when there may be more to do.</returns>
    protected abstract Task<Task> Piece(CancellationToken stopping);

    /// <summary>What is to be done when the host stops.</summary>
    protected virtual Task End() => Task.CompletedTask;

    /// <summary>Does what concerns one record. A record that cannot be read stops only itself: it is logged, warned of and left out until it can.</summary>
    /// <param name="record">Its table and key.</param>
    /// <param name="read">Reads it; nothing in it may ask the database.</param>
    /// <returns>Null for one that is left out.</returns>
    protected T? Readable<T>(string record, Func<T> read)
        where T : class
    {
        try
        {
            var done = read();
            lock (_leftOut)
            {
                _leftOut.Remove(record);
            }

            return done;
        }
#pragma warning disable CA1031 // Whatever a record makes of its reader is the record's fault.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            lock (_leftOut)
            {
                // One line a record, not one a round.
                if (_leftOut.Add(record))
                {
                    log.LogError(error, "{Work}: {Record} cannot be read and is left out", GetType().Name, record);
                }
            }

            return null;
        }
    }

    static bool IsOfDatabase(Exception error) => error is DbException or CommitOutcomeUnknownException;

    static TimeSpan PauseAfter(int faults, Exception error)
    {
        var (pause, longest) = (FirstPause * Math.Pow(2, Math.Min(faults, 20) - 1), IsOfDatabase(error) ? LongestPauseForDatabase : LongestPause);
        return pause < longest ? pause : longest;
    }

    /// <summary>Every fault is logged; the warning says no more than what it stops, for everybody may read it.</summary>
    void Report(Exception error)
    {
        var (work, before) = (GetType().Name, _fault);
        _fault = error switch
        {
            UnreadableException or StartupException => $"{work} waits: {error.Message}",
            _ when IsOfDatabase(error) => $"{work} waits: the database does not do what it is asked; the log says why.",
            _ => $"{work} waits after a fault and tries again; the log says why.",
        };
        if (IsOfDatabase(error) && _fault == before)
        {
            log.LogDebug(error, "{Work} still waits", work);
        }
        else
        {
            log.Log(IsOfDatabase(error) ? LogLevel.Warning : LogLevel.Error, error, "{Warning}", _fault);
        }
    }

    string? Recovered()
    {
        if (_fault is not null)
        {
            log.LogInformation("{Work} goes on", GetType().Name);
        }

        return null;
    }
}
