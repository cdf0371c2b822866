using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Learning;

static class MatchModelEndpoints
{
    public static void MapMatchModels(this IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/match-models").WithTags("matches");
        models.MapPost("/", Train).Needs(Roles.Admin).Writes().Produces<MatchModelEntry>(StatusCodes.Status202Accepted)
            .WithName("trainMatchModel").WithSummary("Learn from the market's texts and deals; while a training waits or runs, that one is answered.");
        models.MapGet("/", List).Needs(Roles.Admin, Roles.Auditor).Produces<Page<MatchModelEntry>>()
            .WithName("listMatchModels").WithSummary("The trainings and their decisions, newest first.");
        models.MapGet("/{id}", Get).Needs(Roles.Admin, Roles.Auditor)
            .WithName("getMatchModel").WithSummary("One training and its decision.");
    }

    static async Task<IResult> Train(Body<TrainingRequest> body, Caller caller, Session session, TimeProvider clock)
    {
        var row = await Trainings.Request(session, clock, body.Value.Seed, caller.Party, night: null)
            ?? throw Problems.DatabaseUnavailable();
        return new Resource<MatchModelEntry>(
            row.View(), row.Version, StatusCodes.Status202Accepted, $"{Routes.Base}/match-models/{row.Id}");
    }

    static async Task<IResult> List(Query<PageQuery> query, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await MatchModelSql.List(session, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => row.View()), Json.Options);
    }

    static async Task<Resource<MatchModelEntry>> Get(string id, Session session)
    {
        var row = (Ids.Is("mdl", id) ? await MatchModelSql.Get(session, id) : null) ?? throw Problems.NotFound();
        return new(row.View(), row.Version);
    }
}
