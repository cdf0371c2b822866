using System.Buffers.Binary;

namespace Marketplace.Matching;

/// <summary>Small numbers side by side in as many bits as the largest of them needs, least significant bits first.</summary>
internal static class BitPacking
{
    /// <summary>How many bytes must follow packed numbers, because reading takes eight at a time.</summary>
    public const int Padding = 8;

    public static int Bits(int largest) => 32 - int.LeadingZeroCount(largest);

    public static int Bytes(int count, int bits) => ((count * bits) + 7) / 8;

    public static void Pack(ReadOnlySpan<int> values, int bits, Span<byte> to)
    {
        ulong pending = 0;
        int filled = 0, at = 0;
        foreach (int value in values)
        {
            pending |= (ulong)(uint)value << filled;
            filled += bits;
            if (filled < 32)
                continue;
            BinaryPrimitives.WriteUInt32LittleEndian(to[at..], unchecked((uint)pending));
            at += 4;
            pending >>= 32;
            filled -= 32;
        }

        for (; filled > 0; filled -= 8, pending >>= 8)
            to[at++] = unchecked((byte)pending);
    }

    /// <summary>Reads the first numbers.</summary>
    public static void Unpack(ReadOnlySpan<byte> from, int bits, Span<int> to)
    {
        int i = 0;
        // Four of so few bits are in eight bytes, wherever in a byte they begin: four bits deep at most.
        if (bits <= 15)
        {
            uint mask = (1u << bits) - 1;
            for (; i + 4 <= to.Length; i += 4)
            {
                ulong packed = From(from, i * bits);
                Span<int> four = to.Slice(i, 4);
                unchecked
                {
                    four[0] = (int)((uint)packed & mask);
                    four[1] = (int)((uint)(packed >> bits) & mask);
                    four[2] = (int)((uint)(packed >> (2 * bits)) & mask);
                    four[3] = (int)((uint)(packed >> (3 * bits)) & mask);
                }
            }
        }

        for (; i < to.Length; i++)
            to[i] = At(from, bits, i);
    }

    /// <summary>One of the packed numbers.</summary>
    public static int At(ReadOnlySpan<byte> from, int bits, int index) =>
        unchecked((int)((uint)From(from, index * bits) & ((1u << bits) - 1)));

    private static ulong From(ReadOnlySpan<byte> from, int place) =>
        BinaryPrimitives.ReadUInt64LittleEndian(from[(place >> 3)..]) >> (place & 7);
}
