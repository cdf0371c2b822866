using System.Buffers;
using System.Runtime.InteropServices;

namespace Marketplace.Matching;

/// <summary>The terms of a text and how often it holds each, in the order of the terms.</summary>
internal sealed record Bag(int[] Terms, ushort[] Frequencies)
{
    /// <summary>How many terms there are, counting each as often as the text holds it.</summary>
    public int Length { get; } = Total(Frequencies);

    /// <param name="terms">One entry for each time a term stands in the text; sorted and overwritten.</param>
    public static Bag Of(Span<int> terms)
    {
        terms.Sort();
        var frequencies = new ushort[terms.Length];
        int distinct = 0;
        foreach (int term in terms)
        {
            if (distinct == 0 || terms[distinct - 1] != term)
                terms[distinct++] = term;
            if (frequencies[distinct - 1] < ushort.MaxValue)
                frequencies[distinct - 1]++;
        }

        return new Bag(terms[..distinct].ToArray(), frequencies[..distinct]);
    }

    /// <summary>The same without some terms, which chance chooses.</summary>
    public Bag Without(float share, Random random)
    {
        var terms = new int[Terms.Length];
        var frequencies = new ushort[Terms.Length];
        int kept = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            if (random.NextSingle() >= share)
                (terms[kept], frequencies[kept++]) = (Terms[i], Frequencies[i]);
        }

        return new Bag(terms[..kept], frequencies[..kept]);
    }

    private static int Total(ushort[] frequencies)
    {
        int total = 0;
        foreach (ushort frequency in frequencies)
            total += frequency;
        return total;
    }
}

/// <summary>Texts as the terms that at least two of them hold, and what is known of each such term.</summary>
internal sealed class TrainingTexts
{
    // Terms of one text alone can bring no two texts together.
    private const int FewestTexts = 2;

    // Between these a text is cut when one piece is asked to find the rest.
    private static readonly SearchValues<char> ClauseEnds = SearchValues.Create(",，。;；!！?？.:：、\n");

    private readonly List<int[]> _terms = [];
    private readonly List<int[]> _clauseEnds = [];

    private TrainingTexts()
    {
    }

    public ulong[] Keys { get; private set; } = [];

    /// <summary>For each term, how many texts hold it.</summary>
    public int[] Held { get; private set; } = [];

    /// <summary>For each term, how often all texts together hold it.</summary>
    public long[] Occurrences { get; private set; } = [];

    public double AverageLength { get; private set; }

    public int Count => _terms.Count;

    public static TrainingTexts Of(IEnumerable<string> texts, CancellationToken cancelled)
    {
        var all = new TrainingTexts();
        var sink = new Interner();
        var held = new List<int>();
        var latest = new List<int>();
        foreach (string text in texts)
        {
            cancelled.ThrowIfCancellationRequested();
            sink.Terms.Clear();
            var ends = new List<int>();
            string folded = FoldedText.Of(text).Folded;
            foreach (Range clause in Clauses(folded))
            {
                Tokenizer.Scan(folded.AsSpan(clause), ref sink);
                if (sink.Terms.Count > (ends.Count == 0 ? 0 : ends[^1]))
                    ends.Add(sink.Terms.Count);
            }

            foreach (int term in sink.Terms)
            {
                if (term == held.Count)
                {
                    held.Add(0);
                    latest.Add(-1);
                }

                if (latest[term] == all.Count)
                    continue;
                latest[term] = all.Count;
                held[term]++;
            }

            all._terms.Add([.. sink.Terms]);
            all._clauseEnds.Add([.. ends]);
        }

        all.Keep(sink.Keys, held);
        return all;
    }

    /// <summary>The clauses of a text, without the marks between them; some may be empty.</summary>
    public static List<Range> Clauses(string text)
    {
        var clauses = new List<Range>();
        foreach (Range clause in text.AsSpan().SplitAny(ClauseEnds))
            clauses.Add(clause);
        return clauses;
    }

    /// <summary>A whole text.</summary>
    public Bag Whole(int text) => Bag.Of([.. _terms[text]]);

    /// <summary>
    /// The inverse cloze task (Lee, Chang and Toutanova, "Latent Retrieval for Weakly Supervised Open Domain Question Answering", 2019):
    /// some neighbouring clauses of a text, and the rest. Null when the text is too short to be cut.
    /// </summary>
    public (Bag Piece, Bag Remainder)? Cut(int text, Random random)
    {
        const int fewestTerms = 4;
        int[] terms = _terms[text], ends = _clauseEnds[text];
        if (ends.Length < 2)
            return null;
        int clauses = 1 + random.Next(ends.Length / 2), first = random.Next(ends.Length - clauses + 1);
        int start = first == 0 ? 0 : ends[first - 1], end = ends[first + clauses - 1];
        return end - start < fewestTerms || terms.Length - (end - start) < fewestTerms
            ? null
            : (Bag.Of([.. terms.AsSpan(start..end)]), Bag.Of([.. terms.AsSpan(..start), .. terms.AsSpan(end..)]));
    }

    /// <summary>Keeps the terms that enough texts hold, and numbers them anew.</summary>
    private void Keep(List<ulong> keys, List<int> held)
    {
        var renumbered = new int[keys.Count];
        var kept = new List<int>();
        for (int term = 0; term < renumbered.Length; term++)
        {
            renumbered[term] = held[term] >= FewestTexts ? kept.Count : -1;
            if (held[term] >= FewestTexts)
                kept.Add(term);
        }

        Keys = [.. kept.Select(term => keys[term])];
        Held = [.. kept.Select(term => held[term])];
        Occurrences = new long[kept.Count];
        long total = 0;
        for (int text = 0; text < Count; text++)
        {
            total += _terms[text].Length;
            int[] old = _terms[text], ends = _clauseEnds[text];
            var terms = new List<int>(old.Length);
            for (int clause = 0, i = 0; clause < ends.Length; clause++)
            {
                for (; i < ends[clause]; i++)
                {
                    if (renumbered[old[i]] is >= 0 and var term)
                    {
                        terms.Add(term);
                        Occurrences[term]++;
                    }
                }

                ends[clause] = terms.Count;
            }

            _terms[text] = [.. terms];
        }

        AverageLength = (double)total / Math.Max(Count, 1);
    }

    private readonly struct Interner() : ITermSink
    {
        private readonly Dictionary<ulong, int> _numbers = [];

        public List<ulong> Keys { get; } = [];

        public List<int> Terms { get; } = [];

        public void Term(ulong key, TermKind kind, int start, int length)
        {
            ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out bool known);
            if (!known)
            {
                number = Keys.Count;
                Keys.Add(key);
            }

            Terms.Add(number);
        }
    }
}
