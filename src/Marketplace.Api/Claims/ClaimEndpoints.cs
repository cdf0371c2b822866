using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

sealed record ClaimQuery : PageQuery
{
    [ClaimState]
    public string? State { get; init; }

    [IdOf("con")]
    public string? Contract { get; init; }

    [IdOf("fnd")]
    public string? Fund { get; init; }
}

sealed class ClaimStateAttribute() : StateOfAttribute(ClaimLifecycle.Machine);

static class ClaimEndpoints
{
    public static void MapClaims(this IEndpointRouteBuilder api)
    {
        var claims = api.MapGroup("/claims").WithTags("claims").WithMetadata(ClaimLifecycle.Machine);
        claims.MapPost("/", Create).Needs(Roles.Member).Writes().MovesMoney().Produces<Claim>(StatusCodes.Status201Created)
            .WithSummary("Claim an award for a recognised contract; its sum is computed.");
        claims.MapGet("/", List).NeedsKey().Produces<Page<Claim>>().WithSummary("The caller's claims; all of them for officials.");
        claims.MapGet("/{id}", Get).NeedsKey().WithSummary("One claim.");
        claims.MapGet("/{id}/explanation", Explain).NeedsKey().Computes().Produces<Explanation>()
            .WithSummary("How the sum came about: the award with its steps, what it was computed from, and the receipt.");
        claims.MapPost("/{id}/submit", Submit).Writes().MovesMoney().WithSummary("Submit a returned claim again; its sum is computed anew.");
        claims.MapPost("/{id}/recommend", Recommend).Writes().MovesMoney().WithSummary("Recommend it for approval, with a sum where the policy leaves that to a decision.");
        claims.MapPost("/{id}/approve", Approve).Writes().MovesMoney().WithSummary("Approve it and reserve the sum in the fund, or change nothing where the fund is short.");
        claims.MapPost("/{id}/order", Order).Writes().MovesMoney().WithSummary("Order the payment from the bank.");
        claims.MapPost("/{id}/confirm-paid", ConfirmPaid).Writes().MovesMoney().WithSummary("Record that the bank has paid.");
        claims.MapPost("/{id}/open-clawback", OpenClawback).Writes().MovesMoney().WithSummary("Open the recovery of what was paid, or of a part.");
        Reasoned("return", "Send it back for correction.");
        Reasoned("reject", "Reject it.");
        Reasoned("withdraw", "Withdraw it; a reserved sum is released.", Release);
        Reasoned("lapse", "Let an approval lapse; its sum is released.", Release);
        Reasoned("fail-payment", "Record that the bank could not pay; the sum is reserved again.", (session, clock, caller, row) =>
            Move(session, clock, caller, row, EntryKind.Fail), corrects: true);
        Reasoned("claw-back", "Record that the sum was given back.", async (session, clock, caller, row) =>
        {
            caller.RequireOther(row.Reviewer, row.FirstApprover, row.Approver, row.Payer, row.ClawbackBy);
            var moved = await Move(session, clock, caller, row, EntryKind.Return);
            return moved with { Recovered = row.Recovered + row.Recover!.Value, Recover = null, ClawbackDecidedBy = caller.Person };
        }, corrects: true);
        Reasoned("waive", "Waive the recovery.", (_, _, caller, row) =>
        {
            caller.RequireOther(row.Reviewer, row.FirstApprover, row.Approver, row.Payer, row.ClawbackBy);
            return Task.FromResult(row with { Waived = row.Waived + row.Recover!.Value, Recover = null, ClawbackDecidedBy = caller.Person });
        }, corrects: true);

        void Reasoned(string action, string summary, Func<Session, TimeProvider, Caller, ClaimRow, Task<ClaimRow>>? change = null, bool corrects = false) =>
            claims.MapPost($"/{{id}}/{action}",
                (string id, Body<RequiredNote> note, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
                    Act(id, action, caller, session, clock, request, (row, _) =>
                    {
                        row = row with { Reason = note.Value.Reason };
                        return change is null ? Task.FromResult(row) : change(session, clock, caller, row);
                    }, corrects ? catalogue : null))
                .Writes().MovesMoney().WithSummary(summary);
    }

    static async Task<IResult> Create(Body<ClaimContent> body, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock)
    {
        var wanted = body.Value;
        var contract = await ContractParties.Visible(session, wanted.Contract, caller);
        var now = clock.Now();
        await LockLimits(session, contract, caller.Party);
        await ContractCheck.Require(session, contract.Id);
        var row = await ClaimComputation.Compute(session, catalogue, contract, new()
        {
            Id = Ids.New("clm", clock), Salt = ClaimDigest.NewSalt(), Contract = contract.Id, Award = wanted.Award, Payee = caller.Party, FiledBy = caller.Person, Backdated = contract.Backdated, CreatedAt = now, UpdatedAt = now,
        }, wanted.Policy, clock.Today());
        await ContractHands.ForParty(session, contract.Id, caller);
        if (!await ClaimSql.Insert(session, row))
        {
            throw Problems.AlreadyExists("/award", new(
                $"合同 {row.Contract} 的奖补 {row.Award} 已申领。", $"The award '{row.Award}' is claimed for this contract already."));
        }

        await Record(session, clock, row, caller);
        return new Resource<Claim>(View(row, caller), row.Version, StatusCodes.Status201Created, $"{Routes.Base}/claims/{row.Id}");
    }

    static async Task<IResult> List(Query<ClaimQuery> query, Caller caller, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await ClaimSql.List(session, q, caller, ContractParties.SeesAll(caller), q.After(http.Request.Path), q.Limit + 1);
        return Results.Json(q.ToPage(http, rows, row => row.Id, row => View(row, caller)), Json.Options);
    }

    static async Task<Resource<Claim>> Get(string id, Caller caller, Session session)
    {
        var row = await Visible(session, id, caller);
        return new(View(row, caller), row.Version);
    }

    static async Task<IResult> Explain(string id, Caller caller, Session session, HttpRequest request)
    {
        var row = await Visible(session, id, caller);
        return Results.Json(Explanation.Of(row, await ClaimSql.Basis(session, id), request.Language(), ContractParties.SeesAll(caller)), Json.Options);
    }

    static Task<Resource<Claim>> Submit(
        string id, Body<Note> note, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
        Act(id, "submit", caller, session, clock, request, async (row, _) =>
        {
            var contract = (await ContractSql.Get(session, row.Contract))!;
            await LockLimits(session, contract, row.Payee);
            var computed = await ClaimComputation.Compute(
                session, catalogue, contract, row with { Reason = note.Value.Reason, FiledBy = caller.Person, Backdated = contract.Backdated }, row.Policy, clock.Today());
            computed = computed with { Part = row.Part };
            await ClaimSql.StoreBasis(session, computed);
            return computed;
        });

    /// <summary>What limits count together is claimed one after the other: nobody's claim is computed while another's is unseen.</summary>
    static async Task LockLimits(Session session, ContractRow contract, string payee)
    {
        foreach (var party in new[] { contract.Buyer, contract.Seller, payee }.Distinct().Order(StringComparer.Ordinal))
        {
            await PartySql.Lock(session, party);
        }
    }

    static Task<Resource<Claim>> Recommend(
        string id, Body<RecommendRequest> body, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "recommend", caller, session, clock, request, async (row, contract) =>
        {
            RequireSameTerms(row, contract);
            var (amount, reason, range) = (body.Value.Amount, body.Value.Reason, row.Gist.Range);
            if (range is null ? amount is not null : amount is not { } decided || reason is null || decided < range.Low || decided > range.High)
            {
                throw Problems.RuleViolated("/amount", "decision-outside-range", range is null
                    ? new("此奖补的金额由政策计算得出，不能另行决定。", "The policy computes this award; nobody decides its sum.")
                    : new($"一事一议的金额应在 {range.Low} 至 {range.High} 元之间，并说明理由。", $"The decision needs a sum from {range.Low} to {range.High} yuan, and a reason."));
            }

            if (range is not null)
            {
                await ClaimLimits.AllowDecision(session, row, range.High ?? amount!.Value);
            }

            var now = clock.Now();
            return row with
            {
                Reviewer = caller.Person, ReviewedAt = now, Fen = amount?.Value ?? row.Fen, Reason = reason,
                Decision = range is null ? null : Json.Write(new CaseDecision(amount!.Value, range, reason!, now)),
            };
        });

    static Task<Resource<Claim>> Approve(
        string id, Body<ApproveRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, Settings settings, HttpRequest request)
    {
        return Act(id, "approve", caller, session, clock, request, async (row, contract) =>
        {
            caller.RequireOther(row.Reviewer, row.FirstApprover);
            RequireSameTerms(row, contract);
            await ClaimLimits.Require(session, row, grants: true);
            var buyer = await ClaimComputation.RequireEntitled(session, catalogue, contract, row, clock.Today());
            row = row with { Reason = body.Value.Reason };
            if (IsFirstOfTwo(row))
            {
                return row with { FirstApprover = caller.Person };
            }

            var (fund, entry, outOfTurn) = await Reserve(session, clock, caller, row, body.Value.OutOfTurn);
            var shares = ClaimComputation.Shares(row, buyer);
            return row with
            {
                Approver = caller.Person, Fund = fund, Reservation = entry, OutOfTurn = outOfTurn, Shares = shares is null ? null : Json.Write(shares),
            };
        }, isFirstOfTwo: IsFirstOfTwo);

        bool IsFirstOfTwo(ClaimRow row) => row.FirstApprover is null && settings.SecondApproverFrom is { } least && row.Fen >= least.Value;
    }

    /// <summary>Sets the claim's sum apart in its fund, in its turn or by a decision.</summary>
    /// <returns>The fund, the entry's number, and why it was not the claim's turn where it was not.</returns>
    static async Task<(string Fund, long Entry, string? OutOfTurn)> Reserve(
        Session session, TimeProvider clock, Caller caller, ClaimRow row, string? outOfTurn)
    {
        var today = clock.Today();
        var fund = await FundSql.Paying(session, row.Policy, row.Region, today.Year)
            ?? throw Problems.FundInsufficient(new(
                $"没有已开放、用于政策 {row.Policy} 且覆盖 {row.Region} 的 {today.Year} 年度专项资金。",
                $"No open fund of {today.Year} pays {row.Policy} in {row.Region}."));
        var sum = new Fen(row.Fen!.Value);
        var earlier = fund.Plan.InTurn ? await ClaimQueue.Before(session, fund, row, today) : Fen.Zero;
        var movement = new Movement(fund.Id, EntryKind.Reserve, sum, caller.Person) { Claim = row.Id };
        if (await LedgerSql.Post(session, clock, movement with { Leaving = earlier }, FundLifecycle.Open) is { } inTurn)
        {
            return (fund.Id, inTurn, null);
        }

        if (outOfTurn is not null && await LedgerSql.Post(session, clock, movement with { Reason = outOfTurn }, FundLifecycle.Open) is { } before)
        {
            return (fund.Id, before, outOfTurn);
        }

        var now = (await FundSql.Get(session, fund.Id))!;
        var available = new Fen(now.AvailableFen);
        throw earlier > Fen.Zero && now.State == FundLifecycle.Open && available >= sum ? Problems.NotInTurn(earlier, available)
            : Problems.FundInsufficient(new(
                $"可用余额 {available} 元（状态：{LifecycleLabels.OfState(now.State).Zh}），需要 {sum} 元。", $"{available} yuan are available (state {now.State}), {sum} yuan are needed."));
    }

    static Task<Resource<Claim>> Order(string id, Body<Note> note, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "order", caller, session, clock, request, async (row, contract) =>
        {
            caller.RequireOther(row.Reviewer, row.FirstApprover, row.Approver);
            RequireSameTerms(row, contract);
            await ClaimLimits.Require(session, row);
            return await Move(session, clock, caller, row with { Payer = caller.Person, Reason = note.Value.Reason }, EntryKind.Order);
        });

    static Task<Resource<Claim>> ConfirmPaid(
        string id, Body<ConfirmPaidRequest> body, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request) =>
        Act(id, "confirm-paid", caller, session, clock, request, async (row, _) =>
        {
            caller.RequireOther(row.Reviewer, row.FirstApprover, row.Approver);
            if (!await ClaimSql.TakeReference(session, row.Id, body.Value.Reference))
            {
                throw Problems.AlreadyExists("/reference", new(
                    $"付款凭证号 {body.Value.Reference} 已登记。", $"Another payment has the reference {body.Value.Reference}."));
            }

            await ClaimLimits.Require(session, row);
            var paid = row with { Reference = body.Value.Reference, ReferenceKey = CanonicalName.Of(body.Value.Reference), Reason = null, PaidAt = clock.Now(), Subsidy = Ids.New("sub", clock) };
            return await Move(session, clock, caller, paid, EntryKind.Pay);
        }, catalogue);

    static Task<Resource<Claim>> OpenClawback(
        string id, Body<OpenClawbackRequest> body, Caller caller, Session session, TimeProvider clock, HttpRequest request) =>
        Act(id, "open-clawback", caller, session, clock, request, (row, _) =>
        {
            var recover = body.Value.Amount ?? new Fen(row.Held);
            return recover <= Fen.Zero || recover.Value > row.Held
                ? throw Problems.RuleViolated("/amount", "amount-above-held", new(
                    $"追回金额 {recover} 元应大于零且不超过尚持有的 {new Fen(row.Held)} 元。",
                    $"{recover} yuan cannot be demanded back: it must be more than nothing and no more than the {new Fen(row.Held)} yuan still held."))
                : Task.FromResult(row with { Recover = recover.Value, Reason = body.Value.Reason, ClawbackBy = caller.Person, ClawbackDecidedBy = null });
        });

    /// <summary>A claim rests while the terms that it was made on are not the recognised ones.</summary>
    static void RequireSameTerms(ClaimRow row, ContractRow contract)
    {
        if (!contract.IsRecognised || contract.TermsVersion != row.TermsVersion)
        {
            throw Problems.ClaimFrozen(new(
                $"合同 {contract.Id} 的状态为“{LifecycleLabels.OfState(contract.State).Zh}”，申领所依据的条款已变更；待重新认定登记后办理。",
                $"The contract {contract.Id} is {contract.State}: its terms have changed since, and wait for recognition."));
        }
    }

    static Task<ClaimRow> Release(Session session, TimeProvider clock, Caller caller, ClaimRow row) => row.State == ClaimLifecycle.Approved
        ? Move(session, clock, caller, row, EntryKind.Release)
        : Task.FromResult(row);

    /// <summary>Moves the claim's sum in its fund.</summary>
    internal static async Task<ClaimRow> Move(Session session, TimeProvider clock, Caller caller, ClaimRow row, EntryKind kind)
    {
        var movement = new Movement(row.Fund!, kind, new(kind == EntryKind.Return ? row.Recover!.Value : row.Fen!.Value), caller.Person)
        {
            Claim = row.Id, Payee = row.Payee, Reason = row.Reason, Reference = kind == EntryKind.Pay ? row.Reference : null,
            Resolves = kind is EntryKind.Pay or EntryKind.Release ? row.Reservation : null,
        };
        // What comes back to a fund that is closed goes on to the treasury.
        var moved = await LedgerSql.Post(session, clock, movement, FundLifecycle.Open, FundLifecycle.Suspended, FundLifecycle.Closing) is not null
            || (kind == EntryKind.Return && await LedgerSql.Post(session, clock, movement with { Kind = EntryKind.Surrender }, FundLifecycle.Closed) is not null);
        return moved ? row : throw Problems.FundInsufficient(new(
            $"专项资金 {row.Fund} 已关闭，不能再变动。", $"The fund {row.Fund} is closed; nothing of it moves any more."));
    }

    /// <summary>One step: visible, allowed, current, possible; then its money is moved and it is written, both or neither.</summary>
    /// <param name="correcting">Given where the step ends what a change of the contract had to wait for.</param>
    /// <param name="isFirstOfTwo">Whether an approval of the claim would be the first of two.</param>
    static async Task<Resource<Claim>> Act(
        string id, string action, Caller caller, Session session, TimeProvider clock, HttpRequest request,
        Func<ClaimRow, ContractRow, Task<ClaimRow>> change,
        PolicyCatalogue? correcting = null, Func<ClaimRow, bool>? isFirstOfTwo = null)
    {
        var row = await Visible(session, id, caller);
        var stale = request.IfMatch(row.Version) is { } wanted && wanted != row.Version;
        Func<Refusal>? refusal = stale ? () => Problems.PreconditionFailed(Resource<Claim>.TagOf(View(row, caller), row.Version)) : null;
        var transition = ClaimLifecycle.Machine.Require(action, row.State, Capacities(row, caller, isFirstOfTwo?.Invoke(row) == true), refusal);
        // The claim is locked first, so that the loser of a race has moved no money.
        if (!await ClaimSql.Lock(session, row))
        {
            return await Act(id, action, caller, session, clock, request, change, correcting, isFirstOfTwo);
        }

        // Each step writes a digest of the row anew: what was altered since the last would be covered by it.
        await ClaimCheck.Require(session, row);
        await ContractCheck.Require(session, row.Contract);
        var contract = (await ContractSql.Get(session, row.Contract))!;
        if (transition.Who.Contains(ClaimLifecycle.Claimant))
        {
            await ContractHands.ForParty(session, row.Contract, caller);
        }
        else if (caller.BelongsTo(row.Payee) || contract.Concerns(caller.Party))
        {
            throw Problems.ConflictOfInterest();
        }
        else
        {
            await ContractHands.AsOfficial(session, row.Contract, caller);
        }

        var changed = (await change(row, contract)) with { State = transition.To, Version = row.Version + 1, UpdatedAt = clock.Now() };
        await ClaimSql.Update(session, changed);
        await Record(session, clock, changed, caller);
        if (correcting is not null)
        {
            await ClaimCorrection.Apply(session, correcting, clock, (await ContractSql.Get(session, row.Contract))!, caller);
            changed = (await ClaimSql.Get(session, id))!;
        }

        return new(View(changed, caller), changed.Version);
    }

    static async Task<ClaimRow> Visible(Session session, string id, Caller caller)
    {
        var row = Ids.Is("clm", id) ? await ClaimSql.Get(session, id) : null;
        return row is not null && (caller.BelongsTo(row.Payee) || ContractParties.SeesAll(caller)) ? row : throw Problems.NotFound();
    }

    static HashSet<string> Capacities(ClaimRow row, Caller caller, bool isFirstOfTwo = false)
    {
        var capacities = caller.Roles.ToHashSet();
        if (isFirstOfTwo && caller.Is(Roles.Approver))
        {
            capacities.Add(ClaimLifecycle.FirstOfTwoApprovers);
        }

        if (caller.ActsFor(row.Payee))
        {
            capacities.Add(ClaimLifecycle.Claimant);
        }

        if (caller.Is(Roles.FundManager) && row.Held > 0)
        {
            capacities.Add(ClaimLifecycle.ManagerOfRest);
        }

        return capacities;
    }

    static Claim View(ClaimRow row, Caller caller)
    {
        var basis = row.Gist;
        return new()
        {
            Id = row.Id, State = row.State, Version = row.Version, Contract = row.Contract, TermsVersion = row.TermsVersion, Award = row.Award,
            Policy = row.Policy, PolicyVersion = row.PolicyVersion, Owner = row.Payee, Part = row.Part, Amount = row.Fen is { } fen ? new Fen(fen) : null,
            Recover = row.Recover is { } recover ? new Fen(recover) : null, Recovered = new(row.Recovered), Waived = new(row.Waived),
            Range = basis.Range, Receipt = basis.Receipt, Decision = row.Decision is null ? null : Json.Read<CaseDecision>(row.Decision, $"claims {row.Id}"),
            CompletedAt = row.ReviewedAt, Approvals = (row.FirstApprover is null ? 0 : 1) + (row.Approver is null ? 0 : 1), OutOfTurn = row.OutOfTurn,
            Shares = row.Shares is null ? null : Json.Read<List<ClaimShare>>(row.Shares, $"claims {row.Id}"), Fund = row.Fund, PaidAt = row.PaidAt, Reference = row.Reference,
            Persons = ContractParties.SeesAll(caller) ? ClaimPersons.Of(row) : null, Backdated = row.Backdated == 1,
            Reason = row.Reason, CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
            AvailableActions = ClaimLifecycle.Machine.AvailableActions(row.State, Capacities(row, caller)),
        };
    }

    /// <param name="before">As it stood before a change of its contract: the difference is what the event says.</param>
    internal static async Task Record(Session session, TimeProvider clock, ClaimRow row, Caller caller, ClaimRow? before = null) =>
        await EventSql.Append(session, clock, row.State == before?.State ? "claim.corrected"
                : row is { State: ClaimLifecycle.Reviewed, FirstApprover: not null } ? "claim.firstApproved" : $"claim.{row.State}",
            row.Id, caller.Party, EventData(row, before, (await ClaimLimits.Hashes(session, [row.Id])).GetValueOrDefault(row.Id)),
            row.Payee, Roles.Reviewer, Roles.Approver, Roles.Payer, Roles.FundManager);

    /// <summary>What an event says of a claim's row, beside its digest.</summary>
    internal static readonly string[] EventMembers = ["state", "version", "contract", "award", "policy", "part", "amount", "recover", "basis", "fund", "reason"];

    /// <param name="limits">Of <see cref="ClaimLimits.Hashes"/>.</param>
    internal static object EventData(ClaimRow row, ClaimRow? before, string? limits) => new
    {
        row.State, row.Version, row.Contract, row.Award, row.Policy, row.Part, amount = row.Fen is { } fen ? new Fen(fen) : (Fen?)null,
        recover = row.Recover is { } recover ? new Fen(recover) : (Fen?)null,
        correction = before is null ? null : new { before.TermsVersion, now = row.TermsVersion, difference = new FenChange(new(Standing(row) - Standing(before))) },
        basis = row.BasisHash, limits, row.Fund, row.Reason, digest = ClaimDigest.Of(row),
    };

    /// <summary>What the payee may keep of it as things stand.</summary>
    static long Standing(ClaimRow row) => row.Held - (row.Recover ?? 0);
}
