using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Access;

static class KeyEndpoints
{
    /// <summary>A party's keys that are not revoked.</summary>
    const int MostKeys = 100;

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapPost("/parties/{id}/keys", Issue).Needs(Roles.Admin).Writes().WithMetadata(new ShownOnce("key"))
            .Produces<IssuedKey>(StatusCodes.Status201Created)
            .WithName("issueKey").WithSummary("Make a key for a party; the answer is the only time it is shown.").WithTags("parties");
        api.MapGet("/parties/{id}/keys", List).NeedsKey().Produces<Page<KeyView>>()
            .WithName("listKeys").WithSummary("A party's keys without their secrets, newest first; for admins and the party itself.").WithTags("parties");
        api.MapPost("/keys/{id}/confirm", Confirm).Needs(Roles.Admin).Writes().Produces<KeyView>()
            .WithName("confirmKey").WithSummary("Make a key valid that another admin issued, where the market asks for two.").WithTags("parties");
        api.MapDelete("/keys/{id}", Revoke).Needs(Roles.Admin).Writes()
            .Produces(StatusCodes.Status204NoContent)
            .WithName("revokeKey").WithSummary("Revoke a key; it stops working at once.").WithTags("parties");
    }

    static async Task<IResult> Issue(string id, Body<KeyRequest> body, Caller caller, Session session, Settings settings, TimeProvider clock)
    {
        var party = await PartySql.Get(session, id) ?? throw Problems.NotFound();
        var (roles, personKey) = ((string[])[.. body.Value.Roles.Distinct()], PersonName.Key(body.Value.Person));
        var isOfficial = roles.Any(Roles.IsOfficial);
        if (isOfficial && !party.HoldsOfficialRoles)
        {
            throw Problems.RuleViolated("/roles", "not-an-office", new(
                $"除 member 外的角色只授予政府部门，或管理员标记为 office 并说明理由的主体；{party.Id} 不是。",
                $"Roles other than member go to government bodies and to parties that an admin marks as an office with a reason; {party.Id} is {party.Kind}."));
        }

        // Nobody gives themselves an office, here or at another party; a key of one's own may be replaced.
        if (isOfficial && personKey == caller.PersonKey && !(party.Id == caller.Party && roles.All(caller.Is)))
        {
            throw Problems.SeparationOfDuty(caller.Person);
        }

        await PartySql.Lock(session, party.Id);
        if (await KeySql.CountStanding(session, party.Id) >= MostKeys)
        {
            throw Problems.RuleViolated("", "too-many-keys", new(
                $"一个主体最多 {MostKeys} 把有效密钥；请先撤销不用的。", $"A party has at most {MostKeys} valid keys; revoke those that are not used."));
        }

        var key = KeyText.New();
        var row = new KeyRow
        {
            Id = Ids.New("key", clock), Party = party.Id, Person = await KeySql.Spelling(session, personKey) ?? body.Value.Person, PersonKey = personKey,
            Roles = string.Join(' ', roles), Hash = KeyText.Hash(key), IssuedBy = caller.Person, IssuedByKey = caller.PersonKey,
            // The first two admins cannot wait for each other: as long as one person alone can issue keys, another admin's is valid at once.
            IsWaiting = settings.SecondAdmin && isOfficial && !(roles.Contains(Roles.Admin) && !await KeySql.HasTwoAdmins(session)) ? 1 : 0,
            CreatedAt = clock.Now(),
        };
        await KeySql.Insert(session, row);
        await EventSql.Append(session, clock, "key.created", row.Id, caller.Party,
            new { party = party.Id, roles, row.Person, row.State, row.IssuedBy }, party.Id, Roles.Admin);
        return Results.Json(new IssuedKey(row.Id, key, party.Id, roles, row.Person, row.State), Json.Options, statusCode: StatusCodes.Status201Created);
    }

    static async Task<IResult> List(string id, Query<PageQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var party = await PartySql.Get(session, id) ?? throw Problems.NotFound();
        if (!caller.Is(Roles.Admin) && !caller.BelongsTo(party.Id))
        {
            throw Problems.Forbidden(Roles.Admin, "party");
        }

        var rows = await KeySql.List(session, party.Id, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => row.View()), Json.Options);
    }

    static async Task<IResult> Confirm(string id, Caller caller, Session session, TimeProvider clock)
    {
        var row = await KeySql.Get(session, id) ?? throw Problems.NotFound();
        if (row.State != KeyRow.Waiting)
        {
            throw Problems.InvalidTransition("confirm", row.State, []);
        }

        // Neither the admin who issued it nor the one whom it names.
        caller.RequireOther(row.IssuedBy, row.Person);
        if (!await KeySql.Confirm(session, id, caller))
        {
            throw Problems.InvalidTransition("confirm", (await KeySql.Get(session, id))!.State, []);
        }

        await EventSql.Append(session, clock, "key.confirmed", id, caller.Party, new { row.Party, row.Person, confirmedBy = caller.Person }, row.Party, Roles.Admin);
        return Results.Json((await KeySql.Get(session, id))!.View(), Json.Options);
    }

    static async Task<IResult> Revoke(string id, Caller caller, Session session, TimeProvider clock)
    {
        var row = await KeySql.Get(session, id) ?? throw Problems.NotFound();
        if (await KeySql.Revoke(session, id, clock.Now()) == 1)
        {
            await EventSql.Append(session, clock, "key.revoked", id, caller.Party, new { row.Party }, row.Party, Roles.Admin);
        }

        return Results.NoContent();
    }
}
