using System.Security.Cryptography;
using System.Text;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Matching;

namespace Marketplace.Api.Learning;

/// <summary>What the market has to learn from, out of its own rows.</summary>
/// <param name="Texts">The words of published listings of both sides; of a very large market an even choice.</param>
/// <param name="Offers">Those of achievements among them.</param>
/// <param name="Learned">Pairs to learn from.</param>
/// <param name="HeldBack">Pairs to judge by, always of the same demands: no model ever learned from them.</param>
/// <param name="Declined">How many pairs a side declined as not relevant.</param>
sealed record Lessons(
    IReadOnlyList<string> Texts, IReadOnlyList<string> Offers, IReadOnlyList<TextPair> Learned, IReadOnlyList<TextPair> HeldBack, int Declined)
{
    /// <summary>More hardly teaches more, and takes longer.</summary>
    const int MostTexts = 60_000;

    const int Page = 1000;

    /// <summary>One demand in so many is held back with all its pairs.</summary>
    const int HeldBackShare = 5;

    /// <param name="published">About how many listings are published.</param>
    public static async Task<Lessons> Read(Db db, int published, CancellationToken cancel)
    {
        var (texts, offers) = (new List<string>(), new List<string>());
        List<ListingRow> rows;
        var last = "";
        do
        {
            cancel.ThrowIfCancellationRequested();
            rows = await db.Read(session => ListingSql.WordsAfter(session, last, Page));
            foreach (var row in rows.Where(row => Number(row.Id) % (uint)Math.Max(published, 1) < MostTexts))
            {
                if (Words(row) is not { } text)
                {
                    continue;
                }

                texts.Add(text);
                if (ListingKinds.Named(row.Kind).Side == Side.Achievements)
                {
                    offers.Add(texts[^1]);
                }
            }

            last = rows.Count > 0 ? rows[^1].Id : last;
        }
        while (rows.Count == Page);

        var (pairs, declined) = await Pairs(db);
        var words = new Dictionary<string, string>();
        foreach (var ids in pairs.SelectMany(pair => new[] { pair.Demand, pair.Achievement }).Distinct().Chunk(Page / 2))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var row in await db.Read(session => ListingSql.WordsByIds(session, ids)))
            {
                if (Words(row) is { } text)
                {
                    words[row.Id] = text;
                }
            }
        }

        // A contract may name a listing that was never more than a draft, and is deleted.
        pairs.RemoveAll(pair => !words.ContainsKey(pair.Demand) || !words.ContainsKey(pair.Achievement));
        var sorted = pairs.ToLookup(pair => Number(pair.Demand) % HeldBackShare == 0, pair => new TextPair(words[pair.Demand], words[pair.Achievement]));
        return new(texts, offers, [.. sorted[false]], [.. sorted[true]], declined);
    }

    /// <summary>
    /// A demand and the achievement that answered it: by a mutual introduction, or a contract that was signed. Where a side declined the
    /// same two as not relevant they are no pair; other reasons, such as price and time, say nothing about the match.
    /// </summary>
    static async Task<(List<(string Demand, string Achievement)> Pairs, int Declined)> Pairs(Db db)
    {
        var mutual = await db.Read(IntroductionSql.MutualPairs);
        var signed = await db.Read(ContractSql.SignedPairs);
        var declined = (await db.Read(IntroductionSql.IrrelevantPairs)).ToHashSet();
        return ([.. mutual.Concat(signed).Distinct().Except(declined).Order()], declined.Count);
    }

    /// <summary>The words by which a listing is matched: those that everybody may read. Null where they cannot be read, of which the matching index warns.</summary>
    static string? Words(ListingRow row) => ListingKinds.Named(row.Kind).IndexedIfReadable(row) is { } listing ? Query.For(listing).Text : null;

    /// <summary>The same for an id everywhere and always, and as good as drawn by lot.</summary>
    static uint Number(string id) => BitConverter.ToUInt32(SHA256.HashData(Encoding.ASCII.GetBytes(id)));
}
