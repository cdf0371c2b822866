using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

// 反事实: what would make a refused award due, on the wire.

/// <summary>Changes that make the award due together; with any of them left out it is not.</summary>
public sealed record CounterfactualView
{
    public required IReadOnlyList<ChangeView> Changes { get; init; }
    public required Outcome Outcome { get; init; }

    /// <summary>What it then comes to; absent where somebody has to decide.</summary>
    public Fen? Amount { get; init; }

    /// <summary>What it then can come to, where it is not one sum.</summary>
    public AmountRange? Range { get; init; }

    internal static CounterfactualView Of(Counterfactual found, Language language) => new()
    {
        Changes = [.. found.Changes.Select(change => ChangeView.Of(change, language))], Outcome = found.Outcome,
        Amount = found.Outcome == Outcome.Granted ? found.Low : null,
        Range = found.Outcome == Outcome.Granted ? null : new() { Low = found.Low, High = found.High },
    };
}

public sealed record ChangeView
{
    public required string Fact { get; init; }

    /// <summary>Which finding, where the fact is findings.</summary>
    public string? Finding { get; init; }

    /// <summary>As it is; absent where it was not stated.</summary>
    public string? From { get; init; }

    public required string To { get; init; }

    /// <summary>Whether more would do as well.</summary>
    public required bool OrMore { get; init; }

    public required string Text { get; init; }

    internal static ChangeView Of(Change change, Language language) => new()
    {
        Fact = change.Fact.Wire(), Finding = change.Finding, From = change.From.Unit == Unit.Unknown ? null : change.From.ToString(), To = change.To.ToString(),
        OrMore = change.OrMore, Text = language == Language.English ? change.TextEn : change.TextZh,
    };
}
