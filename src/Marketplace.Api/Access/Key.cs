using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Access;

// API keys: 256 random bits, shown once, kept as a hash. A key belongs to a party and names the person who holds it; several may be
// valid at a time, so that one can be replaced without a gap. Where the market asks for a second admin (Marketplace:Keys:SecondAdmin), a
// key with an official role waits until one has confirmed it.

/// <summary>What is asked for when a key is made.</summary>
public sealed record KeyRequest : IChecked
{
    /// <summary>Any but <c>member</c> goes only to a government body or to a party that an admin marked as an office.</summary>
    [Required, MinLength(1), MaxLength(9), RoleNames]
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>
    /// Who holds the key: separation of duty is between persons, whose names are compared without regard to case, width, blanks and invisible characters.
    /// A name that is known in another spelling takes the known one.
    /// </summary>
    [StringLength(100, MinimumLength = 1)]
    public required string Person { get; init; }

    public IEnumerable<Fault> Check()
    {
        var key = CanonicalName.Of(Person);
        if (key.Length > PersonName.LongestKey)
        {
            yield return new("/person", "too-long", new(
                $"规范化后最多 {PersonName.LongestKey} 个字符，实为 {key.Length} 个。",
                $"At most {PersonName.LongestKey} characters in canonical form; it has {key.Length}."));
        }
        else if (key == PersonName.Key(FirstAdmin.Person))
        {
            yield return new("/person", "reserved", new("此名称保留给配置的管理员密钥。", "This name is kept for the admin key of the configuration."));
        }
    }
}

/// <summary>A new key; the only time that it is shown.</summary>
/// <param name="State">valid, or waiting for another admin's confirmation.</param>
public sealed record IssuedKey(string Id, string Key, string Party, IReadOnlyList<string> Roles, string Person, string State);

/// <summary>A key as it is listed, without its secret.</summary>
/// <param name="State">valid, waiting or revoked.</param>
/// <param name="IssuedBy">The person who made it; absent for keys from before that was kept.</param>
public sealed record KeyView(
    string Id, string State, string Party, IReadOnlyList<string> Roles, string Person, string? IssuedBy, string? ConfirmedBy, DateTimeOffset CreatedAt,
    DateTimeOffset? RevokedAt);

sealed class RoleNamesAttribute : RuleAttribute
{
    public override string Code => "unknown-code";

    public override bool IsValid(object? value) => value is not IEnumerable<string> roles || roles.All(Roles.All.Contains);

    public override Wording Detail(object value) => new($"可用角色：{string.Join("、", Roles.All)}。", $"The roles are {string.Join(", ", Roles.All)}.");
}

static class KeyText
{
    public const string Prefix = "tm_";

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static bool IsWellFormed(string key) =>
        key.Length is >= 43 and <= 200 && key.StartsWith(Prefix, StringComparison.Ordinal) && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
}
