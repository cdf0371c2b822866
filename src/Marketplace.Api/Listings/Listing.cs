using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;
using Marketplace.Api.Matches;
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
    string Id { get; init; }
    string State { get; init; }
    string Owner { get; init; }
    int Version { get; init; }
    DateTimeOffset CreatedAt { get; init; }
    DateTimeOffset UpdatedAt { get; init; }
    IReadOnlyList<string> AvailableActions { get; init; }

    /// <summary>Why a moderator returned, rejected or removed it, or returned or rejected its revision; for its owner and officials.</summary>
    string? Reason { get; init; }

    /// <summary>In the answer to its submission: the published listings that it may repeat. <c>…/{id}/duplicates</c> has them later.</summary>
    IReadOnlyList<Duplicate>? Duplicates { get; init; }
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

    /// <summary>The codes of its modes in their order, with a comma around each; empty without any.</summary>
    public string Modes { get; init; } = "";

    public DateOnly? Deadline { get; init; }
    public string Content { get; init; } = "";
    public string? Confidential { get; init; }

    /// <summary>The last that a moderator gave.</summary>
    public string? Reason { get; init; }

    /// <summary>The state that a removed listing came from.</summary>
    public string? RemovedFrom { get; init; }

    /// <summary>Of a material change that waits beside what is published; null without one.</summary>
    public string? RevisionState { get; init; }

    /// <summary>The whole content as it will be; what is not material in it is in force already.</summary>
    public string? RevisionContent { get; init; }

    public string? RevisionConfidential { get; init; }
    public DateTimeOffset? RevisionUpdatedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When what others read last changed: a revision changes nothing for them until it is in force.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether everybody sees it: published, and its last day is not over, whether or not the clock has come by.</summary>
    public bool IsPublicOn(DateOnly today) => State == ListingLifecycle.Published && !(Deadline < today);

    public ListingRow WithoutRevision() => this with { RevisionState = null, RevisionContent = null, RevisionConfidential = null, RevisionUpdatedAt = null };
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

    /// <summary>The member that holds the long text.</summary>
    public abstract string TextMember { get; }

    /// <summary>The kinds of party that may own one.</summary>
    public abstract IReadOnlyList<PartyKind> Owners { get; }

    /// <summary>What the matching index keeps of a published row.</summary>
    public abstract Matching.Listing Indexed(ListingRow row);

    /// <summary>The same, or null where the row cannot be read: it was altered, or a newer program wrote it.</summary>
    public Matching.Listing? IndexedIfReadable(ListingRow row)
    {
        try
        {
            return Indexed(row);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The numbers of the rights that the listing rests on, each written in one way.</summary>
    public virtual IReadOnlyList<string> RightNumbers(ListingRow row) => [];

    /// <summary>The answer for a caller that may see the row. What the owner wrote is stored as it is answered, and is passed on unread.</summary>
    public byte[] View(ListingRow row, Caller caller, bool withConfidential, IReadOnlyList<Duplicate>? duplicates = null)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new Head
            {
                Id = row.Id, State = row.State, Owner = row.Owner, Version = row.Version, CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
                AvailableActions = caller.IsAnonymous ? [] : AvailableActions(row, caller), Confidential = withConfidential ? row.Confidential : null,
                Reason = caller.BelongsTo(row.Owner) || caller.SeesAll ? row.Reason : null,
                Revision = SeesRevision(row, caller) ? RevisionView(row, withConfidential && caller.BelongsTo(row.Owner)) : null, Duplicates = duplicates,
            },
            Json.Options);
        var view = new byte[head.Length - 1 + Encoding.UTF8.GetByteCount(row.Content)];
        Encoding.UTF8.GetBytes(row.Content, view.AsSpan(head.Length - 1));
        // One object out of two: the brace that ends the first and the one that begins the second become a comma.
        head.AsSpan(..^1).CopyTo(view);
        view[head.Length - 1] = (byte)',';
        return view;
    }

    public string[] OwnerKinds => [.. Owners.Select(k => k.Code())];

    public bool MayBelongTo(string partyKind) => Owners.Contains(CodeNames.Parse<PartyKind>(partyKind));

    /// <summary>The owner always; officials once it was submitted.</summary>
    public static bool SeesRevision(ListingRow row, Caller caller) =>
        row.RevisionState is not null && (caller.BelongsTo(row.Owner) || (caller.SeesAll && row.RevisionState != ListingLifecycle.Draft));

    /// <summary>What the caller can do to the listing, or to its revision where the caller sees one.</summary>
    public IReadOnlyList<string> AvailableActions(ListingRow row, Caller caller)
    {
        var capacities = Capacities(row, caller);
        var actions = Lifecycle.AvailableActions(row.State, capacities);
        return ListingLifecycle.IsRevised(row.State) && SeesRevision(row, caller)
            ? [.. actions, .. ListingLifecycle.Revisions.AvailableActions(row.RevisionState!, capacities)]
            : actions;
    }

    /// <summary>The row as it is with its revision in force.</summary>
    public abstract ListingRow Latest(ListingRow row);

    public IReadOnlySet<string> Capacities(ListingRow row, Caller caller) =>
        caller.ActsFor(row.Owner) ? caller.Roles.Append(ListingLifecycle.Owner).ToHashSet() : caller.Roles;

    static JsonObject RevisionView(ListingRow row, bool withConfidential)
    {
        var view = new JsonObject
        {
            ["state"] = row.RevisionState, ["updatedAt"] = JsonSerializer.SerializeToNode(row.RevisionUpdatedAt, Json.Options),
        };
        if (withConfidential && row.RevisionConfidential is not null)
        {
            view["confidential"] = row.RevisionConfidential;
        }

        foreach (var (name, value) in JsonNode.Parse(row.RevisionContent!)!.AsObject())
        {
            view[name] = value?.DeepClone();
        }

        return view;
    }

    sealed record Head : IListing
    {
        public required string Id { get; init; }
        public required string State { get; init; }
        public required string Owner { get; init; }
        public required int Version { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset UpdatedAt { get; init; }
        public required IReadOnlyList<string> AvailableActions { get; init; }
        public string? Confidential { get; init; }
        public string? Reason { get; init; }
        public JsonObject? Revision { get; init; }
        public IReadOnlyList<Duplicate>? Duplicates { get; init; }
    }
}

/// <summary>The kind with the type of what its owner writes.</summary>
public abstract class ListingKind<TContent> : ListingKind
    where TContent : ListingContent
{
    public TContent Content(ListingRow row) =>
        (TContent)(ListingContent)(Json.Read<TContent>(row.Content) with { Confidential = row.Confidential });

    /// <summary>What is in force after a change of a published listing: of the members that a moderator reviews what was reviewed, of the others what was written.</summary>
    public abstract TContent InForce(TContent reviewed, TContent written);

    public override ListingRow Latest(ListingRow row) => row.RevisionContent is null ? row
        : Fill(row, Content(row with { Content = row.RevisionContent, Confidential = row.RevisionConfidential }), row.Region);

    public ListingRow Fill(ListingRow row, TContent content, string ownerRegion)
    {
        var region = content.Region ?? ownerRegion;
        return row with
        {
            Kind = Name,
            ExternalId = content.ExternalId,
            Field = content.Field.Code(),
            Region = region,
            Modes = content.Modes.Count == 0 ? "" : $",{string.Join(',', content.Modes.Select(mode => mode.Code()).Distinct().Order(StringComparer.Ordinal))},",
            Deadline = DeadlineOf(content),
            Content = Json.Write((TContent)(content with { Confidential = null, Region = region })),
            Confidential = content.Confidential,
        };
    }

    protected virtual DateOnly? DeadlineOf(TContent content) => null;
}
