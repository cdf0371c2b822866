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
        Clauses = [.. policy.Clauses.Select(clause => new ClauseView(clause.Id, clause.Article, clause.Quote, clause.Erratum is null ? null : clause.Corrected))],
        Parameters = [.. policy.Parameters.Select(p => new ParameterView(p.Path, p.Literal, p.Unit, p.Clause))],
        Interpretations = [.. policy.Interpretations.Select(i => new InterpretationView(
            i.Id, i.Question.In(language), i.Clause, [.. i.Readings.Select(r => new ReadingLabel(r.Id, r.Label.In(language)))], i.Chosen, i.By))],
        Unencoded = [.. policy.Unencoded.Select(u => new UnencodedView(u.Article, u.Clause, u.Why.In(language)))],
    };
}

public sealed record AwardView(string Id, string Label, Payee Payee);

/// <param name="Corrected">The quote with a misprint of the source corrected.</param>
public sealed record ClauseView(string Id, string Article, string Quote, string? Corrected);

/// <param name="Clause">The clause whose words hold the number.</param>
public sealed record ParameterView(string Path, string Value, ParameterUnit Unit, string Clause);

public sealed record InterpretationView(
    string Id, string Question, string? Clause, IReadOnlyList<ReadingLabel> Readings, string Chosen, Decision? By);

public sealed record ReadingLabel(string Id, string Label);

public sealed record UnencodedView(string Article, string? Clause, string Why);

/// <summary>A calculation without effect. 测算</summary>
public sealed record EvaluationView(string Policy, string Version, string Hash, IReadOnlyList<AwardResult> Awards)
{
    public static EvaluationView Of(Evaluation evaluation, Language language) =>
        new(evaluation.Policy, evaluation.Version, evaluation.Hash, [.. evaluation.Awards.Select(award => AwardResult.Of(award, language))]);
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

    public IReadOnlyList<StepView>? Steps { get; init; }
    public IReadOnlyList<ReadingResult>? Readings { get; init; }

    public static AwardResult Of(AwardEvaluation award, Language language) => new()
    {
        Award = award.Award, Payee = award.Payee, Outcome = award.Outcome, Certainty = award.Certainty, Amount = award.Amount,
        Range = award.Amount is null ? new(award.Low, award.High) : null,
        Reasons = [.. award.Reasons.Select(r => new ReasonView(r.Code, r.Clause, r.Interpretation, language == Language.English ? r.DetailEn : r.DetailZh))],
        MissingFacts = award.MissingFacts.Count == 0 ? null : [.. award.MissingFacts.Select(fact => fact.Wire())],
        Shares = award.Shares.Count == 0 ? null : [.. award.Shares.Select(share => new ShareView(share.Payer, share.Amount))],
        Steps = award.Steps.Count == 0 ? null : [.. award.Steps.Select(step => new StepView(
            step.Id, step.Kind, step.Name, step.Inputs, step.Value.ToString(), step.Clause, step.Binding,
            language == Language.English ? step.TextEn : step.TextZh))],
        Readings = award.Readings.Count == 0 ? null : [.. award.Readings.Select(reading => new ReadingResult(
            reading.Interpretation, reading.Reading, reading.Chosen, reading.Award is null ? null : Of(reading.Award, language)))],
    };
}

public sealed record AmountRange(Fen Low, Fen? High)
{
    internal static AmountRange? Of(Total total) => total.IsDefinite ? null : new(total.Low, total.High);
}

public sealed record ReasonView(string Code, string? Clause, string? Interpretation, string Detail);

public sealed record ShareView(string Payer, Fen Amount);

/// <param name="Value">Exact, with its unit.</param>
/// <param name="Binding">Whether this limit or test decided.</param>
public sealed record StepView(int Id, StepKind Kind, string Name, IReadOnlyList<int> Inputs, string Value, string? Clause, bool Binding, string Text);

public sealed record ReadingResult(string Interpretation, string Reading, bool Chosen, AwardResult? Award);
