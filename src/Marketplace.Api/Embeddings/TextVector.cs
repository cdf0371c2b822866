using System.Buffers.Binary;

namespace Marketplace.Api.Embeddings;

/// <summary>
/// A direction that stands for a text's meaning, of length 1. Stored as a little-endian float, the largest component's size, and a signed
/// byte a component in parts of 127 of it: a quarter of what floats take, and the cosine differs in the third digit.
/// </summary>
public sealed class TextVector
{
    /// <summary>More than any model in use has.</summary>
    public const int MostComponents = 8192;

    readonly float[] _components;

    TextVector(float[] components) => _components = components;

    public int Length => _components.Length;

    /// <returns>Null for what is no direction: nothing, too much, all zero, or not finite.</returns>
    public static TextVector? Of(ReadOnlySpan<float> components)
    {
        var squares = 0.0;
        foreach (var component in components)
        {
            squares += (double)component * component;
        }

        if (components.Length is 0 or > MostComponents || squares == 0 || !double.IsFinite(squares))
        {
            return null;
        }

        var unit = new float[components.Length];
        for (var i = 0; i < unit.Length; i++)
        {
            unit[i] = (float)(components[i] / Math.Sqrt(squares));
        }

        return new(unit);
    }

    /// <returns>Null for bytes that <see cref="Write"/> did not write.</returns>
    public static TextVector? Read(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < sizeof(float))
        {
            return null;
        }

        var part = BinaryPrimitives.ReadSingleLittleEndian(stored) / sbyte.MaxValue;
        var components = new float[stored.Length - sizeof(float)];
        for (var i = 0; i < components.Length; i++)
        {
            components[i] = unchecked((sbyte)stored[sizeof(float) + i]) * part;
        }

        return Of(components);
    }

    public byte[] Write()
    {
        var largest = 0f;
        foreach (var component in _components)
        {
            largest = Math.Max(largest, Math.Abs(component));
        }

        var stored = new byte[sizeof(float) + _components.Length];
        BinaryPrimitives.WriteSingleLittleEndian(stored, largest);
        for (var i = 0; i < _components.Length; i++)
        {
            stored[sizeof(float) + i] = unchecked((byte)(sbyte)MathF.Round(_components[i] / largest * sbyte.MaxValue));
        }

        return stored;
    }

    /// <summary>The cosine of the angle to another vector of the same length: 1 for the same direction, 0 for unrelated ones.</summary>
    public double Cosine(TextVector other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Length, Length);
        var sum = 0.0;
        for (var i = 0; i < _components.Length; i++)
        {
            sum += (double)_components[i] * other._components[i];
        }

        return sum;
    }
}
