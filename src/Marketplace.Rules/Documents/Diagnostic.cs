namespace Marketplace.Rules;

/// <summary>How much a diagnostic weighs.</summary>
public enum Severity
{
    /// <summary>The document cannot be used.</summary>
    Error,

    /// <summary>Usable, and probably not what was meant.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Info,
}

/// <summary>
/// Something to say about a place of a policy document. Codes: 1xx syntax, 2xx shape, 3xx numbers and units, 4xx citations, 5xx dates,
/// 6xx logic, 7xx economics, 8xx examples.
/// </summary>
/// <param name="File">The file name that the caller gave.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1, in UTF-16 units.</param>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Code">Stable code: <c>POL301</c>.</param>
/// <param name="MessageZh">What is the matter, in Chinese.</param>
/// <param name="MessageEn">What is the matter, in English.</param>
/// <param name="FixZh">What to do, in Chinese.</param>
/// <param name="FixEn">What to do, in English.</param>
public sealed record Diagnostic(
    string File, int Line, int Column, Severity Severity, string Code, string MessageZh, string MessageEn, string FixZh, string FixEn)
{
    /// <summary>Line where the part in question ends, from 1.</summary>
    public int EndLine { get; init; } = Line;

    /// <summary>Column behind its last character, from 1, in UTF-16 units.</summary>
    public int EndColumn { get; init; } = Column;

    /// <summary>Text to add to the examples, ready to be worked out by hand; null where there is none.</summary>
    public string? Suggestion { get; init; }

    /// <summary><c>file:line:column severity CODE message / message. What to do.</c></summary>
    public override string ToString()
    {
        var severity = Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "info" };
        return $"{File}:{Line}:{Column} {severity} {Code} {MessageZh} / {MessageEn} {FixZh} / {FixEn}";
    }
}
