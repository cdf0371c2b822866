using Marketplace.Api.Achievements;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;

namespace Marketplace.Api.Subscriptions;

sealed record SubscriptionQuery : PageQuery
{
    [SubscriptionState]
    public string? State { get; init; }
}

sealed class SubscriptionStateAttribute() : StateOfAttribute(SubscriptionLifecycle.Machine);

/// <param name="Listing">The id of what was found.</param>
/// <param name="Score">0–1, when it was found.</param>
/// <param name="FoundAt">When it was found.</param>
/// <param name="Achievement">What was found, as long as it is public.</param>
/// <param name="Demand">What was found, as long as it is public.</param>
public sealed record SubscriptionMatch(
    string Listing, double Score, DateTimeOffset FoundAt, Rendered<Achievement>? Achievement, Rendered<Demand>? Demand);

static class SubscriptionEndpoints
{
    /// <summary>How many a party may have beside its cancelled ones: each is a search whenever something is published.</summary>
    const int MostOfOneParty = 100;

    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions").WithTags("subscriptions").WithMetadata(SubscriptionLifecycle.Machine);
        subscriptions.MapPost("/", Create).Needs(Roles.Member).Writes().Produces<Subscription>(StatusCodes.Status201Created)
            .WithSummary("Be told of new matches from now on, by events of the type subscription.matched.");
        subscriptions.MapGet("/", List).NeedsKey().Produces<Page<Subscription>>().WithSummary("The subscriptions of the caller's party.");
        subscriptions.MapGet("/{id}", Get).NeedsKey().WithSummary("One subscription.");
        subscriptions.MapPatch("/{id}", Change).Writes().WithSummary("Change what is looked for; what was found stays.");
        subscriptions.MapGet("/{id}/matches", Matches).NeedsKey().Produces<Page<SubscriptionMatch>>()
            .WithSummary("What it found since it began to watch, newest first.");
        foreach (var (action, summary) in new[]
        {
            ("pause", "Stop watching for a while."), ("resume", "Watch again; what happened meanwhile is not made up for."),
            ("cancel", "End a subscription; what it found stays readable."),
        })
        {
            subscriptions.MapPost($"/{{id}}/{action}", (string id, Body<Note> _, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
                Act(id, action, caller, session, clock, request)).Writes().WithSummary(summary);
        }
    }

    static async Task<IResult> Create(Body<SubscriptionContent> body, Caller caller, Session session, TimeProvider clock)
    {
        var content = body.Value;
        await RequireOwn(session, clock, content, caller);
        var now = clock.Now();
        var row = new SubscriptionRow { Id = Ids.New("sub", clock), Owner = caller.Party, CreatedAt = now, UpdatedAt = now }.With(content);
        row = row with { WatchedFrom = await Record(session, clock, "subscription.created", row, caller) };
        if (!await SubscriptionSql.Insert(session, row, MostOfOneParty))
        {
            throw Problems.RuleViolated("", "too-many-subscriptions", new(
                $"每个主体最多 {MostOfOneParty} 个未取消的订阅，本方已有 {MostOfOneParty} 个。",
                $"A party has at most {MostOfOneParty} subscriptions that are not cancelled; this one has {MostOfOneParty}."));
        }

        return new Resource<Subscription>(row.View(caller), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/subscriptions/{row.Id}");
    }

    static async Task<IResult> List(Query<SubscriptionQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await SubscriptionSql.List(session, q, caller, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => row.View(caller)), Json.Options);
    }

    static async Task<Resource<Subscription>> Get(string id, Caller caller, Session session) => Answer(await Visible(session, id, caller), caller);

    static async Task<IResult> Matches(string id, Query<PageQuery> query, Caller caller, Session session, TimeProvider clock, HttpContext http)
    {
        var row = await Visible(session, id, caller);
        var q = query.Value;
        var found = await SubscriptionSql.Found(session, row.Id, q.After(http.Request.Path), q.Limit + 1);
        var listings = (await ListingSql.PublicOf(session, [.. found.Select(match => match.Listing)], clock.Today())).ToDictionary(listing => listing.Id);
        return Results.Json(q.ToPage(http, found, match => match.Id, View), Json.Options);

        SubscriptionMatch View(FoundRow match)
        {
            if (!listings.TryGetValue(match.Listing, out var listing))
            {
                return new(match.Listing, match.Score, match.FoundAt, null, null);
            }

            var kind = ListingKinds.Named(listing.Kind);
            var view = kind.View(listing, caller, withConfidential: false);
            return kind.Side == Matching.Side.Achievements
                ? new(match.Listing, match.Score, match.FoundAt, new(view), null)
                : new(match.Listing, match.Score, match.FoundAt, null, new(view));
        }
    }

    static async Task<Resource<Subscription>> Change(
        string id, Patch<SubscriptionContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await Visible(session, id, caller);
        if (!caller.ActsFor(row.Owner))
        {
            throw Problems.Forbidden(SubscriptionLifecycle.Owner);
        }

        if (request.RequireIfMatch(row.Version) != row.Version)
        {
            throw Stale(row, caller);
        }

        if (row.State == SubscriptionLifecycle.Cancelled)
        {
            throw Problems.InvalidTransition("update", row.State, []);
        }

        var content = patch.Apply(row.Wanted);
        await RequireOwn(session, clock, content, caller);
        var changed = row.With(content) with { Version = row.Version + 1, UpdatedAt = clock.Now() };
        if (!await SubscriptionSql.Update(session, changed))
        {
            throw Stale((await SubscriptionSql.Get(session, id))!, caller);
        }

        await Record(session, clock, "subscription.updated", changed, caller);
        return Answer(changed, caller);
    }

    static async Task<Resource<Subscription>> Act(
        string id, string action, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await Visible(session, id, caller);
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version;
        var transition = SubscriptionLifecycle.Machine.Require(action, row.State, row.Capacities(caller), stale ? () => Stale(row, caller) : null);
        var changed = row with { State = transition.To, Version = row.Version + 1, UpdatedAt = clock.Now() };
        if (!await SubscriptionSql.Update(session, changed))
        {
            // Somebody else acted between the read and the write; the rules are asked again about what is there now.
            return await Act(id, action, caller, session, clock, request);
        }

        var happened = await Record(session, clock, $"subscription.{changed.State}", changed, caller);
        if (changed.State == SubscriptionLifecycle.Active)
        {
            await SubscriptionSql.WatchFrom(session, id, happened);
        }

        return Answer(changed, caller);
    }

    /// <summary>The listing whose counterparts are wanted is the party's own: others' interest in it is not the party's affair.</summary>
    static async Task RequireOwn(Session session, TimeProvider clock, SubscriptionContent content, Caller caller)
    {
        if ((content.Demand ?? content.Achievement) is not { } id)
        {
            return;
        }

        var pointer = content.Demand is not null ? "/demand" : "/achievement";
        var listing = await ListingSql.Get(session, id);
        if (listing is null || !await ListingActs.IsVisible(session, clock, listing, caller))
        {
            throw Problems.UnknownReference(pointer, new($"没有 {id}，或您无权查看。", $"There is no {id}, or you may not see it."));
        }

        if (listing.Owner != caller.Party)
        {
            throw Problems.RuleViolated(pointer, "listing-mismatch", new($"{id} 不属于本方。", $"{id} does not belong to the caller's party."));
        }
    }

    static async Task<SubscriptionRow> Visible(Session session, string id, Caller caller)
    {
        var row = Ids.Is("sub", id) ? await SubscriptionSql.Get(session, id) : null;
        return row is not null && (caller.Is(Roles.Auditor) || caller.BelongsTo(row.Owner)) ? row : throw Problems.NotFound();
    }

    static Resource<Subscription> Answer(SubscriptionRow row, Caller caller) => new(row.View(caller), row.Version);

    static Refusal Stale(SubscriptionRow row, Caller caller) =>
        Problems.PreconditionFailed(Resource<Subscription>.TagOf(row.View(caller), row.Version));

    static Task<string> Record(Session session, TimeProvider clock, string type, SubscriptionRow row, Caller caller) =>
        EventSql.Append(session, clock, type, row.Id, caller.Party, new { row.State, row.Version }, row.Owner);
}
