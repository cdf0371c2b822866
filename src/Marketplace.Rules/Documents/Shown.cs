namespace Marketplace.Rules.Documents;

/// <summary>Author's text inside a message.</summary>
internal static class Shown
{
    private const int Longest = 60;

    public static string Short(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        if (line.Length <= Longest) return line;
        return line[..(char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest)] + "…";
    }

    /// <summary>The allowed word that was most likely meant; null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> allowed)
    {
        if (word.Length > Longest) return null;
        // Of a word with a namespace (granted.rate) the rest alone is compared, where the namespace exists.
        if (word.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && allowed.Where(a => a.StartsWith(word[..(dot + 1)], StringComparison.Ordinal)).ToArray() is { Length: > 0 } same)
            return Nearest(word[(dot + 1)..], same.Select(a => a[(dot + 1)..])) is { } rest ? word[..(dot + 1)] + rest : null;
        string? best = null;
        var least = Math.Max(2, word.Length / 3) + 1;
        foreach (var candidate in allowed)
        {
            if (candidate.Length > Longest) continue;
            var distance = Distance(word, candidate);
            if (distance < least && distance < candidate.Length) (best, least) = (candidate, distance);
        }

        return best;
    }

    /// <summary>The allowed words that are nearest: those of the same namespace (<c>granted.</c>) first, then by spelling.</summary>
    public static string[] NearestFew(string word, IReadOnlyList<string> allowed, int most)
    {
        var space = word.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? word[..(dot + 1)] : "";
        string[] same = space.Length > 0 ? [.. allowed.Where(a => a.StartsWith(space, StringComparison.OrdinalIgnoreCase))] : [];
        if (same.Length > 0 && same.Length <= most) return same;
        var sought = word.Length > Longest ? word[..Longest] : word;
        return [.. (same.Length > 0 ? same : allowed).Where(a => a.Length <= Longest).OrderBy(a => Distance(sought, a)).Take(8)];
    }

    // Levenshtein over two rows, letters compared without case.
    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                var cost = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                (diagonal, row[j]) = (row[j], cost);
            }
        }

        return row[b.Length];
    }
}
