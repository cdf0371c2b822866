using System.Collections.Concurrent;

namespace Marketplace.Matching;

/// <summary>What a segment's documents state beside their texts, in columns.</summary>
/// <param name="Fields">Empty for "not stated", as in the other columns of strings.</param>
/// <param name="Regions">The codes of the divisions.</param>
/// <param name="Modes">The modes of each document, sorted, a line each.</param>
/// <param name="Owners">The owning parties.</param>
/// <param name="Lows">Fen; <see cref="Unstated"/> where no money is stated, <see cref="OpenBelow"/> where only an upper end is.</param>
/// <param name="Highs">Fen; <see cref="Unstated"/> where no money is stated, <see cref="OpenAbove"/> where only a lower end is.</param>
/// <param name="Readiness">Technology readiness, or <see cref="Unstated"/>.</param>
internal sealed record Facts(
    Column<string> Fields, Column<string> Regions, Column<string> Modes, Column<string> Owners, Column<long> Lows, Column<long> Highs,
    Column<long> Readiness)
{
    public const long Unstated = long.MinValue;
    public const long OpenBelow = long.MinValue + 1;
    public const long OpenAbove = long.MaxValue;

    private const int MostModes = 16;

    private readonly ConcurrentDictionary<string, ulong[]> _withMode = new(StringComparer.Ordinal);

    public static Facts Of(IReadOnlyList<Listing> listings) => new(
        Column<string>.Of([.. listings.Select(listing => listing.Field ?? "")]),
        Column<string>.Of([.. listings.Select(listing => listing.Region ?? "")]),
        Column<string>.Of([.. listings.Select(listing => string.Join('\n', listing.Modes.Order(StringComparer.Ordinal)))]),
        Column<string>.Of([.. listings.Select(listing => listing.Owner ?? "")]),
        Column<long>.Of([.. listings.Select(listing => listing.Money is { } money ? money.Low ?? (money.High is null ? Unstated : OpenBelow) : Unstated)]),
        Column<long>.Of([.. listings.Select(listing => listing.Money is { } money ? money.High ?? (money.Low is null ? Unstated : OpenAbove) : Unstated)]),
        Column<long>.Of([.. listings.Select(listing => listing.Trl ?? Unstated)]));

    /// <param name="parts">Facts, each with the documents of it that stay.</param>
    public static Facts Merge(IReadOnlyList<(Facts Facts, int[] Living)> parts)
    {
        return new Facts(
            Each(facts => facts.Fields), Each(facts => facts.Regions), Each(facts => facts.Modes), Each(facts => facts.Owners),
            Each(facts => facts.Lows), Each(facts => facts.Highs), Each(facts => facts.Readiness));

        Column<T> Each<T>(Func<Facts, Column<T>> column)
            where T : notnull => Column<T>.Merge([.. parts.Select(part => (column(part.Facts), part.Living))]);
    }

    /// <summary>The listing without its texts.</summary>
    public Listing Listing(int document, string id, Side side) => new()
    {
        Id = id,
        Side = side,
        Field = Stated(Fields[document]),
        Region = Stated(Regions[document]),
        Modes = Modes[document] is { Length: > 0 } modes ? modes.Split('\n') : [],
        Owner = Stated(Owners[document]),
        Money = Money(document),
        Trl = Readiness[document] is not Unstated and var trl ? (int)trl : null,
    };

    public string? Owner(int document) => Stated(Owners[document]);

    /// <summary>A bit for each document that states the mode.</summary>
    public ulong[] WithMode(string mode)
    {
        if (_withMode.TryGetValue(mode, out ulong[]? known))
            return known;
        int documents = Modes.Codes.Length / Column<string>.WidthFor(Modes.Values.Length);
        var bits = new ulong[PostingsLayout.Windows(documents) * PostingsLayout.WindowWords];
        for (int code = 0; code < Modes.Values.Length; code++)
        {
            if (mode.Length > 0 && Modes.Values[code].Split('\n').Contains(mode))
                Modes.Select(new CodeRange(code, code), 0, bits);
        }

        if (_withMode.Count < MostModes)
            _withMode.TryAdd(mode, bits);
        return bits;
    }

    private MoneyRange? Money(int document) => Lows[document] is not Unstated and var low
        ? new MoneyRange(low == OpenBelow ? null : low, Highs[document] is not OpenAbove and var high ? high : null)
        : null;

    private static string? Stated(string value) => value.Length == 0 ? null : value;
}
