using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Api.Http;

namespace Marketplace.Api.Claims;

/// <summary>
/// A digest of the whole row of a claim. The claim's last event holds it, so that nothing that decides about money can be altered in the
/// database unseen: not the payee, nor the sum, nor who reviewed and approved.
/// </summary>
static class ClaimDigest
{
    // What is digested never changes for a row: members in the order of their names, those that are empty, zero or computed left out. A member
    // that is added to the row begins empty or zero, so the digests of before still hold.
    static readonly JsonSerializerOptions Canonical = new(Json.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { InOrderOfNames } },
    };

    /// <summary>SHA-256 of <see cref="Text"/>.</summary>
    public static string Of(ClaimRow row) => Fingerprint.Of(JsonSerializer.SerializeToUtf8Bytes(row, Canonical));

    /// <summary>The row as it is digested.</summary>
    public static string Text(ClaimRow row) => JsonSerializer.Serialize(row, Canonical);

    /// <summary>With it in the digest nobody finds a reviewer's name by trying names.</summary>
    public static string NewSalt() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    static void InOrderOfNames(JsonTypeInfo type)
    {
        var place = 0;
        foreach (var property in type.Properties.OrderBy(property => property.Name, StringComparer.Ordinal))
        {
            property.Order = place++;
        }
    }
}
