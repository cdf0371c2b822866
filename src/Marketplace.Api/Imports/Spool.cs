using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Marketplace.Api.Imports;

/// <summary>
/// The answer on its way to the client. Many clients send their whole file before they read a byte of the answer; were the import held
/// back by an answer that nobody takes, both sides would wait for each other for ever. So the answer waits in a file, not in memory.
/// </summary>
sealed class Spool : IDisposable
{
    readonly SafeFileHandle _file = File.OpenHandle(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
        FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    // Only the newest length matters to the sender.
    readonly Channel<long> _lengths = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public long Length { get; private set; }

    public async Task Append(ReadOnlyMemory<byte> text)
    {
        await RandomAccess.WriteAsync(_file, text, Length);
        Length += text.Length;
        _lengths.Writer.TryWrite(Length);
    }

    public void Complete() => _lengths.Writer.Complete();

    /// <summary>Sends what is appended as it comes, until all of it was sent.</summary>
    public async Task SendTo(Stream client, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        long sent = 0;
        await foreach (var length in _lengths.Reader.ReadAllAsync(cancellation))
        {
            while (sent < length)
            {
                var read = await RandomAccess.ReadAsync(_file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - sent)), sent, cancellation);
                await client.WriteAsync(buffer.AsMemory(0, read), cancellation);
                sent += read;
            }

            await client.FlushAsync(cancellation);
        }
    }

    public void Dispose() => _file.Dispose();
}
