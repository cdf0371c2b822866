namespace Marketplace.Matching;

/// <summary>The two halves of the market; each is searched on its own, with its own term statistics.</summary>
public enum Side
{
    /// <summary>Technical demands (技术需求).</summary>
    Demands,

    /// <summary>Scientific and technological achievements (科技成果).</summary>
    Achievements,
}

/// <summary>A range of money in fen; a null end is open or not stated.</summary>
/// <param name="Low">The lower end in fen, inclusive.</param>
/// <param name="High">The upper end in fen, inclusive.</param>
public readonly record struct MoneyRange(long? Low, long? High)
{
    /// <summary>A single price.</summary>
    /// <param name="fen">The price in fen.</param>
    /// <returns>A range whose two ends are <paramref name="fen"/>.</returns>
    public static MoneyRange Exactly(long fen) => new(fen, fen);
}

/// <summary>One published demand or achievement as the index sees it. Null and empty mean "not stated", never "any".</summary>
public sealed record Listing
{
    /// <summary>Unique over both sides; ties in a ranking are broken by its ordinal order.</summary>
    public required string Id { get; init; }

    /// <summary>The half of the market that the listing belongs to.</summary>
    public required Side Side { get; init; }

    /// <summary>The title; any string is accepted.</summary>
    public string Title { get; init; } = "";

    /// <summary>The description or summary; any string is accepted.</summary>
    public string Text { get; init; } = "";

    /// <summary>Keywords; each is analysed by itself, no term spans two of them.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>The code of the technical field.</summary>
    public string? Field { get; init; }

    /// <summary>The six-digit code of the administrative division (GB/T 2260).</summary>
    public string? Region { get; init; }

    /// <summary>The budget of a demand or the price of an achievement.</summary>
    public MoneyRange? Money { get; init; }

    /// <summary>Codes of the cooperation modes wanted or offered.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    /// <summary>Technology readiness, 1–9: the level that an achievement has reached, the least level that a demand asks for.</summary>
    public int? Trl { get; init; }

    /// <summary>The owning party, for filters only.</summary>
    public string? Owner { get; init; }

    /// <summary>Cuts the whole listing into terms, as the index counts them; their places say nothing.</summary>
    internal void Scan<TSink>(ref TSink sink)
        where TSink : struct, ITermSink
    {
        string title = FoldedText.Of(Title).Folded;
        for (int i = 0; i < Bm25.TitleWeight; i++)
            Tokenizer.Scan(title, ref sink);
        Tokenizer.Scan(FoldedText.Of(Keywords.Count == 0 ? Text : $"{Text}\n{string.Join('\n', Keywords)}").Folded, ref sink);
    }

    // One place decides what the words of a listing are: the index, the queries and the explanations must agree.
    internal string Words() => Keywords.Count == 0 ? $"{Title}\n{Text}" : $"{Title}\n{Text}\n{string.Join('\n', Keywords)}";
}
