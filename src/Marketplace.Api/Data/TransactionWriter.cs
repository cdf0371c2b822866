using System.Data.Common;
using Polly;
using Polly.Retry;

namespace Marketplace.Api.Data;

/// <summary>Servers: a transaction per unit, repeated as a whole on a deadlock, a serialization failure or a broken connection.</summary>
sealed class TransactionWriter : Writer
{
    readonly Dialect _dialect;
    readonly ResiliencePipeline _retry;

    public TransactionWriter(Dialect dialect)
    {
        _dialect = dialect;
        _retry = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<DbException>(e => dialect.IsRetryable(e)),
                MaxRetryAttempts = 8,
                Delay = TimeSpan.FromMilliseconds(10),
                MaxDelay = TimeSpan.FromMilliseconds(500),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddRetry(new RetryStrategyOptions
            {
                // Who has waited for a free connection in vain need not wait twice more.
                ShouldHandle = new PredicateBuilder().Handle<DbException>(e => e is not NoConnectionException && dialect.IsUnavailable(e)),
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(50),
                UseJitter = true,
            })
            .Build();
    }

    public override bool CommitsInOrder => false;

    public override async Task Run(Session session, Func<Task<bool>> unit, bool repeatable = false) =>
        await _retry.ExecuteAsync(async _ =>
        {
            // A request that kept the connection it read with while it waits for this one would, among many, wait for ever.
            await session.DisposeAsync();
            await using var connection = await _dialect.Open(readOnly: false, CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await session.Lend(connection, transaction);
            try
            {
                if (!await unit())
                {
                    await transaction.RollbackAsync(CancellationToken.None);
                    return;
                }
            }
            finally
            {
                session.TakeBack();
            }

            try
            {
                await transaction.CommitAsync(CancellationToken.None);
            }
            catch (DbException error) when (!repeatable && _dialect.IsUnavailable(error))
            {
                throw new CommitOutcomeUnknownException(error);
            }

            SignalCommit();
        });
}
