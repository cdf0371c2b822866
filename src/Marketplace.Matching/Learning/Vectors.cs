using System.Numerics;
using System.Runtime.InteropServices;

namespace Marketplace.Matching;

/// <summary>Arithmetic on rows of numbers whose count is <see cref="MatchModel.Dimensions"/>.</summary>
internal static class Vectors
{
    /// <summary>Adds <paramref name="factor"/> times a row to a sum.</summary>
    public static void Add(float factor, ReadOnlySpan<float> row, Span<float> sum)
    {
        ReadOnlySpan<Vector<float>> rows = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (int i = 0; i < sums.Length; i++)
            sums[i] += rows[i] * factor;
    }

    public static void Scale(float factor, Span<float> row)
    {
        foreach (ref Vector<float> part in MemoryMarshal.Cast<float, Vector<float>>(row))
            part *= factor;
    }

    public static float Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        ReadOnlySpan<Vector<float>> ones = MemoryMarshal.Cast<float, Vector<float>>(one), others = MemoryMarshal.Cast<float, Vector<float>>(other);
        Vector<float> sum = Vector<float>.Zero;
        for (int i = 0; i < ones.Length; i++)
            sum += ones[i] * others[i];
        return Vector.Sum(sum);
    }

    public static int Dot(ReadOnlySpan<sbyte> one, ReadOnlySpan<sbyte> other)
    {
        ReadOnlySpan<Vector<sbyte>> ones = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(one), others = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(other);
        Vector<int> sum = Vector<int>.Zero;
        for (int i = 0; i < ones.Length; i++)
        {
            Vector.Widen(ones[i], out Vector<short> oneLow, out Vector<short> oneHigh);
            Vector.Widen(others[i], out Vector<short> otherLow, out Vector<short> otherHigh);
            // Two products of signed bytes fit into sixteen bits.
            Vector.Widen((oneLow * otherLow) + (oneHigh * otherHigh), out Vector<int> low, out Vector<int> high);
            sum += low + high;
        }

        return Vector.Sum(sum);
    }

    /// <summary>Divides by the length; a row of zeros stays.</summary>
    /// <returns>The length.</returns>
    public static float Normalise(Span<float> row)
    {
        float length = MathF.Sqrt(Dot(row, row));
        if (length > 0)
            Scale(1 / length, row);
        return length;
    }
}
