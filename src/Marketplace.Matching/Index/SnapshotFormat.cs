using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Marketplace.Matching;

/// <summary>A stored index cannot be used: it is cut short, damaged, of another version, or no stored index at all.</summary>
public sealed class SnapshotException : Exception
{
    /// <param name="message">What is wrong with it.</param>
    public SnapshotException(string message)
        : base(message)
    {
    }

    /// <param name="message">What is wrong with it.</param>
    /// <param name="innerException">What reading it led to.</param>
    public SnapshotException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// A stored index is a row of arrays, little-endian as in memory. Each has its size in bytes (8), a checksum (4), its bytes, a checksum
/// (4). The checksum is a CRC-32C of everything from the beginning of the file, so that neither a changed byte nor a lost array goes by.
/// </summary>
internal static class SnapshotFormat
{
    /// <summary>Raised whenever what is stored, how texts are cut into terms or what <see cref="TermKey"/> makes of them changes.</summary>
    public const long Version = 3;

    public static ReadOnlySpan<byte> Magic => "Marketplace.Matching\0\0\0\0"u8;

    public static uint Checksum(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            sum = BitOperations.Crc32C(sum, word);
        foreach (byte b in bytes[(bytes.Length & ~7)..])
            sum = BitOperations.Crc32C(sum, b);
        return sum;
    }
}

/// <summary>Writes a stored index.</summary>
internal sealed class SnapshotWriter
{
    private readonly Stream _stream;
    private uint _sum;

    public SnapshotWriter(Stream stream)
    {
        _stream = stream;
        Write(SnapshotFormat.Magic);
        Array([SnapshotFormat.Version]);
    }

    public void Array<T>(ReadOnlySpan<T> items)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(items);
        Write(MemoryMarshal.AsBytes<long>([bytes.Length]));
        _stream.Write(MemoryMarshal.AsBytes<uint>([_sum]));
        Write(bytes);
        _stream.Write(MemoryMarshal.AsBytes<uint>([_sum]));
    }

    public void Number(long number) => Array([number]);

    public void Strings(string[] strings)
    {
        Array<int>([.. strings.Select(Encoding.UTF8.GetByteCount)]);
        Array<byte>(Encoding.UTF8.GetBytes(string.Concat(strings)));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _sum = SnapshotFormat.Checksum(_sum, bytes);
        _stream.Write(bytes);
    }
}

/// <summary>Reads a stored index, and trusts nothing of it before its checksum.</summary>
internal sealed class SnapshotReader
{
    private readonly Stream _stream;
    private uint _sum;

    public SnapshotReader(Stream stream)
    {
        _stream = stream;
        var magic = new byte[SnapshotFormat.Magic.Length];
        Read(magic);
        if (!SnapshotFormat.Magic.SequenceEqual(magic))
            throw new SnapshotException("This is not a stored matching index.");
        long version = Number();
        if (version != SnapshotFormat.Version)
            throw new SnapshotException($"The stored matching index is of version {version}; this program reads version {SnapshotFormat.Version}.");
    }

    public T[] Array<T>()
        where T : unmanaged
    {
        long[] size = [0];
        Read(MemoryMarshal.AsBytes(size.AsSpan()));
        Check();
        int width = MemoryMarshal.AsBytes<T>([default]).Length;
        if (size[0] < 0 || size[0] % width != 0 || size[0] / width > System.Array.MaxLength)
            throw new SnapshotException("The stored matching index is damaged: an array of an impossible size.");
        T[] items = GC.AllocateUninitializedArray<T>((int)(size[0] / width));
        Read(MemoryMarshal.AsBytes(items.AsSpan()));
        Check();
        return items;
    }

    public long Number() => Array<long>() is [var number] ? number : throw new SnapshotException("The stored matching index is damaged: a number is missing.");

    public string[] Strings()
    {
        int[] lengths = Array<int>();
        byte[] bytes = Array<byte>();
        var strings = new string[lengths.Length];
        for (int i = 0, from = 0; i < strings.Length; from += lengths[i++])
            strings[i] = Encoding.UTF8.GetString(bytes, from, lengths[i]);
        return strings;
    }

    private void Check()
    {
        uint[] stored = [0];
        ReadExactly(MemoryMarshal.AsBytes(stored.AsSpan()));
        if (stored[0] != _sum)
            throw new SnapshotException("The stored matching index is damaged: a checksum does not agree.");
    }

    private void Read(Span<byte> bytes)
    {
        ReadExactly(bytes);
        _sum = SnapshotFormat.Checksum(_sum, bytes);
    }

    private void ReadExactly(Span<byte> bytes)
    {
        try
        {
            _stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException end)
        {
            throw new SnapshotException("The stored matching index is cut short.", end);
        }
    }
}
