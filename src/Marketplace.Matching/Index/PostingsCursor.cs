using System.Buffers.Binary;
using System.Numerics;
using static Marketplace.Matching.PostingsLayout;

namespace Marketplace.Matching;

/// <summary>Reads one term's postings in a segment, forwards only. Kept by a search and opened again for other terms.</summary>
internal sealed class PostingsCursor
{
    private readonly int[] _documents = new int[BlockSize];
    private byte[] _bytes = [];
    private bool _dense;
    private int _directory, _body, _blocks;

    // The current block of a sparse term, its last document, whether it is unpacked, and the place reached in it.
    private int _block, _last, _unpacked, _count, _place, _frequenciesAt, _frequencyBits;
    private double _blockBound;

    /// <summary>What one unit of <see cref="Bm25.Saturation"/> is worth.</summary>
    public double Factor { get; private set; }

    /// <summary>How many documents of the segment hold the term.</summary>
    public int Total { get; private set; }

    /// <summary>How many documents of a window hold the term, on the average.</summary>
    public int PerWindow { get; private set; }

    public void Open(Segment segment, int term, double factor)
    {
        Factor = factor;
        _bytes = segment.Postings;
        Total = segment.DocumentFrequency(term);
        _dense = IsDense(Total, segment.Count);
        PerWindow = Total / Windows(segment.Count);
        _directory = segment.PostingsAt(term);
        _blocks = Blocks(Total);
        _body = _directory + (_dense ? Windows(segment.Count) * DenseEntry : _blocks == 1 ? ShortEntry : _blocks * SparseEntry);
        Rewind();
    }

    /// <summary>Back to the first document.</summary>
    public void Rewind()
    {
        _block = -1;
        _unpacked = -1;
        if (!_dense)
            NextBlock();
    }

    /// <summary>The most that the term can add to the score of a document in a window; 0 when none of them holds it.</summary>
    public double Bound(int window, Bm25 bm25)
    {
        if (_dense)
        {
            ReadOnlySpan<byte> entry = _bytes.AsSpan(_directory + (window * DenseEntry), DenseEntry);
            return Bound(BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]), entry[6], bm25);
        }

        int start = window * Window, end = start + Window;
        Seek(start);
        if (_block == _blocks)
            return 0;
        if (_unpacked == _block && _documents[_place] >= end)
            return 0;
        if (_blockBound < 0)
            _blockBound = BlockBound(_block, bm25);
        double bound = _blockBound;
        int last = _last;
        for (int block = _block + 1; last < end - 1 && block < _blocks; block++)
        {
            bound = Math.Max(bound, BlockBound(block, bm25));
            last = Last(block);
        }

        return bound;
    }

    /// <summary>Adds what the term is worth to the scores of the documents of a window, of those alone that the mask lets through.</summary>
    /// <param name="window">The number of the window.</param>
    /// <param name="bm25">The statistics.</param>
    /// <param name="lengths">The lengths of the segment's documents.</param>
    /// <param name="mask">A bit for each document of the window; empty lets all through.</param>
    /// <param name="scores">A score for each document of the window.</param>
    /// <param name="scored">A bit for each document of the window, set for those whose scores are added to.</param>
    /// <returns>In how many documents.</returns>
    public int Accumulate(
        int window, Bm25 bm25, ReadOnlySpan<ushort> lengths, ReadOnlySpan<ulong> mask, Span<double> scores, Span<ulong> scored)
    {
        int start = window * Window;
        if (_dense)
        {
            return AccumulateDense(window, bm25, lengths[start..], mask, scores, scored);
        }

        int end = start + Window, added = 0;
        double factor = Factor;
        for (Seek(start); _block < _blocks; NextBlock())
        {
            Unpack();
            SkipTo(start);
            ReadOnlySpan<int> documents = _documents.AsSpan(0, _count);
            ReadOnlySpan<byte> frequencies = _bytes.AsSpan(_frequenciesAt);
            int bits = _frequencyBits;
            int place = _place;
            for (; place < documents.Length; place++)
            {
                int document = documents[place];
                if (document >= end)
                    break;
                int inWindow = document - start;
                if (!mask.IsEmpty && (mask[inWindow >> 6] >> (inWindow & 63) & 1) == 0)
                    continue;
                added++;
                scored[inWindow >> 6] |= 1UL << (inWindow & 63);
                scores[inWindow] += factor * bm25.SaturationIn(lengths[document], Frequency(frequencies, bits, place));
            }

            _place = place;
            if (place < _count)
                break;
        }

        return added;
    }

    /// <summary>Adds what the term is worth to the scores of some documents of a window.</summary>
    /// <param name="window">The number of the window.</param>
    /// <param name="bm25">The statistics.</param>
    /// <param name="lengths">The lengths of the segment's documents.</param>
    /// <param name="places">The places of the documents in the window, ascending.</param>
    /// <param name="scores">A score for each document of the window.</param>
    public void Probe(int window, Bm25 bm25, ReadOnlySpan<ushort> lengths, ReadOnlySpan<int> places, Span<double> scores)
    {
        int start = window * Window;
        if (_dense)
        {
            ProbeDense(window, bm25, lengths[start..], places, scores);
            return;
        }

        double factor = Factor;
        for (int at = 0; at < places.Length;)
        {
            Seek(start + places[at]);
            if (_block == _blocks)
                return;
            Unpack();
            // What is not a field stays in the processor.
            ReadOnlySpan<int> documents = _documents.AsSpan(0, _count);
            ReadOnlySpan<byte> frequencies = _bytes.AsSpan(_frequenciesAt);
            int bits = _frequencyBits, reached = _place;
            for (; at < places.Length; at++)
            {
                int place = places[at], document = start + place;
                reached = Skipped(documents, reached, document);
                if (reached == documents.Length)
                    break;
                if (documents[reached] == document)
                    scores[place] += factor * bm25.SaturationIn(lengths[document], Frequency(frequencies, bits, reached));
            }

            _place = reached;
        }
    }

    /// <summary>Writes all documents and frequencies.</summary>
    public void ReadAll(Span<int> documents, Span<byte> frequencies)
    {
        if (_dense)
        {
            ReadAllDense(documents, frequencies);
            return;
        }

        for (int at = 0; _block < _blocks; NextBlock())
        {
            Unpack();
            _documents.AsSpan(0, _count).CopyTo(documents[at..]);
            for (int i = 0; i < _count; i++)
                frequencies[at++] = unchecked((byte)Frequency(_bytes.AsSpan(_frequenciesAt), _frequencyBits, i));
        }
    }

    private double Bound(ushort leastLength, int mostFrequency, Bm25 bm25) =>
        mostFrequency == 0 ? 0 : Factor * bm25.SaturationIn(leastLength, mostFrequency);

    private double BlockBound(int block, Bm25 bm25)
    {
        ReadOnlySpan<byte> entry = Entry(block);
        return Bound(BinaryPrimitives.ReadUInt16LittleEndian(entry), entry[2], bm25);
    }

    /// <summary>The part of a block's entry that every sparse term has.</summary>
    private ReadOnlySpan<byte> Entry(int block) =>
        _bytes.AsSpan(_blocks == 1 ? _directory : _directory + (block * SparseEntry) + 8, ShortEntry);

    // The only block of a short term may hold any document.
    private int Last(int block) =>
        _blocks == 1 ? int.MaxValue : BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_directory + (block * SparseEntry)));

    private void NextBlock()
    {
        _block++;
        _blockBound = -1;
        _last = _block < _blocks ? Last(_block) : int.MaxValue;
    }

    /// <summary>To the block that would hold the document, and when that is unpacked, to the place in it.</summary>
    private void Seek(int document)
    {
        while (_last < document)
            NextBlock();
        if (_unpacked != _block || _block == _blocks)
            return;
        SkipTo(document);
        if (_place == _count)
            NextBlock();
    }

    private void SkipTo(int document) => _place = Skipped(_documents.AsSpan(0, _count), _place, document);

    /// <summary>The first place from one on whose document is not before another; the length where there is none.</summary>
    private static int Skipped(ReadOnlySpan<int> documents, int place, int document)
    {
        const int step = 8;
        while (place + step <= documents.Length && documents[place + step - 1] < document)
            place += step;
        while (place < documents.Length && documents[place] < document)
            place++;
        return place;
    }

    private void Unpack()
    {
        if (_unpacked == _block)
            return;
        _unpacked = _block;
        _place = 0;
        _count = Math.Min(BlockSize, Total - (_block * BlockSize));
        int at = _body, previous = -1, widths = Entry(_block)[3], gapBits = widths & 31;
        if (_blocks > 1)
        {
            at += BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_directory + (_block * SparseEntry) + 4));
            previous = _block == 0 ? -1 : Last(_block - 1);
        }

        Span<int> documents = _documents.AsSpan(0, _count);
        BitPacking.UnpackRising(_bytes.AsSpan(at), gapBits, previous, documents);
        _frequenciesAt = at + BitPacking.Bytes(_count, gapBits);
        _frequencyBits = widths >> 5;
    }

    private static int Frequency(ReadOnlySpan<byte> packed, int bits, int index) => bits == 0 ? 1 : 1 + BitPacking.At(packed, bits, index);

    private ReadOnlySpan<byte> DenseWindow(int window, out int frequencyBits)
    {
        ReadOnlySpan<byte> entry = _bytes.AsSpan(_directory + (window * DenseEntry), DenseEntry);
        frequencyBits = entry[7];
        return _bytes.AsSpan(_body + BinaryPrimitives.ReadInt32LittleEndian(entry));
    }

    private int AccumulateDense(
        int window, Bm25 bm25, ReadOnlySpan<ushort> lengths, ReadOnlySpan<ulong> mask, Span<double> scores, Span<ulong> scored)
    {
        ReadOnlySpan<byte> body = DenseWindow(window, out int width), frequencies = body[DenseFrequenciesAt..];
        double factor = Factor;
        int rank = 0, added = 0;
        for (int word = 0; word < WindowWords; word++)
        {
            ulong all = BinaryPrimitives.ReadUInt64LittleEndian(body[(word * 8)..]), left = mask.IsEmpty ? all : all & mask[word];
            scored[word] |= left;
            added += BitOperations.PopCount(left);
            for (int passed = 0; left != 0; left &= left - 1, passed++)
            {
                int bit = BitOperations.TrailingZeroCount(left);
                if (!mask.IsEmpty)
                    passed = BitOperations.PopCount(all & ((1UL << bit) - 1));
                int document = (word << 6) + bit;
                scores[document] += factor * bm25.SaturationIn(lengths[document], Frequency(frequencies, width, rank + passed));
            }

            rank += BitOperations.PopCount(all);
        }

        return added;
    }

    private void ProbeDense(int window, Bm25 bm25, ReadOnlySpan<ushort> lengths, ReadOnlySpan<int> places, Span<double> scores)
    {
        ReadOnlySpan<byte> body = DenseWindow(window, out int width);
        double factor = Factor;
        foreach (int place in places)
        {
            ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(body[((place >> 6) * 8)..]);
            if ((bits >> (place & 63) & 1) == 0)
                continue;
            int frequency = width == 0 ? 1 : Frequency(body[DenseFrequenciesAt..], width, Rank(body, place, bits));
            scores[place] += factor * bm25.SaturationIn(lengths[place], frequency);
        }
    }

    /// <summary>How many documents of a dense window before one hold the term.</summary>
    private static int Rank(ReadOnlySpan<byte> body, int place, ulong bits)
    {
        int span = place / RankSpan;
        int rank = BinaryPrimitives.ReadUInt16LittleEndian(body[(RanksAt + (span * 2))..])
            + BitOperations.PopCount(bits & ((1UL << (place & 63)) - 1));
        for (int word = span * (RankSpan / 64); word < place >> 6; word++)
            rank += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(body[(word * 8)..]));
        return rank;
    }

    private void ReadAllDense(Span<int> documents, Span<byte> frequencies)
    {
        for (int window = 0, at = 0; at < Total; window++)
        {
            ReadOnlySpan<byte> body = DenseWindow(window, out int width);
            int from = at;
            for (int word = 0; word < WindowWords; word++)
            {
                ulong left = BinaryPrimitives.ReadUInt64LittleEndian(body[(word * 8)..]);
                for (; left != 0; left &= left - 1)
                    documents[at++] = (window * Window) + (word << 6) + BitOperations.TrailingZeroCount(left);
            }

            for (int i = from; i < at; i++)
                frequencies[i] = unchecked((byte)Frequency(body[DenseFrequenciesAt..], width, i - from));
        }
    }
}
