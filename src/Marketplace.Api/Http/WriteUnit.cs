using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Data;
using Microsoft.AspNetCore.Http.Features;

namespace Marketplace.Api.Http;

/// <summary>
/// The unit around every request that writes: begin, insert the idempotency row, run the handler, buffer its answer, store it, commit,
/// send. Nothing outside the database happens inside it, so the whole may be run again.
/// </summary>
public sealed class WriteUnit : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var session = http.RequestServices.GetRequiredService<Session>();
        var writer = http.RequestServices.GetRequiredService<Db>().Writer;
        var clock = http.RequestServices.GetRequiredService<TimeProvider>();
        var key = Idempotency.KeyOf(http);
        var onlyAsks = (await WriteQuery.Of(http)).ValidateOnly;
        var movesMoney = http.GetEndpoint()?.Metadata.GetMetadata<MovesMoney>() is not null;
        Answer? answer = null;
        Answer? refused = null;
        await writer.Run(session, async () =>
        {
            if (movesMoney && !await Caller.Of(http).KeepsKey(session))
            {
                // Revoked since the request came in: nothing that money rests on is done with it.
                throw Problems.Unauthenticated();
            }

            // A unit may run twice.
            refused = null;
            if (key is null || onlyAsks)
            {
                answer = await Run(context, next);
                return answer.Succeeded && !onlyAsks;
            }

            if (!await Idempotency.Begin(session, key, clock.GetUtcNow()))
            {
                answer = await Idempotency.Replay(session, key);
                return false;
            }

            answer = await Run(context, next);
            if (!answer.Succeeded)
            {
                refused = answer.IsKept ? answer : null;
                return false;
            }

            await Idempotency.Complete(session, key, http.GetEndpoint()?.Metadata.GetMetadata<ShownOnce>() is { } secret ? secret.Hide(answer) : answer);
            return true;
        }, repeatable: key is not null);
        if (refused is not null)
        {
            // Nothing that the handler wrote was kept: what the key stands for is the refusal, unless another request with the key came between.
            await writer.Run(session, async () =>
            {
                if (!await Idempotency.Begin(session, key!, clock.GetUtcNow()))
                {
                    answer = await Idempotency.Replay(session, key!);
                    return false;
                }

                answer = refused;
                await Idempotency.Complete(session, key!, refused);
                return true;
            }, repeatable: true);
        }

        return answer;
    }

    static async Task<Answer> Run(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        // A retry starts from a clean answer; the request id was set before the unit.
        var (response, kept) = (http.Response, http.Response.Headers["X-Request-Id"]);
        response.Headers.Clear();
        response.Headers["X-Request-Id"] = kept;
        response.StatusCode = StatusCodes.Status200OK;

        var outer = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var body = new MemoryStream();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        try
        {
            try
            {
                var result = await next(context);
                await ((IResult)result!).ExecuteAsync(http);
            }
            catch (Refusal refusal)
            {
                body.SetLength(0);
                await ProblemWriter.Write(http, refusal);
            }

            await http.Response.Body.FlushAsync();
        }
        finally
        {
            http.Features.Set(outer);
        }

        return new(response.StatusCode, body.ToArray(), response.ContentType, response.Headers.Location, response.Headers.ETag);
    }
}

/// <summary>An answer as it was first given.</summary>
public sealed record Answer(int Status, byte[] Body, string? ContentType, string? Location, string? ETag) : IResult
{
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>A refusal that a repetition with the same key must see again: nothing about it will differ by chance.</summary>
    public bool IsKept => Status is 409 or 412 or 422;

    public bool Replayed { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (ETag is not null)
        {
            response.Headers.ETag = ETag;
        }

        if (Replayed)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        if (Status == StatusCodes.Status204NoContent)
        {
            // Even an empty write to its body is a fault, for which the server closes the connection.
            return;
        }

        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}

/// <summary>The query of every operation that writes.</summary>
public sealed record WriteQuery
{
    /// <summary>
    /// Answers what would happen, refusals included, and writes nothing: neither the work nor the idempotency key. Ids in the answer are
    /// not kept.
    /// </summary>
    public bool ValidateOnly { get; init; }

    internal static async ValueTask<WriteQuery> Of(HttpContext context) =>
        context.Request.QueryString.HasValue ? (await Query<WriteQuery>.BindAsync(context, null!)).Value : new();
}

/// <summary>Marks an endpoint whose answer holds a secret that is not kept: a repetition is answered without that member.</summary>
public sealed record ShownOnce(string Member)
{
    public Answer Hide(Answer answer)
    {
        var body = JsonNode.Parse(answer.Body)!.AsObject();
        body.Remove(Member);
        return answer with { Body = JsonSerializer.SerializeToUtf8Bytes(body, Json.Options) };
    }
}

/// <summary>Marks an endpoint that moves money: it refuses a request without an Idempotency-Key.</summary>
public sealed record MovesMoney;

/// <summary>
/// The insert-first table of idempotency keys. The key is the caller party's own; its row is committed with the work it stands for, or
/// not at all, so a second request either waits for the first or finds its answer.
/// </summary>
static class Idempotency
{
    /// <param name="RequestHash">Of the person and all of the request that makes it this one.</param>
    /// <param name="EarlierHash">As it was kept before it held the person and If-Match: a request from then can still be repeated.</param>
    public sealed record Key(string Party, string Value, string RequestHash, string EarlierHash);

    sealed record Row
    {
        public string RequestHash { get; init; } = "";
        public int? Status { get; init; }
        public string? Body { get; init; }
        public string? ContentType { get; init; }
        public string? Location { get; init; }
        public string? Etag { get; init; }
    }

    public static Key? KeyOf(HttpContext http)
    {
        var header = http.Request.Headers["Idempotency-Key"];
        if (header.Count == 0 || !HttpMethods.IsPost(http.Request.Method))
        {
            return http.GetEndpoint()?.Metadata.GetMetadata<MovesMoney>() is null ? null : throw Problems.IdempotencyKeyRequired();
        }

        var value = header.ToString();
        if (header.Count > 1 || value.Length is 0 or > 255 || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw Problems.IdempotencyKeyInvalid();
        }

        var caller = Caller.Of(http);
        return new(caller.Party, value, Hash(http, $"{caller.PersonKey}\n{http.Request.Headers.IfMatch}\n"), Hash(http, ""));
    }

    static string Hash(HttpContext http, string besides)
    {
        using var request = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        request.AppendData(Encoding.UTF8.GetBytes($"{besides}{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n"));
        request.AppendData(http.Features.Get<RequestContent>() is { } content ? content.Bytes.Span : []);
        return Convert.ToHexStringLower(request.GetHashAndReset());
    }

    public static Task<bool> Begin(Session session, Key key, DateTimeOffset now) => session.TryInsert(
        """
        INSERT INTO idempotency_keys (party_id, key_value, request_hash, created_at)
        VALUES (@Party, @Value, @RequestHash, @now)
        """,
        new { key.Party, key.Value, key.RequestHash, now });

    public static async Task<Answer> Replay(Session session, Key key)
    {
        var row = await session.Find<Row>(
            """
            SELECT request_hash AS RequestHash, status AS Status, body AS Body, content_type AS ContentType, location AS Location, etag AS Etag
            FROM idempotency_keys WHERE party_id = @Party AND key_value = @Value
            """,
            key);
        if (row?.Status is not { } status)
        {
            throw Problems.IdempotencyInProgress();
        }

        return row.RequestHash == key.RequestHash || row.RequestHash == key.EarlierHash
            ? new(status, Encoding.UTF8.GetBytes(row.Body ?? ""), row.ContentType, row.Location, row.Etag) { Replayed = true }
            : throw Problems.IdempotencyKeyReused();
    }

    public static Task Complete(Session session, Key key, Answer answer) => session.Execute(
        """
        UPDATE idempotency_keys
        SET status = @Status, body = @Body, content_type = @ContentType, location = @Location, etag = @ETag
        WHERE party_id = @Party AND key_value = @Value
        """,
        new { key.Party, key.Value, answer.Status, Body = Encoding.UTF8.GetString(answer.Body), answer.ContentType, answer.Location, answer.ETag });

    /// <summary>
    /// Forgets some keys older than a week; nobody retries for longer. A portion at a time: of a statement that deletes thousands SQL Server locks the whole
    /// table, and every POST with a key would wait.
    /// </summary>
    /// <returns>Whether there may be more.</returns>
    public static async Task<bool> Purge(Session session, DateTimeOffset now)
    {
        var oldest = await session.First<DateTimeOffset>(
            "SELECT created_at FROM idempotency_keys WHERE created_at < @limit ORDER BY created_at", new { limit = now.AddDays(-7), take = PurgePortion });
        return oldest.Count > 0
            && await session.Execute("DELETE FROM idempotency_keys WHERE created_at <= @last", new { last = oldest[^1] }) >= PurgePortion;
    }

    const int PurgePortion = 500;
}
