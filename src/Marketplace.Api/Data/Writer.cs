namespace Marketplace.Api.Data;

/// <summary>
/// The one way to write. A unit of work runs in a transaction of its own (or a savepoint of a shared one); <see cref="Run"/>
/// returns after its commit, so no answer can leave before what it says is durable.
/// </summary>
public abstract class Writer : IAsyncDisposable
{
    TaskCompletionSource _committed = NewSignal();

    /// <summary>True where writes are committed in the order in which they run, so that an event may be numbered as it is written.</summary>
    public abstract bool CommitsInOrder { get; }

    /// <summary>Completes at the next commit of this process; take it before reading, await it after.</summary>
    public Task NextCommit => Volatile.Read(ref _committed).Task;

    /// <summary>Runs a unit on <paramref name="session"/>, perhaps more than once: it must do nothing outside the database.</summary>
    /// <param name="session">Lent the unit's connection while <paramref name="unit"/> runs.</param>
    /// <param name="unit">Answers whether to keep what it wrote.</param>
    /// <param name="repeatable">Whether the unit would notice that an earlier run of it was committed after all.</param>
    public abstract Task Run(Session session, Func<Task<bool>> unit, bool repeatable = false);

    /// <summary>Succeeds where a write would be kept; asking often costs no more than asking each second.</summary>
    public virtual Task Probe(Session session) => session.Single<int>("SELECT 1");

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected void SignalCommit() => Interlocked.Exchange(ref _committed, NewSignal()).TrySetResult();

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A value of the units that are committed together; written to the database once for all of them, just before the commit.</summary>
public abstract record Shared
{
    public abstract Task Store(Session session);
}

/// <summary>The connection broke while the commit was on its way: whether it arrived is not known, so nobody may repeat the unit blindly.</summary>
public sealed class CommitOutcomeUnknownException(Exception inner) : Exception("The connection broke during a commit.", inner);
