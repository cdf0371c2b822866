namespace Marketplace.Rules.Documents;

/// <summary>Collects diagnostics; the same message at the same place is kept once, since awards are read once for each reading.</summary>
internal sealed class Faults(string file)
{
    // A document that is wrong throughout is not helped by a longer list.
    private const int Most = 500;

    private readonly HashSet<(int Line, int Column, string Message)> _seen = [];
    private readonly List<Diagnostic> _all = [];

    /// <summary>Whether something was found that makes the document unusable.</summary>
    public bool Any { get; private set; }

    /// <summary>Whether what is found from now on is not kept.</summary>
    public bool IsFull => _all.Count >= Most;

    /// <summary>Codes to pass over.</summary>
    public IReadOnlyList<string> Unheeded { get; init; } = [];

    /// <summary>When set, collects each value that was read, with other values that could stand in its place.</summary>
    public Dictionary<Node, string[]>? Values { get; init; }

    /// <summary>Tells of a value that was read without fault.</summary>
    /// <param name="node">Where it stands.</param>
    /// <param name="others">Other values, as a document would write them; asked for only where they are collected.</param>
    public void Read(Node node, Func<IEnumerable<string>> others)
    {
        if (Values is not null) Values[node] = [.. others()];
    }

    public void Error(Node at, string code, Wording message, Wording fix) => Add(at.At, Severity.Error, code, message, fix);

    public void Error(int line, int column, string code, Wording message, Wording fix) =>
        Add(new(line, column, line, column), Severity.Error, code, message, fix);

    public void Warning(Node at, string code, Wording message, Wording fix, string? suggestion = null) =>
        Add(at.At, Severity.Warning, code, message, fix, suggestion);

    public void Add(Extent at, Severity severity, string code, Wording message, Wording fix, string? suggestion = null)
    {
        if (Unheeded.Contains(code)) return;
        Any |= severity == Severity.Error;
        if (_all.Count < Most && _seen.Add((at.Line, at.Column, message.En)))
            _all.Add(new Diagnostic(file, at.Line, at.Column, severity, code, message.Zh, message.En, fix.Zh, fix.En)
            {
                EndLine = at.EndLine,
                EndColumn = at.EndColumn,
                Suggestion = suggestion,
            });
    }

    public IReadOnlyList<Diagnostic> Sorted() => [.. _all.OrderBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.Code, StringComparer.Ordinal)];
}
