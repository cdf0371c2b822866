using Marketplace.Api.Matches;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Marketplace.Api.Tests.Matches;

/// <summary>The file beside the database that saves reading the market at each start.</summary>
public sealed class StoredIndexTests
{
    const string Word = "镍钴锰";

    [Test]
    public async Task A_market_goes_on_from_the_index_that_the_last_one_stored()
    {
        await using var market = await Stored();
        // Past the API and without an event, so that only who reads the stored index still finds it by its old words.
        await market.Database.Execute("UPDATE listings SET content = REPLACE(content, @Word, '钠')", new { Word });
        await using var next = Market.Apart(market.Database);

        Assert.That(await Found(next), Has.Count.EqualTo(1));
        var later = await next.PublishedAchievement(await next.Party("university"), new { title = $"{Word}再生" });
        await Eventually.Holds(async () => (await Found(next)).Contains(later), "it follows what happens after");
        Assert.That(Warnings(next), Is.Empty);
    }

    [TestCase("cut short")]
    [TestCase("damaged")]
    [TestCase("of another database")]
    public async Task A_stored_index_that_cannot_be_used_is_made_anew(string fault)
    {
        await using var market = await Stored();
        var file = Files(market).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        if (fault == "of another database")
        {
            await using var other = await Stored();
            bytes = await File.ReadAllBytesAsync(Files(other).Single());
        }
        else if (fault == "damaged")
        {
            bytes[bytes.Length / 2] ^= 1;
        }
        else
        {
            bytes = bytes[..(bytes.Length / 2)];
        }

        await File.WriteAllBytesAsync(file, bytes);
        await using var next = Market.Apart(market.Database);

        Assert.That(await Found(next), Has.Count.EqualTo(1));
        Assert.That(Warnings(next), Has.Count.EqualTo(1).And.All.Contains("made anew"));
    }

    /// <summary>A market with one achievement whose index has been stored, as at the end of its program.</summary>
    static async Task<Market> Stored()
    {
        var market = await Market.Apart(Databases.Sqlite);
        await market.PublishedAchievement(await market.Party("university"), new { title = $"{Word}制备" });
        await Eventually.Holds(async () => (await Found(market)).Count == 1, "it is indexed");
        Assert.That(Files(market), Is.Empty);
        await market.Services.GetRequiredService<MatchIndex>().StopAsync(CancellationToken.None);
        Assert.That(Files(market), Has.Length.EqualTo(1));
        return market;
    }

    static string[] Files(Market market)
    {
        var database = new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(market.Database.ConnectionString).DataSource;
        return Directory.GetFiles(Path.GetDirectoryName(database)!, Path.GetFileName(database) + ".matching*");
    }

    static async Task<List<string>> Found(Market market) =>
        [.. (await market.Anonymous.PostJson("matches", new { text = Word }).Json()).GetProperty("data").EnumerateArray()
            .Select(match => match.GetProperty("achievement").Text("id"))];

    static List<string> Warnings(Market market) =>
        [.. market.Log.Entries.Where(entry => entry.Level >= LogLevel.Warning && entry.Category.EndsWith(nameof(MatchIndex), StringComparison.Ordinal)).Select(entry => entry.Text)];
}
