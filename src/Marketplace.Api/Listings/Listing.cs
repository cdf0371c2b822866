using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Listings;

// What demands and achievements share. Published ones are public; a draft is its owner's alone; a moderator reviews what was submitted.

/// <summary>What the owner writes of any listing.</summary>
public abstract record ListingContent
{
    [StringLength(200, MinimumLength = 1), JsonPropertyOrder(-1)]
    public required string Title { get; init; }

    public required TechnologyField Field { get; init; }

    [MaxLength(20)]
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Six digits of GB/T 2260; the owner's region where none is sent.</summary>
    [Region]
    public string? Region { get; init; }

    [MaxLength(6)]
    public IReadOnlyList<CooperationMode> Modes { get; init; } = [];

    /// <summary>Only the owner and the other side of a mutual introduction read this.</summary>
    [StringLength(20_000)]
    public string? Confidential { get; init; }

    /// <summary>The owner's own key for it, unique among the owner's listings of this kind.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? ExternalId { get; init; }
}

/// <summary>What the server adds to any listing.</summary>
public interface IListing
{
    string Id { get; set; }
    string State { get; set; }
    string Owner { get; set; }
    int Version { get; set; }
    DateTimeOffset CreatedAt { get; set; }
    DateTimeOffset UpdatedAt { get; set; }
    IReadOnlyList<string> AvailableActions { get; set; }
}

/// <summary>A row of the table of listings; the members that nobody filters by are JSON in <see cref="Content"/>.</summary>
public sealed record ListingRow
{
    public string Id { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Owner { get; init; } = "";
    public string? ExternalId { get; init; }
    public string State { get; init; } = ListingLifecycle.Draft;
    public int Version { get; init; } = 1;
    public string Field { get; init; } = "";
    public string Region { get; init; } = "";

    /// <summary>One bit a <see cref="CooperationMode"/>.</summary>
    public int Modes { get; init; }

    public DateOnly? Deadline { get; init; }
    public string Content { get; init; } = "";
    public string? Confidential { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public bool IsPublic => State == ListingLifecycle.Published;
}

/// <summary>One of the two kinds of listing: its names, its machine and how it is indexed.</summary>
public abstract class ListingKind
{
    /// <summary>In event types: <c>demand</c>.</summary>
    public abstract string Name { get; }

    /// <summary>In addresses: <c>demands</c>.</summary>
    public abstract string Path { get; }

    /// <summary>Of ids: <c>dem</c>.</summary>
    public abstract string Prefix { get; }

    public abstract Lifecycle Lifecycle { get; }

    public abstract Matching.Side Side { get; }

    /// <summary>The kinds of party that may own one.</summary>
    public abstract IReadOnlyList<PartyKind> Owners { get; }

    /// <summary>What the matching index keeps of a published row.</summary>
    public abstract Matching.Listing Indexed(ListingRow row);

    /// <summary>The answer for a caller that may see the row.</summary>
    public abstract IListing View(ListingRow row, Caller caller, bool withConfidential);

    public IReadOnlySet<string> Capacities(ListingRow row, Caller caller) =>
        caller.ActsFor(row.Owner) ? caller.Roles.Append(ListingLifecycle.Owner).ToHashSet() : caller.Roles;
}

/// <summary>The kind with its types: what the owner writes, and what the API answers.</summary>
public abstract class ListingKind<TContent, TView> : ListingKind
    where TContent : ListingContent
    where TView : TContent, IListing
{
    public TContent Content(ListingRow row) =>
        (TContent)(ListingContent)(Json.Read<TContent>(row.Content) with { Confidential = row.Confidential });

    public ListingRow Fill(ListingRow row, TContent content, string ownerRegion)
    {
        var region = content.Region ?? ownerRegion;
        return row with
        {
            Kind = Name,
            ExternalId = content.ExternalId,
            Field = content.Field.Code(),
            Region = region,
            Modes = content.Modes.Aggregate(0, (bits, mode) => bits | (1 << (int)mode)),
            Deadline = DeadlineOf(content),
            Content = Json.Write((TContent)(content with { Confidential = null, Region = region })),
            Confidential = content.Confidential,
        };
    }

    public sealed override IListing View(ListingRow row, Caller caller, bool withConfidential)
    {
        var view = Json.Read<TView>(row.Content);
        if (withConfidential)
        {
            view = (TView)(view with { Confidential = row.Confidential });
        }

        view.Id = row.Id;
        view.State = row.State;
        view.Owner = row.Owner;
        view.Version = row.Version;
        view.CreatedAt = row.CreatedAt;
        view.UpdatedAt = row.UpdatedAt;
        view.AvailableActions = caller.IsAnonymous ? [] : Lifecycle.AvailableActions(row.State, Capacities(row, caller));
        return view;
    }

    protected virtual DateOnly? DeadlineOf(TContent content) => null;
}
