using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Tests.Data;

/// <summary>What is acknowledged is in the file at the path of the configuration; where it would not be, nothing is acknowledged and ready says so.</summary>
public sealed class PlaceOfFileTests
{
    [Test]
    public async Task While_the_file_is_out_of_its_place_nothing_is_written_and_afterwards_all_is_as_it_was()
    {
        await using var market = await Market.Apart(Databases.Sqlite);
        var (party, file) = (await market.Party(), File(market));
        var before = await party.Client.PostJson("demands", Market.DemandBody()).Json(201);
        System.IO.File.Move(file, file + ".elsewhere");
        await Refuses(market, party);
        Assert.That(System.IO.File.Exists(file), Is.False, "no empty database was made in its place");

        System.IO.File.Move(file + ".elsewhere", file);
        await market.Anonymous.GetJson("/health/ready");
        await party.Client.PostJson("demands", Market.DemandBody()).Json(201);
        await party.Client.GetJson($"demands/{before.Text("id")}");
        Assert.That(await market.Database.Scalar<int>("SELECT COUNT(*) FROM listings"), Is.EqualTo(2), "as another process finds them");
    }

    [Test]
    public async Task A_file_in_the_place_of_the_open_one_is_found_out()
    {
        await using var market = await Market.Apart(Databases.Sqlite);
        var (party, file) = (await market.Party(), File(market));
        System.IO.File.Copy(file, file + ".copy");
        System.IO.File.Move(file, file + ".elsewhere");
        System.IO.File.Move(file + ".copy", file);
        await Refuses(market, party);
        System.IO.File.Move(file + ".elsewhere", file, overwrite: true);
        await party.Client.PostJson("demands", Market.DemandBody()).Json(201);
    }

    [Test]
    public async Task A_log_that_is_gone_takes_no_acknowledged_write_with_it()
    {
        await using var market = await Market.Apart(Databases.Sqlite);
        var (party, file) = (await market.Party(), File(market));
        var before = (await party.Client.PostJson("demands", Market.DemandBody()).Json(201)).Text("id");
        System.IO.File.Delete(file + "-wal");
        await Refuses(market, party);
        // What kill -9 leaves: the file alone.
        System.IO.File.Copy(file, file + ".left");
        await using var left = new SqliteConnection($"Data Source={file}.left;Pooling=false");
        await left.OpenAsync();
        Assert.That(await Dapper.SqlMapper.ExecuteScalarAsync<int>(left, "SELECT COUNT(*) FROM listings WHERE id = @before", new { before }), Is.EqualTo(1));
    }

    [Test]
    public async Task A_file_that_was_emptied_takes_no_write()
    {
        await using var market = await Market.Apart(Databases.Sqlite);
        var (party, file) = (await market.Party(), File(market));
        await using (var open = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            open.SetLength(0);
        }

        await Refuses(market, party);
        market.HasFalseBooks = true;
    }

    static string File(Market market) => new SqliteConnectionStringBuilder(market.Database.ConnectionString).DataSource;

    static async Task Refuses(Market market, TestParty party)
    {
        await market.Anonymous.GetAsync("/health/ready").AssertProblem(503, "database-unavailable");
        await party.Client.PostJson("demands", Market.DemandBody()).AssertProblem(503, "database-unavailable");
        await party.Client.PostJson("demands", Market.DemandBody(), idempotencyKey: "lost").AssertProblem(503, "database-unavailable");
        await market.Anonymous.GetAsync("/health/ready").AssertProblem(503, "database-unavailable");
    }
}
