using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Marketplace.Matching;

/// <summary>
/// What a market has learned from its texts and deals: how much each term tells (its weight, which multiplies the term's factor in BM25),
/// and what it is about (a vector: texts whose terms' vectors point the same way are about the same, even if they share no term). It never
/// changes, and holds terms by their stable keys, so that it fits any index.
/// </summary>
public sealed class MatchModel
{
    internal const int Dimensions = 128;

    // Components of a vector of length 1 are about 0.09; larger ones than 127/400 are cut off.
    private const float Unit = 400;

    private const ulong Magic = 0x324C444D544B4D54; // "TMKTMDL2"
    private const int HeadLength = 16;
    private const int MostRows = 1 << 24;

    private readonly ulong[] _keys;
    private readonly float[] _weights;
    private readonly float[] _scales;
    private readonly sbyte[] _vectors;
    private readonly float _meaningWeight;
    private readonly Dictionary<ulong, int> _rows;

    /// <param name="keys">Distinct; see <see cref="TermKey"/>.</param>
    /// <param name="weights">The weight of each term.</param>
    /// <param name="vectors">The vector of each term, one after the other.</param>
    /// <param name="meaningWeight">See <see cref="MeaningWeight"/>.</param>
    internal MatchModel(ulong[] keys, float[] weights, ReadOnlySpan<float> vectors, float meaningWeight)
        : this(keys, weights, new float[keys.Length], new sbyte[vectors.Length], meaningWeight)
    {
        for (int row = 0; row < keys.Length; row++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(row * Dimensions, Dimensions);
            float most = 0;
            foreach (float value in vector)
                most = Math.Max(most, Math.Abs(value));
            _scales[row] = most / sbyte.MaxValue;
            for (int i = 0; i < Dimensions && most > 0; i++)
                _vectors[(row * Dimensions) + i] = (sbyte)MathF.Round(vector[i] / most * sbyte.MaxValue);
        }

        Version = VersionOf(Digest());
    }

    private MatchModel(ulong[] keys, float[] weights, float[] scales, sbyte[] vectors, float meaningWeight)
    {
        (_keys, _weights, _scales, _vectors, _meaningWeight) = (keys, weights, scales, vectors, meaningWeight);
        _rows = new Dictionary<ulong, int>(keys.Length);
        for (int row = 0; row < keys.Length; row++)
            _rows.Add(keys[row], row);
    }

    /// <summary>Sixteen hexadecimal digits of the hash of all that it holds: equal for equal models alone.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The number of terms it knows.</summary>
    public int Terms => _keys.Length;

    /// <summary>How much the nearness of meanings counts beside the fit of the terms, which counts 1.</summary>
    internal double MeaningWeight => _meaningWeight;

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="stream">Read to the end of the model.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">It is not a model, of another format, cut off or changed.</exception>
    public static MatchModel Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            Span<byte> head = stackalloc byte[HeadLength];
            stream.ReadExactly(head);
            if (BinaryPrimitives.ReadUInt64LittleEndian(head) != Magic)
                throw new InvalidDataException("The stream does not begin as a match model of this version does.");
            int rows = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
            if (rows is < 0 or > MostRows)
                throw new InvalidDataException($"A match model holds at most {MostRows} terms, not {rows}.");
            float meaningWeight = BinaryPrimitives.ReadSingleLittleEndian(head[12..]);
            var (keys, weights, scales, vectors) = (new ulong[rows], new float[rows], new float[rows], new sbyte[rows * Dimensions]);
            stream.ReadExactly(MemoryMarshal.AsBytes(keys.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(weights.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(scales.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(vectors.AsSpan()));
            Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
            stream.ReadExactly(stored);
            var model = new MatchModel(keys, weights, scales, vectors, meaningWeight);
            byte[] digest = model.Digest();
            if (!stored.SequenceEqual(digest))
                throw new InvalidDataException("The match model was changed after it was written: its checksum differs.");
            model.Version = VersionOf(digest);
            return model;
        }
        catch (EndOfStreamException cut)
        {
            throw new InvalidDataException("The match model ends too early.", cut);
        }
    }

    /// <summary>Writes the model, with a checksum.</summary>
    /// <param name="stream">Where to write.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> head = stackalloc byte[HeadLength];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], _keys.Length);
        BinaryPrimitives.WriteSingleLittleEndian(head[12..], _meaningWeight);
        stream.Write(head);
        stream.Write(MemoryMarshal.AsBytes<ulong>(_keys));
        stream.Write(MemoryMarshal.AsBytes<float>(_weights));
        stream.Write(MemoryMarshal.AsBytes<float>(_scales));
        stream.Write(MemoryMarshal.AsBytes<sbyte>(_vectors));
        stream.Write(Digest());
    }

    /// <summary>How much a term tells, 1 being as much as one that is not known.</summary>
    internal double WeightOf(ulong key) => _rows.TryGetValue(key, out int row) ? _weights[row] : 1;

    /// <summary>The row of a term, or -1.</summary>
    internal int Find(ulong key) => _rows.TryGetValue(key, out int row) ? row : -1;

    /// <summary>How much of its vector a term adds to that of a text that holds it so often.</summary>
    internal static float Share(int frequency) => frequency * 2.2f / (frequency + 1.2f);

    /// <summary>The vector of a term, not of length 1: a term that says little about the meaning has a short one.</summary>
    internal void Read(int row, Span<float> vector)
    {
        float scale = _scales[row];
        ReadOnlySpan<sbyte> values = _vectors.AsSpan(row * Dimensions, Dimensions);
        for (int i = 0; i < values.Length; i++)
            vector[i] = values[i] * scale;
    }

    /// <summary>The direction of a sum of vectors, rounded.</summary>
    internal static void Round(Span<float> sum, Span<sbyte> direction)
    {
        Vectors.Normalise(sum);
        for (int i = 0; i < sum.Length; i++)
            direction[i] = (sbyte)Math.Clamp(MathF.Round(sum[i] * Unit), -sbyte.MaxValue, sbyte.MaxValue);
    }

    /// <summary>How near two directions are: 1 for the same, 0 from a right angle on.</summary>
    internal static double Nearness(ReadOnlySpan<sbyte> one, ReadOnlySpan<sbyte> other) =>
        Math.Clamp(Vectors.Dot(one, other) / (double)(Unit * Unit), 0, 1);

    /// <summary>The same with another <see cref="MeaningWeight"/>.</summary>
    internal MatchModel WithMeaningWeight(float weight)
    {
        var model = new MatchModel(_keys, _weights, _scales, _vectors, weight);
        model.Version = VersionOf(model.Digest());
        return model;
    }

    private static string VersionOf(byte[] digest) => Convert.ToHexStringLower(digest.AsSpan(0, 8));

    private byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<float>([_meaningWeight]));
        hash.AppendData(MemoryMarshal.AsBytes<ulong>(_keys));
        hash.AppendData(MemoryMarshal.AsBytes<float>(_weights));
        hash.AppendData(MemoryMarshal.AsBytes<float>(_scales));
        hash.AppendData(MemoryMarshal.AsBytes<sbyte>(_vectors));
        return hash.GetHashAndReset();
    }
}
