using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Marketplace.Api.Data;
using Microsoft.AspNetCore.WebUtilities;

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
            if (context.RequestAborted.IsCancellationRequested && error is OperationCanceledException or DbException)
            {
                // Nobody is there to be answered, and a statement that was given up with the request is no failure.
                log.LogInformation(error, "Request {RequestId}: the caller has gone away", context.TraceIdentifier);
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

    public static Task Write(HttpContext context, Refusal refusal)
    {
        var problem = Begin(context, refusal);
        return context.Response.WriteAsJsonAsync(problem, Json.Options, "application/problem+json", context.RequestAborted);
    }

    /// <summary>The whole answer, from the status line on, to what is no request; the connection ends with it.</summary>
    /// <param name="asked">What could be read of the headers, for its language.</param>
    /// <param name="refusal">What is wrong.</param>
    /// <param name="now">For the answer's date.</param>
    public static byte[] Bare(IHeaderDictionary? asked, Refusal refusal, DateTimeOffset now)
    {
        var context = new DefaultHttpContext { TraceIdentifier = Guid.CreateVersion7().ToString("n") };
        context.Request.Headers.AcceptLanguage = asked?.AcceptLanguage ?? default;
        var body = JsonSerializer.SerializeToUtf8Bytes(Begin(context, refusal), Json.Options);
        var headers = context.Response.Headers;
        headers["X-Request-Id"] = context.TraceIdentifier;
        headers.Date = now.ToString("R", CultureInfo.InvariantCulture);
        headers.Connection = "close";
        headers.ContentType = "application/problem+json";
        headers.ContentLength = body.Length;
        var status = refusal.Type.Status;
        var head = $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n{string.Concat(headers.Select(header => $"{header.Key}: {header.Value}\r\n"))}\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    static Dictionary<string, object> Begin(HttpContext context, Refusal refusal)
    {
        var (request, response, language) = (context.Request, context.Response, context.Request.Language());
        var type = refusal.Type;
        var problem = new Dictionary<string, object>
        {
            // Relative: one text wherever the market is called, whatever name it is called by.
            ["type"] = $"/problems/{type.Code}",
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
            problem["errors"] = refusal.Faults.Take(Validation.MostFaults).Select(fault => new Dictionary<string, string>
            {
                [place] = fault.Place,
                ["code"] = fault.Code,
                ["detail"] = fault.Detail.In(language),
            }).ToList();
            if (refusal.Faults.Count > Validation.MostFaults)
            {
                problem["errorsTruncated"] = true;
            }
        }

        foreach (var (name, value) in refusal.Headers)
        {
            response.Headers[name] = value;
        }

        response.StatusCode = type.Status;
        response.Headers.ContentLanguage = language == Language.English ? "en" : "zh-CN";
        return problem;
    }

    Refusal AsRefusal(HttpContext context, Exception error)
    {
        switch (error)
        {
            case Refusal refusal:
                return refusal;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problems.BodyTooLarge();
            case not null when IsSenders(error):
                log.LogInformation(error, "Request {RequestId} could not be read", context.TraceIdentifier);
                return Problems.BrokenBody();
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

    /// <summary>Whether the body could not be read for what was sent: the server also says so of a chunk of impossible size, in its own way.</summary>
    public static bool IsSenders(Exception error) => error is BadHttpRequestException or IOException { InnerException: OverflowException };

    static Refusal? BareStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Problems.Unauthenticated(),
        StatusCodes.Status404NotFound => Problems.NotFound(),
        StatusCodes.Status405MethodNotAllowed => Problems.MethodNotAllowed(),
        StatusCodes.Status413PayloadTooLarge => Problems.BodyTooLarge(),
        _ => null,
    };
}
