using System.Buffers.Binary;
using System.Numerics;

namespace Marketplace.Matching;

/// <summary>How postings lie in the bytes of a segment; <see cref="PostingsWriter"/> writes it, <see cref="PostingsCursor"/> reads it.</summary>
/// <remarks>
/// A sparse term has blocks of 128 documents. Each has a directory entry: the last document (4 bytes), where the block begins after
/// the directory (4), the least document length (2), the greatest term frequency (1), and the widths of what follows (5 bits for gaps, 3
/// for frequencies). A term of one block has only the last four bytes of the entry. In the block lie the gaps to the document before, less
/// one, and then the frequencies less one.
/// A dense term has for each window of documents a directory entry: where it begins (4), the least length (2), the greatest frequency (1), the
/// width of the frequencies (1). There lie a bit for each document, the number of bits set before each eighth of the window (2 bytes each),
/// and the frequencies less one.
/// The least length and the greatest frequency bound a score whatever the statistics of the market will be.
/// </remarks>
internal static class PostingsLayout
{
    public const int BlockSize = 128;

    /// <summary>The documents that are scored together.</summary>
    public const int Window = 4096;

    public const int SparseEntry = 12;
    public const int ShortEntry = 4;
    public const int DenseEntry = 8;

    public const int WindowWords = Window / 64;
    public const int RankSpan = Window / 8;
    public const int RanksAt = Window / 8;
    public const int DenseFrequenciesAt = RanksAt + 16;

    /// <summary>A term counts at most so often in a document: beyond it BM25 hardly grows.</summary>
    public const int MostFrequency = 128;

    // A bit for each document costs up to three times as much as gaps at this density, and answers at once whether a document holds the term.
    private const int DenseOneIn = 24;

    public static bool IsDense(int documentFrequency, int documents) =>
        documents >= Window && documentFrequency >= documents / DenseOneIn;

    public static int Blocks(int documentFrequency) => (documentFrequency + BlockSize - 1) / BlockSize;

    public static int Windows(int documents) => (documents + Window - 1) / Window;
}

/// <summary>Writes the postings of a segment's terms one after the other.</summary>
/// <param name="lengths">The lengths of the segment's documents.</param>
internal sealed class PostingsWriter(ushort[] lengths)
{
    private readonly int[] _values = new int[PostingsLayout.Window];
    private byte[] _bytes = new byte[1 << 12];
    private int _length;

    /// <param name="documents">Ascending.</param>
    /// <param name="frequencies">1 to <see cref="PostingsLayout.MostFrequency"/>.</param>
    /// <returns>Where the term's postings begin.</returns>
    public int Write(ReadOnlySpan<int> documents, ReadOnlySpan<byte> frequencies)
    {
        int start = _length;
        if (PostingsLayout.IsDense(documents.Length, lengths.Length))
            WriteDense(documents, frequencies);
        else
            WriteSparse(documents, frequencies);
        return start;
    }

    public byte[] Finish() => _bytes.AsSpan(0, _length + BitPacking.Padding).ToArray();

    private void WriteSparse(ReadOnlySpan<int> documents, ReadOnlySpan<byte> frequencies)
    {
        int blocks = PostingsLayout.Blocks(documents.Length), directory = _length;
        bool single = blocks == 1;
        Reserve(single ? PostingsLayout.ShortEntry : blocks * PostingsLayout.SparseEntry);
        int body = _length, previous = -1;
        for (int block = 0; block < blocks; block++)
        {
            int first = block * PostingsLayout.BlockSize, count = Math.Min(PostingsLayout.BlockSize, documents.Length - first);
            ReadOnlySpan<int> held = documents.Slice(first, count);
            int begins = _length - body, all = 0;
            Span<int> gaps = _values.AsSpan(0, count);
            for (int i = 0; i < count; i++)
            {
                gaps[i] = held[i] - previous - 1;
                all |= gaps[i];
                previous = held[i];
            }

            int gapBits = BitPacking.Bits(all);
            BitPacking.Pack(gaps, gapBits, Reserve(BitPacking.Bytes(count, gapBits)));
            (ushort least, byte most, int frequencyBits) = WriteFrequencies(held, frequencies.Slice(first, count));

            Span<byte> entry = _bytes.AsSpan(directory + (block * PostingsLayout.SparseEntry));
            if (!single)
            {
                BinaryPrimitives.WriteInt32LittleEndian(entry, previous);
                BinaryPrimitives.WriteInt32LittleEndian(entry[4..], begins);
                entry = entry[8..];
            }

            BinaryPrimitives.WriteUInt16LittleEndian(entry, least);
            entry[2] = most;
            entry[3] = (byte)(gapBits | (frequencyBits << 5));
        }
    }

    private void WriteDense(ReadOnlySpan<int> documents, ReadOnlySpan<byte> frequencies)
    {
        int windows = PostingsLayout.Windows(lengths.Length), directory = _length;
        Reserve(windows * PostingsLayout.DenseEntry);
        int body = _length, from = 0;
        Span<ulong> bits = stackalloc ulong[PostingsLayout.WindowWords];
        for (int window = 0; window < windows; window++)
        {
            int begins = _length - body, start = window * PostingsLayout.Window, to = from;
            bits.Clear();
            Span<byte> header = Reserve(PostingsLayout.DenseFrequenciesAt);
            for (; to < documents.Length && documents[to] < start + PostingsLayout.Window; to++)
            {
                int place = documents[to] - start;
                bits[place >> 6] |= 1UL << (place & 63);
            }

            for (int word = 0, rank = 0; word < bits.Length; rank += BitOperations.PopCount(bits[word++]))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(header[(word * 8)..], bits[word]);
                if (word * 64 % PostingsLayout.RankSpan == 0)
                    BinaryPrimitives.WriteUInt16LittleEndian(header[(PostingsLayout.RanksAt + (word * 64 / PostingsLayout.RankSpan * 2))..], (ushort)rank);
            }

            (ushort least, byte most, int frequencyBits) = WriteFrequencies(documents[from..to], frequencies[from..to]);
            Span<byte> entry = _bytes.AsSpan(directory + (window * PostingsLayout.DenseEntry));
            BinaryPrimitives.WriteInt32LittleEndian(entry, begins);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], least);
            entry[6] = most;
            entry[7] = (byte)frequencyBits;
            from = to;
        }
    }

    private (ushort Least, byte Most, int Bits) WriteFrequencies(ReadOnlySpan<int> documents, ReadOnlySpan<byte> frequencies)
    {
        ushort least = ushort.MaxValue;
        byte most = 0;
        for (int i = 0; i < documents.Length; i++)
        {
            least = Math.Min(least, lengths[documents[i]]);
            most = Math.Max(most, frequencies[i]);
            _values[i] = frequencies[i] - 1;
        }

        int bits = most == 0 ? 0 : BitPacking.Bits(most - 1);
        BitPacking.Pack(_values.AsSpan(0, documents.Length), bits, Reserve(BitPacking.Bytes(documents.Length, bits)));
        return (least, most, bits);
    }

    private Span<byte> Reserve(int count)
    {
        // Packing writes four bytes at a time, reading takes eight.
        int needed = _length + count + BitPacking.Padding;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        _length += count;
        return _bytes.AsSpan(_length - count);
    }
}
