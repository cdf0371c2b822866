using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>What one policy comes to for a deal.</summary>
/// <param name="Policy">The version that governs on the day.</param>
/// <param name="Awards">Under it, in the document's order.</param>
sealed record Compared(Policy Policy, IReadOnlyList<AwardEvaluation> Awards)
{
    public Total Total { get; } = Total.Of(Awards);
}

/// <summary>Awards added up.</summary>
/// <param name="Granted">What is granted for certain, and so the least that all come to: an award that waits for facts or a decision may yet be refused.</param>
/// <param name="High">The most, inclusive; null when nothing bounds it.</param>
/// <param name="Certainty">Of <paramref name="Granted"/>, the least firm among its parts; where nothing is definite, of the whole.</param>
readonly record struct Total(Fen Granted, Fen? High, Certainty Certainty)
{
    public bool IsDefinite => Granted == High;

    /// <exception cref="OverflowException">Beyond what money can be.</exception>
    public static Total Of(IReadOnlyList<AwardEvaluation> awards)
    {
        var (granted, high) = (Fen.Zero, (Fen?)Fen.Zero);
        foreach (var award in awards)
        {
            granted += award.Amount ?? Fen.Zero;
            high = high is { } sum && award.High is { } most ? sum + most : null;
        }

        var definite = awards.Where(award => award.Amount is not null).ToList();
        return new(granted, high, (definite.Count > 0 ? definite : awards).Select(award => award.Certainty).DefaultIfEmpty().Max());
    }

    /// <summary>More granted first, then more to hope for.</summary>
    public static readonly Comparer<Total> MostFirst = Comparer<Total>.Create((a, b) =>
    {
        var byGranted = b.Granted.CompareTo(a.Granted);
        return byGranted != 0 ? byGranted : (b.High?.Value ?? long.MaxValue).CompareTo(a.High?.Value ?? long.MaxValue);
    });
}

/// <summary>One award that a combination claims.</summary>
sealed record Claimed(Policy Policy, AwardEvaluation Award);

/// <summary>The awards that may be had together at one place and come to most.</summary>
/// <param name="Region">The place.</param>
/// <param name="Claims">By payee; those that come to nothing are left out.</param>
/// <param name="Asks">Whether a claimed policy looks at what others pay.</param>
sealed record Combination(string Region, IReadOnlyList<Claimed> Claims, bool Asks)
{
    public Total Total { get; } = Total.Of([.. Claims.Select(claim => claim.Award)]);

    /// <summary>Whether one payee is paid under several policies.</summary>
    public bool Adds => Claims.GroupBy(claim => claim.Award.Payee).Any(payee => payee.Select(claim => claim.Policy).Distinct().Count() > 1);
}

/// <summary>
/// One deal under many policies. What a policy says of other subsidies is all that is known of stacking between policies: where it asks for
/// <see cref="Fact.PaidElsewhere"/> or <see cref="Fact.SubsidisedElsewhere"/> it is told what the others of the combination pay to the same
/// payee; where it asks for neither, its awards add to theirs.
/// </summary>
sealed class Comparison(Facts facts, Func<Policy, IReadOnlyList<Grant>> history)
{
    /// <summary>By what they grant, the most first.</summary>
    public IReadOnlyList<Compared> Of(IEnumerable<Policy> policies) =>
    [
        .. policies.Select(policy => new Compared(policy, Evaluator.Evaluate(policy, facts, history(policy)).Awards))
            .OrderBy(compared => compared.Total, Total.MostFirst).ThenBy(compared => compared.Policy.Id, StringComparer.Ordinal),
    ];

    /// <summary>Only policies of one place can be combined: those whose regions contain it.</summary>
    /// <param name="policies">In force.</param>
    /// <param name="place">Null to look at the region of each policy as the place.</param>
    /// <returns>Null where no policy pays anything.</returns>
    public Combination? Best(IReadOnlyList<Policy> policies, string? place) =>
        (place is null ? policies.Select(policy => policy.Region).Distinct() : [place])
            .Select(region => BestAt([.. policies.Where(policy => Region.Covers(policy.Region, region))], region))
            .Where(combination => combination.Claims.Count > 0)
            .OrderBy(combination => combination.Total, Total.MostFirst).ThenBy(combination => combination.Region, StringComparer.Ordinal).FirstOrDefault();

    Combination BestAt(IReadOnlyList<Policy> policies, string region)
    {
        List<Claimed> claims = [];
        foreach (var payee in Enum.GetValues<Payee>())
        {
            // Those that ask are asked last, so that they hear of all that is paid.
            Policy[] concerned = [.. policies.Where(policy => policy.Awards.Any(award => award.Payee == payee)).OrderBy(Asks)];
            // Deducting never lessens the sum of all, but a policy that pays only where nothing else is paid may be worth more by itself.
            IEnumerable<Policy[]> choices = [concerned, .. concerned.Where(Asks).Select(policy => new[] { policy })];
            claims.AddRange(choices.Select(choice => Together(choice, payee)).OrderBy(all => Total.Of([.. all.Select(claim => claim.Award)]), Total.MostFirst).First());
        }

        return new(region, claims, claims.Any(claim => Asks(claim.Policy)));
    }

    List<Claimed> Together(IReadOnlyList<Policy> policies, Payee payee)
    {
        List<Claimed> claims = [];
        var paid = facts.PaidElsewhere ?? Fen.Zero;
        foreach (var policy in policies)
        {
            var told = Asks(policy) ? facts with { PaidElsewhere = paid, SubsidisedElsewhere = facts.SubsidisedElsewhere is true || paid > Fen.Zero } : facts;
            foreach (var award in Evaluator.Evaluate(policy, told, history(policy)).Awards.Where(award => award.Payee == payee && award.High != Fen.Zero))
            {
                claims.Add(new(policy, award));
                paid += award.Amount ?? Fen.Zero;
            }
        }

        return claims;
    }

    static bool Asks(Policy policy) => policy.Facts.Contains(Fact.PaidElsewhere) || policy.Facts.Contains(Fact.SubsidisedElsewhere);
}
