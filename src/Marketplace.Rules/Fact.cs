namespace Marketplace.Rules;

/// <summary>The facts that a policy can read. Closed: a new one is added with the rule that needs it, here, in <see cref="Facts"/> and in the table of <see cref="FactNames"/>.</summary>
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

    /// <summary><see cref="Facts.Subject"/>.</summary>
    Subject,

    /// <summary><see cref="Facts.Received"/>.</summary>
    Received,

    /// <summary><see cref="Facts.Invoiced"/>.</summary>
    Invoiced,

    /// <summary><see cref="Facts.YearlyAmount"/>.</summary>
    YearlyAmount,

    /// <summary><see cref="Facts.LastYearAmount"/>.</summary>
    LastYearAmount,

    /// <summary><see cref="Facts.LastYearResearchSpend"/>.</summary>
    LastYearResearchSpend,

    /// <summary><see cref="Facts.TaxPayable"/>.</summary>
    TaxPayable,

    /// <summary><see cref="Facts.TaxPaid"/>.</summary>
    TaxPaid,

    /// <summary><see cref="Facts.PaidInEquity"/>.</summary>
    PaidInEquity,

    /// <summary><see cref="Facts.AddedSales"/>.</summary>
    AddedSales,

    /// <summary><see cref="Facts.ServiceIncome"/>.</summary>
    ServiceIncome,

    /// <summary><see cref="Facts.Investment"/>.</summary>
    Investment,

    /// <summary><see cref="Facts.AcquiredFor"/>.</summary>
    AcquiredFor,

    /// <summary><see cref="Facts.PaidElsewhere"/>.</summary>
    PaidElsewhere,

    /// <summary><see cref="Facts.Count"/>.</summary>
    Count,

    /// <summary><see cref="Facts.SupportYear"/>.</summary>
    SupportYear,

    /// <summary><see cref="Facts.YearsInOperation"/>.</summary>
    YearsInOperation,

    /// <summary><see cref="Facts.PubliclyFunded"/>.</summary>
    PubliclyFunded,

    /// <summary><see cref="Facts.Blacklisted"/>.</summary>
    Blacklisted,

    /// <summary><see cref="Facts.FiscalUnit"/>.</summary>
    FiscalUnit,

    /// <summary><see cref="Facts.SubsidisedElsewhere"/>.</summary>
    SubsidisedElsewhere,

    /// <summary><see cref="Facts.LandedLocally"/>.</summary>
    LandedLocally,

    /// <summary><see cref="Facts.RightsRecorded"/>.</summary>
    RightsRecorded,

    /// <summary><see cref="Facts.Auctioned"/>.</summary>
    Auctioned,

    /// <summary><see cref="Facts.OnPlatform"/>.</summary>
    OnPlatform,

    /// <summary><see cref="Facts.NewlyBuilt"/>.</summary>
    NewlyBuilt,

    /// <summary><see cref="Facts.StateOwned"/>.</summary>
    StateOwned,

    /// <summary><see cref="Facts.TaxedLocally"/>.</summary>
    TaxedLocally,

    /// <summary><see cref="Facts.ListedOn"/>.</summary>
    ListedOn,

    /// <summary><see cref="Facts.PaidOn"/>.</summary>
    PaidOn,

    /// <summary><see cref="Facts.InvoicedOn"/>.</summary>
    InvoicedOn,

    /// <summary><see cref="Facts.AppliedOn"/>.</summary>
    AppliedOn,

    /// <summary><see cref="Facts.BuyerKind"/>.</summary>
    BuyerKind,

    /// <summary><see cref="Facts.SellerKind"/>.</summary>
    SellerKind,

    /// <summary><see cref="Facts.Title"/>.</summary>
    Title,

    /// <summary><see cref="Facts.Grade"/>.</summary>
    Grade,

    /// <summary><see cref="Facts.ProjectClass"/>.</summary>
    ProjectClass,

    /// <summary><see cref="Facts.Achievement"/>.</summary>
    Achievement,

    /// <summary><see cref="Facts.Buyer"/>.</summary>
    Buyer,

    /// <summary><see cref="Facts.Seller"/>.</summary>
    Seller,

    /// <summary><see cref="Facts.Broker"/>.</summary>
    Broker,

    /// <summary><see cref="Facts.Applicant"/>.</summary>
    Applicant,

    /// <summary><see cref="Facts.Platform"/>.</summary>
    Platform,

    /// <summary><see cref="Facts.Office"/>.</summary>
    Office,

    /// <summary><see cref="Facts.ChosenAward"/>.</summary>
    ChosenAward,

    /// <summary><see cref="Facts.Findings"/>.</summary>
    Findings,
}
