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

    /// <summary>Reads the numbers from the one with the index <paramref name="first"/> on.</summary>
    public static void Unpack(ReadOnlySpan<byte> from, int bits, int first, Span<int> to)
    {
        if (bits == 0)
        {
            to.Clear();
            return;
        }

        unchecked
        {
            uint mask = (1u << bits) - 1;
            int place = first * bits;
            for (int i = 0; i < to.Length; i++, place += bits)
                to[i] = (int)((uint)(BinaryPrimitives.ReadUInt64LittleEndian(from[(place >> 3)..]) >> (place & 7)) & mask);
        }
    }

    /// <summary>One of the packed numbers.</summary>
    public static int At(ReadOnlySpan<byte> from, int bits, int index)
    {
        int place = index * bits;
        uint shifted = unchecked((uint)(BinaryPrimitives.ReadUInt64LittleEndian(from[(place >> 3)..]) >> (place & 7)));
        return (int)(shifted & ((1u << bits) - 1));
    }
}
