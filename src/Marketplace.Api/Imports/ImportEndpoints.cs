using System.ComponentModel;
using System.Data.Common;
using System.Text.Json;
using Marketplace.Api.Achievements;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Api.Imports;

sealed record ImportQuery
{
    [IdOf("pty"), Description("The party that the records belong to: the caller's own, unless an admin or moderator names another.")]
    public string? Owner { get; init; }

    [Description("Publish what is valid; needs the moderator role.")]
    public bool Publish { get; init; }
}

static class ImportEndpoints
{
    public static void MapImports(this IEndpointRouteBuilder api)
    {
        var imports = api.MapGroup("/imports").WithTags("imports");
        MapListings(imports, DemandListings.Kind);
        MapListings(imports, AchievementListings.Kind);
        imports.MapPost("/parties", (Caller caller, Db db, TimeProvider clock, HttpContext http) => Answer(http, FormatOf(http.Request), db, caller, new PartyImport(caller, clock)))
            .Needs(Roles.Admin).Describes<PartyContent>("parties");
    }

    static void MapListings<TContent>(IEndpointRouteBuilder imports, ListingKind<TContent> kind)
        where TContent : ListingContent =>
        imports.MapPost($"/{kind.Path}", async (Query<ImportQuery> query, Caller caller, Session session, Db db, TimeProvider clock, HttpContext http) =>
        {
            var format = FormatOf(http.Request);
            if (query.Value.Publish && !caller.Is(Roles.Moderator))
            {
                throw Problems.Forbidden(Roles.Moderator);
            }

            var isTable = FormatOf(http.Request).Format != ImportFormat.Ndjson;
            var owner = await ListingOwner.Of(session, kind, query.Value.Owner, isTable, caller);
            if (query.Value.Publish && owner is not null && caller.BelongsTo(owner.Id))
            {
                throw Problems.ConflictOfInterest();
            }

            await Answer(http, format, db, caller, new ListingImport<TContent>(kind, owner, query.Value.Publish, caller, clock));
        }).Needs(Roles.Member, Roles.Moderator, Roles.Admin).Describes<TContent>(kind.Path);

    static RouteHandlerBuilder Describes<TContent>(this RouteHandlerBuilder route, string records)
        where TContent : class =>
        route.Streams(Ndjson.MediaType)
            .Accepts<TContent>(Ndjson.MediaType, ImportFormats.Csv, ImportFormats.CsvOfExcel, Workbook.MediaType)
            .Produces<ImportOutcome>(StatusCodes.Status200OK, Ndjson.MediaType).WithMetadata(new Ndjson.LastLineMetadata(typeof(ImportEnd), typeof(ImportBroken)))
            .WithName("import" + char.ToUpperInvariant(records[0]) + records[1..])
            .WithSummary($"Import {records}, one record a line; a line's outcome follows its commit, and a summary ends the answer.")
            .WithDescription("""
                A record needs an externalId: by it a repeated import knows the record again and changes nothing; a line that would overwrite
                an earlier one of the same file is rejected. A table, CSV or the first sheet of a workbook, has a header row of member names, a
                member of a member as budget.min, or of their Chinese headings; an empty cell is a member that is not sent. Lists are separated by
                semicolons, or else by 、 or commas, the members of their objects by colons (holders: 某大学:60;某公司:40), or are JSON text. Codes may
                be written by their labels in /codes, days as Excel writes them (2027/6/30, 2027年6月30日), yes and no as 是 and 否. A column owner
                names the party of each record by its id or credit code (admin or moderator). CSV has commas, semicolons or tabs, and may be in
                UTF-8, GB18030 or, with its mark, UTF-16; a charset parameter states which. A line of more than 1 MiB is rejected; a workbook has at
                most 32 MiB and 100,000 rows, a table 500 columns. What is wrong with the header is told once, with 400.
                Some 64 MiB of outcomes may wait for a client that sends all before it reads.
                """);

    static async Task Answer(HttpContext http, (ImportFormat Format, Charset Charset) sent, Db db, Caller caller, ImportTarget target)
    {
        var language = http.Request.Language();
        var aborted = http.RequestAborted;
        Ndjson.Begin(http);
        using var spool = new Spool();
        var sending = spool.SendTo(http.Response.Body, aborted);
        var sofar = new ImportSummary();
        try
        {
            var lines = sent.Format.Lines(http.Request.Body, sent.Charset, target, aborted);
            var summary = await new Import(db, target, language, caller).Run(lines, (outcomes, summary) =>
            {
                sofar = summary;
                return spool.Append(Lines(outcomes), aborted);
            }, aborted);
            await spool.Append(Lines([new ImportEnd(summary)]));
        }
        catch (Exception error) when (spool.Length > 0 && !aborted.IsCancellationRequested && Broken(error, db) is { } problem)
        {
            // The answer has begun: the rest of the refusal goes into it, where the summary would stand.
            http.RequestServices.GetRequiredService<ILogger<Import>>().LogError(error, "Import {RequestId} broke off after {Lines} lines", http.TraceIdentifier, sofar.Lines);
            await spool.Append(Lines([new ImportBroken(new("", problem.Type.Code, problem.Detail.In(language)), sofar)]));
        }
        finally
        {
            spool.Complete();
            await sending;
        }
    }

    static Refusal? Broken(Exception error, Db db) => error switch
    {
        Refusal refusal => refusal,
        _ when ProblemWriter.IsSenders(error) => Problems.BrokenBody(),
        DbException database when db.Dialect.IsUnavailable(database) || db.Dialect.IsRetryable(database) => Problems.DatabaseUnavailable(),
        OperationCanceledException => null,
        _ => Problems.InternalError(),
    };

    static ReadOnlyMemory<byte> Lines<T>(IEnumerable<T> values)
    {
        using var text = new MemoryStream();
        foreach (var value in values)
        {
            JsonSerializer.Serialize(text, value, Json.Options);
            text.Write("\n"u8);
        }

        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    static (ImportFormat Format, Charset Charset) FormatOf(HttpRequest request)
    {
        const string Wanted = $"{Ndjson.MediaType}, {ImportFormats.Csv}, {Workbook.MediaType}";
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            throw Problems.UnsupportedMediaType(request.ContentType, Wanted);
        }

        ImportFormat? format = type.MediaType.ToString().ToLowerInvariant() switch
        {
            Ndjson.MediaType => ImportFormat.Ndjson,
            ImportFormats.Csv or ImportFormats.CsvOfExcel => ImportFormat.Csv,
            Workbook.MediaType => ImportFormat.Xlsx,
            _ => null,
        };
        var charset = type.Charset.HasValue ? Charset.Named(HeaderUtilities.RemoveQuotes(type.Charset).Value!)
            : format == ImportFormat.Csv ? Charset.Unstated() : Charset.Utf8();
        return format is { } known && charset is not null ? (known, charset) : throw Problems.UnsupportedMediaType(request.ContentType, Wanted);
    }
}
