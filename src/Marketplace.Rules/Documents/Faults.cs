namespace Marketplace.Rules.Documents;

/// <summary>Collects diagnostics; the same fault at the same place is kept once, since awards are read once for each reading.</summary>
internal sealed class Faults(string file)
{
    // A document that is wrong throughout is not helped by a longer list.
    private const int Most = 500;

    private readonly HashSet<(int Line, int Column, string Code)> _seen = [];
    private readonly List<Diagnostic> _all = [];

    public bool Any => _all.Count > 0;

    public void Error(Node at, string code, Wording message, Wording fix) => Error(at.Line, at.Column, code, message, fix);

    public void Error(int line, int column, string code, Wording message, Wording fix)
    {
        if (_all.Count < Most && _seen.Add((line, column, code)))
            _all.Add(new Diagnostic(file, line, column, Severity.Error, code, message.Zh, message.En, fix.Zh, fix.En));
    }

    public IReadOnlyList<Diagnostic> Sorted() => [.. _all.OrderBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.Code, StringComparer.Ordinal)];
}
