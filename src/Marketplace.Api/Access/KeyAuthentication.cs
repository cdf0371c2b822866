using System.Security.Claims;
using System.Text.Encodings.Web;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.Options;

namespace Marketplace.Api.Access;

/// <summary>
/// Bearer keys. Each request looks its key up in the database, so that a revocation holds from its commit on. A key that is sent must
/// be valid even where none is needed: an answer for nobody would hide the mistake.
/// </summary>
public sealed class KeyAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Bearer = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        if (Request.Headers.Authorization.Count > 1)
        {
            throw Problems.RepeatedHeader("Authorization");
        }

        var header = Request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
        var session = Context.RequestServices.GetRequiredService<Session>();
        var caller = KeyText.IsWellFormed(key) ? await KeySql.Caller(session, KeyText.Hash(key)) : null;
        if (caller is null)
        {
            Context.RequestServices.GetRequiredService<RateLimits>().WrongKey(Context);
            throw Problems.Unauthenticated();
        }

        Context.Features.Set(caller);
        var identity = new ClaimsIdentity(caller.Roles.Select(role => new Claim(ClaimTypes.Role, role)), Bearer);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Bearer));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => throw Problems.Unauthenticated();
}

/// <summary>Names the role that was missing, which the framework's own answer does not.</summary>
public sealed class NamedRoleResults : IAuthorizationMiddlewareResultHandler
{
    static readonly AuthorizationMiddlewareResultHandler Default = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        authorizeResult.Forbidden
            ? throw Problems.Forbidden([.. policy.Requirements.OfType<RolesAuthorizationRequirement>().SelectMany(r => r.AllowedRoles)])
            : Default.HandleAsync(next, context, policy, authorizeResult);
}
