using System.Globalization;
using Marketplace.Api.Claims;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

sealed record ContractQuery : PageQuery
{
    [ContractState]
    public string? State { get; init; }

    [ContractLife]
    public string? Life { get; init; }

    [RecognitionState]
    public string? RecognitionState { get; init; }

    public ContractKind? Kind { get; init; }

    [IdOf("pty")]
    public string? Buyer { get; init; }

    [IdOf("pty")]
    public string? Seller { get; init; }

    [System.ComponentModel.DataAnnotations.StringLength(200)]
    public string? Project { get; init; }

    /// <summary>Those that the registration office has to decide before this day; with today, those that are overdue.</summary>
    public DateOnly? DueBefore { get; init; }
}

sealed class ContractStateAttribute() : StateOfAttribute(ContractLifecycle.Machine);

sealed class ContractLifeAttribute() : StateOfAttribute(ContractLifecycle.Life);

sealed class RecognitionStateAttribute() : StateOfAttribute(ContractLifecycle.Recognition);

static class ContractEndpoints
{
    public static void MapContracts(this IEndpointRouteBuilder api)
    {
        var contracts = api.MapGroup("/contracts").WithTags("contracts")
            .WithMetadata(ContractLifecycle.Machine, ContractLifecycle.Life, ContractLifecycle.Recognition);
        contracts.MapPost("/", Create).Needs(Roles.Member).Writes().Produces<Contract>(StatusCodes.Status201Created)
            .WithSummary("Draft a contract.");
        contracts.MapGet("/", List).NeedsKey().Produces<Page<Contract>>().WithSummary("The contracts that concern the caller.");
        contracts.MapGet("/{id}", Get).NeedsKey().WithSummary("One contract.");
        contracts.MapGet("/{id}/steps", Steps).NeedsKey().Produces<Page<ContractStep>>().WithSummary("Who took which step, oldest first.");
        contracts.MapPatch("/{id}", Change).Writes().WithSummary("Change the terms of a draft or amendment; signatures on the old terms are void.");
        contracts.MapPost("/{id}/sign", Sign).Writes().WithSummary("Sign the present terms for one side.");
        contracts.MapPost("/{id}/amend", Amend).Writes().WithSummary("Open the terms again; the contract is signed and recognised anew.");
        contracts.MapPost("/{id}/submit", Submit).Writes().WithSummary("Submit for recognition; the office's period begins.");
        contracts.MapPost("/{id}/recognise", Recognise).Writes().WithSummary("Recognise and register. 认定登记");
        contracts.MapPost("/{id}/refuse", Refuse).Writes().WithSummary("Refuse recognition; in a review, finally.");
        contracts.MapPost("/{id}/appeal", Appeal).Writes().WithSummary("Ask for a review of a refusal, by another registrar. 复核");
        contracts.MapPost("/{id}/dispute", Dispute).Writes().WithSummary("Find the contract disputed: the period is the longer one.");
        contracts.MapPost("/{id}/record-opinion", RecordOpinion).Writes().WithSummary("Record what an expert says of the terms.");
        contracts.MapPost("/{id}/record-recognition", RecordRecognition).Writes().WithSummary("Record the certificate of another city's office.");
        contracts.MapPost("/{id}/complete", Complete).Writes().WithSummary("Declare the contract performed.");
        Reasoned("request-supplement", "Ask for more papers; the period begins anew when they are submitted.");
        Reasoned("terminate", "End the contract before it is performed.");
        Reasoned("deregister", "Strike the contract from the register.", row => row with { Likeness = null });
        Reasoned("separate", "Let a contract without a project count by itself under limits per project.", row => row with { Separated = 1 });

        void Reasoned(string action, string summary, Func<ContractRow, ContractRow>? change = null) => contracts.MapPost($"/{{id}}/{action}",
            (string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
                Act(id, action, caller, session, catalogue, office, request, note.Value, row =>
                {
                    row = row with { Reason = note.Value.Reason };
                    return change is null ? row : change(row);
                }))
            .Writes().WithSummary(summary);
    }

    static async Task<IResult> Create(Body<ContractContent> body, Caller caller, Session session, RegistrationOffice office)
    {
        var terms = body.Value;
        ContractFaults.RequireSignedBy(terms, office.Clock.Today());
        await ContractReferences.Check(session, terms, caller);
        var now = office.Clock.Now();
        var row = ContractParties.Fill(
            new() { Id = Ids.New("con", office.Clock), Owner = caller.Party, CreatedAt = now, UpdatedAt = now }, terms);
        await ContractSql.Insert(session, row, terms);
        await ContractHands.ForParty(session, row.Id, caller);
        await StepSql.Insert(session, row, "create", caller, terms);
        await ContractParties.Record(session, office, "contract.created", row, caller.Party);
        return new Resource<Contract>(
            await View(session, row, caller, office), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/contracts/{row.Id}");
    }

    static async Task<IResult> List(Query<ContractQuery> query, Caller caller, Session session, RegistrationOffice office, HttpContext http)
    {
        var q = query.Value;
        var rows = await ContractSql.List(session, q, caller, ContractParties.SeesAll(caller), q.After(http.Request.Path), q.Limit + 1);
        var abroad = await ContractParties.SellersAbroad(session, rows);
        return Results.Json(
            q.ToPage(http, rows, row => row.Id, row => ContractParties.View(row, caller, abroad.Contains(row.Seller), office)), Json.Options);
    }

    static async Task<Resource<Contract>> Get(string id, Caller caller, Session session, RegistrationOffice office)
    {
        var row = await ContractParties.Visible(session, id, caller);
        return new(await View(session, row, caller, office), row.Version);
    }

    static async Task<IResult> Steps(string id, Query<PageQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var row = await ContractParties.Visible(session, id, caller);
        var after = q.After(http.Request.Path) is { } last ? int.Parse(last, CultureInfo.InvariantCulture) : 0;
        var steps = await StepSql.After(session, row.Id, after, q.Limit + 1);
        return Results.Json(q.ToPage(http, steps, step => step.Version.ToString(CultureInfo.InvariantCulture), step => step.View(row, caller)), Json.Options);
    }

    static async Task<Resource<Contract>> Change(
        string id, Patch<ContractContent> patch, Caller caller, Session session, RegistrationOffice office, HttpRequest request)
    {
        var row = await ContractParties.Visible(session, id, caller);
        if (!caller.ActsFor(row.Buyer) && !caller.ActsFor(row.Seller) && !caller.ActsFor(row.Owner))
        {
            throw Problems.Forbidden("buyer", "seller");
        }

        if (request.RequireIfMatch(row.Version) != row.Version)
        {
            throw await Stale(session, row, caller, office);
        }

        if (!ContractLifecycle.IsOpen(row.Life))
        {
            throw Problems.InvalidTransition("update", row.State, (await View(session, row, caller, office)).AvailableActions);
        }

        var terms = patch.Apply(row.Terms);
        ContractFaults.RequireSignedBy(terms, office.Clock.Today());
        await ContractReferences.Check(session, terms, caller);
        await ProjectNames.RequireUnchanged(session, row, terms);
        if (!await ContractSql.Lock(session, row))
        {
            throw await Stale(session, (await ContractSql.Get(session, id))!, caller, office);
        }

        var changed = ContractParties.Fill(
            row with { Version = row.Version + 1, TermsVersion = row.TermsVersion + 1, UpdatedAt = office.Clock.Now() }, terms);
        if (changed.TechnologyFen < row.ReceivedFen)
        {
            throw Problems.RuleViolated([ContractFaults.BelowReceived(new(changed.TechnologyFen), new(row.ReceivedFen))]);
        }

        await ContractHands.ForParty(session, id, caller);
        await ContractSql.TryUpdate(session, changed, terms);
        await StepSql.Insert(session, changed, "update", caller, terms);
        await ContractParties.Record(session, office, "contract.updated", changed, caller.Party);
        return new(await View(session, changed, caller, office), changed.Version);
    }

    static async Task<Resource<Contract>> Sign(
        string id, Body<SignRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request)
    {
        int? seen = body.Value.TermsVersion;
        return await Act(id, "sign", caller, session, catalogue, office, request, body.Value, row =>
        {
            // A repetition after a lost race must not sign terms that the first look did not show.
            seen ??= row.TermsVersion;
            return seen != row.TermsVersion ? null : ContractParties.Signed(row, caller, office.Clock);
        });
    }

    static Task<Resource<Contract>> Amend(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "amend", caller, session, catalogue, office, request, note.Value,
            row => row with { TermsVersion = row.TermsVersion + 1, Reason = note.Value.Reason, DisputedBy = null });

    static Task<Resource<Contract>> Submit(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "submit", caller, session, catalogue, office, request, note.Value,
            row => Registering.Submitted(row, office) with { Reason = note.Value.Reason });

    static Task<Resource<Contract>> Recognise(
        string id, Body<RecogniseRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "recognise", caller, session, catalogue, office, request, body.Value,
            async row => await Registering.Recognised(session, row, body.Value, caller, office));

    static Task<Resource<Contract>> Refuse(
        string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "refuse", caller, session, catalogue, office, request, note.Value, row => Registering.Refused(row, note.Value.Reason, caller));

    static Task<Resource<Contract>> Appeal(
        string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "appeal", caller, session, catalogue, office, request, note.Value, row => office.Begin(row with { Reason = note.Value.Reason }));

    static Task<Resource<Contract>> Dispute(
        string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "dispute", caller, session, catalogue, office, request, note.Value,
            row => office.WithPeriod(row with { Reason = note.Value.Reason, DisputedBy = caller.Person }));

    static Task<Resource<Contract>> RecordOpinion(
        string id, Body<OpinionRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "record-opinion", caller, session, catalogue, office, request, body.Value, async row =>
            body.Value.Party is { } expert && await PartySql.Get(session, expert) is null
                ? throw Problems.UnknownReference("/party", new($"没有主体 {expert}。", $"There is no party {expert}."))
                : row);

    static Task<Resource<Contract>> RecordRecognition(
        string id, Body<RecordRecognitionRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "record-recognition", caller, session, catalogue, office, request, body.Value, 
            async row => await Registering.Recorded(session, row, body.Value, caller, office));

    static Task<Resource<Contract>> Complete(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "complete", caller, session, catalogue, office, request, note.Value, row => row with { Reason = note.Value.Reason });

    static Task<Resource<Contract>> Act(
        string id, string action, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request, object sent,
        Func<ContractRow, ContractRow?> change) =>
        Act(id, action, caller, session, catalogue, office, request, sent, row => Task.FromResult(change(row)));

    /// <summary>One step: visible, allowed, current, possible; then written where nobody was quicker.</summary>
    /// <param name="sent">What the caller sent, which the record of steps keeps.</param>
    /// <param name="change">
    /// What the step writes beside the states; it is given the row with those that the step leads to. Null when the caller acts on terms that have changed since.
    /// </param>
    static async Task<Resource<Contract>> Act(
        string id, string action, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request, object sent,
        Func<ContractRow, Task<ContractRow?>> change)
    {
        var row = await ContractParties.Visible(session, id, caller);
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version ? await Stale(session, row, caller, office) : null;
        var (life, recognition) = ContractLifecycle.Axes.Require(
            action, row.Life, row.Recognition, await Capacities(session, row, caller), stale is null ? null : () => stale,
            isTheirs: action == "sign" && (caller.ActsFor(row.Buyer) || caller.ActsFor(row.Seller)));
        if (!await ContractSql.Lock(session, row))
        {
            return await Act(id, action, caller, session, catalogue, office, request, sent, change);
        }

        if (!ContractLifecycle.IsOfficial(action))
        {
            await ContractHands.ForParty(session, id, caller);
        }
        else if (row.Concerns(caller.Party))
        {
            throw Problems.ConflictOfInterest();
        }
        else
        {
            await ContractHands.AsOfficial(session, id, caller);
        }

        var changed = await change(row with { Life = life, Recognition = recognition }) ?? throw await Stale(session, row, caller, office);
        changed = changed with { Version = row.Version + 1, UpdatedAt = office.Clock.Now() };
        if (!ContractLifecycle.IsPending(changed.Recognition))
        {
            changed = changed with { DueOn = null, DueDays = null, Proposal = null };
        }

        if (!await ContractSql.TryUpdate(session, changed))
        {
            throw await ContractSql.ByNumber(session, changed.Number!) is not { } holder || holder == id
                ? SimilarContracts.Refused((await ContractSql.Identical(session, id, SimilarContracts.KeyOf(changed), take: 1))[0].Contract)
                : Problems.AlreadyExists("/number", new(
                $"登记编号 {changed.Number} 已属于另一份合同。", $"Another contract has the registration number {changed.Number}."));
        }

        await StepSql.Insert(session, changed, action, caller, sent);
        // Named by what has become of the contract, or of its recognition, or by the step where both stay as they were.
        var reached = action == "separate" ? "separated" : changed.State != row.State ? changed.State : changed.Recognition != row.Recognition ? changed.Recognition : action;
        await ContractParties.Record(session, office, $"contract.{reached}", changed, caller.Party);
        if (row.RecognisedTerms is not null)
        {
            await ClaimCorrection.Apply(session, catalogue, office.Clock, changed, caller);
        }

        return new(await View(session, changed, caller, office), changed.Version);
    }

    static async Task<IReadOnlySet<string>> Capacities(Session session, ContractRow row, Caller caller) =>
        ContractParties.Capacities(row, caller, (await ContractParties.SellersAbroad(session, [row])).Contains(row.Seller));

    static async Task<Contract> View(Session session, ContractRow row, Caller caller, RegistrationOffice office)
    {
        var view = ContractParties.View(row, caller, (await ContractParties.SellersAbroad(session, [row])).Contains(row.Seller), office);
        return SimilarContracts.AreShownTo(caller) ? view with { Similar = await SimilarContracts.Of(session, row) } : view;
    }

    static async Task<Refusal> Stale(Session session, ContractRow row, Caller caller, RegistrationOffice office) =>
        Problems.PreconditionFailed(Resource<Contract>.TagOf(await View(session, row, caller, office), row.Version));
}
