using System.Runtime.CompilerServices;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>Policies that were read together and do not clash: a request sees one such set from its beginning to its end.</summary>
public sealed class PolicyCatalogue(IReadOnlyList<Policy> policies)
{
    readonly ConditionalWeakTable<Policy, PolicyAnalysis> _analyses = [];

    public IReadOnlyList<Policy> All => policies;

    /// <summary>Worked out when somebody first asks, and kept as long as the policy is.</summary>
    public PolicyAnalysis Analysis(Policy policy) => _analyses.GetValue(policy, Analyser.Analyse);

    /// <summary>The version of a policy that governs on a day, or else its newest.</summary>
    public Policy? Find(string id, DateOnly? on) =>
        All.Where(policy => policy.Id == id).OrderByDescending(policy => on is { } day && policy.InForce.Contains(day))
            .ThenByDescending(policy => policy.InForce.From).FirstOrDefault();
}
