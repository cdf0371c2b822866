using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Matching;

namespace Marketplace.Api.Learning;

// 匹配模型: what the market learns from its texts and deals. A training waits, runs, and ends with a decision: adopted, rejected,
// notEnoughData or failed. The newest adopted model is in force in every process of the market.

/// <summary>How a training is to be done.</summary>
public sealed record TrainingRequest
{
    /// <summary>The same texts, deals and seed give the same model.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;
}

/// <param name="Queries">How many needs were asked.</param>
/// <param name="ReciprocalRank">The mean of one over the rank of the right answer among the first ten (MRR@10).</param>
/// <param name="Recall">The share whose right answer is among the first hundred (R@100).</param>
public sealed record Quality(int Queries, double ReciprocalRank, double Recall)
{
    public static Quality Of(MatchEvaluation evaluation) => new(evaluation.Queries, evaluation.ReciprocalRank, evaluation.Recall);

    /// <summary>Both measures added up, as the training itself weighs them.</summary>
    public bool Beats(Quality other) => ReciprocalRank + Recall > other.ReciprocalRank + other.Recall;
}

/// <summary>Why a training ended as it did.</summary>
public enum TrainingReason
{
    [Label("在留出的样本上优于现用模型和无模型", "Better on what was held back than the model in force, and than none")] Better,
    [Label("在留出的样本上不优于无模型", "No better than none on what was held back")] NoBetterThanNone,
    [Label("在留出的样本上不优于现用模型", "No better than the model in force on what was held back")] NoBetterThanTheOneInForce,
    [Label("现用模型经成交样本检验，而现有样本不足以比较", "The model in force was held against deals, and there are too few to compare by")] NoPairsToCompareBy,
    [Label("与现用模型相同", "It is the model in force")] SameAsTheOneInForce,
    [Label("已发布的文本太少", "Too few texts are published")] TooFewTexts,
    [Label("训练被中断", "The training was interrupted")] Interrupted,
    [Label("训练出错，详见日志", "The training failed; the log says why")] Error,
}

/// <summary>What is known of a training; it grows while it runs.</summary>
public sealed record TrainingReport
{
    /// <summary>The version of the ranking that the model was trained for and judged with.</summary>
    public string Algorithm { get; init; } = "";

    public int Seed { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Of the model that was trained, adopted or not.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Listings whose words were learned from.</summary>
    public int? Texts { get; init; }

    /// <summary>Pairs of a demand and the achievement that answered it, by a mutual introduction or a signed contract.</summary>
    public int? Pairs { get; init; }

    /// <summary>Pairs that were left out because one side declined them as not relevant.</summary>
    public int? Declined { get; init; }

    /// <summary>Whether the comparison is over pairs that nothing was learned from; otherwise it is over texts cut in two.</summary>
    public bool? ComparedByPairs { get; init; }

    public Quality? Without { get; init; }
    public Quality? Candidate { get; init; }

    /// <summary>Of the model in force when the training ended, where the two can be compared.</summary>
    public Quality? InForce { get; init; }

    public TrainingReason? Reason { get; init; }
}

public sealed record MatchModelEntry
{
    public required string Id { get; init; }

    /// <summary>waiting, training, adopted, rejected, notEnoughData or failed.</summary>
    public required string State { get; init; }

    public required int Version { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required TrainingReport Report { get; init; }
}

static class TrainingState
{
    public const string Waiting = "waiting";
    public const string Training = "training";
    public const string Adopted = "adopted";
    public const string Rejected = "rejected";
    public const string NotEnoughData = "notEnoughData";
    public const string Failed = "failed";
}

sealed record MatchModelRow
{
    public string Id { get; init; } = "";
    public string State { get; init; } = TrainingState.Waiting;
    public int Version { get; init; } = 1;
    public DateOnly? Night { get; init; }
    public string Content { get; init; } = "";

    /// <summary>Time of the trainer's last heartbeat.</summary>
    public DateTimeOffset BeatAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <exception cref="UnreadableException">It is not what was written, or a newer program wrote it.</exception>
    public TrainingReport Report => Json.Read<TrainingReport>(Content, $"match_models {Id}");

    /// <summary>The report, or a new one where it cannot be read: it is no reason to train nothing any more.</summary>
    public TrainingReport ReportOrNew
    {
        get
        {
            try
            {
                return Report;
            }
            catch (UnreadableException)
            {
                return new() { Algorithm = MarketIndex.Algorithm, Seed = 1 };
            }
        }
    }

    public MatchModelEntry View() => new() { Id = Id, State = State, Version = Version, CreatedAt = CreatedAt, Report = Report };
}
