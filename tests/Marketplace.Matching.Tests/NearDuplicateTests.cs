using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>The same listing twice, and different ones that are merely about the same thing.</summary>
public sealed class NearDuplicateTests
{
    private const string Text =
        "针对高镁锂比盐湖卤水提锂过程中吸附剂溶损率高的问题，采用溶胶凝胶法制备了掺杂改性的锂离子筛吸附剂。研究了掺杂量和焙烧温度对吸附容量的影响。"
        + "结果表明，经过五百次吸附脱附循环后吸附容量保持率达到92%，锰溶损率低于0.3%，已在柴达木盆地完成中试。";

    [TestCase("added", "本成果由某大学研制，欢迎来电洽谈转让与合作。" + Text + "联系人王老师。")]
    [TestCase("moved", "结果表明，经过五百次吸附脱附循环后吸附容量保持率达到92%，锰溶损率低于0.3%，已在柴达木盆地完成中试。研究了掺杂量和焙烧温度对吸附容量的影响。"
        + "针对高镁锂比盐湖卤水提锂过程中吸附剂溶损率高的问题，采用溶胶凝胶法制备了掺杂改性的锂离子筛吸附剂。")]
    [TestCase("full width", "针对高镁锂比盐湖卤水提锂过程中吸附剂溶损率高的问题,采用溶胶凝胶法制备了掺杂改性的锂离子筛吸附剂.研究了掺杂量和焙烧温度对吸附容量的影响."
        + "结果表明,经过五百次吸附脱附循环后吸附容量保持率达到９２％,锰溶损率低于０.３％,已在柴达木盆地完成中试.")]
    [TestCase("traditional", "針對高鎂鋰比鹽湖鹵水提鋰過程中吸附劑溶損率高的問題，採用溶膠凝膠法製備了摻雜改性的鋰離子篩吸附劑。研究了摻雜量和焙燒溫度對吸附容量的影響。"
        + "結果表明，經過五百次吸附脫附循環後吸附容量保持率達到92%，錳溶損率低於0.3%，已在柴達木盆地完成中試。")]
    [TestCase("words changed", "针对高镁锂比盐湖卤水提锂工艺中吸附剂溶损严重的难题，采用溶胶凝胶法合成了掺杂改性的锂离子筛吸附剂。考察了掺杂量和焙烧温度对吸附容量的影响。"
        + "结果显示，经过五百次吸附脱附循环后吸附容量保持率达到92%，锰溶损率低于0.3%，已在青海完成中试。")]
    [TestCase("cut", "针对高镁锂比盐湖卤水提锂过程中吸附剂溶损率高的问题，采用溶胶凝胶法制备了掺杂改性的锂离子筛吸附剂。")]
    public void A_text_is_known_again(string _, string changed) => Assert.That(Similarity(Text, changed), Is.GreaterThanOrEqualTo(NearDuplicates.Least));

    [TestCase("针对盐湖卤水提锂，提出了一种电化学脱嵌法，设计了磷酸铁锂电极对，在高镁锂比条件下锂的回收率达到80%，能耗低于传统蒸发工艺，适用于低温高原环境。")]
    [TestCase("盐湖卤水提锂")]
    [TestCase("")]
    public void Another_text_about_the_same_is_not(string other) => Assert.That(Similarity(Text, other), Is.LessThan(NearDuplicates.Least / 2));

    [TestCase("锂离子筛 吸附剂（二代）", "锂离子筛吸附剂(二代)", true)]
    [TestCase("LiFePO4电池", "ＬＩＦＥＰＯ４ 电池", true)]
    [TestCase("锂离子筛", "锂离子筛吸附剂", false)]
    [TestCase("——", "……", false)]
    [TestCase("", "", false)]
    public void Titles_are_compared_by_their_words(string one, string other, bool same) => Assert.That(NearDuplicates.SameTitle(one, other), Is.EqualTo(same));

    [Test]
    public void It_is_a_measure_and_the_same_both_ways() => Prop.ForAll<string?, string?>((one, other) =>
    {
        double forth = Similarity(one ?? "", other ?? ""), back = Similarity(other ?? "", one ?? "");
        return forth == back && forth is >= 0 and <= 1;
    }).Check(Config.QuickThrowOnFailure);

    [Test]
    public void Real_abstracts_are_found_again_after_edits_and_are_not_taken_for_one_another()
    {
        var texts = RealDataTests.Texts("csl-dev").Where(text => text.Text.Length >= 60).ToList();
        var byId = texts.ToDictionary(text => text.Id, text => text.Text);
        var index = new MarketIndex();
        index.Apply([.. texts.Select(text => Market.Achievement(text.Id, text.Text))], []);
        var random = new Random(7);
        int right = 0, wrong = 0, asked = 0;
        foreach ((string id, string text) in texts.Where((_, i) => i % 200 == 0))
        {
            foreach (string edited in new[] { Changed(text), Text + text, Moved(text), text[..(text.Length * 2 / 3)], Moved(Changed(text)) + Text })
            {
                Listing listing = Market.Achievement("new", edited);
                List<string> candidates = [.. index.List(NearDuplicates.Candidates(listing), 50).Select(match => match.Id)];
                IReadOnlyList<double> similarities = NearDuplicates.Similarities(listing, [.. candidates.Select(c => Market.Achievement(c, byId[c]))]);
                List<string> found = [.. candidates.Where((_, i) => similarities[i] >= NearDuplicates.Least)];
                asked++;
                right += found.Contains(id) ? 1 : 0;
                wrong += found.Count(other => other != id);
            }
        }

        double recall = (double)right / asked, precision = (double)right / (right + wrong);
        TestContext.Out.WriteLine($"{asked} edited abstracts among {texts.Count}: precision {precision:0.0000}, recall {recall:0.0000}");
        Assert.That(recall, Is.GreaterThanOrEqualTo(0.99));
        Assert.That(precision, Is.GreaterThanOrEqualTo(0.99));

        // About a tenth of the characters, three in a row, by three of another text.
        string Changed(string text)
        {
            char[] changed = text.ToCharArray();
            for (int i = 0; i < text.Length / 30; i++)
            {
                string other = texts[random.Next(texts.Count)].Text;
                other.AsSpan(random.Next(other.Length - 3), 3).CopyTo(changed.AsSpan(random.Next(text.Length - 3)));
            }

            return new string(changed);
        }

        string Moved(string text)
        {
            string[] sentences = text.Split(',', '，', '.', '。', ';', '；');
            random.Shuffle(sentences);
            return string.Join('。', sentences);
        }
    }

    private static double Similarity(string one, string other) =>
        NearDuplicates.Similarities(Market.Achievement("a", one), [Market.Achievement("b", other)])[0];
}
