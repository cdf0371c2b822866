using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Marketplace.Api.Tests.Data;

/// <summary>
/// Stands between the program and its server. After <see cref="LoseNextCommit"/> the next COMMIT of a transaction that sent the statement
/// reaches the server and its answer reaches nobody: the connection breaks instead. It is the one moment at which a client cannot know
/// what happened.
/// </summary>
sealed class LossyProxy : IAsyncDisposable
{
    readonly byte[] _statement;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly (string Host, int Port) _server;
    readonly Task _accepting;
    int _lost;
    int _lose;

    public LossyProxy(string host, int port, string statement)
    {
        (_server, _statement) = ((host, port), Encoding.ASCII.GetBytes(statement));
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Lost => Volatile.Read(ref _lost);

    public void LoseNextCommit() => Interlocked.Exchange(ref _lose, 1);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    async Task Serve(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port);
                var (down, up) = (server.GetStream(), client.GetStream());
                var (isConcerned, losing) = (false, false);
                await Task.WhenAny(
                    Copy(up, down, Look, () => false),
                    // The answer has come, so the commit is done.
                    Copy(down, up, _ => { }, () => losing));
                if (losing)
                {
                    Interlocked.Increment(ref _lost);
                }

                void Look(ReadOnlyMemory<byte> sent)
                {
                    isConcerned |= sent.Span.IndexOf(_statement) >= 0;
                    if (sent.Span.IndexOf("COMMIT"u8) >= 0)
                    {
                        losing = isConcerned && Interlocked.Exchange(ref _lose, 0) == 1;
                        isConcerned = false;
                    }
                }
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
            {
                // Either side hung up.
            }
        }
    }

    static async Task Copy(NetworkStream from, NetworkStream to, Action<ReadOnlyMemory<byte>> look, Func<bool> stop)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer) is var count and > 0)
        {
            look(buffer.AsMemory(0, count));
            if (stop())
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
