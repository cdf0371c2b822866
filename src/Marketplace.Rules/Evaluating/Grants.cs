namespace Marketplace.Rules;

/// <summary>Where earlier grants are looked up.</summary>
internal interface IGrants
{
    /// <summary>
    /// What was granted before under these awards in the scope, in fen: at least the low end, at most the high end while it is unknown what
    /// belongs together. Each grant that counts is written down.
    /// </summary>
    Interval Used(AwardRun run, IReadOnlyList<string> awards, Counting over, Basis basis);
}

/// <summary>Grants in any order, each looked at whenever a limit asks: right for the few grants of one case.</summary>
internal sealed class GrantList(IReadOnlyList<Grant> grants) : IGrants
{
    public Interval Used(AwardRun run, IReadOnlyList<string> awards, Counting over, Basis basis)
    {
        if (grants.Count == 0) return new(0, 0);
        var identity = over.Identity(run.Award);
        long certain = 0, possible = 0;
        for (var i = 0; i < grants.Count; i++)
        {
            var grant = grants[i];
            if (!awards.Contains(grant.Award)) continue;
            switch (Counts(run, grant, over, identity))
            {
                case Truth.Yes:
                    certain = checked(certain + grant.Amount.Value);
                    run.Trace?.Earlier(i, grant.Amount, basis);
                    break;
                case Truth.Unknown:
                    possible = checked(possible + grant.Amount.Value);
                    break;
            }
        }

        return new(certain, checked(certain + possible));
    }

    private static Truth Counts(AwardRun run, Grant grant, Counting over, Fact identity)
    {
        if (over.YearsBack is { } years && WithinYears(run, grant, years) is not Truth.Yes and var other) return other;
        return over.Scope is Scope.Contract or Scope.Project ? OfContract(run, grant, over.Scope) : OfIdentity(run, grant, over.Scope, identity);
    }

    private static Truth WithinYears(AwardRun run, Grant grant, long years)
    {
        if (grant.On is not { } day)
        {
            run.AssumeHistory();
            return Truth.Yes;
        }

        // Without the governing day the award is open in any case.
        if (run.Year is not { } year) return Truth.Unknown;
        return day.Year <= year && day.Year > year - years ? Truth.Yes : Truth.No;
    }

    private static Truth OfContract(AwardRun run, Grant grant, Scope scope)
    {
        var (contract, project) = (run.Facts.Word(Fact.Contract), run.Facts.Word(Fact.Project));
        if (contract is not null && grant.Contract == contract) return Truth.Yes;
        if (scope == Scope.Project && project is not null && grant.Project == project) return Truth.Yes;
        if (grant.Project is null && grant.Contract is null)
        {
            run.AssumeHistory();
            return Truth.Yes;
        }

        // Without a name of its own the contract could be the one that was granted before.
        if (scope == Scope.Project && project is null) run.Assume(Fact.Project);
        if (contract is null) run.Assume(Fact.Contract);
        return Truth.No;
    }

    private static Truth OfIdentity(AwardRun run, Grant grant, Scope scope, Fact identity)
    {
        var named = scope switch { Scope.Achievement => grant.Achievement, Scope.OfficeYear => grant.Office, _ => grant.Party };
        if (named is null)
        {
            run.AssumeHistory();
            return Truth.Yes;
        }

        if (run.Facts.Word(identity) is { } own) return named == own ? Truth.Yes : Truth.No;
        run.Miss(identity);
        return Truth.Unknown;
    }
}
