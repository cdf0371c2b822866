using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>What came of reading all documents at one time.</summary>
/// <param name="Catalogue">Null exactly when there are errors: all or nothing.</param>
/// <param name="Errors">A line each.</param>
/// <param name="Warnings">A line each.</param>
sealed record PolicyReading(PolicyCatalogue? Catalogue, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings)
{
    static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "Policies");

    /// <param name="directory">Read after the shipped documents; null for those alone.</param>
    public static PolicyReading Of(string? directory)
    {
        var (policies, errors, warnings) = (new List<Policy>(), new List<string>(), new List<string>());
        foreach (var place in directory is null ? [Shipped] : new[] { Shipped, directory })
        {
            if (Try(() => Directory.GetFiles(place).Where(PolicyFile.IsPolicy).Order(StringComparer.Ordinal).ToList(), out var failure) is not { } files)
            {
                errors.Add($"Marketplace:PolicyDirectory: {failure}");
                continue;
            }

            // Both directories may hold a file of the same name. Where on the machine they lie is nobody's business.
            var folder = place == Shipped ? "Policies" : "PolicyDirectory";
            foreach (var (name, result, unread) in files.Select(file => Read(file, folder)))
            {
                if (result is null)
                {
                    errors.Add($"{name}: {unread}");
                    continue;
                }

                Note(result.Diagnostics);
                if (result.Policy is { } policy)
                {
                    policies.Add(policy);
                }
            }
        }

        Note(PolicyDocument.CheckVersions(policies));
        return new(errors.Count == 0 ? new(policies) : null, errors, warnings);

        void Note(IEnumerable<Diagnostic> diagnostics)
        {
            foreach (var diagnostic in diagnostics.Where(diagnostic => diagnostic.Severity != Severity.Info))
            {
                (diagnostic.Severity == Severity.Error ? errors : warnings).Add(diagnostic.ToString());
            }
        }
    }

    static (string Name, LoadResult? Result, string? Failure) Read(string file, string folder)
    {
        var name = $"{folder}/{Path.GetFileName(file)}";
        return Try(() => File.ReadAllBytes(file), out var failure) is { } bytes ? (name, PolicyDocument.Load(name, bytes), null) : (name, null, failure);
    }

    /// <summary>The system's own message would tell everybody where on the machine the file lies.</summary>
    static T? Try<T>(Func<T> read, out string? failure)
        where T : class
    {
        try
        {
            failure = null;
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure = $"cannot be read ({error.GetType().Name}).";
            return null;
        }
    }
}
