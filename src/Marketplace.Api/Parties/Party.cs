using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Parties;

// Who takes part in the market. An admin registers a party; everybody with a key can find it, but its contact is for its own people
// and for those with whom an introduction became mutual.

public enum PartyKind
{
    [Label("企业", "Enterprise")] Enterprise,
    [Label("高等学校", "University")] University,
    [Label("科研院所", "Research institute")] Institute,
    [Label("技术转移机构", "Technology transfer agency")] Agency,
    [Label("技术经纪人", "Technology broker")] Broker,
    [Label("专家", "Expert")] Expert,
    [Label("政府部门", "Government body")] Government,
}

public sealed record Contact
{
    [StringLength(100)]
    public string? Name { get; init; }

    [StringLength(40)]
    public string? Phone { get; init; }

    [StringLength(200), RegularExpression(@"[^@\s]+@[^@\s]+")]
    public string? Email { get; init; }
}

/// <summary>What an admin writes of a party.</summary>
public record PartyContent : IChecked
{
    public required PartyKind Kind { get; init; }

    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>统一社会信用代码; required unless the party is a broker, an expert or seated outside the mainland (regions 71, 81, 82, 99).</summary>
    [CreditCodeForm]
    public string? CreditCode { get; init; }

    /// <summary>Why a code whose check character fails is accepted all the same: such codes were issued.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? CreditCodeReason { get; init; }

    [Region]
    public required string Region { get; init; }

    /// <summary>The industrial park, by name.</summary>
    [StringLength(100)]
    public string? Park { get; init; }

    /// <summary>
    /// Does the work of an office for the market without being a government body: its keys may hold official roles. It decides nothing in which it has
    /// a stake.
    /// </summary>
    public bool Office { get; init; }

    /// <summary>Why it does; required with office.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? OfficeReason { get; init; }

    public Contact? Contact { get; init; }

    /// <summary>The key of the party in the system that it was imported from.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? ExternalId { get; init; }

    public IEnumerable<Fault> Check()
    {
        if (Office && OfficeReason is null)
        {
            yield return new("/officeReason", "office-reason-required",
                new("标记为 office 的主体须说明理由。", "A party that is marked as an office needs the reason why."));
        }

        if (CreditCode is null)
        {
            if (Kind is not (PartyKind.Broker or PartyKind.Expert) && !Rules.Region.IsOutsideMainland(Region))
            {
                yield return new("/creditCode", "credit-code-required", new(
                    "除技术经纪人、专家和境外（71、81、82、99）主体外，必须填写统一社会信用代码。",
                    "Every party but a broker, an expert or one outside the mainland (71, 81, 82, 99) needs its unified social credit code."));
            }
        }
        else if (CreditCodeReason is null)
        {
            if (!Parties.CreditCode.OrganisationChecks(CreditCode))
            {
                yield return new("/creditCode", "check-digit",
                    new("第 17 位（组织机构代码校验位）不符；如确为原码，请填写 creditCodeReason。",
                        "Character 17, the organisation code's check, does not fit; if the code is truly so, state creditCodeReason."));
            }

            if (!Parties.CreditCode.Checks(CreditCode))
            {
                yield return new("/creditCode", "check-digit",
                    new("第 18 位（校验位）不符；如确为原码，请填写 creditCodeReason。",
                        "Character 18, the check, does not fit; if the code is truly so, state creditCodeReason."));
            }
        }
    }
}

public sealed record Party : PartyContent, IAnswers<PartyContent>
{
    public string Id { get; init; } = "";
    public int Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public IReadOnlyList<string> AvailableActions { get; init; } = [];
}

sealed class CreditCodeFormAttribute : RuleAttribute
{
    public override string Code => "invalid-format";

    public override bool IsValid(object? value) => value is null || CreditCode.HasForm((string)value);

    public override Wording Detail(object value) => new(
        "应为 18 位，只含数字和除 I、O、S、V、Z 外的大写字母，第 3 至 8 位为数字。",
        "Must be 18 characters: digits and capital letters except I, O, S, V, Z, with digits in places 3 to 8.");
}

/// <summary>A six-digit code of GB/T 2260, by its province; 99 stands for other countries.</summary>
sealed class RegionAttribute : RuleAttribute
{
    public override string Code => "invalid-format";

    public override bool IsValid(object? value) => value is not string region || Rules.Region.CanBe(region);

    public override Wording Detail(object value) => new(
        "应为六位行政区划代码（GB/T 2260），如 630100；境外为 990000。", "Must be a six-digit region code of GB/T 2260 such as 630100; 990000 is abroad.");
}
