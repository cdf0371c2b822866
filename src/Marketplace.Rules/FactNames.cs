namespace Marketplace.Rules;

/// <summary>What sort of value a fact has.</summary>
public enum FactType
{
    /// <summary>A sum in fen.</summary>
    Money,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>A day.</summary>
    Date,

    /// <summary>A six-digit region.</summary>
    Region,

    /// <summary>A <see cref="ContractKind"/>.</summary>
    Kind,

    /// <summary>An <see cref="EntityKind"/>.</summary>
    Entity,

    /// <summary>A <see cref="Rules.Subject"/>.</summary>
    Subject,

    /// <summary>A word that the policy knows.</summary>
    Word,

    /// <summary>A name that history is grouped by.</summary>
    Identity,

    /// <summary>A person's yes or no under a name of the policy.</summary>
    Finding,
}

/// <summary>What is to be known of a fact: its names, its type, and where <see cref="Facts"/> holds it.</summary>
/// <param name="Fact">Which.</param>
/// <param name="Wire">Name in documents and on the wire.</param>
/// <param name="Type">What sort of value it has.</param>
/// <param name="Label">Name for readers.</param>
/// <param name="Number">Its value as a number; null for words, identities and findings.</param>
/// <param name="SetNumber">The facts with another number.</param>
/// <param name="Word">Its value as a word; null for all others.</param>
/// <param name="SetWord">The facts with another word.</param>
/// <param name="Yes">What is said of a flag that is set.</param>
/// <param name="No">What is said of a flag that is not.</param>
internal sealed record FactInfo(
    Fact Fact, string Wire, FactType Type, Wording Label, Func<Facts, long?>? Number = null, Func<Facts, long?, Facts>? SetNumber = null,
    Func<Facts, string?>? Word = null, Func<Facts, string?, Facts>? SetWord = null, Wording Yes = default, Wording No = default);

/// <summary>Wire names (English camelCase) and labels of facts and of the words they take.</summary>
public static class FactNames
{
    // In the order of the enumeration.
    private static readonly FactInfo[] Table =
    [
        new(Fact.Kind, "kind", FactType.Kind, new("合同类别", "contract kind"), f => (long?)f.Kind, (f, v) => f with { Kind = (ContractKind?)v }),
        new(Fact.Amount, "amount", FactType.Money, new("合同成交额", "contract amount"), f => f.Amount?.Value, (f, v) => f with { Amount = Sum(v) }),
        new(Fact.TechnologyAmount, "technologyAmount", FactType.Money, new("技术交易额", "technology amount"), f => f.TechnologyAmount?.Value, (f, v) => f with { TechnologyAmount = Sum(v) }),
        new(Fact.Paid, "paid", FactType.Money, new("实际支付额", "amount paid"), f => f.Paid?.Value, (f, v) => f with { Paid = Sum(v) }),
        new(Fact.Recognised, "recognised", FactType.Flag, new("是否认定登记", "recognition"), f => Bit(f.Recognised), (f, v) => f with { Recognised = Yes(v) },
            Yes: new("合同已经认定登记。", "The contract has been recognised."), No: new("合同未经认定登记。", "The contract has not been recognised.")),
        new(Fact.RecognisedOn, "recognisedOn", FactType.Date, new("认定日期", "day of recognition"), f => f.RecognisedOn?.DayNumber, (f, v) => f with { RecognisedOn = Day(v) }),
        new(Fact.SignedOn, "signedOn", FactType.Date, new("签订日期", "day of signing"), f => f.SignedOn?.DayNumber, (f, v) => f with { SignedOn = Day(v) }),
        new(Fact.Project, "project", FactType.Identity, new("所属项目", "project"), Word: f => f.Project, SetWord: (f, v) => f with { Project = v }),
        new(Fact.Contract, "contract", FactType.Identity, new("合同编号", "contract"), Word: f => f.Contract, SetWord: (f, v) => f with { Contract = v }),
        new(Fact.Brokered, "brokered", FactType.Flag, new("是否经中介促成", "brokerage"), f => Bit(f.Brokered), (f, v) => f with { Brokered = Yes(v) },
            Yes: new("交易由中介机构或技术经纪人促成。", "An intermediary or broker brought the deal about."), No: new("交易不是由中介机构或技术经纪人促成。", "No intermediary or broker brought the deal about.")),
        new(Fact.RelatedParties, "relatedParties", FactType.Flag, new("是否关联交易", "related parties"), f => Bit(f.RelatedParties), (f, v) => f with { RelatedParties = Yes(v) },
            Yes: new("买卖双方有关联关系。", "Buyer and seller are related."), No: new("买卖双方没有关联关系。", "Buyer and seller are not related.")),
        new(Fact.BuyerRegion, "buyerRegion", FactType.Region, new("买方所在地", "buyer's region"), f => Rules.Region.Number(f.BuyerRegion), (f, v) => f with { BuyerRegion = Place(v) }),
        new(Fact.SellerRegion, "sellerRegion", FactType.Region, new("卖方所在地", "seller's region"), f => Rules.Region.Number(f.SellerRegion), (f, v) => f with { SellerRegion = Place(v) }),
        new(Fact.Subject, "subject", FactType.Subject, new("补贴事项", "subject"), f => (long?)f.Subject, (f, v) => f with { Subject = (Subject?)v }),
        new(Fact.Received, "received", FactType.Money, new("实际到账额", "amount received"), f => f.Received?.Value, (f, v) => f with { Received = Sum(v) }),
        new(Fact.Invoiced, "invoiced", FactType.Money, new("开票额", "amount invoiced"), f => f.Invoiced?.Value, (f, v) => f with { Invoiced = Sum(v) }),
        new(Fact.YearlyAmount, "yearlyAmount", FactType.Money, new("年度累计技术交易额", "technology amounts of the year"), f => f.YearlyAmount?.Value, (f, v) => f with { YearlyAmount = Sum(v) }),
        new(Fact.LastYearAmount, "lastYearAmount", FactType.Money, new("上年度累计技术交易额", "technology amounts of last year"), f => f.LastYearAmount?.Value, (f, v) => f with { LastYearAmount = Sum(v) }),
        new(Fact.LastYearResearchSpend, "lastYearResearchSpend", FactType.Money, new("上年度研发费用", "last year's research spending"), f => f.LastYearResearchSpend?.Value, (f, v) => f with { LastYearResearchSpend = Sum(v) }),
        new(Fact.TaxPayable, "taxPayable", FactType.Money, new("应缴增值税", "tax payable"), f => f.TaxPayable?.Value, (f, v) => f with { TaxPayable = Sum(v) }),
        new(Fact.TaxPaid, "taxPaid", FactType.Money, new("实缴增值税", "tax paid"), f => f.TaxPaid?.Value, (f, v) => f with { TaxPaid = Sum(v) }),
        new(Fact.PaidInEquity, "paidInEquity", FactType.Money, new("技术作价出资实缴额", "equity paid in as technology"), f => f.PaidInEquity?.Value, (f, v) => f with { PaidInEquity = Sum(v) }),
        new(Fact.AddedSales, "addedSales", FactType.Money, new("当年新增销售收入", "added sales of the year"), f => f.AddedSales?.Value, (f, v) => f with { AddedSales = Sum(v) }),
        new(Fact.ServiceIncome, "serviceIncome", FactType.Money, new("年度服务收入", "service income of the year"), f => f.ServiceIncome?.Value, (f, v) => f with { ServiceIncome = Sum(v) }),
        new(Fact.Investment, "investment", FactType.Money, new("投资额", "sum invested"), f => f.Investment?.Value, (f, v) => f with { Investment = Sum(v) }),
        new(Fact.AcquiredFor, "acquiredFor", FactType.Money, new("原取得价款", "price of acquisition"), f => f.AcquiredFor?.Value, (f, v) => f with { AcquiredFor = Sum(v) }),
        new(Fact.PaidElsewhere, "paidElsewhere", FactType.Money, new("其他层级已补金额", "sum paid by other levels"), f => f.PaidElsewhere?.Value, (f, v) => f with { PaidElsewhere = Sum(v) }),
        new(Fact.Count, "count", FactType.Count, new("件数", "number of items"), f => f.Count, (f, v) => f with { Count = v }),
        new(Fact.SupportYear, "supportYear", FactType.Count, new("资助年度序数", "year of support"), f => f.SupportYear, (f, v) => f with { SupportYear = v }),
        new(Fact.YearsInOperation, "yearsInOperation", FactType.Count, new("运行满年数", "full years in operation"), f => f.YearsInOperation, (f, v) => f with { YearsInOperation = v }),
        new(Fact.PubliclyFunded, "publiclyFunded", FactType.Flag, new("是否财政资金项目", "public funding"), f => Bit(f.PubliclyFunded), (f, v) => f with { PubliclyFunded = Yes(v) },
            Yes: new("合同由财政资金支付。", "Public grants pay for the contract."), No: new("合同不由财政资金支付。", "No public grants pay for the contract.")),
        new(Fact.Blacklisted, "blacklisted", FactType.Flag, new("是否失信", "blacklisting"), f => Bit(f.Blacklisted), (f, v) => f with { Blacklisted = Yes(v) },
            Yes: new("申领人被列入失信名单。", "The claimant is listed as discredited."), No: new("申领人未被列入失信名单。", "The claimant is not listed as discredited.")),
        new(Fact.FiscalUnit, "fiscalUnit", FactType.Flag, new("是否财政拨款单位", "public budget"), f => Bit(f.FiscalUnit), (f, v) => f with { FiscalUnit = Yes(v) },
            Yes: new("申领人是财政拨款单位。", "The claimant lives on the public budget."), No: new("申领人不是财政拨款单位。", "The claimant does not live on the public budget.")),
        new(Fact.SubsidisedElsewhere, "subsidisedElsewhere", FactType.Flag, new("是否已获其他补助", "other subsidies"), f => Bit(f.SubsidisedElsewhere), (f, v) => f with { SubsidisedElsewhere = Yes(v) },
            Yes: new("同一事项已获其他补助。", "The same matter is subsidised elsewhere."), No: new("同一事项未获其他补助。", "The same matter is not subsidised elsewhere.")),
        new(Fact.LandedLocally, "landedLocally", FactType.Flag, new("是否本地转化", "local use"), f => Bit(f.LandedLocally), (f, v) => f with { LandedLocally = Yes(v) },
            Yes: new("成果在本地转化。", "The result is put to use locally."), No: new("成果未在本地转化。", "The result is not put to use locally.")),
        new(Fact.RightsRecorded, "rightsRecorded", FactType.Flag, new("是否办理权属变更", "record of rights"), f => Bit(f.RightsRecorded), (f, v) => f with { RightsRecorded = Yes(v) },
            Yes: new("已办理权属变更登记。", "The transfer of rights is on record."), No: new("未办理权属变更登记。", "The transfer of rights is not on record.")),
        new(Fact.Auctioned, "auctioned", FactType.Flag, new("是否竞价成交", "auction"), f => Bit(f.Auctioned), (f, v) => f with { Auctioned = Yes(v) },
            Yes: new("交易以竞价方式成交。", "The deal was made by auction."), No: new("交易不以竞价方式成交。", "The deal was not made by auction.")),
        new(Fact.OnPlatform, "onPlatform", FactType.Flag, new("是否平台交易", "platform deal"), f => Bit(f.OnPlatform), (f, v) => f with { OnPlatform = Yes(v) },
            Yes: new("交易在平台上完成。", "The deal was made on the platform."), No: new("交易未在平台上完成。", "The deal was not made on the platform.")),
        new(Fact.NewlyBuilt, "newlyBuilt", FactType.Flag, new("是否新建", "new building"), f => Bit(f.NewlyBuilt), (f, v) => f with { NewlyBuilt = Yes(v) },
            Yes: new("平台为新建。", "The platform is newly built."), No: new("平台不是新建。", "The platform is not newly built.")),
        new(Fact.StateOwned, "stateOwned", FactType.Flag, new("是否国有企业", "state ownership"), f => Bit(f.StateOwned), (f, v) => f with { StateOwned = Yes(v) },
            Yes: new("买方是国有企业。", "The buyer is owned by the state."), No: new("买方不是国有企业。", "The buyer is not owned by the state.")),
        new(Fact.TaxedLocally, "taxedLocally", FactType.Flag, new("是否本地纳税", "local tax"), f => Bit(f.TaxedLocally), (f, v) => f with { TaxedLocally = Yes(v) },
            Yes: new("申领人在本地纳税。", "The claimant is taxed locally."), No: new("申领人不在本地纳税。", "The claimant is not taxed locally.")),
        new(Fact.ListedOn, "listedOn", FactType.Date, new("挂牌日期", "day of listing"), f => f.ListedOn?.DayNumber, (f, v) => f with { ListedOn = Day(v) }),
        new(Fact.PaidOn, "paidOn", FactType.Date, new("付款日期", "day of payment"), f => f.PaidOn?.DayNumber, (f, v) => f with { PaidOn = Day(v) }),
        new(Fact.InvoicedOn, "invoicedOn", FactType.Date, new("开票日期", "day of the invoice"), f => f.InvoicedOn?.DayNumber, (f, v) => f with { InvoicedOn = Day(v) }),
        new(Fact.AppliedOn, "appliedOn", FactType.Date, new("申报日期", "day of application"), f => f.AppliedOn?.DayNumber, (f, v) => f with { AppliedOn = Day(v) }),
        new(Fact.BuyerKind, "buyerKind", FactType.Entity, new("买方类型", "buyer's kind"), f => (long?)f.BuyerKind, (f, v) => f with { BuyerKind = (EntityKind?)v }),
        new(Fact.SellerKind, "sellerKind", FactType.Entity, new("卖方类型", "seller's kind"), f => (long?)f.SellerKind, (f, v) => f with { SellerKind = (EntityKind?)v }),
        new(Fact.Title, "title", FactType.Word, new("称号", "title"), Word: f => f.Title, SetWord: (f, v) => f with { Title = v }),
        new(Fact.Grade, "grade", FactType.Word, new("考核等级", "grade"), Word: f => f.Grade, SetWord: (f, v) => f with { Grade = v }),
        new(Fact.ProjectClass, "projectClass", FactType.Word, new("项目类别", "project class"), Word: f => f.ProjectClass, SetWord: (f, v) => f with { ProjectClass = v }),
        new(Fact.Achievement, "achievement", FactType.Identity, new("成果编号", "achievement"), Word: f => f.Achievement, SetWord: (f, v) => f with { Achievement = v }),
        new(Fact.Buyer, "buyer", FactType.Identity, new("买方", "buyer"), Word: f => f.Buyer, SetWord: (f, v) => f with { Buyer = v }),
        new(Fact.Seller, "seller", FactType.Identity, new("卖方", "seller"), Word: f => f.Seller, SetWord: (f, v) => f with { Seller = v }),
        new(Fact.Broker, "broker", FactType.Identity, new("技术经纪人", "broker"), Word: f => f.Broker, SetWord: (f, v) => f with { Broker = v }),
        new(Fact.Applicant, "applicant", FactType.Identity, new("申报单位", "applicant"), Word: f => f.Applicant, SetWord: (f, v) => f with { Applicant = v }),
        new(Fact.Platform, "platform", FactType.Identity, new("平台名称", "platform"), Word: f => f.Platform, SetWord: (f, v) => f with { Platform = v }),
        new(Fact.Office, "office", FactType.Identity, new("登记机构", "registration office"), Word: f => f.Office, SetWord: (f, v) => f with { Office = v }),
        new(Fact.ChosenAward, "chosenAward", FactType.Word, new("选定的补贴项", "chosen award"), Word: f => f.ChosenAward, SetWord: (f, v) => f with { ChosenAward = v }),
        new(Fact.Findings, "findings", FactType.Finding, new("评审认定", "findings")),
    ];

    private static readonly string[] KindNames = [.. Enum.GetNames<ContractKind>().Select(Camel)];
    private static readonly string[] EntityNames = [.. Enum.GetNames<EntityKind>().Select(Camel)];
    private static readonly string[] SubjectNames = [.. Enum.GetNames<Subject>().Select(Camel)];

    /// <summary>All facts in the order of <see cref="Fact"/>.</summary>
    public static IReadOnlyList<Fact> All { get; } = Enum.GetValues<Fact>();

    /// <summary>All contract kinds.</summary>
    public static IReadOnlyList<ContractKind> Kinds { get; } = Enum.GetValues<ContractKind>();

    /// <summary>All sorts of bodies.</summary>
    public static IReadOnlyList<EntityKind> Entities { get; } = Enum.GetValues<EntityKind>();

    /// <summary>All subjects.</summary>
    public static IReadOnlyList<Subject> Subjects { get; } = Enum.GetValues<Subject>();

    /// <summary>The wire name: <c>technologyAmount</c>.</summary>
    public static string Wire(this Fact fact) => fact.Info().Wire;

    /// <summary>The name for readers.</summary>
    public static Wording Label(this Fact fact) => fact.Info().Label;

    /// <summary>What sort of value the fact has.</summary>
    public static FactType Type(this Fact fact) => fact.Info().Type;

    /// <summary>The fact of that wire name; null when there is none.</summary>
    public static Fact? Find(string wire)
    {
        foreach (var info in Table)
            if (info.Wire == wire)
                return info.Fact;
        return null;
    }

    /// <summary>The day that a fact says; null when it is unknown.</summary>
    /// <exception cref="ArgumentException">The fact is no day.</exception>
    public static DateOnly? Day(this Fact fact, Facts facts)
    {
        if (fact.Type() != FactType.Date) throw new ArgumentException($"{fact} is no day.", nameof(fact));
        return fact.Info().Number!(facts) is { } day ? DateOnly.FromDayNumber((int)day) : null;
    }

    /// <summary>
    /// The facts with one fact that is a number set, as <see cref="FactValues.Set(Fact, long)"/> takes it; null makes it unknown.
    /// </summary>
    /// <exception cref="ArgumentException">The fact is no number.</exception>
    public static Facts With(this Facts facts, Fact fact, long? value) =>
        (fact.Info().SetNumber ?? throw new ArgumentException($"{fact} is no number.", nameof(fact)))(facts, value);

    /// <summary>The facts with one fact that is a word or an identity set; null makes it unknown.</summary>
    /// <exception cref="ArgumentException">The fact is no word.</exception>
    public static Facts With(this Facts facts, Fact fact, string? value) =>
        (fact.Info().SetWord ?? throw new ArgumentException($"{fact} is no word.", nameof(fact)))(facts, value);

    /// <summary>The facts with one of them unknown.</summary>
    public static Facts Without(this Facts facts, Fact fact) => fact.Info() switch
    {
        { SetNumber: { } set } => set(facts, null),
        { SetWord: { } set } => set(facts, null),
        _ => facts with { Findings = null },
    };

    internal static FactInfo Info(this Fact fact) => Table[(int)fact];

    /// <summary>The wire name: <c>licence</c>.</summary>
    public static string Wire(this ContractKind kind) => KindNames[(int)kind];

    /// <summary>The wire name: <c>university</c>.</summary>
    public static string Wire(this EntityKind kind) => EntityNames[(int)kind];

    /// <summary>The wire name: <c>platform</c>.</summary>
    public static string Wire(this Subject subject) => SubjectNames[(int)subject];

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

    /// <summary>The name for readers.</summary>
    public static Wording Label(this EntityKind kind) => kind switch
    {
        EntityKind.Enterprise => new("企业", "enterprise"),
        EntityKind.University => new("高等学校", "university"),
        EntityKind.Institute => new("科研院所", "institute"),
        EntityKind.Agency => new("中介服务机构", "agency"),
        EntityKind.Broker => new("技术经纪人", "broker"),
        EntityKind.Expert => new("专家", "expert"),
        EntityKind.Government => new("政府部门", "government"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The name for readers.</summary>
    public static Wording Label(this Subject subject) => subject switch
    {
        Subject.Contract => new("技术合同", "technology contract"),
        Subject.Platform => new("研发或中试平台", "platform"),
        Subject.Incubator => new("孵化器、星创天地", "incubator"),
        Subject.Association => new("创新联盟、行业协会", "association"),
        Subject.Enterprise => new("企业", "enterprise"),
        Subject.Workstation => new("院士专家工作站", "experts' workstation"),
        Subject.Agency => new("中介服务机构", "agency"),
        Subject.Office => new("技术合同认定登记机构", "registration office"),
        _ => throw new ArgumentOutOfRangeException(nameof(subject), subject, null),
    };

    private static long? Bit(bool? flag) => flag is { } known ? known ? 1 : 0 : null;

    private static Fen? Sum(long? fen) => fen is { } known ? new Fen(known) : null;

    private static bool? Yes(long? bit) => bit is { } known ? known != 0 : null;

    private static DateOnly? Day(long? number) => number is { } known ? DateOnly.FromDayNumber((int)known) : null;

    private static string? Place(long? number) => number?.ToString("D6", System.Globalization.CultureInfo.InvariantCulture);

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

/// <summary>Six-digit regions (GB/T 2260): two digits each for province, prefecture and county.</summary>
public static class Region
{
    /// <summary>Six ASCII digits, the first not 0.</summary>
    public static bool IsWellFormed(string text) =>
        text is { Length: 6 } && text[0] != '0' && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>
    /// Whether there can be such a region: its province exists, and a county has a prefecture. Prefectures and counties themselves are not looked up,
    /// for they change every year, and codes that were given up stand in documents for ever.
    /// </summary>
    public static bool CanBe(string text) => IsWellFormed(text) && CanBe(Number(text)!.Value);

    /// <inheritdoc cref="CanBe(string)"/>
    /// <param name="region">The six digits as a number.</param>
    public static bool CanBe(long region)
    {
        // Hong Kong and Macao count their districts without prefectures.
        var province = region / 10_000;
        return IsOutside(province)
            || (province is (>= 11 and <= 15) or (>= 21 and <= 23) or (>= 31 and <= 37) or (>= 41 and <= 46) or (>= 50 and <= 54) or (>= 61 and <= 65)
                && (region % 10_000 >= 100 || region % 10_000 == 0));
    }

    /// <summary>Whether a region lies outside the mainland: Taiwan (71), Hong Kong (81), Macao (82) or abroad (99).</summary>
    public static bool IsOutsideMainland(string text) => IsWellFormed(text) && IsOutside(Number(text)!.Value / 10_000);

    private static bool IsOutside(long province) => province is 71 or 81 or 82 or 99;

    /// <summary>Whether <paramref name="inner"/> is <paramref name="outer"/> or lies within it: 630100 covers 630102; 630000 covers both.</summary>
    public static bool Covers(string outer, string inner) =>
        Number(outer) is { } region && Number(inner) is { } place && region > 0 && place >= region && place <= Last(region);

    /// <summary>A region as a number; 0, which lies nowhere, when the text is no region; null when there is no text.</summary>
    internal static long? Number(string? text)
    {
        if (text is null) return null;
        if (!IsWellFormed(text)) return 0;
        long number = 0;
        foreach (var digit in text) number = number * 10 + (digit - '0');
        return number;
    }

    /// <summary>The last number that lies within a region, so that "within" is one comparison of numbers.</summary>
    internal static long Last(long region) => region % 10_000 == 0 ? region + 9_999 : region % 100 == 0 ? region + 99 : region;
}
