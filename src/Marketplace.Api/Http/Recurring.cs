namespace Marketplace.Api.Http;

/// <summary>Work that time does by itself, again and again.</summary>
public abstract class Recurring(TimeSpan every, Listening listening, TimeProvider clock, ILogger log) : Loop(listening, clock, log)
{
    readonly PeriodicTimer _timer = new(every, clock);

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected sealed override async Task<Task> Piece(CancellationToken stopping)
    {
        await Run(stopping);
        return _timer.WaitForNextTickAsync(stopping).AsTask();
    }

    protected abstract Task Run(CancellationToken stopping);
}
