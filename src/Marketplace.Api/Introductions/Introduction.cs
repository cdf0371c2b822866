using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Introductions;

// 对接: somebody brings a demand and an achievement together: either side, or a broker. When every side has accepted it is mutual, and
// the contacts and the confidential parts open to both. A broker's introduction is what the broker award rests on.

/// <summary>What is sent to make an introduction.</summary>
public sealed record IntroductionContent
{
    [IdOf("dem")]
    public required string Demand { get; init; }

    /// <summary>Left out when a university offers itself, or a broker its services, for a demand.</summary>
    [IdOf("ach")]
    public string? Achievement { get; init; }

    [StringLength(2000, MinimumLength = 1)]
    public required string Message { get; init; }
}

/// <summary>Why an introduction is declined.</summary>
public sealed record Decline
{
    public required DeclineReason Reason { get; init; }

    [StringLength(1000, MinimumLength = 1)]
    public string? Note { get; init; }
}

/// <summary>One side of an introduction.</summary>
/// <param name="Party">The party's id.</param>
/// <param name="Side">demand, achievement or broker.</param>
/// <param name="AcceptedAt">When it accepted; the one who introduces accepts by doing so.</param>
/// <param name="Contact">Only when the introduction is mutual, and only to its sides.</param>
public sealed record IntroductionSide(string Party, string Side, DateTimeOffset? AcceptedAt, Contact? Contact);

public sealed record Introduction : IAnswers<IntroductionContent>
{
    public required string Id { get; init; }
    public required string State { get; init; }
    public required int Version { get; init; }
    public required string Demand { get; init; }
    public string? Achievement { get; init; }
    public required string Message { get; init; }

    /// <summary>The party that made it.</summary>
    public required string Owner { get; init; }

    public required IReadOnlyList<IntroductionSide> Sides { get; init; }
    public DeclineReason? DeclineReason { get; init; }
    public string? DeclineNote { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required IReadOnlyList<string> AvailableActions { get; init; }
}

static class IntroductionLifecycle
{
    public const string Sent = "sent";
    public const string Accepted = "accepted";
    public const string Mutual = "mutual";
    public const string Declined = "declined";
    public const string Withdrawn = "withdrawn";

    public const string Accept = "accept";

    /// <summary>A side that has not accepted yet.</summary>
    public const string Asked = "askedSide";

    /// <summary>The last of the sides to accept.</summary>
    public const string LastAsked = "lastAskedSide";

    public const string Introducer = "introducer";

    public static readonly Lifecycle Machine = new("introduction", Sent,
        new(Accept, [Sent], Accepted, Asked),
        new(Accept, [Sent, Accepted], Mutual, LastAsked),
        new("decline", [Sent, Accepted], Declined, Asked, LastAsked),
        new("withdraw", [Sent, Accepted], Withdrawn, Introducer));
}

public sealed record IntroductionRow
{
    public string Id { get; init; } = "";
    public string State { get; init; } = IntroductionLifecycle.Sent;
    public int Version { get; init; } = 1;
    public string Demand { get; init; } = "";
    public string? Achievement { get; init; }
    public string Message { get; init; } = "";

    /// <summary>Who introduces.</summary>
    public string Introducer { get; init; } = "";

    public string DemandParty { get; init; } = "";

    /// <summary>The owner of the achievement, or without one the party that offers itself.</summary>
    public string OtherParty { get; init; } = "";

    public DateTimeOffset? DemandAcceptedAt { get; init; }
    public DateTimeOffset? OtherAcceptedAt { get; init; }
    public string? DeclineReason { get; init; }
    public string? DeclineNote { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 where a moderator has taken down one of the listings: what the introduction opened is closed for as long.</summary>
    public int Removed { get; init; }

    public bool IsClosed => Removed == 1;

    /// <summary>What a pair has one introduction of that waits for an answer: the sides' own, and one of each broker.</summary>
    public string PairSlot => IsBrokered ? Introducer : "";

    /// <summary>Neither side's own: a broker or an agency brought the two together.</summary>
    public bool IsBrokered => Introducer != DemandParty && Introducer != OtherParty;

    public IReadOnlyList<string> Parties => [.. new[] { DemandParty, OtherParty, Introducer }.Distinct()];

    public IReadOnlyList<string> AvailableActions(Caller caller) =>
        [.. IntroductionLifecycle.Machine.AvailableActions(State, Capacities(caller)).Where(action => !IsClosed || action != IntroductionLifecycle.Accept)];

    /// <summary>The sides that this caller still has to answer for.</summary>
    public bool Asks(Caller caller) =>
        (caller.ActsFor(DemandParty) && DemandAcceptedAt is null) || (caller.ActsFor(OtherParty) && OtherAcceptedAt is null);

    public IReadOnlySet<string> Capacities(Caller caller)
    {
        var capacities = caller.Roles.ToHashSet();
        if (caller.ActsFor(Introducer))
        {
            capacities.Add(IntroductionLifecycle.Introducer);
        }

        if (Asks(caller))
        {
            capacities.Add(DemandAcceptedAt is null && OtherAcceptedAt is null ? IntroductionLifecycle.Asked : IntroductionLifecycle.LastAsked);
        }

        return capacities;
    }
}
