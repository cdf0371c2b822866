namespace Marketplace.Matching;

/// <summary>Counts the terms of listings, one after the other, and then sorts what it counted by term.</summary>
internal sealed class TermCounter
{
    private readonly ArrayWriter<int> _terms = new(1 << 12);
    private readonly ArrayWriter<int> _documents = new(1 << 12);
    private readonly ArrayWriter<byte> _frequencies = new(1 << 12);

    // For each term: its key, how many documents hold it, and its latest posting.
    private readonly ArrayWriter<ulong> _keys = new(1 << 10);
    private readonly ArrayWriter<int> _held = new(1 << 10);
    private readonly ArrayWriter<int> _latest = new(1 << 10);

    // Open addressing with linear probing; a term's number and one, so that 0 is an empty place.
    private int[] _table = new int[1 << 12];
    private int _document = -1;

    /// <returns>The length of the listing in terms, at most 65,535.</returns>
    public ushort Count(Listing listing)
    {
        _document++;
        var sink = new Sink(this);
        listing.Scan(ref sink);
        return (ushort)Math.Min(sink.Length, ushort.MaxValue);
    }

    /// <summary>The terms in the order of a segment, and their postings one after the other.</summary>
    public (ulong[] Keys, int[] Held, int[] Documents, byte[] Frequencies) Sorted()
    {
        var order = new int[_keys.Count];
        var mixed = new ulong[_keys.Count];
        for (int term = 0; term < order.Length; term++)
            (order[term], mixed[term]) = (term, TermKey.Mix(_keys[term]));
        Array.Sort(mixed, order);

        var keys = new ulong[order.Length];
        var held = new int[order.Length];
        var next = new int[order.Length];
        int before = 0;
        for (int i = 0; i < order.Length; i++)
        {
            int term = order[i];
            (keys[i], held[i], next[term]) = (_keys[term], _held[term], before);
            before += held[i];
        }

        var documents = new int[_terms.Count];
        var frequencies = new byte[_terms.Count];
        for (int posting = 0; posting < documents.Length; posting++)
        {
            int place = next[_terms[posting]]++;
            documents[place] = _documents[posting];
            frequencies[place] = _frequencies[posting];
        }

        return (keys, held, documents, frequencies);
    }

    private void Add(ulong key)
    {
        int term = NumberOf(key);
        int posting = _latest[term];
        if (posting >= 0 && _documents[posting] == _document)
        {
            if (_frequencies[posting] < PostingsLayout.MostFrequency)
                _frequencies[posting]++;
            return;
        }

        _latest[term] = _terms.Count;
        _held[term]++;
        _terms.Add(term);
        _documents.Add(_document);
        _frequencies.Add(1);
    }

    private int NumberOf(ulong key)
    {
        int mask = _table.Length - 1, place = Home(key, mask);
        for (; _table[place] != 0; place = (place + 1) & mask)
        {
            if (_keys[_table[place] - 1] == key)
                return _table[place] - 1;
        }

        _keys.Add(key);
        _held.Add(0);
        _latest.Add(-1);
        _table[place] = _keys.Count;
        if (_keys.Count * 2 > _table.Length)
            Grow();
        return _keys.Count - 1;
    }

    private void Grow()
    {
        _table = new int[_table.Length * 2];
        int mask = _table.Length - 1;
        for (int term = 0; term < _keys.Count; term++)
        {
            int place = Home(_keys[term], mask);
            while (_table[place] != 0)
                place = (place + 1) & mask;
            _table[place] = term + 1;
        }
    }

    private static int Home(ulong key, int mask) => (int)(TermKey.Mix(key) & (uint)mask);

    private struct Sink(TermCounter owner) : ITermSink
    {
        public int Length { get; private set; }

        public void Term(ulong key, TermKind kind, int start, int length)
        {
            Length++;
            owner.Add(key);
        }
    }
}
