namespace Marketplace.Matching;

/// <summary>
/// Term keys and their small numbers, only ever added to: by one writer, while any number of readers look up. Open addressing with linear
/// probing; key 0, which is no term's, marks an empty place.
/// </summary>
internal sealed class Vocabulary
{
    private volatile Table _table = new(1 << 12);

    /// <summary>The number of terms; their numbers are 0 to one less.</summary>
    public int Count { get; private set; }

    /// <summary>The number of a term, or -1.</summary>
    public int Find(ulong key) => _table.Find(key);

    public int FindOrAdd(ulong key)
    {
        int term = _table.Find(key);
        if (term >= 0)
            return term;
        if (Count * 2 >= _table.Capacity)
            _table = _table.Doubled();
        _table.Add(key, Count);
        return Count++;
    }

    private sealed class Table(int capacity)
    {
        private readonly ulong[] _keys = new ulong[capacity];
        private readonly int[] _terms = new int[capacity];

        public int Capacity => _keys.Length;

        public int Find(ulong key)
        {
            for (int place = Home(key); ; place = (place + 1) & (_keys.Length - 1))
            {
                ulong found = Volatile.Read(ref _keys[place]);
                if (found == key)
                    return _terms[place];
                if (found == 0)
                    return -1;
            }
        }

        public void Add(ulong key, int term)
        {
            int place = Home(key);
            while (_keys[place] != 0)
                place = (place + 1) & (_keys.Length - 1);
            // The key is written last: a reader that sees it sees the number too.
            _terms[place] = term;
            Volatile.Write(ref _keys[place], key);
        }

        public Table Doubled()
        {
            var doubled = new Table(_keys.Length * 2);
            for (int i = 0; i < _keys.Length; i++)
            {
                if (_keys[i] != 0)
                    doubled.Add(_keys[i], _terms[i]);
            }

            return doubled;
        }

        private int Home(ulong key)
        {
            ulong mixed = unchecked((key ^ (key >> 29)) * 0x9E3779B97F4A7C15);
            return (int)((mixed >> 32) & (uint)(_keys.Length - 1));
        }
    }
}
