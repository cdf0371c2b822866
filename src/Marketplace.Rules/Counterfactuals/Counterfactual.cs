namespace Marketplace.Rules;

/// <summary>What would make a refused award due.</summary>
/// <param name="Found">
/// Sets of changes, the smallest first. With one of them made the award is due; with any part of it left out it is not. None when nothing that
/// can change would do.
/// </param>
/// <param name="Fixed">Facts that stand in the way and cannot change, in the order of <see cref="Fact"/>.</param>
public sealed record CounterfactualAnswer(IReadOnlyList<Counterfactual> Found, IReadOnlyList<Fact> Fixed)
{
    internal static CounterfactualAnswer None { get; } = new([], []);
}

/// <summary>One set of changes that makes an award due (反事实), evaluated before it is shown.</summary>
/// <param name="Changes">In the order of <see cref="Fact"/>; at least one.</param>
/// <param name="Outcome">What the award then is: granted, or for a person to decide.</param>
/// <param name="Low">The least that it then comes to; the sum itself when granted.</param>
/// <param name="High">The most that it then comes to; null when nothing bounds it.</param>
public sealed record Counterfactual(IReadOnlyList<Change> Changes, Outcome Outcome, Fen Low, Fen? High)
{
    /// <summary>The facts with every change made.</summary>
    public Facts ApplyTo(Facts facts) => Changes.Aggregate(facts, (changed, change) => change.ApplyTo(changed));
}

/// <summary>One fact as it would have to be. Of a number it is the value nearest to what it is.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Finding">The name of the finding, when the fact is <see cref="Fact.Findings"/>; else null.</param>
/// <param name="From">As it is; unknown when it was not stated.</param>
/// <param name="To">As it would have to be.</param>
/// <param name="OrMore">Whether a greater sum or count satisfies the conditions as well.</param>
public sealed record Change(Fact Fact, string? Finding, Quantity From, Quantity To, bool OrMore)
{
    /// <summary>The value as <see cref="FactNames.With(Facts, Fact, long?)"/> takes it; 0 for a word.</summary>
    internal long Number { get; init; }

    /// <summary>For a Chinese reader.</summary>
    public string TextZh => $"{Name.Zh}：{From.Shown().Zh} → {(OrMore ? "至少 " : "")}{To.Shown().Zh}";

    /// <summary>For an English reader.</summary>
    public string TextEn => $"{Name.En}: {From.Shown().En} → {(OrMore ? "at least " : "")}{To.Shown().En}";

    private Wording Name => Finding is null ? Fact.Label() : Wording.Quoted(Finding);

    /// <summary>The facts with this change made.</summary>
    public Facts ApplyTo(Facts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (Finding is not null) return facts with { Findings = [.. (facts.Findings ?? []).Where(f => f.Name != Finding), new Finding(Finding, Number == 1)] };
        return Fact.Type() == FactType.Word ? facts.With(Fact, To.Text) : facts.With(Fact, Number);
    }
}
