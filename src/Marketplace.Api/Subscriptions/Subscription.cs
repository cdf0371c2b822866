using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Marketplace.Api.Codes;
using Marketplace.Api.Demands;
using Marketplace.Api.Http;
using Marketplace.Api.Matches;
using Marketplace.Matching;

namespace Marketplace.Api.Subscriptions;

// 订阅: a saved search. Whatever is published or changed while it is active, and is then among its best matches, is recorded once and told
// by an event that its party alone reads. What was there before is what the matches of the listing, or POST /matches, show.

/// <summary>What to look for: the counterparts of one of the party's own listings, or a text. The other members exclude what does not meet them.</summary>
public record SubscriptionContent : IChecked
{
    [StringLength(200, MinimumLength = 1), JsonPropertyOrder(-1)]
    public required string Name { get; init; }

    /// <summary>A demand of the party: its counterparts are achievements.</summary>
    [IdOf("dem")]
    public string? Demand { get; init; }

    /// <summary>An achievement of the party: its counterparts are demands.</summary>
    [IdOf("ach")]
    public string? Achievement { get; init; }

    /// <summary>A need or an offer that is not registered.</summary>
    [StringLength(20_000, MinimumLength = 1)]
    public string? Text { get; init; }

    /// <summary>What a text looks for; achievements unless it is sent.</summary>
    public SearchedSide? Side { get; init; }

    public TechnologyField? Field { get; init; }

    /// <summary>The first digits of the region code; 6301 finds all of Xining.</summary>
    [RegularExpression("[0-9]{2,6}")]
    public string? Region { get; init; }

    public CooperationMode? Mode { get; init; }

    /// <summary>The least technology readiness that a listing states, 1–9.</summary>
    [Range(1, 9)]
    public int? MinTrl { get; init; }

    /// <summary>The price or budget must be stated and overlap this range.</summary>
    public Budget? Budget { get; init; }

    /// <summary>The least score of a match, 0–1.</summary>
    [Range(0.0, 1.0)]
    public double? MinScore { get; init; }

    public IEnumerable<Fault> Check()
    {
        var subjects = new[] { Demand, Achievement, Text }.Count(subject => subject is not null);
        if (subjects != 1)
        {
            yield return new("", "one-subject-needed",
                new($"demand、achievement 和 text 须且只能提供一项，收到 {subjects} 项。", $"Exactly one of demand, achievement and text is needed; {subjects} were sent."));
        }
        else if (Text is null && Side is not null)
        {
            yield return new("/side", "one-subject-needed",
                new("side 只与 text 同用；自有信息总是查找另一方。", "A side goes with a text; a listing always looks for the other side."));
        }

        foreach (var fault in Budget?.Check() ?? [])
        {
            yield return fault;
        }
    }
}

public sealed record Subscription : SubscriptionContent, IAnswers<SubscriptionContent>
{
    [JsonPropertyOrder(-2)]
    public string Id { get; init; } = "";

    public string State { get; init; } = "";
    public string Owner { get; init; } = "";
    public int Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public IReadOnlyList<string> AvailableActions { get; init; } = [];
}

static class SubscriptionLifecycle
{
    public const string Active = "active";
    public const string Paused = "paused";
    public const string Cancelled = "cancelled";
    public const string Owner = "owner";

    public static readonly Lifecycle Machine = new("subscription", Active,
        new("pause", [Active], Paused, Owner),
        new("resume", [Paused], Active, Owner),
        new("cancel", [Active, Paused], Cancelled, Owner));
}

sealed record SubscriptionRow
{
    public string Id { get; init; } = "";
    public string State { get; init; } = SubscriptionLifecycle.Active;
    public int Version { get; init; } = 1;
    public string Owner { get; init; } = "";

    /// <summary>The side that is searched.</summary>
    public string Side { get; init; } = "";

    public string Content { get; init; } = "";

    /// <summary>The event of its beginning to watch: what comes before it in the feed is never told.</summary>
    public string WatchedFrom { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public SubscriptionContent Wanted => Json.Read<SubscriptionContent>(Content);

    public SubscriptionRow With(SubscriptionContent content) => this with
    {
        Content = Json.Write(content),
        Side = (content.Achievement is not null || content.Side == SearchedSide.Demands ? Matching.Side.Demands : Matching.Side.Achievements).Code(),
    };

    public IReadOnlySet<string> Capacities(Caller caller) =>
        caller.ActsFor(Owner) ? caller.Roles.Append(SubscriptionLifecycle.Owner).ToHashSet() : caller.Roles;

    public Subscription View(Caller caller) => Json.Read<Subscription>(Content) with
    {
        Id = Id, State = State, Owner = Owner, Version = Version, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt,
        AvailableActions = SubscriptionLifecycle.Machine.AvailableActions(State, Capacities(caller)),
    };

    /// <summary>What to ask the index.</summary>
    /// <param name="listing">The listing whose counterparts are wanted; null for a text.</param>
    public Query Query(Listing? listing)
    {
        var wanted = Wanted;
        var query = listing is not null
            ? Matching.Query.For(listing)
            : new Query { Side = CodeNames.Parse<Side>(Side), Text = wanted.Text! };
        return query with
        {
            Filter = new()
            {
                Field = wanted.Field?.Code(), RegionPrefix = wanted.Region, Mode = wanted.Mode?.Code(), LeastTrl = wanted.MinTrl,
                Money = wanted.Budget is { } budget ? new(budget.Min?.Value, budget.Max?.Value) : null, NotOwner = Owner,
            },
        };
    }
}

/// <summary>A listing that a subscription found.</summary>
sealed record FoundRow
{
    public string Id { get; init; } = "";
    public string Subscription { get; init; } = "";
    public string Listing { get; init; } = "";
    public double Score { get; init; }
    public DateTimeOffset FoundAt { get; init; }
}
