using NUnit.Framework;

namespace Marketplace.Matching.Tests;

public sealed class SmokeTests
{
    [Test]
    public void A_pair_inside_a_longer_word_is_found()
    {
        var index = new MarketIndex();
        index.Apply([
            new Listing { Id = "a1", Side = Side.Achievements, Title = "安装简单的 LiFePO4 电池回收装置", Field = "newEnergy" },
            new Listing { Id = "a2", Side = Side.Achievements, Title = "稀土提取" }], []);
        IReadOnlyList<Match> found = index.Search(new Query { Side = Side.Achievements, Text = "简单 lifepo4电池", Field = "newEnergy" }, 10);
        Assert.That(found.Select(m => m.Id), Is.EqualTo(new[] { "a1" }));
        Assert.That(found[0].Reasons[0].Terms, Is.EquivalentTo(new[] { "简单", "lifepo4", "电池" }));
        Assert.That(found[0].Reasons.Sum(r => r.Weight), Is.EqualTo(found[0].Score));
    }
}
