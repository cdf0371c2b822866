namespace Marketplace.Rules;

/// <summary><c>title: [高新技术企业]</c>: a word is one of these, however it is spelt and quoted.</summary>
public sealed record WordIn : Condition
{
    internal WordIn(Fact fact, IReadOnlyList<string> words, Basis basis)
        : base(basis) => (Fact, Words, Statement) = (fact, words, IsOneOf(fact, Quantity.Of(words).Label));

    /// <summary>The fact.</summary>
    public Fact Fact { get; }

    /// <summary>The words that pass.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override IEnumerable<Fact> Reads() => [Fact];

    internal override Truth Holds(AwardRun run)
    {
        var word = run.Facts.Word(Fact);
        var truth = word is null ? Truth.Unknown : Words.Any(known => CanonicalName.AreSameTitle(known, word)) ? Truth.Yes : Truth.No;
        run.Trace?.Test(Fact, word is null ? default : Quantity.Of(word), truth, Statement, Basis);
        return truth;
    }

    internal override void Refuse(AwardRun run) => run.Refuse(new(
        ReasonCode.RefusedWord, Basis.Clause, Basis.Interpretation, Fact, Quantity.Of(run.Facts.Word(Fact)!), Quantity.Of(Words)));

    internal override FactSet Lacks(AwardRun run) => default(FactSet).With(Fact);
}

/// <summary><c>order: [listedOn, signedOn, recognisedOn]</c>: no day is before the one listed before it.</summary>
public sealed record DatesInOrder : Condition
{
    internal DatesInOrder(IReadOnlyList<Fact> days, Basis basis)
        : base(basis)
    {
        var names = Wording.Join(days.Select(day => day.Label()));
        (Days, Statement) = (days, new($"{names.Zh}依次先后", $"in this order: {names.En}"));
    }

    /// <summary>The days, earliest first.</summary>
    public IReadOnlyList<Fact> Days { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override IEnumerable<Fact> Reads() => Days;

    internal override Truth Holds(AwardRun run)
    {
        var truth = Offence(run) is not null ? Truth.No : Lacks(run).IsEmpty ? Truth.Yes : Truth.Unknown;
        run.Trace?.Test(Days, truth, Statement, Basis, run);
        return truth;
    }

    internal override void Refuse(AwardRun run)
    {
        var (fact, day, before) = Offence(run)!.Value;
        run.Refuse(new(ReasonCode.RefusedOrder, Basis.Clause, Basis.Interpretation, fact, Quantity.Of(fact, day), Quantity.Of(fact, before)));
    }

    internal override FactSet Lacks(AwardRun run)
    {
        var lacking = default(FactSet);
        foreach (var day in Days)
            if (!run.Facts.Has(day))
                lacking = lacking.With(day);
        return lacking;
    }

    // Known days must be in order whatever the unknown ones between them turn out to be.
    private (Fact Fact, long Day, long Before)? Offence(AwardRun run)
    {
        var latest = long.MinValue;
        foreach (var fact in Days)
        {
            if (!run.Facts.Has(fact)) continue;
            var day = run.Facts.Number(fact);
            if (day < latest) return (fact, day, latest);
            latest = day;
        }

        return null;
    }
}

/// <summary><c>assessed: marked-effect</c>: a person has found so; nothing else can say it.</summary>
public sealed record Assessed : Condition
{
    internal Assessed(string name, Basis basis)
        : base(basis) => (Name, Statement) = (name, new($"评审认定“{name}”", $"the assessment found “{name}”"));

    /// <summary>Name of the finding.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override Wording Statement { get; }

    internal override IEnumerable<Fact> Reads() => [Fact.Findings];

    internal override Truth Holds(AwardRun run)
    {
        var found = run.Facts.Finding(Name);
        var truth = found is null ? Truth.Unknown : found.Value ? Truth.Yes : Truth.No;
        run.Trace?.Test(Fact.Findings, Quantity.Of(Name), truth, Statement, Basis);
        return truth;
    }

    internal override void Refuse(AwardRun run) => run.Refuse(new(
        ReasonCode.RefusedAssessment, Basis.Clause, Basis.Interpretation, Fact.Findings, Quantity.Of(Name), default));

    internal override FactSet Lacks(AwardRun run) => default(FactSet).With(Fact.Findings);
}

/// <summary><c>all: […]</c>: every part holds.</summary>
public sealed record AllOf : Condition
{
    internal AllOf(IReadOnlyList<Condition> parts, Basis basis)
        : base(basis) => Parts = parts;

    /// <summary>The parts, at least one.</summary>
    public IReadOnlyList<Condition> Parts { get; }

    /// <inheritdoc/>
    public override Wording Statement => Parts.Said(" 且 ", " and ");

    internal override IEnumerable<Fact> Reads() => Parts.SelectMany(p => p.Reads());

    internal override Truth Holds(AwardRun run) => Parts.Together(run, Truth.No, Truth.Yes, "all", Statement, Basis);

    internal override void Refuse(AwardRun run)
    {
        foreach (var part in Parts)
            if (run.Quietly(part) == Truth.No)
                part.Refuse(run);
    }

    internal override FactSet Lacks(AwardRun run) => Parts.LackedBy(run);
}

/// <summary><c>any: […]</c>: at least one part holds.</summary>
public sealed record AnyOf : Condition
{
    internal AnyOf(IReadOnlyList<Condition> parts, Basis basis)
        : base(basis) => Parts = parts;

    /// <summary>The parts, at least one.</summary>
    public IReadOnlyList<Condition> Parts { get; }

    /// <inheritdoc/>
    public override Wording Statement => Parts.Said(" 或 ", " or ");

    internal override IEnumerable<Fact> Reads() => Parts.SelectMany(p => p.Reads());

    internal override Truth Holds(AwardRun run) => Parts.Together(run, Truth.Yes, Truth.No, "any", Statement, Basis);

    internal override void Refuse(AwardRun run)
    {
        foreach (var part in Parts) part.Refuse(run);
    }

    internal override FactSet Lacks(AwardRun run) => Parts.LackedBy(run);
}

/// <summary><c>not: …</c>: the part does not hold.</summary>
public sealed record Not : Condition
{
    internal Not(Condition part, Basis basis)
        : base(basis) => Part = part;

    /// <summary>What must not hold.</summary>
    public Condition Part { get; }

    /// <inheritdoc/>
    public override Wording Statement => new($"并非（{Part.Statement.Zh}）", $"not ({Part.Statement.En})");

    internal override IEnumerable<Fact> Reads() => Part.Reads();

    internal override Truth Holds(AwardRun run)
    {
        var truth = Part.Holds(run) switch { Truth.Yes => Truth.No, Truth.No => Truth.Yes, _ => Truth.Unknown };
        run.Trace?.Composite("not", truth, Statement, Basis, run.Trace.Last, 1);
        return truth;
    }

    internal override void Refuse(AwardRun run)
    {
        var fact = Part is FactTest test ? test.Fact : Part.Reads().First();
        run.Refuse(new(ReasonCode.RefusedExcluded, Basis.Clause, Basis.Interpretation, fact, run.Shown(fact), default));
    }

    internal override FactSet Lacks(AwardRun run) => Part.Lacks(run);
}

internal static class Composites
{
    /// <summary>The truth of the parts together: one part that decides it does so alone, else one unknown part leaves it unknown.</summary>
    public static Truth Together(this IReadOnlyList<Condition> parts, AwardRun run, Truth deciding, Truth otherwise, string name, Wording statement, Basis basis)
    {
        var truth = otherwise;
        int[] steps = run.Trace is null ? [] : new int[parts.Count];
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i].Holds(run);
            if (part == deciding) truth = deciding;
            else if (part == Truth.Unknown && truth != deciding) truth = Truth.Unknown;
            if (run.Trace is { } trace) steps[i] = trace.Last;
        }

        run.Trace?.Composite(name, truth, statement, basis, steps);
        return truth;
    }

    /// <summary>What the parts say together; those made of parts themselves in brackets.</summary>
    public static Wording Said(this IReadOnlyList<Condition> parts, string zh, string en) => Wording.Join(
        parts.Select(part => part is AllOf or AnyOf ? new Wording($"（{part.Statement.Zh}）", $"({part.Statement.En})") : part.Statement), zh, en);

    public static FactSet LackedBy(this IReadOnlyList<Condition> parts, AwardRun run)
    {
        var lacking = default(FactSet);
        foreach (var part in parts)
            if (run.Quietly(part) == Truth.Unknown)
                lacking = lacking.Union(part.Lacks(run));
        return lacking;
    }
}
