using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Matches;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Demands;

// 技术需求: the technology that somebody needs. States: Listings/ListingLifecycle.cs.

/// <summary>What the owner is ready to spend, in yuan; either end may be open.</summary>
public sealed record Budget
{
    public Fen? Min { get; init; }

    public Fen? Max { get; init; }

    /// <summary>What is wrong with it as the member <c>budget</c> of a body.</summary>
    internal IEnumerable<Fault> Check()
    {
        if (Min is { } min && Max is { } max && min > max)
        {
            yield return new("/budget/min", "amount-order",
                new($"下限 {min} 元高于上限 {max} 元。", $"The minimum, {min} yuan, is above the maximum, {max} yuan."));
        }
    }
}

public record DemandContent : ListingContent, IChecked
{
    [StringLength(20_000, MinimumLength = 1)]
    public required string Description { get; init; }

    public DemandKind Kind { get; init; }

    public Budget? Budget { get; init; }

    /// <summary>The least technology readiness asked for, 1–9.</summary>
    [Range(1, 9)]
    public int? MinTrl { get; init; }

    /// <summary>The last day, in Beijing, on which offers are welcome.</summary>
    public DateOnly? Deadline { get; init; }

    public IEnumerable<Fault> Check() => Budget?.Check() ?? [];
}

/// <summary>A material change of a published demand, for its owner and, once submitted, for officials: the whole content as it will be.</summary>
public sealed record DemandRevision : DemandContent
{
    /// <summary>draft, submitted or returned.</summary>
    public required string State { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

public sealed record Demand : DemandContent, IListing, IAnswers<DemandContent>
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
    public DemandRevision? Revision { get; init; }
    public IReadOnlyList<Duplicate>? Duplicates { get; init; }
}

sealed class DemandListings : ListingKind<DemandContent>
{
    public static readonly DemandListings Kind = new();

    public override string Name => "demand";

    public override string Path => "demands";

    public override string Prefix => "dem";

    public override Lifecycle Lifecycle => ListingLifecycle.Demands;

    public override Matching.Side Side => Matching.Side.Demands;

    public override string TextMember => "description";

    public override IReadOnlyList<PartyKind> Owners { get; } =
        [PartyKind.Enterprise, PartyKind.University, PartyKind.Institute, PartyKind.Agency, PartyKind.Government];

    public override Matching.Listing Indexed(ListingRow row)
    {
        var content = Json.Read<DemandContent>(row.Content);
        return new()
        {
            Id = row.Id, Side = Side, Title = content.Title, Text = content.Description, Keywords = content.Keywords, Field = row.Field,
            Region = row.Region, Owner = row.Owner, Modes = [.. content.Modes.Select(mode => mode.Code())], Trl = content.MinTrl,
            Money = content.Budget is { } budget ? new(budget.Min?.Value, budget.Max?.Value) : null,
        };
    }

    public override DemandContent InForce(DemandContent reviewed, DemandContent written) => written with
    {
        Title = reviewed.Title, Description = reviewed.Description, Confidential = reviewed.Confidential, Field = reviewed.Field, Keywords = reviewed.Keywords,
        Budget = reviewed.Budget, Deadline = reviewed.Deadline, Kind = reviewed.Kind,
    };

    protected override DateOnly? DeadlineOf(DemandContent content) => content.Deadline;
}

static class DemandEndpoints
{
    public static void MapDemands(this IEndpointRouteBuilder api) => ListingEndpoints<DemandContent, Demand>.Map(api, DemandListings.Kind);
}
