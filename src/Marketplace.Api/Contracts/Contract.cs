using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

// 技术合同: drafted by a side or its broker, signed by both over the same terms, submitted by the seller and recognised by a registrar
// (认定登记) within working days (RegistrationOffice.cs). An amendment lies beside the terms in force until both have signed it (Amending.cs);
// then the contract is recognised again. What is paid is recorded (Payment.cs). States: ContractLifecycle.cs. Who reads what: Sight.cs.

/// <summary>A broker's part in the deal, in per cent of the broker award.</summary>
public sealed record BrokerShare
{
    [IdOf("pty")]
    public required string Party { get; init; }

    [Range(typeof(decimal), "0", "100")]
    public required decimal Share { get; init; }
}

/// <summary>The terms that both sides sign.</summary>
public record ContractContent : IChecked
{
    public required ContractKind Kind { get; init; }

    [StringLength(200, MinimumLength = 1)]
    public required string Title { get; init; }

    [IdOf("pty")]
    public required string Buyer { get; init; }

    [IdOf("pty")]
    public required string Seller { get; init; }

    [MaxLength(10)]
    public IReadOnlyList<BrokerShare> Brokers { get; init; } = [];

    /// <summary>
    /// A name that groups the buyer's contracts; limits per project count over them. It is compared without regard to case, width, blanks, invisible
    /// characters and punctuation at its ends.
    /// </summary>
    [StringLength(200, MinimumLength = 1)]
    public string? Project { get; init; }

    [IdOf("itr")]
    public string? Introduction { get; init; }

    [IdOf("dem")]
    public string? Demand { get; init; }

    [IdOf("ach")]
    public string? Achievement { get; init; }

    /// <summary>合同成交额, in yuan.</summary>
    public required Fen Amount { get; init; }

    /// <summary>技术交易额, in yuan: the amount less equipment and material; the whole amount where it is not set apart.</summary>
    public Fen? TechnologyAmount { get; init; }

    /// <summary>The day of the last signature where none is sent.</summary>
    public DateOnly? SignedOn { get; init; }

    public DateOnly? StartsOn { get; init; }

    public DateOnly? EndsOn { get; init; }

    /// <summary>关联交易</summary>
    public bool RelatedParties { get; init; }

    public IEnumerable<Fault> Check()
    {
        if (TechnologyAmount is { } technology && technology > Amount)
        {
            yield return ContractFaults.TechnologyAmount(technology, Amount);
        }

        if (Buyer == Seller)
        {
            yield return new("/seller", "same-party", new("买方和卖方不能是同一主体。", "Buyer and seller must be two parties."));
        }

        foreach (var (place, day, latest) in new[] { ("/signedOn", SignedOn, DateOnly.MaxValue), ("/startsOn", StartsOn, ContractFaults.LastDay), ("/endsOn", EndsOn, ContractFaults.LastDay) })
        {
            if (day < ContractFaults.FirstDay || day > latest)
            {
                yield return ContractFaults.Implausible(place, day.Value);
            }
        }

        if (Project is not null && CanonicalName.Of(Project).Length is var length and > ProjectNames.LongestKey)
        {
            yield return new("/project", "too-long", new(
                $"规范化后最多 {ProjectNames.LongestKey} 个字符，实为 {length} 个。", $"At most {ProjectNames.LongestKey} characters in canonical form; it has {length}."));
        }

        if (StartsOn is { } start && EndsOn is { } end && end < start)
        {
            yield return new("/endsOn", "dates-order", new($"截止日 {end:yyyy-MM-dd} 早于开始日 {start:yyyy-MM-dd}。", $"The end, {end:yyyy-MM-dd}, is before the start, {start:yyyy-MM-dd}."));
        }

        var shares = Brokers.Sum(broker => broker.Share);
        if (Brokers.Count > 0 && shares != 100)
        {
            yield return new("/brokers", "shares-not-100", new($"份额之和应为 100，收到 {shares}。", $"The shares must add up to 100; they add up to {shares}."));
        }

        for (var i = 0; i < Brokers.Count; i++)
        {
            if (Brokers[i].Party == Buyer || Brokers[i].Party == Seller || Brokers.Take(i).Any(b => b.Party == Brokers[i].Party))
            {
                yield return new($"/brokers/{i}/party", "same-party",
                    new("经纪人不能是买方、卖方或重复的主体。", "A broker is neither side and is named once."));
            }
        }
    }
}

static class ContractFaults
{
    /// <summary>A contract that is signed, begins or ends before is a slip of the pen.</summary>
    public static readonly DateOnly FirstDay = new(1980, 1, 1);

    public static readonly DateOnly LastDay = new(2200, 12, 31);

    public static Fault Implausible(string place, DateOnly day) => new(place, "date-implausible", new(
        $"{day:yyyy-MM-dd} 不合常理，应在 {FirstDay:yyyy-MM-dd} 至 {LastDay:yyyy-MM-dd} 之间；请核对年份。",
        $"{day:yyyy-MM-dd} cannot be right: it must lie from {FirstDay:yyyy-MM-dd} to {LastDay:yyyy-MM-dd}. Check the year."));

    /// <summary>A contract is signed on a day that has come.</summary>
    public static void RequireSignedBy(ContractContent terms, DateOnly today)
    {
        if (terms.SignedOn > today)
        {
            throw Problems.RuleViolated("/signedOn", "date-in-future", new(
                $"签订日期 {terms.SignedOn:yyyy-MM-dd} 晚于今天 {today:yyyy-MM-dd}。", $"The day of signing, {terms.SignedOn:yyyy-MM-dd}, is after today, {today:yyyy-MM-dd}."));
        }
    }

    public static Fault TechnologyAmount(Fen technology, Fen amount) => new("/technologyAmount", "technology-amount-above-amount",
        new($"技术交易额 {technology} 元不得超过合同成交额 {amount} 元。", $"The technology amount, {technology} yuan, is above the contract amount, {amount} yuan."));

    public static Fault RecognisedBeforeSigned(DateOnly recognisedOn, DateOnly signedOn) => new("/recognisedOn", "dates-order",
        new($"认定日期 {recognisedOn:yyyy-MM-dd} 早于签订日期 {signedOn:yyyy-MM-dd}。", $"The day of recognition, {recognisedOn:yyyy-MM-dd}, is before the day of signing, {signedOn:yyyy-MM-dd}."));

    public static Fault BelowReceived(Fen technology, Fen received) => new("/technologyAmount", "technology-amount-below-received",
        new($"技术交易额 {technology} 元不得低于实际成交额（已到账）{received} 元。", $"The technology amount, {technology} yuan, is below what is received already, {received} yuan."));
}

/// <param name="Side">buyer or seller.</param>
/// <param name="Person">Shown to officials and to the party whose person it is.</param>
public sealed record Signature(string Party, string Side, string? Person, DateTimeOffset SignedAt);

/// <summary>Other terms that one side proposes for a signed contract. The terms in force stay until both sides have signed these. 合同变更</summary>
/// <param name="By">The side that opened it, and that may cancel it; the other may refuse it.</param>
/// <param name="Signatures">Those on this version of it.</param>
/// <param name="Version">
/// The number that its terms have among all terms of the contract: what <c>sign</c> takes as <c>termsVersion</c>, and the contract's
/// <c>termsVersion</c> once both have signed. Each change takes the next number, and no number is used twice.
/// </param>
public sealed record ContractAmendment(ContractContent Terms, string By, IReadOnlyList<Signature> Signatures, int Version);

/// <summary>What the registration office approved. 认定登记</summary>
/// <param name="Number">合同登记编号; text, never a number.</param>
/// <param name="NumberFormat">Which form of the rules in force on that day the number has.</param>
/// <param name="Office">The office of another city; absent for this market's own registrar.</param>
/// <param name="TechnologyAmount">The approved technology amount (技术交易额).</param>
/// <param name="TermsVersion">The terms that were recognised.</param>
/// <param name="Backdated">Recognised as of a day before it was submitted (补录).</param>
public sealed record Recognition(
    string Number, NumberFormat? NumberFormat, DateOnly RecognisedOn, string? Office, ContractKind Kind, Fen TechnologyAmount, int TermsVersion,
    bool Backdated = false);

/// <summary>An approval that waits for a second registrar, who sends the same.</summary>
/// <param name="By">The person who proposes it; shown to officials.</param>
public sealed record Proposal(string? Number, DateOnly RecognisedOn, Fen? TechnologyAmount, ContractKind? Kind, string? By);

/// <summary>The clock of a recognition that has to be decided. 认定时限</summary>
/// <param name="WorkingDays">From the day after the submission.</param>
/// <param name="WeekendsAlone">No holiday calendar is known for a year that the days run through, so only weekends were left out.</param>
/// <param name="Consequence">What happens when the day has passed.</param>
public sealed record Due(DateOnly SubmittedOn, int WorkingDays, bool WeekendsAlone, bool Overdue, Wording Consequence);

/// <summary>
/// A contract as one reader sees it. Terms that were never signed by both sides are shown to the two sides, and to the party that wrote them;
/// others find of such a contract between whom it is and how it stands.
/// </summary>
public sealed record Contract : IAnswers<ContractContent>
{
    public string Id { get; init; } = "";

    /// <summary>What life and recognition add up to.</summary>
    public string State { get; init; } = "";

    /// <summary>How the contract itself stands, whatever becomes of its recognition.</summary>
    public string Life { get; init; } = "";

    /// <summary>How its recognition stands, whatever becomes of the contract.</summary>
    public string RecognitionState { get; init; } = "";

    /// <summary>The party that drafted it.</summary>
    public string Owner { get; init; } = "";

    public int Version { get; init; }

    public ContractKind? Kind { get; init; }
    public string? Title { get; init; }
    public required string Buyer { get; init; }
    public required string Seller { get; init; }
    public IReadOnlyList<BrokerShare>? Brokers { get; init; }

    /// <summary>A name that groups the buyer's contracts; limits per project count over them.</summary>
    public string? Project { get; init; }

    public string? Introduction { get; init; }
    public string? Demand { get; init; }
    public string? Achievement { get; init; }

    /// <summary>合同成交额, in yuan.</summary>
    public Fen? Amount { get; init; }

    /// <summary>技术交易额, in yuan: the amount less equipment and material; the whole amount where it is not set apart.</summary>
    public Fen? TechnologyAmount { get; init; }

    public DateOnly? SignedOn { get; init; }
    public DateOnly? StartsOn { get; init; }
    public DateOnly? EndsOn { get; init; }

    /// <summary>关联交易</summary>
    public bool? RelatedParties { get; init; }

    /// <summary>The number of the terms that are shown; a change of a draft's terms counts it up and voids the signatures.</summary>
    public int TermsVersion { get; init; }

    public IReadOnlyList<Signature> Signatures { get; init; } = [];

    /// <summary>Terms that one side proposes in place of those in force; for the two sides alone.</summary>
    public ContractAmendment? Amendment { get; init; }

    public Recognition? Recognition { get; init; }

    /// <summary>The technology amount that recognition approved.</summary>
    public Fen? RecognisedAmount { get; init; }

    /// <summary>技术合同实际成交额: what is confirmed as paid towards the technology amount, in yuan.</summary>
    public Fen? Received { get; init; }

    public Proposal? Proposal { get; init; }

    /// <summary>Without a project, and counted by itself by a registrar's decision: under limits per project it is one of its own.</summary>
    public bool Separated { get; init; }

    /// <summary>Other contracts that may be this one or of its project; for registrars, reviewers and auditors.</summary>
    public IReadOnlyList<SimilarContract>? Similar { get; init; }

    /// <summary>A registrar found it contested: it takes longer, and where the market asks for two registrars, an expert too.</summary>
    public bool Disputed { get; init; }

    /// <summary>The last second in which the office decides in time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public Due? Due { get; init; }

    /// <summary>Why it was refused, sent back, appealed against, terminated or deregistered.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public IReadOnlyList<string> AvailableActions { get; init; } = [];
}

/// <summary>A registrar's approval.</summary>
public sealed record RecogniseRequest
{
    /// <summary>合同登记编号; the market issues its own next number where none is sent.</summary>
    [StringLength(40, MinimumLength = 1), RegularExpression("[0-9A-Za-z-]+")]
    public string? Number { get; init; }

    public required DateOnly RecognisedOn { get; init; }

    public Fen? TechnologyAmount { get; init; }

    public ContractKind? Kind { get; init; }

    /// <summary>Why it is another contract; needed where an identical one is on the register.</summary>
    [StringLength(1000, MinimumLength = 1)]
    public string? Reason { get; init; }
}

/// <summary>The certificate of another city's office.</summary>
public sealed record RecordRecognitionRequest
{
    [StringLength(40, MinimumLength = 1), RegularExpression("[0-9A-Za-z-]+")]
    public required string Number { get; init; }

    public required DateOnly RecognisedOn { get; init; }

    public Fen? TechnologyAmount { get; init; }

    public ContractKind? Kind { get; init; }

    [StringLength(200, MinimumLength = 1)]
    public required string Office { get; init; }

    /// <inheritdoc cref="RecogniseRequest.Reason"/>
    [StringLength(1000, MinimumLength = 1)]
    public string? Reason { get; init; }
}

/// <summary>What an expert says of a contested or large contract. 专家意见</summary>
public sealed record OpinionRequest
{
    [StringLength(200, MinimumLength = 1)]
    public required string Expert { get; init; }

    /// <summary>The expert's party, where the market knows it.</summary>
    [IdOf("pty")]
    public string? Party { get; init; }

    [StringLength(20000, MinimumLength = 1)]
    public required string Text { get; init; }
}

/// <summary>A signature.</summary>
public sealed record SignRequest
{
    /// <summary>
    /// The number of the terms that the signer saw: a draft's <c>termsVersion</c>, or the <c>version</c> of the open amendment. Refused when
    /// those are not the terms to sign now.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? TermsVersion { get; init; }
}
