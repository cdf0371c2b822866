using Marketplace.Rules.Documents;

namespace Marketplace.Rules;

/// <summary>What came of reading a policy document.</summary>
/// <param name="Policy">The policy; null exactly when a diagnostic is an error.</param>
/// <param name="Diagnostics">All that there is to say, by line and column.</param>
public sealed record LoadResult(Policy? Policy, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Reads policy documents (YAML, schema <c>policy/1</c>).</summary>
public static class PolicyDocument
{
    /// <summary>Reads a document and reports all its faults at once. No text whatever makes it throw.</summary>
    /// <param name="fileName">Named in the diagnostics; nothing is opened.</param>
    /// <param name="yaml">The document.</param>
    public static LoadResult Load(string fileName, string yaml)
    {
        var faults = new Faults(fileName);
        var policy = NodeReader.Read(yaml, faults) is { } root ? new DocumentReader(root, faults).Read() : null;
        return new LoadResult(policy, faults.Sorted());
    }
}
