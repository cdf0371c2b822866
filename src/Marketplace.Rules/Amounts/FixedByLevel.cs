namespace Marketplace.Rules;

/// <summary><c>fixedByLevel: { 高新技术企业: 30万元, 小巨人企业: 40万元 }</c>: one sum for each title or grade (分级奖励).</summary>
public sealed record FixedByLevel : AmountShape
{
    internal FixedByLevel(Fact by, IReadOnlyList<Level> levels, Basis basis)
        : base(basis) => (By, Levels) = (by, levels);

    /// <summary>The fact that names the level.</summary>
    public Fact By { get; }

    /// <summary>The levels in the document's order, no word twice.</summary>
    public IReadOnlyList<Level> Levels { get; }

    internal override IEnumerable<Fact> Reads() => [By];

    internal override long Denominator => 1;

    internal override Range Evaluate(AwardRun run)
    {
        if (run.Facts.Word(By) is not { } word)
        {
            // Any level could be the one, and so could a word that is none of them.
            run.Miss(By);
            return new(0, Levels.Max(l => l.Sum.Numerator), 1);
        }

        foreach (var (name, sum) in Levels)
        {
            if (!CanonicalName.AreSameTitle(name, word)) continue;
            if (run.Explains) run.Because(new(ReasonCode.GrantedFixed, sum.Clause, sum.Interpretation, By, Quantity.Of(word), Quantity.Of(sum)));
            run.Trace?.Given(By, word);
            run.Trace?.Fixed(sum);
            return Range.Of(sum.Numerator, 1);
        }

        run.Refuse(ReasonCode.RefusedWord, Basis, By, Quantity.Of(word), run.Explains ? Quantity.Of([.. Levels.Select(l => l.Word)]) : default);
        return Range.Of(0, 1);
    }
}

/// <summary>One level and what it brings.</summary>
/// <param name="Word">The title or grade, in the policy's words.</param>
/// <param name="Sum">The sum.</param>
public sealed record Level(string Word, Parameter Sum);
