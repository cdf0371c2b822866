using NUnit.Framework;

namespace Marketplace.Matching.Tests;

/// <summary>What a market learns from its texts and deals, and how it is kept.</summary>
public sealed class LearningTests
{
    private static readonly string[] Topics =
        ["光伏", "稀土永磁", "盐湖提锂", "牦牛乳", "高原制氧", "冻土路基", "风电叶片", "沙棘果油", "藏药炮制", "铝箔轧制"];

    private static readonly string[] OtherNames =
        ["太阳能电池", "钕铁硼", "卤水吸附", "乳清蛋白", "分子筛供氧", "热棒隔热", "玻纤梁帽", "超临界萃取", "佐太工艺", "箔材压延"];

    private static readonly string[] Tasks = ["检测", "回收", "降低成本", "提高效率", "自动化", "远程监控", "寿命预测", "标准制定"];

    private static readonly Lazy<MatchModel> Learned = new(() => Train(seed: 7));

    [Test]
    public void Pairs_teach_that_two_words_mean_the_same()
    {
        MarketIndex index = Market.Of([.. OtherNames.Select((name, i) => Market.Achievement($"{i}", $"{name}技术"))]);
        string[] before = index.Find("光伏技术");

        index.Use(Learned.Value);

        Assert.Multiple(() =>
        {
            Assert.That(index.Find("光伏技术")[0], Is.EqualTo("0"));
            Assert.That(index.Find("铝箔轧制技术")[0], Is.EqualTo("9"));
            Assert.That(before.Length, Is.EqualTo(Topics.Length), "without a model all share the one word");
        });
    }

    [Test]
    public void The_same_texts_pairs_and_seed_give_the_same_model_and_another_seed_another()
    {
        MatchModel again = Train(seed: 7);
        MatchModel other = Train(seed: 8);

        Assert.That(again.Version, Is.EqualTo(Learned.Value.Version));
        Assert.That(other.Version, Is.Not.EqualTo(again.Version));
    }

    [Test]
    public void What_the_vectors_learn_is_down_the_gradient_of_the_loss()
    {
        string[] texts = ["电池回收 安全", "稀土永磁 电池", "牦牛 安全 回收", "牦牛 稀土"];
        var known = TrainingTexts.Of(texts, CancellationToken.None);
        var embedding = new Embedding(
            known.Keys, [.. known.Keys.Select(_ => 1f)], [.. known.Keys.Select(_ => 1.0)], new Bm25(4, 20), seed: 3, CancellationToken.None);
        (Bag, Bag)[] batch = [(known.Whole(0), known.Whole(1)), (known.Whole(2), known.Whole(3)), (known.Whole(1), known.Whole(2))];

        float[] gradient = embedding.LossAndGradient(batch).Gradient;

        const float step = 1e-2f;
        for (int i = 0; i < embedding.Rows.Length; i += 37)
        {
            float there = embedding.Rows[i];
            embedding.Rows[i] = there + step;
            double above = embedding.LossAndGradient(batch).Loss;
            embedding.Rows[i] = there - step;
            double below = embedding.LossAndGradient(batch).Loss;
            embedding.Rows[i] = there;
            Assert.That((above - below) / (2 * step), Is.EqualTo(gradient[i]).Within(5e-3 + (0.02 * Math.Abs(gradient[i]))), $"component {i}");
        }

        Assert.That(gradient.Max(Math.Abs), Is.GreaterThan(0.05), "a gradient of nothing would agree with anything");
        double before = embedding.LossAndGradient(batch).Loss;
        for (int i = 0; i < 20; i++)
            embedding.Step(batch, 0.05f);
        Assert.That(embedding.LossAndGradient(batch).Loss, Is.LessThan(before / 2));
    }

    [Test]
    public void A_model_comes_back_from_a_stream_as_it_was()
    {
        using var stored = Stored();

        MatchModel loaded = MatchModel.Load(stored);

        Assert.That((loaded.Version, loaded.Terms), Is.EqualTo((Learned.Value.Version, Learned.Value.Terms)));
        Assert.That(Scores(loaded), Is.EqualTo(Scores(Learned.Value)));
    }

    [Test]
    public void A_model_with_one_byte_changed_or_the_end_cut_off_is_refused()
    {
        byte[] bytes = Stored().ToArray();
        foreach (int place in Enumerable.Range(0, 12).Concat([100, bytes.Length / 2, bytes.Length - 1]))
        {
            byte[] damaged = [.. bytes];
            damaged[place] ^= 0x10;
            Assert.That(() => MatchModel.Load(new MemoryStream(damaged)), Throws.InstanceOf<InvalidDataException>(), $"byte {place}");
        }

        foreach (int length in new[] { 0, 5, 12, bytes.Length / 2, bytes.Length - 1 })
            Assert.That(() => MatchModel.Load(new MemoryStream(bytes, 0, length)), Throws.InstanceOf<InvalidDataException>(), $"{length} bytes");
    }

    [Test]
    public void Of_nothing_nothing_is_learned()
    {
        MatchTraining training = MatchTrainer.Learn([], [], seed: 1);

        Assert.Multiple(() =>
        {
            Assert.That(training.Model, Is.Null);
            Assert.That(training.Wins, Is.False);
            Assert.That(MatchTrainer.Train(["", "，。", "!", "?"], [], seed: 1), Is.Null);
            Assert.That(MatchTrainer.Train(["一", "二", "三", "四"], [new TextPair("", "")], seed: 1), Is.Null);
        });
    }

    [Test]
    public void A_market_goes_back_to_what_it_was_when_the_model_is_taken_away()
    {
        MarketIndex index = MarketOfPairs();
        Match[] before = [.. index.Search(Market.Achievements("光伏检测"), 50)];

        index.Use(Learned.Value);
        Assert.That(index.ModelVersion, Is.EqualTo(Learned.Value.Version));
        Assert.That(index.Search(Market.Achievements("光伏检测"), 50).Select(m => m.Model), Is.Not.Empty.And.All.EqualTo(Learned.Value.Version));
        Assert.That(before.Select(m => m.Model), Is.Not.Empty.And.All.Null);
        index.Use(null);

        Assert.That(index.ModelVersion, Is.Null);
        Assert.That(index.Search(Market.Achievements("光伏检测"), 50).Select(m => (m.Id, m.Score)), Is.EqualTo(before.Select(m => (m.Id, m.Score))));
    }

    [Test]
    public void A_training_says_how_well_the_market_does_with_it_and_without_on_what_was_held_back()
    {
        MatchTraining training = MatchTrainer.Learn([.. Texts()], [.. Pairs()], seed: 7);

        Assert.Multiple(() =>
        {
            Assert.That(training.HeldBackPairs, Is.True);
            Assert.That(training.With.Queries, Is.EqualTo(Pairs().Count() / 8));
            Assert.That(training.With.ReciprocalRank, Is.GreaterThan(training.Without.ReciprocalRank));
            Assert.That(training.Wins, Is.True);
        });
    }

    [Test]
    public void A_training_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var progress = new Immediately(_ => source.Cancel());

        Assert.That(
            () => MatchTrainer.Train([.. Texts()], [.. Pairs()], seed: 7, progress, source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void The_parts_of_a_score_with_a_model_add_up_to_it_exactly()
    {
        MarketIndex index = MarketOfPairs();
        index.Use(Learned.Value);
        Query query = Market.Achievements("光伏组件检测") with { Field = "newEnergy", Region = "630102", Trl = 5 };

        foreach (Match match in index.Search(query, 50))
        {
            Assert.That(match.Parts.Aggregate(0.0, (sum, part) => sum + part.Weight), Is.EqualTo(match.Score));
            Assert.That(match.Score, Is.InRange(0, 1));
            Assert.That(match.Parts[1].Kind, Is.EqualTo(ReasonKind.Meaning));
        }
    }

    [Test]
    public void However_listings_came_into_the_market_the_model_sees_them_alike()
    {
        Listing[] listings = [.. Pairs().Select((pair, i) => Market.Achievement($"{i:000}", pair.Document))];
        var whole = new MarketIndex();
        whole.Apply(listings, []);
        whole.Use(Learned.Value);
        var grown = new MarketIndex(mostAtOnce: 8);
        grown.Use(Learned.Value);
        foreach (Listing[] batch in listings.Chunk(7))
            grown.Apply([.. batch.Select(listing => listing with { Text = "牦牛" })], []);
        foreach (Listing[] batch in listings.Chunk(7))
            grown.Apply(batch, []);
        grown.MergeAll();

        foreach (string topic in Topics)
        {
            Assert.That(
                grown.Search(Market.Achievements(topic + "检测"), 300).Select(m => (m.Id, m.Score)),
                Is.EqualTo(whole.Search(Market.Achievements(topic + "检测"), 300).Select(m => (m.Id, m.Score))));
        }
    }

    [Test]
    public async Task A_search_while_models_are_exchanged_sees_one_of_them_whole()
    {
        MarketIndex index = MarketOfPairs();
        MatchModel?[] models = [null, Learned.Value];
        var allowed = new HashSet<string>();
        foreach (MatchModel? model in models)
        {
            index.Use(model);
            allowed.Add(Found());
        }

        bool exchanging = true;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            do
                Assert.That(allowed, Does.Contain(Found()));
            while (Volatile.Read(ref exchanging));
        }))];
        for (int i = 0; i < 40; i++)
            index.Use(models[i % 2]);
        Volatile.Write(ref exchanging, false);
        await Task.WhenAll(readers);

        string Found() => string.Join(' ', index.Search(Market.Achievements("光伏检测"), 20).Select(m => $"{m.Id}:{m.Score:R}"));
    }

    private static IEnumerable<TextPair> Pairs()
    {
        for (int topic = 0; topic < Topics.Length; topic++)
        {
            for (int task = 0; task < Tasks.Length; task++)
            {
                for (int other = 0; other < 2; other++)
                {
                    yield return new TextPair(
                        $"企业需要{Topics[topic]}的{Tasks[task]}，第{task}年{other}期",
                        $"一种{OtherNames[topic]}方法，用于{Tasks[(task + other) % Tasks.Length]}，编号{topic}{task}{other}");
                }
            }
        }
    }

    // Half of the pairs teach as well as all, at a quarter of the cost; what is held back must be enough, and takes them all.
    private static MatchModel Train(int seed)
    {
        TextPair[] pairs = [.. Pairs().Where((_, i) => i % 2 == 0)];
        return MatchTrainer.Train([.. pairs.Select(pair => pair.Document)], pairs, seed)!;
    }

    private static IEnumerable<string> Texts() => Pairs().Select(pair => pair.Document);

    private static MarketIndex MarketOfPairs() =>
        Market.Of([.. Pairs().Select((pair, i) => Market.Achievement($"{i:000}", pair.Document) with { Field = i % 2 == 0 ? "newEnergy" : null })]);

    private static MemoryStream Stored()
    {
        var stream = new MemoryStream();
        Learned.Value.Save(stream);
        stream.Position = 0;
        return stream;
    }

    private static double[] Scores(MatchModel model)
    {
        MarketIndex index = MarketOfPairs();
        index.Use(model);
        return [.. index.Search(Market.Achievements("光伏检测"), 50).Select(match => match.Score)];
    }

    private sealed class Immediately(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
