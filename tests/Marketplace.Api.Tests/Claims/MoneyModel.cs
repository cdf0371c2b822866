namespace Marketplace.Api.Tests.Claims;

/// <summary>
/// What the market promises of public money, said again as plainly as it can be: a district's funds, one project of a buyer and a broker,
/// and their claims. Sums are whole fen. Every step answers <see cref="Done"/>, or the problem's code when nothing changes.
/// </summary>
sealed class MoneyModel
{
    public const string Done = "done", InvalidTransition = "invalid-transition", SeparationOfDuty = "separation-of-duty", Frozen = "claim-frozen",
        FundInsufficient = "fund-insufficient", AlreadyExists = "already-exists", EntitlementExceeded = "entitlement-exceeded";

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

    public sealed class Contract
    {
        public string Id = "", State = "recognised";
        public long Technology;
        public int Terms = 1;
    }

    public sealed class Claim
    {
        public string Id = "", Award = "", State = "submitted";
        public required Contract Contract;
        public int Part, Terms;
        public int? Reviewer, Approver, Payer;
        public long Amount, Recover, Recovered, Waived;
        public Fund? Fund;

        /// <summary>It takes a part of the award.</summary>
        public bool Stands => State is not ("withdrawn" or "rejected");

        /// <summary>What was granted of the award and not given back, whether or not it could still be demanded.</summary>
        public long Granted => Stands && State != "lapsed" ? Amount - Recovered : 0;

        /// <summary>What could be demanded back.</summary>
        public long Held => Granted - Waived;

        public bool WasPaid => State is "paid" or "clawbackOpened" or "clawedBack" or "waived";
    }

    public readonly List<Fund> Funds = [];
    public readonly List<Contract> Contracts = [];
    public readonly List<Claim> Claims = [];
    readonly HashSet<string> _references = [];

    public static string Amend(Contract contract) => contract.State == "fallen" ? InvalidTransition
        : Then(() => (contract.State, contract.Terms) = ("resting", contract.Terms + 1));

    public string Recognise(Contract contract, long technology) => contract.State != "resting" ? InvalidTransition
        : Then(() => (contract.State, contract.Technology) = ("recognised", technology), contract);

    public string Deregister(Contract contract) => contract.State == "fallen" ? InvalidTransition : Then(() => contract.State = "fallen", contract);

    /// <param name="claim">Null where it is refused.</param>
    public string Create(Contract contract, string award, out Claim? claim)
    {
        claim = null;
        var line = Claims.Where(c => c.Contract == contract && c.Award == award && c.Stands).ToList();
        if (Compute(contract, award, line, out var sum) is not Done and var refusal) return refusal;
        claim = new() { Contract = contract, Award = award, Part = line.Count == 0 ? 0 : line.Max(c => c.Part) + 1, Terms = contract.Terms, Amount = sum };
        Claims.Add(claim);
        return Done;
    }

    public string Submit(Claim claim)
    {
        if (claim.State != "returned") return InvalidTransition;
        var others = Claims.Where(c => c != claim && c.Contract == claim.Contract && c.Award == claim.Award && c.Stands).ToList();
        if (Compute(claim.Contract, claim.Award, others, out var sum) is not Done and var refusal) return refusal;
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
        var held = Claims.Where(c => c != claim && c.Contract == claim.Contract && c.Award == claim.Award).Sum(c => c.Granted);
        if (claim.Amount > Due(claim.Contract, claim.Award) - held) return EntitlementExceeded;
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
        Correct(claim.Contract);
        return Done;
    }

    public string Fail(Claim claim) => claim.State != "ordered" ? InvalidTransition : Then(() =>
    {
        Shift(claim.Amount, ref claim.Fund!.InFlight, ref claim.Fund.Reserved);
        claim.State = "approved";
    }, claim.Contract);

    public static string Withdraw(Claim claim) => Release(claim, "withdrawn", "submitted", "returned", "reviewed", "approved");

    public static string Lapse(Claim claim) => Release(claim, "lapsed", "approved");

    /// <param name="sum">All that is held where it is null.</param>
    public static string OpenClawback(Claim claim, long? sum)
    {
        if (!(claim.State == "paid" || (claim.State is "clawedBack" or "waived" && claim.Held > 0))) return InvalidTransition;
        if ((sum ?? claim.Held) is var recover && (recover <= 0 || recover > claim.Held)) return "amount-above-held";
        (claim.State, claim.Recover) = ("clawbackOpened", recover);
        return Done;
    }

    public string ClawBack(Claim claim, int person) => Decide(claim, person, "clawedBack", ref claim.Recovered);

    public string Waive(Claim claim, int person) => Decide(claim, person, "waived", ref claim.Waived);

    string Decide(Claim claim, int person, string decision, ref long decided)
    {
        if (claim.State != "clawbackOpened") return InvalidTransition;
        if (new[] { claim.Reviewer, claim.Approver, claim.Payer }.Contains(person)) return SeparationOfDuty;
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
        Correct(claim.Contract);
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

    string Compute(Contract contract, string award, List<Claim> others, out long sum)
    {
        sum = 0;
        if (contract.State != "recognised") return "contract-not-recognised";
        if (IsRecovering(contract, award, null)) return Frozen;
        var due = Due(contract, award);
        sum = due - others.Sum(c => c.Granted);
        if (sum <= 0 && others.Any(c => c.State != "lapsed")) return AlreadyExists;
        return due == 0 ? "award-not-due" : Done;
    }

    /// <summary>While anything of the award is demanded back nothing more is granted of it; the broker's is the whole project's.</summary>
    bool IsRecovering(Contract contract, string award, Claim? except) =>
        Claims.Any(c => c != except && c.State == "clawbackOpened" && c.Award == award && (award == "broker" || c.Contract == contract));

    /// <summary>3 % to the buyer, at most 100,000 yuan a contract; 1 % to the broker, at most 50,000 yuan a project, the earlier contract first.</summary>
    long Due(Contract contract, string award)
    {
        if (award == "buyer") return Math.Min(contract.Technology * 3 / 100, BuyerCap);
        var granted = Contracts.ToDictionary(c => c, c => Claims.Where(claim => claim.Contract == c && claim.Award == "broker").Sum(claim => claim.Granted));
        foreach (var earlier in Contracts.Where(c => c.State == "recognised" && string.CompareOrdinal(c.Id, contract.Id) < 0).OrderBy(c => c.Id, StringComparer.Ordinal))
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
    void Correct(Contract contract)
    {
        if (contract.State == "resting") return;
        foreach (var line in Claims.Where(c => c.Contract == contract && c.Stands).GroupBy(c => c.Award).Where(line => line.All(c => c.State != "clawbackOpened")))
        {
            var excess = line.Sum(c => c.Held) - (contract.State == "fallen" ? 0 : Due(contract, line.Key));
            foreach (var claim in line.Where(c => Rank(c) > 0).OrderBy(Rank).ThenByDescending(c => c.Part).ToList())
            {
                var less = Math.Clamp(excess, 0, claim.Held);
                excess -= less;
                if (less > 0) Reduce(claim, less);
                if (less > 0 || contract.State != "fallen") claim.Terms = contract.Terms;
            }
        }

        static int Rank(Claim c) => c.State switch { "submitted" or "returned" or "reviewed" => 1, "approved" => 2, "paid" or "clawedBack" or "waived" => 3, _ => 0 };
    }

    static void Reduce(Claim claim, long less)
    {
        if (claim.WasPaid)
        {
            (claim.State, claim.Recover) = ("clawbackOpened", less);
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
    string Then(Action change, Contract contract)
    {
        change();
        Correct(contract);
        return Done;
    }

    static void Shift(long sum, ref long from, ref long to) => (from, to) = (from - sum, to + sum);
}
