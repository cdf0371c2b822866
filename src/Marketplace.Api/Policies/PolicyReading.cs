using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>What came of reading all documents at one time.</summary>
/// <param name="Catalogue">Null exactly when there are errors: all or nothing.</param>
/// <param name="Errors">A line each.</param>
/// <param name="Warnings">A line each.</param>
sealed record PolicyReading(PolicyCatalogue? Catalogue, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings)
{
    static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "Policies");

    /// <summary>Examples lie beside the policies that they test; names that begin with a dot are editors' and mounts' own.</summary>
    public static bool IsPolicy(string fileName) =>
        fileName.EndsWith(".yaml", StringComparison.Ordinal) && !fileName.EndsWith(".examples.yaml", StringComparison.Ordinal)
        && !fileName.StartsWith('.');

    /// <param name="directory">Read after the shipped documents; null for those alone.</param>
    public static PolicyReading Of(string? directory)
    {
        var (policies, errors, warnings) = (new List<Policy>(), new List<string>(), new List<string>());
        foreach (var place in directory is null ? [Shipped] : new[] { Shipped, directory })
        {
            Try("Marketplace:PolicyDirectory", () =>
            {
                foreach (var file in Directory.EnumerateFiles(place).Where(file => IsPolicy(Path.GetFileName(file))).Order(StringComparer.Ordinal))
                {
                    Try(Path.GetFileName(file), () => Read(file));
                }
            });
        }

        Note(PolicyDocument.CheckVersions(policies));
        return new(errors.Count == 0 ? new(policies) : null, errors, warnings);

        void Read(string file)
        {
            var result = PolicyDocument.Load(Path.GetFileName(file), File.ReadAllText(file));
            Note(result.Diagnostics);
            if (result.Policy is { } policy)
            {
                policies.Add(policy);
            }
        }

        void Note(IEnumerable<Diagnostic> diagnostics)
        {
            foreach (var diagnostic in diagnostics.Where(diagnostic => diagnostic.Severity != Severity.Info))
            {
                (diagnostic.Severity == Severity.Error ? errors : warnings).Add(diagnostic.ToString());
            }
        }

        // The system's own message would tell everybody where on the machine the file lies.
        void Try(string name, Action read)
        {
            try
            {
                read();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                errors.Add($"{name}: cannot be read ({error.GetType().Name}).");
            }
        }
    }
}
