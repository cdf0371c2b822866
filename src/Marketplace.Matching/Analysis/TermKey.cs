namespace Marketplace.Matching;

internal enum TermKind
{
    Character,
    Pair,
    Word,
}

/// <summary>
/// The stable number of a term: the same in every process and on every machine, so that snapshots and models can hold it. A Han character
/// is its code point, an overlapping pair has the first character in the upper half, and a word is a hash with the top bit set. Of a
/// million different words, two share their key with a probability of about one in twenty million (63 bits); they would then be one term.
/// </summary>
internal static class TermKey
{
    private const ulong WordBit = 1UL << 63;

    public static ulong Pair(uint first, uint second) => ((ulong)first << 32) | second;

    /// <param name="folded">The folded word: case and width are no longer in it.</param>
    public static ulong Word(ReadOnlySpan<char> folded)
    {
        unchecked
        {
            // FNV-1a over UTF-16 units, spread over all bits.
            ulong hash = 0xCBF29CE484222325;
            foreach (char c in folded)
                hash = (hash ^ c) * 0x100000001B3;
            return Mix(hash) | WordBit;
        }
    }

    public static TermKind KindOf(ulong key) => (key & WordBit) != 0 ? TermKind.Word : key >> 32 != 0 ? TermKind.Pair : TermKind.Character;

    /// <summary>Spreads a key over all bits, each key to another number (the finalizer of SplitMix64).</summary>
    public static ulong Mix(ulong key)
    {
        unchecked
        {
            key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9;
            key = (key ^ (key >> 27)) * 0x94D049BB133111EB;
            return key ^ (key >> 31);
        }
    }

    /// <summary>A stable hash of bytes.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            ulong hash = 0xCBF29CE484222325;
            foreach (byte b in bytes)
                hash = (hash ^ b) * 0x100000001B3;
            return hash;
        }
    }
}
