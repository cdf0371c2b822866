using System.Buffers.Binary;
using System.Runtime.Intrinsics;

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

    /// <summary>Reads numbers that rise: packed are the gaps between them, each one less than the distance from the one before.</summary>
    /// <param name="from">Where the gaps are.</param>
    /// <param name="bits">How many bits each has.</param>
    /// <param name="before">The number before the first.</param>
    /// <param name="to">As many as are wanted.</param>
    public static void UnpackRising(ReadOnlySpan<byte> from, int bits, int before, Span<int> to)
    {
        int i = 0;
        // Four of so few bits are in eight bytes, wherever in a byte they begin: four bits deep at most.
        if (bits <= 15)
        {
            uint mask = (1u << bits) - 1;
            Vector128<int> last = Vector128.Create(before);
            for (; i + 4 <= to.Length; i += 4)
            {
                ulong packed = From(from, i * bits);
                Vector128<uint> gaps = unchecked(Vector128.Create((uint)packed, (uint)(packed >> bits), (uint)(packed >> (2 * bits)), (uint)(packed >> (3 * bits))));
                Vector128<int> four = (gaps & Vector128.Create(mask)).AsInt32() + Vector128<int>.One;
                // Each with those before it; what comes from beyond the last is nought.
                four += Vector128.Shuffle(four, Vector128.Create(4, 0, 1, 2));
                four += Vector128.Shuffle(four, Vector128.Create(4, 4, 0, 1));
                four += last;
                four.CopyTo(to[i..]);
                last = Vector128.Shuffle(four, Vector128.Create(3));
            }

            before = last.ToScalar();
        }

        for (; i < to.Length; i++)
            to[i] = before = unchecked(before + At(from, bits, i) + 1);
    }

    /// <summary>One of the packed numbers.</summary>
    public static int At(ReadOnlySpan<byte> from, int bits, int index) =>
        unchecked((int)((uint)From(from, index * bits) & ((1u << bits) - 1)));

    private static ulong From(ReadOnlySpan<byte> from, int place) =>
        BinaryPrimitives.ReadUInt64LittleEndian(from[(place >> 3)..]) >> (place & 7);
}
