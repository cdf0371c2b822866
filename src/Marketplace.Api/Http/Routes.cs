using Marketplace.Api.Data;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Api.Http;

/// <summary>What route tables say beside the path: who may come in, and whether the request writes.</summary>
public static class Routes
{
    /// <summary>The base of every address.</summary>
    public const string Base = "/api/v1";

    /// <summary>Whatever answers GET answers HEAD: the same without its body, which the server leaves out.</summary>
    public static RouteGroupBuilder AnswersHead(this RouteGroupBuilder routes)
    {
        ((IEndpointConventionBuilder)routes).Finally(endpoint =>
        {
            if (endpoint.Metadata.OfType<HttpMethodMetadata>().LastOrDefault() is { HttpMethods: ["GET"] })
            {
                endpoint.Metadata.Add(new HttpMethodMetadata(["GET", "HEAD"]));
            }
        });
        return routes;
    }

    /// <summary>Any valid key.</summary>
    public static RouteHandlerBuilder NeedsKey(this RouteHandlerBuilder route) => route.RequireAuthorization();

    /// <summary>A key with one of these roles.</summary>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, params string[] roles) =>
        route.RequireAuthorization(policy => policy.RequireRole(roles));

    /// <summary>Runs in a write unit; every operation but GET does, unless it <see cref="Computes"/> or <see cref="Streams"/>.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder route) =>
        route.NeedsKey().AddEndpointFilter<RouteHandlerBuilder, WriteUnit>().WithMetadata(new WritesMetadata(), new QueryMetadata(typeof(WriteQuery)));

    /// <summary>A POST that moves public money: it must come with an Idempotency-Key.</summary>
    public static RouteHandlerBuilder MovesMoney(this RouteHandlerBuilder route) => route.WithMetadata(new MovesMoney());

    /// <summary>A POST that only answers a question: nothing is stored, nothing needs repeating.</summary>
    /// <remarks>A GET says it too where it computes more than it reads: they all pass one gate.</remarks>
    public static RouteHandlerBuilder Computes(this RouteHandlerBuilder route) => route.WithMetadata(new ComputesMetadata()).AddEndpointFilter(ComputeGate.Filter);

    /// <summary>
    /// A POST whose body and answer are streams of records. Each record is answered by itself, and one that is stored is known again when
    /// it is repeated: so no write unit spans the request, an Idempotency-Key changes nothing, and its size has no limit.
    /// </summary>
    /// <param name="mediaType">Of the answer.</param>
    public static RouteHandlerBuilder Streams(this RouteHandlerBuilder route, string mediaType) =>
        route.WithMetadata(new StreamsMetadata(), new AnswersMetadata(mediaType), new DisableRequestSizeLimitAttribute());

    /// <summary>Answers in another format than JSON.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, string mediaType) => route.WithMetadata(new AnswersMetadata(mediaType));

    public sealed record WritesMetadata;

    public sealed record ComputesMetadata;

    public sealed record StreamsMetadata;

    /// <summary>Marks an answer that is not JSON, or not JSON alone.</summary>
    public sealed record AnswersMetadata(params string[] MediaTypes);

    static readonly AnswersMetadata JsonAlone = new("application/json");

    /// <summary>What every operation refuses alike before it runs: a format it cannot answer in, a query that it does not have.</summary>
    public static void UseContract(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (context.GetEndpoint() is { } endpoint && context.Request.Path.StartsWithSegments(Base))
        {
            var offered = (endpoint.Metadata.GetMetadata<AnswersMetadata>() ?? JsonAlone).MediaTypes;
            if (!Array.Exists(offered, type => Accepts(context.Request, type)))
            {
                throw Problems.NotAcceptable(string.Join(", ", offered));
            }

            if (offered.Length > 1)
            {
                context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
            }

            // Where there is no body, the query's faults are told together.
            var query = endpoint.Metadata.GetMetadata<QueryMetadata>();
            if (query is null || endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null)
            {
                Queries.RequireKnown(context, query?.Type);
            }

            Queries.RequireText(context.Request.QueryString);
            if (context.Request.Headers.ContentEncoding is { Count: > 0 } coding && !string.Equals(coding, "identity", StringComparison.OrdinalIgnoreCase))
            {
                throw Problems.UnsupportedCoding(coding.ToString());
            }

            if (context.Request.Headers.ContentType.Count > 1)
            {
                throw Problems.RepeatedHeader(HeaderNames.ContentType);
            }

            // Who has gone away needs no more rows.
            context.RequestServices.GetRequiredService<Session>().Ends = context.RequestAborted;
        }

        return next(context);
    });

    static bool Accepts(HttpRequest request, string offered)
    {
        var header = request.Headers.Accept;
        return header.Count == 0 || !MediaTypeHeaderValue.TryParseList(header, out var wanted)
            || wanted.Any(w => w.Quality is not 0 && (w.Covers(offered) || w.MediaType.Equals("application/problem+json", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Whether a range of Accept covers a type; what parameters it has beside, such as a charset, narrows nothing that is answered here.</summary>
    public static bool Covers(this MediaTypeHeaderValue range, string offered) =>
        range.MatchesAllTypes || new MediaTypeHeaderValue(offered).IsSubsetOf(new MediaTypeHeaderValue(range.MediaType));
}
