using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Marketplace.Api.Tests;

/// <summary>A POST of lines on a connection of its own, for what HttpClient does not do: read while it sends, and break off.</summary>
public sealed class RawPost : IDisposable
{
    readonly TcpClient _client = new();

    RawPost()
    {
    }

    public NetworkStream Stream => _client.GetStream();

    public StreamReader Reader { get; private set; } = null!;

    /// <param name="caller">Whose address and key are used.</param>
    /// <param name="address">Relative to the API's base.</param>
    /// <param name="header">How the body's end is told.</param>
    public static async Task<RawPost> To(HttpClient caller, string address, string header = "Transfer-Encoding: chunked")
    {
        var api = caller.BaseAddress!;
        var key = caller.DefaultRequestHeaders.Authorization is { } authorization ? $"Authorization: {authorization}\r\n" : "";
        var raw = new RawPost();
        await raw._client.ConnectAsync(api.Host, api.Port);
        raw.Reader = new(raw.Stream, Encoding.UTF8);
        await raw.Stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {api.AbsolutePath}{address} HTTP/1.1\r\nHost: {api.Authority}\r\nContent-Type: application/x-ndjson\r\n{key}{header}\r\n\r\n"));
        return raw;
    }

    public async Task Chunk(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await Stream.WriteAsync(Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
        await Stream.WriteAsync(bytes);
        await Stream.WriteAsync("\r\n"u8.ToArray());
    }

    /// <summary>The next line of the answer that is JSON.</summary>
    public async Task<string> Line()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await Reader.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith('{'))
            {
                return line;
            }
        }

        throw new AssertionException("The answer ended.");
    }

    public void Dispose() => _client.Dispose();
}
