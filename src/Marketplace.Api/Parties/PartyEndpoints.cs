using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;

namespace Marketplace.Api.Parties;

sealed record PartyQuery : PageQuery
{
    public PartyKind? Kind { get; init; }

    /// <summary>The first digits of the region code; 6301 finds all of Xining.</summary>
    [System.ComponentModel.DataAnnotations.RegularExpression("[0-9]{2,6}")]
    public string? Region { get; init; }
}

static class PartyEndpoints
{
    public static void MapParties(this IEndpointRouteBuilder api)
    {
        var parties = api.MapGroup("/parties").WithTags("parties");
        parties.MapPost("/", Create).Needs(Roles.Admin).Writes().Produces<Party>(StatusCodes.Status201Created)
            .WithSummary("Register a party.");
        parties.MapGet("/", List).NeedsKey().Produces<Page<Party>>().WithSummary("Find parties.");
        parties.MapGet("/{id}", Get).NeedsKey().WithSummary("One party; its contact only to its own people and to mutual introductions.");
        parties.MapPatch("/{id}", Change).Needs(Roles.Admin).Writes().WithSummary("Change a party.");
    }

    static async Task<IResult> Create(Body<PartyContent> body, Caller caller, Session session, TimeProvider clock)
    {
        var row = await Register(body.Value, caller, session, clock);
        return new Resource<Party>(row.View(withContact: true), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/parties/{row.Id}");
    }

    static async Task<IResult> List(Query<PartyQuery> query, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await PartySql.List(session, q, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => row.View(withContact: false)), Json.Options);
    }

    static async Task<Resource<Party>> Get(string id, Caller caller, Session session)
    {
        var row = await PartySql.Get(session, id) ?? throw Problems.NotFound();
        var withContact = caller.BelongsTo(id) || await IntroductionSql.AreMutual(session, id, caller.Party);
        return new(row.View(withContact), row.Version);
    }

    static async Task<Resource<Party>> Change(
        string id, Patch<PartyContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await PartySql.Get(session, id) ?? throw Problems.NotFound();
        var version = request.RequireIfMatch(row.Version);
        var content = patch.Apply(Json.Read<PartyContent>(row.Content));
        var changed = version == row.Version ? await Rewrite(row, content, caller, session, clock) : null;
        if (changed is null)
        {
            var now = (await PartySql.Get(session, id))!;
            throw Problems.PreconditionFailed(Resource<Party>.TagOf(now.View(caller.BelongsTo(id)), now.Version));
        }

        return new(changed.View(caller.BelongsTo(id)), changed.Version);
    }

    /// <summary>Adds a party, for the API and for imports alike.</summary>
    public static async Task<PartyRow> Register(PartyContent content, Caller caller, Session session, TimeProvider clock)
    {
        var row = NewRow(content, clock);
        if (!await PartySql.Insert(session, row))
        {
            throw Taken();
        }

        await EventSql.Append(session, clock, "party.created", row.Id, caller.Party, new { row.Kind, row.Region }, Readers.Everybody);
        return row;
    }

    /// <summary>Rewrites a party, for the API and for imports alike.</summary>
    /// <returns>The new row, or null when somebody changed it first.</returns>
    public static async Task<PartyRow?> Rewrite(PartyRow row, PartyContent content, Caller caller, Session session, TimeProvider clock)
    {
        var changed = Fill(row with { Version = row.Version + 1, UpdatedAt = clock.Now() }, content);
        if ((await PartySql.Update(session, changed) ?? throw Taken()) == 0)
        {
            return null;
        }

        await EventSql.Append(session, clock, "party.updated", row.Id, caller.Party, new { changed.Version }, Readers.Everybody);
        return changed;
    }

    public static PartyRow NewRow(PartyContent content, TimeProvider clock)
    {
        var now = clock.Now();
        return Fill(new() { Id = Ids.New("pty", clock), Version = 1, CreatedAt = now, UpdatedAt = now }, content);
    }

    public static PartyRow Fill(PartyRow row, PartyContent content) => row with
    {
        ExternalId = content.ExternalId, Kind = content.Kind.Code(), Name = content.Name, CreditCode = content.CreditCode,
        Region = content.Region, IsOffice = content.Office ? 1 : 0, Content = Json.Write(content),
    };

    static Refusal Taken() => Problems.AlreadyExists("/creditCode",
        new("已有主体使用此统一社会信用代码或外部编号。", "Another party has this credit code or external id."));
}
