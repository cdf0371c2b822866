namespace Marketplace.Rules;

/// <summary>Says what would make a refused award due: solved from the conditions, not searched for, and evaluated before it is said.</summary>
public static class Counterfactuals
{
    /// <summary>
    /// The smallest sets of changes that make an award due which is refused or comes to nothing. Never suggested: what a party is, days that have
    /// passed, sums of earlier years and identities; nor a smaller sum, since that is had by cutting a contract.
    /// </summary>
    /// <param name="policy">The policy.</param>
    /// <param name="facts">The facts as they are.</param>
    /// <param name="history">Earlier grants.</param>
    /// <param name="award">Id of the award.</param>
    /// <returns>Nothing for an award that is due, open, or about another subject than the facts.</returns>
    /// <exception cref="ArgumentException">The policy has no such award.</exception>
    public static CounterfactualAnswer Find(Policy policy, Facts facts, IReadOnlyList<Grant> history, string award)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(history);
        if (policy.Award(award) is null) throw new ArgumentException($"{policy.Id} has no award {award}.", nameof(award));
        return new CounterfactualSearch(policy, facts, history, award).Find();
    }
}
