namespace Marketplace.Rules;

/// <summary>Why an award came out as it did. Closed; see <see cref="Reason.Code"/> for the wire form.</summary>
public enum ReasonCode
{
    /// <summary><c>granted.rate</c>: base times rate.</summary>
    GrantedRate,

    /// <summary><c>limited.cap</c>: the cap is less than base times rate.</summary>
    LimitedCap,

    /// <summary><c>limited.history</c>: earlier grants leave less than base times rate, or nothing.</summary>
    LimitedHistory,

    /// <summary><c>refused.kind</c>: a kind of contract that the award does not cover.</summary>
    RefusedKind,

    /// <summary><c>refused.notRecognised</c>: not recognised.</summary>
    RefusedNotRecognised,

    /// <summary><c>refused.notBrokered</c>: no intermediary brought the deal about.</summary>
    RefusedNotBrokered,

    /// <summary><c>refused.relatedParties</c>: buyer and seller are related.</summary>
    RefusedRelatedParties,

    /// <summary><c>refused.beforeInForce</c>: the governing day is before the policy's first.</summary>
    RefusedBeforeInForce,

    /// <summary><c>refused.expired</c>: the governing day is after the policy's last.</summary>
    RefusedExpired,

    /// <summary><c>refused.region</c>: outside the region.</summary>
    RefusedRegion,

    /// <summary><c>open.missingFact</c>: a fact is missing that can change the answer.</summary>
    OpenMissingFact,

    /// <summary><c>open.caseDecision</c>: a person decides the sum.</summary>
    OpenCaseDecision,

    /// <summary><c>assumed.</c> and the fact's name: the fact was not stated, the document says what to assume.</summary>
    AssumedFact,

    /// <summary><c>assumed.history</c>: an earlier grant does not say what it was for and was counted.</summary>
    AssumedHistory,
}

/// <summary>One reason. Its texts are rendered on request, never stored.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Clause">Id of the clause that founds it; null where the text is silent.</param>
/// <param name="Interpretation">Id of the interpretation that founds it; null when the text does.</param>
/// <param name="Fact">The fact that it is about; null when it is about none.</param>
/// <param name="Given">What was found.</param>
/// <param name="Wanted">What it was measured against.</param>
public sealed record Reason(ReasonCode Kind, string? Clause, string? Interpretation, Fact? Fact, Quantity Given, Quantity Wanted)
{
    /// <summary>The stable code: <c>limited.cap</c>, <c>assumed.relatedParties</c>.</summary>
    public string Code => Kind switch
    {
        ReasonCode.GrantedRate => "granted.rate",
        ReasonCode.LimitedCap => "limited.cap",
        ReasonCode.LimitedHistory => "limited.history",
        ReasonCode.RefusedKind => "refused.kind",
        ReasonCode.RefusedNotRecognised => "refused.notRecognised",
        ReasonCode.RefusedNotBrokered => "refused.notBrokered",
        ReasonCode.RefusedRelatedParties => "refused.relatedParties",
        ReasonCode.RefusedBeforeInForce => "refused.beforeInForce",
        ReasonCode.RefusedExpired => "refused.expired",
        ReasonCode.RefusedRegion => "refused.region",
        ReasonCode.OpenMissingFact => "open.missingFact",
        ReasonCode.OpenCaseDecision => "open.caseDecision",
        ReasonCode.AssumedFact => "assumed." + Fact!.Value.Wire(),
        ReasonCode.AssumedHistory => "assumed.history",
        _ => throw new InvalidOperationException($"The reason {Kind} has no code."),
    };

    /// <summary>For a Chinese reader.</summary>
    public string DetailZh => Phrases.Detail(this).Zh;

    /// <summary>For an English reader.</summary>
    public string DetailEn => Phrases.Detail(this).En;
}
