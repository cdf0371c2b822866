using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>Holds the examples against the policy, to the fen.</summary>
internal static class ExampleRun
{
    /// <summary>Whether the policy bears out every example; the faults say where not.</summary>
    public static bool Check(Policy policy, IReadOnlyList<Example> examples, Faults faults)
    {
        foreach (var example in examples)
            foreach (var (claim, got) in example.Failures(policy))
                faults.Error(claim.At!, "POL800",
                    new($"例子“{Shown.Short(example.Name)}”期望 {claim.Expected},实际 {got}", $"Example \"{Shown.Short(example.Name)}\" expects {claim.Expected} and got {got}."),
                    new("按条款手工计算,再改正例子或政策。", "Work it out by hand against the clause, then correct the example or the policy."));
        return !faults.Any;
    }
}
