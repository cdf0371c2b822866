using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

// How policies and evaluations look from outside; the decisions themselves are made in Marketplace.Rules.

public sealed record PolicyView
{
    public required string Id { get; init; }

    /// <summary>The document's own version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the content.</summary>
    public required string Hash { get; init; }

    /// <summary>It covers the regions below it.</summary>
    public required string Region { get; init; }

    public required string Title { get; init; }
    public required string Authority { get; init; }
    public required Source Source { get; init; }
    public required InForce InForce { get; init; }

    /// <summary>The fact whose day picks the version.</summary>
    public required string GovernedBy { get; init; }

    /// <summary>The facts that the awards read.</summary>
    public required IReadOnlyList<string> Facts { get; init; }

    public required IReadOnlyList<AwardView> Awards { get; init; }
    public required IReadOnlyList<ClauseView> Clauses { get; init; }
    public required IReadOnlyList<ParameterView> Parameters { get; init; }
    public required IReadOnlyList<InterpretationView> Interpretations { get; init; }
    public required IReadOnlyList<UnencodedView> Unencoded { get; init; }
    public IReadOnlyList<string> AvailableActions { get; init; } = [];

    public static PolicyView Of(Policy policy, Language language) => new()
    {
        Id = policy.Id, Version = policy.Version, Hash = policy.Hash, Region = policy.Region, Title = policy.Title.In(language),
        Authority = policy.Authority.In(language), Source = policy.Source, InForce = policy.InForce, GovernedBy = policy.GovernedBy.Wire(),
        Facts = [.. policy.Facts.Select(fact => fact.Wire())],
        Awards = [.. policy.Awards.Select(award => new AwardView(award.Id, award.Label.In(language), award.Payee))],
        Clauses = [.. policy.Clauses.Select(ClauseView.Of)],
        Parameters = [.. policy.Parameters.Select(p => new ParameterView(p.Path, p.Literal, p.Unit, p.Clause))],
        Interpretations = [.. policy.Interpretations.Select(i => new InterpretationView(
            i.Id, i.Question.In(language), i.Clause, [.. i.Readings.Select(r => new ReadingLabel(r.Id, r.Label.In(language)))], i.Chosen, i.By))],
        Unencoded = [.. policy.Unencoded.Select(u => new UnencodedView(u.Article, u.Clause, u.Why.In(language)))],
    };
}

public sealed record AwardView(string Id, string Label, Payee Payee);

/// <param name="Corrected">The quote with a misprint of the source corrected.</param>
public sealed record ClauseView(string Id, string Article, string Quote, string? Corrected)
{
    internal static ClauseView Of(Clause clause) => new(clause.Id, clause.Article, clause.Quote, clause.Erratum is null ? null : clause.Corrected);
}

/// <param name="Clause">The clause whose words hold the number.</param>
public sealed record ParameterView(string Path, string Value, ParameterUnit Unit, string Clause);

public sealed record InterpretationView(
    string Id, string Question, string? Clause, IReadOnlyList<ReadingLabel> Readings, string Chosen, Decision? By);

public sealed record ReadingLabel(string Id, string Label);

public sealed record UnencodedView(string Article, string? Clause, string Why);

// What EvaluationJson writes, for the API document; nothing makes these but tests, which hold the two together.

/// <summary>A calculation without effect. 测算</summary>
public sealed record EvaluationView
{
    public required string Policy { get; init; }

    /// <summary>The document's own version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the document's content.</summary>
    public required string Hash { get; init; }

    public required IReadOnlyList<AwardResult> Awards { get; init; }

    /// <summary>Where it was asked for.</summary>
    public Receipt? Receipt { get; init; }
}

public sealed record AwardResult
{
    public required string Award { get; init; }
    public required Payee Payee { get; init; }
    public required Outcome Outcome { get; init; }
    public required Certainty Certainty { get; init; }

    /// <summary>In yuan; absent while facts are missing or somebody has to decide.</summary>
    public Fen? Amount { get; init; }

    /// <summary>What it can come to, where it is not one sum.</summary>
    public AmountRange? Range { get; init; }

    public required IReadOnlyList<ReasonView> Reasons { get; init; }

    /// <summary>The facts that would settle an open award.</summary>
    public IReadOnlyList<string>? MissingFacts { get; init; }

    /// <summary>Who pays which part.</summary>
    public IReadOnlyList<ShareView>? Shares { get; init; }

    /// <summary>The calculation, where it was asked for.</summary>
    public IReadOnlyList<StepView>? Steps { get; init; }

    /// <summary>The award under each reading of each interpretation it rests on, where that was asked for.</summary>
    public IReadOnlyList<ReadingResult>? Readings { get; init; }

    /// <summary>What would make a refused award due, where that was asked for; the least changes first. 反事实</summary>
    public IReadOnlyList<CounterfactualView>? Counterfactuals { get; init; }

    /// <summary>The facts that stand in the way and cannot change, where that was asked for.</summary>
    public IReadOnlyList<string>? FixedFacts { get; init; }
}

public sealed record AmountRange
{
    public required Fen Low { get; init; }

    /// <summary>Absent where nothing bounds it.</summary>
    public Fen? High { get; init; }
}

public sealed record ReasonView
{
    public required string Code { get; init; }

    /// <summary>The clause that founds it; absent where the text is silent.</summary>
    public string? Clause { get; init; }

    /// <summary>The interpretation whose reading founds it.</summary>
    public string? Interpretation { get; init; }

    public required string Detail { get; init; }
}

public sealed record ShareView(string Payer, Fen Amount);

public sealed record StepView
{
    public required int Id { get; init; }
    public required StepKind Kind { get; init; }
    public required string Name { get; init; }

    /// <summary>Ids of earlier steps.</summary>
    public required IReadOnlyList<int> Inputs { get; init; }

    /// <summary>Exact, with its unit.</summary>
    public required string Value { get; init; }

    public string? Clause { get; init; }

    /// <summary>Whether this limit or test decided.</summary>
    public required bool Binding { get; init; }

    public required string Text { get; init; }
}

public sealed record ReadingResult
{
    public required string Interpretation { get; init; }
    public required string Reading { get; init; }
    public required bool Chosen { get; init; }

    /// <summary>Absent where there is no such award under this reading.</summary>
    public AwardResult? Award { get; init; }
}
