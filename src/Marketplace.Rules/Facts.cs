using System.ComponentModel.DataAnnotations;

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

/// <summary>What sort of body a party is (主体类型).</summary>
public enum EntityKind
{
    /// <summary>企业.</summary>
    Enterprise,

    /// <summary>高等学校.</summary>
    University,

    /// <summary>科研院所.</summary>
    Institute,

    /// <summary>中介服务机构.</summary>
    Agency,

    /// <summary>技术经纪人, a person.</summary>
    Broker,

    /// <summary>专家.</summary>
    Expert,

    /// <summary>政府部门.</summary>
    Government,
}

/// <summary>What an award is about. Facts describe one subject, and only the awards about it are evaluated.</summary>
public enum Subject
{
    /// <summary>技术合同; the subject where none is named.</summary>
    Contract,

    /// <summary>研发或中试平台.</summary>
    Platform,

    /// <summary>孵化器、星创天地.</summary>
    Incubator,

    /// <summary>创新联盟、行业协会.</summary>
    Association,

    /// <summary>企业.</summary>
    Enterprise,

    /// <summary>院士专家工作站.</summary>
    Workstation,

    /// <summary>中介服务机构.</summary>
    Agency,

    /// <summary>技术合同认定登记机构.</summary>
    Office,
}

/// <summary>
/// What is known of one subject: a contract unless <see cref="Subject"/> says otherwise. A null member is unknown, which is never the same
/// as zero or "no". Sums are in fen, 0 or more; days are of the Beijing calendar; regions are six digits (GB/T 2260).
/// </summary>
public sealed record Facts
{
    /// <summary>What the facts are about; null means a contract.</summary>
    public Subject? Subject { get; init; }

    /// <summary>Kind of contract (合同类别).</summary>
    public ContractKind? Kind { get; init; }

    /// <summary>Contract amount (合同成交额).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, as for every sum and count.</exception>
    public Fen? Amount { get; init => field = NotNegative(value); }

    /// <summary>Approved technology amount (技术交易额).</summary>
    public Fen? TechnologyAmount { get; init => field = NotNegative(value); }

    /// <summary>Amount really paid so far (实际支付额).</summary>
    public Fen? Paid { get; init => field = NotNegative(value); }

    /// <summary>Whether a registration office has recognised the contract, or the responsible body the title or platform (认定).</summary>
    public bool? Recognised { get; init; }

    /// <summary>Day of recognition.</summary>
    public DateOnly? RecognisedOn { get; init; }

    /// <summary>Day of signing.</summary>
    public DateOnly? SignedOn { get; init; }

    /// <summary>Name that groups contracts; compared in its canonical form. Null: the contract has none, and counts as the policy says.</summary>
    public string? Project { get; init; }

    /// <summary>Identity of this contract; compared in its canonical form. Null: none of the contracts that the history names.</summary>
    public string? Contract { get; init; }

    /// <summary>Whether an intermediary or broker brought the deal about (促成交易).</summary>
    public bool? Brokered { get; init; }

    /// <summary>Whether buyer and seller are related (关联交易).</summary>
    public bool? RelatedParties { get; init; }

    /// <summary>Region of the buyer.</summary>
    public string? BuyerRegion { get; init; }

    /// <summary>Region of the seller.</summary>
    public string? SellerRegion { get; init; }

    /// <summary>Amount received by the seller so far (实际到账额).</summary>
    public Fen? Received { get; init => field = NotNegative(value); }

    /// <summary>Amount invoiced so far (开票额).</summary>
    public Fen? Invoiced { get; init => field = NotNegative(value); }

    /// <summary>The claimant's technology amounts of the year together (年度累计技术交易额).</summary>
    public Fen? YearlyAmount { get; init => field = NotNegative(value); }

    /// <summary>The same of the year before (上年度累计技术交易额).</summary>
    public Fen? LastYearAmount { get; init => field = NotNegative(value); }

    /// <summary>Research and development spending of the year before (上年度研发费用).</summary>
    public Fen? LastYearResearchSpend { get; init => field = NotNegative(value); }

    /// <summary>Value added tax payable (应缴增值税).</summary>
    public Fen? TaxPayable { get; init => field = NotNegative(value); }

    /// <summary>Value added tax really paid (实缴增值税).</summary>
    public Fen? TaxPaid { get; init => field = NotNegative(value); }

    /// <summary>Equity paid in as technology (技术作价出资实缴额).</summary>
    public Fen? PaidInEquity { get; init => field = NotNegative(value); }

    /// <summary>Sales added in the year (当年新增销售收入).</summary>
    public Fen? AddedSales { get; init => field = NotNegative(value); }

    /// <summary>Service income of the year (年度服务收入).</summary>
    public Fen? ServiceIncome { get; init => field = NotNegative(value); }

    /// <summary>Sum invested (投资额).</summary>
    public Fen? Investment { get; init => field = NotNegative(value); }

    /// <summary>What the seller itself once paid for the technology (原取得价款).</summary>
    public Fen? AcquiredFor { get; init => field = NotNegative(value); }

    /// <summary>What other levels of government have paid for the same matter (其他层级已补金额).</summary>
    public Fen? PaidElsewhere { get; init => field = NotNegative(value); }

    /// <summary>Number of items that are claimed for or counted (件数).</summary>
    [Range(typeof(long), "0", "1000000000")]
    public long? Count { get; init => field = NotNegative(value); }

    /// <summary>Which year of support this is, from 1 (资助年度序数).</summary>
    [Range(typeof(long), "0", "1000000000")]
    public long? SupportYear { get; init => field = NotNegative(value); }

    /// <summary>Full years in operation (运行满年数).</summary>
    [Range(typeof(long), "0", "1000000000")]
    public long? YearsInOperation { get; init => field = NotNegative(value); }

    /// <summary>Whether public grants pay for the contract (财政资金项目).</summary>
    public bool? PubliclyFunded { get; init; }

    /// <summary>Whether the claimant is listed as discredited (失信).</summary>
    public bool? Blacklisted { get; init; }

    /// <summary>Whether the claimant lives on the public budget (财政拨款单位).</summary>
    public bool? FiscalUnit { get; init; }

    /// <summary>Whether the same matter is subsidised elsewhere already (已获其他补助).</summary>
    public bool? SubsidisedElsewhere { get; init; }

    /// <summary>Whether the result is put to use locally (本地转化).</summary>
    public bool? LandedLocally { get; init; }

    /// <summary>Whether the transfer of rights is on record (权属变更登记).</summary>
    public bool? RightsRecorded { get; init; }

    /// <summary>Whether the deal was made by auction (竞价、拍卖成交).</summary>
    public bool? Auctioned { get; init; }

    /// <summary>Whether the deal was made on the platform (平台线上交易).</summary>
    public bool? OnPlatform { get; init; }

    /// <summary>Whether the platform is newly built (新建).</summary>
    public bool? NewlyBuilt { get; init; }

    /// <summary>Whether the buyer is owned by the state (国有企业).</summary>
    public bool? StateOwned { get; init; }

    /// <summary>Whether the claimant is taxed locally (税务关系在本地).</summary>
    public bool? TaxedLocally { get; init; }

    /// <summary>Day of listing on the market (挂牌).</summary>
    public DateOnly? ListedOn { get; init; }

    /// <summary>Day of payment.</summary>
    public DateOnly? PaidOn { get; init; }

    /// <summary>Day of the invoice.</summary>
    public DateOnly? InvoicedOn { get; init; }

    /// <summary>Day of the application.</summary>
    public DateOnly? AppliedOn { get; init; }

    /// <summary>What sort of body the buyer is.</summary>
    public EntityKind? BuyerKind { get; init; }

    /// <summary>What sort of body the seller is.</summary>
    public EntityKind? SellerKind { get; init; }

    /// <summary>Title or status that was obtained (称号、资质), in the policy's words.</summary>
    public string? Title { get; init; }

    /// <summary>Result of a review (考核等级), in the policy's words.</summary>
    public string? Grade { get; init; }

    /// <summary>Class of the project (项目类别), in the policy's words.</summary>
    public string? ProjectClass { get; init; }

    /// <summary>Identity of the achievement (成果).</summary>
    public string? Achievement { get; init; }

    /// <summary>Identity of the buyer.</summary>
    public string? Buyer { get; init; }

    /// <summary>Identity of the seller.</summary>
    public string? Seller { get; init; }

    /// <summary>Identity of the intermediary or broker.</summary>
    public string? Broker { get; init; }

    /// <summary>Identity of the applicant where the subject is no contract (申报单位).</summary>
    public string? Applicant { get; init; }

    /// <summary>Name of the platform, workstation or incubator (平台名称).</summary>
    public string? Platform { get; init; }

    /// <summary>Identity of the registration office (登记机构).</summary>
    public string? Office { get; init; }

    /// <summary>Id of the award that the parties have chosen among awards that exclude each other.</summary>
    public string? ChosenAward { get; init; }

    /// <summary>What persons have found by name; null: nothing yet.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<Finding>? Findings { get; init; }

    private static Fen? NotNegative(Fen? value)
    {
        if (value is { Value: < 0 } negative) throw new ArgumentOutOfRangeException(nameof(value), negative, "Sums are 0 or more.");
        return value;
    }

    private static long? NotNegative(long? value)
    {
        if (value < 0) throw new ArgumentOutOfRangeException(nameof(value), value, "Counts are 0 or more.");
        return value;
    }
}

/// <summary>A person's yes or no that no fact can replace, such as "成效显著".</summary>
/// <param name="Name">The name that the policy asks for.</param>
/// <param name="Holds">Yes or no.</param>
public sealed record Finding(string Name, bool Holds);

/// <summary>
/// One earlier grant, net of what was taken back. It counts against a limit when it is of the same award and names the same contract,
/// project, achievement, party, title, platform or office, whatever the limit is counted over, in any spelling of the same name; a grant that
/// does not name what the limit asks for counts always, so that nothing is paid twice by omission, and the answer says so.
/// </summary>
public sealed record Grant
{
    /// <summary>A grant under <paramref name="award"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative amount.</exception>
    public Grant(string award, Fen amount)
    {
        (Award, Amount) = (award, amount);
    }

    /// <summary>Id of the award in the policy.</summary>
    public string Award { get; }

    /// <summary>What was granted, 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public Fen Amount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value.Value, nameof(value));
            field = value;
        }
    }

    /// <summary>Project it was granted for.</summary>
    public string? Project { get; init; }

    /// <summary>Contract it was granted for.</summary>
    public string? Contract { get; init; }

    /// <summary>Achievement it was granted for.</summary>
    public string? Achievement { get; init; }

    /// <summary>Who received it.</summary>
    public string? Party { get; init; }

    /// <summary>Buyer of the contract that it was granted for.</summary>
    public string? Buyer { get; init; }

    /// <summary>Seller of the contract that it was granted for.</summary>
    public string? Seller { get; init; }

    /// <summary>Title that it was granted for.</summary>
    public string? Title { get; init; }

    /// <summary>Platform, workstation or incubator that it was granted for.</summary>
    public string? Platform { get; init; }

    /// <summary>Registration office that it was granted through.</summary>
    public string? Office { get; init; }

    /// <summary>Day of the grant; its calendar year is the year that yearly limits count it in.</summary>
    public DateOnly? On { get; init; }
}
