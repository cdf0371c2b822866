using System.Globalization;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>
/// <c>policies check FILE|DIRECTORY [--sources DIRECTORY] [--json]</c>: everything that can be said of policy documents before anybody
/// uses them, with the place of each fault. It ends with 0, with 1 when there are errors, or with 2 when it was called wrongly.
/// </summary>
sealed class PolicyCheckCommand
{
    const string Usage = "Usage: policies check FILE|DIRECTORY [--sources DIRECTORY] [--json]";

    static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true };

    readonly string _path;
    readonly string? _sources;
    readonly bool _json;

    /// <param name="arguments">Those after the word <c>policies</c>.</param>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            return new PolicyCheckCommand(arguments).Run(output);
        }
        catch (StartupException wrong)
        {
            errors.WriteLine(wrong.Message);
            return 2;
        }
    }

    PolicyCheckCommand(IReadOnlyList<string> arguments) =>
        (_path, _sources, _json) = ShellArguments.Read(arguments, "check", "--sources", Usage);

    int Run(TextWriter output)
    {
        try
        {
            var files = Documents().ToList();
            var results = files.ConvertAll(Check);
            var clashes = PolicyDocument.CheckVersions([.. results.Select(result => result.Policy).OfType<Policy>()]);
            var all = results.SelectMany(result => result.Diagnostics).Concat(clashes).ToList();
            if (_json)
            {
                output.WriteLine(JsonSerializer.Serialize(Report.Of(results, all), Indented));
            }
            else
            {
                Print(results, all, output);
            }

            return all.Exists(diagnostic => diagnostic.Severity == Severity.Error) ? 1 : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Cannot be read: {error.Message}");
        }
    }

    List<string> Documents()
    {
        if (File.Exists(_path))
        {
            return PolicyFile.IsPolicy(_path) ? [_path]
                : throw new StartupException($"'{_path}' is no policy document: its name does not end in .yaml, or ends in .examples.yaml.");
        }

        if (!Directory.Exists(_path))
        {
            throw new StartupException($"There is no file or directory '{_path}'.");
        }

        List<string> documents = [.. Directory.EnumerateFiles(_path).Where(PolicyFile.IsPolicy).Order(StringComparer.Ordinal)];
        return documents.Count > 0 ? documents : throw new StartupException($"There is no policy document in '{_path}'.");
    }

    CheckResult Check(string path)
    {
        var examples = PolicyFile.ExamplesOf(path);
        return PolicyCheck.Run(Read(path), File.Exists(examples) ? Read(examples) : null, _sources is null ? null : Source);

        static PolicyFile Read(string path) => new(path, File.ReadAllBytes(path));
    }

    /// <summary>A document names files below the directory, never others.</summary>
    ReadOnlyMemory<byte>? Source(string name)
    {
        var (directory, path) = (Path.GetFullPath(_sources! + Path.DirectorySeparatorChar), Path.GetFullPath(name, Path.GetFullPath(_sources!)));
        if (!path.StartsWith(directory, StringComparison.Ordinal) || !File.Exists(path))
        {
            return null;
        }

        return File.ReadAllBytes(path);
    }

    static void Print(List<CheckResult> results, List<Diagnostic> all, TextWriter output)
    {
        var texts = new Dictionary<string, string[]>();
        foreach (var diagnostic in all)
        {
            output.WriteLine(diagnostic);
            Excerpt(diagnostic, texts, output);
        }

        var (errors, warnings) = (all.Count(d => d.Severity == Severity.Error), all.Count(d => d.Severity == Severity.Warning));
        var (examples, mutants, noticed) = (results.Sum(r => r.Examples), results.Sum(r => r.Mutants), results.Sum(r => r.Noticed));
        var equivalent = results.Sum(r => r.Equivalent);
        Wording argued = equivalent == 0 ? new("", "") : new($",另有 {equivalent} 处改动已说明为等价", $", {equivalent} more changes argued to be equivalent");
        var score = mutants == 0 ? new("未测", "not measured") : new Wording(Percent(noticed, mutants), Percent(noticed, mutants));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{results.Count} 个文件,{errors} 个错误,{warnings} 个警告,{examples} 个例子,变异得分 {score.Zh}{argued.Zh} / {results.Count} files, {errors} errors, {warnings} warnings, {examples} examples, mutation score {score.En}{argued.En}"));
    }

    /// <summary>Rounded down: 100 % is said of nothing less.</summary>
    static string Percent(int noticed, int mutants) => string.Create(CultureInfo.InvariantCulture, $"{100L * noticed / mutants}% ({noticed}/{mutants})");

    /// <summary>The line with the part in question underlined, then what could be added to the examples.</summary>
    static void Excerpt(Diagnostic diagnostic, Dictionary<string, string[]> texts, TextWriter output)
    {
        if (!texts.TryGetValue(diagnostic.File, out var lines))
        {
            texts[diagnostic.File] = lines = File.Exists(diagnostic.File) ? File.ReadAllText(diagnostic.File).Split('\n') : [];
        }

        var line = diagnostic.Line <= lines.Length ? lines[diagnostic.Line - 1].TrimEnd('\r') : "";
        // A diagnostic may stand behind the last character; a file that is no text has lines without end and signs that nobody can read.
        if (line.Length is > 0 and <= 400 && !line.Contains('\uFFFD') && diagnostic.Column <= line.Length + 1)
        {
            var end = diagnostic.EndLine == diagnostic.Line ? Math.Clamp(diagnostic.EndColumn, diagnostic.Column + 1, line.Length + 1) : line.Length + 1;
            output.WriteLine($"    {line}");
            output.WriteLine($"    {Blank(line.AsSpan(0, diagnostic.Column - 1))}{Underline(line.AsSpan(diagnostic.Column - 1, Math.Max(0, end - diagnostic.Column)))}");
        }

        foreach (var suggested in diagnostic.Suggestion?.TrimEnd('\n').Split('\n') ?? [])
        {
            output.WriteLine($"    + {suggested}");
        }
    }

    /// <summary>As wide as the text: Chinese characters take two columns.</summary>
    static string Blank(ReadOnlySpan<char> text) => string.Concat(text.ToArray().Select(c => c == '\t' ? "\t" : IsWide(c) ? "  " : " "));

    static string Underline(ReadOnlySpan<char> text) => text.IsEmpty ? "^" : string.Concat(text.ToArray().Select(c => IsWide(c) ? "^^" : "^"));

    static bool IsWide(char c) => c is (>= '\u2E80' and <= '\uA4CF') or (>= '\uF900' and <= '\uFAFF') or (>= '\uFF00' and <= '\uFF60');

    sealed record Place(int Line, int Column);

    sealed record Extent(Place Start, Place End);

    sealed record Texts(string Zh, string En);

    sealed record Finding(string File, Extent Range, Severity Severity, string Code, Texts Message, Texts Fix, string? Suggestion);

    sealed record Document(string Policy, string Version, string Hash);

    /// <summary>Lines and columns from 1, the end behind the last character, columns in UTF-16 units.</summary>
    sealed record Report(
        IReadOnlyList<Document> Policies, int Files, int Errors, int Warnings, int Examples, int Mutants, int Noticed, int Equivalent, IReadOnlyList<Finding> Diagnostics)
    {
        public static Report Of(List<CheckResult> results, List<Diagnostic> all) => new(
            [.. results.Select(r => r.Policy).OfType<Policy>().Select(p => new Document(p.Id, p.Version, p.Hash))],
            results.Count, all.Count(d => d.Severity == Severity.Error), all.Count(d => d.Severity == Severity.Warning),
            results.Sum(r => r.Examples), results.Sum(r => r.Mutants), results.Sum(r => r.Noticed), results.Sum(r => r.Equivalent),
            [
                .. all.Select(d => new Finding(d.File, new(new(d.Line, d.Column), new(d.EndLine, d.EndColumn)), d.Severity, d.Code,
                    new(d.MessageZh, d.MessageEn), new(d.FixZh, d.FixEn), d.Suggestion)),
            ]);
    }
}
