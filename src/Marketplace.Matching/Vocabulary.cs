using System.Collections.Concurrent;

namespace Marketplace.Matching;

/// <summary>
/// Terms and their small numbers, only ever added to: by one writer, while any number of readers look up.
/// </summary>
internal sealed class Vocabulary
{
    private readonly ConcurrentDictionary<string, int> words = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> wordSpans;
    private volatile HanTable han = new(1 << 12);
    private int hanCount;

    public Vocabulary() => wordSpans = words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The number of terms; their numbers are 0 to one less.</summary>
    public int Count { get; private set; }

    public int Find(ulong key) => han.Find(key);

    public int Find(ReadOnlySpan<char> word) => wordSpans.TryGetValue(word, out int term) ? term : -1;

    public int FindOrAdd(ulong key)
    {
        int term = han.Find(key);
        if (term >= 0)
            return term;
        if (hanCount * 2 >= han.Capacity)
            han = han.Doubled();
        han.Add(key, Count);
        hanCount++;
        return Count++;
    }

    public int FindOrAdd(ReadOnlySpan<char> word)
    {
        if (wordSpans.TryGetValue(word, out int term))
            return term;
        wordSpans[word] = Count;
        return Count++;
    }

    /// <summary>Open addressing with linear probing; key 0 is an empty place.</summary>
    private sealed class HanTable(int capacity)
    {
        private readonly ulong[] keys = new ulong[capacity];
        private readonly int[] terms = new int[capacity];

        public int Capacity => keys.Length;

        public int Find(ulong key)
        {
            for (int place = Home(key); ; place = (place + 1) & (keys.Length - 1))
            {
                ulong found = Volatile.Read(ref keys[place]);
                if (found == key)
                    return terms[place];
                if (found == 0)
                    return -1;
            }
        }

        public void Add(ulong key, int term)
        {
            int place = Home(key);
            while (keys[place] != 0)
                place = (place + 1) & (keys.Length - 1);
            // The key is written last: a reader that sees it sees the number too.
            terms[place] = term;
            Volatile.Write(ref keys[place], key);
        }

        public HanTable Doubled()
        {
            var doubled = new HanTable(keys.Length * 2);
            for (int i = 0; i < keys.Length; i++)
            {
                if (keys[i] != 0)
                    doubled.Add(keys[i], terms[i]);
            }

            return doubled;
        }

        private int Home(ulong key)
        {
            ulong mixed = unchecked((key ^ (key >> 29)) * 0x9E3779B97F4A7C15);
            return (int)((mixed >> 32) & (uint)(keys.Length - 1));
        }
    }
}
