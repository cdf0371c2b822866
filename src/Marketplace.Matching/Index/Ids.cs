using System.Text;

namespace Marketplace.Matching;

/// <summary>The ids of a segment's documents as UTF-8 in one block, and the way back from an id to its document.</summary>
/// <param name="bytes">One id after the other.</param>
/// <param name="ends">Where each ends.</param>
/// <param name="table">Open addressing with linear probing: a document, or -1 for an empty place.</param>
internal sealed class Ids(byte[] bytes, int[] ends, int[] table)
{
    // Lone surrogates have no UTF-8: an id with one could not be found again.
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public byte[] Bytes => bytes;

    public int[] Ends => ends;

    public int[] Table => table;

    public static byte[] Encode(string id) => Strict.GetBytes(id);

    public static Ids Of(IEnumerable<ReadOnlyMemory<byte>> ids, int count)
    {
        var all = new ArrayWriter<byte>(count * 32);
        var ends = new int[count];
        int filled = 0;
        foreach (ReadOnlyMemory<byte> id in ids)
        {
            all.Add(id.Span);
            ends[filled++] = all.Count;
        }

        var table = new int[count + (count / 3) + 1];
        Array.Fill(table, -1);
        var made = new Ids(all.ToArray(), ends, table);
        for (int document = 0; document < count; document++)
        {
            int place = made.Home(made.Utf8(document));
            while (table[place] >= 0)
                place = made.After(place);
            table[place] = document;
        }

        return made;
    }

    public ReadOnlySpan<byte> Utf8(int document) => Memory(document).Span;

    public ReadOnlyMemory<byte> Memory(int document)
    {
        int start = document == 0 ? 0 : ends[document - 1];
        return bytes.AsMemory(start, ends[document] - start);
    }

    public string Of(int document) => Encoding.UTF8.GetString(Utf8(document));

    /// <summary>The document with an id, or -1.</summary>
    public int Find(ReadOnlySpan<byte> id)
    {
        for (int place = Home(id); table[place] >= 0; place = After(place))
        {
            if (Utf8(table[place]).SequenceEqual(id))
                return table[place];
        }

        return -1;
    }

    private int After(int place) => place + 1 == table.Length ? 0 : place + 1;

    private int Home(ReadOnlySpan<byte> id) => (int)Math.BigMul(TermKey.Mix(TermKey.Hash(id)), (ulong)table.Length, out _);
}
