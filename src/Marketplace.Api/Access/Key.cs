using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Access;

// API keys: 256 random bits, shown once, kept as a hash. A key belongs to a party and names the person who holds it; several may be
// valid at a time, so that one can be replaced without a gap.

/// <summary>What is asked for when a key is made.</summary>
public sealed record KeyRequest
{
    [Required, MinLength(1), MaxLength(9), RoleNames]
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Who holds the key: separation of duty is between persons.</summary>
    [StringLength(100, MinimumLength = 1)]
    public required string Person { get; init; }
}

/// <summary>A new key; the only time that it is shown.</summary>
public sealed record IssuedKey(string Id, string Key, string Party, IReadOnlyList<string> Roles, string Person);

sealed class RoleNamesAttribute : RuleAttribute
{
    public override string Code => "unknown-code";

    public override bool IsValid(object? value) => value is not IEnumerable<string> roles || roles.All(Roles.All.Contains);

    public override Wording Detail(object value) => new($"可用角色：{string.Join("、", Roles.All)}。", $"The roles are {string.Join(", ", Roles.All)}.");
}

static class KeyText
{
    const string Prefix = "tm_";

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static bool IsWellFormed(string key) =>
        key.Length is >= 43 and <= 200 && key.StartsWith(Prefix, StringComparison.Ordinal) && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
}
