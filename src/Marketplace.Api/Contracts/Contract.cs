using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

// 技术合同: drafted by a side or its broker, signed by both over the same terms, submitted by the seller and recognised by a registrar
// (认定登记). An amended contract is signed and recognised again. States: ContractLifecycle.cs.

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

    /// <summary>A name that groups the buyer's contracts; limits per project count over them.</summary>
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
    public static Fault TechnologyAmount(Fen technology, Fen amount) => new("/technologyAmount", "technology-amount-above-amount",
        new($"技术交易额 {technology} 元不得超过合同成交额 {amount} 元。", $"The technology amount, {technology} yuan, is above the contract amount, {amount} yuan."));
}

/// <param name="Side">buyer or seller.</param>
public sealed record Signature(string Party, string Side, string Person, DateTimeOffset SignedAt);

/// <summary>What the registration office approved. 认定登记</summary>
/// <param name="Number">合同登记编号; text, never a number.</param>
/// <param name="Office">The office of another city; absent for this market's own registrar.</param>
/// <param name="TechnologyAmount">The approved technology amount (技术交易额).</param>
/// <param name="TermsVersion">The terms that were recognised.</param>
public sealed record Recognition(
    string Number, DateOnly RecognisedOn, string? Office, ContractKind Kind, Fen TechnologyAmount, int TermsVersion);

public sealed record Contract : ContractContent, IAnswers<ContractContent>
{
    public string Id { get; init; } = "";
    public string State { get; init; } = "";

    /// <summary>The party that drafted it.</summary>
    public string Owner { get; init; } = "";

    public int Version { get; init; }

    /// <summary>Counts the terms alone: a change of terms voids the signatures.</summary>
    public int TermsVersion { get; init; }

    public IReadOnlyList<Signature> Signatures { get; init; } = [];
    public Recognition? Recognition { get; init; }

    /// <summary>The technology amount that recognition approved.</summary>
    public Fen? RecognisedAmount { get; init; }

    /// <summary>Why it was refused, sent back, terminated or deregistered.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public IReadOnlyList<string> AvailableActions { get; init; } = [];
}

/// <summary>A registrar's approval.</summary>
public record RecogniseRequest
{
    [StringLength(40, MinimumLength = 1), RegularExpression("[0-9A-Za-z-]+")]
    public required string Number { get; init; }

    public required DateOnly RecognisedOn { get; init; }

    public Fen? TechnologyAmount { get; init; }

    public ContractKind? Kind { get; init; }
}

/// <summary>The certificate of another city's office.</summary>
public sealed record RecordRecognitionRequest : RecogniseRequest
{
    [StringLength(200, MinimumLength = 1)]
    public required string Office { get; init; }
}

/// <summary>A signature.</summary>
public sealed record SignRequest
{
    /// <summary>The terms that the signer saw; refused when they have changed since.</summary>
    [Range(1, int.MaxValue)]
    public int? TermsVersion { get; init; }
}
