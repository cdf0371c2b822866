using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

static class PaymentEndpoints
{
    public static void MapPayments(this IEndpointRouteBuilder api)
    {
        var payments = api.MapGroup("/contracts/{id}/payments").WithTags("contracts").WithMetadata(PaymentLifecycle.Machine);
        payments.MapPost("/", Create).Writes().Produces<Payment>(StatusCodes.Status201Created)
            .WithName("recordContractPayment").WithSummary("Record a payment towards the technology amount, with its proof.");
        payments.MapGet("/", List).NeedsKey().Produces<Page<Payment>>().WithName("listContractPayments").WithSummary("What was paid, newest first.");
        payments.MapGet("/{payment}", Get).NeedsKey().WithName("getContractPayment").WithSummary("One payment.");
        payments.MapPost("/{payment}/confirm", Confirm).Writes().WithName("confirmContractPayment").WithSummary("Confirm it for the other side, or as registrar: it counts as received.");
        payments.MapPost("/{payment}/reject", Reject).Writes().WithName("rejectContractPayment").WithSummary("Say that it was not paid; its reference may prove another.");
    }

    static async Task<IResult> Create(string id, Body<PaymentContent> body, Caller caller, Session session, RegistrationOffice office)
    {
        var contract = await ContractParties.Visible(session, id, caller);
        if (!caller.ActsFor(contract.Buyer) && !caller.ActsFor(contract.Seller))
        {
            throw Problems.Forbidden("buyer", "seller");
        }

        var (sent, now, today) = (body.Value, office.Clock.Now(), office.Clock.Today());
        if (contract.Life is ContractLifecycle.Draft or ContractLifecycle.Signing or ContractLifecycle.Abandoned)
        {
            throw Problems.RuleViolated("", "contract-not-signed", new("合同尚未由双方签订。", "The contract was never signed by both sides."));
        }

        if (sent.PaidOn > today)
        {
            throw Problems.RuleViolated("/paidOn", "date-in-future",
                new($"付款日期 {sent.PaidOn:yyyy-MM-dd} 晚于今天 {today:yyyy-MM-dd}。", $"The day of payment, {sent.PaidOn:yyyy-MM-dd}, is after today, {today:yyyy-MM-dd}."));
        }

        if (contract.ReceivedFen + sent.Amount.Value > contract.TechnologyFen)
        {
            throw AboveTechnologyAmount(contract, sent.Amount);
        }

        var row = new PaymentRow
        {
            Id = Ids.New("pay", office.Clock), Contract = id, Fen = sent.Amount.Value, PaidOn = sent.PaidOn, Reference = sent.Reference,
            Party = caller.Party, RecordedBy = caller.Person, CreatedAt = now, UpdatedAt = now,
        };
        await ContractHands.ForParty(session, id, caller);
        if (!await PaymentSql.TryInsert(session, row))
        {
            throw Problems.AlreadyExists("/reference", new(
                $"凭证号 {row.Reference} 已用于本合同的另一笔付款。", $"{row.Reference} proves another payment of this contract."));
        }

        await Record(session, office, row, contract, caller);
        return new Resource<Payment>(
            View(row, contract, caller), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/contracts/{id}/payments/{row.Id}");
    }

    static async Task<IResult> List(string id, Query<PageQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var contract = await ContractParties.WithTerms(session, id, caller);
        var rows = await PaymentSql.List(session, id, q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => View(row, contract, caller)), Json.Options);
    }

    static async Task<Resource<Payment>> Get(string id, string payment, Caller caller, Session session)
    {
        var contract = await ContractParties.WithTerms(session, id, caller);
        var row = await PaymentSql.Get(session, id, payment) ?? throw Problems.NotFound();
        return new(View(row, contract, caller), row.Version);
    }

    static Task<Resource<Payment>> Confirm(
        string id, string payment, Body<Note> note, Caller caller, Session session, RegistrationOffice office, HttpRequest request) =>
        Act(id, payment, "confirm", note.Value.Reason, caller, session, office, request);

    static Task<Resource<Payment>> Reject(
        string id, string payment, Body<RequiredNote> note, Caller caller, Session session, RegistrationOffice office, HttpRequest request) =>
        Act(id, payment, "reject", note.Value.Reason, caller, session, office, request);

    /// <summary>Decided by another person than the one who recorded it, where nobody was quicker; what is confirmed is received with it.</summary>
    static async Task<Resource<Payment>> Act(
        string id, string payment, string action, string? reason, Caller caller, Session session, RegistrationOffice office, HttpRequest request)
    {
        var contract = await ContractParties.Visible(session, id, caller);
        var row = await PaymentSql.Get(session, id, payment) ?? throw Problems.NotFound();
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version;
        var transition = PaymentLifecycle.Machine.Require(action, row.State, Capacities(row, contract, caller),
            stale ? () => Problems.PreconditionFailed(Resource<Payment>.TagOf(View(row, contract, caller), row.Version)) : null);
        caller.RequireOther(row.RecordedBy);
        if (IsOtherSide(row, contract, caller))
        {
            await ContractHands.ForParty(session, id, caller);
        }
        else if (contract.Concerns(caller.Party))
        {
            throw Problems.ConflictOfInterest();
        }
        else
        {
            await ContractHands.AsOfficial(session, id, caller);
        }

        var decided = row with
        {
            State = transition.To, Version = row.Version + 1, DecidedBy = caller.Person, Reason = reason, UpdatedAt = office.Clock.Now(),
        };
        if (!await PaymentSql.Update(session, decided))
        {
            return await Act(id, payment, action, reason, caller, session, office, request);
        }

        if (decided.State == PaymentLifecycle.Confirmed)
        {
            var received = await ContractSql.Receive(session, id, row.Fen, decided.UpdatedAt);
            contract = (await ContractSql.Get(session, id))!;
            if (!received)
            {
                throw AboveTechnologyAmount(contract, new(row.Fen));
            }

            await ContractParties.Record(session, office, "contract.received", contract, caller.Party);
        }

        await Record(session, office, decided, contract, caller);
        return new(View(decided, contract, caller), decided.Version);
    }

    static Refusal AboveTechnologyAmount(ContractRow contract, Fen amount)
    {
        var (received, limit) = (new Fen(contract.ReceivedFen), new Fen(contract.TechnologyFen));
        return Problems.RuleViolated("/amount", "payment-above-technology-amount", new(
            $"已到账 {received} 元，加上 {amount} 元将超过技术交易额 {limit} 元。",
            $"{received} yuan are received; with {amount} yuan that would pass the technology amount, {limit} yuan."));
    }

    static bool IsOtherSide(PaymentRow row, ContractRow contract, Caller caller) =>
        (caller.ActsFor(contract.Buyer) || caller.ActsFor(contract.Seller)) && caller.Party != row.Party;

    static HashSet<string> Capacities(PaymentRow row, ContractRow contract, Caller caller)
    {
        var capacities = caller.Roles.ToHashSet();
        if (IsOtherSide(row, contract, caller))
        {
            capacities.Add(PaymentLifecycle.OtherSide);
        }

        return capacities;
    }

    static Payment View(PaymentRow row, ContractRow contract, Caller caller) => new()
    {
        Id = row.Id, State = row.State, Version = row.Version, Contract = row.Contract, Amount = new(row.Fen), PaidOn = row.PaidOn,
        Reference = row.Reference, Owner = row.Party, Reason = row.Reason, CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
        AvailableActions = PaymentLifecycle.Machine.AvailableActions(row.State, Capacities(row, contract, caller)),
    };

    static Task<string> Record(Session session, RegistrationOffice office, PaymentRow row, ContractRow contract, Caller caller) => EventSql.Append(
        session, office.Clock, $"payment.{row.State}", row.Id, caller.Party,
        new { row.State, row.Version, row.Contract, amount = new Fen(row.Fen), row.PaidOn, row.Reference, row.Reason }, ContractParties.Readers(contract));
}
