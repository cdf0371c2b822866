using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Access;

static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapPost("/parties/{id}/keys", Issue).Needs(Roles.Admin).Writes().WithMetadata(new ShownOnce("key"))
            .Produces<IssuedKey>(StatusCodes.Status201Created)
            .WithName("issueKey").WithSummary("Make a key for a party; the answer is the only time it is shown.").WithTags("parties");
        api.MapDelete("/keys/{id}", Revoke).Needs(Roles.Admin).Writes()
            .Produces(StatusCodes.Status204NoContent)
            .WithName("revokeKey").WithSummary("Revoke a key; it stops working at once.").WithTags("parties");
    }

    static async Task<IResult> Issue(string id, Body<KeyRequest> body, Caller caller, Session session, TimeProvider clock)
    {
        var party = await PartySql.Get(session, id) ?? throw Problems.NotFound();
        var request = body.Value;
        var key = KeyText.New();
        var issued = new IssuedKey(Ids.New("key", clock), key, party.Id, [.. request.Roles.Distinct()], request.Person);
        await KeySql.Insert(session, issued.Id, party.Id, request.Person, issued.Roles, KeyText.Hash(key), clock.Now());
        await EventSql.Append(session, clock, "key.created", issued.Id, caller.Party,
            new { party = party.Id, issued.Roles, issued.Person }, party.Id, Roles.Admin);
        return Results.Json(issued, Json.Options, statusCode: StatusCodes.Status201Created);
    }

    static async Task<IResult> Revoke(string id, Caller caller, Session session, TimeProvider clock)
    {
        var party = await KeySql.PartyOf(session, id) ?? throw Problems.NotFound();
        if (await KeySql.Revoke(session, id, clock.Now()) == 1)
        {
            await EventSql.Append(session, clock, "key.revoked", id, caller.Party, new { party }, party, Roles.Admin);
        }

        return Results.NoContent();
    }
}
