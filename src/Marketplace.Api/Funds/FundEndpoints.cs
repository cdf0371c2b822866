using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Funds;

sealed record FundQuery : PageQuery
{
    [FundState]
    public string? State { get; init; }

    [Region]
    public string? Region { get; init; }

    [Range(2000, 2100)]
    public int? Year { get; init; }
}

sealed record BalanceQuery
{
    /// <summary>Now where it is left out.</summary>
    public DateTimeOffset? At { get; init; }
}

sealed class FundStateAttribute() : StateOfAttribute(FundLifecycle.Machine);

static class FundEndpoints
{
    static readonly string[] Officials = [Roles.FundManager, Roles.Payer, Roles.Approver, Roles.Reviewer, Roles.Auditor, Roles.Admin];

    public static void MapFunds(this IEndpointRouteBuilder api)
    {
        var funds = api.MapGroup("/funds").WithTags("funds").WithMetadata(FundLifecycle.Machine);
        funds.MapPost("/", Create).Needs(Roles.FundManager).Writes().MovesMoney().Produces<Fund>(StatusCodes.Status201Created)
            .WithSummary("Plan a region's fund for a year.");
        funds.MapGet("/", List).NeedsKey().Produces<Page<Fund>>().WithSummary("The funds and what is left in them.");
        funds.MapGet("/{id}", Get).NeedsKey().WithSummary("One fund.");
        funds.MapGet("/{id}/entries", Entries).Needs(Officials).Produces<Page<EntryView>>().WithSummary("The fund's ledger, oldest entry first.");
        funds.MapGet("/{id}/balances", BalancesAt).Needs(Officials).Computes().Produces<Balances>().WithSummary("What each account held at an instant.");
        funds.MapGet("/{id}/statement", WriteStatement).Needs(Officials).Answers(Statement.MediaType)
            .Produces<string>(StatusCodes.Status200OK, Statement.MediaType).WithSummary("The whole ledger as a table.");
        funds.MapGet("/{id}/queue", Queue).Needs(Officials).Produces<Page<QueuePlace>>()
            .WithSummary("The reviewed claims that wait for this fund's money, in the order in which they were complete.");
        funds.MapGet("/{id}/invariants", Invariants).Computes().Produces<InvariantReport>()
            .WithSummary("Whether the books are right (K1–K10), computed again from every entry, claim and limit.");
        funds.MapPost("/{id}/open", Open).Writes().MovesMoney().WithSummary("Let claims be approved; the first time, the appropriation comes in.");
        funds.MapPost("/{id}/suspend", Suspend).Writes().MovesMoney().WithSummary("Stop approvals; what is approved may still be paid.");
        funds.MapPost("/{id}/adjust", Adjust).Writes().MovesMoney()
            .WithSummary("Raise or cut the appropriation; in force when a second fund manager sends the same sum.");
        funds.MapPost("/{id}/close", Close).Writes().MovesMoney()
            .WithSummary("Close: at once where nothing is reserved or in flight, else when that is settled and it is asked again.");
    }

    static async Task<IResult> Create(Body<FundContent> body, Caller caller, Session session, PolicyCatalogue policies, TimeProvider clock)
    {
        var plan = body.Value;
        for (var i = 0; i < plan.Policies.Count; i++)
        {
            if (policies.Find(plan.Policies[i], null) is null)
            {
                throw Problems.UnknownReference($"/policies/{i}", new($"没有政策 {plan.Policies[i]}。", $"There is no policy {plan.Policies[i]}."));
            }
        }

        var now = clock.Now();
        var row = new FundRow
        {
            Id = Ids.New("fnd", clock), Region = plan.Region, Year = plan.Year, Content = Json.Write(plan), PlannedBy = caller.Person, CreatedAt = now, UpdatedAt = now,
        };
        await FundSql.Insert(session, row);
        await Record(session, clock, "fund.planned", row, caller);
        return new Resource<Fund>(View(row, caller), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/funds/{row.Id}");
    }

    static async Task<IResult> List(Query<FundQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await FundSql.List(session, q, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => View(row, caller)), Json.Options);
    }

    static async Task<Resource<Fund>> Get(string id, Caller caller, Session session)
    {
        var row = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        return new(View(row, caller), row.Version);
    }

    static async Task<IResult> Entries(string id, Query<PageQuery> query, Session session, HttpContext http)
    {
        var q = query.Value;
        var fund = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        var after = q.After(http.Request.Path) is { } last ? long.Parse(last, CultureInfo.InvariantCulture) : 0;
        var rows = await LedgerSql.After(session, fund.Id, after, q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Number.ToString(CultureInfo.InvariantCulture), EntryView.Of), Json.Options);
    }

    static async Task<IResult> Queue(string id, Query<PageQuery> query, Session session, TimeProvider clock, HttpContext http)
    {
        var q = query.Value;
        var fund = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        var after = q.After(http.Request.Path);
        var places = await ClaimQueue.Of(session, fund, clock.Today());
        var page = places.Where(place => after is null || string.CompareOrdinal(place.Key, after) > 0).Take(q.Limit + 1).ToList();
        return Results.Json(q.ToPage(http, page, place => place.Key, place => place), Json.Options);
    }

    static async Task<IResult> BalancesAt(string id, Query<BalanceQuery> query, Session session, TimeProvider clock)
    {
        var fund = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        var at = query.Value.At ?? clock.Now();
        using var fold = new LedgerFold(fund.Id);
        await foreach (var entry in LedgerSql.All(session, fund.Id))
        {
            // The entries' times go up with their numbers, or stay.
            if (entry.At > at)
            {
                break;
            }

            fold.Add(entry);
        }

        return Results.Json(new Balances(at, fold.LastEntry, fold.Balances), Json.Options);
    }

    static async Task<IResult> WriteStatement(string id, Session session)
    {
        var fund = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        return Results.Stream(async body =>
        {
            await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
            await text.WriteAsync(Statement.Header);
            using var fold = new LedgerFold(fund.Id);
            try
            {
                await foreach (var entry in LedgerSql.All(session, fund.Id))
                {
                    fold.Add(entry);
                    await text.WriteAsync(Statement.Line(entry, fold[Accounts.Available]));
                }
            }
            catch (UnreadableException unreadable)
            {
                // The answer has begun; its last line says why it ends here.
                await text.WriteAsync($"{unreadable.Message}\r\n");
            }
        }, Statement.MediaType + "; charset=utf-8", $"{fund.Id}.csv");
    }

    static async Task<IResult> Invariants(string id, Session session, TimeProvider clock)
    {
        await session.FixMoment();
        var fund = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        return Results.Json(new InvariantReport(clock.Now(), await LedgerCheck.Of(session, fund)), Json.Options);
    }

    static Task<Resource<Fund>> Open(string id, Body<Note> note, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "open", caller, session, clock, request, row =>
        {
            // Who plans a fund does not open it.
            caller.RequireOther(row.PlannedBy);
            return row with { Reason = note.Value.Reason, OpenedBy = caller.Person };
        }, async (before, locked) =>
        {
            if (await FundSql.TakePlaces(session, locked) is var (policy, other))
            {
                throw Problems.RuleViolated("", "fund-already-open", new(
                    $"{locked.Region} 的 {locked.Year} 年度已有专项资金 {other} 为政策 {policy} 开放。",
                    $"The fund {other} is open for the policy {policy} in {locked.Region} in {locked.Year}."));
            }

            if (before.State == FundLifecycle.Planned && before.Plan.Appropriation > Fen.Zero)
            {
                await Move(session, clock, new(id, EntryKind.Appropriate, before.Plan.Appropriation, caller.Person), locked.State);
            }
        });

    static Task<Resource<Fund>> Suspend(
        string id, Body<RequiredNote> note, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "suspend", caller, session, clock, request, row => row with { Reason = note.Value.Reason });

    static Task<Resource<Fund>> Adjust(
        string id, Body<AdjustRequest> body, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var (amount, reason) = (body.Value.Amount.Value, body.Value.Reason);
        return Act(id, "adjust", caller, session, clock, request,
            row => IsSecond(row) switch
            {
                _ when row.AppropriationFen + amount.Value + (row.State == FundLifecycle.Planned ? row.Plan.Appropriation.Value : 0) > Ledger.LargestFen =>
                    throw TooLarge(),
                false => row with { ProposedFen = amount.Value, ProposedReason = reason, ProposedBy = caller.Person },
                true when row.ProposedFen == amount.Value => row with { ProposedFen = null, ProposedReason = null, ProposedBy = null, Reason = row.ProposedReason },
                true => throw Problems.RuleViolated("/amount", "adjustment-differs", new(
                    $"{row.ProposedBy} 提出的调整为 {new Fen(row.ProposedFen!.Value)} 元，收到 {amount} 元。",
                    $"{row.ProposedBy} asked for {new Fen(row.ProposedFen!.Value)} yuan; {amount} yuan was sent.")),
            },
            async (before, locked) =>
            {
                if (IsSecond(before))
                {
                    var kind = amount > Fen.Zero ? EntryKind.Increase : EntryKind.Cut;
                    await Move(session, clock, new(id, kind, new(Math.Abs(amount.Value)), caller.Person) { Reason = before.ProposedReason }, locked.State);
                }
            });

        bool IsSecond(FundRow row) => row.ProposedBy is { } first && !caller.IsSamePerson(first);
    }

    static Task<Resource<Fund>> Close(
        string id, Body<CloseRequest> body, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "close", caller, session, clock, request, row => row with { Reason = body.Value.Reason }, async (_, locked) =>
        {
            if (!locked.IsSettled)
            {
                return;
            }

            await Empty(session, clock, locked, body.Value.CarryOverTo, caller);
            await FundSql.Close(session, id);
        });

    /// <summary>What a settled fund has left goes on to a later year's, or back to where it came from.</summary>
    static async Task Empty(Session session, TimeProvider clock, FundRow fund, string? successor, Caller caller)
    {
        if (successor is not null
            && (await FundSql.Get(session, successor) is not { } next || next.Region != fund.Region || next.Year <= fund.Year))
        {
            throw Problems.UnknownReference("/carryOverTo", new(
                $"{successor} 不是本地区以后年度的专项资金。", $"{successor} is no fund of this region for a later year."));
        }

        var rest = new Fen(fund.AvailableFen);
        if (rest == Fen.Zero)
        {
            return;
        }

        var leaves = new Movement(fund.Id, successor is null ? EntryKind.GiveBack : EntryKind.CarryOut, rest, caller.Person) { Reason = successor };
        await Move(session, clock, leaves, fund.State);
        if (successor is not null)
        {
            await Move(session, clock, new(successor, EntryKind.CarryIn, rest, caller.Person) { Reason = fund.Id },
                FundLifecycle.Planned, FundLifecycle.Open, FundLifecycle.Suspended);
        }
    }

    /// <summary>One step of the fund's own life: possible, current, then written where nobody was quicker, and its money moved with it.</summary>
    /// <param name="move">Takes the fund as it was, and as it is now that its row is locked by the write.</param>
    static async Task<Resource<Fund>> Act(
        string id, string action, Caller caller, Session session, TimeProvider clock, HttpRequest request, Func<FundRow, FundRow> change,
        Func<FundRow, FundRow, Task>? move = null)
    {
        var row = await FundSql.Get(session, id) ?? throw Problems.NotFound();
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version;
        var transition = FundLifecycle.Machine.Require(
            action, row.State, Capacities(row, caller), stale ? () => Problems.PreconditionFailed(Resource<Fund>.TagOf(View(row, caller), row.Version)) : null);
        // Closed is what has nothing left: that is written last.
        var to = transition.To == FundLifecycle.Closed ? FundLifecycle.Closing : transition.To;
        var changed = change(row) with { State = to, Version = row.Version + 1, UpdatedAt = clock.Now() };
        if (!await FundSql.Update(session, changed))
        {
            return await Act(id, action, caller, session, clock, request, change, move);
        }

        if (to == FundLifecycle.Closing)
        {
            await FundSql.LeavePlaces(session, id);
        }

        if (move is not null)
        {
            await move(row, (await FundSql.Get(session, id))!);
        }

        var written = (await FundSql.Get(session, id))!;
        await Record(session, clock, written.State == row.State ? $"fund.{action}" : $"fund.{written.State}", written, caller);
        return new(View(written, caller), written.Version);
    }

    static async Task Move(Session session, TimeProvider clock, Movement movement, params string[] states)
    {
        if (await LedgerSql.Post(session, clock, movement, states) is null)
        {
            var fund = await FundSql.Get(session, movement.Fund);
            throw states.Contains(fund!.State) && Accounts.Of(movement.Kind, null).Debit == Accounts.Appropriation ? TooLarge() : Problems.FundInsufficient(new(
                $"可用余额 {new Fen(fund.AvailableFen)} 元（状态：{LifecycleLabels.OfState(fund.State).Zh}），需要 {movement.Amount} 元。",
                $"{new Fen(fund.AvailableFen)} yuan are available (state {fund.State}), {movement.Amount} yuan are needed."));
        }
    }

    static Refusal TooLarge() => Problems.RuleViolated("/amount", "sum-too-large", new(
        $"专项资金的预算合计不得超过 {new Fen(Ledger.LargestFen)} 元。", $"What a fund is given comes to no more than {new Fen(Ledger.LargestFen)} yuan."));

    static HashSet<string> Capacities(FundRow row, Caller caller)
    {
        var capacities = caller.Roles.ToHashSet();
        if (caller.Is(Roles.FundManager))
        {
            capacities.Add(row.IsSettled ? FundLifecycle.ManagerOfSettled : FundLifecycle.ManagerOfUnsettled);
        }

        return capacities;
    }

    static Fund View(FundRow row, Caller caller)
    {
        var plan = row.Plan;
        return new()
        {
            Id = row.Id, State = row.State, Version = row.Version, Name = plan.Name, Region = row.Region, Year = row.Year, Policies = plan.Policies, InTurn = plan.InTurn, Breach = row.Breach,
            Appropriation = new Fen(row.AppropriationFen) + (row.State == FundLifecycle.Planned ? plan.Appropriation : Fen.Zero), Available = new(row.AvailableFen),
            Reserved = new(row.ReservedFen), InFlight = new(row.InFlightFen), Paid = new(row.PaidFen), Returned = new(row.ReturnedFen),
            Adjustment = row.ProposedBy is null || !Officials.Any(caller.Is) ? null : new(new(new(row.ProposedFen!.Value)), row.ProposedReason!, row.ProposedBy),
            Reason = row.Reason, CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
            AvailableActions = FundLifecycle.Machine.AvailableActions(row.State, Capacities(row, caller)),
        };
    }

    static Task<string> Record(Session session, TimeProvider clock, string type, FundRow row, Caller caller) =>
        EventSql.Append(session, clock, type, row.Id, caller.Party, new { row.State, row.Version, row.Region, row.Year, row.Reason },
            Roles.FundManager, Roles.Approver, Roles.Payer, Roles.Reviewer);
}
