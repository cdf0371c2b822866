using System.Globalization;
using System.Text.Json;
using Marketplace.Api.Http;

namespace Marketplace.Api.Events;

// Every change writes one event in its own transaction. The table is the audit trail, the public feed and what the matching index
// follows. An event is visible to the readers it names: parties by id, roles by name, or everybody.

/// <summary>A change that was committed, in the order of commits.</summary>
public sealed record Event
{
    public string Id { get; init; } = "";

    /// <summary>1, 2, 3 … without a gap, in commit order; the value for <c>after</c>.</summary>
    public long Sequence { get; init; }

    /// <summary>Resource and what happened to it, such as <c>demand.published</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>The id of the resource.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The id of the party that acted; <c>clock</c> for a change made by time, <c>matching</c> for a match that was found.</summary>
    public string Actor { get; init; } = "";

    public DateTimeOffset At { get; init; }

    public JsonElement Data { get; init; }

    /// <summary>Who may read it, as it is hashed: for auditors alone, who see the whole chain and can compute it again.</summary>
    public string? Readers { get; init; }

    /// <summary>SHA-256 over the previous event's hash and this event: one altered row breaks the chain after it.</summary>
    public string Hash { get; init; } = "";
}

/// <summary>Who may read an event.</summary>
public static class Readers
{
    public const string Everybody = "everybody";

    public static IReadOnlyList<string> Of(Caller caller) => [Everybody, caller.Party, .. caller.Roles];

    public static string Line(IEnumerable<string> readers) => $"|{string.Join('|', readers.Where(r => r.Length > 0).Distinct())}|";
}

sealed record EventRow
{
    public long? Sequence { get; init; }
    public string Id { get; init; } = "";
    public string Type { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Actor { get; init; } = "";
    public DateTimeOffset At { get; init; }
    public string Data { get; init; } = "";
    public string Readers { get; init; } = "";
    public string? Hash { get; init; }

    /// <summary>The hash of the event before it in the feed, empty for the first; only where it was asked for.</summary>
    public string Previous { get; init; } = "";

    public Event View(bool withReaders = false) => new()
    {
        Id = Id, Sequence = Sequence ?? 0, Type = Type, Subject = Subject, Actor = Actor, At = At,
        Data = Json.Read<JsonElement>(Data, $"events {Id}"), Readers = withReaders ? Readers : null, Hash = Hash ?? "",
    };

    // What is hashed never changes: the events of past years must verify.
    public string HashAfter(string previous, long sequence) => Fingerprint.Of(string.Create(CultureInfo.InvariantCulture,
        $"{previous}\n{sequence}\n{Id}\n{Type}\n{Subject}\n{Actor}\n{At.ToUnixTimeMilliseconds()}\n{Readers}\n{Data}"));

    /// <summary>Whether the hash that is kept is this event's; those of events from before 0014 do not cover the readers.</summary>
    public bool IsHashedAfter(string previous, long sequence) => Hash == HashAfter(previous, sequence) || Hash == HashWithoutReaders(previous, sequence);

    string HashWithoutReaders(string previous, long sequence) => Fingerprint.Of(string.Create(CultureInfo.InvariantCulture,
        $"{previous}\n{sequence}\n{Id}\n{Type}\n{Subject}\n{Actor}\n{At.ToUnixTimeMilliseconds()}\n{Data}"));
}
