using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Marketplace.Api.Http;

/// <summary>
/// What the server itself refuses before there is a request, such as an address that is too long, gets a problem document like any other
/// refusal. The server announces such a refusal and then writes a bare status; in its place the connection sends the document.
/// </summary>
sealed class UnreadableRequests(TimeProvider clock) : IObserver<KeyValuePair<string, object?>>
{
    const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static void Prepare(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
    {
        var answers = new Answers(connection.Transport.Output);
        connection.Transport = new Transport(connection.Transport.Input, answers);
        connection.Features.Set(answers);
        return next(connection);
    }));

    public static void Watch(IServiceProvider services) => services.GetRequiredService<DiagnosticListener>()
        .Subscribe(new UnreadableRequests(services.GetRequiredService<TimeProvider>()), name => name == Event);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // Where the server itself encrypts, its answer is no text any more when it comes here.
        if (value.Value is IFeatureCollection features && features.Get<Answers>() is { } answers && features.Get<ITlsConnectionFeature>() is null
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error && Problems.Unreadable(error.StatusCode) is { } refusal
            && features.Get<IHttpResponseFeature>()?.HasStarted == false)
        {
            answers.Instead = ProblemWriter.Bare(features.Get<IHttpRequestFeature>()?.Headers, refusal, clock.GetUtcNow());
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>What the server writes to the client, until something is to be sent instead: then that, once, and nothing more.</summary>
    sealed class Answers(PipeWriter client) : PipeWriter
    {
        ArrayBufferWriter<byte>? _unsent;
        byte[]? _instead;

        public byte[] Instead
        {
            set => (_instead, _unsent) = (value, new());
        }

        public override bool CanGetUnflushedBytes => client.CanGetUnflushedBytes;

        public override long UnflushedBytes => client.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _unsent?.GetMemory(sizeHint) ?? client.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _unsent is { } unsent ? unsent.GetSpan(sizeHint) : client.GetSpan(sizeHint);

        public override void Advance(int bytes)
        {
            if (_unsent is { } unsent)
            {
                unsent.Advance(bytes);
            }
            else
            {
                client.Advance(bytes);
            }
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            if (_unsent is null)
            {
                return client.FlushAsync(cancellationToken);
            }

            var bytes = Interlocked.Exchange(ref _instead, null);
            return bytes is null ? default : client.WriteAsync(bytes, cancellationToken);
        }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            _unsent is null ? client.WriteAsync(source, cancellationToken) : FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => client.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => client.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => client.CompleteAsync(exception);
    }
}
