using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Matches;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Achievements;

// 科技成果: what a university, an institute or a firm can transfer. States: Listings/ListingLifecycle.cs.

public sealed record Right
{
    public required RightKind Kind { get; init; }

    /// <summary>For a patent its number with the check digit, such as ZL201710601862.3; CN201710601862.3, ZL 2017 1 0601862.3 and the like are taken for the same.</summary>
    [StringLength(60, MinimumLength = 1)]
    public string? Number { get; init; }
}

public sealed record Price
{
    public required PriceMode Mode { get; init; }

    /// <summary>In yuan; a listed price has one.</summary>
    public Fen? Amount { get; init; }
}

public sealed record Holder
{
    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>Per cent.</summary>
    [Range(typeof(decimal), "0", "100")]
    public required decimal Share { get; init; }
}

public record AchievementContent : ListingContent, IChecked
{
    [StringLength(20_000, MinimumLength = 1)]
    public required string Summary { get; init; }

    /// <summary>Technology readiness, 1–9. 技术成熟度</summary>
    [Range(1, 9)]
    public int? Trl { get; init; }

    [MaxLength(100)]
    public IReadOnlyList<Right> Rights { get; init => field = [.. value.Select(PatentNumber.Canonical)]; } = [];

    public Price? Price { get; init; }

    /// <summary>Whether public money paid for the research: such results must be registered.</summary>
    public bool PubliclyFunded { get; init; }

    [MaxLength(50)]
    public IReadOnlyList<Holder> Holders { get; init; } = [];

    public IEnumerable<Fault> Check()
    {
        for (var i = 0; i < Rights.Count; i++)
        {
            if (Rights[i].Number is { } number && PatentNumber.Fault(Rights[i].Kind, number) is { } fault)
            {
                yield return new($"/rights/{i}/number", fault.Code, fault.Detail);
            }
        }

        if (Price is { Mode: PriceMode.Listed, Amount: null })
        {
            yield return new("/price/amount", "price-amount", new("挂牌必须给出价格。", "A listed price needs its amount."));
        }

        var shares = Holders.Sum(holder => holder.Share);
        if (Holders.Count > 0 && shares != 100)
        {
            yield return new("/holders", "shares-not-100", new($"份额之和应为 100，收到 {shares}。", $"The shares must add up to 100; they add up to {shares}."));
        }
    }
}

/// <summary>A material change of a published achievement, for its owner and, once submitted, for officials: the whole content as it will be.</summary>
public sealed record AchievementRevision : AchievementContent
{
    /// <summary>draft, submitted or returned.</summary>
    public required string State { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

public sealed record Achievement : AchievementContent, IListing, IAnswers<AchievementContent>
{
    [JsonPropertyOrder(-2)]
    public string Id { get; init; } = "";

    public string State { get; init; } = "";
    public string Owner { get; init; } = "";
    public int Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public IReadOnlyList<string> AvailableActions { get; init; } = [];
    public string? Reason { get; init; }
    public AchievementRevision? Revision { get; init; }
    public IReadOnlyList<Duplicate>? Duplicates { get; init; }
}

sealed class AchievementListings : ListingKind<AchievementContent>
{
    public static readonly AchievementListings Kind = new();

    public override string Name => "achievement";

    public override string Path => "achievements";

    public override string Prefix => "ach";

    public override Lifecycle Lifecycle => ListingLifecycle.Achievements;

    public override Matching.Side Side => Matching.Side.Achievements;

    public override string TextMember => "summary";

    public override IReadOnlyList<PartyKind> Owners { get; } =
        [PartyKind.University, PartyKind.Institute, PartyKind.Enterprise, PartyKind.Agency, PartyKind.Expert];

    public override IReadOnlyList<string> RightNumbers(ListingRow row) =>
        [.. Json.Read<AchievementContent>(row.Content).Rights.Select(right => right.Number).OfType<string>().Select(PatentNumber.Bare).Distinct()];

    public override AchievementContent InForce(AchievementContent reviewed, AchievementContent written) => written with
    {
        Title = reviewed.Title, Summary = reviewed.Summary, Confidential = reviewed.Confidential, Field = reviewed.Field, Keywords = reviewed.Keywords,
        Rights = reviewed.Rights, Price = reviewed.Price, Holders = reviewed.Holders,
    };

    public override Matching.Listing Indexed(ListingRow row)
    {
        var content = Json.Read<AchievementContent>(row.Content);
        return new()
        {
            Id = row.Id, Side = Side, Title = content.Title, Text = content.Summary, Keywords = content.Keywords, Field = row.Field,
            Region = row.Region, Owner = row.Owner, Modes = [.. content.Modes.Select(mode => mode.Code())], Trl = content.Trl,
            Money = content.Price?.Amount is { } price ? Matching.MoneyRange.Exactly(price.Value) : null,
        };
    }
}

static class AchievementEndpoints
{
    public static void MapAchievements(this IEndpointRouteBuilder api) =>
        ListingEndpoints<AchievementContent, Achievement>.Map(api, AchievementListings.Kind);
}
