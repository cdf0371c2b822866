namespace Marketplace.Rules;

/// <summary>Why an award came out as it did. Closed; see <see cref="Reason.Code"/> for the wire form.</summary>
public enum ReasonCode
{
    /// <summary><c>granted.rate</c>: base times rate.</summary>
    GrantedRate,

    /// <summary><c>granted.fixed</c>: a fixed sum.</summary>
    GrantedFixed,

    /// <summary><c>granted.scale</c>: a scale of brackets, bands or steps.</summary>
    GrantedScale,

    /// <summary><c>granted.perUnit</c>: a sum for each item.</summary>
    GrantedPerUnit,

    /// <summary><c>granted.floor</c>: lifted to the least sum.</summary>
    GrantedFloor,

    /// <summary><c>limited.cap</c>: the cap is less than the calculated sum.</summary>
    LimitedCap,

    /// <summary><c>limited.history</c>: earlier grants leave less than the calculated sum, or nothing.</summary>
    LimitedHistory,

    /// <summary><c>limited.combinedCap</c>: the awards together are capped.</summary>
    LimitedCombinedCap,

    /// <summary><c>limited.deducted</c>: what was paid elsewhere is taken off.</summary>
    LimitedDeducted,

    /// <summary><c>limited.paidBefore</c>: what was paid before, of the same total or in place of it, is taken off.</summary>
    LimitedPaidBefore,

    /// <summary><c>limited.rounding</c>: the calculated sum is less than what is paid at least, a fen where the policy does not round to more.</summary>
    LimitedRounding,

    /// <summary><c>refused.kind</c>: a kind of contract that the award does not cover.</summary>
    RefusedKind,

    /// <summary><c>refused.</c> and what was found: a yes-or-no fact is not as it must be, such as <c>refused.notRecognised</c> or <c>refused.relatedParties</c>.</summary>
    RefusedFlag,

    /// <summary><c>refused.beforeInForce</c>: the governing day is before the policy's first.</summary>
    RefusedBeforeInForce,

    /// <summary><c>refused.expired</c>: the governing day is after the policy's last.</summary>
    RefusedExpired,

    /// <summary><c>refused.noValue</c>: a number of the award is marked as having no value on the governing day.</summary>
    RefusedNoValue,

    /// <summary><c>refused.region</c>: outside the region.</summary>
    RefusedRegion,

    /// <summary><c>refused.party</c>: a party is not of the kinds that the award covers.</summary>
    RefusedParty,

    /// <summary><c>refused.date</c>: a day outside the window.</summary>
    RefusedDate,

    /// <summary><c>refused.order</c>: a day before one that must come first.</summary>
    RefusedOrder,

    /// <summary><c>refused.belowMinimum</c>: a sum or count below what is asked for.</summary>
    RefusedBelowMinimum,

    /// <summary><c>refused.aboveMaximum</c>: a sum or count above what is asked for.</summary>
    RefusedAboveMaximum,

    /// <summary><c>refused.sequence</c>: the years of support do not follow each other, or one comes twice.</summary>
    RefusedSequence,

    /// <summary><c>refused.word</c>: a title, grade or class that the award does not cover.</summary>
    RefusedWord,

    /// <summary><c>refused.assessment</c>: a person has found otherwise.</summary>
    RefusedAssessment,

    /// <summary><c>refused.excluded</c>: what the award excludes is the case.</summary>
    RefusedExcluded,

    /// <summary><c>refused.noCase</c>: none of the award's cases applies.</summary>
    RefusedNoCase,

    /// <summary><c>refused.belowMinimumToPay</c>: less than is paid out at all.</summary>
    RefusedBelowMinimumToPay,

    /// <summary><c>refused.excludedByStacking</c>: another award is paid in place of it.</summary>
    RefusedByStacking,

    /// <summary><c>open.missingFact</c>: a fact is missing that can change the answer.</summary>
    OpenMissingFact,

    /// <summary><c>open.caseDecision</c>: a person decides the sum.</summary>
    OpenCaseDecision,

    /// <summary><c>open.assessment</c>: who decides the case must find this first.</summary>
    OpenAssessment,

    /// <summary><c>open.upperRate</c>: the rate is an upper one; the actual rate is decided later.</summary>
    OpenUpperRate,

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
    /// <summary>The name of the quantity that it is about, where that is more than the fact; null for the fact itself.</summary>
    internal Wording? Named { get; init; }

    /// <summary>The stable code: <c>limited.cap</c>, <c>assumed.relatedParties</c>.</summary>
    public string Code => Kind switch
    {
        ReasonCode.GrantedRate => "granted.rate",
        ReasonCode.GrantedFixed => "granted.fixed",
        ReasonCode.GrantedScale => "granted.scale",
        ReasonCode.GrantedPerUnit => "granted.perUnit",
        ReasonCode.GrantedFloor => "granted.floor",
        ReasonCode.LimitedCap => "limited.cap",
        ReasonCode.LimitedHistory => "limited.history",
        ReasonCode.LimitedCombinedCap => "limited.combinedCap",
        ReasonCode.LimitedDeducted => "limited.deducted",
        ReasonCode.LimitedPaidBefore => "limited.paidBefore",
        ReasonCode.LimitedRounding => "limited.rounding",
        ReasonCode.RefusedKind => "refused.kind",
        ReasonCode.RefusedFlag => Codes.OfFlag(Fact!.Value, Given.Numerator != 0),
        ReasonCode.RefusedBeforeInForce => "refused.beforeInForce",
        ReasonCode.RefusedExpired => "refused.expired",
        ReasonCode.RefusedNoValue => "refused.noValue",
        ReasonCode.RefusedRegion => "refused.region",
        ReasonCode.RefusedParty => "refused.party",
        ReasonCode.RefusedDate => "refused.date",
        ReasonCode.RefusedOrder => "refused.order",
        ReasonCode.RefusedBelowMinimum => "refused.belowMinimum",
        ReasonCode.RefusedAboveMaximum => "refused.aboveMaximum",
        ReasonCode.RefusedSequence => "refused.sequence",
        ReasonCode.RefusedWord => "refused.word",
        ReasonCode.RefusedAssessment => "refused.assessment",
        ReasonCode.RefusedExcluded => "refused.excluded",
        ReasonCode.RefusedNoCase => "refused.noCase",
        ReasonCode.RefusedBelowMinimumToPay => "refused.belowMinimumToPay",
        ReasonCode.RefusedByStacking => "refused.excludedByStacking",
        ReasonCode.OpenMissingFact => "open.missingFact",
        ReasonCode.OpenCaseDecision => "open.caseDecision",
        ReasonCode.OpenAssessment => "open.assessment",
        ReasonCode.OpenUpperRate => "open.upperRate",
        ReasonCode.AssumedFact => Codes.OfAssumed(Fact!.Value),
        ReasonCode.AssumedHistory => "assumed.history",
        _ => throw new InvalidOperationException($"The reason {Kind} has no code."),
    };

    /// <summary>For a Chinese reader.</summary>
    public string DetailZh => Phrases.Detail(this).Zh;

    /// <summary>For an English reader.</summary>
    public string DetailEn => Phrases.Detail(this).En;

    private static class Codes
    {
        private static readonly string[] Yes = [.. FactNames.All.Select(fact => "refused." + fact.Wire())];
        private static readonly string[] No = [.. FactNames.All.Select(fact => "refused.not" + fact)];
        private static readonly string[] Assumed = [.. FactNames.All.Select(fact => "assumed." + fact.Wire())];

        public static string OfFlag(Fact fact, bool found) => (found ? Yes : No)[(int)fact];

        public static string OfAssumed(Fact fact) => Assumed[(int)fact];
    }
}
