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
        contracts.MapPatch("/{id}", Change).Writes().WithSummary("Change the terms of a draft, or of the open amendment; signatures on them are void.");
        contracts.MapPost("/{id}/sign", Sign).Writes().WithSummary("Sign the draft, or the open amendment, for one side; with both signatures it is in force.");
        contracts.MapPost("/{id}/amend", Amend).Writes().WithSummary("Open an amendment beside the terms in force, which stay until both sides have signed it.");
        contracts.MapPost("/{id}/cancel-amendment", CancelAmendment).Writes().WithSummary("Give up the amendment that the caller opened.");
        contracts.MapPost("/{id}/refuse-amendment", RefuseAmendment).Writes().WithSummary("Refuse the other side's amendment.");
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
        await ContractReferences.Check(session, office.Clock, terms, caller);
        var now = office.Clock.Now();
        var row = ContractParties.Fill(
            new() { Id = Ids.New("con", office.Clock), Owner = caller.Party, WrittenBy = caller.Party, CreatedAt = now, UpdatedAt = now }, terms);
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
        var (abroad, sights) = (await ContractParties.SellersAbroad(session, rows), await Sight.Of(session, rows, caller));
        return Results.Json(
            q.ToPage(http, sights, sight => sight.Contract.Id, sight => ContractParties.View(sight, abroad.Contains(sight.Contract.Seller), office)), Json.Options);
    }

    static async Task<Resource<Contract>> Get(string id, Caller caller, Session session, RegistrationOffice office)
    {
        var sight = await ContractParties.Seen(session, id, caller);
        return new(await View(session, sight, office), sight.Contract.Version);
    }

    static async Task<IResult> Steps(string id, Query<PageQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var sight = await ContractParties.Seen(session, id, caller);
        var after = q.After(http.Request.Path) is { } last ? int.Parse(last, CultureInfo.InvariantCulture) : 0;
        var steps = await StepSql.After(session, sight.Contract.Id, after, q.Limit + 1);
        return Results.Json(q.ToPage(http, steps, step => step.Version.ToString(CultureInfo.InvariantCulture), step => step.View(sight)), Json.Options);
    }

    static async Task<Resource<Contract>> Change(
        string id, Patch<ContractContent> patch, Caller caller, Session session, RegistrationOffice office, HttpRequest request)
    {
        var row = await ContractParties.Visible(session, id, caller);
        var isSide = caller.ActsFor(row.Buyer) || caller.ActsFor(row.Seller);
        // Only what a party can read can it change: a refusal would tell it the rest.
        if (!isSide && !(ContractLifecycle.IsDraft(row.Life) && caller.ActsFor(row.WrittenBy)))
        {
            throw Problems.Forbidden("buyer", "seller");
        }

        if (request.RequireIfMatch(row.Version) != row.Version)
        {
            throw await Stale(session, row, caller, office);
        }

        var terms = patch.Apply(row.AmendedTerms ?? row.Terms);
        if (row.WasSigned)
        {
            Amending.RequireSameParties(row, terms);
        }

        if (row.Amendment is null && !ContractLifecycle.IsDraft(row.Life))
        {
            throw Problems.InvalidTransition("update", row.State, (await View(session, row, caller, office)).AvailableActions);
        }

        ContractFaults.RequireSignedBy(terms, office.Clock.Today());
        await ContractReferences.Check(session, office.Clock, terms, caller);
        await ProjectNames.RequireUnchanged(session, row, terms);
        if (!await ContractSql.Lock(session, row))
        {
            throw await Stale(session, (await ContractSql.Get(session, id))!, caller, office);
        }

        var changed = row.Amendment is null ? Drafted(row, terms, caller) : Amending.Changed(row, terms);
        changed = changed with { Version = row.Version + 1, UpdatedAt = office.Clock.Now() };
        Amending.RequireReceived(row.Amendment is null ? changed : ContractParties.Fill(changed, terms));
        await ContractHands.ForParty(session, id, caller);
        await ContractSql.TryUpdate(session, changed, row.Amendment is null ? terms : null);
        await StepSql.Insert(session, changed, "update", caller, terms, changed.AmendmentTerms);
        await (row.Amendment is null ? ContractParties.Record(session, office, "contract.updated", changed, caller.Party)
            : ContractParties.RecordAmendment(session, office, "contract.amendmentChanged", changed, changed, caller.Party));
        return new(await View(session, changed, caller, office), changed.Version);
    }

    static ContractRow Drafted(ContractRow row, ContractContent terms, Caller caller) => ContractParties.Fill(
        row with { TermsVersion = row.TermsWritten + 1, TermsWritten = row.TermsWritten + 1, WrittenBy = caller.Party }, terms);

    static async Task<Resource<Contract>> Sign(
        string id, Body<SignRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request)
    {
        int? seen = body.Value.TermsVersion;
        return await Act(id, "sign", caller, session, catalogue, office, request, body.Value, row =>
        {
            // A repetition after a lost race must not sign terms that the first look did not show.
            var present = row.AmendmentTerms ?? row.TermsVersion;
            seen ??= present;
            return seen != present ? null
                : row.Amendment is null ? ContractParties.Signed(row, caller, office.Clock) : Amending.Signed(row, caller, office.Clock);
        });
    }

    static Task<Resource<Contract>> Amend(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "amend", caller, session, catalogue, office, request, note.Value, row => Amending.Opened(row, caller));

    static Task<Resource<Contract>> CancelAmendment(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "cancel-amendment", caller, session, catalogue, office, request, note.Value, Amending.Ended);

    static Task<Resource<Contract>> RefuseAmendment(
        string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, RegistrationOffice office, HttpRequest request) =>
        Act(id, "refuse-amendment", caller, session, catalogue, office, request, note.Value, Amending.Ended);

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
            isTheirs: (caller.ActsFor(row.Buyer) || caller.ActsFor(row.Seller))
                && (action is "sign" or "amend" || (row.Amendment is null && action is "cancel-amendment" or "refuse-amendment")));
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

        if (action is "complete" or "terminate" or "deregister")
        {
            // A proposal to change a contract ends with it.
            changed = Amending.Ended(changed);
        }

        var comesIntoForce = action == "sign" && changed is { Amendment: null, BuyerSigned: true, SellerSigned: true };
        if (comesIntoForce && row.Amendment is not null)
        {
            // What is claimed may have changed since the amendment was written.
            await ProjectNames.RequireUnchanged(session, row, changed.Terms);
        }

        if (!await ContractSql.TryUpdate(session, changed, comesIntoForce && row.Amendment is not null ? changed.Terms : null))
        {
            throw await ContractSql.ByNumber(session, changed.Number!) is not { } holder || holder == id
                ? SimilarContracts.Refused((await ContractSql.Identical(session, id, SimilarContracts.KeyOf(changed), take: 1))[0].Contract)
                : Problems.AlreadyExists("/number", new(
                $"登记编号 {changed.Number} 已属于另一份合同。", $"Another contract has the registration number {changed.Number}."));
        }

        if (comesIntoForce)
        {
            await ReaderSql.KeepTerms(session, changed);
        }
        else if (action == "sign")
        {
            await ReaderSql.Keep(session, id, caller.Party);
        }

        var about = changed.Amendment is not null ? changed : row;
        await StepSql.Insert(session, changed, action, caller, sent, OfAmendment.ContainsKey(action) ? about.AmendmentTerms : null);
        await Record(session, office, action, row, changed, caller);
        if (row.RecognisedTerms is not null && (changed.Life, changed.Recognition, changed.TermsVersion) != (row.Life, row.Recognition, row.TermsVersion))
        {
            await ClaimCorrection.Apply(session, catalogue, office.Clock, changed, caller);
        }

        return new(await View(session, changed, caller, office), changed.Version);
    }

    /// <summary>What the event of a step is called that leaves the terms in force as they are.</summary>
    static readonly Dictionary<string, string> OfAmendment = new()
    {
        ["amend"] = "contract.amendmentOpened", ["sign"] = "contract.amendmentSigned", ["cancel-amendment"] = "contract.amendmentCancelled",
        ["refuse-amendment"] = "contract.amendmentRefused",
    };

    /// <summary>Named by what has become of the contract, or of its recognition, or by the step where both stay as they were.</summary>
    static Task<string> Record(Session session, RegistrationOffice office, string action, ContractRow before, ContractRow row, Caller caller)
    {
        if (OfAmendment.TryGetValue(action, out var type) && (before.Amendment ?? row.Amendment) is not null && row.TermsVersion == before.TermsVersion)
        {
            return ContractParties.RecordAmendment(session, office, type, row, row.Amendment is null ? before : row, caller.Party);
        }

        var reached = before.Amendment is not null && action == "sign" ? "amended" : action == "separate" ? "separated"
            : row.State != before.State ? row.State : row.Recognition != before.Recognition ? row.Recognition : action;
        return ContractParties.Record(session, office, $"contract.{reached}", row, caller.Party);
    }

    static async Task<IReadOnlySet<string>> Capacities(Session session, ContractRow row, Caller caller) =>
        ContractParties.Capacities(row, caller, (await ContractParties.SellersAbroad(session, [row])).Contains(row.Seller));

    static async Task<Contract> View(Session session, ContractRow row, Caller caller, RegistrationOffice office) =>
        await View(session, (await Sight.Of(session, [row], caller))[0], office);

    static async Task<Contract> View(Session session, Sight sight, RegistrationOffice office)
    {
        var view = ContractParties.View(sight, (await ContractParties.SellersAbroad(session, [sight.Contract])).Contains(sight.Contract.Seller), office);
        return SimilarContracts.AreShownTo(sight.Caller) ? view with { Similar = await SimilarContracts.Of(session, sight.Contract) } : view;
    }

    static async Task<Refusal> Stale(Session session, ContractRow row, Caller caller, RegistrationOffice office) =>
        Problems.PreconditionFailed(Resource<Contract>.TagOf(await View(session, row, caller, office), row.Version));
}
