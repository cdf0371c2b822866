namespace Marketplace.Rules;

/// <summary>The facts as given, with the document's assumptions where nothing was given.</summary>
internal readonly struct StatedFacts(Policy policy, Facts facts)
{
    public Facts Given => facts;

    public Fen? Sum(Fact fact, out Assumption? assumed)
    {
        assumed = null;
        if (SumGiven(fact) is { } given) return given;
        assumed = Assumption(fact);
        var instead = assumed?.Instead is { } other ? SumGiven(other) : null;
        if (instead is null) assumed = null;
        return instead;
    }

    public bool? Flag(Fact fact, out Assumption? assumed)
    {
        assumed = null;
        var given = fact switch
        {
            Fact.Recognised => facts.Recognised,
            Fact.Brokered => facts.Brokered,
            Fact.RelatedParties => facts.RelatedParties,
            _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "Not a yes-or-no fact."),
        };
        if (given is not null) return given;
        assumed = Assumption(fact);
        return assumed is null ? null : assumed.Value == "true";
    }

    public string? Region(Fact fact, out Assumption? assumed)
    {
        assumed = null;
        var given = fact switch
        {
            Fact.BuyerRegion => facts.BuyerRegion,
            Fact.SellerRegion => facts.SellerRegion,
            _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "Not a region."),
        };
        if (given is not null) return given;
        assumed = Assumption(fact);
        return assumed?.Value;
    }

    public DateOnly? Day(Fact fact) => fact switch
    {
        Fact.RecognisedOn => facts.RecognisedOn,
        Fact.SignedOn => facts.SignedOn,
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "Not a day."),
    };

    private Fen? SumGiven(Fact fact) => fact switch
    {
        Fact.Amount => facts.Amount,
        Fact.TechnologyAmount => facts.TechnologyAmount,
        Fact.Paid => facts.Paid,
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "Not a sum."),
    };

    private Assumption? Assumption(Fact fact)
    {
        foreach (var assumption in policy.Assumptions)
            if (assumption.Fact == fact)
                return assumption;
        return null;
    }
}
