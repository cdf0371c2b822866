using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Marketplace.Benchmarks;

/// <param name="Answered">All with the status wanted; any other ends the run.</param>
/// <param name="Cost">Processor time of the server for an answer, in microseconds.</param>
sealed record Loaded(int Answered, double PerSecond, double Cost);

/// <summary>
/// Clients that each keep one connection and send the next request when they have the answer to the last. All live on the calling
/// thread: the cheapest client leaves the most of the machine to the server.
/// </summary>
static class Load
{
    public static byte[] Get(string path) => Encoding.UTF8.GetBytes($"GET {path} HTTP/1.1\r\nHost: market\r\n\r\n");

    public static byte[] Post(string path, string key, string json, string? idempotencyKey = null) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: market\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        + (idempotencyKey is null ? "" : $"Idempotency-Key: {idempotencyKey}\r\n")
        + $"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>Loads a server for two seconds, and says what an answer cost it.</summary>
    public static Loaded Run(string name, Server server, int clients, IReadOnlyList<byte[]> requests, int status)
    {
        var used = server.Used;
        var (answered, perSecond) = Run(server.Port, clients, TimeSpan.FromSeconds(2), requests, answer => Require(answer, status));
        var result = new Loaded(answered, perSecond, (server.Used - used).TotalMicroseconds / answered);
        Gates.Say($"  {name}: {result.PerSecond:0} a second, {result.Cost:0} µs of processor each");
        return result;
    }

    /// <summary>Sends each request once.</summary>
    /// <returns>How many were answered with each status, and how many that is a second.</returns>
    public static (Dictionary<int, int> Statuses, double PerSecond) Each(Server server, int clients, IReadOnlyList<byte[]> requests)
    {
        var statuses = new Dictionary<int, int>();
        var (_, perSecond) = Run(server.Port, clients, null, requests, answer => statuses[answer] = statuses.GetValueOrDefault(answer) + 1);
        return (statuses, perSecond);
    }

    static void Require(int answer, int status)
    {
        if (answer != status)
        {
            throw new InvalidOperationException($"Answered {answer} where {status} was expected.");
        }
    }

    /// <summary>
    /// Loads a server until it has compiled what it needs: until an answer no longer becomes cheaper, and not before it has had the time,
    /// which the compiler gets little of beside a load on all cores.
    /// </summary>
    public static void Warm(Func<Loaded> run)
    {
        const int enough = 50_000;
        var (least, times, answered) = (double.MaxValue, 0, 0);
        for (var round = 0; round < 40 && (times < 3 || answered < enough); round++)
        {
            var loaded = run();
            answered += loaded.Answered;
            times = loaded.Cost < 0.95 * least ? 0 : times + 1;
            least = Math.Min(least, loaded.Cost);
        }
    }

    /// <summary>The clients send the requests in turn until the time is over, or each once where none is given.</summary>
    /// <param name="hear">Takes the status of each answer.</param>
    /// <returns>How many were answered, and how many that is a second.</returns>
    static (int Answered, double PerSecond) Run(int port, int clients, TimeSpan? time, IReadOnlyList<byte[]> requests, Action<int> hear)
    {
        var open = new List<Socket>();
        var connections = new Dictionary<Socket, Connection>();
        var (sent, answered) = (0, 0);
        var began = Stopwatch.GetTimestamp();
        try
        {
            for (var i = 0; i < clients; i++)
            {
                var connection = new Connection(port);
                connections.Add(connection.Socket, connection);
                open.Add(connection.Socket);
                connection.Send(requests[sent++ % requests.Count]);
            }

            for (var readable = new List<Socket>(); answered < sent;)
            {
                readable.Clear();
                readable.AddRange(open);
                Socket.Select(readable, null, null, TimeSpan.FromSeconds(10));
                if (readable.Count == 0)
                {
                    throw new InvalidOperationException("No answer for ten seconds.");
                }

                foreach (var connection in readable.Select(socket => connections[socket]))
                {
                    if (connection.Receive() is not { } answer)
                    {
                        continue;
                    }

                    answered++;
                    hear(answer);
                    if (time is { } limit ? Stopwatch.GetElapsedTime(began) < limit : sent < requests.Count)
                    {
                        connection.Send(requests[sent++ % requests.Count]);
                    }
                }
            }

            return (answered, answered / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>The status of one request, or null where nobody listens yet.</summary>
    public static int? Ask(int port, string path)
    {
        try
        {
            var connection = new Connection(port);
            using (connection.Socket)
            {
                connection.Send(Get(path));
                int? status;
                do
                {
                    status = connection.Receive();
                }
                while (status is null);
                return status;
            }
        }
        catch (SocketException)
        {
            return null;
        }
    }

    sealed class Connection
    {
        readonly byte[] _buffer = new byte[1 << 16];
        int _filled;

        public Connection(int port)
        {
            Socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                Socket.Connect(IPAddress.Loopback, port);
            }
            catch
            {
                Socket.Dispose();
                throw;
            }
        }

        public Socket Socket { get; }

        public void Send(byte[] request)
        {
            _filled = 0;
            Socket.Send(request);
        }

        /// <returns>The status, once the whole answer is there.</returns>
        public int? Receive()
        {
            var received = Socket.Receive(_buffer.AsSpan(_filled));
            if (received == 0)
            {
                throw new InvalidOperationException("The server closed the connection.");
            }

            _filled += received;
            var answer = _buffer.AsSpan(0, _filled);
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head < 0 || !IsWhole(answer[..head], answer[(head + 4)..]))
            {
                return null;
            }

            return Utf8Parser.TryParse(answer[9..12], out int status, out _) ? status : throw new InvalidDataException();
        }

        static bool IsWhole(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
        {
            var name = "\r\nContent-Length: "u8;
            return head.IndexOf(name) is >= 0 and var at && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _)
                ? body.Length >= length
                : body.EndsWith("0\r\n\r\n"u8);
        }
    }
}
