using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>The policies that this market knows: the shipped documents and those of <c>Marketplace:PolicyDirectory</c>.</summary>
public sealed class PolicyCatalogue(IReadOnlyList<string> directories)
{
    readonly Lazy<IReadOnlyList<Policy>> _policies = new(() => Load(directories));

    public IReadOnlyList<Policy> All => _policies.Value;

    /// <summary>The version of a policy that governs on a day, or else its newest.</summary>
    public Policy? Find(string id, DateOnly? on) =>
        All.Where(policy => policy.Id == id).OrderByDescending(policy => on is { } day && policy.InForce.Contains(day))
            .ThenByDescending(policy => policy.InForce.From).FirstOrDefault();

    /// <summary>All or nothing: one faulty document and none is used.</summary>
    static List<Policy> Load(IReadOnlyList<string> directories)
    {
        var policies = new List<Policy>();
        foreach (var directory in directories)
        {
            if (!Directory.Exists(directory))
            {
                throw new StartupException($"Marketplace:PolicyDirectory names '{directory}', which is not a directory.");
            }

            foreach (var file in Directory.EnumerateFiles(directory, "*.yaml").Order(StringComparer.Ordinal))
            {
                var result = PolicyDocument.Load(Path.GetFileName(file), File.ReadAllText(file));
                policies.Add(result.Policy ?? throw new StartupException(
                    "Policy document refused: " + result.Diagnostics.First(d => d.Severity == Severity.Error)));
            }
        }

        return PolicyDocument.CheckVersions(policies) is [var clash, ..]
            ? throw new StartupException("Policy documents clash: " + clash)
            : policies;
    }
}
