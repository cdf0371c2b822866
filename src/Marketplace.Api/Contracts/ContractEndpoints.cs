using Marketplace.Api.Claims;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

sealed record ContractQuery : PageQuery
{
    [ContractState]
    public string? State { get; init; }

    public ContractKind? Kind { get; init; }

    [IdOf("pty")]
    public string? Buyer { get; init; }

    [IdOf("pty")]
    public string? Seller { get; init; }

    [System.ComponentModel.DataAnnotations.StringLength(200)]
    public string? Project { get; init; }
}

sealed class ContractStateAttribute() : StateOfAttribute(ContractLifecycle.Machine);

static class ContractEndpoints
{
    public static void MapContracts(this IEndpointRouteBuilder api)
    {
        var contracts = api.MapGroup("/contracts").WithTags("contracts").WithMetadata(ContractLifecycle.Machine);
        contracts.MapPost("/", Create).Needs(Roles.Member).Writes().Produces<Contract>(StatusCodes.Status201Created)
            .WithSummary("Draft a contract.");
        contracts.MapGet("/", List).NeedsKey().Produces<Page<Contract>>().WithSummary("The contracts that concern the caller.");
        contracts.MapGet("/{id}", Get).NeedsKey().WithSummary("One contract.");
        contracts.MapPatch("/{id}", Change).Writes().WithSummary("Change the terms of a draft or amendment; signatures on the old terms are void.");
        contracts.MapPost("/{id}/sign", Sign).Writes().WithSummary("Sign the present terms for one side.");
        contracts.MapPost("/{id}/amend", Amend).Writes().WithSummary("Open the terms again; the contract is signed and recognised anew.");
        contracts.MapPost("/{id}/recognise", Recognise).Writes().WithSummary("Recognise and register. 认定登记");
        contracts.MapPost("/{id}/record-recognition", RecordRecognition).Writes().WithSummary("Record the certificate of another city's office.");
        Step("submit", "Submit for recognition.");
        Step("complete", "Declare the contract performed.");
        ReasonedStep("refuse", "Refuse recognition.");
        ReasonedStep("request-supplement", "Ask for more papers.");
        ReasonedStep("terminate", "End the contract before it is performed.");
        ReasonedStep("deregister", "Strike the contract from the register.");

        void Step(string action, string summary) => contracts.MapPost($"/{{id}}/{action}",
            (string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
                Act(id, action, caller, session, catalogue, clock, request, row => row with { Reason = note.Value.Reason })).Writes().WithSummary(summary);

        void ReasonedStep(string action, string summary) => contracts.MapPost($"/{{id}}/{action}",
            (string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
                Act(id, action, caller, session, catalogue, clock, request, row => row with { Reason = note.Value.Reason })).Writes().WithSummary(summary);
    }

    static async Task<IResult> Create(Body<ContractContent> body, Caller caller, Session session, TimeProvider clock)
    {
        var terms = body.Value;
        await ContractReferences.Check(session, terms, caller);
        var now = clock.Now();
        var row = ContractParties.Fill(
            new() { Id = Ids.New("con", clock), Owner = caller.Party, CreatedAt = now, UpdatedAt = now }, terms);
        await ContractSql.Insert(session, row, terms);
        await Record(session, clock, "contract.created", row, caller);
        return new Resource<Contract>(
            await View(session, row, caller), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/contracts/{row.Id}");
    }

    static async Task<IResult> List(Query<ContractQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await ContractSql.List(session, q, caller, ContractParties.SeesAll(caller), q.After(http.Request.Path), q.Limit + 1);
        var abroad = await ContractParties.SellersAbroad(session, rows);
        return Results.Json(
            q.ToPage(http, rows, row => row.Id, row => ContractParties.View(row, caller, abroad.Contains(row.Seller))), Json.Options);
    }

    static async Task<Resource<Contract>> Get(string id, Caller caller, Session session)
    {
        var row = await ContractParties.Visible(session, id, caller);
        return new(await View(session, row, caller), row.Version);
    }

    static async Task<Resource<Contract>> Change(
        string id, Patch<ContractContent> patch, Caller caller, Session session, TimeProvider clock, HttpRequest request)
    {
        var row = await ContractParties.Visible(session, id, caller);
        if (!caller.ActsFor(row.Buyer) && !caller.ActsFor(row.Seller) && !caller.ActsFor(row.Owner))
        {
            throw Problems.Forbidden("buyer", "seller");
        }

        if (request.RequireIfMatch(row.Version) != row.Version)
        {
            throw await Stale(session, row, caller);
        }

        if (!ContractLifecycle.IsOpen(row.State))
        {
            throw Problems.InvalidTransition("update", row.State, (await View(session, row, caller)).AvailableActions);
        }

        var terms = patch.Apply(row.Terms);
        await ContractReferences.Check(session, terms, caller);
        var changed = ContractParties.Fill(
            row with { Version = row.Version + 1, TermsVersion = row.TermsVersion + 1, UpdatedAt = clock.Now() }, terms);
        if (await ContractSql.Update(session, changed, terms) != 1)
        {
            throw await Stale(session, (await ContractSql.Get(session, id))!, caller);
        }

        await Record(session, clock, "contract.updated", changed, caller);
        return new(await View(session, changed, caller), changed.Version);
    }

    static async Task<Resource<Contract>> Sign(
        string id, Body<SignRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request)
    {
        int? seen = body.Value.TermsVersion;
        return await Act(id, "sign", caller, session, catalogue, clock, request, row =>
        {
            // A repetition after a lost race must not sign terms that the first look did not show.
            seen ??= row.TermsVersion;
            return seen != row.TermsVersion ? null : ContractParties.Signed(row, caller, clock);
        });
    }

    static Task<Resource<Contract>> Amend(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
        Act(id, "amend", caller, session, catalogue, clock, request,
            row => row with { TermsVersion = row.TermsVersion + 1, Reason = note.Value.Reason });

    static Task<Resource<Contract>> Recognise(
        string id, Body<RecogniseRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
        Act(id, "recognise", caller, session, catalogue, clock, request, row => ContractParties.Recognised(row, body.Value, null, clock.Today()));

    static Task<Resource<Contract>> RecordRecognition(
        string id, Body<RecordRecognitionRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
        Act(id, "record-recognition", caller, session, catalogue, clock, request,
            row => ContractParties.Recognised(row, body.Value, body.Value.Office, clock.Today()));

    /// <summary>One step: visible, allowed, current, possible; then written where nobody was quicker.</summary>
    /// <param name="change">What the step writes beside the state; null when the caller acts on terms that have changed since.</param>
    static async Task<Resource<Contract>> Act(
        string id, string action, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request,
        Func<ContractRow, ContractRow?> change)
    {
        var row = await ContractParties.Visible(session, id, caller);
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version ? await Stale(session, row, caller) : null;
        var transition = ContractLifecycle.Machine.Require(
            action, row.State, await Capacities(session, row, caller), stale is null ? null : () => stale,
            isTheirs: action == "sign" && (caller.ActsFor(row.Buyer) || caller.ActsFor(row.Seller)));
        var written = change(row) ?? throw await Stale(session, row, caller);
        var changed = written with { State = transition.To, Version = row.Version + 1, UpdatedAt = clock.Now() };
        switch (await ContractSql.Update(session, changed))
        {
            case null:
                throw Problems.AlreadyExists("/number", new(
                    $"登记编号 {changed.Number} 已属于另一份合同。", $"Another contract has the registration number {changed.Number}."));
            case 0:
                return await Act(id, action, caller, session, catalogue, clock, request, change);
        }

        await Record(session, clock, transition.To == row.State ? $"contract.{action}" : $"contract.{transition.To}", changed, caller);
        if (row.RecognisedTerms is not null)
        {
            await ClaimCorrection.Apply(session, catalogue, clock, changed, caller);
        }

        return new(await View(session, changed, caller), changed.Version);
    }

    static async Task<IReadOnlySet<string>> Capacities(Session session, ContractRow row, Caller caller) =>
        ContractParties.Capacities(row, caller, (await ContractParties.SellersAbroad(session, [row])).Contains(row.Seller));

    static async Task<Contract> View(Session session, ContractRow row, Caller caller) =>
        ContractParties.View(row, caller, (await ContractParties.SellersAbroad(session, [row])).Contains(row.Seller));

    static async Task<Refusal> Stale(Session session, ContractRow row, Caller caller) =>
        Problems.PreconditionFailed(Resource<Contract>.TagOf(await View(session, row, caller), row.Version));

    static Task<string> Record(Session session, TimeProvider clock, string type, ContractRow row, Caller caller)
    {
        var terms = row.Terms;
        return EventSql.Append(session, clock, type, row.Id, caller.Party,
            new { row.State, row.Version, row.TermsVersion, row.Number, row.Reason },
            [row.Buyer, row.Seller, .. terms.Brokers.Select(broker => broker.Party), .. row.State == ContractLifecycle.Draft ? [] : new[] { Roles.Registrar }]);
    }
}
