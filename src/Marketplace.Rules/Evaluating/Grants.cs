namespace Marketplace.Rules;

/// <summary>Where earlier grants are looked up.</summary>
internal interface IGrants
{
    /// <summary>
    /// What was granted before under these awards in the scope, in fen: at least the low end, at most the high end while it is unknown what
    /// belongs together. Each grant that counts is written down.
    /// </summary>
    Interval Used(AwardRun run, IReadOnlyList<string> awards, Counting over, Basis basis);

    /// <summary>Whether something of the award was granted in the scope within a calendar year.</summary>
    Truth WasPaidIn(AwardRun run, Counting over, int year);
}

/// <summary>Grants in any order, each looked at whenever a limit asks: right for the few grants of one case.</summary>
internal sealed class GrantList(IReadOnlyList<Grant> grants) : IGrants
{
    /// <summary>A grant that counts only together with what lies within one window with it: in which year, or on which day, it was made.</summary>
    private readonly record struct Moving(int Index, long At, bool IsCertain);

    public Interval Used(AwardRun run, IReadOnlyList<string> awards, Counting over, Basis basis)
    {
        if (grants.Count == 0) return new(0, 0);
        long certain = 0, possible = 0;
        List<Moving>? moving = null;
        for (var i = 0; i < grants.Count; i++)
        {
            var grant = grants[i];
            if (!awards.Contains(grant.Award)) continue;
            var truth = Counts(run, grant, over, out var at);
            if (truth == Truth.No) continue;
            if (at is { } place) (moving ??= []).Add(new(i, place, truth == Truth.Yes));
            else if (truth == Truth.Unknown) possible = checked(possible + grant.Amount.Value);
            else
            {
                certain = checked(certain + grant.Amount.Value);
                run.Trace?.Earlier(i, grant.Amount, basis);
            }
        }

        if (moving is not null)
        {
            var (least, most) = Fullest(run, over, moving, basis);
            (certain, possible) = (checked(certain + least), checked(possible + most - least));
        }

        return new(certain, checked(certain + possible));
    }

    public Truth WasPaidIn(AwardRun run, Counting over, int year)
    {
        var paid = Truth.No;
        foreach (var grant in grants)
        {
            if (grant.Award != run.Award.Id || grant.Amount == Fen.Zero || (grant.On is { } day && day.Year != year)) continue;
            var truth = Counts(run, grant, over, out _);
            if (truth == Truth.Yes && grant.On is null) run.AssumeHistory();
            if (truth == Truth.Yes) return Truth.Yes;
            if (truth == Truth.Unknown) paid = Truth.Unknown;
        }

        return paid;
    }

    /// <summary>
    /// Of all windows that the case lies in, whichever way they reach, the one with most in it: no window may hold more than the limit, so that
    /// it does not matter in which order cases are evaluated.
    /// </summary>
    private (long Certain, long Most) Fullest(AwardRun run, Counting over, List<Moving> moving, Basis basis)
    {
        moving.Sort((a, b) => (a.At, a.Index).CompareTo((b.At, b.Index)));
        var own = over.Place(run)!.Value;
        var (first, next, certain, possible) = (0, 0, 0L, 0L);
        var (best, most, fullest) = (0L, 0L, own);
        foreach (var end in moving.Select(grant => grant.At).Where(at => at > own && over.Start(at) <= own).Prepend(own).Distinct())
        {
            for (; next < moving.Count && moving[next].At <= end; next++) Add(moving[next], 1);
            for (; first < next && moving[first].At < over.Start(end); first++) Add(moving[first], -1);
            if (certain > best) (best, fullest) = (certain, end);
            most = Math.Max(most, checked(certain + possible));
        }

        if (run.Trace is { } trace)
            foreach (var grant in moving.Where(grant => grant.IsCertain && grant.At <= fullest && grant.At >= over.Start(fullest)))
                trace.Earlier(grant.Index, grants[grant.Index].Amount, basis);
        return (best, most);

        void Add(Moving grant, int sign)
        {
            var amount = sign * grants[grant.Index].Amount.Value;
            if (grant.IsCertain) certain = checked(certain + amount);
            else possible = checked(possible + amount);
        }
    }

    /// <param name="at">Where a grant that counts only within a window lies; null for one that counts whenever it was made.</param>
    private static Truth Counts(AwardRun run, Grant grant, Counting over, out long? at)
    {
        at = null;
        if (over.Scope == Scope.Contract) return OfContract(run, grant);
        if (over.Scope == Scope.Project) return OfProject(run, grant, over, out at);
        var (fact, named) = (over.Identity(run.Award), over.Scope switch
        {
            Scope.Achievement => grant.Achievement, Scope.Platform => grant.Platform, Scope.OfficeYear => grant.Office, _ => grant.Party,
        });
        if (IsOther(run, fact, named) || (over.Scope == Scope.PartyTitle && IsOther(run, Fact.Title, grant.Title))) return Truth.No;
        var isUnknown = false;
        if (over.YearsBack is { } years)
        {
            // Without the governing day the award is open in any case.
            if (grant.On is not { } day) run.AssumeHistory();
            else if (run.Year is not { } year) isUnknown = true;
            else if (Math.Abs(day.Year - year) >= years) return Truth.No;
            else if (over.Scope == Scope.NYears) at = day.Year;
        }

        isUnknown |= !IsNamed(run, fact, named) | (over.Scope == Scope.PartyTitle && !IsNamed(run, Fact.Title, grant.Title));
        return isUnknown ? Truth.Unknown : Truth.Yes;
    }

    private static Truth OfContract(AwardRun run, Grant grant)
    {
        var (contract, project) = (run.Facts.Word(Fact.Contract), run.Facts.Word(Fact.Project));
        if (grant.Contract is null)
        {
            if (AreOther(grant.Project, project)) return Truth.No;
            if (grant.Project is not null && project is null) run.Assume(Fact.Project);
            run.AssumeHistory();
            return Truth.Yes;
        }

        if (AreSame(grant.Contract, contract)) return Truth.Yes;
        // Without a name of its own the contract could be the one that was granted before.
        if (contract is null) run.Assume(Fact.Contract);
        return Truth.No;
    }

    private static Truth OfProject(AwardRun run, Grant grant, Counting over, out long? at)
    {
        at = null;
        var (contract, project) = (run.Facts.Word(Fact.Contract), run.Facts.Word(Fact.Project));
        if (AreSame(grant.Contract, contract)) return Truth.Yes;
        if (contract is null && grant.Contract is not null) run.Assume(Fact.Contract);
        if (project is not null && grant.Project is not null) return AreSame(project, grant.Project) ? OfName(run, grant) : Truth.No;
        if (project is null) run.Assume(Fact.Project);
        if (over.Unnamed == Unnamed.Parties) return OfParties(run, grant, over, out at);
        if (grant.Contract is not null) return Truth.No;
        run.AssumeHistory();
        return Truth.Yes;
    }

    /// <summary>One project name in the hands of another buyer and another seller is another project.</summary>
    private static Truth OfName(AwardRun run, Grant grant)
    {
        var (buyer, seller) = (IsOther(run, Fact.Buyer, grant.Buyer), IsOther(run, Fact.Seller, grant.Seller));
        if (buyer && seller) return Truth.No;
        if (!(buyer || MayBeOther(Fact.Buyer, grant.Buyer)) || !(seller || MayBeOther(Fact.Seller, grant.Seller))) return Truth.Yes;
        if (!run.Facts.Has(Fact.Buyer)) run.Miss(Fact.Buyer);
        if (!run.Facts.Has(Fact.Seller)) run.Miss(Fact.Seller);
        return Truth.Unknown;

        bool MayBeOther(Fact fact, string? named) => named is not null && !run.Facts.Has(fact);
    }

    /// <summary>One of the two contracts has no project of its own: it is counted with all of the same two parties within twelve months.</summary>
    private static Truth OfParties(AwardRun run, Grant grant, Counting over, out long? at)
    {
        at = null;
        if (IsOther(run, Fact.Buyer, grant.Buyer) || IsOther(run, Fact.Seller, grant.Seller)) return Truth.No;
        var own = over.Place(run);
        if (grant.On is { } day && own is { } today)
        {
            if (over.Start(Math.Max(day.DayNumber, today)) > Math.Min(day.DayNumber, today)) return Truth.No;
            at = day.DayNumber;
        }
        else if (grant.On is null) run.AssumeHistory();

        var isUnknown = grant.On is not null && own is null;
        isUnknown |= !IsNamed(run, Fact.Buyer, grant.Buyer) | !IsNamed(run, Fact.Seller, grant.Seller);
        return isUnknown ? Truth.Unknown : Truth.Yes;
    }

    /// <summary>Whether it is known of whom or what the grant was; a grant that does not say counts, which is told.</summary>
    private static bool IsNamed(AwardRun run, Fact fact, string? named)
    {
        if (named is null)
        {
            run.AssumeHistory();
            return true;
        }

        if (run.Facts.Has(fact)) return true;
        run.Miss(fact);
        return false;
    }

    private static bool IsOther(AwardRun run, Fact fact, string? named) => AreOther(run.Facts.Word(fact), named, fact);

    private static bool AreOther(string? one, string? other, Fact fact = Fact.Project) =>
        one is not null && other is not null && !(fact == Fact.Title ? CanonicalName.AreSameTitle(one, other) : CanonicalName.AreSame(one, other));

    private static bool AreSame(string? one, string? other) => one is not null && other is not null && CanonicalName.AreSame(one, other);
}
