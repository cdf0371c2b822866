using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Marketplace.Matching;

/// <summary>One member of a segment's documents: the distinct values in ascending order, and for each document the number of its value.</summary>
/// <param name="values">Distinct, ascending.</param>
/// <param name="codes">A number for each document, in one, two or four bytes as the count of values asks for.</param>
internal sealed class Column<T>(T[] values, byte[] codes)
    where T : notnull
{
    private static readonly IComparer<T> Order = typeof(T) == typeof(string) ? (IComparer<T>)StringComparer.Ordinal : Comparer<T>.Default;

    public T[] Values => values;

    public byte[] Codes => codes;

    private int Width { get; } = WidthFor(values.Length);

    public static int WidthFor(int values) => values <= 1 << 8 ? 1 : values <= 1 << 16 ? 2 : 4;

    public static Column<T> Of(IReadOnlyList<T> members)
    {
        T[] values = [.. new SortedSet<T>(members, Order)];
        var column = new Column<T>(values, new byte[members.Count * WidthFor(values.Length)]);
        for (int document = 0; document < members.Count; document++)
            column.Set(document, Array.BinarySearch(values, members[document], Order));
        return column;
    }

    /// <param name="parts">Columns, each with the documents of it that stay.</param>
    public static Column<T> Merge(IReadOnlyList<(Column<T> Column, int[] Living)> parts)
    {
        T[] values = [.. new SortedSet<T>(parts.SelectMany(part => part.Column.Values), Order)];
        var merged = new Column<T>(values, new byte[parts.Sum(part => part.Living.Length) * WidthFor(values.Length)]);
        int document = 0;
        foreach ((Column<T> column, int[] living) in parts)
        {
            int[] renumbered = [.. column.Values.Select(value => Array.BinarySearch(values, value, Order))];
            foreach (int old in living)
                merged.Set(document++, renumbered[column.Code(old)]);
        }

        return merged;
    }

    public T this[int document] => values[Code(document)];

    /// <summary>The numbers of the values from <paramref name="least"/> to <paramref name="most"/>, both inclusive.</summary>
    public CodeRange Between(T least, T most)
    {
        int from = Array.BinarySearch(values, least, Order), to = Array.BinarySearch(values, most, Order);
        return new CodeRange(from >= 0 ? from : ~from, to >= 0 ? to : ~to - 1);
    }

    /// <summary>Sets a bit for each document of the window whose value's number is in the range.</summary>
    public void Select(CodeRange range, int start, Span<ulong> bits)
    {
        int count = Math.Min(bits.Length * 64, (codes.Length / Width) - start);
        ReadOnlySpan<byte> window = codes.AsSpan(start * Width, count * Width);
        if (range.First > range.Last)
            return;
        switch (Width)
        {
            case 1:
                Select(window, (byte)range.First, (byte)(range.Last - range.First), bits);
                break;
            case 2:
                Select(MemoryMarshal.Cast<byte, ushort>(window), (ushort)range.First, (ushort)(range.Last - range.First), bits);
                break;
            default:
                Select(MemoryMarshal.Cast<byte, uint>(window), (uint)range.First, (uint)(range.Last - range.First), bits);
                break;
        }
    }

    private static void Select<TCode>(ReadOnlySpan<TCode> window, TCode first, TCode extent, Span<ulong> bits)
        where TCode : unmanaged, IBinaryInteger<TCode>
    {
        int i = 0;
        for (; i + 64 <= window.Length; i += 64)
        {
            ulong word = 0;
            for (int step = 0; step < 64; step += Vector256<TCode>.Count)
            {
                Vector256<TCode> distance = Vector256.Create(window.Slice(i + step, Vector256<TCode>.Count)) - Vector256.Create(first);
                word |= (ulong)Vector256.LessThanOrEqual(distance, Vector256.Create(extent)).ExtractMostSignificantBits() << step;
            }

            bits[i >> 6] |= word;
        }

        for (; i < window.Length; i++)
        {
            if (unchecked(window[i] - first) <= extent)
                bits[i >> 6] |= 1UL << (i & 63);
        }
    }

    private int Code(int document) => Width switch
    {
        1 => codes[document],
        2 => MemoryMarshal.Cast<byte, ushort>(codes)[document],
        _ => MemoryMarshal.Cast<byte, int>(codes)[document],
    };

    private void Set(int document, int code)
    {
        switch (Width)
        {
            case 1:
                codes[document] = (byte)code;
                break;
            case 2:
                MemoryMarshal.Cast<byte, ushort>(codes.AsSpan())[document] = (ushort)code;
                break;
            default:
                MemoryMarshal.Cast<byte, int>(codes.AsSpan())[document] = code;
                break;
        }
    }
}

/// <summary>Numbers of values, both ends inclusive; empty when the first is above the last.</summary>
internal readonly record struct CodeRange(int First, int Last);
