using Marketplace.Matching;

namespace Marketplace.Api.Learning;

/// <summary>A trained model and what is decided about it.</summary>
/// <param name="State">adopted, rejected or notEnoughData.</param>
/// <param name="Model">The candidate.</param>
/// <param name="Report">Why.</param>
sealed record TrainingOutcome(string State, MatchModel? Model, TrainingReport Report)
{
    /// <summary>With fewer texts chance decides.</summary>
    public const int FewestTexts = 100;

    /// <summary>With fewer pairs the texts themselves are asked.</summary>
    const int FewestHeldBack = 20;

    /// <summary>
    /// Trains, and decides: a candidate is adopted when it finds the right answers better than the market does without a model, and than
    /// with the one in force. They are asked about pairs that were held back; where these are too few, about texts cut in two.
    /// </summary>
    public static TrainingOutcome Of(Lessons lessons, TrainingReport report, (MatchModel Model, bool ByPairs)? inForce, CancellationToken cancel)
    {
        report = report with { Texts = lessons.Texts.Count, Pairs = lessons.Learned.Count + lessons.HeldBack.Count, Declined = lessons.Declined };
        if (lessons.Texts.Count < FewestTexts)
        {
            return new(TrainingState.NotEnoughData, null, report with { Reason = TrainingReason.TooFewTexts });
        }

        return lessons.HeldBack.Count >= FewestHeldBack ? ByPairs(lessons, report, inForce?.Model, cancel) : ByTexts(lessons, report, inForce, cancel);
    }

    static TrainingOutcome ByPairs(Lessons lessons, TrainingReport report, MatchModel? inForce, CancellationToken cancel)
    {
        // What may be found is achievements alone: among the demands each need would find itself.
        if (MatchTrainer.Learn(lessons.Offers, lessons.Learned, report.Seed, cancelled: cancel).Model is not { } model)
        {
            return new(TrainingState.NotEnoughData, null, report with { Reason = TrainingReason.TooFewTexts });
        }

        var market = new MarketIndex();
        var ids = lessons.Offers.Concat(lessons.HeldBack.Select(pair => pair.Document)).Distinct().Select((text, i) => (text, Id: $"{i}")).ToDictionary(of => of.text, of => of.Id);
        market.Apply([.. ids.Select(offer => new Listing { Id = offer.Value, Side = Side.Achievements, Text = offer.Key })], []);
        var without = Measured(null);
        var candidate = Measured(model);
        var now = inForce is null ? null : Measured(inForce);
        report = report with { ModelVersion = model.Version, ComparedByPairs = true, Without = without, Candidate = candidate, InForce = now };
        return inForce?.Version == model.Version ? Rejected(TrainingReason.SameAsTheOneInForce)
            : !candidate.Beats(without) ? Rejected(TrainingReason.NoBetterThanNone)
            : now is not null && !candidate.Beats(now) ? Rejected(TrainingReason.NoBetterThanTheOneInForce)
            : new(TrainingState.Adopted, model, report with { Reason = TrainingReason.Better });

        TrainingOutcome Rejected(TrainingReason reason) => new(TrainingState.Rejected, model, report with { Reason = reason });

        Quality Measured(MatchModel? by)
        {
            market.Use(by);
            var (ranks, found) = (0.0, 0);
            foreach (var pair in lessons.HeldBack)
            {
                cancel.ThrowIfCancellationRequested();
                var matches = market.Search(new() { Side = Side.Achievements, Text = pair.Need }, 100);
                var before = matches.TakeWhile(match => match.Id != ids[pair.Document]).Count();
                found += before < matches.Count ? 1 : 0;
                ranks += before < Math.Min(10, matches.Count) ? 1.0 / (before + 1) : 0;
            }

            return new(lessons.HeldBack.Count, ranks / lessons.HeldBack.Count, (double)found / lessons.HeldBack.Count);
        }
    }

    static TrainingOutcome ByTexts(Lessons lessons, TrainingReport report, (MatchModel Model, bool ByPairs)? inForce, CancellationToken cancel)
    {
        var training = MatchTrainer.Learn(lessons.Texts, lessons.Learned, report.Seed, cancelled: cancel);
        if (training.Model is not { } model)
        {
            return new(TrainingState.NotEnoughData, null, report with { Reason = TrainingReason.TooFewTexts });
        }

        report = report with
        {
            ModelVersion = model.Version, ComparedByPairs = false, Without = Quality.Of(training.Without), Candidate = Quality.Of(training.With),
        };
        // The texts held back here are among those that the one in force has learned from: only a judgement by pairs would be fair to both.
        TrainingReason? against = inForce?.Model.Version == model.Version ? TrainingReason.SameAsTheOneInForce
            : inForce is { ByPairs: true } ? TrainingReason.NoPairsToCompareBy
            : training.Wins ? null : TrainingReason.NoBetterThanNone;
        return against is { } reason
            ? new(TrainingState.Rejected, model, report with { Reason = reason })
            : new(TrainingState.Adopted, model, report with { Reason = TrainingReason.Better });
    }
}
