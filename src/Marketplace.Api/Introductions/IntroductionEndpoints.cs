using Marketplace.Api.Achievements;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Introductions;

sealed record IntroductionQuery : PageQuery
{
    [IntroductionState]
    public string? State { get; init; }

    [IdOf("dem")]
    public string? Demand { get; init; }

    [IdOf("ach")]
    public string? Achievement { get; init; }
}

sealed class IntroductionStateAttribute() : StateOfAttribute(IntroductionLifecycle.Machine);

static class IntroductionEndpoints
{
    public static void MapIntroductions(this IEndpointRouteBuilder api)
    {
        var introductions = api.MapGroup("/introductions").WithTags("introductions").WithMetadata(IntroductionLifecycle.Machine);
        introductions.MapPost("/", Create).Needs(Roles.Member).Writes().Produces<Introduction>(StatusCodes.Status201Created)
            .WithSummary("Bring a demand and an achievement together.");
        introductions.MapGet("/", List).NeedsKey().Produces<Page<Introduction>>().WithSummary("The introductions that concern the caller.");
        introductions.MapGet("/{id}", Get).NeedsKey().WithSummary("One introduction; with the contacts once it is mutual.");
        introductions.MapPost("/{id}/accept", Accept).Writes().WithSummary("Accept for one side; the last one makes it mutual.");
        introductions.MapPost("/{id}/decline", Decline).Writes().WithSummary("Decline, with a reason from the code list.");
        introductions.MapPost("/{id}/withdraw", Withdraw).Writes().WithSummary("Withdraw what one introduced.");
    }

    static async Task<IResult> Create(Body<IntroductionContent> body, Caller caller, Session session, TimeProvider clock)
    {
        var content = body.Value;
        var demand = await Published(session, clock, DemandListings.Kind, content.Demand, "/demand", caller);
        var achievement = content.Achievement is null
            ? null
            : await Published(session, clock, AchievementListings.Kind, content.Achievement, "/achievement", caller);
        var isBroker = CodeNames.Parse<PartyKind>(caller.PartyKind) is PartyKind.Broker or PartyKind.Agency;
        if (!isBroker && achievement is not null && caller.Party != demand.Owner && caller.Party != achievement.Owner)
        {
            throw Problems.RuleViolated("", "not-a-side",
                new("只有需求方、成果方、技术经纪人或中介机构可以发起对接。", "Only the owner of either listing, a broker or an agency can introduce them."));
        }

        if (achievement is null && caller.Party == demand.Owner)
        {
            throw Problems.RuleViolated("/achievement", "other-side-needed",
                new("需求方发起对接时须指明成果。", "The owner of the demand has to name an achievement."));
        }

        if (achievement?.Owner == demand.Owner)
        {
            throw Problems.RuleViolated("/achievement", "same-party", new("需求和成果属于同一主体。", "One party owns both listings."));
        }

        var now = clock.Now();
        var other = achievement?.Owner ?? caller.Party;
        var row = new IntroductionRow
        {
            Id = Ids.New("itr", clock), Demand = content.Demand, Achievement = content.Achievement, Message = content.Message,
            Introducer = caller.Party, DemandParty = demand.Owner, OtherParty = other, CreatedAt = now, UpdatedAt = now,
            DemandAcceptedAt = caller.Party == demand.Owner ? now : null, OtherAcceptedAt = caller.Party == other ? now : null,
        };
        if (!await IntroductionSql.Insert(session, row))
        {
            var open = await IntroductionSql.Open(session, row);
            throw Problems.AlreadyExists("", new($"双方相同的对接 {open} 尚待答复。", $"The introduction {open} of the same two waits for an answer."));
        }

        await Record(session, clock, row, caller);
        return new Resource<Introduction>(
            await View(session, row, caller), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/introductions/{row.Id}");
    }

    static async Task<IResult> List(Query<IntroductionQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await IntroductionSql.List(session, q, caller, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => View(row, caller, [])), Json.Options);
    }

    static async Task<Resource<Introduction>> Get(string id, Caller caller, Session session)
    {
        var row = await Visible(session, id, caller);
        return new(await View(session, row, caller), row.Version);
    }

    static Task<Resource<Introduction>> Accept(
        string id, Body<Note> _, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, IntroductionLifecycle.Accept, caller, session, clock, request, (row, now) => row with
        {
            DemandAcceptedAt = caller.ActsFor(row.DemandParty) ? row.DemandAcceptedAt ?? now : row.DemandAcceptedAt,
            OtherAcceptedAt = caller.ActsFor(row.OtherParty) ? row.OtherAcceptedAt ?? now : row.OtherAcceptedAt,
        });

    static Task<Resource<Introduction>> Decline(
        string id, Body<Decline> body, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "decline", caller, session, clock, request,
            (row, _) => row with { DeclineReason = body.Value.Reason.Code(), DeclineNote = body.Value.Note });

    static Task<Resource<Introduction>> Withdraw(
        string id, Body<Note> _, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "withdraw", caller, session, clock, request, (row, _) => row);

    static async Task<Resource<Introduction>> Act(
        string id, string action, Caller caller, Session session, TimeProvider clock, HttpRequest request,
        Func<IntroductionRow, DateTimeOffset, IntroductionRow> change)
    {
        var row = await Visible(session, id, caller);
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version;
        var staleTag = stale ? await Tag(session, row, caller) : "";
        var transition = IntroductionLifecycle.Machine.Require(
            action, row.State, row.Capacities(caller), stale ? () => Problems.PreconditionFailed(staleTag) : null,
            isTheirs: action is IntroductionLifecycle.Accept or "decline" && (caller.ActsFor(row.DemandParty) || caller.ActsFor(row.OtherParty)));
        if (row.IsClosed && action == IntroductionLifecycle.Accept)
        {
            throw Problems.InvalidTransition(action, row.State, row.AvailableActions(caller));
        }

        var now = clock.Now();
        var changed = change(row, now) with { State = transition.To, Version = row.Version + 1, UpdatedAt = now };
        if (!await IntroductionSql.Update(session, changed))
        {
            // Somebody else acted between the read and the write; the rules are asked again about what is there now.
            return await Act(id, action, caller, session, clock, request, change);
        }

        await Record(session, clock, changed, caller);
        return new(await View(session, changed, caller), changed.Version);
    }

    static async Task<ListingRow> Published(Session session, TimeProvider clock, ListingKind kind, string id, string pointer, Caller caller)
    {
        var row = await ListingSql.Get(session, id);
        if (row is null || !await ListingActs.IsVisible(session, clock, row, caller))
        {
            throw Problems.UnknownReference(pointer, new($"没有 {id}，或您无权查看。", $"There is no {id}, or you may not see it."));
        }

        return row.IsPublicOn(clock.Today()) ? row : throw Problems.RuleViolated(pointer, "not-published",
            new($"{id} 的状态为“{LifecycleLabels.OfState(row.State).Zh}”，只有已发布的可以对接。", $"{id} is {row.State}; only what is published can be introduced."));
    }

    static async Task<IntroductionRow> Visible(Session session, string id, Caller caller)
    {
        var row = Ids.Is("itr", id) ? await IntroductionSql.Get(session, id) : null;
        return row is not null && (caller.Is(Roles.Auditor) || row.Parties.Any(caller.BelongsTo)) ? row : throw Problems.NotFound();
    }

    static async Task<Introduction> View(Session session, IntroductionRow row, Caller caller)
    {
        var opens = row.State == IntroductionLifecycle.Mutual && !row.IsClosed && row.Parties.Any(caller.BelongsTo);
        return View(row, caller, opens ? await PartySql.ByIds(session, [.. row.Parties]) : []);
    }

    static async Task<string> Tag(Session session, IntroductionRow row, Caller caller) =>
        Resource<Introduction>.TagOf(await View(session, row, caller), row.Version);

    static Introduction View(IntroductionRow row, Caller caller, IReadOnlyList<PartyRow> opened)
    {
        List<IntroductionSide> sides =
        [
            Side(row.DemandParty, "demand", row.DemandAcceptedAt),
            Side(row.OtherParty, row.Achievement is null ? "offer" : "achievement", row.OtherAcceptedAt),
        ];
        if (row.IsBrokered)
        {
            sides.Add(Side(row.Introducer, "broker", row.CreatedAt));
        }

        return new()
        {
            Id = row.Id, State = row.State, Version = row.Version, Demand = row.Demand, Achievement = row.Achievement, Message = row.Message,
            Owner = row.Introducer, Sides = sides, DeclineNote = row.DeclineNote, CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
            DeclineReason = row.DeclineReason is null ? null : CodeNames.Parse<DeclineReason>(row.DeclineReason),
            AvailableActions = row.AvailableActions(caller),
        };

        IntroductionSide Side(string party, string side, DateTimeOffset? acceptedAt) =>
            new(party, side, acceptedAt, opened.FirstOrDefault(p => p.Id == party)?.View(withContact: true).Contact);
    }

    static Task<string> Record(Session session, TimeProvider clock, IntroductionRow row, Caller caller) =>
        EventSql.Append(session, clock, $"introduction.{row.State}", row.Id, caller.Party,
            new { row.State, row.Version, row.Demand, row.Achievement, reason = row.DeclineReason }, row.Parties);
}
