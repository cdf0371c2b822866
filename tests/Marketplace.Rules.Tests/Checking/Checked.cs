using System.Text;

namespace Marketplace.Rules.Tests.Checking;

/// <summary>Checks documents as a person does from a shell.</summary>
internal static class Checked
{
    public static string Folder { get; } = Path.GetDirectoryName(Xining.Path)!;

    public static string Examples { get; } = File.ReadAllText(PolicyFile.ExamplesOf(Xining.Path));

    public static CheckResult Run(string policy, string? examples, Func<string, ReadOnlyMemory<byte>?>? source = null) =>
        PolicyCheck.Run(new("x.yaml", Encoding.UTF8.GetBytes(policy)), examples is null ? null : new("x.examples.yaml", Encoding.UTF8.GetBytes(examples)), source);

    /// <summary>What is wrong or not shown; what the analysis remarks of a policy stays as long as the policy does, and so does what is merely worth knowing.</summary>
    public static Diagnostic[] Faults(this CheckResult result) => [.. result.Diagnostics.Where(d => !d.Code.StartsWith("POL7", StringComparison.Ordinal) && d.Severity != Severity.Info)];

    /// <summary>The text with a part replaced, which must be there.</summary>
    public static string With(this string text, string whole, string other)
    {
        var changed = text.Replace(whole, other);
        Assert.That(changed, Is.Not.EqualTo(text), "the change was not made");
        return changed;
    }

    public static string At(this string text, Diagnostic diagnostic) => text.Split('\n')[diagnostic.Line - 1][(diagnostic.Column - 1)..];
}
