namespace Marketplace.Matching.Tests;

/// <summary>Short ways to say what a test needs.</summary>
internal static class Market
{
    public static Listing Achievement(string id, string text) => new() { Id = id, Side = Side.Achievements, Text = text };

    public static Listing Demand(string id, string text) => new() { Id = id, Side = Side.Demands, Text = text };

    public static MarketIndex Of(params Listing[] listings)
    {
        var index = new MarketIndex();
        index.Apply(listings, []);
        return index;
    }

    public static Query Achievements(string text) => new() { Side = Side.Achievements, Text = text };

    public static string[] Find(this MarketIndex index, string text) =>
        [.. index.Search(Achievements(text), 100).Select(match => match.Id)];
}
