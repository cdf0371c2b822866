using System.IO.Pipelines;
using System.Text;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests.Http;

/// <summary>An answer that waits for its reader, on disk and not without bound.</summary>
public sealed class SpoolTests
{
    [Test]
    public async Task Everything_arrives_in_order_however_slowly_it_is_read()
    {
        var (client, sent) = (new Pipe(new(pauseWriterThreshold: 1000, resumeWriterThreshold: 500)), new StringBuilder());
        using var spool = new Spool(most: 4000);
        var sending = Send(spool, client);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                await spool.Append(Encoding.ASCII.GetBytes($"line {i}\n"));
            }

            spool.Complete();
        });
        using var reader = new StreamReader(client.Reader.AsStream());
        for (var i = 0; i < 2000; i++)
        {
            Assert.That(await reader.ReadLineAsync(), Is.EqualTo($"line {i}"));
        }

        Assert.That(await reader.ReadLineAsync(), Is.Null);
        await Task.WhenAll(writing, sending);
    }

    [Test]
    public async Task What_nobody_reads_holds_the_work_back_once_the_bound_is_passed()
    {
        var client = new Pipe(new(pauseWriterThreshold: 10, resumeWriterThreshold: 5));
        using var spool = new Spool(most: 100);
        var sending = Send(spool, client);
        await spool.Append(new byte[50]);
        await spool.Append(new byte[100]);
        var third = spool.Append(new byte[1]);
        Assert.That(third.IsCompleted, Is.False);
        var read = await client.Reader.ReadAtLeastAsync(50);
        client.Reader.AdvanceTo(read.Buffer.End);
        await third;
        spool.Complete();
        await client.Reader.CompleteAsync();
        await sending;
    }

    [Test]
    public async Task Work_for_a_reader_who_went_away_ends()
    {
        using var spool = new Spool(most: 10);
        await spool.Append(new byte[20]);
        var waiting = spool.Append(new byte[20]);
        var sending = spool.SendTo(new Gone(), CancellationToken.None);
        Assert.That(async () => await sending, Throws.InstanceOf<IOException>());
        Assert.That(async () => await waiting, Throws.InstanceOf<System.Threading.Channels.ChannelClosedException>());
    }

    static async Task Send(Spool spool, Pipe client)
    {
        await spool.SendTo(client.Writer.AsStream(), CancellationToken.None);
        await client.Writer.CompleteAsync();
    }

    sealed class Gone : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("gone");
    }
}
