namespace Marketplace.Api.Http;

/// <summary>Work that time does by itself, again and again.</summary>
public abstract class Recurring(TimeSpan every, Listening listening, TimeProvider clock, ILogger log) : Loop(listening, clock, log)
{
    readonly PeriodicTimer _timer = new(every, clock);
    bool _hasBegun;

    /// <summary>How long after the start it is first done.</summary>
    protected virtual TimeSpan FirstAfter => TimeSpan.Zero;

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected sealed override async Task<Task> Piece(CancellationToken stopping)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            if (FirstAfter > TimeSpan.Zero)
            {
                return Task.Delay(FirstAfter, Clock, stopping);
            }
        }

        await Run(stopping);
        return _timer.WaitForNextTickAsync(stopping).AsTask();
    }

    protected abstract Task Run(CancellationToken stopping);
}
