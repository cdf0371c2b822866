using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

// 政策比选: one deal under every policy in force at a place, on the wire.

/// <summary>A deal to compare; a fact that is left out is unknown.</summary>
public sealed record ComparisonRequest : IChecked
{
    public required Facts Facts { get; init; }

    /// <summary>The place whose policies are compared; the buyer's region where it is left out, and every place where that is unknown too.</summary>
    [Region]
    public string? Region { get; init; }

    /// <summary>The day on which they are in force; the day of recognition, else of signing, else today where it is left out.</summary>
    public DateOnly? On { get; init; }

    [MaxLength(10_000)]
    public IReadOnlyList<ComparedGrant> History { get; init; } = [];

    public IEnumerable<Fault> Check() => EvaluationRequest.Check(Facts);

    internal string? Place => Region ?? Facts.BuyerRegion;

    internal DateOnly? Governing => On ?? Facts.RecognisedOn ?? Facts.SignedOn;

    internal IReadOnlyList<Grant> GrantsUnder(Policy policy) =>
        [.. History.Where(grant => grant.Policy is null || grant.Policy == policy.Id).Select(grant => grant.ToGrant())];
}

/// <summary>A grant of the past.</summary>
public sealed record ComparedGrant : EarlierGrant
{
    /// <summary>The policy that it was granted under; without it the grant counts under each policy that has such an award.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? Policy { get; init; }
}

public sealed record ComparisonView
{
    /// <summary>The day on which the policies are in force.</summary>
    public required DateOnly On { get; init; }

    /// <summary>The place; absent where policies of every place are compared.</summary>
    public string? Region { get; init; }

    /// <summary>The policy that grants most comes first, and among equals the one that leaves more to hope for.</summary>
    public required IReadOnlyList<ComparedPolicyView> Data { get; init; }

    /// <summary>What may be had together at one place and comes to most; absent where nothing is to be had.</summary>
    public CombinationView? Best { get; init; }

    internal static ComparisonView Of(ComparisonRequest asked, DateOnly on, IReadOnlyList<Compared> compared, Combination? best, Language language) => new()
    {
        On = on, Region = asked.Place,
        Data = [.. compared.Select(one => ComparedPolicyView.Of(one, language))],
        Best = best is null ? null : CombinationView.Of(best, asked, language),
    };
}

/// <summary>What one policy comes to.</summary>
public sealed record ComparedPolicyView
{
    public required string Policy { get; init; }
    public required string Version { get; init; }
    public required string Hash { get; init; }
    public required string Title { get; init; }
    public required string Region { get; init; }

    /// <summary>What is granted for certain, all awards together.</summary>
    public required Fen Amount { get; init; }

    /// <summary>What all awards together can come to, where facts or decisions are missing; an award without a sum counts as 0 in the low end.</summary>
    public AmountRange? Range { get; init; }

    /// <summary>How firm the amount is: as its least firm part.</summary>
    public required Certainty Certainty { get; init; }

    /// <summary>Each with its reasons, those that come to nothing too.</summary>
    public required IReadOnlyList<Rendered<AwardResult>> Awards { get; init; }

    internal static ComparedPolicyView Of(Compared compared, Language language)
    {
        var (policy, total) = (compared.Policy, compared.Total);
        return new()
        {
            Policy = policy.Id, Version = policy.Version, Hash = policy.Hash, Title = policy.Title.In(language), Region = policy.Region,
            Amount = total.Granted, Range = RangeOf(total), Certainty = total.Certainty,
            Awards = [.. compared.Awards.Select(award => EvaluationJson.Render(award, language))],
        };
    }

    internal static AmountRange? RangeOf(Total total) => total.IsDefinite ? null : new() { Low = total.Granted, High = total.High };
}

/// <summary>Awards of one or several policies that may be had together.</summary>
public sealed record CombinationView
{
    /// <summary>The place where they may.</summary>
    public required string Region { get; init; }

    /// <summary>What is granted for certain.</summary>
    public required Fen Amount { get; init; }

    public AmountRange? Range { get; init; }
    public required Certainty Certainty { get; init; }
    public required IReadOnlyList<ClaimedAward> Awards { get; init; }

    /// <summary>What the combination rests on beyond the evaluations.</summary>
    public required IReadOnlyList<CombinationAssumption> Assumptions { get; init; }

    internal static CombinationView Of(Combination best, ComparisonRequest asked, Language language) => new()
    {
        Region = best.Region, Amount = best.Total.Granted, Range = ComparedPolicyView.RangeOf(best.Total), Certainty = best.Total.Certainty,
        Awards = [.. best.Claims.Select(claim => ClaimedAward.Of(claim, language))],
        Assumptions =
        [
            .. Assumed(best.Adds, "assumed.added", new(
                "同一对象依不同政策所得的补贴相加，除非政策自身就其他补贴另有规定。", "What one payee gets under several policies adds up, unless a policy itself says otherwise of other subsidies."), language),
            .. Assumed(best.Asks, "assumed.nothingElsewhere", new(
                "除事实所述和所列政策外，没有其他补贴；先计算不问及其他补贴的政策。", "Nothing is paid elsewhere than the facts say and under the policies listed; those that do not ask of other subsidies are claimed first."), language),
            .. Assumed(asked.History.Any(grant => grant.Policy is null), "assumed.historyUnderEach", new(
                "未注明政策的既往补贴计入每一项有同名补贴项的政策。", "An earlier grant that names no policy counts under each policy that has an award of that name."), language),
        ],
    };

    static IEnumerable<CombinationAssumption> Assumed(bool applies, string code, Wording detail, Language language) =>
        applies ? [new(code, detail.In(language))] : [];
}

/// <summary>One award of a combination.</summary>
public sealed record ClaimedAward
{
    public required string Policy { get; init; }
    public required string Award { get; init; }
    public required string Label { get; init; }
    public required Payee Payee { get; init; }
    public required Outcome Outcome { get; init; }
    public Fen? Amount { get; init; }

    /// <summary>Of an award that waits for facts or a decision: from 0, for it may yet be refused.</summary>
    public AmountRange? Range { get; init; }

    internal static ClaimedAward Of(Claimed claimed, Language language)
    {
        var award = claimed.Award;
        return new()
        {
            Policy = claimed.Policy.Id, Award = award.Award, Label = claimed.Policy.Award(award.Award)!.Label.In(language), Payee = award.Payee,
            Outcome = award.Outcome, Amount = award.Amount, Range = award.Amount is null ? new() { Low = Fen.Zero, High = award.High } : null,
        };
    }
}

public sealed record CombinationAssumption(string Code, string Detail);
