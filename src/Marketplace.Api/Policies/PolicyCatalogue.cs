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

    /// <summary>
    /// The version of a policy that governs on a day, or else the last one that began before it, or else the first; the newest where there is
    /// no day.
    /// </summary>
    public Policy? Find(string id, DateOnly? on)
    {
        var versions = Versions(id);
        return on is not { } day ? versions.FirstOrDefault()
            : versions.FirstOrDefault(policy => policy.InForce.Contains(day)) ?? versions.FirstOrDefault(policy => policy.InForce.From <= day) ?? versions.LastOrDefault();
    }

    /// <summary>The version that governs by the day that it goes by; all of them, the newest first, where the facts do not say that day.</summary>
    public IReadOnlyList<Policy> Governing(string id, Facts facts)
    {
        var versions = Versions(id);
        return versions.Count < 2 ? versions : versions[0].GovernedBy.Day(facts) is { } day ? [Find(id, day)!] : versions;
    }

    /// <summary>The newest first.</summary>
    List<Policy> Versions(string id) => [.. All.Where(policy => policy.Id == id).OrderByDescending(policy => policy.InForce.From)];
}
