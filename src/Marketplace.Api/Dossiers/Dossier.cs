using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Api.Claims;
using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Events;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Dossiers;

// 合同档案: all that is on record of one contract, from the demand to the payment, as one file that anybody can check without the market.
// It is a list of links in the order of the chain. A link that stands in one of the market's own chains (an event of the feed, an entry
// of a ledger) carries the hash before it and its own; every link carries a digest over the digest before it; and the seal is over the
// file itself, byte by byte.

/// <summary>The file.</summary>
/// <param name="Format">Which layout the file has.</param>
/// <param name="Contract">The contract's id.</param>
/// <param name="Seal">SHA-256 of every byte of the file before this member.</param>
public sealed record Dossier(string Format, string Contract, DateTimeOffset IssuedAt, IReadOnlyList<DossierLink> Links, string Seal)
{
    public const string CurrentFormat = "marketplace-dossier/1";

    const string BeforeSeal = ",\"seal\":";

    /// <summary>Every member of the layout is there, and no other.</summary>
    internal static readonly JsonSerializerOptions Strict = new(Json.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.Never, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectRequiredConstructorParameters = true,
    };

    internal static byte[] Write(string contract, DateTimeOffset issuedAt, IEnumerable<object> contents)
    {
        var file = new ArrayBufferWriter<byte>(16 << 10);
        using var json = new Utf8JsonWriter(file, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteString("format", CurrentFormat);
        json.WriteString("contract", contract);
        json.WritePropertyName("issuedAt");
        JsonSerializer.Serialize(json, issuedAt, Json.Options);
        json.WriteStartArray("links");
        var digest = "";
        foreach (var content in contents)
        {
            var (kind, text) = (DossierLink.Kinds.Single(known => known.Value == content.GetType()).Key, JsonSerializer.Serialize(content, Strict));
            digest = DossierLink.DigestOf(digest, kind, text);
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WritePropertyName("content");
            json.WriteRawValue(text, skipInputValidation: true);
            json.WriteString("digest", digest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        json.WriteString("seal", Fingerprint.Of(file.WrittenSpan));
        json.WriteEndObject();
        json.Flush();
        return file.WrittenSpan.ToArray();
    }

    /// <summary>Whether a file is, byte for byte, what was sealed.</summary>
    internal static bool IsSealed(ReadOnlySpan<byte> file)
    {
        var end = file.LastIndexOf(Encoding.ASCII.GetBytes(BeforeSeal));
        return end > 0 && file[end..].SequenceEqual(Encoding.ASCII.GetBytes($"{BeforeSeal}\"{Fingerprint.Of(file[..end])}\"}}"));
    }
}

/// <param name="Kind">What the content is: listing, introduction, terms, step, payment, claim, event or entry.</param>
/// <param name="Digest">SHA-256 over the digest of the link before, the kind and the content.</param>
public sealed record DossierLink(string Kind, JsonElement Content, string Digest)
{
    internal static readonly IReadOnlyDictionary<string, Type> Kinds = new Dictionary<string, Type>
    {
        ["listing"] = typeof(ListingRecord), ["introduction"] = typeof(IntroductionRecord), ["terms"] = typeof(TermsRecord),
        ["step"] = typeof(ContractStep), ["payment"] = typeof(PaymentRecord), ["claim"] = typeof(ClaimRecord), ["event"] = typeof(EventRecord), ["entry"] = typeof(EntryRecord),
    };

    internal static string DigestOf(string previous, string kind, string content) => Fingerprint.Of($"{previous}\n{kind}\n{content}");
}

/// <summary>A demand or an achievement, without what its owner keeps confidential.</summary>
sealed record ListingRecord(string Id, string State, int Version, string Owner, string Title);

/// <summary>Who brought the two sides together, and when each accepted; their contacts and messages are their own.</summary>
sealed record IntroductionRecord(
    string Id, string State, int Version, string Demand, string? Achievement, string Introducer, string DemandParty, string OtherParty,
    DateTimeOffset? DemandAcceptedAt, DateTimeOffset? OtherAcceptedAt);

/// <summary>The contract's terms with what was signed and recognised of them.</summary>
/// <param name="Terms">As they are kept; the contract's events carry their SHA-256. Null for a reader of none of them, who has of the events those that the feed has for it.</param>
sealed record TermsRecord(
    string Contract, string State, int Version, int TermsVersion, JsonElement? Terms, Fen? Received, IReadOnlyList<Signature> Signatures, Recognition? Recognition);

/// <summary>What the buyer paid the seller, with its proof; the persons who recorded and confirmed it are their sides' own.</summary>
sealed record PaymentRecord(
    string Id, string State, int Version, string Contract, Fen Amount, DateOnly PaidOn, string Reference, string Party);

/// <summary>A claim.</summary>
/// <param name="Amount">In yuan; absent until somebody has decided.</param>
/// <param name="Basis">
/// Facts, history, receipt and explanation as they are kept; the claim's events carry their SHA-256. Where others' grants counted, a payee's copy lacks
/// them and says how many; then neither that hash nor the receipt can be computed again.
/// </param>
/// <param name="Persons">For officials alone.</param>
/// <param name="Row">
/// The whole row, for officials alone: the claim's last event carries its SHA-256. Absent in dossiers from before events carried it.
/// </param>
sealed record ClaimRecord(
    string Id, string State, int Version, string Contract, int TermsVersion, string Policy, string PolicyVersion, string Award, string Payee, int Part,
    Fen? Amount, Fen? Recover, Fen Recovered, Fen Waived, JsonElement Basis, string? Fund, long? Reservation, string? Reference, ClaimPersons? Persons,
    JsonElement? Row = null)
{
    public static ClaimRecord Of(ClaimRow row, string basis, bool withPersons) => new(
        row.Id, row.State, row.Version, row.Contract, row.TermsVersion, row.Policy, row.PolicyVersion, row.Award, row.Payee, row.Part,
        row.Fen is { } fen ? new Fen(fen) : null, row.Recover is { } recover ? new Fen(recover) : null, new(row.Recovered), new(row.Waived),
        JsonSerializer.Deserialize<JsonElement>(basis), row.Fund, row.Reservation, row.Reference,
        withPersons ? ClaimPersons.Of(row) : null,
        withPersons ? JsonSerializer.Deserialize<JsonElement>(ClaimDigest.Text(row)) : null);
}

/// <summary>An event of the change feed.</summary>
/// <param name="Previous">The hash of the event before it in the feed, whatever that is about.</param>
/// <param name="Readers">Who may read it, as it is hashed; absent in dossiers from before that.</param>
sealed record EventRecord(
    long Sequence, string Id, string Type, string Subject, string Actor, DateTimeOffset At, JsonElement Data, string Previous, string Hash,
    string? Readers = null)
{
    public static EventRecord Of(EventRow row)
    {
        var view = row.View();
        return new(view.Sequence, view.Id, view.Type, view.Subject, view.Actor, view.At, view.Data, row.Previous, view.Hash, row.Readers);
    }

    public bool IsHashed => new EventRow
    {
        Id = Id, Type = Type, Subject = Subject, Actor = Actor, At = At, Data = Data.GetRawText(), Readers = Readers ?? "", Hash = Hash,
    }.IsHashedAfter(Previous, Sequence);
}

/// <summary>An entry of a fund's ledger.</summary>
/// <param name="Person">Who answers for it: for officials alone, as is the reason. Without it the hash cannot be computed again.</param>
/// <param name="Previous">The hash of the fund's entry before it.</param>
sealed record EntryRecord(
    string Fund, long Number, EntryKind Kind, string Debit, string Credit, Fen Amount, string? Claim, long? Resolves, string? Reference,
    string? Reason, string? Person, DateTimeOffset At, string Previous, string Hash)
{
    public static EntryRecord Of(EntryRow row, bool withPersons) => new(
        row.Fund, row.Number, CodeNames.Parse<EntryKind>(row.Kind), row.Debit, row.Credit, new(row.Fen), row.Claim, row.Resolves, row.Reference,
        withPersons ? row.Reason : null, withPersons ? row.Person : null, row.At, row.Previous, row.Hash);

    public EntryRow Row => new()
    {
        Fund = Fund, Number = Number, Kind = Kind.Code(), Debit = Debit, Credit = Credit, Fen = Amount.Value, Claim = Claim, Resolves = Resolves,
        Reference = Reference, Reason = Reason, Person = Person ?? "", At = At, Hash = Hash,
    };

    public string? ComputedHash => Person is null ? null : Row.HashAfter(Previous);
}
