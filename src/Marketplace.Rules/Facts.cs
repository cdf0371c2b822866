namespace Marketplace.Rules;

/// <summary>The five kinds of technology contract (技术合同).</summary>
public enum ContractKind
{
    /// <summary>技术开发.</summary>
    Development,

    /// <summary>技术转让.</summary>
    Transfer,

    /// <summary>技术许可, a kind of its own since the Civil Code of 2021.</summary>
    Licence,

    /// <summary>技术咨询.</summary>
    Consulting,

    /// <summary>技术服务.</summary>
    Service,
}

/// <summary>The facts that a policy can read. Closed: a new one is added with the rule that needs it.</summary>
public enum Fact
{
    /// <summary><see cref="Facts.Kind"/>.</summary>
    Kind,

    /// <summary><see cref="Facts.Amount"/>.</summary>
    Amount,

    /// <summary><see cref="Facts.TechnologyAmount"/>.</summary>
    TechnologyAmount,

    /// <summary><see cref="Facts.Paid"/>.</summary>
    Paid,

    /// <summary><see cref="Facts.Recognised"/>.</summary>
    Recognised,

    /// <summary><see cref="Facts.RecognisedOn"/>.</summary>
    RecognisedOn,

    /// <summary><see cref="Facts.SignedOn"/>.</summary>
    SignedOn,

    /// <summary><see cref="Facts.Project"/>.</summary>
    Project,

    /// <summary><see cref="Facts.Contract"/>.</summary>
    Contract,

    /// <summary><see cref="Facts.Brokered"/>.</summary>
    Brokered,

    /// <summary><see cref="Facts.RelatedParties"/>.</summary>
    RelatedParties,

    /// <summary><see cref="Facts.BuyerRegion"/>.</summary>
    BuyerRegion,

    /// <summary><see cref="Facts.SellerRegion"/>.</summary>
    SellerRegion,
}

/// <summary>What is known of one contract. A null member is unknown, which is never the same as zero or "no".</summary>
public sealed record Facts
{
    private readonly Fen? _amount;
    private readonly Fen? _technologyAmount;
    private readonly Fen? _paid;

    /// <summary>Kind of contract (合同类别).</summary>
    public ContractKind? Kind { get; init; }

    /// <summary>Contract amount (合同成交额), 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public Fen? Amount { get => _amount; init => _amount = NotNegative(value); }

    /// <summary>Approved technology amount (技术交易额), 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public Fen? TechnologyAmount { get => _technologyAmount; init => _technologyAmount = NotNegative(value); }

    /// <summary>Amount really paid so far (实际支付额), 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public Fen? Paid { get => _paid; init => _paid = NotNegative(value); }

    /// <summary>Whether a registration office has recognised the contract (认定登记).</summary>
    public bool? Recognised { get; init; }

    /// <summary>Day of recognition, Beijing calendar.</summary>
    public DateOnly? RecognisedOn { get; init; }

    /// <summary>Day of signing, Beijing calendar.</summary>
    public DateOnly? SignedOn { get; init; }

    /// <summary>Name that groups contracts; compared character by character. Null: the contract is its own project.</summary>
    public string? Project { get; init; }

    /// <summary>Identity of this contract; compared character by character. Null: none of the contracts that the history names.</summary>
    public string? Contract { get; init; }

    /// <summary>Whether an intermediary or broker brought the deal about (促成交易).</summary>
    public bool? Brokered { get; init; }

    /// <summary>Whether buyer and seller are related (关联交易).</summary>
    public bool? RelatedParties { get; init; }

    /// <summary>Six-digit region of the buyer (GB/T 2260).</summary>
    public string? BuyerRegion { get; init; }

    /// <summary>Six-digit region of the seller (GB/T 2260).</summary>
    public string? SellerRegion { get; init; }

    private static Fen? NotNegative(Fen? value)
    {
        if (value is { Value: < 0 } negative) throw new ArgumentOutOfRangeException(nameof(value), negative, "A contract's amounts are 0 or more.");
        return value;
    }
}

/// <summary>
/// One earlier grant, net of what was taken back. It counts against a limit when it is of the same award and names the same contract or
/// (for a limit per project) the same project; a grant that names neither counts always, so that nothing is paid twice by omission.
/// </summary>
public sealed record Grant
{
    /// <summary>A grant under <paramref name="award"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative amount.</exception>
    public Grant(string award, Fen amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount.Value, nameof(amount));
        (Award, Amount) = (award, amount);
    }

    /// <summary>Id of the award in the policy.</summary>
    public string Award { get; }

    /// <summary>What was granted, 0 or more.</summary>
    public Fen Amount { get; }

    /// <summary>Project it was granted for.</summary>
    public string? Project { get; init; }

    /// <summary>Contract it was granted for.</summary>
    public string? Contract { get; init; }

    /// <summary>Who received it.</summary>
    public string? Party { get; init; }

    /// <summary>Day of the grant.</summary>
    public DateOnly? On { get; init; }
}

/// <summary>Wire names (English camelCase) and labels of facts and contract kinds.</summary>
public static class FactNames
{
    /// <summary>All facts in the order of <see cref="Fact"/>.</summary>
    public static IReadOnlyList<Fact> All { get; } = Enum.GetValues<Fact>();

    /// <summary>All contract kinds.</summary>
    public static IReadOnlyList<ContractKind> Kinds { get; } = Enum.GetValues<ContractKind>();

    /// <summary>The wire name: <c>technologyAmount</c>.</summary>
    public static string Wire(this Fact fact) => fact switch
    {
        Fact.Kind => "kind",
        Fact.Amount => "amount",
        Fact.TechnologyAmount => "technologyAmount",
        Fact.Paid => "paid",
        Fact.Recognised => "recognised",
        Fact.RecognisedOn => "recognisedOn",
        Fact.SignedOn => "signedOn",
        Fact.Project => "project",
        Fact.Contract => "contract",
        Fact.Brokered => "brokered",
        Fact.RelatedParties => "relatedParties",
        Fact.BuyerRegion => "buyerRegion",
        Fact.SellerRegion => "sellerRegion",
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, null),
    };

    /// <summary>The name for readers.</summary>
    public static Wording Label(this Fact fact) => fact switch
    {
        Fact.Kind => new("合同类别", "contract kind"),
        Fact.Amount => new("合同成交额", "contract amount"),
        Fact.TechnologyAmount => new("技术交易额", "technology amount"),
        Fact.Paid => new("实际支付额", "amount paid"),
        Fact.Recognised => new("是否认定登记", "recognition"),
        Fact.RecognisedOn => new("认定日期", "day of recognition"),
        Fact.SignedOn => new("签订日期", "day of signing"),
        Fact.Project => new("所属项目", "project"),
        Fact.Contract => new("合同编号", "contract"),
        Fact.Brokered => new("是否经中介促成", "brokerage"),
        Fact.RelatedParties => new("是否关联交易", "related parties"),
        Fact.BuyerRegion => new("买方所在地", "buyer's region"),
        Fact.SellerRegion => new("卖方所在地", "seller's region"),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, null),
    };

    /// <summary>The wire name: <c>licence</c>.</summary>
    public static string Wire(this ContractKind kind) => kind switch
    {
        ContractKind.Development => "development",
        ContractKind.Transfer => "transfer",
        ContractKind.Licence => "licence",
        ContractKind.Consulting => "consulting",
        ContractKind.Service => "service",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The name for readers.</summary>
    public static Wording Label(this ContractKind kind) => kind switch
    {
        ContractKind.Development => new("技术开发", "development"),
        ContractKind.Transfer => new("技术转让", "transfer"),
        ContractKind.Licence => new("技术许可", "licence"),
        ContractKind.Consulting => new("技术咨询", "consulting"),
        ContractKind.Service => new("技术服务", "service"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
