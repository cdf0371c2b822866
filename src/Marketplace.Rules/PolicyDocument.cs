using System.Globalization;
using System.Text;
using Marketplace.Rules.Documents;

namespace Marketplace.Rules;

/// <summary>What came of reading a policy document.</summary>
/// <param name="Policy">The policy; null exactly when a diagnostic is an error.</param>
/// <param name="Diagnostics">All that there is to say, by line and column; at most 500.</param>
public sealed record LoadResult(Policy? Policy, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Reads policy documents (YAML, schema <c>policy/1</c>).</summary>
public static class PolicyDocument
{
    /// <summary>
    /// Reads a policy in force, or that was, and reports all its faults at once. A specimen is refused (POL602): it shows how a policy is
    /// written and is no law. No text whatever makes it throw.
    /// </summary>
    /// <param name="fileName">Named in the diagnostics; nothing is opened.</param>
    /// <param name="yaml">The document, at most 1,048,576 characters.</param>
    public static LoadResult Load(string fileName, string yaml) => Read(fileName, yaml, specimen: false);

    /// <summary>Reads a specimen (<c>specimen: true</c>) in the same way; anything else is refused (POL605).</summary>
    /// <inheritdoc cref="Load(string, string)"/>
    public static LoadResult LoadSpecimen(string fileName, string yaml) => Read(fileName, yaml, specimen: true);

    private static LoadResult Read(string fileName, string yaml, bool specimen)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(yaml);
        var faults = new Faults(fileName);
        var policy = Root(yaml, faults) is { } root ? new DocumentReader(fileName, root, faults).Read() : null;
        if (policy is not null && policy.IsSpecimen != specimen)
        {
            policy = null;
            if (specimen) faults.Error(1, 1, "POL605", new("不是样例", "This is no specimen."), new("写 specimen: true。", "Write specimen: true."));
            else
                faults.Error(1, 1, "POL602", new("样例不能作为政策使用", "A specimen cannot be used as a policy."),
                    new("依照原文写明条款,再删去 specimen。", "Cite the law's own words, then remove specimen."));
        }

        return new LoadResult(policy, faults.Sorted());
    }

    /// <summary>Reads a document as it stands in a file: UTF-8, with or without a byte order mark. No bytes whatever make it throw.</summary>
    /// <param name="fileName">Named in the diagnostics; nothing is opened.</param>
    /// <param name="content">The file's bytes.</param>
    public static LoadResult Load(string fileName, ReadOnlyMemory<byte> content)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        var faults = new Faults(fileName);
        return Encodings.Decode(content.Span, faults) is { } yaml ? Load(fileName, yaml) : new LoadResult(null, faults.Sorted());
    }

    /// <summary>The document of a policy in one fixed layout, without its comments. Reading it gives the same policy, hash and all.</summary>
    public static string Print(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var yaml = new StringBuilder();
        Printer.Print(yaml, policy.Root, indent: 0);
        return yaml.ToString();
    }

    /// <summary>Null after a fault.</summary>
    internal static MapNode? Root(string yaml, Faults faults)
    {
        var root = NodeReader.Read(yaml, faults);
        if (root is null or MapNode) return (MapNode?)root;
        faults.Error(root, "POL108", new("文件应由“键: 值”组成", "The file must consist of \"key: value\" lines."),
            new("从 schema: policy/1 开始。", "Begin with schema: policy/1."));
        return null;
    }

    /// <summary>
    /// Reports each pair of versions of one policy that are in force on the same day, since no day may have two answers, and each version
    /// that stands in two documents, since its name would mean either.
    /// </summary>
    /// <param name="policies">Any policies, in any order.</param>
    public static IReadOnlyList<Diagnostic> CheckVersions(IReadOnlyList<Policy> policies)
    {
        var faults = new List<Diagnostic>();
        foreach (var versions in policies.GroupBy(p => p.Id))
        {
            foreach (var same in versions.GroupBy(p => p.Version).Where(same => same.Count() > 1))
            {
                var (first, second) = (same.First(), same.Last());
                faults.Add(new Diagnostic(second.File, 1, 1, Severity.Error, "POL504",
                    $"{second.Id} 的版本 {second.Version} 出现两次({first.File} 和 {second.File})", $"Version {second.Version} of {second.Id} stands in two documents ({first.File} and {second.File}).",
                    "删去其中一份,或给后一份新的版本号" + OwnReading(first, second).Zh, "Remove one of them, or give the later one a version of its own" + OwnReading(first, second).En));
            }

            var sorted = versions.OrderBy(p => p.InForce.From).ToArray();
            for (var i = 1; i < sorted.Length; i++)
            {
                var (earlier, later) = (sorted[i - 1], sorted[i]);
                if (!earlier.InForce.Contains(later.InForce.From) || earlier.Version == later.Version) continue;
                var day = later.InForce.From.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                faults.Add(new Diagnostic(later.File, 1, 1, Severity.Error, "POL502",
                    $"{day} 有两个版本同时有效({earlier.File} 和 {later.File})", $"Two versions are in force on {day} ({earlier.File} and {later.File}).",
                    $"前一版本须在 {day} 之前结束" + OwnReading(earlier, later).Zh, $"End the first before {day}" + OwnReading(earlier, later).En));
            }
        }

        return faults;

        // The documents of another directory may not be the author's to change.
        static Wording OwnReading(Policy first, Policy second) => Folder(first.File) == Folder(second.File)
            ? new("。", ".")
            : new($";两份文件在不同目录,如 {first.File} 不归你修改,请给自己的一份另取 id(如 {second.Id}-local)。", $"; the files lie in two directories: if {first.File} is not yours to change, give your own an id of its own, such as {second.Id}-local.");

        static string Folder(string file) => file[..(file.LastIndexOfAny(['/', '\\']) + 1)];
    }
}
