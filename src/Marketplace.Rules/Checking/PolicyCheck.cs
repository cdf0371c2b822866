using Marketplace.Rules.Checking;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules;

/// <summary>A file as it was read from a disk. The examples of <c>x.yaml</c> are in <c>x.examples.yaml</c> beside it.</summary>
/// <param name="Name">Its name, as the diagnostics shall give it.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PolicyFile(string Name, ReadOnlyMemory<byte> Content)
{
    private const string Yaml = ".yaml";
    private const string Examples = ".examples.yaml";

    /// <summary>Whether a file of this name (a path will do) holds a policy document. Names that begin with a dot are editors' own.</summary>
    public static bool IsPolicy(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(Yaml, StringComparison.Ordinal) && !name.EndsWith(Examples, StringComparison.Ordinal)
            && name[(name.LastIndexOfAny(['/', '\\']) + 1)..] is not ['.', ..];
    }

    /// <summary>The name of the examples file that belongs to a policy document.</summary>
    /// <param name="name">Of the policy document; it ends in <c>.yaml</c>.</param>
    public static string ExamplesOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name[..^Yaml.Length] + Examples;
    }
}

/// <summary>What came of checking a policy document.</summary>
/// <param name="Policy">The policy; null when the document could not be loaded.</param>
/// <param name="Diagnostics">All that there is to say, of the document first, then of its other files.</param>
/// <param name="Examples">How many examples there are.</param>
/// <param name="Mutants">In how many ways the document was changed to see whether an example notices; 0 when that was not done.</param>
/// <param name="Noticed">How many of these changes an example noticed.</param>
public sealed record CheckResult(Policy? Policy, IReadOnlyList<Diagnostic> Diagnostics, int Examples, int Mutants, int Noticed)
{
    /// <summary>How many further changes the examples file argues to change no answer.</summary>
    public int Equivalent { get; init; }
}

/// <summary>Checks a policy document with everything that can be known before anybody uses it.</summary>
public static class PolicyCheck
{
    /// <summary>
    /// Loads the document and runs its examples. When all pass, each number, date, word, region and list item of the rules is changed in
    /// turn: a change that no example notices is an error, for the value could as well be wrong now, unless the examples file argues that it changes
    /// no answer. What the examples do not show is warned of,
    /// and so is what an analysis finds: where awards fall or jump, whether cutting contracts pays, what never counts.
    /// </summary>
    /// <param name="document">The policy document.</param>
    /// <param name="examples">Its examples; null when there is no such file.</param>
    /// <param name="source">The bytes of a source file by the name that the document gives, null when it is not there; null to leave the quotes unchecked.</param>
    public static CheckResult Run(PolicyFile document, PolicyFile? examples, Func<string, ReadOnlyMemory<byte>?>? source = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        var faults = new Faults(document.Name) { Values = new(ReferenceEqualityComparer.Instance) };
        var examplesFaults = new Faults(examples?.Name ?? "");
        List<Faults> all = [faults, examplesFaults];
        if (Encodings.Decode(document.Content.Span, faults) is not { } yaml || PolicyDocument.Root(yaml, faults) is not { } root)
            return Result(null, []);

        var policy = new DocumentReader(document.Name, root, faults).Read();
        if (source is not null) SourceCheck.Check(root, source, faults, OfSource);
        var reader = new ExampleReader(root, examplesFaults);
        IReadOnlyList<Example> read = examples is not null && Encodings.Decode(examples.Content.Span, examplesFaults) is { } text ? reader.Read(text) : [];
        if (policy is null) return Result(policy, read);
        Lint.Check(policy, root, faults);
        var analysis = Analyser.Analyse(policy);
        foreach (var remark in analysis.Remarks)
            faults.Add(Places.Of(root, remark.Path, policy.Interpretations).At, remark.Severity, remark.Code, new(remark.TextZh, remark.TextEn), new(remark.FixZh, remark.FixEn));
        if (examplesFaults.Any) return Result(policy, read);
        if (examples is null)
        {
            faults.Warning(root, "POL804", new("没有例子文件,规则未经验证", "There is no examples file, so nothing shows that the rules are right."),
                new($"把例子写进 {PolicyFile.ExamplesOf(document.Name)}。", $"Write examples into {PolicyFile.ExamplesOf(document.Name)}."));
            return Result(policy, read);
        }

        var cases = new DerivedCases(policy, analysis);
        var suggestions = new Suggestions(policy, read.Select(e => e.Name));
        new Coverage(policy, (MapNode)root["awards"]!, analysis, cases, read, suggestions).Check(faults);
        var isBorneOut = ExampleRun.Check(policy, read, examplesFaults);
        var gate = isBorneOut ? new MutationGate(policy, root, faults.Values, cases, read, suggestions).Check(faults, reader.Equivalents, examplesFaults) : default;
        return Result(policy, read, gate);

        Faults OfSource(string name)
        {
            all.Add(new Faults(name));
            return all[^1];
        }

        CheckResult Result(Policy? policy, IReadOnlyList<Example> read, (int Mutants, int Noticed, int Equivalent) gate = default) =>
            new(policy, [.. all.SelectMany(f => f.Sorted())], read.Count, gate.Mutants, gate.Noticed) { Equivalent = gate.Equivalent };
    }
}
