using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Http;

/// <summary>
/// The outermost middleware: gives each request its id and turns every refusal, failure and bare status into a problem document
/// (RFC 9457) that says nothing of what runs inside.
/// </summary>
public sealed class ProblemWriter(RequestDelegate next, Dialect dialect, ILogger<ProblemWriter> log)
{
    public async Task Invoke(HttpContext context)
    {
        context.TraceIdentifier = Guid.CreateVersion7().ToString("n");
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        try
        {
            await next(context);
        }
#pragma warning disable CA1031 // The last handler: whatever comes here becomes a problem document.
        catch (Exception error) when (!context.Response.HasStarted)
#pragma warning restore CA1031
        {
            if (context.RequestAborted.IsCancellationRequested && error is OperationCanceledException)
            {
                return;
            }

            context.Response.Clear();
            context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
            await Write(context, AsRefusal(context, error));
            return;
        }

        if (!context.Response.HasStarted && context.Response.ContentType is null && BareStatus(context.Response.StatusCode) is { } bare)
        {
            await Write(context, bare);
        }
    }

    public static async Task Write(HttpContext context, Refusal refusal)
    {
        var (request, response, language) = (context.Request, context.Response, context.Request.Language());
        var type = refusal.Type;
        var problem = new Dictionary<string, object>
        {
            ["type"] = $"{request.Scheme}://{request.Host}/problems/{type.Code}",
            ["title"] = type.Title.In(language),
            ["status"] = type.Status,
            ["detail"] = refusal.Detail.In(language),
            ["instance"] = request.Path.ToUriComponent(),
            ["code"] = type.Code,
            ["requestId"] = context.TraceIdentifier,
        };
        foreach (var (name, value) in refusal.Members)
        {
            problem[name] = value;
        }

        if (refusal.Faults.Count > 0)
        {
            var place = refusal.InQuery ? "parameter" : "pointer";
            problem["errors"] = refusal.Faults.Select(fault => new Dictionary<string, string>
            {
                [place] = fault.Place,
                ["code"] = fault.Code,
                ["detail"] = fault.Detail.In(language),
            }).ToList();
        }

        foreach (var (name, value) in refusal.Headers)
        {
            response.Headers[name] = value;
        }

        response.StatusCode = type.Status;
        response.Headers.ContentLanguage = language == Language.English ? "en" : "zh-CN";
        await response.WriteAsJsonAsync(problem, Json.Options, "application/problem+json", context.RequestAborted);
    }

    Refusal AsRefusal(HttpContext context, Exception error)
    {
        switch (error)
        {
            case Refusal refusal:
                return refusal;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problems.BodyTooLarge();
            case BadHttpRequestException bad:
                log.LogInformation(bad, "Request {RequestId} could not be read", context.TraceIdentifier);
                return Problems.MalformedJson(new("请求无法读取或已中断。", "The request could not be read or broke off."));
            case UnreadableException unreadable:
                log.LogError(error, "Request {RequestId}: {Record} cannot be read", context.TraceIdentifier, unreadable.Record);
                return Problems.RecordUnreadable(unreadable.Record);
            case CommitOutcomeUnknownException:
            case DbException database when dialect.IsUnavailable(database) || dialect.IsRetryable(database):
                log.LogError(error, "Request {RequestId}: the database is away", context.TraceIdentifier);
                return Problems.DatabaseUnavailable();
            default:
                log.LogError(error, "Request {RequestId} failed", context.TraceIdentifier);
                return Problems.InternalError();
        }
    }

    static Refusal? BareStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Problems.Unauthenticated(),
        StatusCodes.Status404NotFound => Problems.NotFound(),
        StatusCodes.Status405MethodNotAllowed => Problems.MethodNotAllowed(),
        StatusCodes.Status413PayloadTooLarge => Problems.BodyTooLarge(),
        StatusCodes.Status415UnsupportedMediaType => Problems.UnsupportedMediaType(null, "application/json"),
        _ => null,
    };
}
