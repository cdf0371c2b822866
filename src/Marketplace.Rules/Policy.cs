namespace Marketplace.Rules;

/// <summary>A policy document that was read without error: immutable, and the only thing the evaluator takes.</summary>
public sealed record Policy
{
    internal Policy() { }

    /// <summary>The document as it was read.</summary>
    internal Documents.MapNode Root { get; init; } = new(default, []);

    /// <summary>The file name that the document was loaded under.</summary>
    public required string File { get; init; }

    /// <summary>Slug: <c>xining-2020</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The document's own version, as its author wrote it.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the content (comments, layout and quoting styles do not count), lower-case hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Six-digit region (GB/T 2260); it covers the regions below it, see <see cref="Region.Covers"/>.</summary>
    public required string Region { get; init; }

    /// <summary>Title.</summary>
    public required Wording Title { get; init; }

    /// <summary>The bodies that carry the policy out.</summary>
    public required Wording Authority { get; init; }

    /// <summary>Where the text was taken from.</summary>
    public required Source Source { get; init; }

    /// <summary>The days on which the policy governs.</summary>
    public required InForce InForce { get; init; }

    /// <summary>The fact (a date) that must lie within <see cref="InForce"/>.</summary>
    public required Fact GovernedBy { get; init; }

    /// <summary>The cited places of the text, in the document's order.</summary>
    public required IReadOnlyList<Clause> Clauses { get; init; }

    /// <summary>
    /// Whether the document only shows how a policy of that kind is written: its clauses carry figures from a table, not the words of a law.
    /// No specimen is ever in force.
    /// </summary>
    public bool IsSpecimen { get; init; }

    /// <summary>The awards under the chosen readings with their latest values, in the document's order.</summary>
    public IReadOnlyList<Award> Awards => Periods[^1].Rules.Awards;

    /// <summary>The rules under the chosen readings for each stretch of days between two changes of a dated value, earliest first; at least one.</summary>
    public required IReadOnlyList<Period> Periods { get; init; }

    /// <summary>Every number that the chosen awards use, with the clause that holds it.</summary>
    public required IReadOnlyList<Parameter> Parameters { get; init; }

    /// <summary>Open questions of the text and how they are read.</summary>
    public required IReadOnlyList<Interpretation> Interpretations { get; init; }

    /// <summary>What stands in for facts that are not stated.</summary>
    public required IReadOnlyList<Assumption> Assumptions { get; init; }

    /// <summary>Who pays which part of each award under the chosen readings; null when the document does not say.</summary>
    public Sharing? Sharing => Periods[^1].Rules.Sharing;

    /// <summary>The money that pays the awards under the chosen readings, where the document says.</summary>
    public IReadOnlyList<Fund> Funds => Periods[^1].Rules.Funds;

    /// <summary>Clauses that this document does not compute.</summary>
    public required IReadOnlyList<Unencoded> Unencoded { get; init; }

    /// <summary>The facts that the awards read under any reading, in the order of <see cref="Fact"/>.</summary>
    public required IReadOnlyList<Fact> Facts { get; init; }

    /// <summary>What stands in for each fact that is not stated.</summary>
    internal Assumption?[] Standing { get; init; } = [];

    /// <summary>The clause of that id; null when there is none.</summary>
    public Clause? Clause(string id) => Clauses.FirstOrDefault(c => c.Id == id);

    /// <summary>The award of that id under the chosen readings; null when there is none.</summary>
    public Award? Award(string id) => Awards.FirstOrDefault(a => a.Id == id);
}

/// <summary>The text that a policy document was written from.</summary>
/// <param name="File">File name of the stored text.</param>
/// <param name="Url">Public address, if one is known.</param>
/// <param name="Sha256">Lower-case hex of the stored file, if given.</param>
public sealed record Source(string File, string? Url, string? Sha256);

/// <summary>A place of the text that founds a rule.</summary>
/// <param name="Id">Id within the document.</param>
/// <param name="Article">The article's label as printed: <c>6</c>.</param>
/// <param name="Quote">The shortest phrase that holds what is cited, verbatim from the stored text.</param>
/// <param name="Erratum">A misprint in the quote; null when it says what it means.</param>
public sealed record Clause(string Id, string Article, string Quote, Erratum? Erratum)
{
    /// <summary>The quote with the misprint corrected.</summary>
    public string Corrected => Erratum is null ? Quote : Quote.Replace(Erratum.Printed, Erratum.Read, StringComparison.Ordinal);
}

/// <summary>A misprint: the quote stays as printed, rules go by the corrected text.</summary>
/// <param name="Printed">The words as printed; they stand in the quote.</param>
/// <param name="Read">What they are read as.</param>
/// <param name="Why">Why.</param>
public sealed record Erratum(string Printed, string Read, Wording Why);

/// <summary>The days on which a policy governs.</summary>
/// <param name="From">First day, inclusive.</param>
/// <param name="To">Last day, inclusive; null when no end is known.</param>
/// <param name="Clauses">Clause ids.</param>
/// <param name="ConfirmedOn">Day on which somebody last checked that the policy still stands; null when nobody has.</param>
public sealed record InForce(DateOnly From, DateOnly? To, IReadOnlyList<string> Clauses, DateOnly? ConfirmedOn)
{
    /// <summary>Whether the day lies within the interval, both ends included.</summary>
    public bool Contains(DateOnly day) => day >= From && (To is null || day <= To);

    /// <summary>The last day without, the first day with the policy, and so at its end.</summary>
    internal IEnumerable<DateOnly> Edges()
    {
        if (From > DateOnly.MinValue) yield return From.AddDays(-1);
        yield return From;
        if (To is not { } to) yield break;
        yield return to;
        if (to < DateOnly.MaxValue) yield return to.AddDays(1);
    }
}

/// <summary>The unit of a parameter.</summary>
public enum ParameterUnit
{
    /// <summary>A sum; <see cref="Parameter.Numerator"/> counts fen.</summary>
    Fen,

    /// <summary>A rate.</summary>
    Rate,

    /// <summary>A whole number of items or years.</summary>
    Count,

    /// <summary>A ratio between payers.</summary>
    Ratio,
}

/// <summary>One number of a rule with its foundation. Its exact value is <paramref name="Numerator"/>/<paramref name="Denominator"/> units.</summary>
/// <param name="Path">Where it stands in the document: <c>awards.buyer.amount.rate</c>.</param>
/// <param name="Literal">As written: <c>3%</c>.</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Numerator">Above the line.</param>
/// <param name="Denominator">Below the line, at least 1.</param>
/// <param name="Clause">Id of a clause whose quote holds the number.</param>
/// <param name="Interpretation">Id of the interpretation whose reading chose it; null when none did.</param>
public sealed record Parameter(string Path, string Literal, ParameterUnit Unit, long Numerator, long Denominator, string Clause, string? Interpretation)
{
    /// <summary>The first day on which a dated value holds, inclusive; null for a value that is not dated or has no beginning of its own.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day on which a dated value holds, inclusive; null for a value that is not dated or has no end of its own.</summary>
    public DateOnly? To { get; init; }

    /// <summary>The number for readers: as the law writes it, and in figures for those who do not read its language.</summary>
    public Wording Words => Literal == "none" ? new("无数值", "none") : new(Literal, Quantity.Of(this).Shown().En);

    /// <summary>Where the number comes from.</summary>
    internal Basis Basis => new(Clause, Interpretation);
}

/// <summary>An open question of the text and the reading that this document goes by.</summary>
/// <param name="Id">Id within the document.</param>
/// <param name="Question">What the text leaves open.</param>
/// <param name="Clause">The clause in question; null when the text is silent.</param>
/// <param name="Readings">The ways to read it.</param>
/// <param name="Chosen">Id of the reading in use.</param>
/// <param name="By">Who decided; null while nobody has, and then every answer that rests on it is provisional.</param>
/// <param name="Computed">Whether the rules use it, so that an evaluation under each reading can be given.</param>
public sealed record Interpretation(
    string Id, Wording Question, string? Clause, IReadOnlyList<Reading> Readings, string Chosen, Decision? By, bool Computed);

/// <summary>One way to read an open question.</summary>
/// <param name="Id">Id within the interpretation.</param>
/// <param name="Label">What it means.</param>
public sealed record Reading(string Id, Wording Label);

/// <summary>Who settled an interpretation.</summary>
/// <param name="Office">The deciding office.</param>
/// <param name="On">Day of the decision.</param>
/// <param name="Paper">The paper that records it.</param>
public sealed record Decision(string Office, DateOnly? On, string? Paper);

/// <summary>What stands in for a fact that is not stated; every answer that rests on it names it and is provisional.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Instead">The other fact whose value is taken; null when <paramref name="Value"/> is.</param>
/// <param name="Value">The value taken, as written; null when <paramref name="Instead"/> is.</param>
/// <param name="Why">Why it may be assumed.</param>
public sealed record Assumption(Fact Fact, Fact? Instead, string? Value, Wording Why)
{
    /// <summary>The value taken as a number, where it is one.</summary>
    internal long Number { get; init; }
}

/// <summary>
/// Who pays which part. The first payer's part is rounded down to the fen, and so is what the first two, the first three pay together: the
/// parts add up to the sum, and each is within a fen of its exact share.
/// </summary>
/// <param name="Payers">Payers with their parts, each part at least 1.</param>
/// <param name="Clause">The clause that founds the ratio.</param>
public sealed record Sharing(IReadOnlyList<Payer> Payers, string Clause)
{
    /// <summary>Ids of the awards that are shared; null for all.</summary>
    internal IReadOnlyList<string>? Awards { get; init; }

    /// <summary>Whether an award is shared.</summary>
    /// <param name="award">Its id.</param>
    public bool Covers(string award) => Awards?.Contains(award) ?? true;

    /// <summary>Who pays which part of a sum, in the order of the payers.</summary>
    /// <param name="sum">What is shared, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative sum.</exception>
    public IReadOnlyList<Share> Of(Fen sum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sum.Value, nameof(sum));
        long parts = 0;
        foreach (var payer in Payers) parts += payer.Parts;
        var shares = new Share[Payers.Count];
        var (together, before) = (0L, 0L);
        for (var i = 0; i < shares.Length; i++)
        {
            together += Payers[i].Parts;
            var paid = (long)((Int128)sum.Value * together / parts);
            shares[i] = new Share(Payers[i].Id, new Fen(paid - before));
            before = paid;
        }

        return shares;
    }
}

/// <summary>One payer of a shared award.</summary>
/// <param name="Id">Who: <c>city</c>.</param>
/// <param name="Parts">Parts of the ratio, at least 1.</param>
public sealed record Payer(string Id, long Parts);

/// <summary>A clause that the document does not compute.</summary>
/// <param name="Article">The article's label as printed.</param>
/// <param name="Clause">The clause, when the document quotes it.</param>
/// <param name="Why">Why not.</param>
public sealed record Unencoded(string Article, string? Clause, Wording Why);

/// <summary>The awards and how they bear on each other, under one set of readings.</summary>
/// <param name="Awards">In the document's order.</param>
/// <param name="Stacking">In the document's order.</param>
public sealed record RuleSet(IReadOnlyList<Award> Awards, IReadOnlyList<Stacking> Stacking)
{
    /// <summary>Who pays which part of the awards; null when the document does not say.</summary>
    public Sharing? Sharing { get; init; }

    /// <summary>The money that pays the awards, where the document says.</summary>
    public IReadOnlyList<Fund> Funds { get; init; } = [];
}

/// <summary>A stretch of days on which no dated value changes.</summary>
/// <param name="From">First day, inclusive; <see cref="DateOnly.MinValue"/> for the first period.</param>
/// <param name="To">Last day, inclusive; <see cref="DateOnly.MaxValue"/> for the last period.</param>
/// <param name="Rules">The rules under the chosen readings.</param>
public sealed record Period(DateOnly From, DateOnly To, RuleSet Rules)
{
    /// <summary>The rules with one interpretation read otherwise than chosen, for each reading not chosen.</summary>
    internal IReadOnlyList<OtherReading> Others { get; init; } = [];
}

/// <summary>The rules as they would be under a reading not chosen.</summary>
internal sealed record OtherReading(string Interpretation, string Reading, RuleSet Rules);
