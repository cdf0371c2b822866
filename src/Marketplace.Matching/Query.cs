namespace Marketplace.Matching;

/// <summary>
/// What is asked for: a text, what else is known about the asker, and hard filters. Only <see cref="Filter"/>
/// excludes anything; the other members are evidence that moves the score a little.
/// </summary>
public sealed record Query
{
    /// <summary>The side that is searched.</summary>
    public required Side Side { get; init; }

    /// <summary>The text to find; any string is accepted, one without a letter, digit or character finds nothing.</summary>
    public required string Text { get; init; }

    /// <summary>The code of the asker's technical field.</summary>
    public string? Field { get; init; }

    /// <summary>The asker's six-digit region.</summary>
    public string? Region { get; init; }

    /// <summary>The budget when achievements are searched, the price when demands are.</summary>
    public MoneyRange? Money { get; init; }

    /// <summary>Cooperation modes wanted or offered.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    /// <summary>The least readiness asked for when achievements are searched, the level reached when demands are.</summary>
    public int? Trl { get; init; }

    /// <summary>Hard conditions; null lets everything through.</summary>
    public Filter? Filter { get; init; }

    /// <summary>The listing that <see cref="Text"/> was made of; explanations then tell its members apart.</summary>
    internal Listing? Asker { get; private init; }

    /// <summary>A query for the counterparts of a listing: it searches the opposite side.</summary>
    /// <param name="listing">The demand or achievement to find counterparts for; it need not be in the index.</param>
    /// <returns>A query without filter.</returns>
    public static Query For(Listing listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return new Query
        {
            Side = listing.Side == Side.Demands ? Side.Achievements : Side.Demands,
            Text = listing.Words(),
            Field = listing.Field,
            Region = listing.Region,
            Money = listing.Money,
            Modes = listing.Modes,
            Trl = listing.Trl,
            Asker = listing,
        };
    }
}

/// <summary>
/// Conditions that a match must meet; a null member does not restrict. A listing that does not state a value fails its condition.
/// </summary>
public sealed record Filter
{
    /// <summary>The field must be this one.</summary>
    public string? Field { get; init; }

    /// <summary>The region code must begin so.</summary>
    public string? RegionPrefix { get; init; }

    /// <summary>The modes must contain this one.</summary>
    public string? Mode { get; init; }

    /// <summary>The owner must be this one.</summary>
    public string? Owner { get; init; }

    /// <summary>The owner must not be this one: nobody is matched with himself.</summary>
    public string? NotOwner { get; init; }

    /// <summary>The readiness must be at least this.</summary>
    public int? LeastTrl { get; init; }

    /// <summary>The readiness must be at most this.</summary>
    public int? MostTrl { get; init; }

    /// <summary>The budget or price must overlap this range; an open end of either reaches everything.</summary>
    public MoneyRange? Money { get; init; }
}

/// <summary>
/// A place in a ranking, by key and not by count: pages stay whole and disjoint when matches before it go. Changes of the market between
/// two pages shift the term statistics, and with them scores, a little; where it is to be exact, each page is asked of one <see cref="FrozenMarket"/>.
/// </summary>
/// <param name="Score">The score of the last match seen, exactly as it was returned.</param>
/// <param name="Id">The id of the last match seen.</param>
public readonly record struct Continuation(double Score, string Id);
