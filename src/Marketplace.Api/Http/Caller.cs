using System.Reflection;
using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Http;

/// <summary>What a key may do beyond reading what is public. 角色</summary>
public static class Roles
{
    public const string Member = "member";
    public const string Moderator = "moderator";
    public const string Registrar = "registrar";
    public const string Reviewer = "reviewer";
    public const string Approver = "approver";
    public const string Payer = "payer";
    public const string FundManager = "fundManager";
    public const string Auditor = "auditor";
    public const string Admin = "admin";

    public static readonly string[] All = [Member, Moderator, Registrar, Reviewer, Approver, Payer, FundManager, Auditor, Admin];

    /// <summary>Whether only an office may hold it: a government body, or a party that an admin marked as one.</summary>
    public static bool IsOfficial(string role) => role != Member;
}

/// <summary>
/// Persons are told apart by the canonical form of their names, until they are records of their own: two spellings are one person.
/// </summary>
static class PersonName
{
    /// <summary>Characters of the canonical form, which NFKC can make longer than what was typed.</summary>
    public const int LongestKey = 200;

    /// <summary>The form by which persons are compared; of a name from before there was a bound, its beginning.</summary>
    public static string Key(string name) => CanonicalName.Of(name) is var key && key.Length > LongestKey ? key[..LongestKey] : key;
}

/// <summary>Who calls: the party and person of the key, or nobody. A handler asks for it as a parameter.</summary>
/// <param name="PersonKey">The canonical form of the person's name.</param>
/// <param name="Roles">Those that count: an official role does only at an office.</param>
public sealed record Caller(string Key, string Party, string PartyKind, string Region, string Person, string PersonKey, IReadOnlySet<string> Roles)
{
    public static readonly Caller Anonymous = new("", "", "", "", "", "", new HashSet<string>());

    public bool IsAnonymous => Key.Length == 0;

    public bool Is(string role) => Roles.Contains(role);

    /// <summary>Reads everything that is not a draft: the auditor by office, moderator and admin to do their work.</summary>
    public bool SeesAll => Is(Http.Roles.Auditor) || Is(Http.Roles.Moderator) || Is(Http.Roles.Admin);

    public bool ActsFor(string? party) => Is(Http.Roles.Member) && party is not null && party == Party;

    public bool BelongsTo(string? party) => !IsAnonymous && party == Party;

    /// <summary>Whether a name, in whatever spelling, is the caller's; the name of nobody is not.</summary>
    public bool IsSamePerson(string? name) => name is not null && (name == Person || PersonName.Key(name) == PersonKey);

    /// <summary>Refuses the step where the caller took one of these earlier ones.</summary>
    public void RequireOther(params ReadOnlySpan<string?> earlier)
    {
        foreach (var person in earlier)
        {
            if (IsSamePerson(person))
            {
                throw Problems.SeparationOfDuty(Person);
            }
        }
    }

    /// <summary>Whether the key is still valid inside the caller's write unit; no revocation is committed before the unit is.</summary>
    public async Task<bool> KeepsKey(Session session) =>
        await session.Lock("UPDATE api_keys SET revoked_at = NULL WHERE id = @Key AND revoked_at IS NULL", new { Key })
        && await session.Find<string>("SELECT id FROM api_keys WHERE id = @Key AND revoked_at IS NULL", new { Key }) is not null;

    public static ValueTask<Caller> BindAsync(HttpContext context, ParameterInfo _) => ValueTask.FromResult(Of(context));

    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Anonymous;
}
