namespace Marketplace.Matching;

/// <summary>The kinds of evidence for a match.</summary>
public enum ReasonKind
{
    /// <summary>Terms that stand in both texts.</summary>
    Terms,

    /// <summary>How near the meanings of the texts are, as the market has learned from its texts and deals.</summary>
    Meaning,

    /// <summary>The technical field.</summary>
    Field,

    /// <summary>The administrative division.</summary>
    Region,

    /// <summary>Whether the price is within the budget.</summary>
    Budget,

    /// <summary>Whether the technology readiness is enough.</summary>
    Readiness,

    /// <summary>Whether a cooperation mode suits both.</summary>
    Mode,
}

/// <summary>What the evidence says.</summary>
public enum Verdict
{
    /// <summary>The criterion is met.</summary>
    Met,

    /// <summary>The criterion is not met.</summary>
    Unmet,

    /// <summary>The query asks, the listing does not say.</summary>
    Unknown,
}

/// <summary>One listing found.</summary>
/// <param name="Id">The id of the listing.</param>
/// <param name="Score">
/// 0–1. The terms fit as well as the BM25 score is near that of an ideal document, which holds just the query's text (at no more than
/// average length). With a model the text's share is a weighted mean of that and the nearness of the meanings. Evidence beside the text moves it by at most a fifth of that share. It depends on the query, the listing and the statistics
/// of the side searched, not on the other matches, and is exactly the sum of the weights of <paramref name="Parts"/> in their order.
/// </param>
/// <param name="Parts">What the score is made of: the terms first, then the meaning when there is a model, then each criterion that the query states.</param>
/// <param name="Model">The version of the model that it was scored by; null for none.</param>
public sealed record Match(string Id, double Score, IReadOnlyList<Part> Parts, string? Model = null);

/// <summary>One piece of evidence, in numbers.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Weight">What it adds to the score: negative when unmet, 0 when unknown.</param>
/// <param name="Verdict">What it says.</param>
public readonly record struct Part(ReasonKind Kind, double Weight, Verdict Verdict);

/// <summary>One piece of evidence, in words.</summary>
/// <param name="Kind">As in its <see cref="Part"/>.</param>
/// <param name="Weight">As in its <see cref="Part"/>.</param>
/// <param name="Verdict">As in its <see cref="Part"/>.</param>
/// <param name="DetailZh">A sentence in Chinese.</param>
/// <param name="DetailEn">A sentence in English.</param>
/// <param name="Terms">
/// For <see cref="ReasonKind.Terms"/>: the phrases that stand in both texts, as the query spells them, the weightiest first, at most 12;
/// otherwise empty.
/// </param>
public sealed record Reason(
    ReasonKind Kind, double Weight, Verdict Verdict, string DetailZh, string DetailEn, IReadOnlyList<string> Terms)
{
    /// <summary>Where <see cref="Terms"/> stand in what was asked with, each at no more than eight places.</summary>
    public IReadOnlyList<TextSpan> QuerySpans { get; init; } = [];

    /// <summary>Where they stand in the listing found, in whatever width, case or form of character they are written there.</summary>
    public IReadOnlyList<TextSpan> ListingSpans { get; init; } = [];
}

/// <summary>The members of a listing that hold words.</summary>
public enum TextMember
{
    /// <summary><see cref="Listing.Title"/>.</summary>
    Title,

    /// <summary><see cref="Listing.Text"/>, or the text of a query that was not made from a listing.</summary>
    Text,

    /// <summary>One of <see cref="Listing.Keywords"/>.</summary>
    Keywords,
}

/// <summary>A place in a text as it was given, before any normalisation.</summary>
/// <param name="Member">The member that it is in.</param>
/// <param name="Item">The number of the keyword, from 0; 0 for the other members.</param>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="Length">How many units there are, at least 1; whole characters as people see them.</param>
/// <param name="Term">The number in <see cref="Reason.Terms"/> of what stands there.</param>
public readonly record struct TextSpan(TextMember Member, int Item, int Start, int Length, int Term);
