using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Marketplace.Api.Http;

/// <summary>
/// The answer on its way to the client. Many clients send their whole stream before they read a byte of the answer; were the work held
/// back by an answer that nobody takes, both sides would wait for each other for ever. So the answer waits in a file, not in memory.
/// </summary>
/// <param name="most">How many bytes may wait before an append waits for the client after all.</param>
sealed class Spool(long most = Spool.MostWaiting) : IDisposable
{
    const long MostWaiting = 64 << 20;

    readonly SafeFileHandle _file = File.OpenHandle(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
        FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    // Only the newest of either matters.
    readonly Channel<long> _lengths = Newest();
    readonly Channel<long> _taken = Newest();

    long _sent;

    /// <summary>What the file's first byte is the answer's byte of.</summary>
    long _start;

    /// <summary>Of the answer so far.</summary>
    public long Length { get; private set; }

    /// <exception cref="ChannelClosedException">Nothing more can be sent.</exception>
    public async Task Append(ReadOnlyMemory<byte> text, CancellationToken cancellation = default)
    {
        while (Length - Volatile.Read(ref _sent) > most)
        {
            await _taken.Reader.ReadAsync(cancellation);
        }

        if (Volatile.Read(ref _sent) == Length)
        {
            // All was taken, and the sender looks for more only when told: the file is used anew.
            _start = Length;
        }

        await RandomAccess.WriteAsync(_file, text, Length - _start, CancellationToken.None);
        Length += text.Length;
        _lengths.Writer.TryWrite(Length);
    }

    public void Complete() => _lengths.Writer.Complete();

    /// <summary>Sends what is appended as it comes, until all of it was sent.</summary>
    public async Task SendTo(Stream client, CancellationToken cancellation)
    {
        try
        {
            var buffer = new byte[64 << 10];
            await foreach (var length in _lengths.Reader.ReadAllAsync(cancellation))
            {
                while (_sent < length)
                {
                    var read = await RandomAccess.ReadAsync(
                        _file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - _sent)), _sent - _start, cancellation);
                    await client.WriteAsync(buffer.AsMemory(0, read), cancellation);
                    Volatile.Write(ref _sent, _sent + read);
                    _taken.Writer.TryWrite(_sent);
                }

                await client.FlushAsync(cancellation);
            }
        }
        finally
        {
            _taken.Writer.TryComplete();
        }
    }

    public void Dispose() => _file.Dispose();

    static Channel<long> Newest() => Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
}
