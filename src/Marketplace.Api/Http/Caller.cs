using System.Reflection;
using Marketplace.Api.Data;

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
}

/// <summary>Who calls: the party and person of the key, or nobody. A handler asks for it as a parameter.</summary>
public sealed record Caller(string Key, string Party, string PartyKind, string Region, string Person, IReadOnlySet<string> Roles)
{
    public static readonly Caller Anonymous = new("", "", "", "", "", new HashSet<string>());

    public bool IsAnonymous => Key.Length == 0;

    public bool Is(string role) => Roles.Contains(role);

    /// <summary>Reads everything that is not a draft: the auditor by office, moderator and admin to do their work.</summary>
    public bool SeesAll => Is(Http.Roles.Auditor) || Is(Http.Roles.Moderator) || Is(Http.Roles.Admin);

    public bool ActsFor(string? party) => Is(Http.Roles.Member) && party is not null && party == Party;

    public bool BelongsTo(string? party) => !IsAnonymous && party == Party;

    /// <summary>Whether the key is still valid inside the caller's write unit; no revocation is committed before the unit is.</summary>
    public async Task<bool> KeepsKey(Session session) =>
        await session.Lock("UPDATE api_keys SET revoked_at = NULL WHERE id = @Key AND revoked_at IS NULL", new { Key })
        && await session.Find<string>("SELECT id FROM api_keys WHERE id = @Key AND revoked_at IS NULL", new { Key }) is not null;

    public static ValueTask<Caller> BindAsync(HttpContext context, ParameterInfo _) => ValueTask.FromResult(Of(context));

    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Anonymous;
}
