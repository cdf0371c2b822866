using Marketplace.Api.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests;

/// <summary>One operation of the API, as the running program maps it: a rule that holds for all of them is tested on all of them.</summary>
public sealed record Operation(string Method, string Route, EndpointMetadataCollection Metadata)
{
    public bool Writes => Metadata.GetMetadata<Routes.WritesMetadata>() is not null;

    public bool Computes => Metadata.GetMetadata<Routes.ComputesMetadata>() is not null;

    public bool NeedsKey => Metadata.GetMetadata<AuthorizationPolicy>() is not null || Metadata.GetMetadata<IAuthorizeData>() is not null;

    /// <summary>The roles of which the route itself asks for one; a handler may ask for more.</summary>
    public string[] Roles => [.. Metadata.OfType<AuthorizationPolicy>().SelectMany(p => p.Requirements).OfType<RolesAuthorizationRequirement>().SelectMany(r => r.AllowedRoles)];

    public bool HasQuery => Metadata.GetMetadata<QueryMetadata>() is not null;

    public string? BodyType => Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes[0];

    public bool TakesJson => BodyType == "application/json";

    public bool RequiresBody => Metadata.GetMetadata<IAcceptsMetadata>() is { IsOptional: false };

    /// <summary>With well-formed ids of nothing in the place of its parameters.</summary>
    public string Address
    {
        get
        {
            var parts = Route.Split('/');
            return string.Join('/', parts.Select((part, i) => part.StartsWith('{') ? NoSuch(parts[i - 1]) : part));
        }
    }

    /// <summary>Whether the route's template covers an address, another route's literal one among them.</summary>
    public bool Covers(string address)
    {
        var (template, parts) = (Route.Split('/'), address.Split('/'));
        return template.Length == parts.Length && template.Zip(parts).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }

    public override string ToString() => $"{Method} {Route}";

    public static IReadOnlyList<Operation> Of(Market market) =>
    [
        .. market.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith(Routes.Base, StringComparison.Ordinal))
            // HEAD is GET's shadow.
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Where(method => method != HttpMethods.Head)
                .Select(method => new Operation(method, endpoint.RoutePattern.RawText!.TrimEnd('/'), endpoint.Metadata))),
    ];

    static string NoSuch(string collection) => collection switch
    {
        "parties" => "pty", "demands" => "dem", "achievements" => "ach", "introductions" => "itr", "contracts" => "con", "keys" => "key",
        "subscriptions" => "sub", "claims" => "clm", "funds" => "fnd", "webhooks" => "whk", _ => "none",
    } + "_00000000000000000000000000";
}
