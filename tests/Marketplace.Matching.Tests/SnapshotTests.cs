using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>An index that is stored and read back.</summary>
public sealed class SnapshotTests
{
    private static readonly Query Asked = Query.For(Listings()[3] with { Side = Side.Demands });

    [Test]
    public void A_stored_index_finds_what_it_found_before_and_follows_changes()
    {
        MarketIndex index = Filled();
        (MarketIndex loaded, string mark) = MarketIndex.Load(new MemoryStream(Stored(index)));

        Assert.Multiple(() =>
        {
            Assert.That(mark, Is.EqualTo("4711 锂"));
            Assert.That(Shown(loaded), Is.EqualTo(Shown(index)).And.Not.Empty);
            Assert.That(loaded.Count(Side.Achievements), Is.EqualTo(index.Count(Side.Achievements)));
            Assert.That(loaded.Count(Side.Demands), Is.EqualTo(1));
        });

        foreach (MarketIndex both in new[] { index, loaded })
            both.Apply([Market.Achievement("new", "电池回收 5G")], ["a3", "a4"]);

        Assert.That(Shown(loaded), Is.EqualTo(Shown(index)));
        Assert.That(loaded.Find("5G"), Is.EqualTo(new[] { "new" }));
    }

    [Test]
    public void An_empty_index_is_stored_and_read_back() =>
        Assert.That(MarketIndex.Load(new MemoryStream(Stored(new MarketIndex()))).Index.Find("电池"), Is.Empty);

    [Test]
    public void A_stored_index_that_is_cut_anywhere_is_refused()
    {
        byte[] stored = Stored(Filled());

        for (int length = 0; length < stored.Length; length += 1 + (length / 50))
            Assert.That(() => MarketIndex.Load(new MemoryStream(stored[..length])), Throws.TypeOf<SnapshotException>(), $"{length} bytes");
    }

    [Test]
    public void A_stored_index_with_one_changed_byte_is_refused()
    {
        byte[] stored = Stored(Filled());

        for (int place = 0; place < stored.Length; place += place < 600 ? 1 : 13)
        {
            byte[] damaged = [.. stored];
            damaged[place] ^= (byte)(1 << (place % 8));
            Assert.That(() => MarketIndex.Load(new MemoryStream(damaged)), Throws.TypeOf<SnapshotException>(), $"byte {place}");
        }
    }

    [Test]
    public void Another_version_and_another_file_are_told_apart()
    {
        using var other = new MemoryStream();
        other.Write(SnapshotFormat.Magic);
        byte[] stored = Stored(new MarketIndex());

        Assert.Multiple(() =>
        {
            Assert.That(
                () => MarketIndex.Load(new MemoryStream(new byte[1000])), Throws.TypeOf<SnapshotException>().With.Message.Contains("not a stored"));
            Assert.That(
                () => MarketIndex.Load(new MemoryStream(WithVersion(SnapshotFormat.Version + 1))),
                Throws.TypeOf<SnapshotException>().With.Message.Contains($"version {SnapshotFormat.Version + 1}"));
            Assert.That(() => MarketIndex.Load(new MemoryStream(WithVersion(SnapshotFormat.Version))), Throws.TypeOf<SnapshotException>()
                .With.Message.Contains("cut short"));
            Assert.That(stored, Has.Length.GreaterThan(WithVersion(0).Length));
        });
    }

    /// <summary>A header alone, as a program of that version would write it.</summary>
    private static byte[] WithVersion(long version)
    {
        using var stream = new MemoryStream();
        stream.Write(SnapshotFormat.Magic);
        byte[] size = BitConverter.GetBytes(8L), number = BitConverter.GetBytes(version);
        uint sum = SnapshotFormat.Checksum(SnapshotFormat.Checksum(0, SnapshotFormat.Magic), size);
        stream.Write(size);
        stream.Write(BitConverter.GetBytes(sum));
        stream.Write(number);
        stream.Write(BitConverter.GetBytes(SnapshotFormat.Checksum(sum, number)));
        return stream.ToArray();
    }

    private static MarketIndex Filled()
    {
        var index = new MarketIndex(mostAtOnce: 8);
        Listing[] listings = Listings();
        index.Apply(listings[..25], []);
        index.Apply([.. listings[25..], Market.Demand("d", "需要电池")], ["a7", "a8"]);
        index.Settle();
        return index;
    }

    private static Listing[] Listings() => [.. Enumerable.Range(0, 40).Select(i => Market.Achievement($"a{i}", $"第{i}种电池回收与锂提取{i % 7}") with
    {
        Title = $"装置 LiFePO4 型号{i % 5}", Field = i % 3 == 0 ? null : $"f{i % 3}", Region = $"63010{i % 10}", Owner = $"o{i % 4}",
        Money = i % 2 == 0 ? MoneyRange.Exactly(i * 100) : null, Trl = 1 + (i % 9), Modes = i % 4 == 0 ? [] : ["transfer", "licence"],
    })];

    private static byte[] Stored(MarketIndex index)
    {
        using var stream = new MemoryStream();
        index.Save(stream, "4711 锂");
        return stream.ToArray();
    }

    private static string[] Shown(MarketIndex index) =>
        [.. index.Search(Asked, 20).Select(m => $"{m.Id} {string.Join(' ', m.Parts.Select(p => $"{p.Kind} {p.Weight:R} {p.Verdict}"))}")];
}
