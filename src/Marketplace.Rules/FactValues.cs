namespace Marketplace.Rules;

/// <summary>
/// The facts of one subject, each in its slot: what the evaluator reads. Filled once and read any number of times without allocating; one
/// instance can be cleared and filled again for the next subject. Not for use by two threads at once.
/// </summary>
public sealed class FactValues
{
    private static readonly int Slots = FactNames.All.Count;

    private readonly long[] _numbers = new long[Slots];
    private readonly string?[] _words = new string?[Slots];
    private IReadOnlyList<Finding>? _findings;
    private FactSet _known;

    /// <summary>The facts as slots.</summary>
    public static FactValues Of(Facts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var values = new FactValues();
        foreach (var fact in FactNames.All)
        {
            var info = fact.Info();
            if (info.Number?.Invoke(facts) is { } number) values.Set(fact, number);
            else if (info.Word?.Invoke(facts) is { } word) values.Set(fact, word);
        }

        if (facts.Findings is { } findings) values.Set(findings);
        return values;
    }

    /// <summary>Nothing is known any more.</summary>
    public void Clear() => _known = default;

    /// <summary>
    /// Sets a fact that is a number: fen, a count, 1 or 0, <see cref="DateOnly.DayNumber"/>, the six digits of a region, or the number of an
    /// enumeration's value.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public void Set(Fact fact, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        _numbers[(int)fact] = value;
        _known = _known.With(fact);
    }

    /// <summary>Sets a fact that is a word or an identity.</summary>
    public void Set(Fact fact, string value)
    {
        _words[(int)fact] = value;
        _known = _known.With(fact);
    }

    /// <summary>Sets what persons have found.</summary>
    public void Set(IReadOnlyList<Finding> findings)
    {
        _findings = findings;
        _known = _known.With(Fact.Findings);
    }

    /// <summary>The fact is unknown from now on.</summary>
    public void Forget(Fact fact) => _known = _known.Without(fact);

    /// <summary>Whether the fact is known.</summary>
    public bool Has(Fact fact) => _known.Has(fact);

    /// <summary>The day of a fact that is one; null when unknown.</summary>
    public DateOnly? Day(Fact fact) => Has(fact) ? DateOnly.FromDayNumber((int)Number(fact)) : null;

    internal bool HasAll(FactSet facts) => (facts.Bits & ~_known.Bits) == 0;

    /// <summary>The number of a known fact.</summary>
    internal long Number(Fact fact) => _numbers[(int)fact];

    /// <summary>The word or identity; null when unknown.</summary>
    internal string? Word(Fact fact) => Has(fact) ? _words[(int)fact] : null;

    /// <summary>What was found under that name; null when nobody has said.</summary>
    internal bool? Finding(string name)
    {
        if (!Has(Fact.Findings)) return null;
        foreach (var finding in _findings!)
            if (finding.Name == name)
                return finding.Holds;
        return null;
    }
}
