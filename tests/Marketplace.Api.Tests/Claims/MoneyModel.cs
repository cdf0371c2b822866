namespace Marketplace.Api.Tests.Claims;

/// <summary>
/// What the market promises of public money, said again as plainly as it can be: a district's funds, the contracts of one buyer and one seller,
/// with a project or without, which two brokers take turns to bring about, and their claims. Sums are whole fen. Every step answers
/// <see cref="Done"/>, or the problem's code when nothing changes.
/// </summary>
sealed class MoneyModel
{
    public const string Done = "done", InvalidTransition = "invalid-transition", SeparationOfDuty = "separation-of-duty", Frozen = "claim-frozen",
        FundInsufficient = "fund-insufficient", AlreadyExists = "already-exists", EntitlementExceeded = "entitlement-exceeded",
        IdenticalContract = "identical-contract", PartyIsFixed = "party-is-fixed", ProjectIsFixed = "project-is-fixed", Forbidden = "forbidden", NotFound = "not-found";

    public const string Buyer = "buyer", Seller = "seller";

    const int Year = 2026;
    const long BuyerCap = 10_000_000, BrokerCap = 5_000_000;

    public sealed class Fund
    {
        public string Id = "", State = "planned";
        public int Year;
        public long Plan, Given, Available, Reserved, InFlight, Paid, Returned;
        public (long Sum, int By)? Proposal;

        public bool IsSettled => Reserved == 0 && InFlight == 0;
    }

    /// <summary>Terms that lie beside those in force until both sides have signed them. Only what changes is here.</summary>
    public sealed class Amendment
    {
        public required string By, Broker;
        public string? Project;
        public readonly HashSet<string> Signed = [];
    }

    /// <summary>Signed by both sides. It rests until its terms are recognised; ended by a side or struck off the register it has fallen.</summary>
    public sealed class Contract
    {
        public string Id = "", State = "resting";
        public required string Title, Broker;

        /// <summary>Whatever its spelling; null where it has none.</summary>
        public string? Project;

        public long Technology;
        public int Terms = 1;
        public bool IsSubmitted, IsEnded;
        public Amendment? Amendment;

        /// <summary>What it says, where it was recognised and not struck off.</summary>
        public string? OnRegister;

        /// <summary>Who was its broker at some time.</summary>
        public readonly HashSet<string> Brokers = [];

        public string Says => $"{Title} {Project}";
    }

    public sealed class Claim
    {
        public string Id = "", State = "submitted";
        public required string Payee;
        public required Contract Contract;
        public int Part, Terms;
        public int? Reviewer, Approver, Payer;
        public long Amount, Recover, Recovered, Waived;
        public Fund? Fund;

        /// <summary>The official whose act has opened the recovery.</summary>
        public int? Opener;

        public string Award => AwardOf(Payee);

        /// <summary>It takes a part of the award.</summary>
        public bool Stands => State is not ("withdrawn" or "rejected");

        /// <summary>What was granted of the award and not given back, whether or not it could still be demanded.</summary>
        public long Granted => Stands && State != "lapsed" ? Amount - Recovered : 0;

        /// <summary>What could be demanded back.</summary>
        public long Held => Granted - Waived;

        public bool WasPaid => State is "paid" or "clawbackOpened" or "clawedBack" or "waived";

        /// <summary>Public money that is promised or paid and has not come back.</summary>
        public long Out => WasPaid || State is "approved" or "ordered" ? Amount - Recovered : 0;
    }

    public readonly List<Fund> Funds = [];
    public readonly List<Contract> Contracts = [];
    public readonly List<Claim> Claims = [];
    readonly HashSet<string> _references = [];

    public Contract Sign(string title, string? project, string broker)
    {
        var contract = new Contract { Title = title, Project = project, Broker = broker };
        contract.Brokers.Add(broker);
        Contracts.Add(contract);
        return contract;
    }

    public static string Amend(Contract contract, string side) => contract.State == "fallen" || contract.Amendment is not null ? InvalidTransition
        : Then(() => contract.Amendment = new() { By = side, Broker = contract.Broker, Project = contract.Project });

    /// <summary>Another broker or project in the open amendment: nobody has signed it any more.</summary>
    public string Change(Contract contract, string broker, string? project)
    {
        if (contract.Amendment is not { } amendment) return InvalidTransition;
        if (IsFixed(contract, project)) return ProjectIsFixed;
        (amendment.Broker, amendment.Project) = (broker, project);
        amendment.Signed.Clear();
        return Done;
    }

    /// <summary>Buyer and seller are no terms.</summary>
    public static string ChangeParty() => PartyIsFixed;

    /// <summary>The second signature puts the amendment in force: the contract rests until it is recognised anew.</summary>
    public string Sign(Contract contract, string side)
    {
        if (contract.Amendment is not { } amendment || amendment.Signed.Contains(side)) return InvalidTransition;
        if (amendment.Signed.Count == 1 && IsFixed(contract, amendment.Project)) return ProjectIsFixed;
        amendment.Signed.Add(side);
        if (amendment.Signed.Count < 2) return Done;
        (contract.State, contract.IsSubmitted, contract.Amendment) = ("resting", false, null);
        (contract.Broker, contract.Project, contract.Terms) = (amendment.Broker, amendment.Project, contract.Terms + 1);
        contract.Brokers.Add(contract.Broker);
        return Done;
    }

    /// <summary>The side that proposed an amendment cancels it, the other refuses it.</summary>
    public static string End(Contract contract, string side, bool refuses) => contract.Amendment is null ? InvalidTransition
        : contract.Amendment.By == side == refuses ? Forbidden : Then(() => contract.Amendment = null);

    public static string Submit(Contract contract) => contract.State != "resting" || contract.IsSubmitted ? InvalidTransition : Then(() => contract.IsSubmitted = true);

    /// <summary>One that says what another on the register says needs a reason.</summary>
    public string Recognise(Contract contract, long technology, bool hasReason) => contract.State != "resting" || !contract.IsSubmitted ? InvalidTransition
        : !hasReason && Contracts.Any(other => other != contract && other.OnRegister == contract.Says) ? IdenticalContract
        : Then(() => (contract.State, contract.Technology, contract.IsSubmitted, contract.OnRegister) = ("recognised", technology, false, contract.Says), contract);

    public string Deregister(Contract contract) => contract.OnRegister is null || contract.IsSubmitted ? InvalidTransition
        : Then(() => (contract.State, contract.OnRegister, contract.Amendment) = ("fallen", null, null), contract);

    /// <summary>What waits for the registrar then does so for ever.</summary>
    public string Terminate(Contract contract) => contract.IsEnded ? InvalidTransition
        : Then(() => (contract.State, contract.IsEnded, contract.Amendment) = ("fallen", true, null), contract);

    /// <param name="claim">Null where it is refused.</param>
    public string Create(Contract contract, string payee, out Claim? claim)
    {
        claim = null;
        // A broker who is none of the contract's any more still reads it.
        if (payee != Buyer && !contract.Brokers.Contains(payee)) return NotFound;
        if (Compute(contract, payee, null, out var sum) is not Done and var refusal) return refusal;
        var line = Claims.Where(c => c.Contract == contract && c.Payee == payee && c.Stands).ToList();
        claim = new() { Contract = contract, Payee = payee, Part = line.Count == 0 ? 0 : line.Max(c => c.Part) + 1, Terms = contract.Terms, Amount = sum };
        Claims.Add(claim);
        return Done;
    }

    public string Submit(Claim claim)
    {
        if (claim.State != "returned") return InvalidTransition;
        if (Compute(claim.Contract, claim.Payee, claim, out var sum) is not Done and var refusal) return refusal;
        (claim.State, claim.Terms, claim.Amount) = ("submitted", claim.Contract.Terms, sum);
        return Done;
    }

    public static string Recommend(Claim claim, int person) => claim.State != "submitted" ? InvalidTransition : Rests(claim) ? Frozen
        : Then(() => (claim.State, claim.Reviewer) = ("reviewed", person));

    public static string Return(Claim claim) => Step(claim, "returned", "submitted");

    public static string Reject(Claim claim) => Step(claim, "rejected", "submitted");

    public string Approve(Claim claim, int person)
    {
        if (claim.State != "reviewed") return InvalidTransition;
        if (claim.Reviewer == person) return SeparationOfDuty;
        if (Rests(claim) || IsRecovering(claim.Contract, claim.Award, claim)) return Frozen;
        if (claim.Amount > Left(claim.Contract, claim.Award, claim)) return EntitlementExceeded;
        var fund = Funds.Where(f => f is { State: "open", Year: Year }).MinBy(f => f.Id, StringComparer.Ordinal);
        if (fund is null || fund.Available < claim.Amount) return FundInsufficient;
        Shift(claim.Amount, ref fund.Available, ref fund.Reserved);
        (claim.State, claim.Approver, claim.Fund) = ("approved", person, fund);
        return Done;
    }

    public static string Order(Claim claim, int person) => claim.State != "approved" ? InvalidTransition
        : claim.Reviewer == person || claim.Approver == person ? SeparationOfDuty : Rests(claim) ? Frozen : Then(() =>
        {
            Shift(claim.Amount, ref claim.Fund!.Reserved, ref claim.Fund.InFlight);
            (claim.State, claim.Payer) = ("ordered", person);
        });

    public string Confirm(Claim claim, int person, string reference)
    {
        if (claim.State != "ordered") return InvalidTransition;
        if (claim.Reviewer == person || claim.Approver == person) return SeparationOfDuty;
        if (!_references.Add(reference)) return AlreadyExists;
        Shift(claim.Amount, ref claim.Fund!.InFlight, ref claim.Fund.Paid);
        claim.State = "paid";
        Correct(claim.Contract, person);
        return Done;
    }

    public string Fail(Claim claim, int person) => claim.State != "ordered" ? InvalidTransition : Then(() =>
    {
        Shift(claim.Amount, ref claim.Fund!.InFlight, ref claim.Fund.Reserved);
        claim.State = "approved";
    }, claim.Contract, person);

    public static string Withdraw(Claim claim) => Release(claim, "withdrawn", "submitted", "returned", "reviewed", "approved");

    public static string Lapse(Claim claim) => Release(claim, "lapsed", "approved");

    /// <param name="sum">All that is held where it is null.</param>
    public static string OpenClawback(Claim claim, int person, long? sum)
    {
        if (!(claim.State == "paid" || (claim.State is "clawedBack" or "waived" && claim.Held > 0))) return InvalidTransition;
        if ((sum ?? claim.Held) is var recover && (recover <= 0 || recover > claim.Held)) return "amount-above-held";
        (claim.State, claim.Recover, claim.Opener) = ("clawbackOpened", recover, person);
        return Done;
    }

    public string ClawBack(Claim claim, int person) => Decide(claim, person, "clawedBack", ref claim.Recovered);

    public string Waive(Claim claim, int person) => Decide(claim, person, "waived", ref claim.Waived);

    string Decide(Claim claim, int person, string decision, ref long decided)
    {
        if (claim.State != "clawbackOpened") return InvalidTransition;
        if (new[] { claim.Reviewer, claim.Approver, claim.Payer, claim.Opener }.Contains(person)) return SeparationOfDuty;
        if (decision == "clawedBack")
        {
            var fund = claim.Fund!;
            fund.Returned += claim.Recover;
            // Of a closed fund it goes on to where the money came from.
            if (fund.State == "closed") fund.Given -= claim.Recover;
            else fund.Available += claim.Recover;
        }

        claim.State = decision;
        Shift(claim.Recover, ref claim.Recover, ref decided);
        Correct(claim.Contract, person);
        return Done;
    }

    /// <summary>One fund a year is open; a suspended one keeps its place.</summary>
    public string Open(Fund fund) => fund.State is not ("planned" or "suspended") ? InvalidTransition
        : Funds.Any(other => other != fund && other.Year == fund.Year && other.State is ("open" or "suspended")) ? "fund-already-open" : Then(() =>
        {
            if (fund.State == "planned") (fund.Given, fund.Available) = (fund.Given + fund.Plan, fund.Available + fund.Plan);
            fund.State = "open";
        });

    public static string Suspend(Fund fund) => fund.State != "open" ? InvalidTransition : Then(() => fund.State = "suspended");

    /// <summary>In force when a second person sends the same sum.</summary>
    public static string Adjust(Fund fund, int person, long sum)
    {
        if (fund.State is not ("planned" or "open" or "suspended")) return InvalidTransition;
        if (fund.Proposal is not { } first || first.By == person)
        {
            fund.Proposal = (sum, person);
            return Done;
        }

        if (first.Sum != sum) return "adjustment-differs";
        if (fund.Available + sum < 0) return FundInsufficient;
        (fund.Given, fund.Available, fund.Proposal) = (fund.Given + sum, fund.Available + sum, null);
        return Done;
    }

    /// <param name="to">The fund that takes over what is left; null gives it back.</param>
    public static string Close(Fund fund, Fund? to)
    {
        if (fund.State == "closed" || (!fund.IsSettled && fund.State is not ("open" or "suspended"))) return InvalidTransition;
        if (!fund.IsSettled)
        {
            fund.State = "closing";
            return Done;
        }

        if (to is not null && to.Year <= fund.Year) return "unknown-reference";
        if (fund.Available > 0 && to is { State: not ("planned" or "open" or "suspended") }) return FundInsufficient;
        if (to is not null) (to.Given, to.Available) = (to.Given + fund.Available, to.Available + fund.Available);
        (fund.State, fund.Given, fund.Available) = ("closed", fund.Given - fund.Available, 0);
        return Done;
    }

    /// <summary>Promises that hold however all this came about; each that does not.</summary>
    public IEnumerable<string> Broken()
    {
        foreach (var contract in Contracts)
        {
            if (Out(c => c.Contract == contract && c.Award == Buyer) is > BuyerCap and var out1) yield return $"{out1} are out to the buyer for {contract.Id}";
        }

        foreach (var project in Contracts.Select(c => c.Project).Distinct())
        {
            // Of contracts without a project no more than of one project, even with all that is out for one.
            var sum = Out(c => c.Award != Buyer && (c.Contract.Project is null || c.Contract.Project == project));
            if (sum > BrokerCap) yield return $"{sum} are out to brokers for the project {project}";
        }

        long Out(Func<Claim, bool> counts) => Claims.Where(counts).Sum(c => c.Out);
    }

    string Compute(Contract contract, string payee, Claim? except, out long sum)
    {
        sum = 0;
        var award = AwardOf(payee);
        if (contract.State != "recognised") return "contract-not-recognised";
        if (payee != Buyer && payee != contract.Broker) return Forbidden;
        if (IsRecovering(contract, award, except)) return Frozen;
        sum = Left(contract, award, except);
        var others = Claims.Where(c => c != except && c.Contract == contract && c.Award == award && c.Stands);
        if (sum <= 0 && others.Any(c => c.Payee == payee ? c.State != "lapsed" : c.Granted > 0)) return AlreadyExists;
        return sum <= 0 ? "award-not-due" : Done;
    }

    static string AwardOf(string payee) => payee == Buyer ? Buyer : "broker";

    /// <summary>The project of a contract is not changed while anything of it is claimed.</summary>
    bool IsFixed(Contract contract, string? project) => project != contract.Project
        && Claims.Any(c => c.Granted > 0 && (c.Contract == contract || (contract.Project is not null && c.Contract.Project == contract.Project)));

    /// <summary>While anything of the award is demanded back, of anybody, nothing more is granted of it; the broker's is the whole project's.</summary>
    bool IsRecovering(Contract contract, string award, Claim? except) => Claims.Any(c => c != except && c.State == "clawbackOpened" && c.Award == award
        && (c.Contract == contract || (award != Buyer && c.Contract.Project == contract.Project)));

    /// <summary>What the award comes to beyond what all payees together hold of it.</summary>
    long Left(Contract contract, string award, Claim? except) =>
        Due(contract, award) - Claims.Where(c => c != except && c.Contract == contract && c.Award == award).Sum(c => c.Granted);

    /// <summary>
    /// 3 % to the buyer, at most 100,000 yuan a contract; 1 % to the broker, at most 50,000 yuan a project, the earlier contract first. A contract
    /// without a project counts with all of the same two parties.
    /// </summary>
    long Due(Contract contract, string award)
    {
        if (award == Buyer) return Math.Min(contract.Technology * 3 / 100, BuyerCap);
        var granted = Contracts.Where(c => c.Project is null || contract.Project is null || c.Project == contract.Project)
            .ToDictionary(c => c, c => Claims.Where(claim => claim.Contract == c && claim.Award == award).Sum(claim => claim.Granted));
        foreach (var earlier in granted.Keys.Where(c => c.State == "recognised" && c.Project is not null && c.Project == contract.Project && string.CompareOrdinal(c.Id, contract.Id) < 0)
            .OrderBy(c => c.Id, StringComparer.Ordinal).ToList())
        {
            granted[earlier] = Math.Max(granted[earlier], Room(earlier));
        }

        return Room(contract);

        long Room(Contract c) => Math.Min(c.Technology / 100, Math.Max(0, BrokerCap - granted.Where(g => g.Key != c).Sum(g => g.Value)));
    }

    /// <summary>A claim rests while its contract's present terms are not the recognised ones that it is about.</summary>
    static bool Rests(Claim claim) => claim.Contract.State != "recognised" || claim.Contract.Terms != claim.Terms;

    /// <summary>
    /// What is held beyond what is due goes, the newest part first: out of what is not approved, out of what is not ordered, and back from
    /// what is paid; nothing while a recovery is undecided, and what is ordered waits for the bank.
    /// </summary>
    void Correct(Contract contract, int? person)
    {
        if (contract.State == "resting") return;
        foreach (var line in Claims.Where(c => c.Contract == contract && c.Stands).GroupBy(c => c.Payee).Where(line => line.All(c => c.State != "clawbackOpened")))
        {
            var isTheirs = contract.State != "fallen" && (line.Key == Buyer || line.Key == contract.Broker);
            var excess = line.Sum(c => c.Held) - (isTheirs ? Due(contract, AwardOf(line.Key)) : 0);
            foreach (var claim in line.Where(c => Rank(c) > 0).OrderBy(Rank).ThenByDescending(c => c.Part).ToList())
            {
                var less = Math.Clamp(excess, 0, claim.Held);
                excess -= less;
                if (less > 0) Reduce(claim, less, person);
                if (less > 0 || contract.State != "fallen") claim.Terms = contract.Terms;
            }
        }

        static int Rank(Claim c) => c.State switch { "submitted" or "returned" or "reviewed" => 1, "approved" => 2, "paid" or "clawedBack" or "waived" => 3, _ => 0 };
    }

    static void Reduce(Claim claim, long less, int? person)
    {
        if (claim.WasPaid)
        {
            (claim.State, claim.Recover, claim.Opener) = ("clawbackOpened", less, person);
            return;
        }

        if (claim.State == "approved")
        {
            Shift(claim.Amount, ref claim.Fund!.Reserved, ref claim.Fund.Available);
            (claim.Fund, claim.Approver, claim.Payer) = (null, null, null);
        }

        if (less == claim.Amount) claim.State = "lapsed";
        else (claim.State, claim.Amount, claim.Reviewer) = (claim.State == "returned" ? "returned" : "submitted", claim.Amount - less, null);
    }

    static string Step(Claim claim, string to, params string[] from) => !from.Contains(claim.State) ? InvalidTransition : Then(() => claim.State = to);

    static string Release(Claim claim, string to, params string[] from)
    {
        if (claim.State == "approved") Shift(claim.Amount, ref claim.Fund!.Reserved, ref claim.Fund.Available);
        return Step(claim, to, from);
    }

    static string Then(Action change)
    {
        change();
        return Done;
    }

    /// <summary>A change that the contract's claims have to follow.</summary>
    /// <param name="person">The official who does it, where it is one who handles claims.</param>
    string Then(Action change, Contract contract, int? person = null)
    {
        change();
        Correct(contract, person);
        return Done;
    }

    static void Shift(long sum, ref long from, ref long to) => (from, to) = (from - sum, to + sum);
}
